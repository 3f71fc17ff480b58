package model_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"campusgate/handlers/handlerstest"
)

const adminToken = handlerstest.AdminToken

func fields(text string) []string { return strings.Fields(text) }

// settleBill has a payment that waits paid by a method, with all that it is for.
func (w *world) settleBill(p *bill, method string) {
	p.state, p.method = "paid", method
	if method == "wallet" {
		p.user.wallet -= p.price
	}
	switch {
	case p.repays != nil:
		p.repays.debt -= p.price
		p.user.owes -= p.price
		p.repays.paidBy = append(p.repays.paidBy, came{method, p.price})
	case len(p.deals) == 0:
		p.user.wallet += p.price
	}
	for _, d := range p.deals {
		d.paidBy = []came{{method, d.pay}}
		d.debt, d.beli = d.credit, d.beliUsed
		d.due = w.endOfDay(w.now() + 60*day)
		p.user.beliHeld -= d.beliUsed
		p.user.creditHeld -= d.credit
		p.user.owes += d.credit
		for _, s := range d.slips {
			s.used = true
		}
		w.focus = d
		d.enter("paid", w.now())
		if d.course {
			d.enter("finish", w.now())
		}
	}
}

// closeBill ends a payment that was not paid.
func (w *world) closeBill(p *bill, state string) {
	p.state = "closed"
	for _, d := range p.deals {
		d.enter(state, w.now())
		p.user.beli, p.user.beliHeld = p.user.beli+d.beliUsed, p.user.beliHeld-d.beliUsed
		p.user.creditHeld -= d.credit
		d.promotion = 0
		for _, s := range d.slips {
			s.held = nil
		}
		for _, l := range d.lines {
			l.back(l.pieces)
		}
	}
	if a := p.openAttempt(); a != nil { // its money would be late, and goes back
		a.open = false
		if a.result == "" {
			a.result = "closed"
		}
	}
}

// back puts pieces back into a stock.
func (l *line) back(pieces int64) {
	if l.limited && l.ware.stock != nil {
		*l.ware.stock += pieces
	}
}

func (p *bill) openAttempt() *attempt {
	i := slices.IndexFunc(p.attempts, func(a *attempt) bool { return a.open })
	if i < 0 {
		return nil
	}
	return p.attempts[i]
}

// learn is what follows where the sandbox is asked of the open attempt, or told to close it.
func (w *world) learn(p *bill, closing bool) {
	a := p.openAttempt()
	if a == nil {
		return
	}
	if closing && a.result == "" {
		a.result = "closed"
	}
	switch a.result {
	case "":
		a.open = w.now() < p.expire
	case "failed", "closed":
		a.open = false
	case "paid", "twice", "silent":
		a.open = false
		w.settleBill(p, "sandbox")
	}
}

// leave closes the open attempt because it is paid another way.
func (w *world) leave(p *bill) {
	w.learn(p, true)
	if a := p.openAttempt(); a != nil {
		a.open = false
	}
}

// pay pays a payment of orders.
func (w *world) pay() {
	var bills []*bill
	for _, p := range w.bills {
		if len(p.deals) > 0 && (p.state == "waiting" || w.chance(60)) {
			bills = append(bills, p)
		}
	}
	if len(bills) == 0 {
		return
	}
	p := bills[len(bills)-1]
	if w.chance(3) {
		p = bills[w.random.IntN(len(bills))]
	}
	u, method := p.user, w.pick("wallet", "sandbox")
	if w.chance(20) {
		u = w.anybody()
	}
	if w.chance(20) {
		method = w.pick("cash", "alipay")
	}
	w.payBill(p, u, method, w.pick("pc", "pc", "pc", "wap"))
}

func (w *world) payBill(p *bill, u *person, method, client string) {
	status, fresh := 0, (*attempt)(nil)
	switch {
	case u != p.user:
		status = 100
	case p.payable(w.now()) != 0:
		status = p.payable(w.now())
	case method == "cash":
		status = 200
	case method == "alipay":
		status = -503
	case method == "wallet":
		w.leave(p)
		switch {
		case p.state == "paid":
			status = 103
		case u.wallet < p.price:
			status = 102
		default:
			w.settleBill(p, "wallet")
		}
	default:
		fresh, status = w.begin(p, client, 103)
	}
	a := w.call(status, "order/pay", u.token, `{"pay_id":"`+p.id+`","method":"`+method+`","client":"`+client+`"}`)
	w.begun(a, fresh)
}

