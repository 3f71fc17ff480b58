package model_test

import (
	"encoding/json"
	"slices"
	"time"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// closeAll lets time pass until nothing is open.
func (c *crowd) closeAll() {
	for range 80 {
		c.RunJobs()
		c.Clock.Advance(day * time.Second)
	}
}

// check looks at what is left of all.
func (c *crowd) check() {
	storagetest.Audit(c.T, c.DB, 0)
	orders, _, err := c.DB.Orders(c.T.Context(), storage.OrderFilter{}, storage.Page{})
	c.must(err)
	c.calls.orders += len(orders)
	pieces := map[int64]int64{} // gone out of the stock
	committed := 0
	for _, row := range orders {
		o := row.Order
		c.expect(closed(string(o.State)) && o.Escrow == 0, "order %s is %s and holds %d", o.OrderID, o.State, o.Escrow)
		c.checkHistory(o)
		refunds, err := c.DB.OrderRefunds(c.T.Context(), o.OrderID)
		c.must(err)
		for _, f := range refunds {
			if f.State == "refunded" {
				c.calls.refunds++
			}
		}
		lines, err := c.DB.OrderLines(c.T.Context(), o.OrderID)
		c.must(err)
		for _, l := range lines {
			pieces[l.ProductID] += c.goneOf(o, l)
		}
		committed += c.taken[o.OrderID+" commit"]
	}
	c.expect(committed == len(orders), "%d orders, %d were answered", len(orders), committed)
	c.checkStocks(pieces)
	for _, u := range c.people {
		p, err := c.DB.Profile(c.T.Context(), u.id)
		c.must(err)
		c.expect(p.BeliHeld == 0 && p.CreditHeld == 0, "%d beli and %d of credit are held", p.BeliHeld, p.CreditHeld)
	}
	jobs, err := c.DB.Jobs(c.T.Context(), storage.JobFilter{})
	c.must(err)
	for _, j := range jobs {
		c.expect(!j.Dead, "job %s %s is dead: %s", j.Kind, j.Key, j.LastError)
	}
	c.calls.audits += int(c.audits.Load())
}

// goneOf are the pieces of a line that do not come back: of what was sent back with a refund
// some may.
func (c *crowd) goneOf(o storage.Order, l storage.OrderLine) int64 {
	switch {
	case !l.StockHeld, o.State == "cancel", o.State == "overtime", o.State == "refunded" && o.ShipTime == 0 && o.FinishTime == 0:
		return 0
	}
	refunds, err := c.DB.OrderRefunds(c.T.Context(), o.OrderID)
	c.must(err)
	back := int64(0)
	for _, f := range refunds {
		if f.State != "refunded" || !f.Sent {
			continue
		}
		var items []struct {
			Line       int64 `json:"line"`
			ProductNum int64 `json:"product_num"`
		}
		if f.Items != "" {
			c.must(json.Unmarshal([]byte(f.Items), &items))
		}
		for _, i := range items {
			if i.Line == l.Line {
				back += i.ProductNum
			}
		}
		if len(items) == 0 && o.State == "refunded" && f.Number == refunds[len(refunds)-1].Number {
			back += l.Pieces - l.Returned
		}
	}
	return l.Pieces - back
}

func (c *crowd) checkStocks(gone map[int64]int64) {
	var ids []int64
	for _, g := range c.wares {
		ids = append(ids, g.id)
	}
	products, err := c.DB.SaleProducts(c.T.Context(), ids)
	c.must(err)
	for _, p := range products {
		g := c.wares[slices.IndexFunc(c.wares, func(g *ware) bool { return g.id == p.ProductID })]
		if g.stock != nil {
			c.expect(*p.Stock == *g.stock-gone[p.ProductID], "product %d has %d of %d pieces, and %d are gone", p.ProductID, *p.Stock, *g.stock, gone[p.ProductID])
		}
	}
}

// leads are the states to which a step leads from one, as the contract has them: former is
// any in which a refund can be asked for, and same stays.
var leads = map[string]string{
	"pay": "paying>paid", "open": "paid>finish", "cancel": "paying>cancel", "pay_within": "paying>overtime",
	"address": "paid>paid", "ship": "paid>shipped shipped>shipped", "ship_within": "paid>refunded", "decline": "paid>refunded",
	"confirm": "paid>finish shipped>finish", "confirm_within": "paid>finish shipped>finish", "extend": "shipped>shipped", "settle_after": "finish>settled",
	"refund":        "paid>refunding shipped>refunding finish>refunding",
	"agree":         "refunding>refunded refunding>former refunding>returning appealed>refunded appealed>former appealed>returning",
	"answer_within": "refunding>refunded refunding>former refunding>returning",
	"refuse":        "refunding>former returned>appealed", "appeal": "paid>appealed shipped>appealed finish>appealed",
	"revoke": "refunding>former appealed>former returning>former", "return": "returning>returned", "return_within": "returning>former",
	"receive": "returned>refunded returned>former", "receive_within": "returned>refunded returned>former",
	"arbitrate":        "refunding>refunded refunding>former appealed>refunded appealed>former returning>refunded returning>former returned>refunded returned>former",
	"arbitrate_within": "appealed>former",
	"delete":           "cancel>cancel overtime>overtime refunded>refunded settled>settled finish>finish", "note": "",
}

// checkHistory finds an order to have gone along the table, by what was answered.
func (c *crowd) checkHistory(o storage.Order) {
	history, err := c.DB.OrderHistory(c.T.Context(), o.OrderID)
	c.must(err)
	state, former, counts := "", "", map[string]int{}
	for i, h := range history {
		next := string(h.State)
		if i == 0 {
			c.expect(h.Step == "commit" && next == "paying", "order %s begins with %s", o.OrderID, h.Step)
		} else {
			to := next
			if inRefund(state) && !inRefund(next) && next == former {
				to = "former"
			}
			c.expect(h.Step == "note" && next == state || slices.Contains(fields(leads[h.Step]), state+">"+to), "order %s: %s leads from %s to %s", o.OrderID, h.Step, state, next)
		}
		if inRefund(next) && !inRefund(state) {
			former = state
		}
		state = next
		c.expect(h.Number == int64(i+1), "order %s: step %d is the %dth", o.OrderID, h.Number, i+1)
		if h.Who != "clock" {
			counts[h.Step]++
		}
	}
	c.expect(state == string(o.State), "order %s is %s, its history has %s", o.OrderID, o.State, state)
	for step, n := range counts {
		answered := c.taken[o.OrderID+" "+step]
		if step == "pay" && (o.PayMethod == "sandbox" || o.PayPrice == 0) {
			answered = 1
		}
		c.expect(n == answered, "order %s: %s was taken %d times, and answered %d times", o.OrderID, step, n, answered)
	}
	for _, r := range rules {
		if counts[r.call] == 0 {
			c.expect(c.taken[o.OrderID+" "+r.call] == 0, "order %s: %s was answered, and did not happen", o.OrderID, r.call)
		}
	}
}
