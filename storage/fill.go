package storage

import (
	"cmp"
	"context"
	"slices"
)

// fillBatch bounds the rows of one transaction that makes grams.
const fillBatch = 200

// fillGrams makes the grams of the rows that are older than the tables of grams.
// Several processes may do so together, and one may go on where another died: each
// batch is one transaction with the note of how far it came.
func (db *DB) fillGrams(ctx context.Context) error {
	for _, fill := range []func(context.Context, *Tx) (bool, error){fillProperties, fillProducts} {
		for done := false; !done; {
			err := db.InTx(ctx, func(tx *Tx) (err error) {
				done, err = fill(ctx, tx)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func fillProperties(ctx context.Context, tx *Tx) (done bool, err error) {
	const list = "properties"
	last, err := tx.gramProgress(ctx, list)
	if err != nil {
		return false, err
	}
	batch, err := collect[Property](ctx, &tx.Queries, "properties without grams", query{text: "SELECT " + propertyColumns +
		" FROM properties WHERE id > ? ORDER BY id LIMIT ?" + tx.dialect.forUpdate}, []any{last, fillBatch})
	if err != nil || len(batch) == 0 {
		return true, err
	}
	var rows []gramRow
	for _, p := range batch {
		rows = append(rows, gramRows(p.grams(), p.gramKey())...)
	}
	if err := propertyGrams().add(ctx, tx, inTableOrder(rows)); err != nil {
		return false, err
	}
	return false, tx.setGramProgress(ctx, list, batch[len(batch)-1].ID)
}

func fillProducts(ctx context.Context, tx *Tx) (done bool, err error) {
	const list = "products"
	last, err := tx.gramProgress(ctx, list)
	if err != nil {
		return false, err
	}
	batch, err := collect[productWords](ctx, &tx.Queries, "products without grams", query{text: "SELECT " + wordColumns +
		" FROM products WHERE seq > ? ORDER BY seq LIMIT ?" + tx.dialect.forUpdate}, []any{last, fillBatch})
	if err != nil || len(batch) == 0 {
		return true, err
	}
	var rows []gramRow
	for _, words := range batch {
		rows = append(rows, gramRows(words.grams(), words.gramKey())...)
	}
	if err := productGrams().add(ctx, tx, inTableOrder(rows)); err != nil {
		return false, err
	}
	return false, tx.setGramProgress(ctx, list, batch[len(batch)-1].Seq)
}

// inTableOrder sorts rows so that a page of the table is written once, and not for
// each of its rows.
func inTableOrder(rows []gramRow) []gramRow {
	slices.SortStableFunc(rows, func(a, b gramRow) int { return cmp.Compare(a.gram, b.gram) })
	return rows
}

// gramProgress is the last row of the list whose grams were made.
func (tx *Tx) gramProgress(ctx context.Context, list string) (last int64, err error) {
	err = tx.get(ctx, "progress of grams", &last, "SELECT COALESCE(MAX(last_row), 0) FROM gram_progress WHERE list = ?", list)
	return last, err
}

func (tx *Tx) setGramProgress(ctx context.Context, list string, last int64) error {
	_, err := tx.exec(ctx, "progress of grams", "REPLACE INTO gram_progress (list, last_row) VALUES (?, ?)", list, last)
	return err
}
