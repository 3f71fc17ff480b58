// Package search finds the rows of a list that contain a word, without a look at each.
//
// A gram is two neighbouring characters of a text. A text that contains a word contains
// all grams of the word, so a table of the grams of all rows leads to the few rows that
// may contain it. Such a lead may find too many rows, never too few: the list's own
// filter decides.
//
// A [List] describes itself, an [Index] keeps its table of grams and answers a
// [Question] with the statement that reads the rows.
//
// A [TextList] is one whose texts are kept beside it without regard to case and width, in
// [Texts]. Its grams have also the single characters and three neighbouring ones of ASCII, so
// that one gram tells all about a short word, and what rows are filtered by: a [TextQuestion]
// reads the fewest rows that its words, filters and sort allow.
package search

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"campusgate/storage/engine"
)

// A List describes a list and the table of the grams of its rows. The columns of the
// two tables have different names.
type List struct {
	// Table has the rows, of which Columns are read.
	Table, Columns string
	// Grams is the table of grams. Its primary key is the column gram, then Within, then
	// the grams' columns of Order; it has no others.
	Grams string
	// Within are the grams' columns that every question has values for; may be none.
	Within []string
	// Order is the order of the list. The last of its columns is the row's id.
	Order      []Column
	Descending bool
}

// A Column of the order of a list is in both of its tables.
type Column struct{ Rows, Grams string }

// An Index keeps the grams of a list.
type Index struct {
	list                 List
	key                  []string // of a row among the grams
	id                   Column
	onID, onPlace        string // conditions that join the tables
	place                string // the grams' columns of Order
	orderBy, gramOrderBy string
}

// NewIndex returns the index of a list.
func NewIndex(list List) *Index {
	var key, rows, grams, on []string
	for _, column := range list.Order {
		key = append(key, column.Grams)
		rows, grams = append(rows, column.Rows), append(grams, column.Grams)
		on = append(on, column.Rows+" = "+column.Grams)
	}
	last := len(list.Order) - 1
	return &Index{
		list: list, key: slices.Concat(list.Within, key), id: list.Order[last],
		onID: on[last], onPlace: strings.Join(on, " AND "), place: strings.Join(grams, ", "),
		orderBy: list.orderBy(rows), gramOrderBy: list.orderBy(grams),
	}
}

func (l List) orderBy(columns []string) string {
	if !l.Descending {
		return " ORDER BY " + strings.Join(columns, ", ")
	}
	return " ORDER BY " + strings.Join(columns, " DESC, ") + " DESC"
}

// An Entry is what an index keeps of a row.
type Entry struct {
	Key     []any    // the values of [List].Within, then those of Order
	Words   []string // texts in which words are searched for
	IDs     []string // ids that are searched for as a whole
	IDParts []string // ids that are searched for by a part as well
}

// Add adds entries, in the transaction that adds their rows. What is there stays.
func (i *Index) Add(ctx context.Context, tx engine.Queries, entries ...Entry) error {
	type row struct {
		gram string
		key  []any
	}
	var rows []row
	for _, entry := range entries {
		for _, gram := range entry.grams() {
			rows = append(rows, row{gram, entry.Key})
		}
	}
	if len(entries) > 1 { // a page of the table is written once, and not for each of its rows
		slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.gram, b.gram) })
	}
	for chunk := range slices.Chunk(rows, 1000) { // SQLite has 32766 parameters, MySQL 16 MB
		args := make([]any, 0, len(chunk)*(1+len(i.key)))
		for _, row := range chunk {
			args = append(append(args, []byte(row.gram)), row.key...)
		}
		values := ", (?" + strings.Repeat(", ?", len(i.key)) + ")"
		insert := engine.SQL("REPLACE INTO "+i.list.Grams+" (gram, "+strings.Join(i.key, ", ")+") VALUES "+
			strings.Repeat(values, len(chunk))[len(", "):], args...)
		if err := tx.Exec(ctx, "add to "+i.list.Grams, insert.Once()); err != nil {
			return err
		}
	}
	return nil
}

// Has reports whether all of an entry is there.
func (i *Index) Has(ctx context.Context, q engine.Queries, entry Entry) (bool, error) {
	grams := entry.grams()
	if len(grams) == 0 {
		return true, nil
	}
	args := make([]any, 0, len(grams)+len(entry.Key))
	for _, gram := range grams {
		args = append(args, []byte(gram))
	}
	var found int
	err := q.Get(ctx, "look into "+i.list.Grams, engine.SQL("SELECT COUNT(*) FROM "+i.list.Grams+" WHERE gram IN (?"+
		strings.Repeat(", ?", len(grams)-1)+") AND "+strings.Join(i.key, " = ? AND ")+" = ?", append(args, entry.Key...)...).Once(), &found)
	return found == len(grams), err
}

// Remove removes an entry, in the transaction that changes or removes its row.
func (i *Index) Remove(ctx context.Context, tx engine.Queries, entry Entry) error {
	grams := entry.grams()
	if len(grams) == 0 {
		return nil
	}
	args := make([]any, 0, len(grams)+len(entry.Key))
	for _, gram := range grams {
		args = append(args, []byte(gram))
	}
	remove := engine.SQL("DELETE FROM "+i.list.Grams+" WHERE gram IN (?"+strings.Repeat(", ?", len(grams)-1)+
		") AND "+strings.Join(i.key, " = ? AND ")+" = ?", append(args, entry.Key...)...)
	return tx.Exec(ctx, "remove from "+i.list.Grams, remove.Once())
}
