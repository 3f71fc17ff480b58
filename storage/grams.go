package storage

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A text that contains a word contains the word's grams: each two characters of it
// that are neighbours. A table of the grams of all rows finds the few rows that may
// contain a word; the LIKE that follows decides.

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

// A gramRow is a row of a table of grams.
type gramRow struct {
	gram string
	key  []any
}

// gramRows are the rows of one row's grams.
func gramRows(grams []string, key []any) []gramRow {
	rows := make([]gramRow, len(grams))
	for i, gram := range grams {
		rows[i] = gramRow{gram, key}
	}
	return rows
}

// add stores rows; those that are there stay.
func (t gramTable) add(ctx context.Context, tx *Tx, rows []gramRow) error {
	for chunk := range slices.Chunk(rows, 1000) { // SQLite has 32766 parameters, MySQL 16 MB
		args := make([]any, 0, len(chunk)*(1+len(t.key)))
		for _, row := range chunk {
			args = append(append(args, []byte(row.gram)), row.key...)
		}
		values := ", (?" + strings.Repeat(", ?", len(t.key)) + ")"
		err := tx.execOnce(ctx, "add to "+t.name, "REPLACE INTO "+t.name+" (gram, "+strings.Join(t.key, ", ")+") VALUES "+
			strings.Repeat(values, len(chunk))[len(", "):], args)
		if err != nil {
			return err
		}
	}
	return nil
}

// remove removes the grams of the row with the key.
func (t gramTable) remove(ctx context.Context, tx *Tx, grams []string, key []any) error {
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

// productWords is what of a product is searched.
type productWords struct {
	Seq       int64
	Name, Key string
}

// wordColumns are what productWords are read from.
const wordColumns = "seq, product_name, product_key"

// fields are wordColumns.
func (w *productWords) fields() []any { return []any{&w.Seq, &w.Name, &w.Key} }

func (w productWords) grams() []string {
	set := map[string]struct{}{}
	addWords(set, w.Name, w.Key)
	return slices.Sorted(maps.Keys(set))
}

func (w productWords) gramKey() []any { return []any{w.Seq} }

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
