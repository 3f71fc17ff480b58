package trade

import (
	"slices"
	"time"

	"campusgate/storage"
)

// The clocks, by the names of their settings: each is a step of the table, which is taken
// when it ends. It begins when an order comes to a place from which it leads.
const (
	payWithin       = "pay_within"
	shipWithin      = "ship_within"
	confirmWithin   = "confirm_within"
	settleAfter     = "settle_after"
	answerWithin    = "answer_within"
	returnWithin    = "return_within"
	receiveWithin   = "receive_within"
	arbitrateWithin = "arbitrate_within"
)

// Periods are how long the clocks run, named as their settings below market.
type Periods struct {
	PayWithin, ShipWithin, ConfirmWithin, SettleAfter          time.Duration
	AnswerWithin, ReturnWithin, ReceiveWithin, ArbitrateWithin time.Duration

	// AppealWithin is how long a refusal can be appealed, CreditWithin when a debt is due,
	// at the end of that day. They are no clocks of an order.
	AppealWithin, CreditWithin time.Duration
}

// orderClocks are all clocks.
var orderClocks = []orderClock{
	{name: payWithin, period: func(p *Periods) time.Duration { return p.PayWithin }},
	{name: shipWithin, period: func(p *Periods) time.Duration { return p.ShipWithin }, remind: seller, left: 4, of: 7},
	{name: confirmWithin, period: func(p *Periods) time.Duration { return p.ConfirmWithin }, remind: buyer, left: 1, of: 5},
	{name: settleAfter, period: func(p *Periods) time.Duration { return p.SettleAfter }},
	{name: answerWithin, period: func(p *Periods) time.Duration { return p.AnswerWithin }},
	{name: returnWithin, period: func(p *Periods) time.Duration { return p.ReturnWithin }},
	{name: receiveWithin, period: func(p *Periods) time.Duration { return p.ReceiveWithin }},
	{name: arbitrateWithin, period: func(p *Periods) time.Duration { return p.ArbitrateWithin }, remind: admin},
}

type orderClock struct {
	name   string
	period func(*Periods) time.Duration
	// remind is who is reminded when left/of of the period is left; admins are every day.
	remind   actors
	left, of time.Duration
}

// clockAt is the clock that runs while an order is in its place, nil where none does.
func clockAt(o *storage.Order) *orderClock {
	i := slices.IndexFunc(orderClocks, func(c orderClock) bool { return stepOf(c.name, o).has(o) })
	if i < 0 {
		return nil
	}
	return &orderClocks[i]
}

// begin starts the clock of the place to which an order has come from another; where that
// is the one before a refund was asked for, its clock goes on. What a refusal is about is
// not settled while it can be appealed.
func (p *Periods) begin(o *storage.Order, from storage.OrderState, now int64) {
	inRefund, wasInRefund := stateOf(o.State).refund, stateOf(from).refund
	if inRefund && !wasInRefund {
		o.FormerState, o.FormerClock, o.ClockLeft = from, o.Clock, max(o.ClockEnd-now, 0)
	}
	running := clockAt(o)
	switch {
	case running == nil:
		o.Clock, o.ClockEnd = "", 0
	case wasInRefund && !inRefund:
		o.Clock, o.ClockEnd = o.FormerClock, now+o.ClockLeft
	default:
		o.Clock, o.ClockEnd = running.name, now+seconds(running.period(p))
	}
	if !inRefund {
		o.FormerState, o.FormerClock, o.ClockLeft = "", "", 0
	}
	if o.Clock == settleAfter {
		o.ClockEnd = max(o.ClockEnd, o.AppealEnd)
	}
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

// StepsJob is the job that does what follows steps: see [Deps.runSteps].
const StepsJob = "order.steps"

// The kinds of jobs of orders.
const (
	orderClockJob    = storage.OrderClockJob    // key [storage.Order.ClockKey]
	orderReminderJob = "order.reminder"         // the same key
	orderEraseJob    = "order.erase"            // key <order_id>
	paymentExpireJob = storage.PaymentExpireJob // key <pay_id>: pay_within of all its orders
)

// extendBy is how much longer the buyer makes confirm_within.
const extendBy = 7 * 24 * time.Hour

// remindAdminsEvery is how often admins are reminded.
const remindAdminsEvery = 24 * time.Hour

// keepAddress is how long after its end an order knows where it went.
const keepAddress = 180 * 24 * time.Hour

// clockJobs are those of an order's clock, which has begun.
func (p *Periods) clockJobs(o *storage.Order, now int64) (jobs []storage.Job) {
	i := slices.IndexFunc(orderClocks, func(c orderClock) bool { return c.name == o.Clock })
	if i < 0 {
		return nil
	}
	running, key := &orderClocks[i], o.ClockKey()
	if running.name == payWithin {
		return nil // that of the payment
	}
	jobs = []storage.Job{{Kind: orderClockJob, Key: key, Due: o.ClockEnd}}
	switch {
	case running.remind == admin:
		jobs = append(jobs, storage.Job{Kind: orderReminderJob, Key: key, Due: now + seconds(remindAdminsEvery)})
	case running.remind != 0:
		if due := o.ClockEnd - seconds(running.period(p)*running.left/running.of); due > now {
			jobs = append(jobs, storage.Job{Kind: orderReminderJob, Key: key, Due: due})
		}
	}
	return jobs
}
