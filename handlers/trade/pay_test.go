package trade_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/channeltest"
)

// order/pay by the wallet pays at once, by a channel it tells where to pay, and the same
// again is the same attempt.
func TestPayAnswers(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.tea()
	for range 2 {
		c.OK("order/pay", aliceToken, payBy(made.PayID, "sandbox")).
			WantData(t, `{"pay_state":"waiting","pay_url":"`+c.URL+`/sandbox/`+made.PayID+`01","cashier_url":"`+c.cashierURL(made.PayID)+`"}`)
	}
	c.wantAttempts(made.PayID, "sandbox open")
	c.wantPay(made.PayID, "waiting sandbox")
	c.wantStates(made, "paying")
	made = c.tea()
	c.OK("order/pay", aliceToken, payBy(made.PayID, "wechat", `"client":"native"`)).
		WantData(t, `{"pay_state":"waiting","code_url":"fake://`+made.PayID+`01","cashier_url":"`+c.cashierURL(made.PayID)+`"}`)
	made = c.tea()
	c.OK("order/pay", aliceToken, payBy(made.PayID, "wallet")).WantData(t, `{"pay_state":"paid"}`)
	c.wantAttempts(made.PayID, "")
	c.wantPay(made.PayID, "paid wallet")
	c.audit()
}

// The public URL that the operator has set is where the pages are.
func TestPayNotifyBase(t *testing.T) {
	t.Parallel()
	c := startTill(t, func(o *handlerstest.Options) { o.Settings.Trade.Pay.NotifyBase = "https://campus.example/api" })
	made := c.tea()
	key := c.cashierURL(made.PayID)[len(c.URL):]
	c.OK("order/pay", aliceToken, payBy(made.PayID, "sandbox")).
		WantData(t, `{"pay_state":"waiting","pay_url":"https://campus.example/api/sandbox/`+made.PayID+`01","cashier_url":"https://campus.example/api`+key+`"}`)
}

// Each status of order/pay, in its order.
func TestPayRefusals(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	waiting, paid, cancelled := c.tea(), c.tea(), c.tea()
	c.OK("order/pay", aliceToken, payBy(paid.PayID, "wallet"))
	c.ok("cancel", aliceToken, cancelled.OrderIDs[0])
	const noPayment = "pay_id: no such payment"
	for _, r := range []struct {
		data   string
		status int
		detail string
	}{
		{payBy("15749511520000100", "wallet"), 100, noPayment},
		{payBy("1", "nobody"), 100, noPayment},
		{payBy(paid.PayID, "nobody"), 103, "pay_id: is paid"},
		{payBy(paid.PayID, "sandbox"), 103, "pay_id: is paid"},
		{payBy(cancelled.PayID, "sandbox"), 201, "pay_id: is closed"},
		{payBy(waiting.PayID, "nobody"), 200, "method: no such method"},
		{payBy(waiting.PayID, "callback"), 200, "method: no such method"},
		{payBy(waiting.PayID, "pingpp"), -503, "method: this channel is not set up"},
		{payBy(waiting.PayID, ""), -201, "method: must not be empty"},
		{`{"pay_id":"` + waiting.PayID + `"}`, -3, "method: missing"},
		{`{"method":"wallet"}`, -3, "pay_id: missing"},
		{payBy(waiting.PayID, "sandbox", `"client":"tv"`), -204, "client: must be one of pc, wap, native"},
		{
			payBy(waiting.PayID, "wallet", `"return_url":"https://evil.example/"`), -204,
			"return_url: must be https (http on the loopback), on a host of payments.return_hosts or your own, without blanks, control characters and a user name",
		},
	} {
		c.refused("order/pay", r.data, r.status, r.detail)
	}
	c.refusedAs(bobToken, "order/pay", payBy(waiting.PayID, "wallet"), 100, noPayment)
	c.refusedAs(adminToken, "order/pay", payBy(waiting.PayID, "sandbox"), 100, noPayment)
	c.Call("order/pay", "", payBy(waiting.PayID, "sandbox")).Want(t, -100, "Missing necessary args")
	c.Clock.Advance(30 * time.Minute)
	c.refused("order/pay", payBy(waiting.PayID, "sandbox"), 206, "")
	c.refused("order/pay", payBy(waiting.PayID, "nobody"), 206, "")
}

