package media

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// composed is a name in the form that it is stored in (NFC): a Mac sends é as e and
// an accent. What is composed already, as nearly all names are, is not copied.
func composed(name string) string { return norm.NFC.String(name) }

// isPictureName reports whether a composed name has 1 to 64 letters, digits, marks that
// combine with them, dots, underscores and hyphens, and does not begin with a dot.
// Letters are those of every kind, 〇 and Ⅷ too. A regular expression of so many
// characters would take 1.3 MB of memory.
func isPictureName(name string) bool {
	if name == "" || name[0] == '.' || utf8.RuneCountInString(name) > 64 {
		return false
	}
	for _, r := range name {
		if !unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl) && r != '.' && r != '_' && r != '-' {
			return false
		}
	}
	return true
}

// isDigits reports whether a name is that of a portrait.
func isDigits(name string) bool { return name != "" && strings.Trim(name, "0123456789") == "" }
