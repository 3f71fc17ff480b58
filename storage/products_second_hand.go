package storage

import (
	"context"
	"strings"

	"campusgate/storage/engine"
)

// InsertSecondHand adds a second-hand product, one piece, on sale as far as its review lets it.
// [ErrConflict]: the id is taken.
func (tx *Tx) InsertSecondHand(ctx context.Context, id int64, userID string, v ProductVersion, reviewState, now int64) error {
	err := tx.sql.Exec(ctx, "insert second-hand product", engine.SQL(`
		INSERT INTO products (product_id, product_type, user_id, product_stock, product_status, review_state, creat_time, update_time,
			product_name, product_content, product_price, original_price, sell_method, ship_price, category_id, pics, pic_url)
		VALUES (?, 1, ?, 1, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id, userID, reviewState, now, now,
		v.Name, v.Content, v.Price, v.OriginalPrice, v.SellMethod, v.ShipPrice, v.CategoryID, strings.Join(v.Pics, "\n"), v.cover()))
	if err != nil {
		return err
	}
	return tx.addTexts(ctx, id)
}

// cover is the first of the pictures.
func (v ProductVersion) cover() string {
	if len(v.Pics) == 0 {
		return ""
	}
	return v.Pics[0]
}

// Version is the version of a product that its row has.
func (d MarketDetail) Version() ProductVersion {
	return ProductVersion{d.Name, d.Content, d.Price, d.OriginalPrice, d.SellMethod, d.ShipPrice, d.CategoryID, d.Pics}
}

// SetVersion makes the product's own what another version says.
func (d *MarketDetail) SetVersion(v ProductVersion) {
	d.Name, d.Content, d.Price, d.OriginalPrice = v.Name, v.Content, v.Price, v.OriginalPrice
	d.SellMethod, d.ShipPrice, d.CategoryID = v.SellMethod, v.ShipPrice, v.CategoryID
	d.Pics, d.PicURL = v.Pics, v.cover()
}

// LockProduct is [Queries.MarketDetail]; the product stays so until the transaction's end.
func (tx *Tx) LockProduct(ctx context.Context, id int64) (MarketDetail, error) {
	var locked int64
	err := tx.sql.Get(ctx, "lock product", engine.SQL("SELECT product_id FROM products WHERE product_id = ?"+tx.sql.ForUpdate(), id), &locked)
	if err != nil {
		return MarketDetail{}, err
	}
	return tx.MarketDetail(ctx, id) // its own statement, or shop and seller would be locked too
}

// SetVersion writes a version into the row of a second-hand product, which is on sale from
// now on as far as its review lets it.
func (tx *Tx) SetVersion(ctx context.Context, id int64, v ProductVersion, reviewState, now int64) error {
	err := tx.sql.Change(ctx, "set version", engine.SQL(`
		UPDATE products SET product_name = ?, product_content = ?, product_price = ?, original_price = ?, sell_method = ?,
			ship_price = ?, category_id = ?, pics = ?, pic_url = ?, product_status = 1, review_state = ?, review_note = '', update_time = ?
		WHERE product_id = ?`,
		v.Name, v.Content, v.Price, v.OriginalPrice, v.SellMethod, v.ShipPrice, v.CategoryID, strings.Join(v.Pics, "\n"), v.cover(),
		reviewState, now, id))
	if err == nil {
		err = tx.keepTexts(ctx, id)
	}
	if err != nil {
		return err
	}
	return tx.OfferChanged(ctx, id)
}

// SetReview writes how the review of a product's row ended.
func (tx *Tx) SetReview(ctx context.Context, id, state int64, note string) error {
	err := tx.sql.Change(ctx, "set review", engine.SQL(
		`UPDATE products SET review_state = ?, review_note = ? WHERE product_id = ?`, state, note, id))
	if err != nil {
		return err
	}
	return tx.OfferChanged(ctx, id)
}

// WithdrawProduct takes a product off sale.
func (tx *Tx) WithdrawProduct(ctx context.Context, id, now int64) error {
	err := tx.sql.Change(ctx, "withdraw product", engine.SQL(
		`UPDATE products SET product_status = ?, update_time = ? WHERE product_id = ?`, ProductDown, now, id))
	if err != nil {
		return err
	}
	return tx.OfferChanged(ctx, id)
}

// PutOnSale undoes that.
func (tx *Tx) PutOnSale(ctx context.Context, id, now int64) error {
	err := tx.sql.Change(ctx, "put product on sale", engine.SQL(
		`UPDATE products SET product_status = ?, update_time = ? WHERE product_id = ?`, ProductUp, now, id))
	if err != nil {
		return err
	}
	return tx.OfferChanged(ctx, id)
}

// AddOpenOrders changes how many orders of a product are not closed: while there are some,
// its seller can neither edit nor withdraw it.
func (tx *Tx) AddOpenOrders(ctx context.Context, id, by int64) error {
	return tx.sql.Change(ctx, "add open orders", engine.SQL(
		`UPDATE products SET open_orders = open_orders + ? WHERE product_id = ?`, by, id))
}

// ProductsOf lists all products of a seller and of the seller's shops, the newest first;
// total counts all of them, whatever the page.
func (q *Queries) ProductsOf(ctx context.Context, userID string, shops []int64, page Page) (list []MarketProduct, total int64, err error) {
	condition, args := "p.user_id = ?", []any{userID}
	if len(shops) > 0 {
		condition += " OR p.shop_id IN (?" + strings.Repeat(", ?", len(shops)-1) + ")"
		for _, shop := range shops {
			args = append(args, shop)
		}
	}
	of := engine.NewPagedList(marketColumns, "products p"+q.withSellers()+" WHERE "+condition, "p.seq DESC")
	return engine.CollectPage(ctx, q.sql, "products of a seller", of, args, page, (*MarketProduct).fields)
}

// SecondHandAfter are the next products of a user that no shop sells, behind a place, and the
// place of the last of them.
func (q *Queries) SecondHandAfter(ctx context.Context, userID string, after int64) (ids []int64, last int64, err error) {
	var id int64
	err = q.sql.Each(ctx, "second-hand products after", engine.SQL(
		`SELECT product_id, seq FROM products WHERE user_id = ? AND seq > ? ORDER BY seq LIMIT ?`, userID, after, batchRows),
		[]any{&id, &last}, func() { ids = append(ids, id) })
	return ids, last, err
}

// WithdrawSecondHand takes all products of a user that no shop sells off sale.
func (tx *Tx) WithdrawSecondHand(ctx context.Context, userID string, now int64) error {
	err := tx.sql.Exec(ctx, "withdraw second-hand products", engine.SQL(
		`UPDATE products SET product_status = CASE product_type WHEN 2 THEN ? ELSE ? END, update_time = ? WHERE user_id = ? AND +product_status = ?`, // not by the index of the status
		CourseWithdrawn, ProductDown, now, userID, ProductUp))
	if err != nil {
		return err
	}
	return tx.OfferChanged(ctx, 0) // of several
}
