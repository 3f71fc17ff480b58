package storage

import (
	"context"

	"campusgate/storage/engine"
)

// An OrderRefund is what was asked back of an order, or given back by the seller, an admin
// or a clock. Money is fen, times are Unix seconds, 0 and "" are none.
type OrderRefund struct {
	OrderID string
	Number  int64  // from 1
	Kind    string // money, return
	State   string
	Amount  int64  // asked for, and once it is decided what was given
	Items   string // lines and pieces, as JSON; "" is none
	Reason  string
	Pics    string // one URL a line
	Who     string // buyer, seller, admin or clock
	UserID  string // "" of a clock
	Note    string // of who decided
	Arrived bool   // all of it has come to where it was paid from

	AddressName  string // where it is sent back to
	AddressPhone string
	Address      string
	Logistics    string
	LogisticsID  string
	Sent         bool // by the buyer

	BackDebt      int64 // what of Amount lowered the debt
	BackPromotion int64 // what of the share that the market pays went with it
	BackBeli      int64

	CreatTime  int64
	DecideTime int64
}

const refundColumns = "order_id, number, kind, state, amount, items, reason, pics, who, user_id, note, is_arrived, " +
	"address_name, address_phone, address, logistics, logistics_id, is_sent, back_debt, back_promotion, back_beli, creat_time, decide_time"

// fields are refundColumns.
func (r *OrderRefund) fields() []any {
	return []any{
		&r.OrderID, &r.Number, &r.Kind, &r.State, &r.Amount, &r.Items, &r.Reason, &r.Pics, &r.Who, &r.UserID, &r.Note, &r.Arrived,
		&r.AddressName, &r.AddressPhone, &r.Address, &r.Logistics, &r.LogisticsID, &r.Sent,
		&r.BackDebt, &r.BackPromotion, &r.BackBeli, &r.CreatTime, &r.DecideTime,
	}
}

// AddOrderRefund adds a refund. Whoever does has locked the order, and numbers it.
func (tx *Tx) AddOrderRefund(ctx context.Context, r OrderRefund) error {
	return tx.AddOrderRefunds(ctx, []OrderRefund{r})
}

// AddOrderRefunds is [Tx.AddOrderRefund] of several orders.
func (tx *Tx) AddOrderRefunds(ctx context.Context, refunds []OrderRefund) error {
	return engine.InsertRows(ctx, tx.sql, "add order refunds", "order_refunds ("+refundColumns+")", refunds, (*OrderRefund).fields)
}

// OrderRefunds are those of an order, the oldest first.
func (q *Queries) OrderRefunds(ctx context.Context, orderID string) ([]OrderRefund, error) {
	return engine.Collect(ctx, q.sql, "order refunds", engine.SQL(
		"SELECT "+refundColumns+" FROM order_refunds WHERE order_id = ? ORDER BY number", orderID).Indexed(), (*OrderRefund).fields)
}

// UpdateOrderRefund writes how a refund stands. [ErrNotFound]: there is none of that number.
func (tx *Tx) UpdateOrderRefund(ctx context.Context, r OrderRefund) error {
	return tx.sql.Change(ctx, "update order refund", engine.SQL(`
		UPDATE order_refunds SET state = ?, amount = ?, note = ?, is_arrived = ?, address_name = ?, address_phone = ?, address = ?,
			logistics = ?, logistics_id = ?, is_sent = ?, back_debt = ?, back_promotion = ?, back_beli = ?, decide_time = ?
		WHERE order_id = ? AND number = ?`,
		r.State, r.Amount, r.Note, r.Arrived, r.AddressName, r.AddressPhone, r.Address,
		r.Logistics, r.LogisticsID, r.Sent, r.BackDebt, r.BackPromotion, r.BackBeli, r.DecideTime, r.OrderID, r.Number))
}

// EraseRefundAddresses removes from the refunds of an order where they were sent.
func (q *Queries) EraseRefundAddresses(ctx context.Context, orderID string) error {
	return q.sql.Exec(ctx, "erase refunds' addresses", engine.SQL(
		`UPDATE order_refunds SET address_name = '', address_phone = '', address = '' WHERE order_id = ?`, orderID))
}

// refunded is what was given back from a time to before another: the sum of what was asked
// for and decided so.
func (q *Queries) refunded(ctx context.Context, from, before int64) (fen int64, err error) {
	err = q.sql.Get(ctx, "refunded", engine.SQL(
		`SELECT COALESCE(SUM(amount), 0) FROM order_refunds WHERE state = 'refunded' AND decide_time >= ? AND decide_time < ?`, from, before), &fen)
	return fen, err
}

// nextRefunded is when something was given back first from a time on, 0 where nothing was.
func (q *Queries) nextRefunded(ctx context.Context, from int64) (unix int64, err error) {
	err = q.sql.Get(ctx, "next refunded", engine.SQL(
		`SELECT COALESCE(MIN(decide_time), 0) FROM order_refunds WHERE state = 'refunded' AND decide_time >= ?`, from), &unix)
	return unix, err
}
