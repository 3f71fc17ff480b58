package trade_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// TestOrderClocks plays every clock that is not a refund's: a second before its end nothing
// has happened, and at its end the step is taken by nobody.
func TestOrderClocks(t *testing.T) {
	t.Parallel()
	ship := func(f *fair, id string) { f.ok("ship", bobToken, id, shipping) }
	confirm := func(f *fair, id string) { f.ok("confirm", aliceToken, id) }
	for _, c := range []struct {
		name         string
		data         string
		prepare      func(f *fair, id string)
		unpaid       bool
		runs         time.Duration
		before, then string
		reminder     time.Duration // when the reminder comes; 0: none
		reminded     string        // the user
		title        string
	}{
		{name: "pay_within", data: items(`,"deliver":"face"`, item(tea, "")), unpaid: true, runs: 30 * time.Minute, before: "paying", then: "overtime"},
		{
			name: "confirm_within, shipped", data: items(express, item(tea, "")), prepare: ship, runs: 10 * dayLong, before: "shipped", then: "finish",
			reminder: 8 * dayLong, reminded: alice, title: "请确认收货，超时将自动确认",
		},
		{
			name: "confirm_within, face to face", data: items(`,"deliver":"face"`, item(tea, "")), runs: 10 * dayLong, before: "paid", then: "finish",
			reminder: 8 * dayLong, reminded: alice, title: "请确认收货，超时将自动确认",
		},
		{name: "settle_after", data: items(`,"deliver":"face"`, item(tea, "")), prepare: confirm, runs: 7 * dayLong, before: "finish", then: "settled"},
		{name: "settle_after, a course", data: items("", item(course, `,"price_policy_id":1`)), runs: 7 * dayLong, before: "finish", then: "settled"},
		{
			name: "ship_within", data: items(express, item(tea, "")), runs: 3*dayLong + 1, before: "paid", then: "paid",
			reminder: 3 * dayLong, reminded: bob, title: "请尽快发货，超时未发货将自动退款",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := startFair(t)
			var made commitment
			if c.unpaid {
				made = f.commit(c.data)
			} else {
				made = f.paid(c.data)
			}
			id := made.OrderIDs[0]
			if c.prepare != nil {
				c.prepare(f, id)
			}
			f.RunJobs()
			begin := f.Clock.Now()
			until := func(d time.Duration) {
				f.Clock.Advance(begin.Add(d).Sub(f.Clock.Now()))
				f.RunJobs()
			}
			if c.reminder > 0 {
				before := f.told(c.reminded)
				until(c.reminder - time.Second)
				f.wantTold(c.reminded, before)
				until(c.reminder)
				f.wantTold(c.reminded, strings.TrimSpace(c.title+" "+before))
			}
			until(c.runs - time.Second)
			f.wantStates(made, c.before)
			until(c.runs)
			f.wantStates(made, c.then)
			if c.before == c.then {
				return
			}
			history, err := f.DB.OrderHistory(t.Context(), id)
			handlerstest.Must(t, err)
			last := history[len(history)-1]
			if last.Who != "clock" || last.UserID != "" || last.Time != f.Clock.Now().Unix() {
				t.Errorf("the last step: %+v", last)
			}
			steps := len(history)
			f.RunJobs() // and nothing twice
			if history, _ = f.DB.OrderHistory(t.Context(), id); len(history) != steps {
				t.Errorf("%d steps, then %d", steps, len(history))
			}
		})
	}
}

// A clock that an order has left behind does nothing, and one that was extended ends later.
func TestStaleClocks(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	made := f.paid(items(express, item(tea, "")))
	id := made.OrderIDs[0]
	stale := f.Order(id)
	f.ok("ship", bobToken, id, shipping)
	f.Clock.Advance(7 * dayLong) // ship_within would end
	f.RunJobs()
	f.wantStates(made, "shipped")
	f.ok("extend", aliceToken, id)
	f.Clock.Advance(10*dayLong - time.Second) // of 17
	f.RunJobs()
	f.wantStates(made, "shipped")
	if got := f.Order(id); got.ClockEnd <= stale.ClockEnd || got.Clock != "confirm_within" {
		t.Errorf("%s until %d", got.Clock, got.ClockEnd)
	}
	f.wantTold(alice, "请确认收货，超时将自动确认 卖家已发货")
	f.Clock.Advance(time.Second)
	f.RunJobs()
	f.wantStates(made, "finish")
}