// The wallet has too little: nothing is paid, and another method goes on.
func TestPayBalance(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.commit(items(`,"deliver":"face"`, item(bike, `,"product_num":2`)))
	c.refused("order/pay", payBy(made.PayID, "wallet"), 102, "")
	c.notify("wechat", paidAt(c.begin(made.PayID, "wechat"), 600_00), http.StatusNoContent)
	c.wantStates(made, "paid")
	c.audit()
}

// No state changes by the browser's return, whatever it brings.
func TestPayReturn(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.tea()
	c.OK("order/pay", aliceToken, payBy(made.PayID, "sandbox", `"return_url":"https://shop.example/paid?pay_id=`+made.PayID+`"`))
	before := c.Stored()
	c.ask("GET", "/sandbox/"+made.PayID+"01?result=paid&trade_status=TRADE_SUCCESS", "")
	c.ask("GET", "/callback/sandbox?result=paid", "")
	if c.Stored() != before {
		t.Error("it changed something")
	}
	c.wantStates(made, "paying")
}

// An attempt has a number of its own: another device, another place to return to and
// another channel are new attempts, and the one before is closed at its channel first.
func TestPayAnotherWay(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.tea()
	c.begin(made.PayID, "wechat")
	c.wantAsked(c.wechat, "create "+made.PayID+"01")
	c.OK("order/pay", aliceToken, payBy(made.PayID, "wechat", `"client":"native"`))
	c.wantAsked(c.wechat, "close "+made.PayID+"01", "create "+made.PayID+"02")
	c.OK("order/pay", aliceToken, payBy(made.PayID, "wechat", `"client":"native"`, `"return_url":"https://shop.example/"`))
	c.wantAsked(c.wechat, "close "+made.PayID+"02", "create "+made.PayID+"03")
	c.begin(made.PayID, "alipay")
	c.wantAsked(c.wechat, "close "+made.PayID+"03")
	c.wantAsked(c.alipay, "create "+made.PayID+"04")
	c.wantAttempts(made.PayID, "wechat closed, wechat closed, wechat closed, alipay open")
	c.OK("order/pay", aliceToken, payBy(made.PayID, "wallet"))
	c.wantAsked(c.alipay, "close "+made.PayID+"04")
	c.wantAttempts(made.PayID, "wechat closed, wechat closed, wechat closed, alipay closed")
	c.wantPay(made.PayID, "paid wallet")
	c.audit()
}

// Of the attempts of a payment what has paid it is given back by the one that has.
func TestRefundByTheAttemptThatPaid(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.tea()
	c.begin(made.PayID, "wechat")
	second := c.begin(made.PayID, "alipay")
	c.notify("alipay", paidAt(second, 10_00), http.StatusNoContent)
	c.wantAttempts(made.PayID, "wechat closed, alipay paid")
	c.wechat.Asked()
	c.alipay.Asked()
	c.ok("decline", bobToken, made.OrderIDs[0], because)
	c.RunJobs()
	c.wantAsked(c.wechat)
	c.wantAsked(c.alipay, "refund "+second+"R"+made.OrderIDs[0]+"N1")
	c.wantSum("channel:alipay", 0)
	c.audit()
}

// Where the attempt before turns out to be paid, that counts, and nothing is paid twice.
func TestPayAnotherWayWasPaid(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	for _, method := range []string{"alipay", "wallet"} {
		made := c.tea()
		attempt := c.begin(made.PayID, "wechat")
		c.wechat.Set(attempt, paidAt(attempt, 10_00).Trade)
		had := c.Wealth(alice)
		c.Call("order/pay", aliceToken, payBy(made.PayID, method)).Want(t, 103, "Pay state error")
		c.wantPay(made.PayID, "paid wechat")
		c.wantAttempts(made.PayID, "wechat paid")
		c.wantStates(made, "paid")
		if c.Wealth(alice) != had {
			t.Error("the wallet has paid too")
		}
	}
	c.wantAsked(c.alipay)
	c.audit()
}

