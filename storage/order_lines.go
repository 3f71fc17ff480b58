package storage

import (
	"context"

	"campusgate/storage/engine"
)

// An OrderLine is some pieces of one product, as they were bought. Money is fen:
// LinePrice = CouponOff + ShopOff + MarketOff + BeliOff + CreditPrice + PayPrice.
type OrderLine struct {
	OrderID     string
	Line        int64  // from 0
	UserID      string // the buyer
	ProductID   int64
	PolicyID    int64 // of a course
	ValidPeriod int64 // of a course, days
	ProductName string
	PicURL      string
	Price       int64 // a piece
	Pieces      int64
	LinePrice   int64
	CouponOff   int64 // by the product's coupon
	ShopOff     int64
	MarketOff   int64
	BeliOff     int64
	CreditPrice int64
	PayPrice    int64
	RecordID    int64 // of the product's coupon
	StockHeld   bool  // the pieces were taken out of a stock
	Returned    int64 // pieces that were refunded or sent back
}

const lineColumns = "order_id, line, user_id, product_id, price_policy_id, valid_period, product_name, pic_url, price, product_num, line_price, " +
	"coupon_off, shop_off, market_off, beli_off, credit_price, pay_price, record_id, stock_held, returned"

// fields are lineColumns.
func (l *OrderLine) fields() []any {
	return []any{
		&l.OrderID, &l.Line, &l.UserID, &l.ProductID, &l.PolicyID, &l.ValidPeriod, &l.ProductName, &l.PicURL, &l.Price, &l.Pieces, &l.LinePrice,
		&l.CouponOff, &l.ShopOff, &l.MarketOff, &l.BeliOff, &l.CreditPrice, &l.PayPrice, &l.RecordID, &l.StockHeld, &l.Returned,
	}
}

// InsertOrderLines adds the lines of new orders.
func (tx *Tx) InsertOrderLines(ctx context.Context, lines []OrderLine) error {
	return engine.InsertRows(ctx, tx.sql, "insert order lines", "order_lines ("+lineColumns+")", lines, (*OrderLine).fields)
}

// OrderLines are the lines of orders, by order and line.
func (q *Queries) OrderLines(ctx context.Context, orderIDs ...string) ([]OrderLine, error) {
	if len(orderIDs) == 0 {
		return nil, nil
	}
	return engine.Collect(ctx, q.sql, "order lines", inTexts("SELECT "+lineColumns+" FROM order_lines WHERE order_id IN ", orderIDs).
		Then(" ORDER BY order_id, line").Indexed(), (*OrderLine).fields)
}

// orderLinesBetween are the lines of the orders from an id to another, by order and line.
func (q *Queries) orderLinesBetween(ctx context.Context, first, last string) ([]OrderLine, error) {
	return engine.Collect(ctx, q.sql, "order lines between", engine.SQL(
		"SELECT "+lineColumns+" FROM order_lines WHERE order_id >= ? AND order_id <= ? ORDER BY order_id, line", first, last), (*OrderLine).fields)
}

// ReturnPieces counts pieces of a line as refunded or sent back. [ErrNotFound]: there are
// not so many left.
func (tx *Tx) ReturnPieces(ctx context.Context, orderID string, line, pieces int64) error {
	return tx.sql.Change(ctx, "return pieces", engine.SQL(
		`UPDATE order_lines SET returned = returned + ? WHERE order_id = ? AND line = ? AND returned + ? <= product_num`,
		pieces, orderID, line, pieces))
}

// HasOrdered reports whether a user has an order of a product, in any state.
func (q *Queries) HasOrdered(ctx context.Context, userID string, productID int64) (ordered bool, err error) {
	err = q.sql.Get(ctx, "has ordered", engine.SQL(
		`SELECT EXISTS (SELECT 1 FROM order_lines WHERE product_id = ? AND user_id = ?)`, productID, userID), &ordered)
	return ordered, err
}

// RefundWaits reports whether an order of a product by a user waits for a refund to be
// decided.
func (q *Queries) RefundWaits(ctx context.Context, userID string, productID int64) (waits bool, err error) {
	err = q.sql.Get(ctx, "refund waits", engine.SQL(
		"SELECT EXISTS (SELECT 1 FROM order_lines l"+q.sql.JoinInOrder()+"orders o ON o.order_id = l.order_id "+
			"WHERE l.product_id = ? AND l.user_id = ? AND o.list_state = 'refund' AND o.closed_time = 0)", productID, userID), &waits)
	return waits, err
}
