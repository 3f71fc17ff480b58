package drawing

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is encoded is what the standard library decodes.
func TestEncode(t *testing.T) {
	palette := newPalette()
	var p picture
	want := image.NewPaletted(image.Rect(0, 0, Width, Height), nil)
	for _, c := range palette {
		want.Palette = append(want.Palette, c)
	}
	for y := range Height {
		for x := range Width {
			p[y][x] = uint8(rand.IntN(len(palette)))
			want.SetColorIndex(x, y, p[y][x])
		}
	}
	got, err := png.Decode(bytes.NewReader(encode(&p, newHeader(palette))))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b color.Color) bool { return a == b })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
