package wire

import (
	"regexp"
	"testing"
)

// One code of ten begins with a 0, which is one of its digits.
func TestNumberCode(t *testing.T) {
	digits, zeros := regexp.MustCompile(`^[0-9]{6}$`), 0
	for range 1000 {
		code := NumberCode()
		if !digits.MatchString(code) {
			t.Fatalf("code %q, want 6 digits", code)
		}
		if code[0] == '0' {
			zeros++
		}
	}
	if zeros == 0 {
		t.Error("none of 1000 codes begins with a 0")
	}
}
