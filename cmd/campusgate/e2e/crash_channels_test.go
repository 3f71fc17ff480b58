package e2e

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/pingpp/pingpptest"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// TestPaymentsSurviveSIGKILL: whenever the process dies while channels tell of payments and
// take refunds, what it had told them is booked is there, everything is paid and given back
// once, and the audit is clean. The channels go on meanwhile, and repeat what was not taken.
func TestPaymentsSurviveSIGKILL(t *testing.T) {
	t.Parallel()
	times := 5
	if os.Getenv("CRASHES") != "" {
		times = max(times, crashes(t)/4)
	}
	onEachDatabase(t, func(t *testing.T, environ []string, options storage.Options) { killPayers(t, times, environ, options) })
}

// A till is a channel that takes payments. Where it has a page, action is that, else a code.
type till struct {
	channel  string
	client   string
	pay      func(attempt, action string) bool
	refunded func(attempt string) []int64
	told     func(t testing.TB, attempt string) (body []byte, headers []string)
}

// tills are Alipay, where the browser has a page that nobody can close before it is opened,
// WeChat Pay, where refunds have numbers, and Ping++, where they have none.
func tills(c *campusgatetest.Channels) []till {
	byCode := func(pay func(attempt string) bool) func(attempt, action string) bool {
		return func(attempt, _ string) bool { return pay(attempt) }
	}
	return []till{
		{channel.WeChat, channel.Native, byCode(c.WeChat.Pay), c.WeChat.Refunded, func(t testing.TB, attempt string) ([]byte, []string) {
			told := c.WeChat.Paid(t, attempt, nil)
			return told.Body, told.Headers()
		}},
		{channel.Pingpp, channel.Native, byCode(c.Pingpp.Pay), c.Pingpp.Refunded, func(t testing.TB, attempt string) ([]byte, []string) {
			body, signature := c.Pingpp.Charged(t, attempt, nil)
			return body, []string{"X-Pingplusplus-Signature", signature}
		}},
		{channel.Alipay, channel.PC, func(attempt, page string) bool {
			return c.Alipay.Open(page) == nil && c.Alipay.Pay(attempt)
		}, c.Alipay.Refunds, func(t testing.TB, attempt string) ([]byte, []string) {
			return c.Alipay.Notification(t, attempt, nil), nil
		}},
	}
}

// A payer orders, pays at a till, and has some of it back.
type payer struct {
	till
	channels       *campusgatetest.Channels
	buyer, seller  string
	product, other string // of two sellers
	server         *campusgatetest.Process
	calls          *atomic.Int64
	paid           map[string]bool // attempts paid at the channel; true: it was told that this is booked
}

func killPayers(t *testing.T, times int, environ []string, options storage.Options) {
	t.Helper()
	c := campusgatetest.StartChannels(t)
	c.Pingpp.Fail("refund", pingpptest.Late) // so that some die before they hear of what was done
	environ = append(environ, c.Environ...)
	folder, payers := t.TempDir(), make([]*payer, 6)
	campusgatetest.Run(t, environ, "migrate").Want(t, 0)
	sellers := []string{campusgatetest.AddUser(t, environ, "100", "码三秃", "0"), campusgatetest.AddUser(t, environ, "99", "王小四", "0")}
	tills := tills(c)
	for i := range payers {
		payers[i] = &payer{till: tills[i%len(tills)], channels: c, seller: sellers[0], buyer: campusgatetest.AddUser(t, environ, strconv.Itoa(101+i), "王凌超", "0"), paid: map[string]bool{}}
	}
	b := campusgatetest.Start(t, folder, environ)
	sells := func(seller string) func() (product string) {
		shop := b.Call(t, "/shop?token="+seller, "shop/creat", `{"shop_name":"shop `+seller[:4]+`"}`).Field("shop_id")
		return func() (product string) {
			return b.Call(t, "/product?token="+seller, "product/creat", `{"product_name":"tea","product_price":1.01,"product_status":1,"product_stock":900000,"sell_method":1,"shop_id":`+shop+`}`).Field("product_id")
		}
	}
	first, second := sells(sellers[0]), sells(sellers[1])
	for _, p := range payers {
		p.product, p.other = first(), second()
	}
	b.Kill(t)
	for range times {
		killAtPayments(t, campusgatetest.Start(t, folder, environ), payers)
		checkTold(t, options, payers)
		if t.Failed() {
			return
		}
	}
	settle(t, folder, environ, options, payers)
	checkPayments(t, options, payers, times)
}

// killAtPayments kills a process at a random moment while it is told of payments.
func killAtPayments(t *testing.T, b *campusgatetest.Process, payers []*payer) {
	t.Helper()
	var working sync.WaitGroup
	var calls atomic.Int64
	for _, p := range payers {
		p.server, p.calls = b, &calls
		working.Go(func() {
			for p.order(t) {
			}
		})
	}
	killAfter(t, b, rand.Int64N(150), &calls)
	working.Wait()
}