// Admins are reminded of an appeal every day, until it is decided.
func TestReminderOfAdmins(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	made := f.paid(items(express, item(tea, "")))
	id, end := made.OrderIDs[0], f.Clock.Now().Add(15*dayLong).Unix()
	f.SetOrder(id, func(o *storage.Order) {
		o.State, o.Clock, o.ClockEnd, o.FormerState, o.FormerClock = "appealed", "arbitrate_within", end, "paid", "ship_within"
	})
	f.inTx(func(tx *storage.Tx) error {
		return tx.AddJobs(t.Context(), []storage.Job{
			{Kind: "order.reminder", Key: fmt.Sprintf("%s/arbitrate_within/%d", id, end), Due: f.Clock.Now().Add(dayLong).Unix()},
		})
	})
	const title = "有申诉等待裁决"
	for _, want := range []string{"", title, title + " " + title} {
		f.wantTold(handlerstest.Admin, want)
		f.Clock.Advance(dayLong)
		f.RunJobs()
	}
	f.SetOrder(id, func(o *storage.Order) { o.State, o.Clock, o.ClockEnd = "paid", "ship_within", end })
	f.Clock.Advance(dayLong)
	f.RunJobs()
	f.wantTold(handlerstest.Admin, title+" "+title+" "+title)
}

// The fee is rounded down, and what an admin's course brings is the market's.
func TestSettle(t *testing.T) {
	t.Parallel()
	f := startFair(t, func(o *handlerstest.Options) { o.Settings.Trade.FeePercent = 7 })
	f.addCourse(storage.Course{ProductID: 1010, UserID: handlerstest.Admin}, storage.PricePolicy{ValidPeriod: 7, Price: 9_99})
	made := f.paid(items(`,"deliver":"face"`, item(cup, ""), item(1010, `,"price_policy_id":4`)))
	f.ok("confirm", aliceToken, made.OrderIDs[0])
	bobs, admins := f.Wealth(bob), f.Wealth(handlerstest.Admin)
	f.Clock.Advance(7 * dayLong)
	f.RunJobs()
	f.wantStates(made, "settled settled")
	if got := f.Wealth(bob) - bobs; got != 8_00-56 { // 7 % of 8.00
		t.Errorf("bob got %d", got)
	}
	if got := f.Wealth(handlerstest.Admin) - admins; got != 0 {
		t.Errorf("the admin got %d", got)
	}
	rows, _, err := f.DB.AccountLedger(t.Context(), storage.MarketAccount, storage.CNY, "", storage.Page{Limit: 9})
	handlerstest.Must(t, err)
	var sum int64
	for _, row := range rows {
		sum += row.Amount
	}
	if sum != 56+9_99 {
		t.Errorf("the market got %d", sum)
	}
}

// Where an order went is forgotten 180 days after its end.
func TestAddressIsErased(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	made := f.commit(items(express, item(tea, "")))
	f.ok("cancel", aliceToken, made.OrderIDs[0])
	f.RunJobs()
	if f.Order(made.OrderIDs[0]).Address == "" {
		t.Error("the address is gone at once")
	}
	f.Clock.Advance(180*dayLong - time.Second)
	f.RunJobs()
	if f.Order(made.OrderIDs[0]).AddressPhone == "" {
		t.Error("the phone is gone too early")
	}
	f.Clock.Advance(time.Second)
	f.RunJobs()
	if o := f.Order(made.OrderIDs[0]); o.AddressName+o.AddressPhone+o.Address != "" {
		t.Errorf("kept: %q %q %q", o.AddressName, o.AddressPhone, o.Address)
	}
}
