package trade

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/dispatch"
	"campusgate/storage"
)

// contractSteps are the steps as the market's contract has them, section 8: who, from and
// to. Two states stand behind one name there: finish may be settled, and refunding may be
// appealed.
const contractSteps = `
commit: buyer: → paying
pay: buyer: paying → paid
open: clock: paid/course → finish
cancel: buyer: paying → cancel
pay_within: clock: paying → overtime
address: buyer: paid/express
ship: seller admin: paid/express → shipped
ship: seller admin: shipped
ship_within: clock: paid/express → refunded
decline: seller admin: paid → refunded
confirm: buyer: shipped paid/face → finish
confirm_within: clock: shipped paid/face → finish
extend: buyer: shipped
settle_after: clock: finish → settled
refund: buyer: paid shipped finish → refunding
agree: seller admin: refunding appealed → refunded former returning
answer_within: clock: refunding → refunded former returning
refuse: seller: refunding → former
refuse: seller: returned → appealed
appeal: buyer: paid shipped finish → appealed
revoke: buyer: refunding appealed returning → former
return: buyer: returning → returned
return_within: clock: returning → former
receive: seller admin: returned → refunded former
receive_within: clock: returned → refunded former
arbitrate: admin: refunding appealed returning returned → refunded former
arbitrate_within: clock: appealed → former
delete: buyer seller: cancel overtime refunded settled finish
note: admin: paying paid shipped finish cancel overtime refunding returning returned refunded settled appealed
`

func TestStepsAreTheContracts(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for i := range steps {
		row := &steps[i]
		fmt.Fprintf(&got, "\n%s: %s:", row.name, strings.Join(row.who.names(), " "))
		for _, p := range row.from {
			got.WriteString(" " + placeName(p))
		}
		for j, next := range row.to {
			got.WriteString(map[bool]string{true: " → ", false: " "}[j == 0] + string(next))
		}
	}
	if diff := cmp.Diff(contractSteps, got.String()+"\n"); diff != "" {
		t.Errorf("steps (-contract +code):\n%s", diff)
	}
}

func placeName(p place) string {
	if p.way == anyWay {
		return string(p.state)
	}
	return string(p.state) + "/" + string(p.way)
}

// What steps do is as in the contract's second table, and who comes second gets the step's
// status.
func TestEffectsAndStatuses(t *testing.T) {
	t.Parallel()
	does := map[string]effect{
		"commit": holds, "cancel": givesBack, "pay_within": givesBack, "pay": charges, "open": opens, "settle_after": paysOut,
		"decline": refunds, "ship_within": refunds, "agree": refunds, "answer_within": refunds, "receive": refunds,
		"receive_within": refunds, "arbitrate": refunds,
	}
	status := map[string]int{
		"pay": 201, "cancel": 201, "pay_within": 201, "address": 202, "ship": 202, "decline": 202, "confirm": 203, "extend": 203,
		"refund": 204, "appeal": 204, "agree": 205, "refuse": 205, "revoke": 205, "return": 205, "receive": 205, "arbitrate": 205, "delete": 207,
	}
	for i := range steps {
		row := &steps[i]
		if row.does != does[row.name] {
			t.Errorf("%s does %d, want %d", row.name, row.does, does[row.name])
		}
		if row.who != clock && row.refusal.Number != status[row.name] {
			t.Errorf("%s: status %d, want %d", row.name, row.refusal.Number, status[row.name])
		}
		if told := row.told == ""; told != (row.name == "delete" || row.name == "note") {
			t.Errorf("%s: the notice is %q", row.name, row.told)
		}
	}
}

// Each call of orders documents the statuses that its rows of the table have, and of those of
// states no other: an order in another place, one that goes another way, and what a row has in
// its way.
func TestCallsTellTheStatusesOfTheirSteps(t *testing.T) {
	t.Parallel()
	has := map[string]map[dispatch.Status]bool{}
	for i := range steps {
		row := &steps[i]
		if row.who == clock || row.name == "commit" {
			continue
		}
		if has[row.name] == nil {
			has[row.name] = map[dispatch.Status]bool{orderNotExist: true}
		}
		for _, status := range []dispatch.Status{row.refusal, row.wrongWay} {
			has[row.name][status] = status.Number != 0
		}
		for _, o := range []storage.Order{{}, {AddressChanged: true, Ships: maxShips, Extended: true, Requests: maxRequests, Appealed: true}, {AppealEnd: 1}} {
			if row.while != nil {
				status := row.while(&o, 2)
				has[row.name][status] = status.Number != 0
			}
		}
	}
	has["pay"][orderExpired] = true // by its time
	found := 0
	for _, e := range Calls(Deps{}) {
		if has[e.Subtype] == nil || e.Type != "order" {
			continue
		}
		found++
		for _, status := range e.Statuses() {
			if status.Number > 200 && status.Number < 208 && !has[e.Subtype][status] {
				t.Errorf("order/%s documents %d %s, which none of its rows has", e.Subtype, status.Number, status.Text)
			}
		}
		for status, is := range has[e.Subtype] {
			if is && !slices.Contains(e.Statuses(), status) {
				t.Errorf("order/%s does not document %d %s", e.Subtype, status.Number, status.Text)
			}
		}
	}
	if found != len(has) {
		t.Errorf("%d of %d calls are there", found, len(has))
	}
}

