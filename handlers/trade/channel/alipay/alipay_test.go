package alipay_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/alipay"
	"campusgate/handlers/trade/channel/alipay/alipaytest"
	"campusgate/handlers/trade/channel/signing/signingtest"
)

const (
	attemptNo = "1764998400000010001"
	refundNo  = attemptNo + "R1764998400000010N1"

	queryTrade  = "alipay.trade.query"
	closeTrade  = "alipay.trade.close"
	refundTrade = "alipay.trade.refund"
	queryRefund = "alipay.trade.fastpay.refund.query"
)

var (
	start    = time.Unix(1_795_658_400, 0).UTC()
	merchant = channel.Merchant{App: "2021000000000001", Seller: "2088000000000001"}
	attempt  = channel.Attempt{
		No: attemptNo, Amount: 10, Subject: "A/B=C&D\n茶", Client: channel.PC, ReturnURL: "https://campus.example/paid?a=1&b=2",
		CreatTime: start.Unix(), ExpireTime: start.Unix() + 1800,
	}
	refund = channel.Refund{No: refundNo, Attempt: attempt, Amount: 10, Reason: "订单/退款"}
	paid   = channel.Trade{State: channel.Paid, TradeNo: "T" + attemptNo, Amount: 10}
)

// both are the channel and the service that it calls. The clock is that of both.
func both(t *testing.T) (c *alipay.Channel, service *alipaytest.Service, now *time.Time) {
	t.Helper()
	now = new(start)
	clock := func() time.Time { return *now }
	app, own := signingtest.Key(t, signingtest.Merchant), signingtest.Key(t, signingtest.Alipay)
	service = alipaytest.New(t, alipaytest.Options{
		Own: own, Stranger: signingtest.Key(t, signingtest.Stranger), App: &app.PublicKey, Merchant: merchant, Now: clock,
	})
	return alipay.New(alipay.Settings{
		Gateway: service.Gateway(), AppID: merchant.App, SellerID: merchant.Seller, Private: app, Public: &own.PublicKey,
		NotifyURL: "https://campus.example/callback/alipay", Now: clock,
	}), service, now
}

// opened is a service whose user has opened the attempt's page, and paid if it says so.
func opened(t *testing.T, pays bool) (*alipay.Channel, *alipaytest.Service, *time.Time) {
	t.Helper()
	c, service, now := both(t)
	action, err := c.Create(t.Context(), attempt)
	if err != nil {
		t.Fatal(err)
	}
	if err := service.Open(action.PayURL); err != nil {
		t.Fatal(err)
	}
	if pays && !service.Pay(attemptNo) {
		t.Fatal("it cannot be paid")
	}
	return c, service, now
}

func noHeader(string) string { return "" }

