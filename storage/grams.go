package storage

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A text that contains a word contains the word's grams: each of its characters,
// and each two that are neighbours. A table of the grams of all rows finds the few
// rows that may contain a word; the LIKE that follows decides.

// maxGram bounds a gram in bytes. Two characters have 8 at most.
const maxGram = 64

// A gramTable holds the grams of a list's rows.
type gramTable struct {
	name string
	key  []string // of a row; with the gram before it the primary key
}

// propertyGrams have the order of the list of notices.
func propertyGrams() gramTable {
	return gramTable{"property_grams", []string{"property_type", "property_update_time", "property_id"}}
}

// productGrams have the order of adding.
func productGrams() gramTable {
	return gramTable{"product_grams", []string{"product_seq"}}
}

// replace stores the grams of the row with the key. Those that are there stay.
func (t gramTable) replace(ctx context.Context, tx *Tx, grams []string, key ...any) error {
	if len(grams) == 0 {
		return nil
	}
	row := "(?" + strings.Repeat(", ?", len(key)) + ")"
	args := make([]any, 0, len(grams)*(1+len(key)))
	for _, gram := range grams {
		args = append(append(args, []byte(gram)), key...)
	}
	return tx.execOnce(ctx, "add to "+t.name, "REPLACE INTO "+t.name+" (gram, "+strings.Join(t.key, ", ")+") VALUES "+
		row+strings.Repeat(", "+row, len(grams)-1), args)
}

// remove removes the grams of the row with the key.
func (t gramTable) remove(ctx context.Context, tx *Tx, grams []string, key ...any) error {
	if len(grams) == 0 {
		return nil
	}
	args := make([]any, 0, len(grams)+len(key))
	for _, gram := range grams {
		args = append(args, []byte(gram))
	}
	return tx.execOnce(ctx, "remove from "+t.name, "DELETE FROM "+t.name+
		" WHERE gram IN (?"+strings.Repeat(", ?", len(grams)-1)+") AND "+strings.Join(t.key, " = ? AND ")+" = ?", append(args, key...))
}

// grams are those of the notice's words and ids.
func (p Property) grams() []string {
	set := map[string]struct{}{}
	addWords(set, p.Lab, p.Title, p.Content)
	set[idGram(strconv.FormatInt(p.ID, 10))] = struct{}{}
	// Every end of the user's id, so that a part of it is the start of a gram.
	for i := range p.UserID {
		set[idGram(p.UserID[i:])] = struct{}{}
	}
	return slices.Sorted(maps.Keys(set))
}

func (p Property) gramKey() []any { return []any{p.Type, p.UpdateTime, p.ID} }

// productWordGrams are those of a product's words.
func productWordGrams(name, key string) []string {
	set := map[string]struct{}{}
	addWords(set, name, key)
	return slices.Sorted(maps.Keys(set))
}

// addWords adds the grams of each text to set.
func addWords(set map[string]struct{}, texts ...string) {
	for _, text := range texts {
		text, before := foldCase(text), 0
		for start := 0; start < len(text); {
			_, size := utf8.DecodeRuneInString(text[start:])
			set[text[start:start+size]] = struct{}{}
			set[text[before:start+size]] = struct{}{}
			before, start = start, start+size
		}
	}
}

// wordGrams are the grams that every text with the word has and that say most:
// its pairs of characters, or its only one.
func wordGrams(word string) []string {
	word = foldCase(word)
	_, size := utf8.DecodeRuneInString(word)
	if size == len(word) {
		return []string{word}
	}
	var grams []string
	for before, start := 0, size; start < len(word); {
		_, size := utf8.DecodeRuneInString(word[start:])
		grams = append(grams, word[before:start+size])
		before, start = start, start+size
	}
	return grams
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
