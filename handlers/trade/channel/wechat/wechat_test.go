package wechat_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/signing/signingtest"
	"campusgate/handlers/trade/channel/wechat"
	"campusgate/handlers/trade/channel/wechat/wechattest"
)

const attemptNo = "1764998400000010001"

var (
	start    = time.Unix(1_795_658_400, 0).UTC()
	merchant = channel.Merchant{App: "wx0123456789abcdef", Seller: "1900000001"}
	attempt  = channel.Attempt{No: attemptNo, Amount: 100, Subject: "茶 & 杯", Client: channel.Native, CreatTime: start.Unix(), ExpireTime: start.Unix() + 1800}
	paid     = channel.Trade{State: channel.Paid, TradeNo: "T" + attemptNo, Amount: 100}
)

// both are the channel and the service that it calls. The clock is that of both.
func both(t *testing.T) (c *wechat.Channel, service *wechattest.Service, now *time.Time) {
	t.Helper()
	now = new(start)
	clock := func() time.Time { return *now }
	account, own := signingtest.Key(t, signingtest.Merchant), signingtest.Key(t, signingtest.WeChat)
	const serial, id, apiV3Key = "0775B6A45ACD588826D15E583A95F5DD12345678", "PUB_KEY_ID_01", "0123456789abcdef0123456789ABCDEF"
	service = wechattest.New(t, wechattest.Options{
		Own: own, PublicKeyID: id, Stranger: signingtest.Key(t, signingtest.Stranger), Account: &account.PublicKey, Serial: serial,
		APIV3Key: apiV3Key, Merchant: merchant, Now: clock,
	})
	return wechat.New(wechat.Settings{
		Endpoint: service.Endpoint(), MchID: merchant.Seller, AppID: merchant.App, Serial: serial, Private: account, APIV3Key: apiV3Key,
		Public: &own.PublicKey, PublicKeyID: id, NotifyURL: "https://campus.example/callback/wechat", Now: clock,
	}), service, now
}

// created is an attempt that WeChat Pay knows, and that is paid if it says so.
func created(t *testing.T, pays bool) (*wechat.Channel, *wechattest.Service, *time.Time) {
	t.Helper()
	c, service, now := both(t)
	for range 2 { // again it is the same
		action, err := c.Create(t.Context(), attempt)
		if want := (channel.Action{CodeURL: "weixin://wxpay/bizpayurl?pr=" + attemptNo}); err != nil || action != want {
			t.Fatalf("%+v, %v", action, err)
		}
	}
	if pays && !service.Pay(attemptNo) {
		t.Fatal("it cannot be paid")
	}
	return c, service, now
}

func refundOf(no string, amount int64) channel.Refund {
	return channel.Refund{No: no, Attempt: attempt, Amount: amount, Reason: "退款"}
}

// An order that is known is not refused, whatever is wrong with the request: it may be paid.
// One that is not known is.
func TestCreate(t *testing.T) {
	t.Parallel()
	c, service, _ := created(t, true)
	if got := service.NotifyURL(); got != "https://campus.example/callback/wechat" {
		t.Errorf("it notifies %s", got)
	}
	changed := attempt
	changed.Amount = 99
	for _, a := range []channel.Attempt{attempt, changed} { // it is paid, and it is another
		if action, err := c.Create(t.Context(), a); !errors.Is(err, channel.ErrUnknown) || errors.Is(err, channel.ErrRefused) {
			t.Errorf("%+v, %v", action, err)
		}
	}
	short := attempt
	short.No, short.ExpireTime = attemptNo[:18]+"2", start.Unix()+30
	if action, err := c.Create(t.Context(), short); !errors.Is(err, channel.ErrRefused) {
		t.Errorf("%+v, %v", action, err)
	}
	service.Fail(wechattest.Query, wechattest.Dead)
	if action, err := c.Create(t.Context(), short); !errors.Is(err, channel.ErrUnknown) || errors.Is(err, channel.ErrRefused) {
		t.Errorf("without a query: %+v, %v", action, err)
	}
}

