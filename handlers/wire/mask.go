package wire

import (
	"regexp"
	"strings"
)

// MaskedPhone is what others see of a phone: 137****7010.
func MaskedPhone(phone string) string {
	if len(phone) < 8 {
		return strings.Repeat("*", len(phone))
	}
	return phone[:3] + strings.Repeat("*", len(phone)-7) + phone[len(phone)-4:]
}

var manyDigits = regexp.MustCompile(`[0-9]{7,}`)

// MaskedDigits is a text without what may be a phone.
func MaskedDigits(text string) string { return manyDigits.ReplaceAllStringFunc(text, MaskedPhone) }
