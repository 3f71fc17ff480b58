package drawing

import (
	"strings"
	"testing"
)

func TestAlphabet(t *testing.T) {
	if len(alphabet) < 20 {
		t.Errorf("%d characters, want at least 20", len(alphabet))
	}
	if strings.ToUpper(alphabet) != alphabet {
		t.Errorf("%q has small letters: codes are compared in lower case", alphabet)
	}
	for _, character := range alphabet {
		if strings.Count(alphabet, string(character)) > 1 {
			t.Errorf("%q is there more than once", character)
		}
	}

	if strings.ContainsAny(alphabet, "0O1IL") {
		t.Errorf("%q has one of 0/o, 1/l/i", alphabet)
	}
	for _, alike := range []string{"2Z", "5S", "8B", "9GQ", "6G", "CG", "UV", "VW", "DOQ"} {
		seen := 0
		for _, character := range alike {
			seen += strings.Count(alphabet, string(character))
		}
		if seen > 1 {
			t.Errorf("%q has more than one of %q", alphabet, alike)
		}
	}
}

func TestTexts(t *testing.T) {
	for _, test := range []struct {
		name       string
		text       func() string
		characters string
	}{
		{"Code", Code, alphabet},
		{"Random", Random, lettersAndDigits},
	} {
		t.Run(test.name, func(t *testing.T) {
			var all strings.Builder
			for range 2000 {
				text := test.text()
				if len(text) != 5 {
					t.Fatalf("%q has %d characters, want 5", text, len(text))
				}
				if rest := strings.Trim(text, test.characters); rest != "" {
					t.Fatalf("%q has %q, not of %q", text, rest, test.characters)
				}
				all.WriteString(text)
			}
			for _, character := range test.characters {
				if !strings.ContainsRune(all.String(), character) {
					t.Errorf("%q never came", character)
				}
			}
		})
	}
}
