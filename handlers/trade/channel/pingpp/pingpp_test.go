package pingpp_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/pingpp"
	"campusgate/handlers/trade/channel/pingpp/pingpptest"
	"campusgate/handlers/trade/channel/signing/signingtest"
)

const attemptNo = "1764998400000010001"

var (
	start   = time.Unix(1_795_658_400, 0).UTC()
	attempt = channel.Attempt{
		No: attemptNo, Amount: 10, Subject: "茶 & 杯", Client: channel.PC, ReturnURL: "https://campus.example/paid?a=1",
		CreatTime: start.Unix(), ExpireTime: start.Unix() + 1800,
	}
)

// both are the channel and the service that it calls. The clock is that of both.
func both(t *testing.T) (c *pingpp.Channel, service *pingpptest.Service, now *time.Time) {
	t.Helper()
	now = new(start)
	clock := func() time.Time { return *now }
	account, own := signingtest.Key(t, signingtest.Merchant), signingtest.Key(t, signingtest.Pingpp)
	service = pingpptest.New(t, pingpptest.Options{Own: own, Account: &account.PublicKey, App: "app_1", APIKey: "sk_live_1", Now: clock})
	return pingpp.New(pingpp.Settings{
		Endpoint: service.Endpoint(), AppID: "app_1", APIKey: "sk_live_1", Private: account, Public: &own.PublicKey,
		ReturnURL: "https://campus.example/", Now: clock,
	}), service, now
}

