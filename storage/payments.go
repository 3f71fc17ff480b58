package storage

import (
	"context"
	"fmt"
	"strings"

	"campusgate/storage/engine"
)

// What payments are for.
const (
	PayOrders   = "order"    // all orders of a commit
	PayRecharge = "recharge" // money into the wallet
	PayCredit   = "credit"   // an order's debt
)

// The states of a payment.
const (
	PaymentWaiting = "waiting"
	PaymentPaid    = "paid"
	PaymentClosed  = "closed"
)

// A Payment is what a user pays at once. Money is fen, times are Unix seconds, 0 is none.
type Payment struct {
	PayID          string // 17 digits, the first ten the second of its making; ends in 00
	Purpose        string // [PayOrders], [PayRecharge] or [PayCredit]
	UserID         string // who pays
	OrderID        string // of [PayCredit]
	State          string // [PaymentWaiting], [PaymentPaid] or [PaymentClosed]
	Price          int64
	Method         string // wallet or a channel, once it was chosen
	CashierKeyHash []byte // of the key of the cashier's page; empty before there is one
	ExpireTime     int64
	CreatTime      int64
	PayTime        int64
}

const paymentColumns = "p.pay_id, p.purpose, p.user_id, p.order_id, p.pay_state, p.pay_price, p.method, p.cashier_key_hash, " +
	"p.expire_time, p.creat_time, p.pay_time"

// fields are paymentColumns.
func (p *Payment) fields() []any {
	return []any{
		&p.PayID, &p.Purpose, &p.UserID, &p.OrderID, &p.State, &p.Price, &p.Method, &p.CashierKeyHash,
		&p.ExpireTime, &p.CreatTime, &p.PayTime,
	}
}

