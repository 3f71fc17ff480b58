package search

import (
	"maps"
	"slices"
	"unicode/utf8"
)

// maxGram bounds a gram in bytes. Two characters have 8 at most.
const maxGram = 64

// grams are those of the entry's words and ids, sorted.
func (e Entry) grams() []string {
	set := map[string]struct{}{}
	addWords(set, e.Words...)
	for _, id := range e.IDs {
		set[idGram(id)] = struct{}{}
	}
	for _, id := range e.IDParts {
		for i := range id { // every end of it, so that a part is the start of a gram
			set[idGram(id[i:])] = struct{}{}
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// addWords adds the grams of each text to set, and its last character, so that
// each of its characters is the start of a gram.
func addWords(set map[string]struct{}, texts ...string) {
	for _, text := range texts {
		for _, gram := range pairs(foldCase(text)) {
			set[gram] = struct{}{}
		}
		if _, last := utf8.DecodeLastRuneInString(text); last > 0 {
			set[foldCase(text[len(text)-last:])] = struct{}{}
		}
	}
}

// pairs are each two neighbouring characters of text.
func pairs(text string) []string {
	var pairs []string
	_, first := utf8.DecodeRuneInString(text)
	for before, start := 0, first; start < len(text); {
		_, size := utf8.DecodeRuneInString(text[start:])
		pairs = append(pairs, text[before:start+size])
		before, start = start, start+size
	}
	return pairs
}

// idGram is the gram of an id, which no word has: texts are without NUL.
func idGram(id string) string {
	gram := "\x00" + foldCase(id)
	return gram[:min(len(gram), maxGram)]
}

// foldCase makes A-Z small, as part matches ignore their case and no other's.
func foldCase(text string) string {
	folded := []byte(text)
	for i, b := range folded {
		if 'A' <= b && b <= 'Z' {
			folded[i] = b - 'A' + 'a'
		}
	}
	return string(folded)
}
