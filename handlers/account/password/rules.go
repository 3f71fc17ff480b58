package password

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"
)

// The length of a password, in characters.
const (
	MinLength = 8
	MaxLength = 64
)

//go:embed common.txt
var commonText string

// common are the thousand passwords that are used most of those that are long enough, in
// lower case.
var common = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for line := range strings.Lines(commonText) {
		if !strings.HasPrefix(line, "#") {
			all[strings.TrimSuffix(line, "\n")] = true
		}
	}
	return all
})

// Allowed reports whether a user with this phone and name may have a password: 8 to 64
// characters, neither phone nor name, and none of the thousand that are used most, the
// case of letters aside.
func Allowed(password, phone, name string) bool {
	length := utf8.RuneCountInString(password)
	return MinLength <= length && length <= MaxLength &&
		password != phone && !strings.EqualFold(password, name) && !common()[strings.ToLower(password)]
}
