package trade

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/trade/channel"
	"campusgate/storage"
	"campusgate/storage/jobs"
)

const (
	// refundJob gives money back to a channel. Its key is the refund's number.
	refundJob = "channel.refund"
	// refundFor is how long that is tried, in seconds.
	refundFor = 7 * 24 * 60 * 60
	// The pauses between the tries are as long as the refund is old, between these.
	shortestRefundPause, longestRefundPause = 10, 60 * 60
	// unknownRefundPause is the least after a try whose answer is unknown: a channel where
	// refunds have no number is asked what became of that one, by whichever replica, once it
	// is surely done or not.
	unknownRefundPause = 60
)

// refundNo is the number at its channel of what goes back of an order by an attempt: it
// is the same however often the refund is tried.
func refundNo(a storage.Attempt, orderID string, number int64) string {
	return a.AttemptID + "R" + orderID + "N" + strconv.FormatInt(number, 10)
}

// refundToChannel has a part of an order's refund, which has a number, go back by the
// attempt that has brought it. The caller moves the money to the channel's account.
func (d Deps) refundToChannel(ctx context.Context, tx *storage.Tx, a storage.Attempt, orderID string, number, amount int64) error {
	return addChannelRefund(ctx, tx, storage.ChannelRefund{
		RefundNo: refundNo(a, orderID, number), AttemptID: a.AttemptID, OrderID: orderID, Number: number,
		Amount: amount, CreatTime: d.Clock.Unix(),
	})
}

// addChannelRefund stores a refund before its channel hears of it.
func addChannelRefund(ctx context.Context, tx *storage.Tx, r storage.ChannelRefund) error {
	if err := tx.InsertChannelRefund(ctx, r); err != nil {
		return err
	}
	return tx.AddJob(ctx, storage.Job{Kind: refundJob, Key: r.RefundNo, Due: r.CreatTime})
}

// runRefund is the job: it asks the channel for the refund, by the same number each time, or,
// once the channel has taken it, whether it has arrived.
func (d Deps) runRefund(ctx context.Context, job storage.Job) error {
	r, err := d.DB.ChannelRefund(ctx, job.Key)
	if errors.Is(err, storage.ErrNotFound) || err == nil && !onItsWay(r) {
		return nil
	}
	if err != nil {
		return err
	}
	a, err := d.DB.Attempt(ctx, r.AttemptID)
	if err != nil {
		return err
	}
	state, failure := d.refundAt(ctx, a, r)
	now := d.Clock.Unix()
	switch {
	case failure == nil && state == channel.RefundDone:
		return d.refundArrived(ctx, r)
	case errors.Is(failure, channel.ErrRefused), failure == nil && state == channel.RefundFailed, now >= r.CreatTime+refundFor:
		d.Logger.ErrorContext(ctx, "a refund is refused for ever", "refund", r.RefundNo, "channel", a.Channel, "error", failure)
		return d.refundRefused(ctx, r)
	case failure != nil:
		d.Logger.WarnContext(ctx, "a refund will be tried again", "refund", r.RefundNo, "channel", a.Channel, "error", failure)
	case r.State == storage.ChannelRefundWaiting:
		err := d.DB.InTx(ctx, func(tx *storage.Tx) error {
			return tx.EndChannelRefund(ctx, r.RefundNo, r.State, storage.ChannelRefundTaken, 0)
		})
		if err != nil {
			return err
		}
	}
	pause := min(max(now-r.CreatTime, shortestRefundPause), longestRefundPause)
	if errors.Is(failure, channel.ErrUnknown) {
		pause = max(pause, unknownRefundPause)
	}
	return jobs.Later(time.Unix(now+pause, 0))
}

// onItsWay reports whether a refund has neither arrived nor was refused.
func onItsWay(r storage.ChannelRefund) bool {
	return r.State == storage.ChannelRefundWaiting || r.State == storage.ChannelRefundTaken
}

