// Package words finds refused words in texts that other people see.
//
// A word is found whatever its width, letter case and accents are, in traditional as in
// simplified characters, and with signs or blanks between its characters. What is found
// where:
//
//   - Chinese has no blanks, so a word of Chinese characters is found anywhere, also
//     inside a longer one that is harmless, and across a comma. Lists should have words
//     that are long enough not to be met by chance.
//   - A word of letters is found as a word, or spelled with signs or blanks between all
//     of its letters: the word password in "Password1" and "p.a.s.s w o r d", but neither
//     in "pass word", where it is only met across words, nor in "passwords".
package words

import (
	"io"
	"os"
	"strings"

	"github.com/coregx/ahocorasick"

	"campusgate/dispatch"
)

// A Checker knows the refused words. It is made once and safe for concurrent use.
type Checker struct {
	letters *letters
	found   *ahocorasick.Automaton
}

// Load makes a checker of the built-in words and of those of a file, which are added to
// them: one a line, in UTF-8; empty lines and those that begin with # are none. No path
// is no file. Errors begin with the file, and its line if it is one's fault.
func Load(path string) (*Checker, error) {
	if path == "" {
		return New("", strings.NewReader(""))
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return New(path, file)
}

// New is [Load] of a list that is read already, by its name.
func New(name string, list io.Reader) (*Checker, error) {
	f := newForms()
	if err := f.read("built-in words", strings.NewReader(builtIn)); err != nil {
		return nil, err
	}
	if err := f.read(name, list); err != nil {
		return nil, err
	}
	return f.compile()
}

// Refuses reports whether text has a refused word.
func (c *Checker) Refuses(text string) bool {
	form := c.letters.appendForm(make([]byte, 0, len(text)+len(text)/2), text)
	// One match, by the one method that looks at each byte once: Find and IsMatch look
	// ahead for each of the many bytes that a word may begin with.
	return len(c.found.FindAll(form, 1)) > 0
}

// A Text is the value of a key of data.
type Text struct{ Key, Value string }

// Given is the value of a key that may be absent.
func Given(key string, value *string) Text {
	if value == nil {
		return Text{Key: key}
	}
	return Text{key, *value}
}

// Check returns [dispatch.ContentRefused] for the first of the texts that has a refused
// word, with its key and never the word. A checker that is nil knows no words.
func (c *Checker) Check(texts ...Text) error {
	if c == nil {
		return nil
	}
	for _, text := range texts {
		if c.Refuses(text.Value) {
			return dispatch.Fail(dispatch.ContentRefused, text.Key+": has a refused word")
		}
	}
	return nil
}
