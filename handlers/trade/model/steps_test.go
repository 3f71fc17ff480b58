package model_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// step has somebody take a step of an order.
func (w *world) step() {
	d := w.someDeal()
	if d == nil {
		return
	}
	r := rules[w.random.IntN(len(rules))]
	token := map[string]string{"buyer": d.buyer.token, "seller": d.seller.token, "admin": adminToken}[fields(r.who)[w.random.IntN(len(fields(r.who)))]]
	if w.chance(12) {
		token = w.pick(w.people[0].token, w.people[1].token, w.people[2].token, adminToken)
	}
	w.try(r, d, token)
}

// rare are steps that would end most orders, or lead nowhere: they are tried once in so many.
var rare = map[string]int{"note": 20, "delete": 20, "cancel": 6, "decline": 8, "revoke": 8, "address": 2, "arbitrate": 5, "refuse": 3, "refund": 3, "confirm": 3}

// possible has somebody take a step that can be taken: at random alone few orders would come
// far.
func (w *world) possible() {
	d := w.someDeal()
	if d == nil || closed(d.state) {
		return
	}
	var can []rule
	for _, r := range rules {
		if r.refuses(d, w.now()) == 0 && w.chance(max(1, rare[r.call])) {
			can = append(can, r)
		}
	}
	if len(can) == 0 {
		return
	}
	r := can[w.random.IntN(len(can))]
	who := fields(r.who)
	w.try(r, d, map[string]string{"buyer": d.buyer.token, "seller": d.seller.token, "admin": adminToken}[who[w.random.IntN(len(who))]])
}

// try calls a step, whose status it foretells, and has it happen.
func (w *world) try(r rule, d *deal, token string) {
	status := w.foretell(r, d, token)
	more, then := w.prepareStep(r, d, token, &status)
	a := w.call(status, "order/"+r.call, token, `{"order_id":"`+d.id+`"`+more+`}`)
	if status != 0 {
		return
	}
	w.calls.taken(r.call)
	w.focus = d
	then()
	if r.call == "cancel" && len(d.bill.deals) != strings.Count(string(a.Data), `"`)/2-1 {
		w.fail("cancelled %s, want %d", a.Data, len(d.bill.deals))
	}
}

// prepareStep draws what a step is sent beside the order, completes its status, and returns
// what it does.
func (w *world) prepareStep(r rule, d *deal, token string, status *int) (more string, then func()) {
	now, can := w.now(), *status == 0
	nothing := func() {}
	switch r.call {
	case "cancel":
		return "", func() { w.closeBill(d.bill, "cancel") }
	case "address":
		owner := w.people[w.random.IntN(3)]
		if can && owner != d.buyer {
			*status = 108
		}
		if owner.address == 0 {
			return `,"address_id":77`, nothing
		}
		return fmt.Sprintf(`,"address_id":%d`, owner.address), func() { d.moved = true }
	case "ship":
		return `,"logistics":"顺丰","logistics_id":"SF1"`, func() {
			d.ships++
			if d.state == "paid" {
				d.shipped = true
				d.enter("shipped", now)
			}
		}
	case "decline":
		return `,"reason":"没货"`, func() { w.refundWhole(d) }
	case "confirm":
		return "", func() { d.enter("finish", now) }
	case "extend":
		return "", func() { d.extended, d.end = true, d.end+7*day }
	case "refund":
		return w.ask(d, status)
	case "agree":
		asked := d.asked()
		if asked != nil && asked.kind == "return" && !asked.sent {
			home := d.seller.address
			if can && home == 0 {
				*status = 108
			}
			return "", func() { d.enter("returning", now) }
		}
		return "", w.decide(d, asked, status)
	case "refuse":
		return `,"reason":"商品完好"`, func() {
			if d.state == "returned" {
				d.enter("appealed", now)
				return
			}
			d.asked().state = "refused"
			if !d.appealed {
				d.appealEnd = now + 7*day
			}
			d.enter("former", now)
		}
	case "appeal":
		return `,"reason":"照片里看得到"`, func() {
			d.appealed, d.appealEnd = true, 0
			last := d.refunds[0]
			for _, f := range d.refunds {
				if f.state == "refused" {
					last = f
				}
			}
			last.state = "open"
			d.enter("appealed", now)
			w.stopRepayment(d)
		}
	case "revoke":
		return "", func() {
			d.asked().state = "revoked"
			d.enter("former", now)
		}
	case "return":
		return `,"logistics":"顺丰","logistics_id":"SF2"`, func() {
			d.asked().sent = true
			d.enter("returned", now)
		}
	case "receive":
		return "", w.decide(d, d.asked(), status)
	case "arbitrate":
		return w.arbitrate(d, status)
	case "delete":
		return "", func() { d.hidden[w.side(r, d, token)] = true }
	case "note":
		return `,"admin_note":"n"`, nothing
	}
	panic(r.call)
}

// asked is the refund that waits to be decided.
func (d *deal) asked() *refund {
	for _, f := range slices.Backward(d.refunds) {
		if f.state == "open" {
			return f
		}
	}
	return nil
}

// look reads an order as one of its sides, with what can be done now.
func (w *world) look() {
	d := w.someDeal()
	if d == nil {
		return
	}
	side := w.pick("buyer", "seller", "admin")
	token := map[string]string{"buyer": d.buyer.token, "seller": d.seller.token, "admin": adminToken}[side]
	a := w.call(0, "order/info", token, `{"order_id":"`+d.id+`"}`)
	var shown struct {
		State   string
		Actions []struct{ Subtype string }
	}
	w.must(json.Unmarshal(a.Data, &shown))
	wire := map[string]string{"settled": "finish", "appealed": "refunding"}[d.state]
	if wire == "" {
		wire = d.state
	}
	var got, want []string
	for _, one := range shown.Actions {
		got = append(got, one.Subtype)
	}
	for _, r := range rules {
		if w.foretell(r, d, token) == 0 && (r.call != "delete" || !d.hidden[side]) {
			want = append(want, r.call)
		}
	}
	if side == "buyer" && d.state == "paying" {
		want = append(want, "pay")
	}
	slices.Sort(got)
	slices.Sort(want)
	if shown.State != wire || !slices.Equal(slices.Compact(got), slices.Compact(want)) {
		w.fail("%s may do %s of an order that is %s, want %s and %s", side, got, shown.State, want, wire)
	}
}