// An attempt that cannot be closed does not hold up another method; what it brings when
// the payment is paid is late money, and while the payment still waits it pays it.
func TestPayAnotherWayUnclosed(t *testing.T) {
	t.Parallel()
	for _, why := range []string{"down", "stubborn"} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			c := startTill(t)
			late, counts := c.tea(), c.tea()
			first, second := c.begin(late.PayID, "wechat"), c.begin(counts.PayID, "wechat")
			if why == "down" {
				c.wechat.Down(channeltest.ErrLost)
			} else {
				c.wechat.Stubborn()
			}
			c.OK("order/pay", aliceToken, payBy(late.PayID, "wallet"))
			c.begin(counts.PayID, "alipay")
			c.wantAttempts(late.PayID, "wechat left")
			c.wantAttempts(counts.PayID, "wechat left, alipay open")
			c.wechat.Down(nil)
			c.notify("wechat", paidAt(first, 10_00), http.StatusNoContent)
			c.notify("wechat", paidAt(second, 10_00), http.StatusNoContent)
			c.wantAttempts(late.PayID, "wechat late")
			c.wantPay(late.PayID, "paid wallet")
			c.wantSum("unclaimed:"+first, 10_00)
			c.wantAttempts(counts.PayID, "wechat paid, alipay left")
			c.wantPay(counts.PayID, "paid wechat")
			c.RunJobs() // gives back what was late, and closes what is not needed
			c.wantSum("unclaimed:"+first, 0)
			c.wantAttempts(counts.PayID, "wechat paid, alipay closed")
			c.audit()
		})
	}
}

// A channel that does not answer is -501, within payments.timeout; the same call again asks
// by the same number. One that refuses for good gets a new number.
func TestPayChannelDown(t *testing.T) {
	t.Parallel()
	c := startTill(t, func(o *handlerstest.Options) { o.Settings.Trade.Pay.Timeout = 50 * time.Millisecond })
	made := c.tea()
	data := payBy(made.PayID, "wechat", `"request_key":"pay-tea-0001"`)
	c.wechat.Down(channeltest.ErrLost)
	c.Call("order/pay", aliceToken, data).Want(t, -501, "Pay channel error")
	c.wechat.Down(nil)
	c.wechat.Slow(true)
	c.Call("order/pay", aliceToken, data).Want(t, -501, "Pay channel error")
	c.wantAttempts(made.PayID, "wechat open")
	c.wechat.Slow(false)
	c.OK("order/pay", aliceToken, data)
	c.OK("order/pay", aliceToken, data) // is not asked again
	c.wantAsked(c.wechat, "create "+made.PayID+"01", "create "+made.PayID+"01", "create "+made.PayID+"01")
	c.Call("order/pay", aliceToken, payBy(made.PayID, "alipay", `"request_key":"pay-tea-0001"`)).Want(t, -303, "Repeated request")

	made = c.tea()
	data = payBy(made.PayID, "wechat", `"request_key":"pay-tea-0002"`)
	c.wechat.Down(channel.ErrRefused)
	c.Call("order/pay", aliceToken, data).Want(t, -501, "Pay channel error")
	c.wantAttempts(made.PayID, "wechat closed")
	c.wechat.Down(nil)
	c.OK("order/pay", aliceToken, data)
	c.wantAttempts(made.PayID, "wechat closed, wechat open")
	c.audit()
}

// However many channels a call waits for, it is within payments.timeout.
func TestPayWaitsOnce(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.tea()
	c.begin(made.PayID, "wechat")
	c.wechat.Down(channeltest.ErrLost)
	c.begin(made.PayID, "alipay")
	closing, creating := c.wechat.Until(), c.alipay.Until()
	if len(closing) != 2 || len(creating) != 1 || closing[0].IsZero() || !closing[1].Equal(creating[0]) {
		t.Errorf("the close waits until %v, the create until %v", closing, creating)
	}
}

// A channel that is not set up any more is -503, also for who began to pay by it.
func TestPayChannelGone(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.tea()
	data := payBy(made.PayID, "wechat", `"request_key":"pay-tea-0001"`)
	c.wechat.Down(channeltest.ErrLost)
	c.Call("order/pay", aliceToken, data).Want(t, -501, "Pay channel error")
	without := c.replica(func(o *handlerstest.Options) { delete(o.Channels, "wechat") })
	without.Call("order/pay", aliceToken, data).Want(t, -503, "Channel not configured")
	without.OK("pay/info", aliceToken, `{"pay_id":"`+made.PayID+`"}`)
	without.OK("order/pay", aliceToken, payBy(made.PayID, "wallet"))
	c.wantAttempts(made.PayID, "wechat left")
	c.wantStates(made, "paid")
}

