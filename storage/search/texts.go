package search

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"campusgate/storage/engine"
)

// A TextList describes a list whose rows are found by the words of their texts, without
// regard to case and width, and by marks. Its texts are kept beside it, folded.
type TextList struct {
	// Table has the rows, whose ids, in the order of adding, are in ID.
	Table, ID string
	// InList is the condition on Table of the rows that any question may find.
	InList string
	// Texts is the table of the texts: text_id, its key, marks, title and body.
	Texts string
	// Grams is the table of the grams: gram and gram_id, both its key.
	Grams string
}

// Texts keeps the texts of a list.
type Texts struct{ list TextList }

// NewTexts returns those of a list.
func NewTexts(list TextList) *Texts { return &Texts{list} }

// A Document is what is kept of a row.
type Document struct {
	ID    int64
	Title string   // a sort may have those first whose titles have all words
	More  []string // texts that words are looked for in, beside the title
	Marks []string // without blanks
}

// A text is a document as it is stored.
type text struct {
	id                 int64
	marks, title, body string // the body begins with the title
}

func (d Document) text() text {
	folded := text{id: d.ID, marks: strings.Join(d.Marks, " "), title: foldWords(d.Title)}
	parts := []string{folded.title}
	for _, more := range d.More {
		parts = append(parts, foldWords(more))
	}
	folded.body = strings.Join(parts, "\n")
	return folded
}

// markGram and titleGram are grams that no text has: a folded one is without NUL.
func markGram(mark string) string  { return "\x00m" + mark }
func titleGram(gram string) string { return "\x00t" + gram }

// grams are those of a text.
func (t text) grams() map[string]struct{} {
	grams := map[string]struct{}{}
	for mark := range strings.FieldsSeq(t.marks) {
		grams[markGram(mark)] = struct{}{}
	}
	for word := range strings.FieldsSeq(t.title) {
		eachGram(word, func(gram string) { grams[titleGram(gram)] = struct{}{} })
	}
	for word := range strings.FieldsSeq(t.body) {
		eachGram(word, func(gram string) { grams[gram] = struct{}{} })
	}
	return grams
}

// A gramRow is a row of the table of grams.
type gramRow struct {
	gram string
	id   int64
}

// Put keeps documents, in the transaction that has added or changed their rows and holds
// these locked. What is kept already is not written again.
func (t *Texts) Put(ctx context.Context, tx engine.Queries, documents ...Document) error {
	return t.put(ctx, tx, documents, false)
}

// Mend is Put of documents of which something may be lost: it writes all of them again.
func (t *Texts) Mend(ctx context.Context, tx engine.Queries, documents ...Document) error {
	return t.put(ctx, tx, documents, true)
}

func (t *Texts) put(ctx context.Context, tx engine.Queries, documents []Document, again bool) error {
	kept, err := t.kept(ctx, tx, documents)
	if err != nil {
		return err
	}
	var texts []text
	var added []gramRow
	for _, document := range documents {
		next, before := document.text(), kept[document.ID]
		if next == before && !again {
			continue
		}
		texts = append(texts, next)
		old := before.grams()
		for gram := range next.grams() {
			if _, there := old[gram]; !there || again {
				added = append(added, gramRow{gram, next.id})
			}
			delete(old, gram)
		}
		if err := t.remove(ctx, tx, document.ID, slices.Sorted(maps.Keys(old))); err != nil {
			return err
		}
	}
	// A page of the table is written once, and not for each of its rows.
	slices.SortFunc(added, func(a, b gramRow) int { return cmp.Or(cmp.Compare(a.gram, b.gram), cmp.Compare(a.id, b.id)) })
	return t.add(ctx, tx, texts, added)
}

// Stale are those of the documents of which something is not kept.
func (t *Texts) Stale(ctx context.Context, q engine.Queries, documents []Document) (stale []Document, err error) {
	kept, err := t.kept(ctx, q, documents)
	if err != nil {
		return nil, err
	}
	for _, document := range documents {
		next, missing := document.text(), 0
		if next == kept[document.ID] {
			if missing, err = t.missing(ctx, q, next); err != nil {
				return nil, err
			}
		}
		if next != kept[document.ID] || missing > 0 {
			stale = append(stale, document)
		}
	}
	return stale, nil
}

