package wire

import (
	"errors"

	"campusgate/dispatch"
)

// DatabaseFailure is what a client sees where the database failed. The cause is
// logged.
func DatabaseFailure(cause error) error {
	return dispatch.Fail(dispatch.DatabaseFailure, "").Because(cause)
}

// CaptchaFailure is what a client sees where the store of captchas failed. The
// cause is logged.
func CaptchaFailure(cause error) error {
	return dispatch.Fail(dispatch.UnknownError, "").Because(cause)
}

// PictureFailure is what a client sees where the store of pictures failed. The
// cause is logged.
func PictureFailure(cause error) error {
	return dispatch.Fail(dispatch.PictureStoreFail, "").Because(cause)
}

// KnownOrDatabase returns a *dispatch.Error as it is, and any other error as the
// database's failure; nil stays nil.
func KnownOrDatabase(err error) error {
	var known *dispatch.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	return DatabaseFailure(err)
}
