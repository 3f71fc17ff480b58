package pingpp_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/pingpp/pingpptest"
)

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
	rest := refundOf(a, "R2", 6)
	rest.Reason = "" // Ping++ wants one
	if state, err := c.Refund(t.Context(), rest); state != channel.RefundDone || err != nil {
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
		now.set(now.now().Add(20 * time.Second))
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
	now.set(now.now().Add(time.Minute))
	if state, err := c.Refund(t.Context(), refundOf(a, "R2", 4)); state != channel.RefundDone || err != nil {
		t.Errorf("%s, %v", state, err)
	}
	if amounts := service.Refunded(attemptNo); !slices.Equal(amounts, []int64{4, 4}) {
		t.Errorf("%v fen went back", amounts)
	}
}

// Where another replica is faster, its refund is found after the refusal: the same one has its
// state, and another one is waited for.
func TestRefundOvertaken(t *testing.T) {
	t.Parallel()
	for no, want := range map[string]channel.RefundState{"R1": channel.RefundDone, "R2": channel.RefundPending} {
		c, service, _, a := created(t, true)
		if no == "R2" {
			service.Pend()
		}
		if _, err := c.Refund(t.Context(), refundOf(a, "R1", 10)); err != nil {
			t.Fatal(err)
		}
		asked := 0
		service.Change("refunds", func(answer map[string]any) {
			if asked++; asked == 1 {
				answer["data"] = []any{}
			}
		})
		state, err := c.Refund(t.Context(), refundOf(a, no, 10))
		if state != want || errors.Is(err, channel.ErrRefused) || (err == nil) != (want == channel.RefundDone) {
			t.Errorf("%s: %s, %v", no, state, err)
		}
		service.Calls()
		if _, err := c.Refund(t.Context(), refundOf(a, no, 10)); err == nil != (no == "R1") || slices.Contains(service.Calls(), "refund") {
			t.Errorf("%s: %v", no, err)
		}
	}
}

// While a refund is on its way no other one begins in this process.
func TestRefundOnItsWay(t *testing.T) {
	t.Parallel()
	c, service, _, a := created(t, true)
	service.Fail("refund", pingpptest.Slow)
	service.Calls()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := c.Refund(ctx, refundOf(a, "R1", 4))
		ended <- err
	}()
	for len(ended) == 0 && !slices.Contains(service.Calls(), "refund") {
		time.Sleep(time.Millisecond)
	}
	if state, err := c.Refund(t.Context(), refundOf(a, "R2", 4)); state != channel.RefundPending || !errors.Is(err, channel.ErrUnknown) {
		t.Errorf("%s, %v", state, err)
	}
	if calls := service.Calls(); len(calls) != 0 {
		t.Errorf("it calls %v", calls)
	}
	cancel()
	if err := <-ended; !errors.Is(err, channel.ErrUnknown) {
		t.Error(err)
	}
}

// Of two charges with the number of an attempt the one that is paid counts, though it is the
// older one; of two refunds the one that is done.
func TestTwo(t *testing.T) {
	t.Parallel()
	c, service, now, a := created(t, true)
	service.Fail("create", pingpptest.Twice)
	if _, err := c.Create(t.Context(), attempt); err != nil {
		t.Fatal(err)
	}
	unknown := attempt // its id never arrived
	if got, err := c.Query(t.Context(), unknown); err != nil || got.State != channel.Paid || got.TradeNo != a.ChannelID {
		t.Errorf("%+v, %v", got, err)
	}
	now.set(now.now().Add(time.Second))
	if _, err := c.Refund(t.Context(), refundOf(a, "R1", 4)); err != nil {
		t.Fatal(err)
	}
	for _, states := range [][]any{{"failed", "succeeded"}, {"succeeded", "failed"}, {"pending", "succeeded"}, {"succeeded", "pending"}} {
		service.Change("refunds", func(answer map[string]any) {
			one, _ := answer["data"].([]any)[0].(map[string]any)
			var two []any
			for _, state := range states {
				other := maps.Clone(one)
				other["status"] = state
				two = append(two, other)
			}
			answer["data"] = two
		})
		if state, err := c.QueryRefund(t.Context(), refundOf(a, "R1", 4)); state != channel.RefundDone || err != nil {
			t.Errorf("%v: %s, %v", states, state, err)
		}
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
