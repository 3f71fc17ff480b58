// Package wechattest is WeChat Pay for tests, in their own process: it verifies what the
// merchant signs, signs and seals its own, and fails in all the ways in which a service does.
package wechattest

import (
	"crypto/rsa"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"campusgate/handlers/trade/channel"
)

// A Fault is how a call goes wrong.
type Fault int

// The faults.
const (
	None     Fault = iota
	Dead           // the connection breaks, and nothing is done
	Lost           // it is done, and the connection breaks before the answer
	Slow           // no answer comes
	Broken         // HTTP status 500
	Moved          // a redirection
	Garbage        // signed, and no JSON
	Long           // more than 1 MiB
	Forged         // signed by somebody else
	Unsigned       // without a signature
	Old            // signed six minutes ago
	Another        // signed, but about another order
	Busy           // SYSTEM_ERROR
	Denied         // SIGN_ERROR, unsigned
	NoMoney        // of a refund: NOT_ENOUGH
)

// Options are whom it serves, and with which keys.
type Options struct {
	Own         *rsa.PrivateKey // WeChat Pay's
	PublicKeyID string          // by which Own is named
	Stranger    *rsa.PrivateKey // signs what is forged
	Account     *rsa.PublicKey  // the merchant's
	Serial      string          // by which Account is named
	APIV3Key    string
	Merchant    channel.Merchant
	Now         func() time.Time
}

// A Service is WeChat Pay. It knows one merchant.
type Service struct {
	Options
	server *httptest.Server

	mutex     sync.Mutex
	orders    map[string]*order
	faults    map[string]Fault
	calls     []string
	pending   bool
	bill      []billed
	done      chan struct{}
	notifyURL string
}

// order is what it knows of an attempt.
type order struct {
	Number    string
	Content   string // of the first request
	State     string
	Total     int64
	Expires   time.Time
	Refunds   []*refund
	Refunding time.Time // when the last one was accepted
}

type refund struct {
	Number, Status string
	Amount         int64
}

// New starts a service, which ends with the test.
func New(t testing.TB, o Options) *Service {
	t.Helper()
	s := &Service{Options: o, orders: map[string]*order{}, faults: map[string]Fault{}, done: make(chan struct{})}
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
func (s *Service) Fail(call string, f Fault) { s.change(func() { s.faults[call] = f }) }

// FailAll has all calls fail from now on.
func (s *Service) FailAll(f Fault) {
	for _, call := range []string{Create, Query, Close, Refund, QueryRefund, Certificates} {
		s.Fail(call, f)
	}
}

// Forget has it know nothing any more.
func (s *Service) Forget() { s.change(func() { clear(s.orders) }) }

// Calls are the calls since it was asked last.
func (s *Service) Calls() (calls []string) {
	s.change(func() { calls, s.calls = s.calls, nil })
	return calls
}

// Pay has a user scan the code and pay, and reports whether that is still possible.
func (s *Service) Pay(no string) (paid bool) {
	s.change(func() {
		o := s.orders[no]
		if paid = o != nil && o.State == "NOTPAY" && s.Now().Before(o.Expires); paid {
			o.State = "SUCCESS"
			s.bill = append(s.bill, billed{no: no, amount: o.Total, at: s.Now()})
		}
	})
	return paid
}

// Pend has refunds wait for [Service.Decide].
func (s *Service) Pend() { s.change(func() { s.pending = true }) }

// Decide ends the refunds that wait: SUCCESS, CLOSED or ABNORMAL.
func (s *Service) Decide(status string) {
	s.change(func() {
		for _, o := range s.orders {
			for _, r := range o.Refunds {
				if r.Status == "PROCESSING" {
					r.Status = status
				}
			}
		}
	})
}

// Refunded are the sums that went back of an attempt, in fen.
func (s *Service) Refunded(no string) (amounts []int64) {
	s.change(func() {
		for _, r := range s.orders[no].Refunds {
			if r.Status == "SUCCESS" {
				amounts = append(amounts, r.Amount)
			}
		}
	})
	return amounts
}

// NotifyURL is where the last order's notifications are posted.
func (s *Service) NotifyURL() (place string) {
	s.change(func() { place = s.notifyURL })
	return place
}