// refundAt tries a refund at its channel, within payments.timeout.
func (d Deps) refundAt(ctx context.Context, a storage.Attempt, r storage.ChannelRefund) (channel.RefundState, error) {
	c := d.Channels[a.Channel]
	if c == nil {
		return channel.RefundPending, fmt.Errorf("%s: %w", a.Channel, errNotConfigured)
	}
	waiting, cancel := context.WithTimeout(ctx, d.Settings.Pay.Timeout)
	defer cancel()
	refund := channel.Refund{No: r.RefundNo, Attempt: attemptAt(a), TradeNo: a.TradeNo, Amount: r.Amount, Reason: refundReason(r)}
	if r.State == storage.ChannelRefundTaken {
		return c.QueryRefund(waiting, refund)
	}
	return c.Refund(waiting, refund)
}

func refundReason(r storage.ChannelRefund) string {
	if r.OrderID == "" {
		return "付款来得太晚"
	}
	return "订单 " + r.OrderID + " 退款"
}

// bookRefund takes the step that follows from what a channel claims of a refund.
func (d Deps) bookRefund(ctx context.Context, a storage.Attempt, claim channel.Event) error {
	r, err := d.DB.ChannelRefund(ctx, claim.RefundNo)
	if errors.Is(err, storage.ErrNotFound) || err == nil && r.AttemptID != a.AttemptID {
		return d.bookAnomaly(ctx, a, &channel.ClaimError{Kind: channel.WrongRefund}, claim.Trade.Amount)
	}
	switch {
	case err != nil:
		return err
	case claim.Trade.Amount != 0 && claim.Trade.Amount != r.Amount:
		return d.bookAnomaly(ctx, a, &channel.ClaimError{Kind: channel.WrongAmount}, claim.Trade.Amount)
	case claim.RefundState == channel.RefundDone && r.State == storage.ChannelRefundSettled:
		return d.bookAnomaly(ctx, a, &channel.ClaimError{Kind: channel.WrongRefund}, r.Amount)
	case claim.RefundState == channel.RefundDone:
		return d.refundArrived(ctx, r)
	case claim.RefundState == channel.RefundFailed && onItsWay(r):
		return d.refundRefused(ctx, r)
	}
	return nil
}

// refundArrived books that a refund is back where it came from, also where it was believed
// to be refused. What the attempt has of it leaves it; an order's refund has arrived when
// all its parts have.
func (d Deps) refundArrived(ctx context.Context, r storage.ChannelRefund) error {
	now := d.Clock.Unix()
	return d.once(ctx, func(tx *storage.Tx) error {
		order, a, p, err := lockRefund(ctx, tx, r)
		if err != nil {
			return err
		}
		was, err := endRefund(ctx, tx, r.RefundNo, storage.ChannelRefundDone, now, storage.ChannelRefundRefused)
		if err != nil {
			return err
		}
		if order == nil || was == storage.ChannelRefundRefused {
			err := tx.Move(ctx, storage.Move{
				Kind: refundKind(order), Currency: storage.CNY, From: storage.UnclaimedAccount(a.AttemptID), To: storage.ChannelAccount(a.Channel),
				Amount: r.Amount, OrderID: cmp.Or(r.OrderID, p.OrderID), PayID: p.PayID, Time: now,
			})
			if err != nil {
				return err
			}
		}
		if was == storage.ChannelRefundRefused {
			if err := d.stillRefused(ctx, tx, a, now); err != nil {
				return err
			}
		}
		if order == nil {
			return nil
		}
		return d.tellArrived(ctx, tx, order, r.Number, now)
	})
}

// refundKind is that of the rows of the ledger: of late money where there is no order.
func refundKind(o *storage.Order) string {
	if o == nil {
		return storage.LedgerLate
	}
	return storage.LedgerRefund
}

// stillRefused has an anomaly say what the channel of an attempt refuses, or ends it.
func (d Deps) stillRefused(ctx context.Context, tx *storage.Tx, a storage.Attempt, now int64) error {
	sum, _, err := refusedRefunds(ctx, tx, a.AttemptID)
	switch {
	case err != nil:
		return err
	case sum == 0:
		return tx.EndAnomaly(ctx, a.Channel, a.AttemptID, anomalyRefund, now)
	}
	return d.addAnomaly(ctx, tx, a, anomalyRefund, sum)
}

