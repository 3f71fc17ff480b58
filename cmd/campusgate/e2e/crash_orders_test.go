package e2e

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// shortClocks are those of orders that end while the program is under load.
var shortClocks = func() (environ []string) {
	for _, clock := range []string{"PAY", "SHIP", "CONFIRM", "ANSWER", "RETURN", "RECEIVE", "ARBITRATE", "APPEAL"} {
		environ = append(environ, "CAMPUSGATE_MARKET_"+clock+"_WITHIN=1s")
	}
	return append(environ, "CAMPUSGATE_MARKET_SETTLE_AFTER=1s", "CAMPUSGATE_PAYMENTS_SANDBOX=true")
}()

// TestOrdersSurviveSIGKILL: whenever the process dies under a load of all steps of orders,
// every step that it had acknowledged is there, none is there twice, the audit is clean, and
// every clock goes on.
func TestOrdersSurviveSIGKILL(t *testing.T) {
	t.Parallel()
	times := 20
	if os.Getenv("CRASHES") != "" {
		times = crashes(t)
	}
	onEachDatabase(t, func(t *testing.T, environ []string, options storage.Options) {
		killTraders(t, times, append(environ, shortClocks...), options)
	})
}

// A trader buys, and takes the steps of both sides of an order.
type trader struct {
	buyer, seller, product string
	address                string
	answered               map[string]int // by order and step: acknowledged
	lost                   map[string]int // not acknowledged
	calls                  *atomic.Int64
	server                 *campusgatetest.Process
}

func killTraders(t *testing.T, times int, environ []string, options storage.Options) {
	t.Helper()
	folder, traders := t.TempDir(), make([]*trader, 4)
	campusgatetest.Run(t, environ, "migrate").Want(t, 0)
	seller := campusgatetest.AddUser(t, environ, "100", "码三秃", "0")
	for i := range traders {
		token := campusgatetest.AddUser(t, environ, strconv.Itoa(101+i), "王凌超", "1000000")
		traders[i] = &trader{buyer: token, seller: seller, answered: map[string]int{}, lost: map[string]int{}}
	}
	b := campusgatetest.Start(t, folder, environ)
	shop := b.Call(t, "/shop?token="+seller, "shop/creat", `{"shop_name":"shop"}`).Field("shop_id")
	b.Call(t, "/address?token="+seller, "address/creat", aPlace)
	for _, r := range traders {
		r.product = b.Call(t, "/product?token="+seller, "product/creat", `{"product_name":"tea","product_price":1.01,"product_status":1,"product_stock":900000,"shop_id":`+shop+`}`).Field("product_id")
		r.address = b.Call(t, "/address?token="+r.buyer, "address/creat", aPlace).Field("address_id")
	}
	b.Kill(t)
	for range times {
		killAtTrade(t, campusgatetest.Start(t, folder, environ), traders)
		checkTrade(t, options, traders)
		if t.Failed() {
			return
		}
	}
	goOn(t, folder, environ, options)
	checkTrade(t, options, traders)
	counts := map[string]int{}
	for _, r := range traders {
		for key, n := range r.answered {
			_, step, _ := strings.Cut(key, " ")
			counts[step] += n
		}
	}
	var text []string
	for _, step := range slices.Sorted(maps.Keys(counts)) {
		text = append(text, fmt.Sprintf("%s: %d", step, counts[step]))
	}
	t.Logf("%d kills; acknowledged: %s", times, strings.Join(text, ", "))
}

const aPlace = `{"name":"王凌超","phone":"13700000000","address":"东和公寓"}`

// killAtTrade kills a process at a random moment while it trades.
func killAtTrade(t *testing.T, b *campusgatetest.Process, traders []*trader) {
	t.Helper()
	var working sync.WaitGroup
	var calls atomic.Int64
	for _, r := range traders {
		r.server, r.calls = b, &calls
		working.Go(func() {
			for r.trade(t) {
			}
		})
	}
	killAfter(t, b, rand.Int64N(200), &calls)
	working.Wait()
}

// lives are what becomes of orders: a step of the seller's is marked. What is not ended so is
// left to its clocks.
var lives = []string{
	"", "cancel", "pay", "pay -decline", "pay -ship", "pay -ship extend confirm", "pay address -ship confirm refund -agree", "pay refund", "pay refund revoke",
	"pay refund -refuse appeal -agree", "pay -ship refund -agree return -receive", "pay -ship refund -agree", "pay -ship refund -agree return -refuse", "pay refund -refuse appeal",
}