// everyPlace is an order in each place in which one can be.
func everyPlace() (orders []*storage.Order) {
	for _, state := range states {
		for _, o := range []storage.Order{{Deliver: "face"}, {Deliver: "express"}, {Course: true}} {
			o.State = state.name
			impossible := o.Course && slices.Contains([]storage.OrderState{statePaid, stateShipped}, o.State) || o.Deliver == "face" && o.State == stateShipped
			if !impossible {
				orders = append(orders, &o)
			}
		}
	}
	return orders
}

// In each place that is not closed one clock runs, and it ends in one row of the table.
func TestOneClockInEachPlace(t *testing.T) {
	t.Parallel()
	want := map[storage.OrderState]string{
		statePaying: payWithin, stateShipped: confirmWithin, stateFinish: settleAfter, stateRefunding: answerWithin,
		stateAppealed: arbitrateWithin, stateReturning: returnWithin, stateReturned: receiveWithin,
	}
	for _, o := range everyPlace() {
		var running []string
		for i := range orderClocks {
			for j := range steps {
				if steps[j].name == orderClocks[i].name && steps[j].has(o) {
					running = append(running, steps[j].name)
				}
			}
		}
		name := want[o.State]
		if o.State == statePaid {
			name = map[string]string{"face": confirmWithin, "express": shipWithin}[o.Deliver]
		}
		if got := strings.Join(running, " "); got != name {
			t.Errorf("%s %s: the clocks %q run, want %q", o.State, wayOf(o), got, name)
		}
		if closed := stateOf(o.State).closed; closed != (name == "") {
			t.Errorf("%s: closed %t, and the clock is %q", o.State, closed, name)
		}
	}
}

// Each step has one row for a place, and every state but the first can be come to and, if
// it is not closed, left.
func TestTableIsWhole(t *testing.T) {
	t.Parallel()
	comes, leaves := map[storage.OrderState]bool{}, map[storage.OrderState]bool{}
	for i := range steps {
		for _, next := range steps[i].to {
			comes[next] = true
		}
		for _, p := range steps[i].from {
			leaves[p.state] = leaves[p.state] || len(steps[i].to) > 0
		}
	}
	for _, state := range states {
		if !comes[state.name] {
			t.Errorf("no step leads to %s", state.name)
		}
		if leaves[state.name] == state.closed {
			t.Errorf("%s: closed %t, left %t", state.name, state.closed, leaves[state.name])
		}
	}
	for _, o := range everyPlace() {
		rows := map[string]int{}
		for i := range steps {
			if steps[i].has(o) {
				rows[steps[i].name]++
			}
		}
		for name, count := range rows {
			if count > 1 {
				t.Errorf("%s has %d rows for %s", name, count, o.State)
			}
		}
	}
}

// What holds beside the place.
func TestWhile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		step  string
		order storage.Order
		want  dispatch.Status
	}{
		{"address", storage.Order{State: statePaid, Deliver: "express"}, dispatch.OK},
		{"address", storage.Order{State: statePaid, Deliver: "express", AddressChanged: true}, orderNotPaid},
		{"address", storage.Order{State: statePaid, Deliver: "face"}, orderNoDelivery},
		{"address", storage.Order{State: stateShipped, Deliver: "express"}, orderNotPaid},
		{"ship", storage.Order{State: statePaid, Deliver: "face"}, orderNoDelivery},
		{"ship", storage.Order{State: stateShipped, Deliver: "express", Ships: 3}, dispatch.OK},
		{"ship", storage.Order{State: stateShipped, Deliver: "express", Ships: 4}, orderNotPaid},
		{"extend", storage.Order{State: stateShipped}, dispatch.OK},
		{"extend", storage.Order{State: stateShipped, Extended: true}, orderNotShipped},
		{"refund", storage.Order{State: stateShipped, Requests: 2}, dispatch.OK},
		{"refund", storage.Order{State: stateShipped, Requests: 3}, orderNotRefundable},
		{"appeal", storage.Order{State: stateShipped}, orderNotRefundable},
		{"appeal", storage.Order{State: stateShipped, AppealEnd: 101}, dispatch.OK},
		{"appeal", storage.Order{State: stateShipped, AppealEnd: 100}, orderExpired},
		{"appeal", storage.Order{State: stateShipped, AppealEnd: 101, Appealed: true}, orderNotRefundable},
		{"confirm", storage.Order{State: statePaid, Deliver: "express"}, orderNotShipped},
	} {
		if got := stepOf(c.step, &c.order).refuses(&c.order, 100); got != c.want {
			t.Errorf("%s of %+v: %v, want %v", c.step, c.order, got, c.want)
		}
	}
}

