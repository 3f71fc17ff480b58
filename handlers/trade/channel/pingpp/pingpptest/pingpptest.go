// Package pingpptest is Ping++ for tests, in their own process: it verifies what the account
// signs, signs its own, and fails in all the ways in which a service does.
package pingpptest

import (
	"crypto/rsa"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"campusgate/handlers/trade/channel/signing"
)

// A Fault is how a call goes wrong.
type Fault int

// The faults.
const (
	None     Fault = iota
	Dead           // the connection breaks before anything is done
	Lost           // it is done, and the connection breaks
	Slow           // no answer
	Late           // it is done, and answered 50 ms later
	Broken         // 500, in the form of a refusal
	Gateway        // 502 without a body
	Garbage        // 200 with no JSON
	Empty          // 200 with an empty object
	Long           // more than a client reads
	Moved          // a redirection
	Proxy          // 400 that is somebody else's
	Denied         // 401
	Busy           // 403
	Refused        // 402
	Another        // about another charge
	TestMode       // livemode false
	Twice          // another charge is made with the same number
	Queued         // it is done when [Service.Work] says so, and the connection breaks
	Bare           // without the credential
)

// Options are whom it serves, and with which keys.
type Options struct {
	Own     *rsa.PrivateKey // Ping++'s
	Account *rsa.PublicKey
	App     string
	APIKey  string
	Now     func() time.Time
}

// A Service is Ping++. It knows one account with one application.
type Service struct {
	Options
	server *httptest.Server
	pages  *httptest.Server // nil where there are none

	mutex   sync.Mutex
	charges []*charge // the newest last
	fault   map[string]Fault
	changes map[string]func(answer map[string]any)
	pending bool
	queue   []func()
	calls   []string
	done    chan struct{}
}

// charge is one, with its refunds.
type charge struct {
	Fields  map[string]any
	Refunds []map[string]any
}

func (c *charge) id() string { return c.Fields["id"].(string) }

// New starts a service, which ends with the test.
func New(t testing.TB, o Options) *Service {
	t.Helper()
	s := &Service{Options: o, fault: map[string]Fault{}, changes: map[string]func(map[string]any){}, done: make(chan struct{})}
	s.server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.server.Close)
	t.Cleanup(func() { close(s.done) })
	return s
}

// Endpoint is its URL.
func (s *Service) Endpoint() string { return s.server.URL }

func (s *Service) change(do func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	do()
}

// Fail has a call fail from now on: one of the names that [Service.Calls] returns.
func (s *Service) Fail(call string, f Fault) { s.change(func() { s.fault[call] = f }) }

// Change has the answers to a call changed from now on; nil leaves them as they are.
func (s *Service) Change(call string, change func(answer map[string]any)) {
	s.change(func() { s.changes[call] = change })
}

// Work does what is [Queued].
func (s *Service) Work() {
	s.change(func() {
		for _, do := range s.queue {
			do()
		}
		s.queue = nil
	})
}

// Pend has refunds wait for [Service.Decide].
func (s *Service) Pend() { s.change(func() { s.pending = true }) }

// Decide ends the refunds that wait: succeeded or failed.
func (s *Service) Decide(status string) {
	s.change(func() {
		for _, c := range s.charges {
			for _, r := range c.Refunds {
				if r["status"] == "pending" {
					r["status"], r["succeed"] = status, status == "succeeded"
				}
			}
			c.sum()
		}
	})
}

// Forget has it know nothing any more.
func (s *Service) Forget() { s.change(func() { s.charges = nil }) }

// Add has it know a charge of another number, as new as its others.
func (s *Service) Add(orderNo string) {
	s.change(func() { s.make(map[string]any{"order_no": orderNo, "channel": "wx_pub_qr", "amount": 1.0}) })
}

// Calls are what was called since it was asked last: create, get, list, refund, refunds.
func (s *Service) Calls() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}

// Pay has a user pay, and reports whether that is still possible.
func (s *Service) Pay(orderNo string) (paid bool) {
	s.change(func() {
		c := s.find(orderNo)
		if paid = c != nil && c.Fields["paid"] == false && s.Now().Unix() < int64(c.Fields["time_expire"].(float64)); paid {
			c.Fields["paid"], c.Fields["time_paid"], c.Fields["transaction_no"] = true, s.Now().Unix(), "T"+orderNo
		}
	})
	return paid
}

// Refunded are the sums that were given back of an attempt, in fen.
func (s *Service) Refunded(orderNo string) (amounts []int64) {
	s.change(func() {
		for _, r := range s.find(orderNo).Refunds {
			if r["status"] == "succeeded" {
				amounts = append(amounts, int64(r["amount"].(float64)))
			}
		}
	})
	return amounts
}

// find is the newest charge of a number, nil where there is none.
func (s *Service) find(orderNo string) *charge {
	for _, c := range slices.Backward(s.charges) {
		if c.Fields["order_no"] == orderNo {
			return c
		}
	}
	return nil
}

// sum counts what was given back.
func (c *charge) sum() {
	total := 0.0
	for _, r := range c.Refunds {
		if r["status"] == "succeeded" {
			total += r["amount"].(float64)
		}
	}
	c.Fields["amount_refunded"], c.Fields["refunded"] = total, len(c.Refunds) > 0
}

// Charged is the notification that tells of a charge, and its signature. change may change
// the event, and the charge, before they are signed.
func (s *Service) Charged(t testing.TB, orderNo string, change func(event, object map[string]any)) (body []byte, signature string) {
	t.Helper()
	s.change(func() { body, signature = s.notification(t, "charge.succeeded", s.find(orderNo).Fields, change) })
	return body, signature
}

// RefundDone is the notification that tells of the last refund of a charge.
func (s *Service) RefundDone(t testing.TB, orderNo string, change func(event, object map[string]any)) (body []byte, signature string) {
	t.Helper()
	s.change(func() {
		refunds := s.find(orderNo).Refunds
		body, signature = s.notification(t, "refund.succeeded", refunds[len(refunds)-1], change)
	})
	return body, signature
}

func (s *Service) notification(t testing.TB, kind string, fields map[string]any, change func(event, object map[string]any)) (body []byte, signature string) {
	t.Helper()
	object := maps.Clone(fields)
	event := map[string]any{
		"id": "evt_" + strings.Repeat("0", 24), "object": "event", "created": s.Now().Unix(), "livemode": true, "type": kind,
		"data": map[string]any{"object": object},
	}
	if change != nil {
		change(event, object)
	}
	body, err := json.MarshalIndent(event, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	signature, err = signing.Sign(s.Own, body)
	if err != nil {
		t.Fatal(err)
	}
	return body, signature
}
