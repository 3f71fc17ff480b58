package account

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

var today = time.Date(2019, 11, 28, 22, 25, 52, 0, time.FixedZone("Shanghai", 8*3600))

func TestIsIDCode(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{
		"11010519491231002X":         true, // of GB 11643 itself
		"440524188001010014":         true, // too
		"33010219900101123X":         false,
		checked("33010219900101123"): true,
		checked("33010220000229000"): true,
		checked("33010219000229000"): false, // 1900 had no such day
		checked("33010220190229000"): false,
		checked("33010220191128000"): true, // today
		checked("33010220191129000"): false,
		checked("33010220200101000"): false,
		checked("33010219901301000"): false,
		checked("33010219900001000"): false,
		checked("33010219900100000"): false,
		checked("33010219900132000"): false,
		checked("33010219900431000"): false,
		"":                           false,
		"11010519491231002x":         false, // the call has made it an X
		"110105491231002":            false, // the old form of 15 digits
		"11010519491231002":          false,
		"11010519491231002XX":        false,
		"\t11010519491231002X":       false,
		"11010519491231002X\n":       false,
		"1101051949123100X2":         false,
		"１１０１０５１９４９１２３１００２Ｘ": false,
		"-1010519491231002X": false,
	} {
		if got := isIDCode(code, today); got != want {
			t.Errorf("%q: %t, want %t", code, got, want)
		}
	}
	for _, wrong := range "0123456789" {
		if code := "11010519491231002" + string(wrong); isIDCode(code, today) {
			t.Errorf("%s has a wrong check character", code)
		}
	}
}

// checked adds the check character, by the recursive method of ISO 7064 MOD 11-2.
func checked(digits string) string {
	m := 0
	for _, digit := range digits {
		m = (m + int(digit-'0')) * 2 % 11
	}
	if check := (12 - m) % 11; check < 10 {
		return digits + strconv.Itoa(check)
	}
	return digits + "X"
}

// A code that is taken is the text of its own parts; a digit that is changed, and two that
// change places, are noticed.
func FuzzIDCode(f *testing.F) {
	f.Add("11010519491231002X", uint8(3))
	f.Add("330102199001011230", uint8(17))
	f.Add("33010220190229000X", uint8(0))
	f.Add("１１０１０５", uint8(1))
	f.Fuzz(func(t *testing.T, code string, at uint8) {
		if !isIDCode(code, today) {
			return
		}
		born, err := time.Parse("20060102", code[6:14])
		if err != nil || born.Format("20060102") != code[6:14] || checked(code[:17]) != code {
			t.Fatalf("%q is taken", code)
		}
		i := int(at) % 17
		changed := []byte(code)
		changed[i] = '0' + (changed[i]-'0'+1+at%9)%10
		if isIDCode(string(changed), today) {
			t.Errorf("%q is taken for %q", changed, code)
		}
		swapped := []byte(code)
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
		if swapped[i] != swapped[i+1] && isIDCode(string(swapped), today) {
			t.Errorf("%q is taken for %q", swapped, code)
		}
	})
}

func TestPersonName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"王凌": true, "王凌超": true, "买买提·艾合买提": true, "Ann Lee": true, "Zoë": true, "𠮷野": true,
		strings.Repeat("王", 50): true, strings.Repeat("王", 51): false,
		"王": false, "": false, " 王": false, "王 ": false, "·王": false, "王1": false, "王.凌": false, "王\n凌": false, "王\t凌": false, "王　凌": false, "😀😀": false,
	} {
		if got := personName.MatchString(name); got != want {
			t.Errorf("%q: %t, want %t", name, got, want)
		}
	}
}

func TestMaskedPerson(t *testing.T) {
	t.Parallel()
	for given, want := range map[person]person{
		{"王凌超", "11010519491231002X"}: {"王**", "1****************X"},
		{"王凌", "440524188001010014"}:  {"王*", "4****************4"},
		{}:                            {},
	} {
		if got := given.masked(); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}
