package trade_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
	"campusgate/storage/storagetest"
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

// TestClocksBeginWithTheirSteps: a clock of an order begins in the second of the step that
// begins it, however the time passes meanwhile, and pay_within ends when the payment does.
func TestClocksBeginWithTheirSteps(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.OK("address/creat", bobToken, handlerstest.NewAddress().String())
	f.Clock.Step(time.Second)
	made := f.OK("order/commit", aliceToken, strings.TrimSuffix(items(express, item(tea, "")), "}")+`,"pay_price":13}`)
	payID := made.Field("pay_id")
	id := handlerstest.OrderOf(payID)
	begins := func(clock string, runs time.Duration) {
		t.Helper()
		history, err := f.DB.OrderHistory(t.Context(), id)
		handlerstest.Must(t, err)
		last := history[len(history)-1]
		if o := f.Order(id); o.Clock != clock || o.ClockEnd != last.Time+int64(runs/time.Second) {
			t.Errorf("after %s at %d it is %s until %d, want %s, %s later", last.Step, last.Time, o.Clock, o.ClockEnd, clock, runs)
		}
	}
	begins("pay_within", 30*time.Minute)
	payment, err := f.DB.Payment(t.Context(), payID)
	handlerstest.Must(t, err)
	order := f.Order(id)
	if order.ClockEnd != payment.ExpireTime || order.CreatTime != payment.CreatTime {
		t.Errorf("the order is of %d and waits until %d, its payment of %d until %d", order.CreatTime, order.ClockEnd, payment.CreatTime, payment.ExpireTime)
	}
	var list struct{ List []map[string]any }
	handlerstest.Must(t, json.Unmarshal(f.OK("order/list", aliceToken, `{"state":"need_pay"}`).Data, &list))
	row := list.List[0]
	actions, _ := row["actions"].([]any)
	until := actions[0].(map[string]any)["until"]
	want := made.Field("expire_time")
	for where, got := range map[string]any{
		"order/list": row["expire_time"], "its actions": until, "pay/info": f.OK("pay/info", aliceToken, `{"pay_id":"`+payID+`"}`).Field("expire_time"),
	} {
		if got != want {
			t.Errorf("%s says %v, order/commit %s", where, got, want)
		}
	}
	f.OK("order/pay", aliceToken, `{"pay_id":"`+payID+`","method":"wallet"}`)
	begins("ship_within", 7*dayLong)
	for _, step := range []struct {
		call, token, data, clock string
		runs                     time.Duration
	}{
		{"ship", bobToken, shipping, "confirm_within", 10 * dayLong},
		{"refund", aliceToken, askReturn, "answer_within", 2 * dayLong},
		{"agree", bobToken, "", "return_within", 7 * dayLong},
		{"return", aliceToken, shipping, "receive_within", 10 * dayLong},
		{"refuse", bobToken, because, "arbitrate_within", 15 * dayLong},
	} {
		f.ok(step.call, step.token, id, strings.Fields(step.data)...)
		begins(step.clock, step.runs)
	}
	f.ok("revoke", aliceToken, id)
	f.ok("confirm", aliceToken, id)
	begins("settle_after", 7*dayLong)
}

// A job that is due too early, because the database's clock is ahead of the replica's, does
// nothing before its time, and is done then.
func TestClockIsAhead(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	waiting, paid := f.commit(items(byHand, item(cup, ""))), f.paid(items(byHand, item(tea, "")))
	f.SQL("UPDATE jobs SET run_time = 1 WHERE kind IN ('order.clock', 'payment.expire')")
	f.RunJobs()
	f.wantStates(waiting, "paying")
	f.wantStates(paid, "paid")
	f.Clock.Advance(30 * time.Minute)
	f.RunJobs()
	f.wantStates(waiting, "overtime")
	f.Clock.Advance(10 * dayLong)
	f.RunJobs()
	f.wantStates(paid, "finish")
	storagetest.Audit(t, f.DB, 0)
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

// The fee is rounded down, and what an admin's course brings is the market's; what is sold
// second-hand is of no shop either, and its seller's.
func TestSettle(t *testing.T) {
	t.Parallel()
	f := startFair(t, func(o *handlerstest.Options) { o.Settings.Trade.FeePercent = 7 })
	f.addCourse(storage.Course{ProductID: 1010, UserID: handlerstest.Admin}, storage.PricePolicy{ValidPeriod: 7, Price: 9_99})
	made := f.paid(items(`,"deliver":"face"`, item(cup, ""), item(1010, `,"price_policy_id":4`), item(handlerstest.DocumentTextbook, "")))
	f.ok("confirm", aliceToken, made.OrderIDs[0])
	f.ok("confirm", aliceToken, made.OrderIDs[2])
	bobs, admins := f.Wealth(bob), f.Wealth(handlerstest.Admin)
	f.Clock.Advance(7 * dayLong)
	f.RunJobs()
	f.wantStates(made, "settled settled settled")
	if got := f.Wealth(bob) - bobs; got != 8_00-56+18_00-1_26 { // 7 % of each
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
	if sum != 56+1_26+9_99 {
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
