package trade

import (
	"context"
	"strings"
	"time"

	"campusgate/dispatch"
	"campusgate/storage"
	"campusgate/storage/jobs"
)

// The kinds of jobs of debts.
const (
	debtReminderJob = "debt.reminder" // key <order_id>
	debtTextJob     = "debt.text"     // key <order_id>/<day of the reminder>
)

// remindAt is when the reminder of a debt with a number from 0 comes: in the morning three
// days before the day on which it is due, on this, and every seven days from then on.
func (d Deps) remindAt(due int64, number int) time.Time {
	const before, every, hour = 3, 7, 10
	year, month, day := time.Unix(due, 0).In(d.Clock.Location).Date()
	return time.Date(year, month, day+max(every*(number-1), -before), hour, 0, 0, 0, d.Clock.Location)
}

// debtReminders are the last reminder of a debt until now, the zero time before the first,
// and the next.
func (d Deps) debtReminders(due, now int64) (last, next time.Time) {
	for number := 0; ; number++ {
		if next = d.remindAt(due, number); next.Unix() > now {
			return last, next
		}
		last = next
	}
}

// debtJob reminds of the debt of an order that has just been paid.
func (d Deps) debtJob(o *storage.Order, now int64) storage.Job {
	_, next := d.debtReminders(o.DueTime, now)
	return storage.Job{Kind: debtReminderJob, Key: o.OrderID, Due: next.Unix()}
}

// runDebtReminder reminds of a debt until it is paid: by a notice, once for each reminder,
// and by an SMS, which is another job, as it may fail.
func (d Deps) runDebtReminder(ctx context.Context, job storage.Job) error {
	var next time.Time
	err := d.DB.InTx(ctx, func(tx *storage.Tx) error {
		next = time.Time{}
		order, err := tx.LockOrder(ctx, job.Key)
		if err != nil || order.Debt == 0 {
			return err
		}
		now := d.Clock.Unix()
		last, following := d.debtReminders(order.DueTime, now)
		next = following
		if last.IsZero() { // the database's clock is ahead
			return nil
		}
		text := storage.Job{Kind: debtTextJob, Key: order.OrderID + "/" + last.Format(time.DateOnly), Due: now}
		reminder := notice{key: "debt " + text.Key, title: d.owes(order, now)}
		told, err := tx.HasNotice(ctx, order.UserID, reminder.key)
		if err != nil || told {
			return err
		}
		if d.Text != nil {
			if err := tx.AddJob(ctx, text); err != nil {
				return err
			}
		}
		return d.tell(ctx, tx, order, reminder, order.UserID)
	})
	if err == nil && !next.IsZero() {
		err = jobs.Later(next)
	}
	return err
}

// owes says what is owed for an order, and until when.
func (d Deps) owes(o *storage.Order, now int64) string {
	const owed = "额度欠款"
	amount, day := dispatch.Fen(o.Debt).String()+" 元", d.day(o.DueTime)
	switch {
	case now > o.DueTime:
		return owed + " " + amount + "已逾期"
	case day == d.day(now):
		return owed + " " + amount + "今天到期"
	}
	return owed + " " + amount + "将于 " + day + " 到期"
}

// day is the day of a time, as in 2019-11-28.
func (d Deps) day(unix int64) string {
	return time.Unix(unix, 0).In(d.Clock.Location).Format(time.DateOnly)
}

// runDebtText sends the SMS of a reminder, if the debt is not paid meanwhile and the user
// has a phone.
func (d Deps) runDebtText(ctx context.Context, job storage.Job) error {
	id, _, _ := strings.Cut(job.Key, "/")
	order, err := d.DB.Order(ctx, id)
	if err != nil || order.Debt == 0 || d.Text == nil {
		return err
	}
	profile, err := d.DB.Profile(ctx, order.UserID)
	if err != nil || profile.Phone == "" {
		return err
	}
	return d.Text(ctx, profile.Phone, dispatch.Fen(order.Debt).String(), d.day(order.DueTime))
}
