package handlers

import (
	"errors"

	"campusgate/dispatch"
)

// The three stores, and the status that a client sees when one fails. The cause
// is logged.

func databaseFailure(cause error) error {
	return dispatch.Fail(dispatch.DatabaseFailure, "").Because(cause)
}

func captchaFailure(cause error) error {
	return dispatch.Fail(dispatch.UnknownError, "").Because(cause)
}

func pictureFailure(cause error) error {
	return dispatch.Fail(dispatch.PictureStoreFail, "").Because(cause)
}

// knownOrDatabase lets a *dispatch.Error pass; anything else is the database's
// failure.
func knownOrDatabase(err error) error {
	var known *dispatch.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	return databaseFailure(err)
}
