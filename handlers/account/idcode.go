package account

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// personName is what identity cards have as a name: 2 to 50 letters, · and blanks, which
// begins with a letter and does not end in a blank.
var personName = regexp.MustCompile(`^\p{L}[\p{L}\p{M}· ]{0,48}[\p{L}\p{M}·]$`)

// The form of an identity code, GB 11643-1999: the place, the date of birth, a number of
// the day and a check character.
var (
	idCodeForm    = regexp.MustCompile(`^[0-9]{17}[0-9X]$`)
	idCodeWeights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
)

// idCodeChecks are the check characters by the weighted sum of the digits, modulo 11.
const idCodeChecks = "10X98765432"

// isIDCode reports whether a code is well formed, its check character right, and its date
// of birth one that exists and is not after now's.
func isIDCode(code string, now time.Time) bool {
	if !idCodeForm.MatchString(code) {
		return false
	}
	sum := 0
	for i, weight := range idCodeWeights {
		sum += int(code[i]-'0') * weight
	}
	born, err := time.ParseInLocation("20060102", code[6:14], now.Location())
	return err == nil && born.Year() >= 1800 && !born.After(now) && code[17] == idCodeChecks[sum%11]
}

// A person is what is kept of an identity beside its pictures, encrypted.
type person struct {
	RealName string `json:"real_name"`
	IDCode   string `json:"id_code"`
}

// masked shows of the name the first character, and of the code the first and the last.
func (p person) masked() person {
	if p.IDCode == "" { // erased
		return p
	}
	first, size := utf8.DecodeRuneInString(p.RealName)
	last := len(p.IDCode) - 1
	return person{
		RealName: string(first) + strings.Repeat("*", utf8.RuneCountInString(p.RealName[size:])),
		IDCode:   p.IDCode[:1] + strings.Repeat("*", last-1) + p.IDCode[last:],
	}
}