// An order waits, is paid, or closed; what is paid cannot be closed, what is closed not paid.
func TestClose(t *testing.T) {
	t.Parallel()
	c, _, _ := both(t)
	expect := func(ask func(context.Context, channel.Attempt) (channel.Trade, error), want channel.Trade) {
		t.Helper()
		if got, err := ask(t.Context(), attempt); err != nil || got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
	expect(c.Query, channel.Trade{State: channel.NotFound})
	expect(c.Close, channel.Trade{State: channel.NotFound})
	c, service, _ := created(t, false)
	expect(c.Query, channel.Trade{State: channel.Waiting})
	expect(c.Close, channel.Trade{State: channel.Closed})
	expect(c.Close, channel.Trade{State: channel.Closed})
	expect(c.Query, channel.Trade{State: channel.Closed})
	if service.Pay(attemptNo) {
		t.Error("it is paid after its end")
	}
	c, _, _ = created(t, true)
	expect(c.Close, paid)
	expect(c.Query, paid)
	var now *time.Time
	c, service, now = created(t, false)
	*now = start.Add(30 * time.Minute)
	if service.Pay(attemptNo) {
		t.Error("it is paid after its time")
	}
	expect(c.Query, channel.Trade{State: channel.Closed})
}

// Whatever goes wrong is unknown: nothing that WeChat Pay has not signed now is believed, and
// nothing about another order.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]wechattest.Fault{
		"dead": wechattest.Dead, "lost": wechattest.Lost, "slow": wechattest.Slow, "broken": wechattest.Broken, "moved": wechattest.Moved,
		"garbage": wechattest.Garbage, "long": wechattest.Long, "forged": wechattest.Forged, "unsigned": wechattest.Unsigned, "old": wechattest.Old,
		"another": wechattest.Another, "busy": wechattest.Busy, "denied": wechattest.Denied,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, service, now := created(t, true)
			if _, err := c.Refund(t.Context(), refundOf("R1", 1)); err != nil {
				t.Fatal(err)
			}
			*now = now.Add(time.Minute)
			service.FailAll(fault)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if fault == wechattest.Slow {
				soon, stop := context.WithTimeout(ctx, 20*time.Millisecond)
				defer stop()
				ctx = soon
			}
			expect := func(what string, err error) {
				t.Helper()
				isNo := fault == wechattest.Denied || fault == wechattest.Unsigned && !errors.Is(err, channel.ErrUnknown) // which proves nothing
				if err == nil || errors.Is(err, channel.ErrRefused) || errors.Is(err, channel.ErrUnknown) == isNo {
					t.Errorf("%s: %v", what, err)
				}
			}
			trade, err := c.Query(ctx, attempt)
			expect("query", err)
			if trade != (channel.Trade{}) {
				t.Errorf("%+v", trade)
			}
			if _, err := c.Close(ctx, attempt); fault != wechattest.Garbage { // an answer to it is empty
				expect("close", err)
			}
			state, err := c.Refund(ctx, refundOf("R2", 1))
			expect("refund", err)
			again, err := c.QueryRefund(ctx, refundOf("R1", 1))
			expect("query refund", err)
			if state != channel.RefundPending || again != channel.RefundPending {
				t.Errorf("%s, %s", state, again)
			}
			if fault != wechattest.Another {
				_, err = c.Create(ctx, attempt)
				expect("create", err)
			}
		})
	}
}