// testPeriods are the defaults.
var testPeriods = Periods{
	PayWithin: 30 * time.Minute, ShipWithin: 7 * day, ConfirmWithin: 10 * day, SettleAfter: 7 * day,
	AnswerWithin: 2 * day, ReturnWithin: 7 * day, ReceiveWithin: 10 * day, ArbitrateWithin: 15 * day,
	AppealWithin: 7 * day, CreditWithin: 60 * day,
}

const day = 24 * time.Hour

// The clock of the former state stands still while a refund is open, and goes on behind it;
// what can be appealed is not settled before.
func TestClockStandsStill(t *testing.T) {
	t.Parallel()
	const begin = 1_000_000
	o := &storage.Order{State: stateFinish}
	testPeriods.begin(o, stateShipped, begin)
	move := func(to storage.OrderState, now int64) {
		from := o.State
		if to == stateFormer {
			to = o.FormerState
		}
		o.State = to
		testPeriods.begin(o, from, now)
	}
	want := func(clock string, end int64) {
		t.Helper()
		if o.Clock != clock || o.ClockEnd != end {
			t.Errorf("%s until %d, want %s until %d", o.Clock, o.ClockEnd, clock, end)
		}
	}
	days := func(n int64) int64 { return n * seconds(day) }
	want(settleAfter, begin+days(7))
	move(stateRefunding, begin+days(3)) // 4 days are left
	want(answerWithin, begin+days(5))
	move(stateReturning, begin+days(4))
	want(returnWithin, begin+days(11))
	move(stateReturned, begin+days(10))
	want(receiveWithin, begin+days(20))
	move(stateAppealed, begin+days(12))
	want(arbitrateWithin, begin+days(27))
	move(stateFormer, begin+days(13))
	want(settleAfter, begin+days(17))
	move(stateRefunding, begin+days(14)) // 3 days are left
	o.AppealEnd = begin + days(21)       // refused at once
	move(stateFormer, begin+days(14))
	want(settleAfter, begin+days(21))
	move(stateSettled, begin+days(21))
	want("", 0)

	o = &storage.Order{State: stateShipped} // its clock has ended, and the job was late
	testPeriods.begin(o, statePaid, begin)
	move(stateRefunding, begin+days(30))
	move(stateFormer, begin+days(31))
	want(confirmWithin, begin+days(31))
}

func TestClockJobs(t *testing.T) {
	t.Parallel()
	const begin = 1_000_000
	at := func(days float64) int64 { return begin + int64(days*float64(seconds(day))) }
	for _, c := range []struct {
		clock    string
		end, now int64
		reminder int64 // 0: none
		noClock  bool
	}{
		{clock: payWithin, end: begin + 1800, now: begin, noClock: true}, // the payment's
		{clock: shipWithin, end: at(7), now: begin, reminder: at(3)},
		{clock: shipWithin, end: at(7), now: at(3)}, // goes on, reminded before
		{clock: confirmWithin, end: at(10), now: begin, reminder: at(8)},
		{clock: confirmWithin, end: at(17), now: at(9), reminder: at(15)}, // extended
		{clock: settleAfter, end: at(7), now: begin},
		{clock: answerWithin, end: at(2), now: begin},
		{clock: returnWithin, end: at(7), now: begin},
		{clock: receiveWithin, end: at(10), now: begin},
		{clock: arbitrateWithin, end: at(15), now: begin, reminder: at(1)},
		{clock: "", now: begin, noClock: true},
	} {
		var want []storage.Job
		key := fmt.Sprintf("7/%s/%d", c.clock, c.end)
		if !c.noClock {
			want = append(want, storage.Job{Kind: orderClockJob, Key: key, Due: c.end})
		}
		if c.reminder != 0 {
			want = append(want, storage.Job{Kind: orderReminderJob, Key: key, Due: c.reminder})
		}
		got := testPeriods.clockJobs(&storage.Order{OrderID: "7", Clock: c.clock, ClockEnd: c.end}, c.now)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
}

func TestPeriodText(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		30 * time.Minute: "30m", 7 * day: "7d", 90 * time.Second: "1m30s", 36 * time.Hour: "36h", time.Second: "1s", 61 * time.Minute: "1h1m",
	} {
		if got := periodText(d); got != want {
			t.Errorf("%s is shown as %s, want %s", d, got, want)
		}
	}
}