// InsertPayment adds a payment that waits. [ErrConflict]: the id is taken.
func (tx *Tx) InsertPayment(ctx context.Context, p Payment) error {
	if p.CashierKeyHash == nil {
		p.CashierKeyHash = []byte{}
	}
	return tx.sql.Exec(ctx, "insert payment", engine.SQL(`
		INSERT INTO payments (pay_id, purpose, user_id, order_id, pay_state, pay_price, method, cashier_key_hash, expire_time, creat_time)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		p.PayID, p.Purpose, p.UserID, p.OrderID, PaymentWaiting, p.Price, p.Method, p.CashierKeyHash, p.ExpireTime, p.CreatTime))
}

// AddPayments adds payments in the states that they have, all or none, as orders' rows are
// added that they are for. [ErrConflict]: an id is taken.
func (tx *Tx) AddPayments(ctx context.Context, payments []Payment) error {
	for i := range payments {
		if payments[i].CashierKeyHash == nil {
			payments[i].CashierKeyHash = []byte{}
		}
	}
	return engine.InsertRows(ctx, tx.sql, "add payments", "payments ("+strings.ReplaceAll(paymentColumns, "p.", "")+")", payments, (*Payment).fields)
}

// Payment returns a payment. [ErrNotFound]: there is none.
func (q *Queries) Payment(ctx context.Context, payID string) (Payment, error) {
	return q.payment(ctx, "payment", payID, "")
}

// LockPayment is [Queries.Payment]; it stays so until the transaction's end. Whoever locks
// more than one locks the payment first, then its orders, users, records of coupons, and
// products, each by ascending ids.
func (tx *Tx) LockPayment(ctx context.Context, payID string) (Payment, error) {
	return tx.payment(ctx, "lock payment", payID, tx.sql.ForUpdate())
}

func (q *Queries) payment(ctx context.Context, operation, payID, lock string) (Payment, error) {
	var p Payment
	err := q.sql.Get(ctx, operation, engine.SQL("SELECT "+paymentColumns+" FROM payments p WHERE p.pay_id = ?"+lock, payID), p.fields()...)
	return p, err
}

// LockPaymentOrders locks a payment and all its orders, which are by id, in one statement.
// [ErrNotFound]: there is no such payment, or it is for no orders.
func (tx *Tx) LockPaymentOrders(ctx context.Context, payID string) (Payment, []*Order, error) {
	const operation = "lock payment's orders"
	type row struct {
		Payment Payment
		Order   Order
	}
	rows, err := engine.Collect(ctx, tx.sql, operation, engine.SQL("SELECT "+paymentColumns+", "+orderColumns+
		" FROM payments p"+tx.sql.JoinInOrder()+joinOrders+" WHERE p.pay_id = ? ORDER BY o.order_id"+tx.sql.ForUpdate(), payID),
		func(r *row) []any { return append(r.Payment.fields(), r.Order.fields()...) })
	if err != nil {
		return Payment{}, nil, err
	}
	if len(rows) == 0 {
		return Payment{}, nil, fmt.Errorf("%s: %w", operation, ErrNotFound)
	}
	orders := make([]*Order, len(rows))
	for i := range rows {
		orders[i] = &rows[i].Order
	}
	return rows[0].Payment, orders, nil
}

// PaidRepayments are the payments of an order's debt that are paid, the earliest first.
func (q *Queries) PaidRepayments(ctx context.Context, orderID string) ([]Payment, error) {
	return engine.Collect(ctx, q.sql, "paid repayments", engine.SQL("SELECT "+paymentColumns+
		" FROM payments p WHERE p.order_id = ? AND p.purpose = ? AND p.pay_state = ? ORDER BY p.pay_time, p.pay_id",
		orderID, PayCredit, PaymentPaid), (*Payment).fields)
}

// EndPayment writes that a payment is paid or closed, as its State says, with Method and
// PayTime. [ErrNotFound]: it does not wait; so of several that try, one succeeds.
func (tx *Tx) EndPayment(ctx context.Context, p Payment) error {
	return tx.sql.Change(ctx, "end payment", engine.SQL(`
		UPDATE payments SET pay_state = ?, method = ?, pay_time = ? WHERE pay_id = ? AND pay_state = ?`,
		p.State, p.Method, p.PayTime, p.PayID, PaymentWaiting))
}

// SetCashierKey gives a payment that waits a new key of the cashier's page, by its hash.
// [ErrNotFound]: it does not wait.
func (q *Queries) SetCashierKey(ctx context.Context, payID string, hash []byte) error {
	return q.sql.Change(ctx, "set cashier key", engine.SQL(
		`UPDATE payments SET cashier_key_hash = ? WHERE pay_id = ? AND pay_state = ?`, hash, payID, PaymentWaiting))
}

// SetPaymentMethod writes how a payment that waits is to be paid.
func (tx *Tx) SetPaymentMethod(ctx context.Context, payID, method string) error {
	return tx.sql.Change(ctx, "set payment method", engine.SQL(
		`UPDATE payments SET method = ? WHERE pay_id = ? AND pay_state = ?`, method, payID, PaymentWaiting))
}

// Repayment is the payment of an order's debt that waits, if one does. [ErrNotFound]: none
// does.
func (q *Queries) Repayment(ctx context.Context, orderID string) (Payment, error) {
	var p Payment
	err := q.sql.Get(ctx, "repayment", engine.SQL("SELECT "+paymentColumns+
		" FROM payments p WHERE p.order_id = ? AND p.pay_state = ? ORDER BY p.pay_id LIMIT 1", orderID, PaymentWaiting), p.fields()...)
	return p, err
}

// CountWaiting counts a user's payments of a purpose that wait. In a transaction after
// [Tx.LockProfile] it holds until the transaction's end.
func (q *Queries) CountWaiting(ctx context.Context, userID, purpose string) (count int64, err error) {
	err = q.sql.Get(ctx, "count payments", engine.SQL(
		`SELECT COUNT(*) FROM payments WHERE user_id = ? AND pay_state = ? AND purpose = ?`, userID, PaymentWaiting, purpose), &count)
	return count, err
}

// PaymentsAfter are a user's next payments behind an id, by id, and the last id; none are
// all of them.
func (q *Queries) PaymentsAfter(ctx context.Context, userID, after string) ([]Payment, string, error) {
	list, err := engine.Collect(ctx, q.sql, "payments after", engine.SQL("SELECT "+paymentColumns+
		" FROM payments p WHERE p.user_id = ? AND p.pay_id > ? ORDER BY p.pay_id LIMIT ?", userID, after, batchRows), (*Payment).fields)
	if len(list) > 0 {
		after = list[len(list)-1].PayID
	}
	return list, after, err
}
