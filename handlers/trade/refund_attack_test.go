package trade_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/handlerstest"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// A heist is a walk of a buyer, a seller and an admin, each of whom makes any call about an
// order with any data, to get more out of it than came in.
type heist struct {
	*fair

	chance *rand.Rand
	orders []string
	page   string // of the sandbox that was opened last
	before figures
	calls  map[string]int // that were taken
	sent   int
}

// heistCarts are what alice buys in a heist, with a market coupon of 9.00 that is record 1,
// 40 beli and a credit of 500.00: one order, or two of one payment.
var heistCarts = []string{
	items(byExpress, item(tea, `,"product_num":3`)),
	items(byExpress+`,"record_id":1,"use_beli":true`, item(tea, `,"product_num":3`), item(cup, ``)),
	items(byExpress+`,"record_id":1,"use_beli":true`, item(tea, `,"product_num":4`), item(lamp, `,"deliver":"face"`)),
	items(byHand+`,"use_beli":true,"record_id":1`, item(bike, `,"first_price":60`), item(cup, `,"product_num":2`)),
	items(byHand, item(bike, `,"first_price":100,"product_num":2`), item(tea, ``)),
	items(`,"use_beli":true,"record_id":1`, item(course, `,"price_policy_id":1`), item(lamp, `,"deliver":"face"`)),
}

var heistCalls = strings.Fields("refund agree refuse appeal revoke return receive arbitrate ship confirm extend decline cancel address delete")