func (p *bill) payable(now int64) int {
	switch p.state {
	case "paid":
		return 103
	case "closed":
		return 201
	}
	return unless(now < p.expire, 206)
}

// begin begins an attempt by the sandbox, unless one is there that will do: then it is nil.
// Where leaving another one finds it paid, the status is that.
func (w *world) begin(p *bill, client string, paid int) (*attempt, int) {
	if a := p.openAttempt(); a != nil {
		if a.client == client {
			return nil, 0
		}
		w.leave(p)
		if p.state == "paid" {
			return nil, paid
		}
	}
	p.method = "sandbox"
	a := &attempt{client: client, open: true, made: w.now()}
	a.nextAsk = nextAsk(a.made, p.expire, w.now())
	p.attempts = append(p.attempts, a)
	return a, 0
}

// nextAsk is when the sandbox is asked by itself.
func nextAsk(made, expire, now int64) int64 {
	for _, after := range []int64{60, 5 * 60, 15 * 60, 30 * 60} {
		if at := made + after; now < at && at < expire {
			return at
		}
	}
	return expire
}

// begun notes the page of a new attempt.
func (w *world) begun(a handlerstest.Answer, fresh *attempt) {
	if fresh != nil {
		_, fresh.id, _ = strings.Cut(a.Field("pay_url"), "/sandbox/")
	}
}

// page is an answer on the sandbox's page of an attempt.
func (w *world) page() {
	var bills []*bill
	for _, p := range w.bills {
		if len(p.attempts) > 0 && (p.state == "waiting" || w.chance(8)) {
			bills = append(bills, p)
		}
	}
	if len(bills) == 0 {
		return
	}
	p := bills[len(bills)-1]
	if w.chance(3) {
		p = bills[w.random.IntN(len(bills))]
	}
	a := p.attempts[len(p.attempts)-1]
	if w.chance(4) {
		a = p.attempts[w.random.IntN(len(p.attempts))]
	}
	w.answer(p, a, w.pick("paid", "paid", "paid", "paid", "paid", "paid", "failed", "twice", "wrong", "silent", "late"))
}

func (w *world) answer(p *bill, a *attempt, result string) {
	status := w.post("/sandbox/"+a.id, "result="+result)
	w.note(fmt.Sprintf("page of %s: %s → %d", a.id, result, status))
	w.calls.count("page "+result, 0)
	if status != http.StatusSeeOther {
		w.fail("the page answers %d", status)
	}
	if a.result != "" || w.now() >= p.expire {
		return
	}
	a.result = result
	switch {
	case !a.open: // money that comes late goes back
	case result == "failed":
		a.open = false
	case result == "paid" || result == "twice":
		w.learn(p, false)
	}
}

func (w *world) post(path, body string) (status int) {
	request, err := http.NewRequestWithContext(w.T.Context(), http.MethodPost, w.URL+path, strings.NewReader(body))
	w.must(err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultTransport.RoundTrip(request)
	w.must(err)
	w.must(response.Body.Close())
	return response.StatusCode
}

// askPay looks at a payment, which asks the sandbox.
func (w *world) askPay() {
	if len(w.bills) == 0 {
		return
	}
	p := w.bills[max(0, len(w.bills)-1-w.random.IntN(8))]
	u := p.user
	if w.chance(10) {
		u = w.anybody()
	}
	if u != p.user {
		w.call(100, "pay/info", u.token, `{"pay_id":"`+p.id+`"}`)
		return
	}
	if a := p.openAttempt(); a != nil && p.state == "waiting" && a.asked <= w.now()-5 {
		a.asked = w.now()
		w.learn(p, false)
	}
	if got := w.call(0, "pay/info", u.token, `{"pay_id":"`+p.id+`"}`); got.Field("pay_state") != p.state {
		w.fail("the payment is %s", p.state)
	}
}