// kept are the texts of documents as they are stored, by their ids.
func (t *Texts) kept(ctx context.Context, q engine.Queries, documents []Document) (map[int64]text, error) {
	var row text
	kept := map[int64]text{}
	for chunk := range slices.Chunk(documents, chunkOfTexts) {
		ids := make([]any, len(chunk))
		for i, document := range chunk {
			ids[i] = document.ID
		}
		read := engine.SQL("SELECT text_id, marks, title, body FROM "+t.list.Texts+" WHERE text_id IN (?"+
			strings.Repeat(", ?", len(ids)-1)+")"+q.ForUpdate(), ids...)
		if len(chunk) > 1 {
			read = read.Once()
		}
		err := q.Each(ctx, "read "+t.list.Texts, read, []any{&row.id, &row.marks, &row.title, &row.body}, func() { kept[row.id] = row })
		if err != nil {
			return nil, err
		}
	}
	return kept, nil
}

// What one statement writes: SQLite has 32766 parameters, MySQL 16 MB.
const chunkOfTexts, chunkOfGrams = 100, 1000

func (t *Texts) add(ctx context.Context, tx engine.Queries, texts []text, grams []gramRow) error {
	for chunk := range slices.Chunk(texts, chunkOfTexts) {
		var args []any
		for _, text := range chunk {
			args = append(args, text.id, []byte(text.marks), []byte(text.title), []byte(text.body))
		}
		into := " INTO " + t.list.Texts + " (text_id, marks, title, body) VALUES "
		if err := t.replace(ctx, tx, into, 4, args); err != nil {
			return err
		}
	}
	for chunk := range slices.Chunk(grams, chunkOfGrams) {
		var args []any
		for _, row := range chunk {
			args = append(args, []byte(row.gram), row.id)
		}
		if err := t.replace(ctx, tx, " INTO "+t.list.Grams+" (gram, gram_id) VALUES ", 2, args); err != nil {
			return err
		}
	}
	return nil
}

// replace writes rows of so many columns.
func (t *Texts) replace(ctx context.Context, tx engine.Queries, into string, columns int, args []any) error {
	values := ", (?" + strings.Repeat(", ?", columns-1) + ")"
	return tx.Exec(ctx, "keep texts of "+t.list.Table,
		engine.SQL("REPLACE"+into+strings.Repeat(values, len(args)/columns)[len(", "):], args...).Once())
}

func (t *Texts) remove(ctx context.Context, tx engine.Queries, id int64, grams []string) error {
	for chunk := range slices.Chunk(grams, chunkOfGrams) {
		remove := engine.SQL("DELETE FROM "+t.list.Grams+" WHERE gram IN (?"+strings.Repeat(", ?", len(chunk)-1)+") AND gram_id = ?",
			append(anyOf(chunk), id)...)
		if err := tx.Exec(ctx, "remove from "+t.list.Grams, remove.Once()); err != nil {
			return err
		}
	}
	return nil
}

// missing counts the grams of a text that are not there.
func (t *Texts) missing(ctx context.Context, q engine.Queries, kept text) (missing int, err error) {
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(kept.grams())), chunkOfGrams) {
		var found int
		count := engine.SQL("SELECT COUNT(*) FROM "+t.list.Grams+" WHERE gram IN (?"+strings.Repeat(", ?", len(chunk)-1)+") AND gram_id = ?",
			append(anyOf(chunk), kept.id)...)
		if err := q.Get(ctx, "look into "+t.list.Grams, count.Once(), &found); err != nil {
			return 0, err
		}
		missing += len(chunk) - found
	}
	return missing, nil
}

// anyOf are grams as values of a statement.
func anyOf(grams []string) []any {
	args := make([]any, len(grams), len(grams)+1)
	for i, gram := range grams {
		args[i] = []byte(gram)
	}
	return args
}
