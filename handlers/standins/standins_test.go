package standins

import (
	"bytes"
	"image/png"
	"testing"
)

func TestStandIns(t *testing.T) {
	for _, test := range []struct {
		name    string
		picture []byte
	}{
		{"ban", Ban},
		{"default", Default},
		{"error", Error},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, most := len(test.picture), 12<<10; got > most {
				t.Errorf("%d bytes, want at most %d", got, most)
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
