package model_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// TestMarketWholeTogether: many clients of every user take any steps of the same orders at
// once, while clocks end. What comes first is not known, but each answer is one that the
// contract has, the audit is clean at every moment, each order goes along the table only, and
// what was answered has happened once. At the end every clock has ended, and nothing is
// held.
func TestMarketWholeTogether(t *testing.T) {
	t.Parallel()
	calls, first := newTally(), seed(t)
	played := steps(t)
	for left := played; left > 0; left -= crowdSteps {
		first++
		t.Run(strconv.FormatUint(first, 10), func(t *testing.T) { newCrowd(t, first, calls).play(crowdSteps) })
	}
	calls.log(t, played)
}

// crowdSteps are taken in one market.
const crowdSteps = 1000

// A crowd is many clients at once. What a client draws from is what there is by then.
type crowd struct {
	*world

	sent, audits atomic.Int64
	// flying are the calls: none takes the hour or the day that passes between two, after which
	// its day is over and summed up.
	flying sync.RWMutex

	mutex sync.Mutex // guards what follows
	made  []commitment
	pages []string
	taken map[string]int // by order and step: answers
	wrong []string
}

type commitment struct {
	PayID    string      `json:"pay_id"`
	OrderIDs []string    `json:"order_ids"`
	PayPrice json.Number `json:"pay_price"`
	user     *person
}

func newCrowd(t *testing.T, seed uint64, calls *tally) *crowd {
	t.Helper()
	return &crowd{world: newWorld(t, seed, calls), taken: map[string]int{}}
}

const clients = 8

func (c *crowd) play(calls int) {
	ctx, stop := context.WithCancel(c.T.Context())
	var background, working sync.WaitGroup
	background.Go(func() { c.tend(ctx) })
	background.Go(func() { c.watch(ctx) })
	for i := range clients {
		random := rand.New(rand.NewPCG(c.random.Uint64(), uint64(i)))
		working.Go(func() {
			for c.sent.Load() < int64(calls) {
				c.act(&world{Gateway: c.Gateway, random: random, wares: c.wares, people: c.people, tickets: c.tickets})
			}
		})
	}
	working.Wait()
	stop()
	background.Wait()
	c.closeAll()
	c.check()
	if len(c.wrong) > 0 {
		c.T.Fatal(strings.Join(c.wrong, "\n"))
	}
}

// tend runs the jobs.
func (c *crowd) tend(ctx context.Context) {
	for ctx.Err() == nil {
		c.RunJobs()
	}
}

// watch audits all the time.
func (c *crowd) watch(ctx context.Context) {
	for ctx.Err() == nil {
		c.audit()
		c.audits.Add(1)
	}
}

func (c *crowd) audit() {
	report, err := c.DB.CheckLedger(context.WithoutCancel(c.T.Context()))
	c.expect(err == nil, "audit: %v", err)
	for _, line := range report.Off() {
		c.expect(false, "audit: %s", line)
	}
}

