package reference

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// newCatalogue translates the texts of newReferenceRegistry.
func newCatalogue(t *testing.T) *Catalogue {
	t.Helper()
	content, err := os.ReadFile("testdata/zh.txt")
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := NewCatalogue(map[string]string{"zh.txt": string(content)})
	if err != nil {
		t.Fatal(err)
	}
	return catalogue
}

// TestCheck: what is not translated is found, and what is translated and not used, or not
// whole.
func TestCheck(t *testing.T) {
	registry := newReferenceRegistry(t)
	for _, c := range []struct {
		name   string
		change func(entries map[string]entry)
		want   string
	}{
		{"none", func(map[string]entry) {}, ""},
		{"a summary", func(entries map[string]entry) { delete(entries, "Place an order") }, "no zh.txt has a translation of\nPlace an order"},
		{"a field", func(entries map[string]entry) { delete(entries, "the card's") }, "no zh.txt has a translation of\nthe card's"},
		{"a field of a list", func(entries map[string]entry) { delete(entries, "pieces") }, "no zh.txt has a translation of\npieces"},
		{"an answer", func(entries map[string]entry) { delete(entries, "what it is") }, "no zh.txt has a translation of\nwhat it is"},
		{"a parameter", func(entries map[string]entry) { delete(entries, "the last day") }, "no zh.txt has a translation of\nthe last day"},
		{"a picture", func(entries map[string]entry) { delete(entries, "A picture.") }, "no zh.txt has a translation of\nA picture."},
		{"a status", func(entries map[string]entry) { delete(entries, "Error token") }, "no zh.txt has a translation of\nError token"},
		{"words of our own", func(entries map[string]entry) { delete(entries, "at most %d characters") }, "no zh.txt has a translation of\nat most %d characters"},
		{"too many", func(entries map[string]entry) { entries["gone"] = entry{"没了", "zh.txt:9"} }, "zh.txt:9: nothing uses the translation of\ngone"},
		{
			"not whole", func(entries map[string]entry) {
				entries["Answer: `data` is `{}`."] = entry{"应答：`data` 为空。", "zh.txt:9"}
			},
			"zh.txt:9: the translation of\nAnswer: `data` is `{}`.\nhas [\"`data`\"] and should have [\"`data`\" \"`{}`\"]",
		},
		{
			"values changed", func(entries map[string]entry) { entries["if %s is %d or more"] = entry{"%d 以上的 %s", "zh.txt:9"} },
			"zh.txt:9: the translation of\nif %s is %d or more\nhas [\"%d\" \"%s\"] and should have [\"%s\" \"%d\"]",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := &Catalogue{maps.Clone(newCatalogue(t).entries)}
			c.change(changed.entries)
			wrong, err := changed.Check(registry)
			if err != nil {
				t.Fatal(err)
			}
			wrong = slices.DeleteFunc(wrong, func(one string) bool {
				// Words of our own that no call of this registry needs.
				return strings.HasPrefix(one, ownFile) && strings.Contains(one, "nothing uses")
			})
			if diff := cmp.Diff(c.want, strings.Join(wrong, "\n")); diff != "" {
				t.Errorf("- want, + got\n%s", diff)
			}
		})
	}
}

// TestCatalogueOfAPerson: a file is read as people write them, and what is wrong with it
// is said with its place.
func TestCatalogueOfAPerson(t *testing.T) {
	for _, c := range []struct{ name, content, want string }{
		{"windows", "\r\n# of shops\r\nOpen\r\n开店\r\n\r\n\r\n\r\nClose\r\n关店\r\n", ""},
		{"no translation", "Open\n开店\n\nClose\n\nLook\n看", "a.txt:4: there must be a text, its translation and an empty line"},
		{"three lines", "Open\n开店\nClose\n关店\n", "a.txt:1: there must be a text, its translation and an empty line"},
		{"twice", "Open\n开店\n\nOpen\n打开\n", `a.txt:4: "Open" is in a.txt:1 too`},
	} {
		t.Run(c.name, func(t *testing.T) {
			catalogue, err := NewCatalogue(map[string]string{"a.txt": c.content})
			got := ""
			if err != nil {
				got = err.Error()
			} else if close := catalogue.Language("zh").say("Close"); close != "关店" {
				t.Errorf("Close is %q", close)
			}
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
	if _, err := NewCatalogue(map[string]string{"b.txt": "yes\n是"}); err == nil || !strings.HasPrefix(err.Error(), `dispatch/reference/zh.txt:`) {
		t.Errorf("one of our own words: %v", err)
	}
}
