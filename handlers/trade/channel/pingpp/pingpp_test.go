package pingpp_test

import (
	"context"
	"errors"
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

// A clock goes when a test says so.
type clock struct {
	mutex sync.Mutex
	at    time.Time
}

func (c *clock) now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.at
}

func (c *clock) set(at time.Time) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.at = at
}

// both are the channel and the service that it calls. The clock is that of both.
func both(t *testing.T) (c *pingpp.Channel, service *pingpptest.Service, now *clock) {
	t.Helper()
	now = &clock{at: start}
	account, own := signingtest.Key(t, signingtest.Merchant), signingtest.Key(t, signingtest.Pingpp)
	service = pingpptest.New(t, pingpptest.Options{Own: own, Account: &account.PublicKey, App: "app_1", APIKey: "sk_live_1", Now: now.now})
	return pingpp.New(pingpp.Settings{
		Endpoint: service.Endpoint(), AppID: "app_1", APIKey: "sk_live_1", Private: account, Public: &own.PublicKey,
		ReturnURL: "https://campus.example/", Now: now.now,
	}), service, now
}

// created is an attempt that Ping++ knows, and that is paid if it says so.
func created(t *testing.T, pays bool) (*pingpp.Channel, *pingpptest.Service, *clock, channel.Attempt) {
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
		{channel.PC, "https://campus.example/paid?a=1", "https://mapi.alipay.com/gateway.do?expires=1795660200&out_trade_no=NO&sign=a%2Bb%2Fc%3D&total_fee=0.29", ""},
		{channel.WAP, "", "https://mapi.alipay.com/gateway.do?expires=1795660200&out_trade_no=NO&sign=a%2Bb%2Fc%3D&total_fee=0.29", ""},
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
	now.set(start.Add(2 * time.Minute)) // another charge now
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
	now.set(start) // by a clock that is put back it is asked for again, and refused
	change := attempt
	change.Subject = "another"
	if again, err := c.Create(t.Context(), change); err != nil || again != first {
		t.Errorf("%+v, %v", again, err)
	}
	now.set(start.Add(2 * time.Minute))
	service.Pay(attemptNo)
	unknown := attempt // its id never arrived
	if got, err := c.Query(t.Context(), unknown); err != nil || got.State != channel.Paid || got.TradeNo != first.ChannelID {
		t.Errorf("%+v, %v", got, err)
	}
	unknown.No, unknown.CreatTime = "1764998400000010002", start.Add(time.Hour).Unix()
	service.Calls()
	if got, err := c.Query(t.Context(), unknown); err != nil || got.State != channel.NotFound {
		t.Errorf("%+v, %v", got, err)
	}
	if calls := service.Calls(); len(calls) != 1 {
		t.Errorf("it reads on where all are older: %v", calls)
	}
	unknown.CreatTime = start.Unix()
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
	now.set(start.Add(30 * time.Second))
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
	now.set(start.Add(30*time.Minute + time.Hour - time.Second))
	expect(channel.Trade{State: channel.Waiting})
	now.set(start.Add(30*time.Minute + time.Hour))
	expect(channel.Trade{State: channel.Closed})
	if service.Pay(attemptNo) {
		t.Error("it is paid after its time")
	}
	now.set(start)
	service.Pay(attemptNo)
	expect(channel.Trade{State: channel.Paid, TradeNo: a.ChannelID, Amount: 10})
}