// Neither page needs a call, and Alipay takes both: 0.10 yuan, a subject with what it
// refuses, and an end in Beijing's time.
func TestPages(t *testing.T) {
	t.Parallel()
	c, service, _ := both(t)
	for i, client := range []string{channel.PC, channel.Native, channel.WAP} {
		a := attempt
		a.Client, a.No = client, attemptNo+string(rune('1'+i))
		action, err := c.Create(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		if wap := strings.Contains(action.PayURL, "alipay.trade.wap.pay") && strings.Contains(action.PayURL, "quit_url"); wap != (client == channel.WAP) {
			t.Errorf("%s: %s", client, action.PayURL)
		}
		if err := service.Open(action.PayURL); err != nil {
			t.Errorf("%s: %v", client, err)
		}
		if got := service.NotifyURL(a.No); got != "https://campus.example/callback/alipay" {
			t.Errorf("it notifies %q", got)
		}
		if err := service.Open(strings.Replace(action.PayURL, "0.10", "0.01", 1)); err == nil {
			t.Errorf("%s: a changed amount is taken", client)
		}
	}
	if calls := service.Calls(); len(calls) > 0 {
		t.Errorf("it calls %v", calls)
	}
}

// An attempt from its page to its end.
func TestLife(t *testing.T) {
	t.Parallel()
	c, service, _ := opened(t, false)
	expect := func(want channel.Trade) {
		t.Helper()
		if got, err := c.Query(t.Context(), attempt); err != nil || got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
	expect(channel.Trade{State: channel.Waiting, TradeNo: paid.TradeNo})
	service.Pay(attemptNo)
	expect(paid)
	part := refund
	part.Amount = 4
	for range 2 { // again it is the same
		if state, err := c.Refund(t.Context(), part); state != channel.RefundDone || err != nil {
			t.Errorf("%s, %v", state, err)
		}
	}
	if sum := service.Refunded(attemptNo); sum != 4 {
		t.Errorf("%d fen went back", sum)
	}
	expect(paid) // in part
	rest := refund
	rest.No, rest.Amount = refundNo+"2", 7
	if state, err := c.Refund(t.Context(), rest); state != channel.RefundFailed || !errors.Is(err, channel.ErrRefused) {
		t.Errorf("more than was paid: %s, %v", state, err)
	}
	rest.Amount = 6
	if state, err := c.Refund(t.Context(), rest); state != channel.RefundDone || err != nil {
		t.Errorf("%s, %v", state, err)
	}
	expect(channel.Trade{State: channel.Refunded, TradeNo: paid.TradeNo, Amount: 10, Refunded: 10})
	if state, err := c.Refund(t.Context(), part); state != channel.RefundDone || err != nil {
		t.Errorf("a refund again, of what is given back as a whole: %s, %v", state, err)
	}
}

// TRADE_FINISHED is paid, and refuses a refund for ever.
func TestFinished(t *testing.T) {
	t.Parallel()
	c, service, _ := opened(t, true)
	service.Finish(attemptNo)
	if got, err := c.Query(t.Context(), attempt); err != nil || got != paid {
		t.Errorf("%+v, %v", got, err)
	}
	if state, err := c.Refund(t.Context(), refund); state != channel.RefundFailed || !errors.Is(err, channel.ErrRefused) {
		t.Errorf("%s, %v", state, err)
	}
}

// One that was never opened cannot be closed, and is paid after all; one that is paid
// cannot either; one that waits is closed, and then cannot be paid.
func TestClose(t *testing.T) {
	t.Parallel()
	c, service, _ := both(t)
	expect := func(want channel.Trade) {
		t.Helper()
		if got, err := c.Close(t.Context(), attempt); err != nil || got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
	expect(channel.Trade{State: channel.NotFound})
	action, err := c.Create(t.Context(), attempt)
	if err != nil {
		t.Fatal(err)
	}
	if err := service.Open(action.PayURL); err != nil {
		t.Fatal(err)
	}
	if !service.Pay(attemptNo) {
		t.Error("it cannot be paid")
	}
	expect(paid)

	c, service, _ = opened(t, false)
	expect(channel.Trade{State: channel.Closed, TradeNo: paid.TradeNo})
	expect(channel.Trade{State: channel.Closed, TradeNo: paid.TradeNo})
	if service.Pay(attemptNo) {
		t.Error("it is paid after its end")
	}

	var now *time.Time
	c, service, now = opened(t, false)
	*now = start.Add(30 * time.Minute)
	if service.Pay(attemptNo) {
		t.Error("it is paid after its time")
	}
	expect(channel.Trade{State: channel.Closed, TradeNo: paid.TradeNo})
}

// Whatever goes wrong is unknown: nothing that Alipay has not signed is believed, neither a
// yes nor a no, and an answer about another attempt is none.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]alipaytest.Fault{
		"dead": alipaytest.Dead, "lost": alipaytest.Lost, "slow": alipaytest.Slow, "broken": alipaytest.Broken, "moved": alipaytest.Moved,
		"garbage": alipaytest.Garbage, "long": alipaytest.Long, "forged": alipaytest.Forged, "unsigned": alipaytest.Unsigned,
		"doubled": alipaytest.Doubled, "another": alipaytest.Another, "busy": alipaytest.Busy, "denied": alipaytest.Denied,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, service, _ := opened(t, true)
			if _, err := c.Refund(t.Context(), channel.Refund{No: "R1", Attempt: attempt, Amount: 1}); err != nil {
				t.Fatal(err)
			}
			for _, method := range []string{queryTrade, closeTrade, refundTrade, queryRefund} {
				service.Fail(method, fault)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if fault == alipaytest.Slow {
				soon, stop := context.WithTimeout(ctx, 20*time.Millisecond)
				defer stop()
				ctx = soon
			}
			expect := func(what string, err error) {
				t.Helper()
				if err == nil || errors.Is(err, channel.ErrRefused) || errors.Is(err, channel.ErrUnknown) == (fault == alipaytest.Denied) {
					t.Errorf("%s: %v", what, err)
				}
			}
			trade, err := c.Query(ctx, attempt)
			expect("query", err)
			if trade != (channel.Trade{}) {
				t.Errorf("%+v", trade)
			}
			_, err = c.Close(ctx, attempt)
			expect("close", err)
			state, err := c.Refund(ctx, channel.Refund{No: "R2", Attempt: attempt, Amount: 1})
			expect("refund", err)
			again, err := c.QueryRefund(ctx, channel.Refund{No: "R1", Attempt: attempt, Amount: 1})
			expect("query refund", err)
			if state != channel.RefundPending || again != channel.RefundPending {
				t.Errorf("%s, %s", state, again)
			}
		})
	}
}

