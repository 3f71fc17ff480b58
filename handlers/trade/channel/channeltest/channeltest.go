// Package channeltest is a payment channel that does what a test says.
package channeltest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"campusgate/handlers/trade/channel"
)

// A Fake is a channel. What it knows of an attempt is what [Fake.Set] said last; an attempt
// that was created waits before that, and can be closed.
type Fake struct {
	mutex    sync.Mutex
	trades   map[string]channel.Trade
	refunds  map[string]channel.RefundState
	asked    []string
	down     error
	slow     bool
	stubborn bool
	refusing error
	pending  bool
	merchant channel.Merchant
	until    []time.Time
	dies     bool
}

// New returns a channel that knows nothing.
func New() *Fake {
	return &Fake{
		trades: map[string]channel.Trade{}, refunds: map[string]channel.RefundState{},
		merchant: channel.Merchant{App: "app", Seller: "seller"},
	}
}

func (f *Fake) change(do func()) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	do()
}

// Set says what an attempt is from now on.
func (f *Fake) Set(no string, trade channel.Trade) { f.change(func() { f.trades[no] = trade }) }

// Down has everything fail with an error, nil nothing.
func (f *Fake) Down(err error) { f.change(func() { f.down = err }) }

// Slow has everything wait for the end of its context.
func (f *Fake) Slow(slow bool) { f.change(func() { f.slow = slow }) }

// Stubborn has attempts not closed.
func (f *Fake) Stubborn() { f.change(func() { f.stubborn = true }) }

// Refuse has refunds fail with an error, nil not.
func (f *Fake) Refuse(err error) { f.change(func() { f.refusing = err }) }

// Pend has refunds not done before [Fake.Arrive].
func (f *Fake) Pend() { f.change(func() { f.pending = true }) }

// Arrive has a refund done.
func (f *Fake) Arrive(no string) { f.change(func() { f.refunds[no] = channel.RefundDone }) }

// Pays changes whom the channel pays to, as a setting does.
func (f *Fake) Pays(m channel.Merchant) { f.change(func() { f.merchant = m }) }

// Die has the process of the gateway die before it answers the next notification.
func (f *Fake) Die() { f.change(func() { f.dies = true }) }

// Until are until when the gateway waited for each answer so far.
func (f *Fake) Until() []time.Time {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return slices.Clone(f.until)
}

// Asked are what was asked since it was called last: a word and a number each.
func (f *Fake) Asked() string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	asked := strings.Join(f.asked, ", ")
	f.asked = nil
	return asked
}

// ask notes a question, and fails as the test says.
func (f *Fake) ask(ctx context.Context, word, no string) error {
	f.mutex.Lock()
	f.asked = append(f.asked, word+" "+no)
	until, _ := ctx.Deadline()
	f.until = append(f.until, until)
	down, slow := f.down, f.slow
	f.mutex.Unlock()
	if slow {
		<-ctx.Done()
		return fmt.Errorf("%w: %w", channel.ErrUnknown, ctx.Err())
	}
	return down
}

// Merchant is whom it pays to.
func (f *Fake) Merchant() channel.Merchant {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.merchant
}

// Create makes an attempt known.
func (f *Fake) Create(ctx context.Context, a channel.Attempt) (channel.Action, error) {
	if err := f.ask(ctx, "create", a.No); err != nil {
		return channel.Action{}, err
	}
	f.change(func() {
		if _, known := f.trades[a.No]; !known {
			f.trades[a.No] = channel.Trade{State: channel.Waiting}
		}
	})
	return channel.Action{CodeURL: "fake://" + a.No, ChannelID: "ch_" + a.No}, nil
}

// Query tells what an attempt is.
func (f *Fake) Query(ctx context.Context, a channel.Attempt) (channel.Trade, error) {
	if err := f.ask(ctx, "query", a.No); err != nil {
		return channel.Trade{}, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.trades[a.No], nil
}

// Close ends an attempt that waits.
func (f *Fake) Close(ctx context.Context, a channel.Attempt) (channel.Trade, error) {
	if err := f.ask(ctx, "close", a.No); err != nil {
		return channel.Trade{}, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.trades[a.No].State == channel.Waiting && !f.stubborn {
		f.trades[a.No] = channel.Trade{State: channel.Closed}
	}
	return f.trades[a.No], nil
}

// Refund gives back, once for each number.
func (f *Fake) Refund(ctx context.Context, r channel.Refund) (channel.RefundState, error) {
	if err := f.ask(ctx, "refund", r.No); err != nil {
		return channel.RefundPending, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	switch {
	case f.refusing != nil:
		return channel.RefundPending, f.refusing
	case !f.pending:
		f.refunds[r.No] = channel.RefundDone
	}
	return f.refunds[r.No], nil
}

// QueryRefund tells what a refund is.
func (f *Fake) QueryRefund(ctx context.Context, r channel.Refund) (channel.RefundState, error) {
	if err := f.ask(ctx, "query refund", r.No); err != nil {
		return channel.RefundPending, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.refunds[r.No], nil
}

// Signature is what the header of the same name has to hold.
const Signature = "Fake-Signature"

// Notify reads an event as JSON.
func (f *Fake) Notify(header func(string) string, body []byte, _ time.Time) (channel.Event, error) {
	if header(Signature) != Signature {
		return channel.Event{}, channel.ErrUnverified
	}
	var event channel.Event
	err := json.Unmarshal(body, &event)
	return event, err
}

// Answer is 204 or 500.
func (f *Fake) Answer(err error) (status int, contentType string, body []byte) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.dies {
		f.dies = false
		panic("the process is killed")
	}
	if err != nil {
		return http.StatusInternalServerError, "text/plain", []byte("again")
	}
	return http.StatusNoContent, "", nil
}

// Body is an event as it is posted.
func Body(t testing.TB, event channel.Event) string {
	t.Helper()
	body, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// ErrLost is a failure of the network.
var ErrLost = errors.Join(channel.ErrUnknown, errors.New("connection reset"))
