package bus

import (
	"strings"
	"testing"
)

// What was encoded is decoded, by others than who has encoded it; what is cut short, or no
// message of a replica, is left out and harms nobody.
func FuzzDecode(f *testing.F) {
	f.Add("12", []byte("a"), "\xff")
	f.Add("", []byte{}, strings.Repeat("A", 26)+"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01")
	one, other := NewRedis(nil, nil, nil), NewRedis(nil, nil, nil)
	f.Fuzz(func(t *testing.T, user string, text []byte, broken string) {
		message := string(encode(one.replica, []published{{user, text}, {"", nil}, {user, text}}))
		var got []published
		other.decode(message, func(user string, text []byte) { got = append(got, published{user, text}) })
		if len(got) != 3 || got[0].user != user || string(got[2].text) != string(text) || got[1].user != "" || len(got[1].text) > 0 {
			t.Errorf("%q, %q: %v", user, text, got)
		}
		one.decode(message, func(string, []byte) { t.Error("it decodes what it has published") })
		for cut := range message {
			other.decode(message[:cut], func(string, []byte) {})
		}
		other.decode(broken, func(string, []byte) {})
	})
}
