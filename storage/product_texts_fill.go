package storage

import (
	"context"

	"campusgate/storage/engine"
	"campusgate/storage/search"
)

// What one transaction makes the texts of: rows, and bytes of what is searched of them. The
// more there are, the more of them share a page of the grams.
const fillTexts, fillTextBytes = 5000, 1 << 20

// documents are the texts of products.
type documents []search.Document

func (d documents) rows() int { return len(d) }

func (d documents) add(ctx context.Context, tx *Tx) error { return productTexts.Put(ctx, tx.sql, d...) }

func (d documents) mend(ctx context.Context, tx *Tx) error {
	return productTexts.Mend(ctx, tx.sql, d...)
}

func (d documents) missing(ctx context.Context, tx *Tx) (words, error) {
	stale, err := productTexts.Stale(ctx, tx.sql, d)
	return documents(stale), err
}

// The table of changes is made when the texts are.
func textsAreFilled(ctx context.Context, q *Queries) (bool, error) {
	begun, err := q.sql.TableExists(ctx, "product_text_grams")
	if err != nil || !begun {
		return false, err
	}
	done, err := q.sql.TableExists(ctx, "offer_changes")
	return !done, err
}

func lastText(ctx context.Context, tx *Tx, _ string) (last int64, err error) {
	err = tx.sql.Get(ctx, "last text", engine.SQL("SELECT COALESCE(MAX(text_id), 0) FROM product_texts"), &last)
	return last, err
}

func olderTexts(ctx context.Context, tx *Tx, after int64) (words, int64, error) {
	var found documents
	last, err := tx.lastOfTexts(ctx, after)
	if err != nil || last == after {
		return found, 0, err
	}
	var row productText
	err = tx.sql.Each(ctx, "products without texts", engine.SQL("SELECT "+textColumns+
		" FROM products p LEFT JOIN "+joinShops+" WHERE p.seq > ? AND p.seq <= ? ORDER BY p.seq"+tx.sql.ForUpdate(), after, last),
		row.fields(), func() { found = append(found, row.document()) })
	return found, last, err
}

// lastOfTexts is the last product of the batch behind a place, which is that place where there
// is none.
func (tx *Tx) lastOfTexts(ctx context.Context, after int64) (last int64, err error) {
	var seq, length, sum int64
	last = after
	err = tx.sql.Each(ctx, "batch of texts", engine.SQL(
		`SELECT seq, LENGTH(product_content) FROM products WHERE seq > ? ORDER BY seq LIMIT ?`, after, fillTexts),
		[]any{&seq, &length}, func() {
			sum += min(length, 4*searchedContent)
			if last == after || sum <= fillTextBytes {
				last = seq
			}
		})
	return last, err
}

// noteOffers counts what was sold of the products up to the last whose texts were made, and
// takes those of frozen sellers out of sight. The texts themselves tell how far it came.
func noteOffers(ctx context.Context, tx *Tx, _ string, last int64) error {
	err := tx.sql.Exec(ctx, "count what was sold", engine.SQL(
		"UPDATE products SET product_sold = ("+soldOfProduct+") WHERE seq > ? AND seq <= ?", last-fillTexts, last))
	if err != nil {
		return err
	}
	return tx.sql.Exec(ctx, "freeze older products", engine.SQL(
		"UPDATE products SET seller_frozen = 1 WHERE seq > ? AND seq <= ? AND EXISTS ("+frozenProfile+
			" AND user_id = COALESCE(("+ownerOfProduct+"), products.user_id))", last-fillTexts, last))
}
