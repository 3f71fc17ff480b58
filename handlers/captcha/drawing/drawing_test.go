package drawing

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/mojocn/base64Captcha"
)

func newDrawer(tb testing.TB) *Drawer {
	tb.Helper()
	drawer, err := New()
	if err != nil {
		tb.Fatal(err)
	}
	return drawer
}

func TestDraw(t *testing.T) {
	drawer := newDrawer(t)
	const code = "K7M2X"

	first, err := drawer.Draw(code)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(first))
	if err != nil {
		t.Fatalf("decode the picture: %v", err)
	}
	if got, want := picture.Bounds(), image.Rect(0, 0, 120, 30); got != want {
		t.Errorf("bounds %v, want %v", got, want)
	}

	second, err := drawer.Draw(code)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(first, second) {
		t.Error("two pictures of one code are the same")
	}
}

func TestDrawRefusesOtherLengths(t *testing.T) {
	drawer := newDrawer(t)
	for _, code := range []string{"", "K7M2", "K7M2XA"} {
		if picture, err := drawer.Draw(code); err == nil {
			t.Errorf("Draw(%q) gave %d bytes, want an error", code, len(picture))
		}
	}
}

func TestDrawConcurrently(t *testing.T) {
	drawer := newDrawer(t)
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for range 8 {
				picture, err := drawer.Draw(Code())
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := png.Decode(bytes.NewReader(picture)); err != nil {
					t.Errorf("decode the picture: %v", err)
				}
			}
		})
	}
	group.Wait()
}

// The library chooses size and height of each character by chance, so each is
// drawn a number of times.
func TestNoCharacterIsCutOrTouchesAnother(t *testing.T) {
	drawer := newDrawer(t)
	for _, character := range alphabet {
		for range 20 {
			canvas := drawAlone(t, drawer, strings.Repeat(string(character), CodeLength))
			for i := inkedRows * Width; i < canvasHeight*Width; i++ {
				if alpha := canvas[4*i+3]; alpha != 0 {
					t.Fatalf("%q reaches row %d of the canvas", character, i/Width)
				}
			}
			var p picture
			p.drawCode(canvas)
			var columns [Width]bool
			for y := range Height {
				for x := range Width {
					if p[y][x] == 0 {
						continue
					}
					columns[x] = true
					if x == 0 || x == Width-1 || y == 0 || y == Height-1 {
						t.Fatalf("%q reaches the edge at %d, %d", character, x, y)
					}
				}
			}
			if got := runs(columns[:]); got != CodeLength {
				t.Fatalf("%q five times makes %d separate shapes", character, got)
			}
		}
	}
}

// drawAlone has the library draw a code.
func drawAlone(t *testing.T, drawer *Drawer, code string) (canvas []byte) {
	t.Helper()
	item, err := drawer.driver.DrawCaptcha(code)
	if err != nil {
		t.Fatal(err)
	}
	if canvas, err = pixels(item); err != nil {
		t.Fatal(err)
	}
	return canvas
}

// runs counts the stretches of true.
func runs(columns []bool) int {
	count, inside := 0, false
	for _, inked := range columns {
		if inked && !inside {
			count++
		}
		inside = inked
	}
	return count
}

func TestPixelsOfAnotherLayout(t *testing.T) {
	for name, item := range map[string]base64Captcha.Item{
		"another item": base64Captcha.NewItemDigit(Width, Height, 1, 0),
		"another size": base64Captcha.NewItemChar(Width, Height, color.RGBA{}),
	} {
		if _, err := pixels(item); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestInksContrastWithPaper(t *testing.T) {
	palette := newPalette()
	if got, want := len(palette), 16; got != want {
		t.Fatalf("%d colours, want %d: 4 bits a pixel", got, want)
	}
	paper := luminance(palette[0])
	for ink := range inks {
		full := palette[colorIndex(ink, shades)]
		if ratio := (paper + 0.05) / (luminance(full) + 0.05); ratio < 7 {
			t.Errorf("ink %d: contrast %.1f to 1, want at least 7", ink, ratio)
		}
	}
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(c color.Color) float64 {
	linear := func(channel uint32) float64 {
		v := float64(channel) / 0xffff
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	r, g, b, _ := c.RGBA()
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func BenchmarkDraw(b *testing.B) {
	drawer := newDrawer(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := drawer.Draw("K7M2X"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLibrary draws and encodes a picture of the same size with the
// library alone, to compare.
func BenchmarkLibrary(b *testing.B) {
	paper := &color.RGBA{R: 0xff, G: 0xff, B: 0xff, A: 0xff}
	for _, test := range []struct {
		name  string
		noise int
		lines int
	}{
		{"plain", 0, 0},
		{"noise", 3, base64Captcha.OptionShowHollowLine},
	} {
		driver := base64Captcha.NewDriverString(
			Height, Width, test.noise, test.lines, CodeLength, "", paper, nil, []string{"wqy-microhei.ttc"})
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				item, err := driver.DrawCaptcha("K7M2X")
				if err != nil {
					b.Fatal(err)
				}
				item.EncodeB64string()
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		newDrawer(b)
	}
}
