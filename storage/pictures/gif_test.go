package pictures

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"testing"
)

// encodedGIF is a GIF of these frames, each of its own size.
func encodedGIF(t testing.TB, sizes ...image.Point) []byte {
	t.Helper()
	animation := new(gif.GIF)
	for i, size := range sizes {
		frame := image.NewPaletted(image.Rectangle{Max: size}, color.Palette{color.Black, color.White, color.Transparent})
		animation.Image = append(animation.Image, frame)
		animation.Delay = append(animation.Delay, i)
		animation.Config.Width = max(animation.Config.Width, size.X)
		animation.Config.Height = max(animation.Config.Height, size.Y)
	}
	var buffer bytes.Buffer
	if err := gif.EncodeAll(&buffer, animation); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

func TestGIFSize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		picture []byte
		want    pictureSize
	}{
		{"one frame", encodedGIF(t, image.Pt(3, 2)), pictureSize{6, 6, 1}},
		{
			"frames of several sizes", encodedGIF(t, image.Pt(9, 9), image.Pt(9, 2), image.Pt(1, 1), image.Pt(2, 9), image.Pt(9, 9)),
			pictureSize{81, 81 + 18 + 1 + 18 + 81, 5},
		},
		{"bytes behind the trailer", append(encodedGIF(t, image.Pt(3, 2)), encodedGIF(t, image.Pt(3, 2))...), pictureSize{6, 6, 1}},
	} {
		file, err := readGIF(c.picture)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := file.size(); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// FuzzGIFSize looks for a GIF that image/gif takes and that has more frames, or
// larger ones, than were counted.
func FuzzGIFSize(f *testing.F) {
	f.Add(encodedGIF(f, image.Pt(3, 2)))
	f.Add(encodedGIF(f, image.Pt(9, 9), image.Pt(1, 1), image.Pt(2, 9)))
	f.Fuzz(func(t *testing.T, picture []byte) {
		file, err := readGIF(picture)
		if err != nil {
			if !errors.Is(err, ErrBroken) {
				t.Fatalf("%v, want ErrBroken", err)
			}
			return
		}
		size := file.size()
		config, err := gif.DecodeConfig(bytes.NewReader(picture))
		if err != nil || config.Width*config.Height > 1<<16 || size.pixels > 1<<20 {
			return
		}
		if first, err := gif.Decode(bytes.NewReader(picture)); err == nil && int64(first.Bounds().Dx()*first.Bounds().Dy()) > size.pixels {
			t.Errorf("counted %+v; image/gif has a frame of %v", size, first.Bounds())
		}
	})
}