func (c *crowd) expect(holds bool, format string, values ...any) {
	if holds {
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if len(c.wrong) < 20 {
		c.wrong = append(c.wrong, fmt.Sprintf(format, values...))
	}
}

// ask makes a call, which has an answer that the contract has.
func (c *crowd) ask(call, token, data string) handlerstest.Answer {
	a := c.Call(call, token, data)
	c.sent.Add(1)
	c.calls.count(call, a.Status)
	c.expect(a.Status >= 0 || a.Status == -304 || a.Status == -103, "%s %s: %s", call, data, a.Raw)
	return a
}

// act makes one call, drawn from what there is by now.
func (c *crowd) act(w *world) {
	drawn := w.random.IntN(101)
	if drawn == 100 {
		c.flying.Lock()
		defer c.flying.Unlock()
		c.Clock.Advance(time.Duration(w.pickNumber(1, 60, 60, 600, 3600, day, 3*day)) * time.Second)
		return
	}
	c.flying.RLock()
	defer c.flying.RUnlock()
	switch {
	case drawn < 20:
		c.commit(w)
	case drawn < 34:
		c.pay(w)
	case drawn < 40:
		c.page(w)
	case drawn < 44:
		c.ask("coupon/take", w.anybody().token, fmt.Sprintf(`{"coupon_id":%d}`, w.tickets[w.random.IntN(len(w.tickets))].id))
	case drawn < 48:
		c.ask("wallet/grant", adminToken, fmt.Sprintf(`{"user_id":"%s","currency":"cny","amount":%d}`, w.anybody().id, w.pickNumber(-20, 20, 50)))
	case drawn < 50:
		c.ask("credit/set", adminToken, fmt.Sprintf(`{"user_id":"%s","inc_amount":%d}`, w.anybody().id, w.pickNumber(-50, 50)))
	case drawn < 51:
		g := w.waresOf(w.anybody())[w.random.IntN(3)]
		c.ask("product/update", g.seller.token, fmt.Sprintf(`{"product_id":%d,"shop_id":%d,"product_status":%d}`, g.id, g.shop, w.pickNumber(0, 1, 1, 1, 1, 1)))
	default:
		c.step(w)
	}
}

// commit commits to what a quote says.
func (c *crowd) commit(w *world) {
	u := w.anybody()
	records, _, err := c.DB.CouponRecords(c.T.Context(), u.id, new(int64(storage.RecordUsable)), c.now(), storage.Page{})
	c.expect(err == nil, "records: %v", err)
	for _, r := range records {
		w.slips = append(w.slips, &slip{id: r.RecordID, owner: u, end: r.ValidEnd, ticket: w.tickets[slices.IndexFunc(w.tickets, func(t *ticket) bool { return t.id == r.Coupon.CouponID })]})
	}
	v := w.drawWish(u)
	if len(v.items) == 0 {
		return
	}
	quote := c.ask("order/prepare", u.token, "{"+v.data()+"}")
	if quote.Status != 0 {
		return
	}
	a := c.ask("order/commit", u.token, "{"+v.data()+`,"pay_price":`+quote.Field("pay_price")+"}")
	if a.Status != 0 {
		return
	}
	made := commitment{user: u}
	c.expect(json.Unmarshal(a.Data, &made) == nil, "%s", a.Raw)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.made = append(c.made, made)
	for _, id := range made.OrderIDs {
		c.taken[id+" commit"]++
	}
}

// some is one of the latest commitments; false where there is none.
func (c *crowd) some(w *world) (commitment, bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if len(c.made) == 0 {
		return commitment{}, false
	}
	return c.made[max(0, len(c.made)-1-w.random.IntN(8))], true
}

func (c *crowd) pay(w *world) {
	made, any := c.some(w)
	if !any {
		return
	}
	if p, err := c.DB.Payment(c.T.Context(), made.PayID); err != nil || p.State != storage.PaymentWaiting && !w.chance(8) {
		return
	}
	method := w.pick("wallet", "wallet", "sandbox")
	a := c.ask("order/pay", made.user.token, `{"pay_id":"`+made.PayID+`","method":"`+method+`"}`)
	if _, page, waits := strings.Cut(a.Field("pay_url"), "/sandbox/"); waits {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		c.pages = append(c.pages, page)
		return
	}
	if a.Status == 0 {
		c.acknowledge("pay", made.OrderIDs...)
	}
}

func (c *crowd) acknowledge(step string, orders ...string) {
	c.calls.taken(step)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, id := range orders {
		c.taken[id+" "+step]++
	}
}

func (c *crowd) page(w *world) {
	c.mutex.Lock()
	if len(c.pages) == 0 {
		c.mutex.Unlock()
		return
	}
	page := c.pages[max(0, len(c.pages)-1-w.random.IntN(6))]
	c.mutex.Unlock()
	result := w.pick("paid", "paid", "paid", "twice", "failed", "wrong", "silent", "late")
	c.calls.count("page "+result, 0)
	status := w.post("/sandbox/"+page, "result="+result)
	c.expect(status == 303, "the page answers %d", status)
}

// step takes any step of an order, or repays its debt.
func (c *crowd) step(w *world) {
	made, any := c.some(w)
	if !any {
		return
	}
	id := made.OrderIDs[w.random.IntN(len(made.OrderIDs))]
	o, err := c.DB.Order(c.T.Context(), id)
	c.expect(err == nil, "order: %v", err)
	if closed(string(o.State)) && !w.chance(8) {
		return // of what is over little can be taken
	}
	token := map[string]string{"buyer": made.user.token, "admin": adminToken}
	for _, p := range w.people {
		if p.id == o.SellerID {
			token["seller"] = p.token
		}
	}
	if o.Debt > 0 && w.chance(3) || w.chance(30) {
		c.ask("credit/pay", token["buyer"], `{"order_id":"`+id+`","method":"`+w.pick("wallet", "sandbox")+`"}`)
		return
	}
	r := w.likely(&deal{state: string(o.State), deliver: o.Deliver, requests: int(o.Requests), appealEnd: o.AppealEnd})
	more := map[string]string{
		"address": `,"address_id":1`, "ship": `,"logistics":"顺丰","logistics_id":"SF1"`, "return": `,"logistics":"顺丰","logistics_id":"SF1"`,
		"decline": `,"reason":"没货"`, "refuse": `,"reason":"完好"`, "appeal": `,"reason":"有划痕"`, "note": `,"admin_note":"n"`,
		"arbitrate": fmt.Sprintf(`,"amount":%d,"note":"各承担一半"`, w.between(0, 3)),
		"refund":    w.pick(`,"kind":"money","reason":"有划痕"`, `,"kind":"return","reason":"有划痕"`, `,"kind":"money","reason":"有划痕","amount":0.5`, `,"kind":"return","reason":"坏了","items":[{"line":0,"product_num":1}]`),
	}[r.call]
	who := fields(r.who)
	a := c.ask("order/"+r.call, token[who[w.random.IntN(len(who))]], `{"order_id":"`+id+`"`+more+"}")
	if a.Status != 0 {
		return
	}
	orders := []string{id}
	if r.call == "cancel" {
		orders = made.OrderIDs
	}
	c.acknowledge(r.call, orders...)
}

// likely is a step, mostly one that can be taken in a state.
func (w *world) likely(d *deal) rule {
	var can []rule
	for _, r := range rules {
		if r.refuses(d, w.now()) == 0 && w.chance(max(1, rare[r.call])) {
			can = append(can, r)
		}
	}
	if len(can) == 0 || w.chance(4) {
		can = rules
	}
	return can[w.random.IntN(len(can))]
}