// created is an attempt that Ping++ knows, and that is paid if it says so.
func created(t *testing.T, pays bool) (*pingpp.Channel, *pingpptest.Service, *time.Time, channel.Attempt) {
	t.Helper()
	c, service, now := both(t)
	a := attempt
	action, err := c.Create(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	a.ChannelID = action.ChannelID
	if pays && !service.Pay(a.No) {
		t.Fatal("it cannot be paid")
	}
	return c, service, now, a
}

func refundOf(a channel.Attempt, no string, amount int64) channel.Refund {
	return channel.Refund{No: no, Attempt: a, Amount: amount, Reason: "退款"}
}

// A computer goes to Alipay's page with all that Ping++ says, a page with a code shows
// WeChat's; a user without a place to return to returns to the gateway's.
func TestCreate(t *testing.T) {
	t.Parallel()
	c, service, _ := both(t)
	for _, w := range []struct{ client, returnURL, payURL, codeURL string }{
		{channel.PC, "https://campus.example/paid?a=1", "https://mapi.alipay.com/gateway.do?out_trade_no=NO&sign=a%2Bb%2Fc%3D&total_fee=0.29", ""},
		{channel.WAP, "", "https://mapi.alipay.com/gateway.do?out_trade_no=NO&sign=a%2Bb%2Fc%3D&total_fee=0.29", ""},
		{channel.Native, "", "", "weixin://wxpay/bizpayurl?pr=NO"},
	} {
		a := attempt
		a.No, a.Client, a.ReturnURL = attempt.No[:17]+strconv.Itoa(len(w.client)), w.client, w.returnURL
		for range 2 { // again it is the same
			action, err := c.Create(t.Context(), a)
			want := channel.Action{PayURL: strings.ReplaceAll(w.payURL, "NO", a.No), CodeURL: strings.ReplaceAll(w.codeURL, "NO", a.No), ChannelID: action.ChannelID}
			if err != nil || action != want || action.ChannelID == "" {
				t.Errorf("%s: %+v, %v; want %+v", w.client, action, err, want)
			}
		}
	}
	if calls := service.Calls(); len(calls) != 6 {
		t.Errorf("it calls %v", calls)
	}
}

// A charge whose answer was lost is found again: by the same call, or in the list where that
// is refused, also behind many others. What was never made there is refused.
func TestCreateLost(t *testing.T) {
	t.Parallel()
	c, service, now := both(t)
	service.Fail("create", pingpptest.Lost)
	if _, err := c.Create(t.Context(), attempt); !errors.Is(err, channel.ErrUnknown) {
		t.Errorf("a lost answer: %v", err)
	}
	service.Fail("create", pingpptest.None)
	*now = start.Add(2 * time.Minute) // another charge now
	for range 150 {
		service.Add("another")
	}
	first, err := c.Create(t.Context(), attempt)
	if err != nil || first.ChannelID == "" || first.PayURL == "" {
		t.Errorf("%+v, %v", first, err)
	}
	if calls := service.Calls(); !slices.Equal(calls, []string{"create", "list", "list"}) {
		t.Errorf("it calls %v", calls)
	}
	*now = start // by a clock that is put back it is asked for again, and refused
	change := attempt
	change.Subject = "another"
	if again, err := c.Create(t.Context(), change); err != nil || again != first {
		t.Errorf("%+v, %v", again, err)
	}
	*now = start.Add(2 * time.Minute)
	service.Pay(attemptNo)
	unknown := attempt // its id never arrived
	if got, err := c.Query(t.Context(), unknown); err != nil || got.State != channel.Paid || got.TradeNo != first.ChannelID {
		t.Errorf("%+v, %v", got, err)
	}
	unknown.No = "1764998400000010002"
	if got, err := c.Query(t.Context(), unknown); err != nil || got.State != channel.NotFound {
		t.Errorf("%+v, %v", got, err)
	}
	service.Fail("create", pingpptest.Refused)
	if _, err := c.Create(t.Context(), unknown); !errors.Is(err, channel.ErrRefused) {
		t.Errorf("what is refused, and not in the list: %v", err)
	}
	service.Fail("list", pingpptest.Dead)
	if _, err := c.Create(t.Context(), unknown); errors.Is(err, channel.ErrRefused) || !errors.Is(err, channel.ErrUnknown) {
		t.Errorf("what may be in the list: %v", err)
	}
	for range 1000 {
		service.Add("another")
	}
	service.Fail("list", pingpptest.None)
	if _, err := c.Query(t.Context(), unknown); !errors.Is(err, channel.ErrUnknown) {
		t.Errorf("a list that is too long: %v", err)
	}
}

// Where Ping++ makes another charge of a request that is old, there is one nevertheless. One
// that does not say any more how it is paid is refused, so that another attempt begins, but
// not once it is paid.
func TestCreateLate(t *testing.T) {
	t.Parallel()
	c, service, now := both(t)
	service.Fail("create", pingpptest.Lost)
	if _, err := c.Create(t.Context(), attempt); !errors.Is(err, channel.ErrUnknown) {
		t.Errorf("a lost answer: %v", err)
	}
	service.Fail("create", pingpptest.Twice)
	*now = start.Add(30 * time.Second)
	first, err := c.Create(t.Context(), attempt)
	if err != nil || first.PayURL == "" {
		t.Errorf("%+v, %v", first, err)
	}
	if calls := service.Calls(); !slices.Equal(calls, []string{"create", "list"}) {
		t.Errorf("it calls %v", calls)
	}
	service.Fail("list", pingpptest.Bare)
	if action, err := c.Create(t.Context(), attempt); !errors.Is(err, channel.ErrRefused) || action != (channel.Action{}) {
		t.Errorf("nobody can pay it: %+v, %v", action, err)
	}
	another := attempt
	another.Amount++
	if action, err := c.Create(t.Context(), another); errors.Is(err, channel.ErrRefused) || !errors.Is(err, channel.ErrUnknown) {
		t.Errorf("it is of another amount: %+v, %v", action, err)
	}
	service.Pay(attemptNo)
	if action, err := c.Create(t.Context(), attempt); errors.Is(err, channel.ErrRefused) || !errors.Is(err, channel.ErrUnknown) {
		t.Errorf("it is paid: %+v, %v", action, err)
	}
}

// A charge cannot be closed: it is paid until its end, and is closed an hour later.
func TestClose(t *testing.T) {
	t.Parallel()
	c, service, now, a := created(t, false)
	expect := func(want channel.Trade) {
		t.Helper()
		for _, ask := range []func(context.Context, channel.Attempt) (channel.Trade, error){c.Query, c.Close} {
			if got, err := ask(t.Context(), a); err != nil || got != want {
				t.Errorf("%+v, %v; want %+v", got, err, want)
			}
		}
	}
	expect(channel.Trade{State: channel.Waiting})
	*now = start.Add(30*time.Minute + time.Hour - time.Second)
	expect(channel.Trade{State: channel.Waiting})
	*now = start.Add(30*time.Minute + time.Hour)
	expect(channel.Trade{State: channel.Closed})
	if service.Pay(attemptNo) {
		t.Error("it is paid after its time")
	}
	*now = start
	service.Pay(attemptNo)
	expect(channel.Trade{State: channel.Paid, TradeNo: a.ChannelID, Amount: 10})
}

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

// Ping++ would do a refund as often as it is asked, so the list is read before: what was
// lost, and what another replica did, is found there.
func TestRefundOnce(t *testing.T) {
	t.Parallel()
	c, service, _, a := created(t, true)
	for _, fault := range []pingpptest.Fault{pingpptest.Lost, pingpptest.None, pingpptest.Refused} {
		service.Fail("refund", fault)
		state, err := c.Refund(t.Context(), refundOf(a, "R1", 4))
		if fault == pingpptest.Lost {
			if state != channel.RefundPending || !errors.Is(err, channel.ErrUnknown) {
				t.Errorf("lost: %s, %v", state, err)
			}
		} else if state != channel.RefundDone || err != nil {
			t.Errorf("again: %s, %v", state, err)
		}
	}
	service.Fail("refund", pingpptest.None)
	service.Fail("refunds", pingpptest.Dead)
	service.Calls()
	if state, err := c.Refund(t.Context(), refundOf(a, "R2", 1)); state != channel.RefundPending || !errors.Is(err, channel.ErrUnknown) {
		t.Errorf("without the list: %s, %v", state, err)
	}
	if calls := service.Calls(); slices.Contains(calls, "refund") {
		t.Errorf("it calls %v", calls)
	}
	service.Fail("refunds", pingpptest.None)
	if state, err := c.Refund(t.Context(), refundOf(a, "R3", 7)); state != channel.RefundPending || !errors.Is(err, channel.ErrRefused) {
		t.Errorf("more than is left: %s, %v", state, err)
	}
	if state, err := c.Refund(t.Context(), refundOf(a, "R2", 6)); state != channel.RefundDone || err != nil {
		t.Errorf("the rest: %s, %v", state, err)
	}
	if amounts := service.Refunded(attemptNo); !slices.Equal(amounts, []int64{4, 6}) {
		t.Errorf("%v fen went back", amounts)
	}
	want := channel.Trade{State: channel.Refunded, TradeNo: a.ChannelID, Amount: 10, Refunded: 10}
	if got, err := c.Query(t.Context(), a); err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
}

// A refund that Ping++ is still doing is in no list: it is asked for again a minute later.
func TestRefundQueued(t *testing.T) {
	t.Parallel()
	c, service, now, a := created(t, true)
	service.Fail("refund", pingpptest.Queued)
	for range 3 {
		if state, err := c.Refund(t.Context(), refundOf(a, "R1", 4)); state != channel.RefundPending || !errors.Is(err, channel.ErrUnknown) {
			t.Errorf("%s, %v", state, err)
		}
		*now = now.Add(20 * time.Second)
	}
	service.Fail("refund", pingpptest.None)
	service.Work()
	for range 2 {
		if state, err := c.Refund(t.Context(), refundOf(a, "R1", 4)); state != channel.RefundDone || err != nil {
			t.Errorf("%s, %v", state, err)
		}
	}
	service.Fail("refund", pingpptest.Dead) // and here it never arrives
	if state, err := c.Refund(t.Context(), refundOf(a, "R2", 4)); state != channel.RefundPending || !errors.Is(err, channel.ErrUnknown) {
		t.Errorf("%s, %v", state, err)
	}
	service.Fail("refund", pingpptest.None)
	*now = now.Add(time.Minute)
	if state, err := c.Refund(t.Context(), refundOf(a, "R2", 4)); state != channel.RefundDone || err != nil {
		t.Errorf("%s, %v", state, err)
	}
	if amounts := service.Refunded(attemptNo); !slices.Equal(amounts, []int64{4, 4}) {
		t.Errorf("%v fen went back", amounts)
	}
}

// Many at once are one refund, as is one behind another that is pending.
func TestRefundTogether(t *testing.T) {
	t.Parallel()
	c, service, _, a := created(t, true)
	service.Pend()
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			if state, err := c.Refund(t.Context(), refundOf(a, fmt.Sprint("R", i%2), 5)); state != channel.RefundPending || errors.Is(err, channel.ErrRefused) {
				t.Errorf("%s, %v", state, err)
			}
		})
	}
	all.Wait()
	service.Decide("succeeded")
	if amounts := service.Refunded(attemptNo); !slices.Equal(amounts, []int64{5}) {
		t.Errorf("%v fen went back", amounts)
	}
}

