package words

import (
	"bufio"
	"bytes"
	_ "embed" // builtin.txt
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/coregx/ahocorasick"
)

// The bounds of a list. A byte of a word's form takes half a KiB of memory, or a whole one
// where the words have letters of several scripts.
const (
	minWord  = 2         // characters: a single one is in too many texts
	maxWord  = 64        // characters
	maxForms = 128 << 10 // bytes of all forms, 10,000 words of four characters
)

// builtIn are the project's own words.
//
//go:embed builtin.txt
var builtIn string

// forms are the forms in which words are found.
type forms struct {
	letters *letters
	known   map[string]bool
	all     [][]byte
	size    int // bytes of all
}

func newForms() *forms {
	return &forms{letters: tableOfLetters(), known: map[string]bool{}}
}

// compile makes the checker of all forms, of which there are some.
func (f *forms) compile() (*Checker, error) {
	found, err := ahocorasick.NewBuilder().AddPatterns(f.all).Build()
	if err != nil {
		return nil, fmt.Errorf("compile refused words: %w", err)
	}
	return &Checker{letters: f.letters, found: found}, nil
}

// read adds the words of a list: one a line, without blanks around it; empty lines and
// those that begin with # are none. Errors begin with the list's name and the line.
func (f *forms) read(name string, list io.Reader) error {
	lines := bufio.NewScanner(list)
	number := 0
	for lines.Scan() {
		number++
		line := lines.Bytes()
		if number == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		word := strings.TrimSpace(string(line))
		if word == "" || strings.HasPrefix(word, "#") {
			continue
		}
		if err := f.add(word); err != nil {
			return fmt.Errorf("%s:%d: %w", name, number, err)
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("%s:%d: must be at most %d characters", name, number+1, maxWord)
	case err != nil:
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// add adds a word as it is written and, where it has letters that make words, spelled:
// with each letter apart.
func (f *forms) add(word string) error {
	if !utf8.ValidString(word) {
		return errors.New("must be UTF-8")
	}
	form := string(f.letters.appendForm(nil, word))
	length := utf8.RuneCountInString(strings.ReplaceAll(form, string(rune(boundary)), ""))
	if length < minWord || length > maxWord {
		return fmt.Errorf("must be %d to %d letters, digits or Chinese characters", minWord, maxWord)
	}
	spelled := string(f.letters.appendForm(nil, strings.Join(strings.Split(word, ""), " ")))
	for _, added := range []string{form, spelled} {
		if f.known[added] {
			continue
		}
		if f.size += len(added); f.size > maxForms {
			return fmt.Errorf("there are more words than fit: about %d of four Chinese characters do", maxForms/12)
		}
		f.known[added] = true
		f.all = append(f.all, []byte(added))
	}
	return nil
}
