package model_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"campusgate/handlers/trade/price"
	"campusgate/storage"
)

// basket is a wish as it can be priced, or the status with which it is refused before.
func (w *world) basket(u *person, v wish) (b price.Basket, status int) {
	b = price.Basket{ShopRecords: v.shops, MarketRecord: v.market, UseBeli: v.beli, BeliPercent: 100}
	asked := map[*ware]int64{}
	for _, i := range v.items {
		g, way := i.ware, price.Delivery(i.deliver)
		if way == price.NoDelivery {
			way = price.Delivery(v.deliver)
		}
		asked[g] += i.pieces
		taught := g.kind == storage.TypeCourse
		if taught {
			way = price.NoDelivery
		}
		switch {
		case g.status != 1:
			return b, 104
		case g.seller == u:
			return b, 107
		case taught && asked[g] > 1:
			return b, 109
		case g.stock != nil && *g.stock < asked[g]:
			return b, 105
		case way == price.Express && g.method == 1, way == price.FaceToFace && g.method == 2:
			return b, 116
		}
		piece := g.price
		if g.reduced != nil {
			piece = *g.reduced
		}
		if taught {
			piece = g.policies[slices.IndexFunc(g.policies, func(p storage.PricePolicy) bool { return p.PolicyID == i.policy })].Price
		}
		b.Lines = append(b.Lines, price.Line{
			Group:   price.Group{Seller: g.seller.id, Shop: g.shop, Course: taught, Delivery: way},
			Product: g.id, Price: piece, Pieces: i.pieces, FirstPrice: i.first, LeastFirst: g.least, Record: i.record, ShipPrice: g.ship,
		})
	}
	if v.address != 0 && v.address != u.address {
		return b, 108
	}
	for _, s := range w.slips {
		if s.owner == u && s.free(w.now()) {
			r := s.ticket.terms
			r.ID = s.id
			b.Buyer.Records = append(b.Buyer.Records, r)
		}
	}
	b.Buyer.Beli, b.Buyer.CreditRemain = u.beli, u.credit-u.creditHeld-u.owes
	for _, d := range w.deals {
		b.Buyer.Overdue = b.Buyer.Overdue || d.buyer == u && d.debt > 0 && d.due < w.now()
	}
	return b, 0
}

// undelivered is the status of a basket that has no way, or no place, to go.
func undelivered(b price.Basket, v wish) int {
	far := false
	for _, l := range b.Lines {
		if !l.Course && l.Delivery == price.NoDelivery {
			return 116
		}
		far = far || l.Delivery == price.Express
	}
	return unless(!far || v.address != 0, 108)
}

var unpriced = map[price.Rule]int{
	price.WrongFirstPrice: 117, price.RecordOnCredit: 110, price.CreditNotEnough: 113, price.DebtOverdue: 118,
	price.NoSuchRecord: 110, price.RecordOfAnother: 110, price.RecordTwice: 110, price.SecondShopRecord: 110, price.BelowMinimum: 111, price.TakesNothingOff: 110,
}

// quote prices a basket.
func (w *world) quote(b price.Basket) (q price.Quote, status int) {
	q, err := b.Quote()
	var broken price.Error
	if errors.As(err, &broken) {
		return q, unpriced[broken.Rule]
	}
	w.must(err)
	return q, 0
}

// prepare asks what a wish costs.
func (w *world) prepare() {
	u := w.anybody()
	v := w.drawWish(u)
	if len(v.items) == 0 {
		return
	}
	b, status := w.basket(u, v)
	var q price.Quote
	if status == 0 {
		q, status = w.quote(b)
	}
	a := w.call(status, "order/prepare", u.token, "{"+v.data()+"}")
	if got := a.Field("pay_price"); status == 0 && got != plain(q.PayPrice) {
		w.fail("it costs %s, want %s", got, plain(q.PayPrice))
	}
}

// plain is an amount as answers show it.
func plain(fen int64) string {
	return strings.TrimSuffix(strings.TrimRight(yuan(fen), "0"), ".")
}

// commit commits to a wish.
func (w *world) commit() {
	u := w.anybody()
	v := w.drawWish(u)
	if len(v.items) == 0 {
		return
	}
	w.commitTo(u, v, w.chance(15))
}

