package drawing

import (
	_ "embed"
	"fmt"

	"github.com/golang/freetype/truetype"
)

// fontFile is the library's wqy-microhei, which reads well at this size, with the
// characters of the alphabet alone and two changes that save half of the drawing:
//
//   - It has no programs for hinting. The library would run them anew for each
//     picture, and unhinted characters read as well in a darker shade.
//   - It says that 1536 of its units are an em, of 2048: characters are drawn a
//     third larger than their size, so that they fill a smaller canvas, for to
//     clear the canvas takes longer than to draw on it.
//
// It was made with fontTools 4.38, the last step in Python:
//
//	pyftsubset wqy-microhei.ttc --font-number=0 --text=23467ACDEFHKMNPRTVXY
//		--no-hinting --layout-features= --name-IDs=0,13,14 --name-languages=1033
//		--drop-tables+=FFTM,OS/2,gasp,kern,post,vhea,vmtx --output-file=font.ttf
//	font = TTFont("font.ttf"); font["head"].unitsPerEm = 1536; font.save("font.ttf")
//
// Its copyright and its license, Apache 2.0, are in its name table.
//
//go:embed font.ttf
var fontFile []byte

// fonts hands the library a font that is not one of its own.
type fonts struct {
	font *truetype.Font
}

func loadFonts() (fonts, error) {
	font, err := truetype.Parse(fontFile)
	if err != nil {
		return fonts{}, fmt.Errorf("parse font.ttf: %w", err)
	}
	return fonts{font}, nil
}

// LoadFontByName returns the one font, whatever its name.
func (f fonts) LoadFontByName(string) *truetype.Font { return f.font }

// LoadFontsByNames returns the one font, whatever its name.
func (f fonts) LoadFontsByNames([]string) []*truetype.Font { return []*truetype.Font{f.font} }