// A call that is repeated with its request_key has the first answer again, also when the
// payment is over; it pays no second time and begins no attempt.
func TestPayRepeated(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.tea()
	data := payBy(made.PayID, "sandbox", `"request_key":"pay-tea-0001"`)
	first := c.OK("order/pay", aliceToken, data)
	c.choose(made.PayID+"01", "paid")
	c.wantStates(made, "paid")
	c.OK("order/pay", aliceToken, data).WantRaw(t, first.Raw)
	c.wantAttempts(made.PayID, "sandbox paid")
	made = c.tea()
	data = payBy(made.PayID, "wallet", `"request_key":"pay-tea-0002"`)
	had := c.Wealth(alice)
	for range 3 {
		c.OK("order/pay", aliceToken, data).WantData(t, `{"pay_state":"paid"}`)
	}
	if spent := had - c.Wealth(alice); spent != 10_00 {
		t.Errorf("spent %d fen", spent)
	}
	c.audit()
}

// Of many calls with different methods at once one pays; nothing is paid twice, and what
// comes besides goes back.
func TestPayTogether(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	c.wechat.Stubborn()
	for range 3 {
		made := c.tea()
		had := c.Wealth(alice)
		answers := handlerstest.Together(6, func(i int) handlerstest.Answer {
			return c.Call("order/pay", aliceToken, payBy(made.PayID, []string{"wechat", "wallet", "alipay"}[i%3]))
		})
		for _, a := range answers {
			if a.Status != 0 && a.Status != 103 && a.Status != -304 {
				t.Errorf("answered %s", a.Raw)
			}
		}
		for _, a := range c.attempts(made.PayID) {
			name := a.Channel
			c.notify(name, paidAt(a.AttemptID, 10_00), http.StatusNoContent)
			c.notify(name, paidAt(a.AttemptID, 10_00), http.StatusNoContent)
		}
		c.RunJobs()
		c.wantStates(made, "paid")
		if spent := had - c.Wealth(alice); spent != 0 && spent != 10_00 {
			t.Errorf("the wallet spent %d fen", spent)
		}
		if held := c.Order(made.OrderIDs[0]).Escrow; held != 10_00 {
			t.Errorf("the order holds %d fen", held)
		}
		for _, a := range c.attempts(made.PayID) {
			c.wantSum("unclaimed:"+a.AttemptID, 0)
		}
	}
	c.audit()
}

// A payment has 99 attempts, which two digits count; then the wallet can pay it still.
func TestPayTooOften(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.tea()
	for i := range 99 {
		c.OK("order/pay", aliceToken, payBy(made.PayID, "wechat", `"client":"`+[]string{"pc", "native"}[i%2]+`"`))
	}
	a := c.Call("order/pay", aliceToken, payBy(made.PayID, "wechat", `"client":"native"`)).Want(t, -302, "Too many requests")
	if a.HTTP != http.StatusTooManyRequests || a.Detail != "pay_id: was tried to be paid too often" {
		t.Errorf("HTTP status %d: %s", a.HTTP, a.Raw)
	}
	if got := c.attempts(made.PayID); len(got) != 99 || got[98].AttemptID != made.PayID+"99" {
		t.Errorf("%d attempts, the last %s", len(got), got[len(got)-1].AttemptID)
	}
	c.OK("order/pay", aliceToken, payBy(made.PayID, "wallet"))
	c.wantStates(made, "paid")
	c.audit()
}

// Whatever a seller names goods, channels are told of them in one line, without the marks of
// their bills; of several the first is named, and how many there are.
func TestSubjectIsPlain(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	c.SQL("UPDATE products SET product_name = 'tea\n`,\"1' WHERE product_id = " + strconv.Itoa(tea))
	made := c.tea()
	c.begin(made.PayID, "wechat")
	if got := c.attempts(made.PayID)[0].Subject; got != "tea  , 1" {
		t.Errorf("a channel is told of %q", got)
	}
	made = c.commit(items(`,"deliver":"face"`, item(cup, ""), item(lamp, ""), item(handlerstest.DocumentTextbook, "")))
	c.begin(made.PayID, "wechat")
	if got := c.attempts(made.PayID)[0].Subject; got != "product 1002等3件商品" {
		t.Errorf("of three it is told of %q", got)
	}
}
