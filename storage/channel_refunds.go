package storage

import (
	"context"
	"strings"

	"campusgate/storage/engine"
)

// The states of a refund to a channel.
const (
	ChannelRefundWaiting = "waiting" // the channel has not taken it yet, as far as is known
	ChannelRefundTaken   = "taken"   // the channel has taken it, and not confirmed it yet
	ChannelRefundDone    = "done"    // it has arrived
	ChannelRefundRefused = "refused" // the channel will never do it: the money is unclaimed
	ChannelRefundSettled = "settled" // refused, and given to the user by an admin
)

// A ChannelRefund is money on its way back to the channel that it came by.
type ChannelRefund struct {
	RefundNo  string // its number at the channel, the same on every try
	AttemptID string
	OrderID   string // "" for what came late
	Number    int64  // of the refund of that order, from 1; 0 for what came late
	Amount    int64  // fen
	State     string // one of those above
	CreatTime int64  // Unix seconds
	EndTime   int64  // Unix seconds, 0 while it waits
}

const channelRefundColumns = "refund_no, attempt_id, order_id, number, amount, state, creat_time, end_time"

// fields are channelRefundColumns.
func (r *ChannelRefund) fields() []any {
	return []any{&r.RefundNo, &r.AttemptID, &r.OrderID, &r.Number, &r.Amount, &r.State, &r.CreatTime, &r.EndTime}
}

// InsertChannelRefund adds a refund that waits. [ErrConflict]: it is there already.
func (tx *Tx) InsertChannelRefund(ctx context.Context, r ChannelRefund) error {
	return tx.sql.Exec(ctx, "insert channel refund", engine.SQL(`
		INSERT INTO channel_refunds (refund_no, attempt_id, order_id, number, amount, state, creat_time) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		r.RefundNo, r.AttemptID, r.OrderID, r.Number, r.Amount, ChannelRefundWaiting, r.CreatTime))
}

// ChannelRefund returns a refund. [ErrNotFound]: there is none.
func (q *Queries) ChannelRefund(ctx context.Context, refundNo string) (ChannelRefund, error) {
	var r ChannelRefund
	err := q.sql.Get(ctx, "channel refund", engine.SQL(
		"SELECT "+channelRefundColumns+" FROM channel_refunds WHERE refund_no = ?", refundNo), r.fields()...)
	return r, err
}

// ChannelRefunds are all refunds of an attempt.
func (q *Queries) ChannelRefunds(ctx context.Context, attemptID string) ([]ChannelRefund, error) {
	return engine.Collect(ctx, q.sql, "channel refunds", engine.SQL(
		"SELECT "+channelRefundColumns+" FROM channel_refunds WHERE attempt_id = ? ORDER BY refund_no", attemptID).Indexed(), (*ChannelRefund).fields)
}

// ChannelRefundsOfOrder are what goes back to channels of an order.
func (q *Queries) ChannelRefundsOfOrder(ctx context.Context, orderID string) ([]ChannelRefund, error) {
	return engine.Collect(ctx, q.sql, "channel refunds of an order", engine.SQL(
		"SELECT "+channelRefundColumns+" FROM channel_refunds WHERE order_id = ? ORDER BY number, refund_no", orderID).Indexed(), (*ChannelRefund).fields)
}

// ChannelRefundsEnded are the refunds that a channel has taken from a time to before
// another, by their ends.
func (q *Queries) ChannelRefundsEnded(ctx context.Context, channel string, from, before int64) ([]ChannelRefund, error) {
	return engine.Collect(ctx, q.sql, "channel refunds that ended", engine.SQL("SELECT "+"r."+strings.ReplaceAll(channelRefundColumns, ", ", ", r.")+
		" FROM channel_refunds r"+q.sql.JoinInOrder()+`attempts a ON a.attempt_id = r.attempt_id
		WHERE r.end_time >= ? AND r.end_time < ? AND r.state IN (?, ?) AND a.channel = ? ORDER BY r.end_time, r.refund_no`,
		from, before, ChannelRefundTaken, ChannelRefundDone, channel), (*ChannelRefund).fields)
}

// EndChannelRefund changes the state of a refund. [ErrNotFound]: it is not in the state
// from.
func (tx *Tx) EndChannelRefund(ctx context.Context, refundNo, from, to string, now int64) error {
	return tx.sql.Change(ctx, "end channel refund", engine.SQL(
		`UPDATE channel_refunds SET state = ?, end_time = ? WHERE refund_no = ? AND state = ?`, to, now, refundNo, from))
}