// commitTo commits to a wish, or to another price than it has.
func (w *world) commitTo(u *person, v wish, mistaken bool) *bill {
	unpaid := 0
	for _, p := range w.bills {
		if p.user == u && p.state == "waiting" && len(p.deals) > 0 {
			unpaid++
		}
	}
	b, status := w.basket(u, v)
	if status == 0 {
		status = undelivered(b, v)
	}
	var q price.Quote
	if status == 0 {
		q, status = w.quote(b)
	}
	costs := q.PayPrice
	if mistaken && status == 0 {
		costs, status = costs+1, 106
	}
	if unpaid >= 5 {
		status = 119
	}
	a := w.call(status, "order/commit", u.token, "{"+v.data()+`,"pay_price":`+yuan(costs)+"}")
	if status != 0 {
		return nil
	}
	var made struct {
		PayID    string   `json:"pay_id"`
		OrderIDs []string `json:"order_ids"`
	}
	w.must(json.Unmarshal(a.Data, &made))
	if len(made.OrderIDs) != len(q.Orders) {
		w.fail("%d orders, want %d", len(made.OrderIDs), len(q.Orders))
	}
	p := w.newBill(u, made.PayID, q.PayPrice)
	for i, id := range made.OrderIDs {
		w.deals = append(w.deals, w.newDeal(p, id, q.Orders[i], v))
	}
	for _, d := range p.deals {
		for _, s := range d.slips {
			s.held = p
		}
		u.beli, u.beliHeld = u.beli-d.beliUsed, u.beliHeld+d.beliUsed
		u.creditHeld += d.credit
		for _, l := range d.lines {
			if l.limited {
				*l.ware.stock -= l.pieces
			}
		}
	}
	if q.PayPrice == 0 {
		w.settleBill(p, "wallet")
	}
	return p
}

func (w *world) newBill(u *person, id string, amount int64) *bill {
	p := &bill{id: id, user: u, price: amount, state: "waiting", made: w.now(), expire: w.now() + 30*60}
	p.due, p.over = p.expire, p.expire
	w.bills = append(w.bills, p)
	return p
}

func (w *world) newDeal(p *bill, id string, o price.Order, v wish) *deal {
	d := &deal{id: id, bill: p, buyer: p.user, course: o.Course, deliver: string(o.Delivery), pay: o.PayPrice, credit: o.CreditPrice, state: "paying", end: p.expire, hidden: map[string]bool{}}
	p.deals = append(p.deals, d)
	for _, l := range o.Lines {
		i := v.items[l.Index]
		d.seller = i.ware.seller
		d.lines = append(d.lines, &line{ware: i.ware, pieces: i.pieces, price: l.PayPrice + l.CreditPrice, limited: i.ware.stock != nil})
		d.beliUsed += l.BeliOff / 10
		d.share(w.slip(i.record), l.CouponOff)
		for _, s := range v.shops {
			if c := w.slip(s); c.ticket.terms.Shop == o.Shop {
				d.share(c, l.ShopOff)
			}
		}
		d.share(w.slip(v.market), l.MarketOff)
	}
	return d
}

func (w *world) slip(id int64) *slip {
	i := slices.IndexFunc(w.slips, func(s *slip) bool { return s.id == id })
	if i < 0 {
		return nil
	}
	return w.slips[i]
}

// share notes what a record takes off an order.
func (d *deal) share(s *slip, off int64) {
	if s == nil || off == 0 {
		return
	}
	if !slices.Contains(d.slips, s) {
		d.slips = append(d.slips, s)
	}
	if s.ticket.market {
		d.promotion += off
	}
}

// take takes a coupon.
func (w *world) take() {
	u, c := w.anybody(), w.tickets[w.random.IntN(len(w.tickets))]
	status := 0
	switch {
	case c.taken >= c.quantity:
		status = 103
	case c.takenBy[u] >= c.perUser:
		status = 104
	}
	a := w.call(status, "coupon/take", u.token, fmt.Sprintf(`{"coupon_id":%d}`, c.id))
	if status == 0 {
		c.taken++
		c.takenBy[u]++
		w.slips = append(w.slips, &slip{id: w.number(a, "record_id"), ticket: c, owner: u, end: w.endOfDay(w.now()+(c.days-1)*day) + 1})
	}
}

// change changes what a product costs, whether it is on sale and how many there are.
func (w *world) change() {
	var goods []*ware
	for _, g := range w.wares {
		if g.kind == 0 {
			goods = append(goods, g)
		}
	}
	g := goods[w.random.IntN(len(goods))]
	g.status = w.pickNumber(1, 1, 1, 1, 1, 0)
	data := fmt.Sprintf(`"product_id":%d,"shop_id":%d,"product_status":%d`, g.id, g.shop, g.status)
	if g.reduced == nil && g.least == nil && w.chance(2) {
		g.price = w.between(1, 60_00)
		data += `,"product_price":` + yuan(g.price)
	}
	if w.chance(2) {
		g.stock = new(w.between(0, 12))
		data += fmt.Sprintf(`,"product_stock":%d`, *g.stock)
	}
	w.call(0, "product/update", g.seller.token, "{"+data+"}")
}
