package handlers_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// Many calls at once, of several clients of each user, keep what holds of every
// market: no wallet below zero, an order is paid at most once, wallet and paid
// orders add up, what is counted as sold was paid and is gone from the stock, no stock
// is below zero, and states move along paying → finish or paying → cancel only.
func TestMarketTogether(t *testing.T) {
	t.Parallel()
	g, calls := handlerstest.Start(t), newTally()
	var markets int
	rapid.Check(t, func(rt *rapid.T) {
		markets++
		b := newBazaar(openMarket(rt, g, calls, markets))
		for range rapid.IntRange(1, 4).Draw(rt, "orders") {
			b.play(step{call: "purchase/apply", trader: b.drawIndex(rt), product: b.drawIndex(rt), pieces: 1})
		}
		scripts := rapid.SliceOfN(rapid.SliceOfN(rapid.Custom(b.drawStep), 1, 6), 2, 8).Draw(rt, "clients")
		stopWatching := b.watch()
		var clients sync.WaitGroup
		for _, script := range scripts {
			clients.Go(func() {
				for _, s := range script {
					b.play(s)
				}
			})
		}
		clients.Wait()
		stopWatching()
		b.check()
		if len(b.wrong) > 0 {
			rt.Fatal(strings.Join(b.wrong, "\n"))
		}
	})
	calls.log(t, markets)
}

// step is a call of a client. The numbers choose among what is there when it is
// made.
type step struct {
	call                   string
	trader, product, order int
	pieces, price, status  int64
}

// bazaar is a market of many clients at once: what comes first is not known, so
// that it holds invariants and no exact model.
type bazaar struct {
	*market
	mutex     sync.Mutex     // guards what follows, and market.orders
	paid      map[string]int // how often, by order
	cancelled map[string]int
	refused   []refusal
	wrong     []string
}

// refusal is the status that an end of an order got.
type refusal struct {
	order  *bought
	status int
}

func newBazaar(m *market) *bazaar {
	return &bazaar{market: m, paid: map[string]int{}, cancelled: map[string]int{}}
}

func (b *bazaar) drawIndex(rt *rapid.T) int { return rapid.IntRange(0, 2).Draw(rt, "index") }

func (b *bazaar) drawStep(rt *rapid.T) step {
	return step{
		call: rapid.SampledFrom([]string{
			"purchase/apply", "purchase/pay", "purchase/pay", "purchase/pay", "purchase/cancel", "product/update", "shop/update",
		}).Draw(rt, "call"),
		trader: b.drawIndex(rt), product: b.drawIndex(rt), order: rapid.IntRange(0, 20).Draw(rt, "order"),
		pieces: rapid.Int64Range(1, 3).Draw(rt, "pieces"), price: drawPrice(rt),
		status: rapid.SampledFrom([]int64{1, 1, 1, 0, 2}).Draw(rt, "status"),
	}
}

func (b *bazaar) play(s step) {
	switch u, p := b.traders[s.trader], b.products[s.product]; s.call {
	case "purchase/apply":
		b.order(u, p, s.pieces)
	case "purchase/pay", "purchase/cancel":
		b.end(s.call, s.order)
	case "product/update":
		b.ask(s.call, p.seller, fmt.Sprintf(`{"product_id":%d,"shop_id":%s,"product_status":%d,"product_price":%s}`,
			p.id, p.seller.shop, s.status, yuan(s.price)), 0)
	case "shop/update":
		b.ask(s.call, u, `{"shop_id":`+u.shop+`,"shop_content":"码三秃家"}`, 0)
	}
}

// order applies at the price that the product had a moment ago.
func (b *bazaar) order(u *trader, p *goods, pieces int64) {
	stored, err := b.g.DB.Product(b.g.T.Context(), p.id)
	if err != nil {
		b.fail("product: %v", err)
		return
	}
	total := pieces * stored.ProductPrice
	a := b.ask("purchase/apply", u, applyData(p.id, pieces, stored.ProductPrice, total), 0, 100, 105, -204)
	if a.Status == 0 {
		b.mutex.Lock()
		defer b.mutex.Unlock()
		b.orders = append(b.orders, &bought{id: a.Field("purchase_id"), buyer: u, product: p, pieces: pieces, price: total})
	}
}

// end pays or cancels one of the orders that are there by now.
func (b *bazaar) end(call string, index int) {
	b.mutex.Lock()
	if len(b.orders) == 0 {
		b.mutex.Unlock()
		return
	}
	o := b.orders[index%len(b.orders)]
	b.mutex.Unlock()
	data, done, statuses := handlerstest.PayData(o.id), b.paid, []int{0, 102, 105, 201}
	if call == "purchase/cancel" {
		data, done, statuses = `{"purchase_id":"`+o.id+`"}`, b.cancelled, []int{0, 201}
	}
	a := b.ask(call, o.buyer, data, statuses...)
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if a.Status == 0 {
		done[o.id]++
	} else {
		b.refused = append(b.refused, refusal{o, a.Status})
	}
}

// ask is a call that has one of some answers.
func (b *bazaar) ask(call string, u *trader, data string, statuses ...int) handlerstest.Answer {
	a := b.g.Call(call, u.token, data)
	b.calls.count(call, a)
	if !slices.Contains(statuses, a.Status) {
		b.fail("%s %s: got %s, want one of %d", call, data, a.Raw, statuses)
	}
	return a
}