// A refund whose answer is lost, or cannot be believed, has moved the money: the same number
// again finds it, and moves nothing.
func TestRefundLost(t *testing.T) {
	t.Parallel()
	for _, fault := range []alipaytest.Fault{alipaytest.Lost, alipaytest.Forged, alipaytest.Unsigned, alipaytest.Doubled} {
		c, service, _ := opened(t, true)
		service.Fail(refundTrade, fault)
		if state, err := c.Refund(t.Context(), refund); state != channel.RefundPending || !errors.Is(err, channel.ErrUnknown) {
			t.Errorf("%d: %s, %v", fault, state, err)
		}
		service.Fail(refundTrade, alipaytest.None)
		service.Calls()
		if state, err := c.Refund(t.Context(), refund); state != channel.RefundDone || err != nil {
			t.Errorf("%d: %s, %v", fault, state, err)
		}
		if calls := service.Calls(); !slices.Equal(calls, []string{refundTrade, queryRefund}) {
			t.Errorf("%d: it calls %v", fault, calls)
		}
		if sum := service.Refunded(attemptNo); sum != 10 {
			t.Errorf("%d: %d fen went back", fault, sum)
		}
	}
}

// A refund for which there is no money is tried again, by the same number.
func TestRefundLater(t *testing.T) {
	t.Parallel()
	c, service, _ := opened(t, true)
	service.Fail(refundTrade, alipaytest.NoMoney)
	state, err := c.Refund(t.Context(), refund)
	if state != channel.RefundPending || err == nil || errors.Is(err, channel.ErrRefused) {
		t.Errorf("%s, %v", state, err)
	}
	if state, err := c.QueryRefund(t.Context(), refund); state != channel.RefundPending || !errors.Is(err, channel.ErrUnknown) {
		t.Errorf("what was not done: %s, %v", state, err)
	}
	service.Fail(refundTrade, alipaytest.None)
	if state, err := c.Refund(t.Context(), refund); state != channel.RefundDone || err != nil {
		t.Errorf("%s, %v", state, err)
	}
	if state, err := c.QueryRefund(t.Context(), refund); state != channel.RefundDone || err != nil {
		t.Errorf("%s, %v", state, err)
	}
}

// A refund of what is refused for ever is not refused while the query does not answer: it
// may have been done before.
func TestRefusalNeedsQuery(t *testing.T) {
	t.Parallel()
	c, service, _ := opened(t, true)
	service.Fail(queryRefund, alipaytest.Dead)
	more := refund
	more.Amount = 11
	if state, err := c.Refund(t.Context(), more); state != channel.RefundPending || errors.Is(err, channel.ErrRefused) || err == nil {
		t.Errorf("%s, %v", state, err)
	}
}

