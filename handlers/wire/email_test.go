package wire

import (
	"net/mail"
	"strings"
	"testing"
)

func TestIsEmail(t *testing.T) {
	long := strings.Repeat("a", 64)
	for address, want := range map[string]bool{
		"a@example.org":                          true,
		"1180310086@zust.edu.cn":                 true,
		"first.last+tag@a-b.example":             true,
		"!#$%&'*+/=?^_`{|}~-@a.b":                true,
		"a@xn--fiqs8s.xn--fiqs8s":                true,
		long + "@example.org":                    true,
		long + "a@example.org":                   false,
		"a." + long[:62] + "@a.org":              true,
		"a." + long + "@a.org":                   false,
		"a@" + long[:63] + ".org":                true,
		"a@" + long + ".org":                     false,
		"a@" + strings.Repeat("a.", 124) + "org": true,  // 253 bytes
		"a@" + strings.Repeat("a.", 125) + "org": false, // 255
		"":                                       false,
		"@":                                      false,
		"a":                                      false,
		"a@":                                     false,
		"@example.org":                           false,
		"a@b":                                    false, // no top-level domain
		"a@b@example.org":                        false,
		".a@example.org":                         false,
		"a.@example.org":                         false,
		"a..b@example.org":                       false,
		"a@.org":                                 false,
		"a@example..org":                         false,
		"a@example.org.":                         false,
		"a@-example.org":                         false,
		"a@example-.org":                         false,
		"a@127.0.0.1":                            false,
		"a@[127.0.0.1]":                          false,
		`"a b"@example.org`:                      false,
		"A <a@example.org>":                      false,
		"<a@example.org>":                        false,
		"a@example.org,b@example.org":            false,
		"a@example.org\r\nBcc: b@c.de":           false,
		"a@example.org\n":                        false,
		"a\r@example.org":                        false,
		" a@example.org":                         false,
		"a@example.org ":                         false,
		"a@exa mple.org":                         false,
		"a\x00@example.org":                      false,
		"ä@example.org":                          false,
		"a@例子.中国":                                false,
		"a@example.org>":                         false,
		"a(x)@example.org":                       false,
	} {
		if got := IsEmail(address); got != want {
			t.Errorf("%q: %t, want %t", address, got, want)
		}
	}
}

func TestMaskEmail(t *testing.T) {
	for address, want := range map[string]string{
		"alice@example.org": "a***@example.org", "a@b.cn": "a***@b.cn", "@b.cn": "***", "alice": "***", "": "***",
	} {
		if got := MaskEmail(address); got != want {
			t.Errorf("%q is shown as %q, want %q", address, got, want)
		}
	}
}

// What is taken for an address is one to the library too, and nothing that could end a
// line, a word or a pair of brackets.
func FuzzEmail(f *testing.F) {
	for _, address := range []string{
		"a@example.org", "first.last+tag@a-b.example", "a@b", "A <a@example.org>", "a@example.org\r\nBcc: b@c.de", `"a b"@example.org`, "ä@example.org",
	} {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		if !IsEmail(address) {
			return
		}
		parsed, err := mail.ParseAddress(address)
		if err != nil || parsed.Name != "" || parsed.Address != address {
			t.Errorf("%q is read as %v, %v", address, parsed, err)
		}
		if bad := strings.IndexFunc(address, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("<>()[]\\,;:\"", r) }); bad >= 0 {
			t.Errorf("%q has a sign at %d that is none of an address", address, bad)
		}
		if masked := MaskEmail(address); strings.Contains(masked, address) {
			t.Errorf("%q is shown whole: %q", address, masked)
		}
	})
}
