package storage

import (
	"context"
	"strings"

	"campusgate/storage/engine"
)

// A CartLine is some pieces of a product that a user wants to buy. The user has no other of
// that product, or of a course and that price policy.
type CartLine struct {
	CartID     int64
	UserID     string
	ProductID  int64
	PolicyID   int64 // of a course; 0 is none
	Pieces     int64
	FirstPrice *int64 // fen a piece to pay at once; nil is all
	AddedPrice int64  // fen a piece, when it was added
}

const cartColumns = "l.cart_id, l.user_id, l.product_id, l.price_policy_id, l.product_num, l.first_price, l.added_price"

// fields are cartColumns.
func (l *CartLine) fields() []any {
	return []any{&l.CartID, &l.UserID, &l.ProductID, &l.PolicyID, &l.Pieces, &l.FirstPrice, &l.AddedPrice}
}

// A CartRow is a line with what it is of.
type CartRow struct {
	Line    CartLine
	Product SaleProduct
}

// fields are cartColumns and saleColumns.
func (r *CartRow) fields() []any { return append(r.Line.fields(), r.Product.fields()...) }

// CartRows lists a user's cart, the newest line first; total counts all of it, whatever the
// page.
func (q *Queries) CartRows(ctx context.Context, userID string, page Page) (rows []CartRow, total int64, err error) {
	list := engine.NewPagedList(cartColumns+", "+saleColumns, "cart_lines l"+q.sql.JoinInOrder()+"products p ON p.product_id = l.product_id"+
		q.withActiveSellers()+" WHERE l.user_id = ?", "l.cart_id DESC")
	return engine.CollectPage(ctx, q.sql, "cart", list, []any{userID}, page, (*CartRow).fields)
}

// CartCount counts the lines of a user's cart and their pieces. In a transaction after
// [Tx.LockUser] it holds until the transaction's end.
func (q *Queries) CartCount(ctx context.Context, userID string) (lines, pieces int64, err error) {
	err = q.sql.Get(ctx, "cart count", engine.SQL(
		`SELECT COUNT(*), COALESCE(SUM(product_num), 0) FROM cart_lines WHERE user_id = ?`, userID), &lines, &pieces)
	return lines, pieces, err
}

// CartLines are lines of a user by their ids, in no order; those of others and those that
// are not there are left out.
func (q *Queries) CartLines(ctx context.Context, userID string, ids []int64) ([]CartLine, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	filter := q.sql.Filter()
	filter.In("l.cart_id", ids)
	filter.And("l.user_id = ?", userID)
	return engine.Collect(ctx, q.sql, "cart lines", engine.SQL("SELECT "+cartColumns+" FROM cart_lines l").Where(filter).Rows(len(ids)).Indexed(), (*CartLine).fields)
}

// CartLineOf returns a user's line of a product and a price policy, 0 being none.
// [ErrNotFound]: there is none.
func (q *Queries) CartLineOf(ctx context.Context, userID string, productID, policyID int64) (CartLine, error) {
	var l CartLine
	err := q.sql.Get(ctx, "cart line of a product", engine.SQL("SELECT "+cartColumns+
		" FROM cart_lines l WHERE l.user_id = ? AND l.product_id = ? AND l.price_policy_id = ?", userID, productID, policyID), l.fields()...)
	return l, err
}

// InsertCartLine adds a line, whose CartID is ignored, and returns its id. [ErrConflict]:
// the user has the product with that price policy.
func (tx *Tx) InsertCartLine(ctx context.Context, l CartLine) (id int64, err error) {
	return tx.sql.Insert(ctx, "insert cart line", engine.SQL(`
		INSERT INTO cart_lines (user_id, product_id, price_policy_id, product_num, first_price, added_price) VALUES (?, ?, ?, ?, ?, ?)`,
		l.UserID, l.ProductID, l.PolicyID, l.Pieces, l.FirstPrice, l.AddedPrice))
}

// AddCartLines adds lines with the ids that they have, all or none. [ErrConflict]: an id is
// taken, or a user has the product.
func (tx *Tx) AddCartLines(ctx context.Context, lines []CartLine) error {
	return engine.InsertRows(ctx, tx.sql, "add cart lines", "cart_lines ("+strings.ReplaceAll(cartColumns, "l.", "")+")", lines, (*CartLine).fields)
}

// UpdateCartLine writes all of a user's line but its product. [ErrNotFound]: it is gone.
// [ErrConflict]: the user has the product with that price policy in another line.
func (tx *Tx) UpdateCartLine(ctx context.Context, l CartLine) error {
	return tx.sql.Change(ctx, "update cart line", engine.SQL(`
		UPDATE cart_lines SET price_policy_id = ?, product_num = ?, first_price = ?, added_price = ? WHERE cart_id = ? AND user_id = ?`,
		l.PolicyID, l.Pieces, l.FirstPrice, l.AddedPrice, l.CartID, l.UserID))
}

// DeleteCartLines removes lines of a user by their ids, each of which is there once.
// [ErrNotFound]: one is gone, or another user's.
func (tx *Tx) DeleteCartLines(ctx context.Context, userID string, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	filter := tx.sql.Filter()
	filter.In("cart_id", ids)
	filter.And("user_id = ?", userID)
	return tx.sql.ChangeAll(ctx, "delete cart lines", engine.SQL("DELETE FROM cart_lines").Where(filter), len(ids))
}

// EraseCart removes all lines of a user.
func (tx *Tx) EraseCart(ctx context.Context, userID string) error {
	return tx.sql.Exec(ctx, "erase cart", engine.SQL(`DELETE FROM cart_lines WHERE user_id = ?`, userID))
}

// CartLinesAfter are a user's next lines behind an id, by id, and the last id; none are all
// of them.
func (q *Queries) CartLinesAfter(ctx context.Context, userID string, after int64) ([]CartLine, int64, error) {
	last := after
	list, err := engine.Collect(ctx, q.sql, "cart lines after", engine.SQL("SELECT "+cartColumns+
		", l.cart_id FROM cart_lines l WHERE l.user_id = ? AND l.cart_id > ? ORDER BY l.cart_id LIMIT ?", userID, after, batchRows),
		(*CartLine).fields, &last)
	return list, last, err
}
