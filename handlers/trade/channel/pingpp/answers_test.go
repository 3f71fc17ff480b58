package pingpp_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/pingpp/pingpptest"
)

// Whatever goes wrong is unknown, or for an operator to mend; nothing of it is a yes, and
// nothing of it refuses for ever.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]pingpptest.Fault{
		"dead": pingpptest.Dead, "lost": pingpptest.Lost, "slow": pingpptest.Slow, "broken": pingpptest.Broken, "gateway": pingpptest.Gateway,
		"garbage": pingpptest.Garbage, "empty": pingpptest.Empty, "long": pingpptest.Long, "moved": pingpptest.Moved, "proxy": pingpptest.Proxy,
		"denied": pingpptest.Denied, "busy": pingpptest.Busy, "another": pingpptest.Another, "test mode": pingpptest.TestMode,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, service, _, a := created(t, true)
			if _, err := c.Refund(t.Context(), refundOf(a, "R1", 1)); err != nil {
				t.Fatal(err)
			}
			for _, call := range []string{"create", "get", "list", "refund", "refunds"} {
				service.Fail(call, fault)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if fault == pingpptest.Slow {
				soon, stop := context.WithTimeout(ctx, 20*time.Millisecond)
				defer stop()
				ctx = soon
			}
			expect := func(what string, err error) {
				t.Helper()
				mend := fault == pingpptest.Denied || fault == pingpptest.Busy
				if err == nil || errors.Is(err, channel.ErrRefused) || errors.Is(err, channel.ErrUnknown) == mend {
					t.Errorf("%s: %v", what, err)
				}
				if strings.Contains(err.Error(), "sk_live") {
					t.Errorf("%s tells the key: %v", what, err)
				}
			}
			action, err := c.Create(ctx, attempt)
			expect("create", err)
			trade, err := c.Query(ctx, a)
			expect("query", err)
			if action != (channel.Action{}) || trade.State == channel.Paid {
				t.Errorf("%+v, %+v", action, trade)
			}
			if fault == pingpptest.TestMode { // refunds say nothing of it
				return
			}
			state, err := c.Refund(ctx, refundOf(a, "R2", 1))
			if fault != pingpptest.Another { // nor is the list of another charge wrong
				expect("refund", err)
			}
			again, err := c.QueryRefund(ctx, refundOf(a, "R1", 1))
			expect("query refund", err)
			if state != channel.RefundPending || again != channel.RefundPending {
				t.Errorf("%s, %s", state, again)
			}
		})
	}
}

// What is for an operator to mend is neither a refusal, nor looked for in a list.
func TestMend(t *testing.T) {
	t.Parallel()
	c, service, _, a := created(t, true)
	for _, fault := range []pingpptest.Fault{pingpptest.Denied, pingpptest.Busy} {
		service.Fail("create", fault)
		service.Fail("refund", fault)
		service.Calls()
		_, err := c.Create(t.Context(), attempt)
		state, refundErr := c.Refund(t.Context(), refundOf(a, "R1", 4))
		if err == nil || refundErr == nil || errors.Is(err, channel.ErrRefused) || errors.Is(refundErr, channel.ErrRefused) || state != channel.RefundPending {
			t.Errorf("%v; %s, %v", err, state, refundErr)
		}
		if calls := service.Calls(); !slices.Equal(calls, []string{"create", "refunds", "refund"}) {
			t.Errorf("it calls %v", calls)
		}
	}
}

// A service that has lost all it knew is another one: nothing of that says that no money has
// moved.
func TestForgotten(t *testing.T) {
	t.Parallel()
	c, service, _, a := created(t, true)
	service.Forget()
	if got, err := c.Query(t.Context(), a); err == nil || errors.Is(err, channel.ErrRefused) || got.State == channel.Closed {
		t.Errorf("%+v, %v", got, err)
	}
	if state, err := c.Refund(t.Context(), refundOf(a, "R1", 4)); state != channel.RefundPending || err == nil || errors.Is(err, channel.ErrRefused) {
		t.Errorf("%s, %v", state, err)
	}
}

// An answer that is not about what was asked is unknown, whatever it says; money follows from
// what is proved to be the attempt's.
func TestAnotherAnswer(t *testing.T) {
	t.Parallel()
	c, service, _, a := created(t, true)
	if state, err := c.Refund(t.Context(), refundOf(a, "R1", 4)); state != channel.RefundDone || err != nil {
		t.Fatalf("%s, %v", state, err)
	}
	put := func(name string, value any) func(map[string]any) {
		return func(answer map[string]any) { answer[name] = value }
	}
	url := func(value any) func(map[string]any) {
		return put("credential", map[string]any{"alipay_pc_direct": map[string]any{"channel_url": value}})
	}
	expect := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, channel.ErrUnknown) || errors.Is(err, channel.ErrRefused) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, change := range []func(map[string]any){
		put("object", "order"), put("id", "ch_../refunds"), put("order_no", "1764998400000010002"), put("app", "app_2"),
		put("livemode", false), put("currency", "usd"),
	} {
		service.Change("create", change)
		service.Change("get", change)
		_, err := c.Create(t.Context(), attempt)
		expect("create", err)
		trade, err := c.Query(t.Context(), a)
		expect("query", err)
		if trade != (channel.Trade{}) {
			t.Errorf("%+v", trade)
		}
	}
	service.Change("get", put("id", "ch_another"))
	_, err := c.Query(t.Context(), a)
	expect("another charge", err)
	for _, change := range []func(map[string]any){
		put("amount", 11), put("credential", nil), put("channel", "wx_pub_qr"), url("http://mapi.alipay.com/"), url("javascript:alert(1)"), url(1), url("https://"),
	} {
		service.Change("create", change)
		action, err := c.Create(t.Context(), attempt)
		expect("create", err)
		if action != (channel.Action{}) {
			t.Errorf("%+v", action)
		}
	}
	entry := func(name string, value any) func(map[string]any) {
		return func(answer map[string]any) {
			for _, one := range answer["data"].([]any) {
				one.(map[string]any)[name] = value
			}
		}
	}
	for _, change := range []func(map[string]any){
		put("object", "charge"), entry("object", "charge"), entry("charge", "ch_another"), entry("amount", 3), entry("status", "unheard of"),
		func(answer map[string]any) { answer["data"], answer["has_more"] = nil, true },
	} {
		service.Change("refunds", change)
		service.Calls()
		state, err := c.Refund(t.Context(), refundOf(a, "R1", 4))
		expect("refund", err)
		again, err := c.QueryRefund(t.Context(), refundOf(a, "R1", 4))
		expect("query refund", err)
		if state != channel.RefundPending || again != channel.RefundPending {
			t.Errorf("%s, %s", state, again)
		}
		if calls := service.Calls(); slices.Contains(calls, "refund") || strings.Count(strings.Join(calls, " "), "refunds") > 4 {
			t.Errorf("it calls %v", calls)
		}
	}
	service.Change("refunds", nil)
	service.Change("refund", put("metadata", map[string]any{"refund_no": "R3"}))
	_, err = c.Refund(t.Context(), refundOf(a, "R2", 4))
	expect("another refund", err)
}