// Parts are given back a minute apart, fifty at most, and the same number has no second
// effect, also where its answer was lost.
func TestRefund(t *testing.T) {
	t.Parallel()
	c, service, now := created(t, true)
	service.Fail(wechattest.Refund, wechattest.Lost)
	if state, err := c.Refund(t.Context(), refundOf("R0", 1)); state != channel.RefundPending || !errors.Is(err, channel.ErrUnknown) {
		t.Errorf("lost: %s, %v", state, err)
	}
	service.Fail(wechattest.Refund, wechattest.None)
	for range 2 {
		if state, err := c.Refund(t.Context(), refundOf("R0", 1)); state != channel.RefundDone || err != nil {
			t.Errorf("again: %s, %v", state, err)
		}
	}
	if state, err := c.Refund(t.Context(), refundOf("R1", 1)); state != channel.RefundPending || err == nil || errors.Is(err, channel.ErrRefused) {
		t.Errorf("within a minute: %s, %v", state, err)
	}
	for i := 1; i < 50; i++ {
		*now = now.Add(time.Minute)
		if state, err := c.Refund(t.Context(), refundOf(fmt.Sprint("R", i), 1)); state != channel.RefundDone || err != nil {
			t.Errorf("%d: %s, %v", i, state, err)
		}
	}
	*now = now.Add(time.Minute)
	if state, err := c.Refund(t.Context(), refundOf("R50", 1)); state != channel.RefundFailed || !errors.Is(err, channel.ErrRefused) {
		t.Errorf("the 51st: %s, %v", state, err)
	}
	if sums := service.Refunded(attemptNo); len(sums) != 50 {
		t.Errorf("%v fen went back", sums)
	}
	if got, err := c.Query(t.Context(), attempt); err != nil || got.State != channel.Refunded {
		t.Errorf("%+v, %v", got, err)
	}
}

// More than was paid is refused for ever, but not while it may have been done before; where
// there is no money it is tried later.
func TestRefundRefused(t *testing.T) {
	t.Parallel()
	c, service, _ := created(t, true)
	service.Fail(wechattest.Refund, wechattest.NoMoney)
	if state, err := c.Refund(t.Context(), refundOf("R1", 4)); state != channel.RefundPending || err == nil || errors.Is(err, channel.ErrRefused) {
		t.Errorf("%s, %v", state, err)
	}
	service.Fail(wechattest.Refund, wechattest.None)
	if state, err := c.Refund(t.Context(), refundOf("R2", 101)); state != channel.RefundFailed || !errors.Is(err, channel.ErrRefused) {
		t.Errorf("%s, %v", state, err)
	}
	service.Fail(wechattest.QueryRefund, wechattest.Dead)
	if state, err := c.Refund(t.Context(), refundOf("R2", 101)); state != channel.RefundPending || errors.Is(err, channel.ErrRefused) || err == nil {
		t.Errorf("without a query: %s, %v", state, err)
	}
	service.Fail(wechattest.QueryRefund, wechattest.None)
	if state, err := c.QueryRefund(t.Context(), refundOf("R3", 1)); state != channel.RefundPending || !errors.Is(err, channel.ErrUnknown) {
		t.Errorf("one that was never asked for: %s, %v", state, err)
	}
	service.Forget()
	if state, err := c.Refund(t.Context(), refundOf("R1", 4)); state != channel.RefundPending || err == nil || errors.Is(err, channel.ErrRefused) {
		t.Errorf("of an order that it has forgotten: %s, %v", state, err)
	}
}

