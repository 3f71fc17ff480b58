package model_test

import "slices"

// The life of an order in words of the model's own.

func closed(state string) bool {
	return slices.Contains([]string{"cancel", "overtime", "refunded", "settled"}, state)
}

func inRefund(state string) bool {
	return slices.Contains([]string{"refunding", "appealed", "returning", "returned"}, state)
}

// counted reports whether an order's pieces are in product_sale.
func counted(state string) bool {
	return slices.Contains([]string{"paid", "shipped", "finish", "settled"}, state) || inRefund(state)
}

// clockOf is the clock that runs in a state, "" none, and its period in seconds.
func (d *deal) clockOf() (name string, period int64) {
	switch d.state {
	case "paying":
		return "pay_within", 30 * 60
	case "paid":
		if d.deliver == "face" {
			return "confirm_within", 10 * day
		}
		return "ship_within", 7 * day
	case "shipped":
		return "confirm_within", 10 * day
	case "finish":
		return "settle_after", 7 * day
	case "refunding":
		return "answer_within", 2 * day
	case "appealed":
		return "arbitrate_within", 15 * day
	case "returning":
		return "return_within", 7 * day
	case "returned":
		return "receive_within", 10 * day
	}
	return "", 0
}

// enter brings an order to a state; "former" is that before the refund.
func (d *deal) enter(state string, now int64) {
	before := d.state
	if state == "former" {
		state = d.former
	}
	if inRefund(state) && !inRefund(before) {
		d.former, d.left = before, d.end-now
	}
	d.state = state
	_, period := d.clockOf()
	switch {
	case period == 0:
		d.end = 0
	case inRefund(before) && !inRefund(state):
		d.end = now + d.left
	default:
		d.end = now + period
	}
	if state == "finish" {
		d.finished = true
		d.end = max(d.end, d.appealEnd)
	}
	if !inRefund(state) {
		d.former, d.left = "", 0
	}
	if counted(state) != counted(before) {
		for _, l := range d.lines {
			if counted(state) {
				l.ware.sold += l.pieces
			} else {
				l.ware.sold -= l.pieces
			}
		}
	}
}

// escrow is what an order holds.
func (d *deal) escrow() int64 {
	if closed(d.state) || d.state == "paying" {
		return 0
	}
	return d.pay + d.credit - d.refunded + d.promotion + 10*d.beli
}

// A rule says who takes a step of an order, and the status with which it is refused.
type rule struct {
	call string
	who  string
	// refuses is 0 where it can be taken.
	refuses func(d *deal, now int64) int
}

// unless is a status, 0 where the condition holds.
func unless(holds bool, status int) int {
	if holds {
		return 0
	}
	return status
}

func in(states ...string) func(*deal) bool {
	return func(d *deal) bool { return slices.Contains(states, d.state) }
}

func only(in func(*deal) bool, status int) func(*deal, int64) int {
	return func(d *deal, _ int64) int { return unless(in(d), status) }
}

var rules = []rule{
	{"cancel", "buyer", only(in("paying"), 201)},
	{"address", "buyer", func(d *deal, _ int64) int {
		if d.state == "paid" && d.deliver != "express" {
			return 116
		}
		return unless(d.state == "paid" && !d.moved, 202)
	}},
	{"ship", "seller admin", func(d *deal, _ int64) int {
		if d.state == "paid" && d.deliver != "express" {
			return 116
		}
		return unless(d.state == "paid" || d.state == "shipped" && d.ships < 4, 202)
	}},
	{"decline", "seller admin", only(in("paid"), 202)},
	{"confirm", "buyer", func(d *deal, _ int64) int {
		return unless(d.state == "shipped" || d.state == "paid" && d.deliver == "face", 203)
	}},
	{"extend", "buyer", func(d *deal, _ int64) int { return unless(d.state == "shipped" && !d.extended, 203) }},
	{"refund", "buyer", func(d *deal, _ int64) int {
		return unless(in("paid", "shipped", "finish")(d) && d.requests < 3, 204)
	}},
	{"agree", "seller admin", only(in("refunding", "appealed"), 205)},
	{"refuse", "seller", only(in("refunding", "returned"), 205)},
	{"appeal", "buyer", func(d *deal, now int64) int {
		if !in("paid", "shipped", "finish")(d) || d.appealed || d.appealEnd == 0 {
			return 204
		}
		return unless(now < d.appealEnd, 206)
	}},
	{"revoke", "buyer", only(in("refunding", "appealed", "returning"), 205)},
	{"return", "buyer", only(in("returning"), 205)},
	{"receive", "seller admin", only(in("returned"), 205)},
	{"arbitrate", "admin", only(inRefundNow, 205)},
	{"delete", "buyer seller", only(in("cancel", "overtime", "refunded", "settled", "finish"), 207)},
	{"note", "admin", only(func(*deal) bool { return true }, 0)},
}

func inRefundNow(d *deal) bool { return inRefund(d.state) }

// side is as whom somebody with a token takes a step, "" as nobody.
func (w *world) side(r rule, d *deal, token string) string {
	for _, one := range []struct{ name, token string }{{"buyer", d.buyer.token}, {"seller", d.seller.token}, {"admin", adminToken}} {
		if token == one.token && slices.Contains(fields(r.who), one.name) {
			return one.name
		}
	}
	return ""
}

// foretell is the status of a step by whoever has a token, as far as it depends on them and
// on the order's state.
func (w *world) foretell(r rule, d *deal, token string) int {
	switch {
	case r.who == "admin" && token != adminToken:
		return -103
	case w.side(r, d, token) == "":
		return 100
	}
	return r.refuses(d, w.now())
}
