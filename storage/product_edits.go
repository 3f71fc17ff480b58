package storage

import (
	"context"
	"errors"
	"strings"

	"campusgate/storage/engine"
)

// A ProductVersion is what of a second-hand product its seller writes and a review decides.
// Prices are fen.
type ProductVersion struct {
	Name, Content string
	Price         int64
	OriginalPrice *int64
	SellMethod    int64 // 0 any, 1 face to face, 2 express
	ShipPrice     int64
	CategoryID    *int64
	Pics          []string // URLs, the first is the cover
}

// A ProductEdit is a version of a product of which an older one is in sight.
type ProductEdit struct {
	ProductVersion

	ReviewState int64 // [ReviewWaiting] or [ReviewRefused]
	ReviewNote  string
}

// ProductEdit returns the newest version of a product where an older one is in sight,
// [ErrNotFound] where there is no newer.
func (q *Queries) ProductEdit(ctx context.Context, productID int64) (e ProductEdit, err error) {
	var pics string
	err = q.sql.Get(ctx, "product edit", engine.SQL(`
		SELECT product_name, product_content, product_price, original_price, sell_method, ship_price, category_id, pics,
			review_state, review_note FROM product_edits WHERE product_id = ?`, productID),
		&e.Name, &e.Content, &e.Price, &e.OriginalPrice, &e.SellMethod, &e.ShipPrice, &e.CategoryID, &pics, &e.ReviewState, &e.ReviewNote)
	e.Pics = splitPics(pics)
	return e, err
}

// SetProductEdit keeps the newest version of a product, whose row is locked.
func (tx *Tx) SetProductEdit(ctx context.Context, productID int64, e ProductEdit) error {
	const operation = "set product edit"
	values := []any{
		e.Name, e.Content, e.Price, e.OriginalPrice, e.SellMethod, e.ShipPrice, e.CategoryID, strings.Join(e.Pics, "\n"),
		e.ReviewState, e.ReviewNote, productID,
	}
	err := tx.sql.Change(ctx, operation, engine.SQL(`
		UPDATE product_edits SET product_name = ?, product_content = ?, product_price = ?, original_price = ?, sell_method = ?,
			ship_price = ?, category_id = ?, pics = ?, review_state = ?, review_note = ?
		WHERE product_id = ?`, values...))
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	return tx.sql.Exec(ctx, operation, engine.SQL(`
		INSERT INTO product_edits (product_name, product_content, product_price, original_price, sell_method, ship_price,
			category_id, pics, review_state, review_note, product_id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, values...))
}

// DeleteProductEdit removes the newer version of a product, if there is one.
func (tx *Tx) DeleteProductEdit(ctx context.Context, productID int64) error {
	return tx.sql.Exec(ctx, "delete product edit", engine.SQL(`DELETE FROM product_edits WHERE product_id = ?`, productID))
}

// joinEdits joins to products p their newer versions e.
const joinEdits = " LEFT JOIN product_edits e ON e.product_id = p.product_id"

// editInCategory selects the newer versions that are in a category.
const editInCategory = "SELECT 1 FROM product_edits WHERE category_id = ?"
