package words

import (
	_ "embed" // traditional.txt
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/unicode/rangetable"
)

// Texts are searched in a form in which what does not change a word is gone:
//
//   - width, letter case, accents, and the shapes of letters and digits that Unicode has
//     for mathematics, circles and the like (NFKD);
//   - traditional Chinese characters are simplified (traditional.txt, character by
//     character);
//   - what nobody sees, such as a zero-width space, is left out;
//   - between Chinese characters signs and blanks are left out;
//   - letters and digits are words with a boundary on either side. Signs, blanks and
//     Chinese characters end a word, and so does a digit after a letter.
//
// "出售 Ｋ-粉!" is 出售, boundary, k, boundary, 粉.

// boundary is on either side of a word of letters or digits. No text has NUL.
const boundary = 0

// What of a character stands in the form, beside letters and digits.
const (
	sign   = iota // nothing; a word of letters ends
	unseen        // nothing
	itself        // in the table: the character as it is
)

// tabled is how many characters the table has: two planes. Above them only Chinese
// characters are letters.
const tabled = 0x20000

// letters tell of each character what stands in the form: sign, unseen, itself or
// another character. A table takes 256 KiB, and a look-up nothing: the libraries would
// take milliseconds for a long text.
type letters [tabled]uint16

//go:embed traditional.txt
var traditional string

// tableOfLetters is made at its first use, in some milliseconds.
var tableOfLetters = sync.OnceValue(newLetters)

func newLetters() *letters {
	var all letters
	for _, table := range []*unicode.RangeTable{unicode.L, unicode.N, unicode.So} {
		rangetable.Visit(table, func(r rune) {
			if r < tabled {
				all[r] = letterOf(r)
			}
		})
	}
	for _, table := range []*unicode.RangeTable{unicode.M, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point} {
		rangetable.Visit(table, func(r rune) {
			if r < tabled {
				all[r] = unseen
			}
		})
	}
	all.simplify()
	return &all
}

// letterOf is the one letter or digit that r is made of, in lower case. Where r is made
// of several, such as a ligature, it stays.
func letterOf(r rune) uint16 {
	letter, letters := r, 0
	for _, part := range string(norm.NFKD.PropertiesString(string(r)).Decomposition()) {
		if isLetter(part) {
			letter = part
			letters++
		}
	}
	if letters != 1 {
		letter = r
	}
	switch letter = unicode.ToLower(letter); {
	case !isLetter(letter):
		return sign
	case letter == r || letter > 0xffff:
		return itself
	default:
		return uint16(letter)
	}
}

func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// simplify lets what stands for a traditional character stand for its simplified one.
func (l *letters) simplify() {
	simplified := map[rune]uint16{}
	for line := range strings.Lines(traditional) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for pair := range strings.FieldsSeq(line) {
			from, size := utf8.DecodeRuneInString(pair)
			to, _ := utf8.DecodeRuneInString(pair[size:])
			simplified[from] = uint16(to)
		}
	}
	for r := range l {
		if to, ok := simplified[l.of(rune(r))]; ok {
			l[r] = to
		}
	}
}

// of is what stands for r: a letter or digit, sign or unseen.
func (l *letters) of(r rune) rune {
	switch {
	case r >= 0x40000:
		return sign
	case r >= tabled:
		return r
	case l[r] == itself:
		return r
	default:
		return rune(l[r])
	}
}

// A kind is what a letter makes words with.
type kind int

const (
	none    kind = iota // the beginning of a text
	digit               // with digits
	chinese             // with any beside it
	latin               // with letters of all other scripts
)

func kindOf(letter rune) kind {
	switch {
	case letter >= '0' && letter <= '9':
		return digit
	case letter >= 0x2e80 && letter < 0xa4d0, letter >= tabled: // with the Japanese syllables, and Yi
		return chinese
	default:
		return latin
	}
}

// appendForm appends the form of text, which has at most two bytes for one of the text.
func (l *letters) appendForm(to []byte, text string) []byte {
	last, apart := none, false
	for _, r := range text {
		letter := l.of(r)
		switch letter {
		case sign:
			apart = true
			continue
		case unseen:
			continue
		}
		k := kindOf(letter)
		if k != last && (k != chinese || last != none) || apart && k != chinese {
			to = append(to, boundary)
		}
		to = utf8.AppendRune(to, letter)
		last, apart = k, false
	}
	if last == digit || last == latin {
		to = append(to, boundary)
	}
	return to
}
