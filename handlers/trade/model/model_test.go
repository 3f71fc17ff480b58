// Package model_test plays the whole market beside a model of it: users, products, coupons,
// beli, credit, orders, refunds and clocks, paid by the wallet and the sandbox.
package model_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// The environment says how many steps are played, and by which seed, which a failure names.
const (
	stepsVariable = "MODEL_STEPS"
	seedVariable  = "MODEL_SEED"
	// worldSteps are played in one world, whose audit reads every row after each.
	worldSteps = 250
)

// steps is how many are played in all.
func steps(t *testing.T) int {
	t.Helper()
	text := cmp.Or(os.Getenv(stepsVariable), map[bool]string{true: "500", false: "2000"}[testing.Short()])
	n, err := strconv.Atoi(text)
	handlerstest.Must(t, err)
	return n
}

// seed is that of the environment, or another each time.
func seed(t *testing.T) uint64 {
	t.Helper()
	if text := os.Getenv(seedVariable); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		handlerstest.Must(t, err)
		return n
	}
	return rand.Uint64N(1_000_000)
}

// TestMarketWhole plays any order of calls, each of which is answered as the model foretells
// and leaves behind what the model holds. After each the audit is clean.
func TestMarketWhole(t *testing.T) {
	t.Parallel()
	calls, played := newTally(), 0
	for first := seed(t); played < steps(t); first++ {
		t.Run(strconv.FormatUint(first, 10), func(t *testing.T) {
			w := newWorld(t, first, calls)
			for range worldSteps {
				w.play()
				played++
			}
			calls.orders += len(w.deals)
		})
		if t.Failed() {
			t.Fatalf("play it again with %s=%d", seedVariable, first)
		}
	}
	calls.log(t, played)
}

// play makes one call, or has time pass, and looks at what is there then.
func (w *world) play() {
	for w.acted = false; !w.acted; {
		w.draw()()
	}
	w.RunJobs()
	w.tick()
	w.compare()
	storagetest.Audit(w.T, w.DB, 0)
	if w.T.Failed() {
		w.fail("the audit is off")
	}
}

// draw draws what is done next.
func (w *world) draw() func() {
	draws := []struct {
		weight int
		do     func()
	}{
		{16, w.commit},
		{3, w.prepare},
		{14, w.pay},
		{10, w.page},
		{3, w.askPay},
		{40, w.possible},
		{10, w.step},
		{4, w.look},
		{4, w.take},
		{4, w.change},
		{4, w.repay},
		{2, w.recharge},
		{3, w.grant},
		{6, w.pass},
	}
	total := 0
	for _, d := range draws {
		total += d.weight
	}
	drawn := w.random.IntN(total)
	for _, d := range draws {
		if drawn -= d.weight; drawn < 0 {
			return d.do
		}
	}
	panic("unreachable")
}

