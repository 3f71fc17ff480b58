package model_test

import (
	"fmt"
	"time"
)

// pass has time pass, and all clocks that have ended by then.
func (w *world) pass() {
	w.passFor(time.Duration(w.pickNumber(1, 5, 60, 5*60, 5*60, 5*60, 16*60, 16*60, 31*60, 41*60, 3600, 3600, 3*3600, day, day, 2*day, 3*day, 7*day, 11*day)) * time.Second)
}

func (w *world) passFor(d time.Duration) {
	w.note(fmt.Sprintf("%s pass", d))
	w.calls.count("time", 0)
	w.Clock.Advance(d)
	w.RunJobs()
	w.tick()
}

// tick has happen what is due now.
func (w *world) tick() {
	now := w.now()
	for _, p := range w.bills {
		w.tickBill(p, now)
	}
	for _, d := range w.deals {
		if !closed(d.state) && d.state != "paying" && now >= d.end {
			w.end(d)
		}
	}
}

// tickBill asks the sandbox of a payment that waits, and closes one whose time is over: one
// that was paid late cannot be closed there, and is waited for a while.
func (w *world) tickBill(p *bill, now int64) {
	if p.state != "waiting" {
		return
	}
	if a := p.openAttempt(); a != nil && now >= a.nextAsk {
		w.learn(p, now >= p.expire)
		a.nextAsk = nextAsk(a.made, p.expire, now)
	}
	if p.state != "waiting" || now < p.due {
		return
	}
	w.learn(p, true)
	switch a := p.openAttempt(); {
	case p.state != "waiting":
	case a != nil && a.result == "late" && now < p.over+10*60:
		p.due = now + 60
	default:
		w.calls.taken("pay_within")
		w.closeBill(p, "overtime")
	}
}

// end takes the step of an order's clock.
func (w *world) end(d *deal) {
	name, _ := d.clockOf()
	w.calls.taken(name)
	asked := d.asked()
	switch name {
	case "ship_within":
		w.refundWhole(d)
	case "confirm_within":
		d.enter("finish", w.now())
	case "settle_after":
		fee := d.escrow() * feePercent / 100
		d.seller.wallet += d.escrow() - fee
		d.enter("settled", w.now())
	case "answer_within":
		if asked.kind == "return" && d.seller.address != 0 {
			d.enter("returning", w.now())
			return
		}
		asked.state = "refunded"
		w.giveBack(d, asked)
	case "return_within":
		asked.state = "expired"
		d.enter("former", w.now())
	case "receive_within":
		asked.state = "refunded"
		w.giveBack(d, asked)
	case "arbitrate_within":
		asked.state = "refused"
		d.appealEnd = 0
		d.enter("former", w.now())
	}
}
