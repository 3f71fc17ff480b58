package trade

import (
	"context"
	"errors"
	"fmt"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// started is what a call that pays has done in its transaction, and what is kept under its
// request_key. How the user pays is told by the attempt, which is stored too.
type started struct {
	PayID     string
	AttemptID string // "" where it is paid
}

// payAnswer says how a payment goes on.
type payAnswer struct {
	PayState string  `json:"pay_state" doc:"paid, or waiting: then one of these is there"`
	PayURL   *string `json:"pay_url,omitempty" doc:"where the browser goes"`
	CodeURL  *string `json:"code_url,omitempty" doc:"the text of a QR code, for the channel's app"`
	Charge   *string `json:"charge,omitempty" doc:"JSON, for the channel's own script"`

	CashierURL *string `json:"cashier_url,omitempty" doc:"a page on which whoever has this URL can pay it, by any channel"`
}

// numberedPay is a payAnswer of a payment that the call has made.
type numberedPay struct {
	PayID string `json:"pay_id"`
	payAnswer
}

// maxLeaves is how many open attempts a call closes before it gives up: others of the user
// open them at the same time.
const maxLeaves = 3

// pay is a call that pays, and tells where the cashier's page is where the payment waits.
func (d Deps) pay(ctx context.Context, begin func(tx *storage.Tx) (started, error)) (started, payAnswer, error) {
	s, answer, err := d.begin(ctx, begin)
	if err != nil || answer.PayState != storage.PaymentWaiting {
		return s, answer, err
	}
	place, err := d.cashierURL(ctx, s.PayID)
	answer.CashierURL = &place
	return s, answer, wire.KnownOrDatabase(err)
}

// begin pays in a transaction, or begins an attempt in it, once for a request_key. Where
// another attempt is open, that is closed at its channel first, outside of a transaction.
// Then the channel is told of the attempt, which is committed. Both together wait for
// channels within payments.timeout.
func (d Deps) begin(ctx context.Context, begin func(tx *storage.Tx) (started, error)) (started, payAnswer, error) {
	until := d.waitUntil()
	for range maxLeaves {
		s, err := wire.Once(ctx, d.DB, d.Clock.Now(), begin)
		open, another := errors.AsType[*openError](err)
		switch {
		case another:
			if err := d.leave(ctx, open.attempt, until); err != nil {
				return s, payAnswer{}, wire.KnownOrDatabase(err)
			}
			continue
		case err != nil:
			return s, payAnswer{}, err
		}
		answer, err := d.await(ctx, s, until)
		return s, answer, err
	}
	return started{}, payAnswer{}, dispatch.Fail(dispatch.StateChanged, "pay_id: is being paid in another way")
}

// await tells how the user pays an attempt that has begun.
func (d Deps) await(ctx context.Context, s started, until time.Time) (payAnswer, error) {
	if s.AttemptID == "" {
		return payAnswer{PayState: storage.PaymentPaid}, nil
	}
	attempt, err := d.DB.Attempt(ctx, s.AttemptID)
	if err != nil {
		return payAnswer{}, wire.DatabaseFailure(err)
	}
	if len(attempt.Action) == 0 && attempt.State != storage.AttemptOpen {
		return payAnswer{}, d.forget(ctx, attempt, dispatch.Fail(dispatch.StateChanged, "pay_id: was paid or closed meanwhile"))
	}
	action, err := d.create(ctx, attempt, until)
	switch {
	case errors.Is(err, channel.ErrRefused):
		return payAnswer{}, d.forget(ctx, attempt, err)
	case err != nil:
		return payAnswer{}, wire.KnownOrDatabase(err)
	}
	return payAnswer{
		PayState: storage.PaymentWaiting, PayURL: orNil(action.PayURL), CodeURL: orNil(action.CodeURL), Charge: orNil(action.Charge),
	}, nil
}

func orNil(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// forget ends an attempt that its channel never knew, and frees the call's request_key:
// the call has failed.
func (d Deps) forget(ctx context.Context, a storage.Attempt, failure error) error {
	err := d.DB.InTx(ctx, func(tx *storage.Tx) error {
		if _, err := tx.LockPayment(ctx, a.PayID); err != nil {
			return err
		}
		a, err := tx.LockAttempt(ctx, a.AttemptID)
		if err != nil {
			return err
		}
		if a.State == storage.AttemptOpen {
			d.countPayment(tx, a.Channel, payClosed)
			if err := tx.EndAttempt(ctx, a.AttemptID, storage.AttemptClosed, "", d.Clock.Unix()); err != nil {
				return err
			}
		}
		return wire.Forget(ctx, tx)
	})
	if err != nil {
		return wire.KnownOrDatabase(err)
	}
	return failure
}

// paid takes the step of a payment that waits and is locked with its orders, because an
// attempt has paid it. An order that shares it with others is paid with them.
func (d Deps) paid(ctx context.Context, tx *storage.Tx, p storage.Payment, orders []*storage.Order, a storage.Attempt) error {
	from := storage.ChannelAccount(a.Channel)
	switch p.Purpose {
	case storage.PayOrders:
		return d.payOrders(ctx, tx, p, orders, a.Channel, from)
	case storage.PayRecharge:
		if err := d.endPaid(ctx, tx, p, a.Channel); err != nil {
			return err
		}
		return tx.Move(ctx, storage.Move{
			Kind: storage.LedgerRecharge, Currency: storage.CNY, From: from, To: storage.UserAccount(p.UserID),
			Amount: a.Amount, PayID: p.PayID, Time: d.Clock.Unix(),
		})
	case storage.PayCredit:
		return d.repaid(ctx, tx, p, orders[0], a)
	}
	return fmt.Errorf("payment %s is for %q", p.PayID, p.Purpose)
}

// endPaid writes that a payment, which is locked, is paid by a method. Attempts that are
// still open are left.
func (d Deps) endPaid(ctx context.Context, tx *storage.Tx, p storage.Payment, method string) error {
	now := d.Clock.Unix()
	if err := leaveAll(ctx, tx, p, now); err != nil {
		return err
	}
	p.State, p.Method, p.PayTime = storage.PaymentPaid, method, now
	d.countPayment(tx, method, payPaid)
	return tx.EndPayment(ctx, p)
}

// endClosed writes that a payment, which is locked, will not be paid.
func (d Deps) endClosed(ctx context.Context, tx *storage.Tx, p storage.Payment) error {
	if err := leaveAll(ctx, tx, p, d.Clock.Unix()); err != nil {
		return err
	}
	p.State = storage.PaymentClosed
	return tx.EndPayment(ctx, p)
}

// lockPaid locks a payment with the orders that it is for: none of a recharge.
func lockPaid(ctx context.Context, tx *storage.Tx, payID string) (storage.Payment, []*storage.Order, error) {
	p, orders, err := tx.LockPaymentOrders(ctx, payID)
	if !errors.Is(err, storage.ErrNotFound) {
		return p, orders, err
	}
	if p, err = tx.LockPayment(ctx, payID); err != nil || p.Purpose != storage.PayCredit {
		return p, nil, err
	}
	order, err := tx.LockOrder(ctx, p.OrderID)
	return p, []*storage.Order{order}, err
}
