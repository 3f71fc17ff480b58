package storage

import (
	"context"

	"campusgate/storage/engine"
)

// The states of an order. Only one that is paying can change.
const (
	PurchasePaying = "paying"
	PurchaseFinish = "finish"
	PurchaseCancel = "cancel"
)

// A Purchase is an order, its fields in the wire's order. Prices are fen.
type Purchase struct {
	PurchaseID        string // 17 digits
	PurchaseState     string
	UserID            string // the buyer
	PurchaseType      int64  // 0
	PurchasePrice     int64
	CreatTime         int64  // Unix seconds
	PayMethod         string // "" until paid
	ProductID         int64
	ProductNum        int64 // pieces
	ProductUnitprice  int64
	ProductTotalprice int64
}

const purchaseColumns = "purchase_id, purchase_state, user_id, purchase_type, purchase_price, creat_time, pay_method, " +
	"product_id, product_num, product_unitprice, product_totalprice"

// fields are purchaseColumns.
func (p *Purchase) fields() []any {
	return []any{
		&p.PurchaseID, &p.PurchaseState, &p.UserID, &p.PurchaseType, &p.PurchasePrice, &p.CreatTime, &p.PayMethod,
		&p.ProductID, &p.ProductNum, &p.ProductUnitprice, &p.ProductTotalprice,
	}
}

// A PurchaseCursor is where an order stands among those of its buyer, the oldest first.
type PurchaseCursor struct{ CreatTime, Seq int64 }

// PurchasesAfter are a buyer's next orders behind a place, the oldest first, and the place
// of the last of them; none are all of them.
func (q *Queries) PurchasesAfter(ctx context.Context, userID string, after PurchaseCursor) ([]Purchase, PurchaseCursor, error) {
	last := after
	list, err := engine.Collect(ctx, q.sql, "purchases after", engine.SQL("SELECT "+purchaseColumns+`, creat_time, seq
		FROM purchases WHERE user_id = ? AND creat_time >= ? AND (creat_time > ? OR seq > ?)
		ORDER BY creat_time, seq LIMIT ?`, userID, after.CreatTime, after.CreatTime, after.Seq, batchRows),
		(*Purchase).fields, &last.CreatTime, &last.Seq)
	return list, last, err
}

// HasOpenPurchases reports whether orders of a user are not closed, as the buyer or as the
// owner of the shop.
func (q *Queries) HasOpenPurchases(ctx context.Context, userID string) (bool, error) {
	var open bool
	err := q.sql.Get(ctx, "open purchases", engine.SQL(`
		SELECT EXISTS (SELECT 1 FROM purchases WHERE user_id = ? AND purchase_state = 'paying')
			OR EXISTS (SELECT 1 FROM shops s JOIN products p ON p.shop_id = s.shop_id
				JOIN purchases o ON o.product_id = p.product_id AND o.purchase_state = 'paying'
				WHERE s.user_id = ?)`, userID, userID), &open)
	return open, err
}

// CancelOpenPurchases cancels the orders of HasOpenPurchases.
func (tx *Tx) CancelOpenPurchases(ctx context.Context, userID string) error {
	const operation, cancel = "cancel open purchases", "UPDATE purchases SET purchase_state = 'cancel' WHERE purchase_state = 'paying' AND "
	if err := tx.sql.Exec(ctx, operation, engine.SQL(cancel+"user_id = ?", userID)); err != nil {
		return err
	}
	return tx.sql.Exec(ctx, operation, engine.SQL(cancel+
		"product_id IN (SELECT p.product_id FROM shops s JOIN products p ON p.shop_id = s.shop_id WHERE s.user_id = ?)", userID))
}

// HasBought reports whether a user has an order of a product, in any state.
func (q *Queries) HasBought(ctx context.Context, userID string, productID int64) (bought bool, err error) {
	err = q.sql.Get(ctx, "has bought", engine.SQL(
		`SELECT EXISTS (SELECT 1 FROM purchases WHERE product_id = ? AND user_id = ?)`, productID, userID), &bought)
	return bought, err
}

// InsertPurchase adds an order. [ErrConflict]: the id is taken.
func (q *Queries) InsertPurchase(ctx context.Context, p Purchase) error {
	return q.sql.Exec(ctx, "insert purchase", engine.SQL(
		"INSERT INTO purchases ("+purchaseColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		p.PurchaseID, p.PurchaseState, p.UserID, p.PurchaseType, p.PurchasePrice, p.CreatTime, p.PayMethod,
		p.ProductID, p.ProductNum, p.ProductUnitprice, p.ProductTotalprice))
}

// AddPurchases adds orders, all or none. [ErrConflict]: an id is taken.
func (q *Queries) AddPurchases(ctx context.Context, orders []Purchase) error {
	return q.inTx(ctx, func(tx *Tx) error {
		return engine.InsertRows(ctx, tx.sql, "add purchases", "purchases ("+purchaseColumns+")", orders, (*Purchase).fields)
	})
}

// PurchaseOrigins returns the origins of all orders by their ids.
func (q *Queries) PurchaseOrigins(ctx context.Context) (map[string]Origin, error) {
	return q.origins(ctx, "origins of purchases", "SELECT purchase_id, user_id, creat_time, '' AS name FROM purchases")
}

// Purchase returns an order, [ErrNotFound] if there is none.
func (q *Queries) Purchase(ctx context.Context, id string) (Purchase, error) {
	var p Purchase
	err := q.sql.Get(ctx, "purchase", engine.SQL("SELECT "+purchaseColumns+" FROM purchases WHERE purchase_id = ?", id), p.fields()...)
	return p, err
}

// SetPurchaseState moves an order from one state to another and sets its
// payMethod. [ErrNotFound]: there is none in the state from; so of several
// that try, one succeeds.
func (q *Queries) SetPurchaseState(ctx context.Context, id, from, to, payMethod string) error {
	return q.sql.Change(ctx, "set purchase state", engine.SQL(`
		UPDATE purchases SET purchase_state = ?, pay_method = ?
		WHERE purchase_id = ? AND purchase_state = ?`, to, payMethod, id, from))
}

// soldOfProduct selects how many pieces of a row of products were paid.
const soldOfProduct = "SELECT COALESCE(SUM(product_num), 0) FROM purchases o WHERE o.product_id = products.product_id AND o.purchase_state = 'finish'"

var purchasesOfUser = engine.NewPagedList(purchaseColumns, "purchases WHERE user_id = ?", "creat_time DESC, seq DESC")

// Purchases lists a user's orders, the newest creat_time first, then the later
// order; total counts all of them, whatever the page.
func (q *Queries) Purchases(ctx context.Context, userID string, page Page) (list []Purchase, total int64, err error) {
	return engine.CollectPage(ctx, q.sql, "purchases", purchasesOfUser, []any{userID}, page, (*Purchase).fields)
}
