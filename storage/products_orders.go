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

// CountSale adds pieces to a product's product_sale, which stays from 0 to the greatest
// int64; negative ones take them off.
func (tx *Tx) CountSale(ctx context.Context, productID, pieces int64) error {
	return tx.sql.Exec(ctx, "count sale", engine.SQL(`
		UPDATE products SET product_sale = CASE WHEN product_sale + ? < 0 THEN 0
			WHEN product_sale > ? THEN ? ELSE product_sale + ? END
		WHERE product_id = ?`, min(pieces, 0), math.MaxInt64-max(pieces, 0), int64(math.MaxInt64), pieces, productID))
}
