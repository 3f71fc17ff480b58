package pictures

import (
	"fmt"
	"strings"
)

// Content types of the pictures that are kept.
const (
	PNG  = "image/png"
	JPEG = "image/jpeg"
	GIF  = "image/gif"
	BMP  = "image/bmp"
	WebP = "image/webp"
)

// BadPictureError is why bytes are no acceptable picture. Its text is for a
// client: it never holds any of the bytes.
type BadPictureError struct {
	detail string
	kind   error // a wider one, or nil
}

// Error is what is wrong, in words.
func (e *BadPictureError) Error() string { return e.detail }

// Unwrap returns the wider kind of failure: [ErrPartial] is an [ErrBroken].
func (e *BadPictureError) Unwrap() error { return e.kind }

// The contract's limits of pic/upload beside the size in bytes, each a *[BadPictureError].
var (
	ErrNotPicture    error = &BadPictureError{"not a png, jpeg, gif, bmp or webp", nil}
	ErrTooManyPixels error = &BadPictureError{"more than 40 megapixels", nil}
	ErrBroken        error = &BadPictureError{"cannot be decoded: no browser draws it", nil}
	ErrPartial       error = &BadPictureError{"cannot be decoded whole: browsers draw a part of it", ErrBroken}
)

// errTooLarge is a *[BadPictureError] too.
func errTooLarge(maxBytes int) error {
	return &BadPictureError{fmt.Sprintf("larger than %d KiB", maxBytes>>10), nil}
}

// Inspect returns the content type of a picture by its first bytes, without decoding
// it, or fails with [ErrNotPicture].
func Inspect(picture []byte) (contentType string, err error) {
	const longest = 18
	header := string(picture[:min(len(picture), longest)])
	switch {
	case strings.HasPrefix(header, "\x89PNG\r\n\x1a\n"):
		return PNG, nil
	case strings.HasPrefix(header, "\xff\xd8\xff"):
		return JPEG, nil
	case strings.HasPrefix(header, "GIF87a"), strings.HasPrefix(header, "GIF89a"):
		return GIF, nil
	case strings.HasPrefix(header, "BM") && len(header) >= 10 && header[6:10] == "\x00\x00\x00\x00":
		return BMP, nil // "BM" alone begins many a text; the four bytes are reserved
	case strings.HasPrefix(header, "BM") && len(header) == longest && header[15:] == "\x00\x00\x00":
		return BMP, nil // or else the size of the second header is small
	case strings.HasPrefix(header, "RIFF") && len(header) >= 15 && header[8:15] == "WEBPVP8":
		return WebP, nil
	default:
		return "", ErrNotPicture
	}
}
