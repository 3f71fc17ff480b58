package storage

import (
	"context"
	"math"

	"campusgate/storage/engine"
)

// TakeStock takes pieces for an order out of a product's stock, or, with held false, finds
// that it has none, and counts the order as open. Price is what a piece costs, but of a
// course, whose price is its policy's. [ErrNotFound]: the stock is short, or not as held
// says; or the product is not on sale, or costs another price by now.
func (tx *Tx) TakeStock(ctx context.Context, productID, pieces, price int64, held bool) error {
	const onSale = "product_status = 1 AND review_state IN (0, 2) AND (product_type = 2 OR COALESCE(product_disprice, product_price) = ?)"
	if !held {
		return tx.sql.Change(ctx, "take stock", engine.SQL(
			"UPDATE products SET open_orders = open_orders + 1 WHERE product_id = ? AND product_stock IS NULL AND "+onSale, productID, price))
	}
	return tx.sql.Change(ctx, "take stock", engine.SQL(
		"UPDATE products SET product_stock = product_stock - ?, open_orders = open_orders + 1 WHERE product_id = ? AND product_stock >= ? AND "+onSale,
		pieces, productID, pieces, price))
}

// GiveStock puts pieces back into a product's stock, if it has one, and counts orders of it
// as closed. A product that is gone is no error: its orders live on.
func (tx *Tx) GiveStock(ctx context.Context, productID, pieces, closed int64) error {
	return tx.sql.Exec(ctx, "give stock back", engine.SQL(
		`UPDATE products SET product_stock = product_stock + ?, open_orders = open_orders - ? WHERE product_id = ?`, pieces, closed, productID))
}

// AddSold counts pieces of a product in orders that were paid, or, below zero, in such that
// were refunded, in product_sale too. Neither falls below 0, and product_sale stops at the
// greatest int64. A product that is gone is no error.
func (tx *Tx) AddSold(ctx context.Context, productID, pieces int64) error {
	return tx.sql.Exec(ctx, "add sold", engine.SQL(`
		UPDATE products SET product_sold = CASE WHEN product_sold < ? THEN 0 ELSE product_sold + ? END,
			product_sale = CASE WHEN product_sale > ? THEN ? WHEN product_sale < ? THEN 0 ELSE product_sale + ? END
		WHERE product_id = ?`,
		-min(0, pieces), pieces, math.MaxInt64-max(0, pieces), int64(math.MaxInt64), -min(0, pieces), pieces, productID))
}