func (b *bazaar) fail(format string, values ...any) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.wrong = append(b.wrong, fmt.Sprintf(format, values...))
}

// watch looks at wallets and states until the returned function is called.
func (b *bazaar) watch() (stop func()) {
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		seen := map[string]string{}
		for {
			for _, o := range b.stored() {
				if before := seen[o.PurchaseID]; before != "" && before != storage.PurchasePaying && before != o.PurchaseState {
					b.fail("an order went from %s to %s", before, o.PurchaseState)
				}
				seen[o.PurchaseID] = o.PurchaseState
			}
			select {
			case <-done:
				return
			default:
			}
		}
	})
	return func() {
		close(done)
		watching.Wait()
	}
}

// stored are all orders; it finds no wallet below zero.
func (b *bazaar) stored() (all []storage.Purchase) {
	for _, u := range b.traders {
		user, err := b.g.DB.User(b.g.T.Context(), u.id)
		if err != nil || user.Wealth < 0 {
			b.fail("a wallet holds %d fen, %v", user.Wealth, err)
		}
		orders, _, err := b.g.DB.Purchases(b.g.T.Context(), u.id, storage.Page{})
		if err != nil {
			b.fail("orders: %v", err)
		}
		all = append(all, orders...)
	}
	return all
}

// check compares what is stored with what was answered.
func (b *bazaar) check() {
	spent, sold, stored := map[string]int64{}, map[int64]int64{}, map[string]storage.Purchase{}
	for _, o := range b.stored() {
		stored[o.PurchaseID] = o
		if o.PurchaseState == storage.PurchaseFinish {
			spent[o.UserID] += o.PurchasePrice
			sold[o.ProductID] += o.ProductNum
		}
	}
	for _, u := range b.traders {
		if wallet := b.g.Wealth(u.id); wallet+spent[u.id] != u.funds {
			b.fail("of %d fen %d are left and %d paid", u.funds, wallet, spent[u.id])
		}
	}
	for _, p := range b.products {
		product, err := b.g.DB.MarketDetail(b.g.T.Context(), p.id)
		if err != nil || product.Sale != sold[p.id] {
			b.fail("%d pieces are sold and %d paid, %v", product.Sale, sold[p.id], err)
		}
		if left := p.stock - sold[p.id]; p.stock >= 0 && (product.Stock == nil || *product.Stock != left || left < 0) {
			b.fail("of %d pieces %d are sold, and %v left", p.stock, sold[p.id], product.Stock)
		}
	}
	if len(stored) != len(b.orders) {
		b.fail("%d orders are stored, %d were answered", len(stored), len(b.orders))
	}
	for _, o := range b.orders {
		b.checkOrder(o, stored[o.id])
	}
	for _, r := range b.refused {
		b.checkRefusal(r, stored[r.order.id])
	}
}

// checkOrder finds an order ended as it was answered.
func (b *bazaar) checkOrder(o *bought, stored storage.Purchase) {
	want := map[[2]int]string{
		{0, 0}: storage.PurchasePaying, {1, 0}: storage.PurchaseFinish, {0, 1}: storage.PurchaseCancel,
	}[[2]int{b.paid[o.id], b.cancelled[o.id]}]
	if stored.PurchaseState != want || stored.PurchasePrice != o.price || stored.ProductNum != o.pieces {
		b.fail("paid %d times and cancelled %d times, an order of %d pieces for %d fen is %+v",
			b.paid[o.id], b.cancelled[o.id], o.pieces, o.price, stored)
	}
}

// checkRefusal finds its reason to hold still: a wallet only shrinks, and what has
// ended stays so.
func (b *bazaar) checkRefusal(r refusal, stored storage.Purchase) {
	switch r.status {
	case 102:
		if wallet := b.g.Wealth(r.order.buyer.id); wallet >= r.order.price {
			b.fail("an order of %d fen was refused with %d left", r.order.price, wallet)
		}
	case 105:
		p, err := b.g.DB.MarketDetail(b.g.T.Context(), r.order.product.id)
		if err != nil || p.Stock == nil || *p.Stock >= r.order.pieces {
			b.fail("an order of %d pieces was refused with %+v, %v", r.order.pieces, p, err)
		}
	case 201:
		if stored.PurchaseState == storage.PurchasePaying {
			b.fail("an order was refused as ended, and is not")
		}
	}
}

// tally counts answers by call and status.
type tally struct {
	mutex   sync.Mutex
	answers map[string]int
}

func newTally() *tally { return &tally{answers: map[string]int{}} }

func (c *tally) count(call string, a handlerstest.Answer) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.answers[fmt.Sprintf("%s %d", call, a.Status)]++
}

func (c *tally) log(t *testing.T, sequences int) {
	t.Helper()
	var lines strings.Builder
	calls := 0
	for _, outcome := range slices.Sorted(maps.Keys(c.answers)) {
		calls += c.answers[outcome]
		fmt.Fprintf(&lines, "\n%8d %s", c.answers[outcome], outcome)
	}
	t.Logf("%d sequences, %d calls:%s", sequences, calls, lines.String())
}
