package trade

import (
	"context"
	"errors"
	"fmt"

	"campusgate/handlers/trade/channel"
	"campusgate/storage"
)

// What an admin has to look at, beside what is wrong with a claim ([channel.ClaimError]).
const (
	anomalyTrade    = "trade"    // another attempt has the channel's number of what was paid, or this one was paid twice
	anomalyRefunded = "refunded" // it was given back at the channel, and never paid anything here
	anomalyRefund   = "refund"   // the channel refuses a refund for ever
	anomalyUnknown  = "unknown"  // the channel never said what became of the attempt
)

// book takes the step that follows from what a channel claims of an attempt, by a
// notification or when it was asked: one way for all channels, and for both. What does not
// fit the attempt is an anomaly, and a [*channel.ClaimError]; it changes nothing else.
// Twice is once, and what comes out of order does not move the state back.
func (d Deps) book(ctx context.Context, name string, claim channel.Event) error {
	if claim.AttemptNo == "" {
		return nil // about nothing of ours
	}
	stored, err := d.DB.Attempt(ctx, claim.AttemptNo)
	var known *channel.Attempt
	switch {
	case err == nil && stored.Channel == name:
		known = new(attemptAt(stored))
	case err != nil && !errors.Is(err, storage.ErrNotFound):
		return err
	default:
		stored = storage.Attempt{AttemptID: cutBytes(claim.AttemptNo, 64), Channel: name}
	}
	if err := channel.Compare(claim, d.Channels[name].Merchant(), known); err != nil {
		return d.bookAnomaly(ctx, stored, err, claim.Trade.Amount)
	}
	if claim.RefundNo != "" {
		return d.bookRefund(ctx, stored, claim)
	}
	switch claim.Trade.State {
	case channel.Paid, channel.Refunded, channel.Closed:
	default:
		return nil
	}
	err = d.DB.InTx(ctx, func(tx *storage.Tx) error { return d.bookTrade(ctx, tx, stored, claim.Trade) })
	if errors.Is(err, errTradeTaken) || errors.Is(err, errPaidTwice) {
		return d.bookAnomaly(ctx, stored, err, claim.Trade.Amount)
	}
	return err
}

var (
	// errTradeTaken says that another attempt has the channel's number of what was paid.
	errTradeTaken = errors.New("the channel claims one payment for two attempts")
	// errPaidTwice says that an attempt, which is paid, has another number there.
	errPaidTwice = errors.New("the channel claims two payments for one attempt")
)

// bookTrade is book for what an attempt is at its channel. It locks the payment, with its
// orders, and then the attempt.
func (d Deps) bookTrade(ctx context.Context, tx *storage.Tx, stored storage.Attempt, trade channel.Trade) error {
	payment, orders, err := lockPaid(ctx, tx, stored.PayID)
	if err != nil {
		return err
	}
	a, err := tx.LockAttempt(ctx, stored.AttemptID)
	if err != nil {
		return err
	}
	now := d.Clock.Unix()
	switch {
	case a.State == storage.AttemptPaid || a.State == storage.AttemptLate:
		if trade.State != channel.Closed && trade.TradeNo != a.TradeNo {
			return fmt.Errorf("%w: %.64q, here it is %s", errPaidTwice, trade.TradeNo, a.TradeNo)
		}
		return nil
	case trade.State == channel.Closed:
		if a.State == storage.AttemptClosed {
			return nil
		}
		d.countPayment(tx, a.Channel, payClosed)
		return tx.EndAttempt(ctx, a.AttemptID, storage.AttemptClosed, "", now)
	case trade.State == channel.Refunded:
		if err := d.addAnomaly(ctx, tx, a, anomalyRefunded, trade.Amount); err != nil {
			return err
		}
		return endTrade(ctx, tx, a, storage.AttemptClosed, trade.TradeNo, now)
	}
	over, err := d.isOver(ctx, tx, payment)
	if err != nil {
		return err
	}
	if over {
		if err := endTrade(ctx, tx, a, storage.AttemptLate, trade.TradeNo, now); err != nil {
			return err
		}
		return d.takeLate(ctx, tx, payment, orders, a, a.Amount)
	}
	if err := endTrade(ctx, tx, a, storage.AttemptPaid, trade.TradeNo, now); err != nil {
		return err
	}
	if err := tx.EndAnomalies(ctx, a.Channel, a.AttemptID, now); err != nil {
		return err
	}
	return d.paid(ctx, tx, payment, orders, a)
}

// isOver reports whether a payment, which is locked, takes no money any more. One into the
// wallet of an account that was deleted meanwhile ends here: nobody could spend it.
func (d Deps) isOver(ctx context.Context, tx *storage.Tx, p storage.Payment) (bool, error) {
	if p.State != storage.PaymentWaiting || p.Purpose != storage.PayRecharge {
		return p.State != storage.PaymentWaiting, nil
	}
	owner, err := tx.LockProfile(ctx, p.UserID, d.Clock.Unix())
	if err != nil || !owner.Deleted() {
		return false, err
	}
	return true, d.endClosed(ctx, tx, p)
}

// endTrade ends an attempt whose channel has a number for what was paid.
func endTrade(ctx context.Context, tx *storage.Tx, a storage.Attempt, state, tradeNo string, now int64) error {
	err := tx.EndAttempt(ctx, a.AttemptID, state, tradeNo, now)
	if errors.Is(err, storage.ErrConflict) {
		return fmt.Errorf("%w: %s", errTradeTaken, a.AttemptID)
	}
	return err
}

// bookAnomaly notes a claim that does not fit, and returns why.
func (d Deps) bookAnomaly(ctx context.Context, a storage.Attempt, cause error, amount int64) error {
	kind := anomalyTrade
	if wrong, ok := errors.AsType[*channel.ClaimError](cause); ok {
		kind = wrong.Kind
	}
	err := d.DB.InTx(ctx, func(tx *storage.Tx) error { return d.addAnomaly(ctx, tx, a, kind, amount) })
	return errors.Join(cause, err)
}

// addAnomaly notes something for the admins, and raises the alarm.
func (d Deps) addAnomaly(ctx context.Context, tx *storage.Tx, a storage.Attempt, kind string, amount int64) error {
	d.Logger.ErrorContext(ctx, "a payment needs an admin: pay/anomalies", "attempt", a.AttemptID, "channel", a.Channel, "kind", kind, "amount", amount)
	d.countPayment(tx, a.Channel, payAnomaly)
	return tx.AddAnomaly(ctx, storage.Anomaly{
		Channel: a.Channel, AttemptID: a.AttemptID, PayID: a.PayID, Kind: kind, Amount: amount, CreatTime: d.Clock.Unix(),
	})
}

// cutBytes is at most so many bytes of a text.
func cutBytes(text string, most int) string { return text[:min(len(text), most)] }