func TestRefundHeists(t *testing.T) {
	t.Parallel()
	walks, steps := 40, 80
	if handlerstest.Torture() {
		walks = 300
	}
	taken, sent := map[string]int{}, 0
	for seed := range walks {
		h := startHeist(t, uint64(seed))
		for i := 0; i < steps && h.open(); i++ {
			h.act()
			if h.wantNothingWon(); t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
		h.end()
		for call, n := range h.calls {
			taken[call] += n
		}
		sent += h.sent
	}
	var told []string
	for _, call := range slices.Sorted(maps.Keys(taken)) {
		told = append(told, fmt.Sprint(call, " ", taken[call]))
	}
	t.Logf("%d walks, %d calls, taken: %s", walks, sent, strings.Join(told, ", "))
	for _, call := range []string{"refund", "agree", "refuse", "appeal", "revoke", "return", "receive", "arbitrate", "decline", "ship", "repay"} {
		if taken[call] == 0 {
			t.Errorf("no %s was taken", call)
		}
	}
}

func startHeist(t *testing.T, seed uint64) *heist {
	t.Helper()
	f := startFair(t)
	h := &heist{fair: f, chance: rand.New(rand.NewPCG(seed, 1)), calls: map[string]int{}}
	f.OK("address/creat", bobToken, `{"name":"甲","phone":"13800000000","address":"甲路"}`)
	f.SetWealth(alice, 2_000_00)
	f.take(alice, storage.Coupon{CouponType: storage.CouponOff, CouponValue: 9_00, ValidEnd: f.Clock.Now().Unix() + 100*24*3600})
	f.give(alice, 40, 500_00)
	h.before = f.figures("")
	made := f.commit(heistCarts[h.chance.IntN(len(heistCarts))])
	h.orders = made.OrderIDs
	if h.chance.IntN(2) == 0 {
		f.OK("order/pay", aliceToken, `{"pay_id":"`+made.PayID+`","method":"wallet"}`)
	} else {
		f.answer(pageOf(f.OK("order/pay", aliceToken, `{"pay_id":"`+made.PayID+`","method":"sandbox","client":"pc"}`)), "paid")
	}
	f.RunJobs()
	return h
}

// act makes a call, answers a page, repays a debt, or lets some time pass.
func (h *heist) act() {
	h.T.Helper()
	order := h.Order(oneOf(h, h.orders...))
	switch n := h.chance.IntN(20); {
	case n == 0:
		h.Clock.Advance(time.Duration(h.chance.Int64N(int64(3 * dayLong))).Truncate(time.Second))
		h.RunJobs()
	case n == 1:
		h.RunJobs()
	case n <= 3:
		h.repay(order.OrderID)
	default:
		h.call(&order)
	}
}

// call makes a call: one that the order says can be made, or any of anybody, with data that
// may be wrong.
func (h *heist) call(o *storage.Order) {
	h.T.Helper()
	call, token := oneOf(h, heistCalls...), oneOf(h, aliceToken, bobToken, handlerstest.AdminToken)
	if h.chance.IntN(4) > 0 {
		var detail struct{ Actions []struct{ Subtype string } }
		handlerstest.Must(h.T, json.Unmarshal(h.ok("info", token, o.OrderID).Data, &detail))
		if len(detail.Actions) > 0 {
			call = detail.Actions[h.chance.IntN(len(detail.Actions))].Subtype
		}
		if seldom := strings.Fields("decline revoke confirm note delete"); slices.Contains(seldom, call) && h.chance.IntN(3) > 0 {
			return
		}
	}
	data := orderData(o.OrderID, oneOf(h, `"kind":"money"`, `"kind":"return"`), `"reason":"x","note":"x","address_id":`+oneOf(h, "2", "2", "2", "1", "99"), shipping)
	more := h.amount(o)
	switch {
	case call == "refund":
		more += oneOf(h, "", "", h.items())
	case call == "arbitrate" && more == "":
		more = `,"amount":1`
	}
	data = strings.TrimSuffix(data, "}") + more + oneOf(h, "", "", "", "", `,"request_key":"heist-key"`) + "}"
	a := h.Call("order/"+call, token, data)
	h.sent++
	if a.HTTP != http.StatusOK || a.Status == -200 || a.Status == -404 || a.Status == -500 {
		h.T.Errorf("%s %s: %s", call, data, a.Raw)
	}
	if a.Status == 0 {
		h.calls[call]++
	}
}

// amount is one to ask for, or to decide.
func (h *heist) amount(o *storage.Order) string {
	left := o.PayPrice + o.CreditPrice - o.Refunded
	part := func(fen int64) string { return fmt.Sprint(`,"amount":`, dispatch.Fen(fen)) }
	return oneOf(h, "", "", "", "", "", "", part(left), part(left-1), part(left+1), part(1), part(0), part(-1), part(h.chance.Int64N(left+2)), part(h.chance.Int64N(left+2)),
		`,"amount":99999999999.99`, `,"amount":1e300`, `,"amount":0.005`, `,"amount":"1"`)
}

// items are some that may not be there.
func (h *heist) items() string {
	rows := make([]string, 1+h.chance.IntN(2))
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"line":%s,"product_num":%s}`, oneOf(h, "0", "0", "1", "2", "-1"), oneOf(h, "1", "1", "2", "3", "0", "-1", "9223372036854775807"))
	}
	return `,"items":[` + strings.Join(rows, ",") + `]`
}

// repay pays a debt, or opens the page on which it is paid, and answers that in any way.
func (h *heist) repay(id string) {
	h.T.Helper()
	if h.page != "" && h.chance.IntN(2) == 0 {
		request, err := http.NewRequestWithContext(h.T.Context(), http.MethodPost, h.URL+"/sandbox/"+h.page, strings.NewReader("result="+oneOf(h, "paid", "failed", "twice", "wrong", "silent", "late")))
		handlerstest.Must(h.T, err)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := http.DefaultTransport.RoundTrip(request)
		handlerstest.Must(h.T, err)
		handlerstest.Must(h.T, response.Body.Close())
		return
	}
	a := h.Call("credit/pay", aliceToken, orderData(id, oneOf(h, `"method":"wallet"`, `"method":"sandbox","client":"pc"`)))
	h.sent++
	if a.Status == 0 {
		h.calls["repay"]++
		h.page = pageOf(a)
	}
}

// open reports whether something can still happen to one of the orders.
func (h *heist) open() bool {
	h.T.Helper()
	return slices.ContainsFunc(h.orders, func(id string) bool { return h.Order(id).ClosedTime == 0 })
}

// end lets all clocks end, and wants all orders closed.
func (h *heist) end() {
	h.T.Helper()
	for range 15 { // one after the other
		h.Clock.Advance(15 * dayLong)
		h.RunJobs()
	}
	for _, id := range h.orders {
		if o := h.Order(id); o.State != "refunded" && o.State != "settled" || o.Escrow != 0 {
			h.T.Errorf("in the end an order is %s, and holds %d", o.State, o.Escrow)
		}
	}
	h.wantNothingWon()
	storagetest.CheckLedger(h.T, h.DB)
}

// wantNothingWon checks what they have together: nobody but the seller has more than before,
// the seller what the buyer and the market gave, and the market what it gave but for the
// coupon and the beli that are gone.
func (h *heist) wantNothingWon() {
	h.T.Helper()
	now := h.figures("")
	won := func(name string) int64 { return now.by[name] - h.before.by[name] }
	var held, promoted, beli int64
	for _, id := range h.orders {
		o := h.Order(id)
		held, promoted, beli = held+o.Escrow, promoted+o.Promotion, beli+o.Beli
	}
	buyer, given := won("alice")+won("channel")-won("debt"), -won("promotion")
	switch {
	case buyer > 0, won("beli") > 0, won("records") > 0, won("tea") > 0:
		h.T.Errorf("the buyer won: %s", now.since(h.before))
	case buyer+won("bob")+held > given: // less what came late, and is on its way back
		h.T.Errorf("%d fen came from nowhere: %s", buyer+won("bob")+held-given, now.since(h.before))
	case given != promoted-10*won("beli"), -won("beli") != beli:
		h.T.Errorf("%d fen are the market's, for a coupon's %d and %d beli that are gone", given, promoted, -won("beli"))
	case won("records") == 0 && promoted > 0:
		h.T.Errorf("the coupon is back, and paid %d fen", promoted)
	case won("sold") < 0:
		h.T.Errorf("%d are sold", won("sold"))
	}
}

// oneOf is one of some, by chance.
func oneOf[T any](h *heist, of ...T) T { return of[h.chance.IntN(len(of))] }