// What is posted of each state.
func TestNotify(t *testing.T) {
	t.Parallel()
	c, service, _ := opened(t, false)
	claim := func(trade channel.Trade) channel.Event {
		return channel.Event{AttemptNo: attemptNo, Merchant: merchant, Currency: channel.Yuan, Trade: trade}
	}
	expect := func(want channel.Event, changes map[string]string) {
		t.Helper()
		got, err := c.Notify(noHeader, service.Notification(t, attemptNo, changes), start)
		if err != nil || got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
	no := paid.TradeNo
	expect(claim(channel.Trade{State: channel.Waiting, TradeNo: no}), nil)
	expect(claim(channel.Trade{State: channel.Closed, TradeNo: no}), map[string]string{"trade_status": "TRADE_CLOSED"})
	service.Pay(attemptNo)
	expect(claim(paid), nil)
	expect(claim(paid), map[string]string{"total_amount": "0.1"})
	expect(claim(paid), map[string]string{"trade_status": "TRADE_FINISHED", "gmt_close": "2026-11-26 10:00:00"})
	expect(claim(channel.Trade{State: channel.Paid, TradeNo: no, Amount: 11}), map[string]string{"total_amount": "0.11"})
	expect(channel.Event{}, map[string]string{"out_trade_no": ""}) // of something else
	if _, err := c.Refund(t.Context(), channel.Refund{No: refundNo, Attempt: attempt, Amount: 4}); err != nil {
		t.Fatal(err)
	}
	part := claim(channel.Trade{State: channel.Paid, TradeNo: no, Refunded: 4})
	part.RefundNo, part.RefundState = refundNo, channel.RefundDone
	expect(part, nil)
	expect(claim(channel.Trade{State: channel.Paid, TradeNo: no, Amount: 10, Refunded: 4}), map[string]string{"out_biz_no": ""})
	expect(claim(channel.Trade{State: channel.Refunded, TradeNo: no, Amount: 10, Refunded: 10}),
		map[string]string{"trade_status": "TRADE_CLOSED", "refund_fee": "0.10", "out_biz_no": ""})
}

// What is signed but cannot be understood is not taken, and is not success.
func TestNotUnderstood(t *testing.T) {
	t.Parallel()
	c, service, _ := opened(t, true)
	for _, changes := range []map[string]string{
		{"trade_status": "TRADE_NEW"},
		{"trade_status": ""},
		{"total_amount": ""},
		{"total_amount": "1e1"},
		{"total_amount": "-0.10"},
		{"total_amount": "0.105"},
		{"refund_fee": "x"},
	} {
		event, err := c.Notify(noHeader, service.Notification(t, attemptNo, changes), start)
		if err == nil || errors.Is(err, channel.ErrUnverified) || event != (channel.Event{AttemptNo: attemptNo}) {
			t.Errorf("%v: %+v, %v", changes, event, err)
		}
		if status, _, body := c.Answer(err); status < 400 || string(body) == "success" {
			t.Errorf("%v is answered %d %s", changes, status, body)
		}
	}
}

// A body that a proxy or a framework has touched is not what was signed.
func TestTouched(t *testing.T) {
	t.Parallel()
	c, service, _ := opened(t, true)
	body := string(service.Notification(t, attemptNo, nil))
	if _, err := c.Notify(noHeader, []byte(body), start); err != nil {
		t.Fatal(err)
	}
	for name, touched := range map[string]string{
		"empty":              "",
		"JSON":               `{"out_trade_no":"` + attemptNo + `"}`,
		"decoded twice":      strings.ReplaceAll(body, "%2B", "+"),
		"escaped for HTML":   strings.ReplaceAll(body, "%22", "%26quot%3B"),
		"without empty ones": strings.Replace(body, "body=&", "", 1),
		"with the URL's":     body + "&from=portal",
		"a name twice":       body + "&charset=utf-8",
		"a broken escape":    body + "&x=%zz",
		"no signature":       strings.Replace(body, "&sign=", "&signs=", 1),
		"another kind":       strings.Replace(body, "sign_type=RSA2", "sign_type=RSA", 1),
		"no kind":            strings.Replace(body, "sign_type=RSA2", "sign_type=", 1),
	} {
		if event, err := c.Notify(noHeader, []byte(touched), start); touched == body || !errors.Is(err, channel.ErrUnverified) || event != (channel.Event{}) {
			t.Errorf("%s: %+v, %v", name, event, err)
		}
	}
	certificates := body + "&alipay_cert_sn=0123" // not signed, where the account uses them
	if _, err := c.Notify(noHeader, []byte(certificates), start); err != nil {
		t.Errorf("with alipay_cert_sn: %v", err)
	}
}
