package words

import (
	"bytes"
	"strings"
	"testing"
)

// FuzzRefuses holds the automaton against a look for each form in turn, and the form of
// a text against what it promises.
func FuzzRefuses(f *testing.F) {
	for _, text := range []string{
		"", "password", "p.a.s.s", "代考", "現代 考古", "加vx1", "\x00", "\xff代\xff考", "ｋ粉", "𝐩𠮷é\u0301", "a\u200bb", "六合彩", "ﬁ①㈠ⅳ", "aaaaab",
	} {
		f.Add(text, "aab")
	}
	f.Fuzz(func(t *testing.T, text, word string) {
		all := newForms()
		for _, list := range []string{"abab\naba\nbab\n六合\n合六合", strings.ReplaceAll(word, "\n", "")} {
			if err := all.read("fuzz", strings.NewReader(list)); err != nil {
				continue // no word
			}
		}
		c, err := all.compile()
		if err != nil {
			t.Fatal(err)
		}
		form := all.letters.appendForm(nil, text)
		want := false
		for _, one := range all.all {
			want = want || bytes.Contains(form, one)
		}
		if got := c.Refuses(text); got != want {
			t.Errorf("%q refused %t, want %t: form %q", text, got, want, form)
		}
		if len(form) > 2*len(text)+1 {
			t.Errorf("the form of %q takes %d bytes", text, len(form))
		}
		if again := all.letters.appendForm(nil, string(form)); !bytes.Equal(form, again) {
			t.Errorf("the form of %q is %q, whose form is %q", text, form, again)
		}
	})
}
