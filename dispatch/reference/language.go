package reference

import (
	_ "embed" // zh.txt
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"campusgate/dispatch"
)

// A Language is what the words of a reference are written in. What programs read is the
// same in all: names, rules of schemas, the messages of statuses. The zero Language is
// English without a catalogue.
type Language struct {
	chinese   bool
	catalogue *Catalogue
	asked     map[string]bool // the texts that were looked for; nil where nobody counts
}

// A Catalogue has what the texts of the references are in the other language: of English
// ones in Chinese, and of the Chinese messages of some statuses in English.
type Catalogue struct{ entries map[string]entry }

type entry struct{ translation, place string }

// ownTexts are the texts of this package and of package dispatch.
//
//go:embed zh.txt
var ownTexts string

const ownFile = "dispatch/reference/zh.txt"

// NewCatalogue reads catalogues by the names of their files, and that of the references'
// own words. A file has pairs of lines, a text and below it its translation, with an empty
// line between them. Lines that begin with # are for its readers. A text is in one file,
// whoever else uses it.
func NewCatalogue(files map[string]string) (*Catalogue, error) {
	all := map[string]string{ownFile: ownTexts}
	maps.Copy(all, files)
	c := &Catalogue{map[string]entry{}}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if err := c.read(name, strings.ReplaceAll(all[name], "\r\n", "\n")); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *Catalogue) read(name, content string) error {
	number := 1
	for block := range strings.SplitSeq(content, "\n\n") {
		place := fmt.Sprintf("%s:%d", name, number)
		number += strings.Count(block, "\n") + 2
		lines := slices.DeleteFunc(strings.Split(block, "\n"), func(line string) bool {
			return strings.HasPrefix(line, "#") || strings.TrimSpace(line) == ""
		})
		if len(lines) == 0 {
			continue
		}
		if len(lines) != 2 {
			return fmt.Errorf("%s: there must be a text, its translation and an empty line", place)
		}
		if earlier, twice := c.entries[lines[0]]; twice {
			return fmt.Errorf("%s: %q is in %s too", place, lines[0], earlier.place)
		}
		c.entries[lines[0]] = entry{lines[1], place}
	}
	return nil
}

// Languages are the names that [Catalogue.Language] knows.
var Languages = []string{"en", "zh"}

// Language is the one of that name: en or zh.
func (c *Catalogue) Language(name string) Language {
	return Language{chinese: name == "zh", catalogue: c}
}

// punctuation is Chinese by the English one.
var punctuation = map[string]string{" ": "", ", ": "、", "; ": "；"}

// say returns a text in the language; one that has no translation is English.
func (l Language) say(text string) string {
	if !l.chinese || text == "" {
		return text
	}
	if sign, known := punctuation[text]; known {
		return sign
	}
	return l.other(text, text)
}

// other is the translation of a text, or else what is given.
func (l Language) other(text, otherwise string) string {
	if l.asked != nil {
		l.asked[text] = true
	}
	if l.catalogue != nil {
		if known, ok := l.catalogue.entries[text]; ok {
			return known.translation
		}
	}
	return otherwise
}

// format says a format with its values.
func (l Language) format(format string, values ...any) string {
	return fmt.Sprintf(l.say(format), values...)
}

// sentence makes words a sentence.
func (l Language) sentence(words string) string {
	if l.chinese {
		return words + "。"
	}
	return capital(words) + "."
}

// meaning explains the message of a status, "" where it is in the language already.
func (l Language) meaning(status dispatch.Status) string {
	if isChinese(status.Text) == l.chinese {
		return ""
	}
	return l.other(status.Text, "")
}

func isChinese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// Check returns what is wrong with the catalogue for all that the references say of the
// registries: a text without a translation, a translation that nothing uses, one that
// leaves out a quoted word or a value.
func (c *Catalogue) Check(registries ...*dispatch.Registry) (wrong []string, err error) {
	asked := map[string]bool{}
	for _, registry := range registries {
		for _, name := range Languages {
			l := c.Language(name)
			l.asked = asked
			if err := WriteMarkdown(io.Discard, registry, l); err != nil {
				return nil, err
			}
			if err := WriteOpenAPI(io.Discard, registry, l, "", ""); err != nil {
				return nil, err
			}
			if err := WriteTypeScript(io.Discard, registry, l); err != nil {
				return nil, err
			}
		}
	}
	for text := range asked {
		if _, known := c.entries[text]; !known {
			wrong = append(wrong, "no zh.txt has a translation of\n"+text)
		}
	}
	for text, known := range c.entries {
		if !asked[text] {
			wrong = append(wrong, fmt.Sprintf("%s: nothing uses the translation of\n%s", known.place, text))
		}
		if got, want := kept(known.translation), kept(text); !slices.Equal(got, want) {
			wrong = append(wrong, fmt.Sprintf("%s: the translation of\n%s\nhas %q and should have %q", known.place, text, got, want))
		}
	}
	slices.Sort(wrong)
	return wrong, nil
}

// asIs are the parts of a text that are the same in all languages: what is quoted, and a
// format's values.
var asIs = regexp.MustCompile("`[^`]+`|%[sd]")

// kept are the parts of a text that a translation keeps. The values of a format keep their
// places too; what is quoted may have another one.
func kept(text string) []string {
	parts := asIs.FindAllString(text, -1)
	slices.SortStableFunc(parts, func(a, b string) int {
		if a[0] == '%' && b[0] == '%' {
			return 0
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(parts)
}