// A refund is accepted, and done or not done later.
func TestRefundStates(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]channel.RefundState{"SUCCESS": channel.RefundDone, "CLOSED": channel.RefundFailed, "ABNORMAL": channel.RefundFailed} {
		c, service, _ := created(t, true)
		service.Pend()
		for range 2 {
			if state, err := c.Refund(t.Context(), refundOf("R1", 40)); state != channel.RefundPending || err != nil {
				t.Errorf("%s, %v", state, err)
			}
		}
		service.Decide(status)
		for _, ask := range []func(context.Context, channel.Refund) (channel.RefundState, error){c.QueryRefund, c.Refund} {
			if state, err := ask(t.Context(), refundOf("R1", 40)); state != want || err != nil {
				t.Errorf("%s: %s, %v", status, state, err)
			}
		}
		if state, err := c.QueryRefund(t.Context(), refundOf("R1", 41)); state != channel.RefundPending || !errors.Is(err, channel.ErrUnknown) {
			t.Errorf("of another amount: %s, %v", state, err)
		}
		notification := service.RefundEnded(t, attemptNo, nil)
		event, err := c.Notify(notification.Get, notification.Body, start)
		sum := map[bool]int64{true: 40}[status == "SUCCESS"]
		wantEvent := channel.Event{
			AttemptNo: attemptNo, Merchant: channel.Merchant{Seller: merchant.Seller}, Currency: channel.Yuan, RefundNo: "R1", RefundState: want,
			Trade: channel.Trade{TradeNo: paid.TradeNo, Amount: 40, Refunded: sum},
		}
		if err != nil || event != wantEvent {
			t.Errorf("%s: %+v, %v; want %+v", status, event, err, wantEvent)
		}
	}
}

// What the service posts is read; what is signed and wrong is refused.
func TestNotify(t *testing.T) {
	t.Parallel()
	c, service, now := created(t, true)
	notification := service.Paid(t, attemptNo, nil)
	want := channel.Event{AttemptNo: attemptNo, Merchant: merchant, Currency: channel.Yuan, Trade: paid}
	if got, err := c.Notify(notification.Get, notification.Body, start); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	for _, off := range []time.Duration{-301 * time.Second, -300 * time.Second, 300 * time.Second, 301 * time.Second} {
		_, err := c.Notify(notification.Get, notification.Body, start.Add(off))
		if errors.Is(err, channel.ErrUnverified) != (off.Abs() > 300*time.Second) {
			t.Errorf("%s: %v", off, err)
		}
	}
	for name, change := range map[string]func(told map[string]any){
		"not paid":     func(told map[string]any) { told["trade_state"] = "NOTPAY" },
		"no order":     func(told map[string]any) { delete(told, "out_trade_no") },
		"no number":    func(told map[string]any) { delete(told, "transaction_id") },
		"half a fen":   func(told map[string]any) { told["amount"] = map[string]any{"total": 0.5} },
		"another kind": func(told map[string]any) { told["amount"] = "100" },
	} {
		n := service.Paid(t, attemptNo, change)
		if got, err := c.Notify(n.Get, n.Body, *now); err == nil || errors.Is(err, channel.ErrUnverified) || got.Trade != (channel.Trade{}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if n := service.Notification(t, "PAYSCORE.USER_PAID", map[string]any{}); n.Body != nil {
		if got, err := c.Notify(n.Get, n.Body, start); err != nil || got != (channel.Event{}) {
			t.Errorf("of something else: %+v, %v", got, err)
		}
	}
}

// Something that is signed by a key that is not here has the certificates asked for, once in
// ten minutes; merchants with WeChat Pay's public key have none.
func TestCertificatesAreAskedFor(t *testing.T) {
	t.Parallel()
	c, service, now := created(t, true)
	notification := service.Paid(t, attemptNo, nil)
	unknown := func(name string) string {
		if name == "Wechatpay-Serial" {
			return "7777777777777777777777777777777777777777"
		}
		return notification.Get(name)
	}
	service.Calls()
	for i, want := range [][]string{{"certificates", "query"}, {"query"}, {"certificates", "query"}} {
		if _, err := c.Notify(unknown, notification.Body, start); !errors.Is(err, channel.ErrUnverified) {
			t.Errorf("%v", err)
		}
		if got, err := c.Query(t.Context(), attempt); err != nil || got != paid {
			t.Errorf("%+v, %v", got, err)
		}
		if calls := service.Calls(); !slices.Equal(calls, want) {
			t.Errorf("%d: it calls %v, want %v", i, calls, want)
		}
		*now = now.Add(6 * time.Minute)
	}
}
