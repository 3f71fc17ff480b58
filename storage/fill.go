package storage

import (
	"context"

	"campusgate/storage/engine"
	"campusgate/storage/search"
)

// fillBatch bounds the rows of one transaction that makes grams.
const fillBatch = 200

// An older list has rows that are older than its index.
type older struct {
	name string
	// filling reports whether there may be rows whose words were not made yet.
	filling func(ctx context.Context, q *Queries) (bool, error)
	// last is the last row whose words were made, 0 for none; note notes it.
	last func(ctx context.Context, tx *Tx, list string) (int64, error)
	note func(ctx context.Context, tx *Tx, list string, last int64) error
	// batch is the first rows behind a row, and the last of these.
	batch func(ctx context.Context, tx *Tx, after int64) (words, int64, error)
	// checked is batch of the rows that are to have words in a schema that is current.
	checked func(ctx context.Context, tx *Tx, after int64) (words, int64, error)
}

// words are those of a batch of rows.
type words interface {
	rows() int
	// add keeps the words of rows that have none.
	add(ctx context.Context, tx *Tx) error
	// missing are those of the rows of which something is not kept, and mend keeps them.
	missing(ctx context.Context, tx *Tx) (words, error)
	mend(ctx context.Context, tx *Tx) error
}

// worded are the lists whose words are searched.
var worded = []older{
	{"properties", gramsAreFilled, lastGrams, noteGrams, olderProperties, olderProperties},
	{"products", gramsAreFilled, lastGrams, noteGrams, olderProducts, olderGoods},
	{"product_texts", textsAreFilled, lastText, noteOffers, olderTexts, olderTexts},
}

// fillGrams makes the grams of the rows that are older than the tables of grams.
// Several processes may do so together, and one may go on where another died: each
// batch is one transaction with the note of how far it came.
func (db *DB) fillGrams(ctx context.Context, list older) error {
	for done := false; !done; {
		err := db.InTx(ctx, func(tx *Tx) (err error) {
			done, err = tx.fill(ctx, list)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// fill makes the grams of one batch, and reports whether there was none left.
func (tx *Tx) fill(ctx context.Context, list older) (done bool, err error) {
	after, err := list.last(ctx, tx, list.name)
	if err != nil {
		return false, err
	}
	batch, last, err := list.batch(ctx, tx, after)
	if err != nil || batch.rows() == 0 {
		return true, err
	}
	if err := batch.add(ctx, tx); err != nil {
		return false, err
	}
	return false, list.note(ctx, tx, list.name, last)
}

// The table gram_progress is there while grams are made.
func gramsAreFilled(ctx context.Context, q *Queries) (bool, error) {
	return q.sql.TableExists(ctx, "gram_progress")
}

func lastGrams(ctx context.Context, tx *Tx, list string) (last int64, err error) {
	err = tx.sql.Get(ctx, "progress of grams", engine.SQL("SELECT COALESCE(MAX(last_row), 0) FROM gram_progress WHERE list = ?", list), &last)
	return last, err
}

func noteGrams(ctx context.Context, tx *Tx, list string, last int64) error {
	return tx.sql.Exec(ctx, "progress of grams", engine.SQL("REPLACE INTO gram_progress (list, last_row) VALUES (?, ?)", list, last))
}

// entries are the words of rows that an index finds.
type entries struct {
	index *search.Index
	list  []search.Entry
}

func (e entries) rows() int { return len(e.list) }

func (e entries) add(ctx context.Context, tx *Tx) error { return e.index.Add(ctx, tx.sql, e.list...) }

func (e entries) mend(ctx context.Context, tx *Tx) error { return e.add(ctx, tx) }

func (e entries) missing(ctx context.Context, tx *Tx) (words, error) {
	missing := entries{index: e.index}
	for _, entry := range e.list {
		whole, err := e.index.Has(ctx, tx.sql, entry)
		if err != nil {
			return missing, err
		}
		if !whole {
			missing.list = append(missing.list, entry)
		}
	}
	return missing, nil
}

func olderProperties(ctx context.Context, tx *Tx, after int64) (words, int64, error) {
	batch, err := engine.Collect(ctx, tx.sql, "properties without grams", engine.SQL("SELECT "+propertyColumns+
		" FROM properties WHERE id > ? ORDER BY id LIMIT ?"+tx.sql.ForUpdate(), after, fillBatch), (*Property).fields)
	found, last := entries{index: propertyIndex}, int64(0)
	for _, p := range batch {
		found.list, last = append(found.list, p.entry()), p.ID
	}
	return found, last, err
}

func olderProducts(ctx context.Context, tx *Tx, after int64) (words, int64, error) {
	return tx.productsAfter(ctx, after, "")
}

// olderGoods are goods alone, which had no type when there were no other products: the list
// that is searched by these grams has no others.
func olderGoods(ctx context.Context, tx *Tx, after int64) (words, int64, error) {
	return tx.productsAfter(ctx, after, " AND product_type = 0")
}

func (tx *Tx) productsAfter(ctx context.Context, after int64, condition string) (words, int64, error) {
	batch, err := engine.Collect(ctx, tx.sql, "products without grams", engine.SQL("SELECT "+wordColumns+
		" FROM products WHERE seq > ?"+condition+" ORDER BY seq LIMIT ?"+tx.sql.ForUpdate(), after, fillBatch), (*productWords).fields)
	found, last := entries{index: productIndex}, int64(0)
	for _, words := range batch {
		found.list, last = append(found.list, words.entry()), words.Seq
	}
	return found, last, err
}
