package trade

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"campusgate/handlers/trade/channel"
	"campusgate/storage"
	"campusgate/storage/jobs"
)

// closeJob ends a payment before its time. Its key is the payment, its data when that was
// wanted, in Unix seconds.
const closeJob = "payment.close"

func unixText(unix int64) string { return strconv.FormatInt(unix, 10) }

// runExpire closes a payment that was not paid in time.
func (d Deps) runExpire(ctx context.Context, job storage.Job) error {
	p, err := d.DB.Payment(ctx, job.Key)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return d.endUnpaid(ctx, p, p.ExpireTime)
}

// runClose closes a payment that is not to be paid any more.
func (d Deps) runClose(ctx context.Context, job storage.Job) error {
	end, err := strconv.ParseInt(job.Data, 10, 64)
	if err != nil {
		return fmt.Errorf("close payment: %w", err)
	}
	p, err := d.DB.Payment(ctx, job.Key)
	if err != nil {
		return err
	}
	return d.endUnpaid(ctx, p, end)
}

// endUnpaid closes a payment whose time was over at end, if it still waits. Its open
// attempt is closed at its channel first: what was paid there counts. A channel that does
// not answer is waited for ten minutes at most.
func (d Deps) endUnpaid(ctx context.Context, p storage.Payment, end int64) error {
	if p.State != storage.PaymentWaiting {
		return nil
	}
	now := d.Clock.Unix()
	if now < end { // the database's clock is ahead
		return jobs.Later(time.Unix(end, 0))
	}
	open, err := d.closeOpen(ctx, p)
	if err != nil {
		return err
	}
	if open && now < end+closeFor {
		return jobs.Later(time.Unix(now+askPause, 0))
	}
	return d.DB.InTx(ctx, func(tx *storage.Tx) error {
		p, orders, err := lockPaid(ctx, tx, p.PayID)
		switch {
		case err != nil || p.State != storage.PaymentWaiting:
			return err
		case p.Purpose == storage.PayOrders:
			return d.closeOrders(ctx, tx, p, taking{step: payWithin, by: byClock, orders: orders})
		}
		return d.endClosed(ctx, tx, p)
	})
}

// closeOpen closes the open attempt of a payment at its channel, if there is one, and
// reports whether it is still open because its channel did not close it.
func (d Deps) closeOpen(ctx context.Context, p storage.Payment) (open bool, err error) {
	if p.Method == "" {
		return false, nil
	}
	attempts, err := d.DB.Attempts(ctx, p.PayID)
	a := openOf(attempts)
	if err != nil || a == nil {
		return false, err
	}
	failure := d.closeAttempt(ctx, *a)
	if _, answered := errors.AsType[*channel.ClaimError](failure); answered {
		return false, nil
	}
	if failure != nil {
		d.Logger.WarnContext(ctx, "an attempt to pay could not be closed", "attempt", a.AttemptID, "channel", a.Channel, "error", failure)
	}
	after, err := d.DB.Attempt(ctx, a.AttemptID)
	return after.State == storage.AttemptOpen, err
}
