package trade

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/sandbox"
	"campusgate/storage"
	"campusgate/storage/jobs"
)

// Jobs are what trade has done by a clock.
func Jobs(d Deps) []jobs.Kind {
	kinds := []jobs.Kind{
		{Name: paymentExpireJob, Run: d.runExpire},
		{Name: closeJob, Run: d.runClose},
		{Name: askJob, Run: d.runAsk},
		{Name: refundJob, Run: d.runRefund},
		{Name: orderClockJob, Run: d.runClock},
		{Name: orderReminderJob, Run: d.runReminder},
		{Name: orderStepJob, Run: d.runStep},
		{Name: debtReminderJob, Run: d.runDebtReminder},
		{Name: debtTextJob, Run: d.runDebtText},
		{Name: orderEraseJob, Run: d.runErase},
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

func (d Deps) tellAdmins(ctx context.Context, tx *storage.Tx, order *storage.Order, n notice) error {
	grants, err := tx.Grants(ctx)
	if err != nil {
		return err
	}
	for _, grant := range grants {
		if grant.Role != storage.RoleAdmin {
			continue
		}
		if err := d.tell(ctx, tx, order, n, grant.UserID); err != nil {
			return err
		}
	}
	return nil
}

// runStep does what follows a step and can be late: it tells the sides that have not taken
// it, once, and brings the products' count of sales in line with the order as it is now.
func (d Deps) runStep(ctx context.Context, job storage.Job) error {
	id, text, _ := strings.Cut(job.Key, "/")
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("step of an order: %w", err)
	}
	return d.DB.InTx(ctx, func(tx *storage.Tx) error {
		order, err := tx.LockOrder(ctx, id)
		if err != nil {
			return err
		}
		taken, err := tx.OrderStep(ctx, id, number)
		if err != nil {
			return err
		}
		told := notice{key: "order " + job.Key, title: job.Data, note: taken.Note}
		if told.title != "" && taken.Who != actorNames[seller] {
			err = d.tell(ctx, tx, order, told, order.SellerID)
		}
		if err == nil && told.title != "" && taken.Who != actorNames[buyer] {
			err = d.tell(ctx, tx, order, told, order.UserID)
		}
		if err != nil {
			return err
		}
		return countSale(ctx, tx, order)
	})
}

// countSale adds the pieces of an order to its products' sales, or takes them off again.
func countSale(ctx context.Context, tx *storage.Tx, order *storage.Order) error {
	sold := stateOf(order.State).sold
	if order.Counted == sold {
		return nil
	}
	order.Counted = sold
	if err := tx.UpdateOrder(ctx, order, order.State); err != nil {
		return err
	}
	lines, err := tx.OrderLines(ctx, order.OrderID)
	if err != nil {
		return err
	}
	for _, line := range byProduct(lines) {
		pieces := line.Pieces
		if !sold {
			pieces = -pieces
		}
		if err := tx.CountSale(ctx, line.ProductID, pieces); err != nil {
			return err
		}
	}
	return nil
}

// A notice is what an order's sides are told.
type notice struct {
	key         string // once for each user
	title, note string
}

// tell tells a user something about an order.
func (d Deps) tell(ctx context.Context, tx *storage.Tx, order *storage.Order, n notice, user string) error {
	lines, err := tx.OrderLines(ctx, order.OrderID)
	if err != nil {
		return err
	}
	name := "“" + lines[0].ProductName + "”"
	if len(lines) > 1 {
		name += fmt.Sprintf("等 %d 种商品", len(lines))
	}
	content := "订单 " + order.OrderID + "（" + name + "）：" + n.title + "。"
	if n.note != "" {
		content += "说明：" + n.note
	}
	return tx.AddNotice(ctx, storage.Notice{
		UserID: user, Key: n.key, Kind: "order", Title: n.title, Content: content,
		OrderID: order.OrderID, ProductID: lines[0].ProductID, CreatTime: d.Clock.Unix(),
	})
}
