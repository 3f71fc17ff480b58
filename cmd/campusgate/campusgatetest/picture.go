package campusgatetest

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"math/rand/v2"
	"testing"
)

// OnePixel is a PNG of 1 × 1 pixel, in base64.
const OnePixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// Noise is a picture that nobody has drawn before, which hardly compresses, and its
// base64. It is a square of side pixels, of about 4 bytes each.
func Noise(t testing.TB, side int) (picture, encoded string) {
	t.Helper()
	drawn := image.NewNRGBA(image.Rect(0, 0, side, side))
	for i := range drawn.Pix {
		drawn.Pix[i] = byte(rand.Uint32())
	}
	var buffer bytes.Buffer
	if err := png.Encode(&buffer, drawn); err != nil {
		t.Error(err)
	}
	return buffer.String(), base64.StdEncoding.EncodeToString(buffer.Bytes())
}