// compare finds the database to hold what the model holds.
func (w *world) compare() {
	ctx := w.T.Context()
	same := func(what string, want, got any) {
		if want, got := fmt.Sprintf("%+v", want), fmt.Sprintf("%+v", got); want != got {
			w.fail("%s:\nmodel    %s\ndatabase %s", what, want, got)
		}
	}
	for _, u := range w.people {
		user, err := w.DB.User(ctx, u.id)
		w.must(err)
		p, err := w.DB.Profile(ctx, u.id)
		w.must(err)
		same("the wallet, beli and credit of "+u.id, [6]int64{u.wallet, u.beli, u.beliHeld, u.credit, u.creditHeld, u.owes},
			[6]int64{user.Wealth, p.Beli, p.BeliHeld, p.CreditAmount, p.CreditHeld, p.CreditDebt})
		w.compareSlips(u, same)
	}
	var ids []int64
	for _, g := range w.wares {
		ids = append(ids, g.id)
	}
	products, err := w.DB.SaleProducts(ctx, ids)
	w.must(err)
	stored := map[int64]storage.SaleProduct{}
	for _, p := range products {
		stored[p.ProductID] = p
	}
	for _, g := range w.wares {
		p := stored[g.id]
		if g.kind == storage.TypeCourse { // the cheapest is shown
			g.price = min(g.policies[0].Price, g.policies[1].Price)
		}
		same(fmt.Sprint("the price, stock and sale of ", g.id), [3]int64{g.price, orNone(g.stock), g.sold}, [3]int64{p.Price, orNone(p.Stock), p.Sale})
	}
	orders, _, err := w.DB.Orders(ctx, storage.OrderFilter{}, storage.Page{})
	w.must(err)
	same("orders", len(w.deals), len(orders))
	byID := map[string]storage.Order{}
	for _, row := range orders {
		byID[row.Order.OrderID] = row.Order
	}
	for _, d := range w.deals {
		o := byID[d.id]
		want := standing{d.state, d.end, d.former, d.escrow(), d.debt, d.refunded, d.promotion, d.beli, d.requests, d.appealEnd, d.appealed, d.ships, d.extended, d.moved, d.hidden["buyer"], d.hidden["seller"]}
		got := standing{
			string(o.State), o.ClockEnd, string(o.FormerState), o.Escrow, o.Debt, o.Refunded, o.Promotion, o.Beli, int(o.Requests), o.AppealEnd, o.Appealed, int(o.Ships), o.Extended,
			o.AddressChanged, o.ListBuyer == "", o.ListSeller == "",
		}
		if o.PayTime == 0 { // what is not paid has no promotion yet
			want.Promotion, got.Promotion = 0, 0
		}
		same("order "+d.id, want, got)
	}
}

// A standing is where an order stands.
type standing struct {
	State                                      string
	End                                        int64
	Former                                     string
	Escrow, Debt, Refunded                     int64
	Promotion, Beli                            int64
	Requests                                   int
	AppealEnd                                  int64
	Appealed                                   bool
	Ships                                      int
	Extended, Moved, HiddenBuyer, HiddenSeller bool
}

func (w *world) compareSlips(u *person, same func(what string, want, got any)) {
	records, _, err := w.DB.CouponRecords(w.T.Context(), u.id, nil, w.now(), storage.Page{})
	w.must(err)
	states := map[int64]int64{}
	for _, r := range records {
		states[r.RecordID] = r.StateAt(0)
	}
	for _, s := range w.slips {
		if s.owner != u {
			continue
		}
		want := int64(storage.RecordUsable)
		switch {
		case s.used:
			want = storage.RecordUsed
		case s.held != nil:
			want = storage.RecordHeld
		}
		same(fmt.Sprint("the state of record ", s.id), want, states[s.id])
	}
}

func orNone(n *int64) int64 {
	if n == nil {
		return -1
	}
	return *n
}

// A tally counts answers by call and status, and the steps that were taken.
type tally struct {
	mutex           sync.Mutex
	answers, steps  map[string]int
	orders, refunds int
	audits          int // while others write
}

func newTally() *tally { return &tally{answers: map[string]int{}, steps: map[string]int{}} }

func (c *tally) count(call string, status int) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.answers[fmt.Sprintf("%s %d", call, status)]++
}

func (c *tally) taken(step string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.steps[step]++
}

func (c *tally) log(t *testing.T, played int) {
	t.Helper()
	text := func(counts map[string]int) string {
		var lines []string
		for _, name := range slices.Sorted(maps.Keys(counts)) {
			lines = append(lines, fmt.Sprintf("%s: %d", name, counts[name]))
		}
		return strings.Join(lines, ", ")
	}
	total := 0
	for _, n := range c.answers {
		total += n
	}
	t.Logf("%d steps with %d calls, %d orders, %d refunds, %d audits meanwhile\nsteps taken: %s\nanswers: %s", played, total, c.orders, c.refunds, c.audits, text(c.steps), text(c.answers))
}