// trade has an order live, and reports false where the server is gone.
func (r *trader) trade(t *testing.T) bool {
	wish := `{"items":[{"product_id":` + r.product + `,"product_num":2}],"deliver":"express","address_id":` + r.address + `,"pay_price":2.02}`
	made, ok := r.send(t, r.buyer, "order/commit", wish)
	if !ok || made.Status != 0 {
		return ok
	}
	payID := made.Field("pay_id")
	id := payID[:len(payID)-1] + "1"
	r.answered[id+" commit"]++
	life := lives[rand.N(len(lives))]
	for step := range strings.FieldsSeq(life) {
		token, call := r.buyer, step
		if name, theirs := strings.CutPrefix(step, "-"); theirs {
			token, call = r.seller, name
		}
		data := `{"order_id":"` + id + `"` + map[string]string{
			"ship": `,"logistics":"顺丰","logistics_id":"SF1"`, "return": `,"logistics":"顺丰","logistics_id":"SF2"`, "address": `,"address_id":` + r.address,
			"decline": `,"reason":"没货"`, "refuse": `,"reason":"完好"`, "appeal": `,"reason":"有划痕"`,
			"refund": `,"kind":"` + map[bool]string{true: "return", false: "money"}[strings.Contains(life, "ship refund")] + `","reason":"有划痕"`,
		}[call] + "}"
		if call == "pay" {
			data = `{"pay_id":"` + payID + `","method":"wallet"}`
		}
		answer, ok := r.send(t, token, "order/"+call, data)
		switch {
		case !ok:
			r.lost[id+" "+call]++
			return false
		case answer.Status != 0: // its clock was first
			return true
		}
		r.answered[id+" "+call]++
	}
	return true
}

// send makes a call, and reports whether it was answered.
func (r *trader) send(t *testing.T, token, call, data string) (campusgatetest.Reply, bool) {
	answer, err := campusgatetest.Send(t.Context(), http.MethodPost, r.server.URL("/order?token="+token), campusgatetest.Envelope(call, data))
	if err != nil || answer.Code != http.StatusOK {
		return answer, false
	}
	if answer.Status < 0 && answer.Status != -304 {
		t.Errorf("%s %s: %s\n%s", call, data, answer.Raw, r.server.Stderr)
	}
	r.calls.Add(1)
	return answer, true
}

// checkTrade looks for what was acknowledged, and audits.
func checkTrade(t *testing.T, options storage.Options, traders []*trader) {
	t.Helper()
	db, err := storage.Open(t.Context(), options)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	storagetest.Audit(t, db, 0)
	steps := map[string]int{}
	orders, _, err := db.Orders(t.Context(), storage.OrderFilter{}, storage.Page{})
	must(t, err)
	for _, row := range orders {
		history, err := db.OrderHistory(t.Context(), row.Order.OrderID)
		must(t, err)
		for i, h := range history {
			if h.Number != int64(i+1) {
				t.Errorf("order %s: step %d is the %dth", h.OrderID, h.Number, i+1)
			}
			if h.Who != "clock" {
				steps[h.OrderID+" "+h.Step]++
			}
		}
	}
	for _, r := range traders {
		for key, n := range r.answered {
			if got := steps[key]; got < n || got > n+r.lost[key] {
				t.Errorf("%s: acknowledged %d times, %d times not, and %d times there", key, n, r.lost[key], got)
			}
		}
	}
}

// goOn finds every clock to go on: all orders end by themselves, but for those that were
// extended by a week. What a killed process had begun is begun again when its lease ends,
// which is a minute that the test does not wait.
func goOn(t *testing.T, folder string, environ []string, options storage.Options) {
	t.Helper()
	db, err := storage.Open(t.Context(), options)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	_, err = plainDatabase(t, options).ExecContext(t.Context(), "UPDATE jobs SET run_time = 1 WHERE taken_by <> ''")
	must(t, err)
	b := campusgatetest.Start(t, folder, environ)
	var open []storage.OrderRow
	awaitNone(t, 100*time.Millisecond, func() int64 {
		orders, _, err := db.Orders(t.Context(), storage.OrderFilter{}, storage.Page{})
		must(t, err)
		open = slices.DeleteFunc(orders, func(row storage.OrderRow) bool { return row.Order.ClosedTime != 0 || row.Order.Extended })
		return int64(len(open))
	}, func() string {
		jobs, err := db.Jobs(t.Context(), storage.JobFilter{})
		must(t, err)
		return fmt.Sprintf("order %+v is open, jobs %+v\n%s", open[0].Order, jobs, b.Stderr)
	})
	b.Kill(t)
}
