package office

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// runs are what a formula begins with in a spreadsheet, also in those that read wide signs as
// the narrow ones, and the signs that some skip before one.
const runs = "=+-@＝＋－＠\t\r\n"

// cell is a text as a cell of a table that is opened in a spreadsheet, and may be anything
// that a user has named goods: what would be run as a formula has an apostrophe before it,
// which spreadsheets take for the sign of a text. Line breaks and other control characters
// are blanks, so that a row is a line.
func cell(text string) string {
	quote := begins(text) || begins(strings.TrimLeftFunc(text, skipped))
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
	if quote {
		return "'" + text
	}
	return text
}

// skipped reports whether a spreadsheet may skip a sign before it looks for a formula.
func skipped(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

func begins(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return strings.ContainsRune(runs, first)
}
