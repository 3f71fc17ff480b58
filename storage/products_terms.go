package storage

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"campusgate/storage/engine"
)

// An Offer is how a product is sold. Orders and changes of a price look at nothing
// else of it: its content may be a megabyte.
type Offer struct {
	ShopID   int64
	Price    int64  // fen
	Disprice *int64 // fen; nil: not reduced
	Status   int64  // as [Product]'s
	Stock    *int64 // free pieces; nil: unlimited
	// FirstPrice is the least down payment a piece, in fen; nil: none.
	FirstPrice *int64
	// ReviewState is [ReviewNone] but of goods that an admin has decided about.
	ReviewState int64
}

const offerColumns = "shop_id, product_price, product_disprice, product_status, product_stock"

// fields are offerColumns.
func (o *Offer) fields() []any { return []any{&o.ShopID, &o.Price, &o.Disprice, &o.Status, &o.Stock} }

// Offer returns how a product of any status is sold, without FirstPrice and ReviewState;
// [ErrNotFound] if there is none.
func (q *Queries) Offer(ctx context.Context, id int64) (Offer, error) {
	var o Offer
	err := q.sql.Get(ctx, "offer", engine.SQL(
		"SELECT "+offerColumns+" FROM products WHERE product_id = ? AND product_type = 0", id), o.fields()...)
	return o, err
}

// LockOffer is [Queries.Offer] with FirstPrice and ReviewState; the product stays so until
// the transaction's end.
func (tx *Tx) LockOffer(ctx context.Context, id int64) (Offer, error) {
	var o Offer
	err := tx.sql.Get(ctx, "lock offer", engine.SQL("SELECT "+offerColumns+
		", first_price, review_state FROM products WHERE product_id = ? AND product_type = 0"+tx.sql.ForUpdate(), id),
		append(o.fields(), &o.FirstPrice, &o.ReviewState)...)
	return o, err
}

// Unlimited unsets a product's stock in [ProductTerms].
const Unlimited = -1

// ProductTerms are how a product is offered, beside what [Product] has. Nil fields stay as
// they are. Prices are fen.
type ProductTerms struct {
	Stock         *int64 // free pieces; [Unlimited] is no limit
	OriginalPrice *int64
	ShipPrice     *int64
	SellMethod    *int64  // 0 any, 1 face to face, 2 express
	CategoryID    *int64  // 0 is none; whoever sets it has locked the category
	FirstPrice    *int64  // the least down payment a piece; 0 is none
	Pics          *string // one URL a line
}

// SetProductTerms sets the terms of a product of any type. [ErrNotFound]: there is none.
func (tx *Tx) SetProductTerms(ctx context.Context, id int64, t ProductTerms) error {
	err := tx.sql.Change(ctx, "set product terms", engine.SQL(`
		UPDATE products SET
			product_stock = NULLIF(COALESCE(?, product_stock), -1),
			original_price = COALESCE(?, original_price),
			ship_price = COALESCE(?, ship_price),
			sell_method = COALESCE(?, sell_method),
			category_id = NULLIF(COALESCE(?, category_id), 0),
			first_price = NULLIF(COALESCE(?, first_price), 0),
			pics = COALESCE(?, pics)
		WHERE product_id = ?`,
		t.Stock, t.OriginalPrice, t.ShipPrice, t.SellMethod, t.CategoryID, t.FirstPrice, t.Pics, id))
	if err == nil && (t.SellMethod != nil || t.CategoryID != nil) {
		err = tx.keepTexts(ctx, id)
	}
	if err != nil {
		return err
	}
	return tx.OfferChanged(ctx, id)
}

// productSoldOut selects a product of which nothing is left.
const productSoldOut = "SELECT 1 FROM products WHERE product_id = ? AND product_stock = 0"

// AddSale takes sold pieces, not negative, out of a product's stock, if it has one, and counts
// them: as sold in paid orders, and in product_sale, which stops at the greatest int64.
// [ErrConflict]: others have taken the stock. A product that is gone is no error: its orders
// live on.
func (q *Queries) AddSale(ctx context.Context, productID, pieces int64) error {
	const operation = "add sale"
	return q.inTx(ctx, func(tx *Tx) error {
		// Most products have no stock. Where none is set, SQLite leaves the indexes alone that
		// ask whether there is any.
		counted := []any{pieces, math.MaxInt64 - pieces, int64(math.MaxInt64), pieces, productID}
		err := tx.sql.Change(ctx, operation, engine.SQL("UPDATE products SET "+countSale+"IS NULL", counted...))
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		err = tx.sql.Change(ctx, operation, engine.SQL("UPDATE products SET product_stock = product_stock - ?, "+countSale+">= ?",
			slices.Concat([]any{pieces}, counted, []any{pieces})...))
		if !errors.Is(err, ErrNotFound) {
			return errors.Join(err, tx.soldOut(ctx, productID))
		}
		var short bool
		err = tx.sql.Get(ctx, operation, engine.SQL(`SELECT EXISTS (SELECT 1 FROM products WHERE product_id = ?)`, productID), &short)
		if err == nil && short {
			err = fmt.Errorf("%s: %w", operation, ErrConflict)
		}
		return err
	})
}

// countSale counts sold pieces of a product whose stock meets what is written behind it.
const countSale = `product_sold = product_sold + ?,
	product_sale = CASE WHEN product_sale > ? THEN ? ELSE product_sale + ? END
	WHERE product_id = ? AND product_stock `
