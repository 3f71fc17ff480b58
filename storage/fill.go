package storage

import (
	"context"

	"campusgate/storage/engine"
	"campusgate/storage/search"
)

// fillBatch bounds the rows of one transaction that makes grams.
const fillBatch = 200

// An older list has rows that are older than its index. Its batch is the first
// fillBatch of them behind a row, and the last of these.
type older struct {
	name  string
	index *search.Index
	batch func(ctx context.Context, tx *Tx, after int64) (entries []search.Entry, last int64, err error)
}

// worded are the lists whose words are searched.
var worded = []older{
	{"properties", propertyIndex, olderProperties},
	{"products", productIndex, olderProducts},
}

// fillGrams makes the grams of the rows that are older than the tables of grams.
// Several processes may do so together, and one may go on where another died: each
// batch is one transaction with the note of how far it came.
func (db *DB) fillGrams(ctx context.Context) error {
	for _, list := range worded {
		for done := false; !done; {
			err := db.InTx(ctx, func(tx *Tx) (err error) {
				done, err = tx.fill(ctx, list)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// fill makes the grams of one batch, and reports whether there was none left.
func (tx *Tx) fill(ctx context.Context, list older) (done bool, err error) {
	const operation = "progress of grams"
	var last int64 // row whose grams were made
	err = tx.sql.Get(ctx, operation, engine.SQL("SELECT COALESCE(MAX(last_row), 0) FROM gram_progress WHERE list = ?", list.name), &last)
	if err != nil {
		return false, err
	}
	entries, last, err := list.batch(ctx, tx, last)
	if err != nil || len(entries) == 0 {
		return true, err
	}
	if err := list.index.Add(ctx, tx.sql, entries...); err != nil {
		return false, err
	}
	return false, tx.sql.Exec(ctx, operation, engine.SQL("REPLACE INTO gram_progress (list, last_row) VALUES (?, ?)", list.name, last))
}

func olderProperties(ctx context.Context, tx *Tx, after int64) (entries []search.Entry, last int64, err error) {
	batch, err := engine.Collect(ctx, tx.sql, "properties without grams", engine.SQL("SELECT "+propertyColumns+
		" FROM properties WHERE id > ? ORDER BY id LIMIT ?"+tx.sql.ForUpdate(), after, fillBatch), (*Property).fields)
	for _, p := range batch {
		entries, last = append(entries, p.entry()), p.ID
	}
	return entries, last, err
}

func olderProducts(ctx context.Context, tx *Tx, after int64) (entries []search.Entry, last int64, err error) {
	batch, err := engine.Collect(ctx, tx.sql, "products without grams", engine.SQL("SELECT "+wordColumns+
		" FROM products WHERE seq > ? ORDER BY seq LIMIT ?"+tx.sql.ForUpdate(), after, fillBatch), (*productWords).fields)
	for _, words := range batch {
		entries, last = append(entries, words.entry()), words.Seq
	}
	return entries, last, err
}
