package storage

import (
	"context"
	"errors"
	"fmt"
	"math"

	"campusgate/storage/engine"
)

// Collect makes a product a favourite of a user, and counts it; again, it does nothing. The
// product's row is locked.
func (tx *Tx) Collect(ctx context.Context, userID string, productID int64) error {
	err := tx.sql.Exec(ctx, "collect", engine.SQL(
		`INSERT INTO favourites (user_id, product_id) VALUES (?, ?)`, userID, productID))
	if errors.Is(err, ErrConflict) {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.addCollection(ctx, productID, 1)
}

// A Favourite is a product that a user has collected.
type Favourite struct {
	UserID    string
	ProductID int64
}

// AddFavourites adds favourites that the products' rows count already, all or none.
// [ErrConflict]: one is there.
func (tx *Tx) AddFavourites(ctx context.Context, favourites []Favourite) error {
	return engine.InsertRows(ctx, tx.sql, "add favourites", "favourites (user_id, product_id)", favourites,
		func(f *Favourite) []any { return []any{&f.UserID, &f.ProductID} })
}

// Uncollect ends that, and reports whether the product was one of the user's favourites.
func (tx *Tx) Uncollect(ctx context.Context, userID string, productID int64) (was bool, err error) {
	err = tx.sql.Change(ctx, "uncollect", engine.SQL(
		`DELETE FROM favourites WHERE user_id = ? AND product_id = ?`, userID, productID))
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, tx.addCollection(ctx, productID, -1)
}

// Favourites lists a user's favourites that the user may see, the last collected first; total
// counts all of them, whatever the page.
func (q *Queries) Favourites(ctx context.Context, userID string, page Page) (list []MarketProduct, total int64, err error) {
	favourites := engine.NewPagedList(marketColumns, "favourites f"+q.sql.JoinInOrder()+"products p ON p.product_id = f.product_id"+q.withSellers()+
		" WHERE f.user_id = ? AND ("+inSight+" OR "+sellerOfP+" = ?)", "f.fav_id DESC")
	return engine.CollectPage(ctx, q.sql, "favourites", favourites, []any{userID, userID}, page, (*MarketProduct).fields)
}

// EraseFavourites removes all favourites of a user, and what they count.
func (tx *Tx) EraseFavourites(ctx context.Context, userID string) error {
	var product int64
	var products []int64
	err := tx.sql.Each(ctx, "erase favourites", engine.SQL(
		`SELECT product_id FROM favourites WHERE user_id = ? ORDER BY product_id`, userID), []any{&product},
		func() { products = append(products, product) })
	if err != nil {
		return err
	}
	for _, product := range products {
		if _, err := tx.Uncollect(ctx, userID, product); err != nil {
			return fmt.Errorf("erase favourites: %w", err)
		}
	}
	return nil
}

// FavouritesAfter are the next favourites of a user behind a product, and the last of them.
func (q *Queries) FavouritesAfter(ctx context.Context, userID string, after int64) (products []int64, last int64, err error) {
	var product int64
	err = q.sql.Each(ctx, "favourites after", engine.SQL(
		`SELECT product_id FROM favourites WHERE user_id = ? AND product_id > ? ORDER BY product_id LIMIT ?`, userID, after, batchRows),
		[]any{&product}, func() { products, last = append(products, product), product })
	return products, last, err
}

// addCollection adds 1 or -1 to product_collection, which its owner may have set to any number.
func (tx *Tx) addCollection(ctx context.Context, productID, by int64) error {
	return tx.sql.Exec(ctx, "count favourites", engine.SQL(`
		UPDATE products SET product_collection = CASE WHEN product_collection = ? THEN product_collection ELSE product_collection + ? END
		WHERE product_id = ?`, map[bool]int64{true: math.MaxInt64, false: 0}[by > 0], by, productID))
}
