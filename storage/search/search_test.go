package search

import (
	"strings"
	"testing"
)

// TestLeadsAreBounded: a long word, and many words, are looked for by no more grams
// than one query counts.
func TestLeadsAreBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ab", 500)
	for _, words := range [][]string{{long}, strings.Split(strings.Repeat("xy,", 500), ","), {long, "z"}} {
		if got := len(byWords(words...)); got != maxLeads {
			t.Errorf("%d words: %d leads, want %d", len(words), got, maxLeads)
		}
	}
}
