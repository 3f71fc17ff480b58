package trade

import (
	"context"
	"errors"
	"strings"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/sandbox"
	"campusgate/storage"
	"campusgate/storage/jobs"
)

const (
	// spread is how many jobs of a kind a replica begins in a second. Many orders run out
	// together: of 1,000 the last is done after 40 s, and who browses meanwhile does not wait.
	spread = 25
	// waiting is how many may wait for a channel at once: one that is dead holds each for
	// payments.timeout, and the jobs of others do not wait behind it.
	waiting = 5 * spread
)

// Jobs are what trade has done by a clock.
func Jobs(d Deps) []jobs.Kind {
	kinds := []jobs.Kind{
		{Name: paymentExpireJob, Run: d.runExpire, PerSecond: spread, AtOnce: waiting},
		{Name: closeJob, Run: d.runClose, PerSecond: spread, AtOnce: waiting},
		{Name: askJob, Run: d.runAsk, PerSecond: spread, AtOnce: waiting},
		{Name: refundJob, Run: d.runRefund, PerSecond: spread, AtOnce: waiting},
		{Name: orderClockJob, Run: d.runClock, PerSecond: spread},
		{Name: orderReminderJob, Run: d.runReminder, PerSecond: spread},
		{Name: StepsJob, Run: d.runSteps, Every: time.Second, AtOnce: 1},
		{Name: debtReminderJob, Run: d.runDebtReminder, PerSecond: spread},
		{Name: debtTextJob, Run: d.runDebtText},
		{Name: orderEraseJob, Run: d.runErase, PerSecond: spread},
	}
	if s, ok := d.Channels[channel.Sandbox].(*sandbox.Channel); ok {
		kinds = append(kinds, s.Jobs(d.fromSandbox)...)
	}
	return kinds
}

// lockClock locks the order of a clock's job, nil where that clock does not run any more.
func lockClock(ctx context.Context, tx *storage.Tx, job storage.Job) (*storage.Order, error) {
	id, _, _ := strings.Cut(job.Key, "/")
	order, err := tx.LockOrder(ctx, id)
	if errors.Is(err, storage.ErrNotFound) || err == nil && order.ClockKey() != job.Key {
		return nil, nil
	}
	return order, err
}

// runClock takes the step of a clock that has ended.
func (d Deps) runClock(ctx context.Context, job storage.Job) error {
	err := d.DB.InTx(ctx, func(tx *storage.Tx) error {
		waiting, err := lockWaiting(ctx, tx, job)
		if err != nil {
			return err
		}
		order, err := lockClock(ctx, tx, job)
		if order == nil || err != nil {
			return err
		}
		if d.Clock.Unix() < order.ClockEnd { // the database's clock is ahead
			return jobs.Later(time.Unix(order.ClockEnd, 0))
		}
		t := taking{step: order.Clock, by: byClock, orders: []*storage.Order{order}}
		if err := d.refundByClock(ctx, tx, order, &t, waiting); err != nil {
			return err
		}
		return d.take(ctx, tx, t)
	})
	if failed, ok := errors.AsType[*dispatch.Error](err); ok && failed.Status == dispatch.StateChanged { // a repayment is being closed
		return jobs.Later(d.Clock.Now().Add(time.Duration(askPause) * time.Second))
	}
	return err
}

// runErase removes where a closed order and its refunds went.
func (d Deps) runErase(ctx context.Context, job storage.Job) error {
	if err := d.DB.EraseOrderAddress(ctx, job.Key); err != nil {
		return err
	}
	return d.DB.EraseRefundAddresses(ctx, job.Key)
}

// reminders are what is told before a clock ends.
var reminders = map[string]string{
	shipWithin:      "请尽快发货，超时未发货将自动退款",
	confirmWithin:   "请确认收货，超时将自动确认",
	arbitrateWithin: "有申诉等待裁决",
}

// runReminder tells who has to act that a clock still runs; admins it tells every day.
func (d Deps) runReminder(ctx context.Context, job storage.Job) error {
	again := false
	err := d.DB.InTx(ctx, func(tx *storage.Tx) error {
		order, err := lockClock(ctx, tx, job)
		if order == nil || err != nil {
			return err
		}
		reminder := notice{key: "remind " + job.Key, title: reminders[order.Clock]}
		switch order.Clock {
		case shipWithin:
			return d.tell(ctx, tx, order, reminder, order.SellerID)
		case confirmWithin:
			return d.tell(ctx, tx, order, reminder, order.UserID)
		}
		again = true
		reminder.key += d.Clock.Now().In(d.Clock.Location).Format(" 2006-01-02")
		return d.tellAdmins(ctx, tx, order, reminder)
	})
	if err == nil && again {
		err = jobs.Later(d.Clock.Now().Add(remindAdminsEvery))
	}
	return err
}