// order has an order paid by a code, sometimes when it is over, told of once or twice, and
// sometimes given back. It reports false where the server is gone.
func (p *payer) order(t *testing.T) bool {
	fate := rand.N(4)
	items, price := `{"product_id":`+p.product+`,"product_num":1}`, "1.01"
	if fate == 1 { // of which a part goes back
		items, price = items+`,{"product_id":`+p.other+`,"product_num":2}`, "3.03"
	}
	made, ok := p.send(t, p.buyer, "order/commit", `{"items":[`+items+`],"deliver":"face","pay_price":`+price+`}`)
	if !ok || made.Status != 0 {
		return ok && p.cancelAll(t)
	}
	payID := made.Field("pay_id")
	order, attempt := payID[:len(payID)-1]+"1", payID+"01"
	a, ok := p.send(t, p.buyer, "order/pay", `{"pay_id":"`+payID+`","method":"`+p.channel+`","client":"`+p.client+`"}`)
	if !ok || a.Status != 0 {
		return ok
	}
	if fate == 0 { // what is paid before the code is closed comes late
		if _, ok := p.send(t, p.buyer, "order/cancel", `{"order_id":"`+order+`"}`); !ok {
			return false
		}
	}
	if !p.pay(attempt, pageOf(a)) {
		return true
	}
	p.paid[attempt] = false
	for range 1 + rand.N(2) {
		if !p.tell(t, attempt) {
			return false
		}
	}
	if fate == 1 {
		_, ok = p.send(t, p.seller, "order/decline", `{"order_id":"`+order+`","reason":"没货"}`)
	}
	return ok
}

// cancelAll makes room for orders whose payment began in a process that was killed.
func (p *payer) cancelAll(t *testing.T) bool {
	list, ok := p.send(t, p.buyer, "order/list", `{"state":"need_pay","count":20}`)
	if !ok {
		return false
	}
	var data struct {
		List []struct {
			OrderID string `json:"order_id"`
		}
	}
	must(t, json.Unmarshal(list.Data, &data))
	for _, row := range data.List {
		if _, ok := p.send(t, p.buyer, "order/cancel", `{"order_id":"`+row.OrderID+`"}`); !ok {
			return false
		}
	}
	return true
}

// tell posts what the channel tells of an attempt, and reports whether it was answered.
func (p *payer) tell(t *testing.T, attempt string) bool {
	body, headers := p.told(t, attempt)
	status, err := p.channels.Notify(t, p.channel, body, headers...)
	switch {
	case err != nil:
		return false
	case status != http.StatusOK && status != http.StatusNoContent:
		t.Errorf("%s is answered %d\n%s", attempt, status, p.server.Stderr)
		return false
	}
	p.paid[attempt] = true
	p.calls.Add(1)
	return true
}

// send makes a call, and reports whether it was answered.
func (p *payer) send(t *testing.T, token, call, data string) (campusgatetest.Reply, bool) {
	answer, err := campusgatetest.Send(t.Context(), http.MethodPost, p.server.URL("/order?token="+token), campusgatetest.Envelope(call, data))
	if err != nil || answer.Code != http.StatusOK {
		return answer, false
	}
	p.calls.Add(1)
	return answer, true
}

// checkTold looks for what the channel was told is booked, and audits.
func checkTold(t *testing.T, options storage.Options, payers []*payer) {
	t.Helper()
	db, err := storage.Open(t.Context(), options)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	storagetest.Audit(t, db, 0)
	for _, p := range payers {
		for id, told := range p.paid {
			if a, err := db.Attempt(t.Context(), id); told && (err != nil || a.State != storage.AttemptPaid && a.State != storage.AttemptLate) {
				t.Errorf("%s is booked, as the channel was told, and stored as %q, %v", id, a.State, err)
			}
		}
	}
}

// settle has the channel repeat what it told, and waits until nothing is on its way back. What
// a killed process had begun is begun again when its lease ends, for which the test does not
// wait.
func settle(t *testing.T, folder string, environ []string, options storage.Options, payers []*payer) {
	t.Helper()
	plain := plainDatabase(t, options)
	hurry := func(which string) {
		t.Helper()
		_, err := plain.ExecContext(t.Context(), "UPDATE jobs SET run_time = 1 WHERE kind = 'channel.refund' AND "+which)
		must(t, err)
	}
	hurry("taken_by <> ''")
	b := campusgatetest.Start(t, folder, environ)
	var calls atomic.Int64
	for _, p := range payers {
		p.server, p.calls = b, &calls
		for attempt := range p.paid {
			if !p.tell(t, attempt) {
				t.Fatalf("%s is not taken", attempt)
			}
		}
	}
	awaitNone(t, 100*time.Millisecond, func() (open int64) {
		hurry("taken_by = ''")
		must(t, plain.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM channel_refunds WHERE state <> 'done'").Scan(&open))
		return open
	}, func() string { return "refunds on their way\n" + b.Stderr.String() })
	b.Kill(t)
}

// checkPayments holds the channel against the database.
func checkPayments(t *testing.T, options storage.Options, payers []*payer, times int) {
	t.Helper()
	db, err := storage.Open(t.Context(), options)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	storagetest.Audit(t, db, 0)
	var paid, late, back int
	at := map[string]int{}
	for _, p := range payers {
		for id := range p.paid {
			a, err := db.Attempt(t.Context(), id)
			must(t, err)
			refunds, err := db.ChannelRefunds(t.Context(), id)
			must(t, err)
			var want []int64
			for _, r := range refunds {
				want = append(want, r.Amount)
			}
			got := p.refunded(id)
			switch {
			case !slices.Equal(got, want) || len(got) > 1:
				t.Errorf("%s: %d fen went back, %d fen are stored", id, got, want)
			case a.State == storage.AttemptLate && len(got) != 1:
				t.Errorf("%s is late and was not given back", id)
			case a.State != storage.AttemptPaid && a.State != storage.AttemptLate:
				t.Errorf("%s is paid, and stored as %s", id, a.State)
			}
			paid++
			at[p.channel]++
			late += map[bool]int{true: 1}[a.State == storage.AttemptLate]
			back += len(got)
		}
	}
	if paid < 5*times || back == 0 || len(at) < 3 {
		t.Errorf("only %d are paid, at %v, %d given back", paid, at, back)
	}
	t.Logf("%d kills; %d paid, at %v, %d of them late; %d given back", times, paid, at, late, back)
}
