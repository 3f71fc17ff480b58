package trade

import (
	"context"
	"strings"

	"campusgate/storage"
)

// refundByClock fills in what a clock that ends does about an order's refund: nothing where
// it is not about one. waiting is from [lockWaiting].
func (d Deps) refundByClock(ctx context.Context, tx *storage.Tx, o *storage.Order, t *taking, waiting *storage.Payment) error {
	switch o.Clock {
	case shipWithin:
		return d.giveAll(ctx, tx, o, t, waiting)
	case answerWithin: // as agree; where the seller has no address nothing is sent back
		return d.grant(ctx, tx, o, t, func() (storage.Address, error) { return tx.DefaultAddress(ctx, o.SellerID) })
	case returnWithin:
		return d.end(ctx, tx, o, t, refundExpired)
	case receiveWithin: // as receive
		return d.received(ctx, tx, o, t)
	case arbitrateWithin: // the refusal stands
		t.change = final
		return d.end(ctx, tx, o, t, refundRefused)
	}
	return nil
}

// lockWaiting locks the repayment of an order's debt that waits, before the order, where the
// job's clock refunds it whole; else it is nil.
func lockWaiting(ctx context.Context, tx *storage.Tx, job storage.Job) (*storage.Payment, error) {
	id, clock, _ := strings.Cut(job.Key, "/")
	if !strings.HasPrefix(clock, shipWithin+"/") {
		return nil, nil
	}
	waiting, _, err := lockRepayment(ctx, tx, id)
	return waiting, err
}
