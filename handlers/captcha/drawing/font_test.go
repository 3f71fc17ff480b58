package drawing

import (
	"strings"
	"testing"

	"github.com/golang/freetype/truetype"
	"github.com/google/go-cmp/cmp"
	"github.com/mojocn/base64Captcha"
	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
)

// font.ttf has the outlines of the library's font, and no other characters.
func TestFontIsTheLibrarys(t *testing.T) {
	own, err := loadFonts()
	if err != nil {
		t.Fatal(err)
	}
	library := base64Captcha.DefaultEmbeddedFonts.LoadFontByName("fonts/wqy-microhei.ttc")
	for _, character := range alphabet {
		want, got := outline(t, library, character), outline(t, own.font, character)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-library's +font.ttf's):\n%s", character, diff)
		}
	}
	for _, character := range lettersAndDigits {
		known := own.font.Index(character) != 0
		if want := strings.ContainsRune(alphabet, character); known != want {
			t.Errorf("font.ttf has %q: %t, want %t", character, known, want)
		}
	}
}

// outline is the points of a character in the font's own units.
func outline(t *testing.T, of *truetype.Font, character rune) []truetype.Point {
	t.Helper()
	var glyph truetype.GlyphBuf
	if err := glyph.Load(of, fixed.Int26_6(of.FUnitsPerEm()), of.Index(character), font.HintingNone); err != nil {
		t.Fatal(err)
	}
	return glyph.Points
}
