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
// parses all its fonts when it is initialised.
package drawing

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"reflect"

	"github.com/mojocn/base64Captcha"
)

// The size of a picture in pixels: the place that the pages keep for it.
const (
	Width  = 120
	Height = 30
)

// The library sizes and places characters by the height of its canvas. At 26
// pixels it chooses sizes of 11 to 21, in which the characters of [fontFile], larger
// than their sizes say, lie in rows 0 to 23 of the canvas, whatever it chooses, and
// in columns 0 to 22 of their 24.
const (
	canvasHeight = 26
	inkedRows    = 24
	cell         = Width / CodeLength
)

// Drawer draws captcha pictures. It is safe for concurrent use.
type Drawer struct {
	driver *base64Captcha.DriverString
	header []byte // of a PNG: see newHeader
}

// New returns a Drawer with its font loaded. It fails when the library's
// pictures are not laid out as this package knows them, which only another
// version of the library can cause.
func New() (*Drawer, error) {
	fonts, err := loadFonts()
	if err != nil {
		return nil, err
	}
	transparent := &color.RGBA{}
	drawer := &Drawer{
		driver: base64Captcha.NewDriverString(
			canvasHeight, Width, 0, 0, CodeLength, "", transparent, fonts, []string{"font.ttf"}),
		header: newHeader(newPalette()),
	}
	if _, err := drawer.Draw(Code()); err != nil {
		return nil, err
	}
	return drawer, nil
}

// Draw returns a PNG of [Width] by [Height] pixels that shows code, which has
// [CodeLength] characters, of those that [Code] returns. Two pictures of one code
// differ.
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

	var p picture
	p.drawStrokes()
	p.drawSpecks()
	p.drawCode(canvas)
	return encode(&p, d.header), nil
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
