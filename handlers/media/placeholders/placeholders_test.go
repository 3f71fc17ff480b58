package placeholders

import (
	"bytes"
	"image/png"
	"testing"
)

func TestPlaceholders(t *testing.T) {
	for _, test := range []struct {
		name    string
		picture []byte
	}{
		{"ban", Ban},
		{"default", Default},
		{"error", Error},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, limit := len(test.picture), 12<<10; got > limit {
				t.Errorf("%d bytes, want at most %d", got, limit)
			}
			picture, err := png.Decode(bytes.NewReader(test.picture))
			if err != nil {
				t.Fatalf("decode: %v", err)
			}
			if size := picture.Bounds().Size(); size.X != 320 || size.Y != 320 {
				t.Errorf("%d by %d pixels, want 320 by 320", size.X, size.Y)
			}
		})
	}
}
