package pictures

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"slices"
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

func TestGIFFrames(t *testing.T) {
	t.Parallel()
	one, five := encodedGIF(t, image.Pt(3, 2)), encodedGIF(t, image.Pt(9, 9), image.Pt(9, 2), image.Pt(1, 1), image.Pt(2, 9), image.Pt(9, 9))
	first := bytes.Index(one, []byte{gifExtension, gifControl})
	insert := func(extension string) []byte { return slices.Insert(slices.Clone(one), first, []byte(extension)...) }
	for _, c := range []struct {
		name           string
		picture        []byte
		pixels, frames int64
		err            error
	}{
		{"one frame", one, 6, 1, nil},
		{"frames of several sizes", five, 81 + 18 + 1 + 18 + 81, 5, nil},
		{"bytes behind the trailer", append(slices.Clone(one), one...), 6, 1, nil},
		{"a comment", insert("\x21\xfe\x02,;\x03,;,\x00"), 6, 1, nil},
		{"an empty comment", insert("\x21\xfe\x00"), 6, 1, nil},
		{"a loop", insert("\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"), 6, 1, nil},
		{"an application of Adobe's length", insert("\x21\xff\x0aAdobe 0123\x02;;\x00"), 6, 1, nil},
		{"a text", insert("\x21\x01\x0c;;;;;;;;;;;;\x02,,\x00"), 6, 1, nil},
		{"a text of another length", insert("\x21\x01\x0d;;;;;;;;;;;;;\x00"), 0, 0, ErrBroken},
		{"an application without a name", insert("\x21\xff\x00\x00"), 0, 0, ErrBroken},
		{"an unknown extension", insert("\x21\x02\x00"), 0, 0, ErrBroken},
		{"an unknown block", insert("\x00"), 0, 0, ErrBroken},
		{"no trailer", one[:len(one)-1], 0, 0, ErrBroken},
		{"no header", one[:12], 0, 0, ErrBroken},
		{"nothing", nil, 0, 0, ErrBroken},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			pixels, frames, err := gifFrames(c.picture)
			if pixels != c.pixels || frames != c.frames || !errors.Is(err, c.err) {
				t.Errorf("%d pixels, %d frames, %v, want %d, %d, %v", pixels, frames, err, c.pixels, c.frames, c.err)
			}
			if _, err := gif.DecodeAll(bytes.NewReader(c.picture)); c.err == nil && err != nil {
				t.Errorf("image/gif does not take it: %v", err)
			}
		})
	}
	for size := range five {
		if _, _, err := gifFrames(five[:size]); !errors.Is(err, ErrBroken) {
			t.Errorf("%d of %d bytes: %v, want ErrBroken", size, len(five), err)
		}
	}
}

// FuzzGIFFrames looks for a GIF that image/gif takes and that has more frames, or
// larger ones, than were counted.
func FuzzGIFFrames(f *testing.F) {
	one := encodedGIF(f, image.Pt(3, 2))
	first := bytes.Index(one, []byte{gifExtension, gifControl})
	f.Add(one)
	f.Add(encodedGIF(f, image.Pt(9, 9), image.Pt(1, 1), image.Pt(2, 9)))
	for _, extension := range []string{
		"\x21\xfe\x02,;\x03,;,\x00", "\x21\xfe\x00", "\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00",
		"\x21\x01\x0c;;;;;;;;;;;;\x02,,\x00", "\x21\x01\x02ab\x00;;;;;;;;;\x00", "\x21\xff\x00\x01;\x00",
	} {
		f.Add(slices.Insert(slices.Clone(one), first, []byte(extension)...))
	}
	f.Fuzz(func(t *testing.T, picture []byte) {
		pixels, frames, err := gifFrames(picture)
		if err != nil && (!errors.Is(err, ErrBroken) || pixels != 0 || frames != 0) {
			t.Fatalf("%d pixels, %d frames, %v, want ErrBroken alone", pixels, frames, err)
		}
		config, configErr := gif.DecodeConfig(bytes.NewReader(picture))
		if err != nil || configErr != nil || config.Width*config.Height > 1<<16 || pixels > 1<<20 {
			return
		}
		all, err := gif.DecodeAll(bytes.NewReader(picture))
		if err != nil {
			return
		}
		decoded := int64(0)
		for _, frame := range all.Image {
			decoded += int64(frame.Rect.Dx()) * int64(frame.Rect.Dy())
		}
		if pixels != decoded || frames != int64(len(all.Image)) {
			t.Errorf("counted %d pixels, %d frames; image/gif has %d, %d", pixels, frames, decoded, len(all.Image))
		}
	})
}
