// Package drawing draws picture captchas: a PNG of 120 by 30 pixels that shows
// five letters and digits.
//
// The characters are drawn by base64Captcha in one clear font on a transparent
// canvas. The package takes their shapes from it (the alpha channel) and gives
// them its own colours, because the library now and then draws yellow on white,
// and encodes them as PNG itself, because that is where the library spends most
// of its time.
//
// Importing base64Captcha costs a process 6 MB and some milliseconds, for it
// parses all its fonts when it is initialised. [New] costs as much again: the
// font is read and parsed a second time. Make one [Drawer] and keep it.
package drawing

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"reflect"
	"sync"

	"github.com/mojocn/base64Captcha"
)

// The size of a picture in pixels: the place that the pages keep for it.
const (
	Width  = 120
	Height = 30
)

// The library sizes and places characters by the height of its canvas. At 35
// pixels it chooses font sizes of 15 to 28, and the characters of the alphabet
// lie, whatever it chooses, in rows 6 to 30 and the left 21 columns of their 24. The picture is a window
// on that canvas, placed so that the characters stand in its middle, uncut.
const (
	canvasHeight = 35
	windowTop    = 3  // rows of the canvas above the picture
	windowLeft   = -2 // negative: columns of paper left of the canvas
)

// font is the one that reads well at this size, of those in the library.
const font = "wqy-microhei.ttc"

// Drawer draws captcha pictures. It is safe for concurrent use.
type Drawer struct {
	driver  *base64Captcha.DriverString
	palette color.Palette
	encoder png.Encoder
}

// New returns a Drawer with its font loaded. It fails when the library's
// pictures are not laid out as this package knows them, which only another
// version of the library can cause.
func New() (*Drawer, error) {
	transparent := &color.RGBA{}
	drawer := &Drawer{
		driver: base64Captcha.NewDriverString(
			canvasHeight, Width, 0, 0, CodeLength, "", transparent, nil, []string{font}),
		palette: newPalette(),
		// To compress 1,963 bytes to 625 would cost a quarter of all the time.
		encoder: png.Encoder{CompressionLevel: png.NoCompression, BufferPool: &bufferPool{}},
	}
	if _, err := drawer.Draw(Code()); err != nil {
		return nil, err
	}
	return drawer, nil
}

// Draw returns a PNG of [Width] by [Height] pixels that shows code, which has
// [CodeLength] ASCII characters. Two pictures of one code differ.
func (d *Drawer) Draw(code string) ([]byte, error) {
	if len(code) != CodeLength {
		return nil, fmt.Errorf("draw captcha: code of %d characters instead of %d", len(code), CodeLength)
	}
	item, err := d.driver.DrawCaptcha(code)
	if err != nil {
		return nil, fmt.Errorf("draw captcha: %w", err)
	}
	canvas, err := pixels(item)
	if err != nil {
		return nil, fmt.Errorf("draw captcha: %w", err)
	}

	picture := image.NewPaletted(image.Rect(0, 0, Width, Height), d.palette)
	drawStrokes(picture)
	drawSpecks(picture)
	drawCode(picture, canvas)

	var buffer bytes.Buffer
	if err := d.encoder.Encode(&buffer, picture); err != nil {
		return nil, fmt.Errorf("encode captcha: %w", err)
	}
	return buffer.Bytes(), nil
}

// pixels returns the canvas of a drawn item, 4 bytes a pixel, alpha the last.
// The library hands it out only encoded as PNG, at several times the cost of the
// drawing, so the unexported field is read, by reflection and without unsafe.
func pixels(item base64Captcha.Item) ([]byte, error) {
	drawn, ok := item.(*base64Captcha.ItemChar)
	if !ok {
		return nil, fmt.Errorf("base64Captcha drew a %T", item)
	}
	field := reflect.ValueOf(drawn).Elem().FieldByName("nrgba")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*image.NRGBA]() {
		return nil, errors.New("base64Captcha.ItemChar has no field nrgba of type *image.NRGBA")
	}
	canvas := field.Elem().FieldByName("Pix").Bytes()
	if len(canvas) != 4*Width*canvasHeight {
		return nil, fmt.Errorf("base64Captcha drew %d bytes instead of %d", len(canvas), 4*Width*canvasHeight)
	}
	return canvas, nil
}

// drawCode copies the characters from canvas, each in an ink of its own.
func drawCode(picture *image.Paletted, canvas []byte) {
	const cell = Width / CodeLength
	var ink [CodeLength]int
	for i := range ink {
		ink[i] = rand.IntN(inks)
	}
	for y := range Height {
		row := canvas[4*Width*(y+windowTop):][:4*Width]
		for x := range Width + windowLeft {
			alpha := int(row[4*x+3])
			if shade := (alpha*shades + 127) / 255; shade > 0 {
				picture.Pix[y*Width+x-windowLeft] = colorIndex(ink[x/cell], shade)
			}
		}
	}
}

// bufferPool lets the PNG encoder reuse its compressor, most of a megabyte.
type bufferPool struct {
	pool sync.Pool
}

func (p *bufferPool) Get() *png.EncoderBuffer {
	buffer, _ := p.pool.Get().(*png.EncoderBuffer) // nil: the encoder makes one
	return buffer
}

func (p *bufferPool) Put(buffer *png.EncoderBuffer) {
	p.pool.Put(buffer)
}
