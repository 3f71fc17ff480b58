package drawing

import (
	"image/color"
	"math/rand/v2"
)

// A picture has 16 colours, so that a pixel takes 4 bits of the PNG: the paper,
// and each ink in 3 shades from pale to full.
const (
	inks   = 5
	shades = 3
)

// picture is what is drawn on: the place in the palette of each pixel.
type picture [Height][Width]uint8

// newPalette returns the colours in the order of [colorIndex]. Every full ink
// has a contrast of at least 7 to 1 to the paper.
func newPalette() []color.RGBA {
	paper := color.RGBA{R: 0xf7, G: 0xf8, B: 0xfb, A: 0xff}
	full := [inks]color.RGBA{
		{R: 0x1a, G: 0x3f, B: 0x8f, A: 0xff}, // blue
		{R: 0x9c, G: 0x1c, B: 0x32, A: 0xff}, // red
		{R: 0x12, G: 0x5c, B: 0x36, A: 0xff}, // green
		{R: 0x67, G: 0x1f, B: 0x8a, A: 0xff}, // violet
		{R: 0x6f, G: 0x3c, B: 0x0b, A: 0xff}, // brown
	}
	palette := []color.RGBA{paper}
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
func (p *picture) drawStrokes() {
	for range 3 {
		stroke := colorIndex(rand.IntN(inks), 1)
		start, end := rand.Float64()*Height, rand.Float64()*Height
		bend := (rand.Float64() - 0.5) * 2 * Height
		for x := range Width {
			t := float64(x) / Width
			top := int(start + (end-start)*t + bend*t*(1-t))
			for y := max(top, 0); y <= min(top+1, Height-1); y++ {
				p[y][x] = stroke
			}
		}
	}
}

// drawSpecks sprinkles single pixels of every colour but the full inks.
func (p *picture) drawSpecks() {
	for range 12 {
		p[rand.IntN(Height)][rand.IntN(Width)] = colorIndex(rand.IntN(inks), 1+rand.IntN(shades-1))
	}
}

// drawCode copies the characters from the library's canvas, each in an ink and at a
// height of its own. Shades are rounded up from a quarter, not from a half: small
// characters have no pixel that is covered whole.
func (p *picture) drawCode(canvas []byte) {
	const tops = Height - 2 - inkedRows + 1 // with a row of paper above and below
	for left := 0; left < Width; left += cell {
		ink, top := rand.IntN(inks), 1+rand.IntN(tops)
		for y := range inkedRows {
			row := canvas[4*(y*Width+left):][:4*cell]
			for x := range cell {
				alpha := int(row[4*x+3])
				if shade := (alpha*shades + 255*3/4) / 255; shade > 0 {
					p[top+y][left+x] = colorIndex(ink, shade)
				}
			}
		}
	}
}
