package model_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"campusgate/handlers/trade/price"
)

// refundable is what of an order can go back.
func (d *deal) refundable() price.Refundable {
	r := price.Refundable{Debt: d.debt, Market: d.promotion, Beli: d.beli}
	for _, c := range d.paidBy {
		r.Ways = append(r.Ways, c.amount)
	}
	r.Before = r.Left() - d.rest()
	return r
}

// rest is what the buyer gave and did not get back.
func (d *deal) rest() int64 { return d.pay + d.credit - d.refunded }

// ask draws what a buyer asks back.
func (w *world) ask(d *deal, status *int) (more string, then func()) {
	f := &refund{kind: "money", state: "open"}
	if d.shipped && !w.chance(3) || w.chance(10) {
		f.kind = "return"
	}
	more = `,"kind":"` + f.kind + `","reason":"有划痕"`
	var asked *int64
	switch w.random.IntN(5) {
	case 0:
		asked = new(w.between(0, d.rest()))
	case 1:
		asked = new(w.between(0, d.rest()+2) / 2)
	case 2:
		asked = new(d.rest() + 1)
	}
	if asked != nil {
		more += `,"amount":` + yuan(*asked)
	}
	if w.chance(3) {
		var list []string
		for i, l := range d.lines {
			if w.chance(2) || i == 0 {
				f.items = append(f.items, price.Item{Line: i, Pieces: w.between(1, l.pieces)})
			}
		}
		if w.chance(15) {
			f.items = append(f.items, price.Item{Line: len(d.lines), Pieces: 1})
		}
		for _, i := range f.items {
			list = append(list, fmt.Sprintf(`{"line":%d,"product_num":%d}`, i.Line, i.Pieces))
		}
		more += `,"items":[` + strings.Join(list, ",") + "]"
	}
	if *status != 0 {
		return more, nil
	}
	if f.kind == "return" && !d.shipped {
		*status = 204
		return more, nil
	}
	var bought []price.Bought
	for _, l := range d.lines {
		bought = append(bought, price.Bought{Price: l.price, Pieces: l.pieces, Back: l.named})
	}
	var err error
	if f.amount, err = d.refundable().Amount(asked, bought, f.items); err != nil {
		*status = 208
	}
	return more, func() {
		d.refunds = append(d.refunds, f)
		d.requests++
		d.enter("refunding", w.now())
		w.stopRepayment(d)
	}
}

// stopRepayment has the repayment of an order that waits closed.
func (w *world) stopRepayment(d *deal) {
	if p := w.repayment(d); p != nil && p.over > w.now() {
		p.due, p.over = w.now(), w.now()
	}
}

// decide gives an amount back, and returns what follows. Nothing is given back while a
// repayment waits.
func (w *world) decide(d *deal, f *refund, status *int) (then func()) {
	if *status != 0 {
		return nil
	}
	if w.repayment(d) != nil {
		*status = -304
		return nil
	}
	if _, err := d.refundable().Refund(f.amount); err != nil {
		var broken price.Error
		if !errors.As(err, &broken) {
			w.must(err)
		}
		*status = 208
		return nil
	}
	return func() {
		f.state = "refunded"
		w.giveBack(d, f)
	}
}

// giveBack gives back what a refund says.
func (w *world) giveBack(d *deal, f *refund) {
	back, err := d.refundable().Refund(f.amount)
	w.must(err)
	d.refunded += f.amount
	d.appealEnd = 0 // what was refused may be in it
	d.debt -= back.Debt
	d.buyer.owes -= back.Debt
	d.promotion -= back.Market
	d.beli -= back.Beli
	d.buyer.beli += back.Beli
	for i, c := range d.paidBy {
		if c.method == "wallet" {
			d.buyer.wallet += back.Ways[i]
		}
	}
	w.calls.refunds++
	for _, i := range f.items {
		l := d.lines[i.Line]
		l.named += i.Pieces
		if f.sent { // so it was shipped
			l.back(i.Pieces)
		}
	}
	switch {
	case back.Whole && !d.shipped && !d.finished:
		for _, l := range d.lines {
			l.back(l.pieces)
		}
	case f.sent && back.Whole && len(f.items) == 0:
		for _, l := range d.lines {
			l.back(l.pieces - l.named)
		}
	}
	if !back.Whole {
		d.enter("former", w.now())
		return
	}
	d.enter("refunded", w.now())
	w.freeSlips(d)
}

// freeSlips gives the records back that an order has used, of which no other order keeps a
// share, if it was refunded before it was shipped and finished.
func (w *world) freeSlips(d *deal) {
	unused := func(d *deal) bool { return d.state == "refunded" && !d.shipped && !d.finished }
	if !unused(d) {
		return
	}
	for _, s := range d.slips {
		kept := slices.ContainsFunc(d.bill.deals, func(o *deal) bool { return slices.Contains(o.slips, s) && !unused(o) })
		if !kept && w.now() < s.end {
			s.held, s.used = nil, false
		}
	}
}

// refundWhole refunds an order of which nobody has asked a refund.
func (w *world) refundWhole(d *deal) {
	if p := w.repayment(d); p != nil {
		w.closeBill(p, "")
	}
	f := &refund{kind: "money", state: "refunded", amount: d.rest()}
	d.refunds = append(d.refunds, f)
	if d.rest() == 0 { // it cost nothing
		w.calls.count("refund of nothing", 0)
	}
	w.giveBack(d, f)
}

// arbitrate draws what an admin decides.
func (w *world) arbitrate(d *deal, status *int) (more string, then func()) {
	amount := w.between(0, d.rest()+1)
	if w.chance(3) {
		amount = d.rest()
	}
	if w.chance(4) {
		amount = 0
	}
	more = `,"amount":` + yuan(amount) + `,"note":"各承担一半"`
	if *status != 0 {
		return more, nil
	}
	asked := d.asked()
	decided := &refund{kind: asked.kind, state: "refused", amount: amount, items: asked.items, sent: asked.sent}
	end := func() {
		asked.state = "arbitrated"
		d.refunds = append(d.refunds, decided)
	}
	if amount == 0 {
		return more, func() { end(); d.appealEnd = 0; d.enter("former", w.now()) }
	}
	give := w.decide(d, decided, status)
	return more, func() { end(); give() }
}
