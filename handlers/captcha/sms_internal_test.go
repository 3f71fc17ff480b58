package captcha

import (
	"regexp"
	"testing"
)

// One code of ten begins with a 0, which is one of its digits.
func TestSMSCode(t *testing.T) {
	digits, zeros := regexp.MustCompile(`^[0-9]{6}$`), 0
	for range 1000 {
		code := smsCode()
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
