package media

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// isPictureName reports whether a name has 1 to 64 letters, digits, dots, underscores
// and hyphens, and does not begin with a dot. A regular expression of so many
// characters would take 1.3 MB of memory.
func isPictureName(name string) bool {
	if name == "" || name[0] == '.' || utf8.RuneCountInString(name) > 64 {
		return false
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '_' && r != '-' {
			return false
		}
	}
	return true
}

// isDigits reports whether a name is that of a portrait.
func isDigits(name string) bool { return name != "" && strings.Trim(name, "0123456789") == "" }
