package model_test

import (
	"fmt"
)

// recharge begins a payment into a wallet.
func (w *world) recharge() {
	u, amount := w.anybody(), w.between(1, 200_00)
	waiting := 0
	for _, p := range w.bills {
		if p.user == u && p.state == "waiting" && len(p.deals) == 0 && p.repays == nil {
			waiting++
		}
	}
	if waiting >= 20 {
		return
	}
	a := w.call(0, "wallet/recharge", u.token, `{"amount":`+yuan(amount)+`,"method":"sandbox"}`)
	p := w.newBill(u, a.Field("pay_id"), amount)
	fresh, _ := w.begin(p, "pc", 0)
	w.begun(a, fresh)
}

// repayment is the payment of an order's debt that waits.
func (w *world) repayment(d *deal) *bill {
	for _, p := range w.bills {
		if p.repays == d && p.state == "waiting" {
			return p
		}
	}
	return nil
}

// repay pays a debt back.
func (w *world) repay() {
	var owing []*deal
	for _, d := range w.deals {
		if d.debt > 0 || w.chance(400) {
			owing = append(owing, d)
		}
	}
	if len(owing) == 0 {
		return
	}
	d := owing[w.random.IntN(len(owing))]
	u := d.buyer
	if w.chance(20) {
		u = w.anybody()
	}
	method := w.pick("wallet", "sandbox")
	var fresh *attempt
	waiting := w.repayment(d)
	price := d.debt
	refused := func() int {
		switch {
		case u != d.buyer || d.debt == 0:
			return 100
		case inRefund(d.state):
			return 201
		}
		return 0
	}
	status := refused()
	if status == 0 && waiting != nil && (method == "wallet" || waiting.price != d.debt || waiting.expire <= w.now()) {
		w.leave(waiting)
		if waiting.state == "paid" {
			status = 100 // nothing is left
		} else if method == "sandbox" || u.wallet >= price {
			w.closeBill(waiting, "")
			waiting = nil
		}
	}
	var made *bill
	switch {
	case status != 0:
	case method == "wallet":
		if u.wallet < price {
			status = 102
			break
		}
		made = w.newBill(u, "", price)
		made.repays = d
		w.settleBill(made, "wallet")
	default:
		if waiting == nil {
			made = w.newBill(u, "", price)
			made.repays = d
			waiting = made
		}
		fresh, status = w.begin(waiting, "pc", 100)
	}
	a := w.call(status, "credit/pay", u.token, `{"order_id":"`+d.id+`","method":"`+method+`"}`)
	w.begun(a, fresh)
	if made != nil {
		made.id = a.Field("pay_id")
	}
}

// grant gives a person money, beli or credit, or takes some.
func (w *world) grant() {
	switch u := w.anybody(); w.random.IntN(3) {
	case 0:
		w.give(u, "cny", w.between(-50_00, 200_00))
	case 1:
		w.give(u, "beli", w.between(-50, 100))
	case 2:
		w.give(u, "credit", w.between(-300_00, 400_00))
	}
}

// give gives a person so much of a currency, or takes it where it is below 0.
func (w *world) give(u *person, currency string, amount int64) {
	if amount == 0 {
		return
	}
	has, refusal, call, data := &u.wallet, 102, "wallet/grant", `"currency":"`+currency+`","amount":`+yuan(amount)
	left := u.wallet
	switch currency {
	case "beli":
		has, left, data = &u.beli, u.beli, fmt.Sprintf(`"currency":"beli","amount":%d`, amount)
	case "credit":
		has, left, refusal, call, data = &u.credit, u.credit-u.creditHeld-u.owes, 104, "credit/set", `"inc_amount":`+yuan(amount)
	}
	status := unless(left+amount >= 0, refusal)
	w.call(status, call, adminToken, `{"user_id":"`+u.id+`",`+data+"}")
	if status == 0 {
		*has += amount
	}
}