// refundRefused books that a channel will never do a refund: the attempt has the money, and
// an admin gives it to the user ([Deps.settle]).
func (d Deps) refundRefused(ctx context.Context, r storage.ChannelRefund) error {
	now := d.Clock.Unix()
	return d.once(ctx, func(tx *storage.Tx) error {
		order, a, p, err := lockRefund(ctx, tx, r)
		if err != nil {
			return err
		}
		if _, err := endRefund(ctx, tx, r.RefundNo, storage.ChannelRefundRefused, now); err != nil {
			return err
		}
		if order != nil {
			err := tx.Move(ctx, storage.Move{
				Kind: storage.LedgerRefund, Currency: storage.CNY, From: storage.ChannelAccount(a.Channel), To: storage.UnclaimedAccount(a.AttemptID),
				Amount: r.Amount, OrderID: order.OrderID, PayID: p.PayID, Time: now,
			})
			if err != nil {
				return err
			}
		}
		return d.stillRefused(ctx, tx, a, now)
	})
}

// errDone says that somebody else has taken the step.
var errDone = errors.New("it is done")

// once runs a transaction that ends with errDone where another has taken the step.
func (d Deps) once(ctx context.Context, do func(*storage.Tx) error) error {
	if err := d.DB.InTx(ctx, do); !errors.Is(err, errDone) {
		return err
	}
	return nil
}

// endRefund ends a refund that is on its way, or in one of these states too, and returns in
// which it was. Else it fails with errDone.
func endRefund(ctx context.Context, tx *storage.Tx, no, to string, now int64, from ...string) (was string, err error) {
	for _, was := range append(from, storage.ChannelRefundWaiting, storage.ChannelRefundTaken) {
		if err := tx.EndChannelRefund(ctx, no, was, to, now); !errors.Is(err, storage.ErrNotFound) {
			return was, err
		}
	}
	return "", errDone
}

// lockRefund locks the order that a refund is of, nil of late money, and its attempt.
func lockRefund(ctx context.Context, tx *storage.Tx, r storage.ChannelRefund) (order *storage.Order, a storage.Attempt, p storage.Payment, err error) {
	if a, err = tx.Attempt(ctx, r.AttemptID); err != nil {
		return nil, a, p, err
	}
	if p, err = tx.LockPayment(ctx, a.PayID); err != nil {
		return nil, a, p, err
	}
	if r.OrderID != "" {
		if order, err = tx.LockOrder(ctx, r.OrderID); err != nil {
			return nil, a, p, err
		}
	}
	a, err = tx.LockAttempt(ctx, r.AttemptID)
	return order, a, p, err
}

// refusedRefunds are those of an attempt that wait for an admin, and their sum.
func refusedRefunds(ctx context.Context, tx *storage.Tx, attemptID string) (sum int64, refused []storage.ChannelRefund, err error) {
	all, err := tx.ChannelRefunds(ctx, attemptID)
	for _, r := range all {
		if r.State == storage.ChannelRefundRefused {
			sum += r.Amount
			refused = append(refused, r)
		}
	}
	return sum, refused, err
}

// tellArrived marks a refund of an order as arrived, once all its parts are where they came
// from, and tells the buyer.
func (d Deps) tellArrived(ctx context.Context, tx *storage.Tx, o *storage.Order, number, now int64) error {
	parts, err := tx.ChannelRefundsOfOrder(ctx, o.OrderID)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if part.Number == number && part.State != storage.ChannelRefundDone && part.State != storage.ChannelRefundSettled {
			return nil
		}
	}
	refunds, err := tx.OrderRefunds(ctx, o.OrderID)
	if err != nil {
		return err
	}
	for _, refund := range refunds {
		if refund.Number != number || refund.Arrived {
			continue
		}
		refund.Arrived = true
		if err := tx.UpdateOrderRefund(ctx, refund); err != nil {
			return err
		}
		return tx.AddNotice(ctx, storage.Notice{
			UserID: o.UserID, Key: fmt.Sprintf("arrived %s %d", o.OrderID, number), Kind: "payment", OrderID: o.OrderID, CreatTime: now,
			Title: "退款已到账", Content: fmt.Sprintf("订单 %s 的退款 %s 元已退回。", o.OrderID, dispatch.Fen(refund.Amount)),
		})
	}
	return nil
}
