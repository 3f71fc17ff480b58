package drawing

import (
	"image"
	"image/color"
	"math/rand/v2"
)

// A picture has 16 colours, so that a pixel takes 4 bits of the PNG: the paper,
// and each ink in 3 shades from pale to full.
const (
	inks   = 5
	shades = 3
)

// newPalette returns the colours in the order of [colorIndex]. Every full ink
// has a contrast of at least 7 to 1 to the paper.
func newPalette() color.Palette {
	paper := color.RGBA{R: 0xf7, G: 0xf8, B: 0xfb, A: 0xff}
	full := [inks]color.RGBA{
		{R: 0x1a, G: 0x3f, B: 0x8f, A: 0xff}, // blue
		{R: 0x9c, G: 0x1c, B: 0x32, A: 0xff}, // red
		{R: 0x12, G: 0x5c, B: 0x36, A: 0xff}, // green
		{R: 0x67, G: 0x1f, B: 0x8a, A: 0xff}, // violet
		{R: 0x6f, G: 0x3c, B: 0x0b, A: 0xff}, // brown
	}
	palette := color.Palette{paper}
	for _, ink := range full {
		for shade := 1; shade <= shades; shade++ {
			palette = append(palette, color.RGBA{
				R: mix(ink.R, paper.R, shade),
				G: mix(ink.G, paper.G, shade),
				B: mix(ink.B, paper.B, shade),
				A: 0xff,
			})
		}
	}
	return palette
}

// mix returns a channel of the paper covered by ink in a shade of 0 to shades.
func mix(ink, paper uint8, shade int) uint8 {
	return uint8((int(ink)*shade + int(paper)*(shades-shade)) / shades)
}

// colorIndex returns the place in the palette of an ink (0 to inks-1) in a
// shade (1, pale, to shades, full). 0 is the paper.
func colorIndex(ink, shade int) uint8 {
	return uint8(1 + ink*shades + shade - 1)
}

// drawStrokes draws pale curves from side to side. They lie behind the code.
func drawStrokes(picture *image.Paletted) {
	for range 3 {
		stroke := colorIndex(rand.IntN(inks), 1)
		start, end := rand.Float64()*Height, rand.Float64()*Height
		bend := (rand.Float64() - 0.5) * 2 * Height
		for x := range Width {
			t := float64(x) / Width
			y := int(start + (end-start)*t + bend*t*(1-t))
			picture.SetColorIndex(x, y, stroke) // outside the picture it does nothing
			picture.SetColorIndex(x, y+1, stroke)
		}
	}
}

// drawSpecks sprinkles single pixels of every colour but the full inks.
func drawSpecks(picture *image.Paletted) {
	for range 12 {
		speck := colorIndex(rand.IntN(inks), 1+rand.IntN(shades-1))
		picture.Pix[rand.IntN(len(picture.Pix))] = speck
	}
}
