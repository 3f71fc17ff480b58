package wire

import (
	"context"
	"errors"

	"campusgate/dispatch"
	"campusgate/storage/pictures"
)

// CheckPicture decodes the picture of a key of data once, and fails where it is none, or
// none of at most maxBytes.
func CheckPicture(ctx context.Context, checker *pictures.Checker, key string, picture []byte, maxBytes int) error {
	_, err := checker.Check(ctx, picture, maxBytes)
	var bad *pictures.BadPictureError
	switch {
	case errors.As(err, &bad):
		return dispatch.Fail(dispatch.ValueError, key+": "+bad.Error())
	case err != nil: // waited too long for its turn
		return dispatch.Fail(dispatch.TooManyRequests, "").Because(err)
	}
	return nil
}
