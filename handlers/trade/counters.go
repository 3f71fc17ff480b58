package trade

import (
	"context"
	"errors"
	"maps"
	"slices"

	"campusgate/dispatch"
	"campusgate/handlers/trade/channel"
	"campusgate/storage"
)

// Counters count what happens in trade, for whoever watches the server. The zero Counters
// count nothing.
type Counters struct {
	Step    func(step, result string) storage.Counter
	Payment func(channel, result string) storage.Counter
}

// StepResults are how a step of an order ends: it is taken, or cannot be as the order is, or
// the database failed, which may have had it begin again.
var StepResults = []string{stepDone, stepRefused, stepFailed}

const (
	stepDone    = "done"
	stepRefused = "refused"
	stepFailed  = "failed"
)

// PaymentResults are what becomes of payments and of tries to pay at a channel: a payment is
// paid; money came too late; the channel takes no money any more; it claims what does not
// fit; it did not begin a try.
var PaymentResults = []string{payPaid, payLate, payClosed, payAnomaly, payFailed}

const (
	payPaid    = "paid"
	payLate    = "late"
	payClosed  = "closed"
	payAnomaly = "anomaly"
	payFailed  = "failed"
)

// StepNames are those of all steps of an order, once each.
func StepNames() (names []string) {
	for _, s := range steps {
		names = append(names, s.name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// PaymentMethods are the wallet, and then the channels that are set up.
func PaymentMethods(channels channel.Set) []string {
	return append([]string{payByWallet}, slices.Sorted(maps.Keys(channels))...)
}

// countTaken counts a step of some orders, once it is committed.
func (d Deps) countTaken(tx *storage.Tx, t taking) {
	if d.Counters.Step == nil {
		return
	}
	counter := d.Counters.Step(t.step, stepDone)
	for range t.orders {
		tx.Count(counter)
	}
}

// notTaken counts a step that ends with a failure, and returns that.
func (d Deps) notTaken(ctx context.Context, step string, failure error) error {
	if failure == nil || d.Counters.Step == nil || ctx.Err() != nil { // nobody waits any more
		return failure
	}
	result := stepFailed
	if _, refused := errors.AsType[*dispatch.Error](failure); refused || errors.Is(failure, storage.ErrBalance) || errors.Is(failure, storage.ErrNotFound) {
		result = stepRefused
	}
	d.Counters.Step(step, result).Inc()
	return failure
}

// countPayment counts a result, once the transaction is committed.
func (d Deps) countPayment(tx *storage.Tx, by, result string) {
	if d.Counters.Payment != nil {
		tx.Count(d.Counters.Payment(by, result))
	}
}
