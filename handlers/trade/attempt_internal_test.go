package trade

import (
	"strings"
	"testing"
)

// What is paid is told in one line without the marks of bills, and is never nothing.
func TestSubjectAt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"教材, 第三版":                     "教材, 第三版",
		"a\n`2026-11-26`,\"b\"\r\x00": "a  2026-11-26 , b",
		" \t\n":                       "商品",
		strings.Repeat("茶", 40):       strings.Repeat("茶", 32),
	} {
		if got := subjectAt(text); got != want {
			t.Errorf("%q is told as %q, want %q", text, got, want)
		}
	}
}
