package storage

import (
	"context"

	"campusgate/storage/engine"
)

// batchContent bounds the contents of products that are read at once, in characters or
// bytes: there is at least one, which may have 1 MiB.
const batchContent = 256 << 10

// ProductsAfter are the next products of a shop and a status behind a place, in the order
// of adding, and the place of the last of them; none are all of them.
func (q *Queries) ProductsAfter(ctx context.Context, shopID, status, after int64) ([]Product, int64, error) {
	for {
		last, err := q.lastOfBatch(ctx, shopID, status, after)
		if err != nil || last == after {
			return nil, last, err
		}
		list, err := engine.Collect(ctx, q.sql, "products after", engine.SQL("SELECT "+productColumns+`
			FROM products WHERE shop_id = ? AND product_status = ? AND seq > ? AND seq <= ? ORDER BY seq`,
			shopID, status, after, last), (*Product).fields)
		if err != nil || len(list) > 0 {
			return list, last, err
		}
		after = last // they have got another status meanwhile
	}
}

// lastOfBatch is the place of the last product of the batch behind a place, which is that
// place where there is none.
func (q *Queries) lastOfBatch(ctx context.Context, shopID, status, after int64) (last int64, err error) {
	var seq, content, sum int64
	last = after
	err = q.sql.Each(ctx, "batch of products", engine.SQL(`
		SELECT seq, LENGTH(product_content) FROM products
		WHERE shop_id = ? AND product_status = ? AND seq > ? ORDER BY seq LIMIT ?`, shopID, status, after, batchRows),
		[]any{&seq, &content}, func() {
			sum += content
			if last == after || sum <= batchContent {
				last = seq
			}
		})
	return last, err
}

// WithdrawProducts takes all products of a shop off sale, and those that wait to be on sale
// again back.
func (tx *Tx) WithdrawProducts(ctx context.Context, shopID, now int64) error {
	err := tx.sql.Exec(ctx, "take products back", engine.SQL(
		`UPDATE products SET review_state = ? WHERE shop_id = ? AND product_status = ? AND review_state = ?`,
		ReviewRefused, shopID, ProductDown, ReviewWaiting))
	if err != nil {
		return err
	}
	err = tx.sql.Exec(ctx, "withdraw products", engine.SQL(
		`UPDATE products SET product_status = CASE product_type WHEN 2 THEN ? ELSE ? END, update_time = ? WHERE shop_id = ? AND product_status = ?`,
		CourseWithdrawn, ProductDown, now, shopID, ProductUp))
	if err != nil {
		return err
	}
	return tx.OfferChanged(ctx, 0) // of several
}