// A refund waits, and then is done or has failed, of which nothing tells but the list.
func TestRefundStates(t *testing.T) {
	t.Parallel()
	for decided, want := range map[string]channel.RefundState{"succeeded": channel.RefundDone, "failed": channel.RefundFailed} {
		c, service, _, a := created(t, true)
		if state, err := c.QueryRefund(t.Context(), refundOf(a, "R1", 4)); state != channel.RefundPending || !errors.Is(err, channel.ErrUnknown) {
			t.Errorf("one that was never asked for: %s, %v", state, err)
		}
		service.Pend()
		for range 2 {
			if state, err := c.Refund(t.Context(), refundOf(a, "R1", 4)); state != channel.RefundPending || err != nil {
				t.Errorf("%s, %v", state, err)
			}
		}
		service.Decide(decided)
		for _, ask := range []func(context.Context, channel.Refund) (channel.RefundState, error){c.QueryRefund, c.Refund} {
			if state, err := ask(t.Context(), refundOf(a, "R1", 4)); state != want || err != nil {
				t.Errorf("%s: %s, %v", decided, state, err)
			}
		}
		if state, err := c.QueryRefund(t.Context(), refundOf(a, "R1", 3)); state != channel.RefundPending || !errors.Is(err, channel.ErrUnknown) {
			t.Errorf("of another amount: %s, %v", state, err)
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

// What the service posts is read, and what is wrong in it is refused though it is signed.
func TestNotify(t *testing.T) {
	t.Parallel()
	c, service, _, a := created(t, true)
	if _, err := c.Refund(t.Context(), refundOf(a, "R1", 4)); err != nil {
		t.Fatal(err)
	}
	notify := func(body []byte, signature string) (channel.Event, error) {
		return c.Notify(func(string) string { return signature }, body, start)
	}
	body, signature := service.Charged(t, attemptNo, nil)
	want := channel.Event{
		AttemptNo: attemptNo, Merchant: channel.Merchant{App: "app_1"}, Currency: channel.Yuan,
		Trade: channel.Trade{State: channel.Paid, TradeNo: a.ChannelID, Amount: 10, Refunded: 4},
	}
	if got, err := notify(body, signature); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	if _, err := notify(append(body, ' '), signature); !errors.Is(err, channel.ErrUnverified) {
		t.Errorf("with a blank: %v", err)
	}
	for name, change := range map[string]func(event, object map[string]any){
		"test mode":    func(event, _ map[string]any) { event["livemode"] = false },
		"of test mode": func(_, object map[string]any) { object["livemode"] = false },
		"not paid":     func(_, object map[string]any) { object["paid"] = false },
		"no id":        func(_, object map[string]any) { object["id"] = "ch_../1" },
		"no order":     func(_, object map[string]any) { delete(object, "order_no") },
		"an amount":    func(_, object map[string]any) { object["amount"] = 0.5 },
		"no type":      func(event, _ map[string]any) { delete(event, "type") },
	} {
		if got, err := notify(service.Charged(t, attemptNo, change)); err == nil || errors.Is(err, channel.ErrUnverified) || got.Trade != (channel.Trade{}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, by := range map[string]struct {
		change func(event, object map[string]any)
		number string
	}{
		"ours":                    {nil, "R1"},
		"by hand":                 {func(_, object map[string]any) { object["metadata"] = []string{} }, "re_" + a.ChannelID[3:] + "0"},
		"by hand, with a remark":  {func(_, object map[string]any) { object["metadata"] = map[string]any{"refund_no": 1} }, "re_" + a.ChannelID[3:] + "0"},
		"by hand, without a word": {func(_, object map[string]any) { object["metadata"] = nil }, "re_" + a.ChannelID[3:] + "0"},
	} {
		want := channel.Event{AttemptNo: attemptNo, RefundNo: by.number, RefundState: channel.RefundDone, Trade: channel.Trade{TradeNo: a.ChannelID, Amount: 4, Refunded: 4}}
		if got, err := notify(service.RefundDone(t, attemptNo, by.change)); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
		}
	}
	if got, err := notify(service.RefundDone(t, attemptNo, func(_, object map[string]any) { object["status"] = "pending" })); err == nil {
		t.Errorf("a refund that waits: %+v", got)
	}
}
