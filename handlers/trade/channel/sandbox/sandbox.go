// Package sandbox is a payment channel inside the gateway, which moves no money: for
// trying, and for tests. It goes the same way through the code as the others: it is told
// of attempts, its user pays on a page of its own, and it notifies the gateway with a
// signature. It keeps what it knows in tables of its own.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"campusgate/handlers/trade/channel"
	"campusgate/storage"
)

// What a user of the sandbox can choose.
const (
	resultPaid   = "paid"
	resultFailed = "failed"
	resultTwice  = "twice"  // paid, and told twice
	resultWrong  = "wrong"  // another amount was paid
	resultSilent = "silent" // paid, and not told: it has to be asked
	resultLate   = "late"   // paid, and told only when the payment has ended; it cannot be closed
	resultClosed = "closed" // by the gateway
)

// results are those that the page sends.
var results = []string{resultPaid, resultFailed, resultTwice, resultWrong, resultSilent, resultLate}

// A Channel is the sandbox.
type Channel struct {
	db  *storage.DB
	now func() time.Time
	key []byte // signs notifications: they never leave the process
}

// Merchant is whom the sandbox pays to.
func (c *Channel) Merchant() channel.Merchant { return merchant }

var merchant = channel.Merchant{App: "sandbox", Seller: "campusgate"}

// Create makes the attempt known.
func (c *Channel) Create(ctx context.Context, a channel.Attempt) (channel.Action, error) {
	err := c.db.AddSandboxTrade(ctx, storage.SandboxTrade{
		AttemptID: a.No, Amount: a.Amount, Subject: a.Subject, ReturnURL: a.ReturnURL, ExpireTime: a.ExpireTime,
	})
	if err != nil && !errors.Is(err, storage.ErrConflict) {
		return channel.Action{}, unknown(err)
	}
	return channel.Action{PayURL: a.PageURL}, nil
}

// Query tells what the user chose.
func (c *Channel) Query(ctx context.Context, a channel.Attempt) (channel.Trade, error) {
	trade, err := c.db.SandboxTrade(ctx, a.No)
	if errors.Is(err, storage.ErrNotFound) {
		return channel.Trade{State: channel.NotFound}, nil
	}
	if err != nil {
		return channel.Trade{}, unknown(err)
	}
	return c.tell(ctx, trade)
}

// Close ends an attempt, but for one that is paid late: that stays as it is.
func (c *Channel) Close(ctx context.Context, a channel.Attempt) (channel.Trade, error) {
	if err := c.db.EndSandboxTrade(ctx, a.No, resultClosed); err != nil && !errors.Is(err, storage.ErrNotFound) {
		return channel.Trade{}, unknown(err)
	}
	return c.Query(ctx, a)
}

// tell is what the sandbox says of a trade at this moment.
func (c *Channel) tell(ctx context.Context, t storage.SandboxTrade) (channel.Trade, error) {
	switch t.Result {
	case "":
		if t.ExpireTime <= c.now().Unix() {
			return channel.Trade{State: channel.Closed}, nil
		}
		return channel.Trade{State: channel.Waiting}, nil
	case resultFailed, resultClosed:
		return channel.Trade{State: channel.Closed}, nil
	case resultLate:
		if ended, err := c.ended(ctx, t.AttemptID); err != nil || !ended {
			return channel.Trade{State: channel.Waiting}, err
		}
	}
	refunded, err := c.db.SandboxRefunded(ctx, t.AttemptID)
	if err != nil {
		return channel.Trade{}, unknown(err)
	}
	paid := channel.Trade{State: channel.Paid, TradeNo: tradeNo(t.AttemptID), Amount: t.Amount, Refunded: refunded}
	if t.Result == resultWrong {
		paid.Amount++
	}
	if refunded == paid.Amount {
		paid.State = channel.Refunded
	}
	return paid, nil
}

// ended reports whether the payment of an attempt has ended here. That the attempt has is
// not enough: what a payment that waits for another one is told of counts.
func (c *Channel) ended(ctx context.Context, attemptID string) (bool, error) {
	attempt, err := c.db.Attempt(ctx, attemptID)
	if err != nil {
		return false, unknown(err)
	}
	payment, err := c.db.Payment(ctx, attempt.PayID)
	if err != nil {
		return false, unknown(err)
	}
	return payment.State != storage.PaymentWaiting, nil
}

// Refund gives back what was paid, at once.
func (c *Channel) Refund(ctx context.Context, r channel.Refund) (channel.RefundState, error) {
	err := c.db.InTx(ctx, func(tx *storage.Tx) error {
		err := tx.AddSandboxRefund(ctx, r.No, r.Attempt.No, r.Amount)
		if err != nil {
			return err
		}
		refunded, err := tx.SandboxRefunded(ctx, r.Attempt.No)
		if err == nil && refunded > r.Attempt.Amount {
			return fmt.Errorf("more than was paid: %w", channel.ErrRefused)
		}
		return err
	})
	switch {
	case errors.Is(err, channel.ErrRefused):
		return channel.RefundFailed, err
	case err != nil && !errors.Is(err, storage.ErrConflict):
		return channel.RefundPending, unknown(err)
	}
	return channel.RefundDone, nil
}

// QueryRefund tells whether a refund was done.
func (c *Channel) QueryRefund(ctx context.Context, r channel.Refund) (channel.RefundState, error) {
	switch _, err := c.db.SandboxRefund(ctx, r.No); {
	case errors.Is(err, storage.ErrNotFound):
		return channel.RefundPending, nil
	case err != nil:
		return channel.RefundPending, unknown(err)
	}
	return channel.RefundDone, nil
}

// tradeNo is the sandbox's number of what was paid.
func tradeNo(attemptID string) string { return "sandbox" + attemptID }

func unknown(cause error) error { return fmt.Errorf("%w: %w", channel.ErrUnknown, cause) }
