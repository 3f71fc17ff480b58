// Package alipaytest is Alipay for tests, in their own process: it verifies what the
// application signs, signs its own, and fails in all the ways in which a service does.
package alipaytest

import (
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/signing"
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
	Garbage        // no JSON
	Long           // more than 1 MiB
	Forged         // signed by somebody else
	Unsigned       // without a signature
	Doubled        // the node twice, the second one unsigned
	Another        // signed, but about another attempt
	Busy           // code 20000
	Denied         // an error of the gateway, unsigned
	NoMoney        // of a refund: the seller has not enough
	Accepted       // of a refund: it is taken, and not done
)

// A Service is Alipay. It knows one application.
type Service struct {
	server   *httptest.Server
	own      *rsa.PrivateKey
	stranger *rsa.PrivateKey
	app      *rsa.PublicKey
	merchant channel.Merchant
	now      func() time.Time

	mutex  sync.Mutex
	trades map[string]*trade
	faults map[string]Fault
	calls  []string
	bill   []billed
	done   chan struct{}
}

// trade is what it knows of an attempt.
type trade struct {
	Subject   string
	Status    string
	Amount    int64
	Expires   time.Time
	NotifyURL string
	ReturnURL string
	Paid      bool
	Refunds   map[string]int64
	Last      string // the number of the last refund
}

// Options are whom it serves, and with which keys.
type Options struct {
	Own      *rsa.PrivateKey // Alipay's
	Stranger *rsa.PrivateKey // signs what is forged
	App      *rsa.PublicKey  // the application's
	Merchant channel.Merchant
	Now      func() time.Time
}

// New starts a service, which ends with the test.
func New(t testing.TB, o Options) *Service {
	t.Helper()
	s := &Service{
		own: o.Own, stranger: o.Stranger, app: o.App, merchant: o.Merchant, now: o.Now,
		trades: map[string]*trade{}, faults: map[string]Fault{}, done: make(chan struct{}),
	}
	s.server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.server.Close)
	t.Cleanup(func() { close(s.done) })
	return s
}

// Gateway is its URL.
func (s *Service) Gateway() string { return s.server.URL + "/gateway.do" }

// Fail has all calls of a method fail from now on, such as alipay.trade.query.
func (s *Service) Fail(method string, f Fault) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.faults[method] = f
}

// Calls are the methods that were called since it was asked last.
func (s *Service) Calls() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}

// Refunded is the sum of what was given back of an attempt, in fen.
func (s *Service) Refunded(no string) (sum int64) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.trades[no].refunded()
}

// Refunds are the sums that were given back of an attempt, in fen, in the order in which they
// were.
func (s *Service) Refunds(no string) (amounts []int64) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, b := range s.bill {
		if b.no == no && b.refund != "" {
			amounts = append(amounts, b.amount)
		}
	}
	return amounts
}

func (t *trade) refunded() (sum int64) {
	for _, amount := range t.Refunds {
		sum += amount
	}
	return sum
}

// Open is a browser that opens a URL of Create, and whose user has logged in: from then on
// the attempt is known. It fails as the page does.
func (s *Service) Open(payURL string) error {
	text, ok := strings.CutPrefix(payURL, s.Gateway()+"?")
	if !ok {
		return fmt.Errorf("%q is not at the gateway", payURL)
	}
	form, err := url.ParseQuery(text)
	if err != nil {
		return err
	}
	if err := s.verify(form); err != nil {
		return err
	}
	var content struct {
		OutTradeNo  string `json:"out_trade_no"`
		TotalAmount string `json:"total_amount"`
		Subject     string `json:"subject"`
		ProductCode string `json:"product_code"`
		TimeExpire  string `json:"time_expire"`
	}
	if err := json.Unmarshal([]byte(form.Get("biz_content")), &content); err != nil {
		return err
	}
	codes := map[string]string{"alipay.trade.page.pay": "FAST_INSTANT_TRADE_PAY", "alipay.trade.wap.pay": "QUICK_WAP_WAY"}
	amount, err := channel.ParseYuan(content.TotalAmount)
	expires, failure := time.ParseInLocation(time.DateTime, content.TimeExpire, channel.Beijing)
	switch left := expires.Sub(s.now()); {
	case codes[form.Get("method")] != content.ProductCode:
		return fmt.Errorf("product_code %q is none of %q", content.ProductCode, form.Get("method"))
	case err != nil || amount == 0:
		return fmt.Errorf("total_amount is %q", content.TotalAmount)
	case content.Subject == "" || strings.ContainsAny(content.Subject, "/=&"):
		return fmt.Errorf("subject is %q", content.Subject)
	case failure != nil || left <= 0 || left > 15*24*time.Hour:
		return fmt.Errorf("time_expire is %q, %s from now", content.TimeExpire, left)
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.trades[content.OutTradeNo] == nil {
		s.trades[content.OutTradeNo] = &trade{
			Subject: content.Subject, Status: "WAIT_BUYER_PAY", Amount: amount, Expires: expires,
			NotifyURL: form.Get("notify_url"), ReturnURL: form.Get("return_url"), Refunds: map[string]int64{},
		}
	}
	return nil
}

// Pay has the user pay, and reports whether that is still possible.
func (s *Service) Pay(no string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	t := s.trades[no]
	if t == nil || t.Status != "WAIT_BUYER_PAY" || !s.now().Before(t.Expires) {
		return false
	}
	t.Status, t.Paid = "TRADE_SUCCESS", true
	s.bill = append(s.bill, billed{no: no, amount: t.Amount, at: s.now()})
	return true
}

// Finish ends a trade that is paid, as time does: it cannot be refunded any more.
func (s *Service) Finish(no string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.trades[no].Status = "TRADE_FINISHED"
}

// NotifyURL is where an attempt's notifications are posted.
func (s *Service) NotifyURL(no string) string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.trades[no].NotifyURL
}

// Notification is the body that tells what an attempt is, with some parameters changed
// before it is signed.
func (s *Service) Notification(t testing.TB, no string, changes map[string]string) []byte {
	t.Helper()
	body, err := s.notification(no, changes)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func (s *Service) notification(no string, changes map[string]string) ([]byte, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	known := s.trades[no]
	if known == nil {
		return nil, fmt.Errorf("attempt %s was never opened", no)
	}
	form := url.Values{}
	for name, value := range map[string]string{
		"app_id": s.merchant.App, "seller_id": s.merchant.Seller, "out_trade_no": no, "trade_no": tradeNo(no), "charset": "utf-8",
		"total_amount": channel.FormatYuan(known.Amount), "trade_status": known.Status, "subject": known.Subject, "version": "1.0",
		"notify_type": "trade_status_sync", "notify_id": "notify" + no, "notify_time": clock(s.now()), "body": "",
		"refund_fee": channel.FormatYuan(known.refunded()), "fund_bill_list": `[{"amount":"1+1"}]`,
	} {
		form.Set(name, value)
	}
	if known.Last != "" {
		form.Set("out_biz_no", known.Last)
	}
	for name, value := range changes {
		form.Set(name, value)
	}
	signature, err := signing.Sign(s.own, []byte(text(form, true)))
	if err != nil {
		return nil, err
	}
	form.Set("sign_type", "RSA2")
	form.Set("sign", signature)
	return []byte(form.Encode()), nil
}

func clock(t time.Time) string { return t.In(channel.Beijing).Format(time.DateTime) }

func tradeNo(no string) string { return "T" + no }

// text is what is signed of a form.
func text(form url.Values, empty bool) string {
	var pairs []string
	for name, values := range form {
		if name != "sign" && (empty || values[0] != "") {
			pairs = append(pairs, name+"="+values[0])
		}
	}
	slices.SortFunc(pairs, func(a, b string) int {
		return strings.Compare(a[:strings.IndexByte(a, '=')], b[:strings.IndexByte(b, '=')])
	})
	return strings.Join(pairs, "&")
}

// verify holds the common parameters of a request against the application's key.
func (s *Service) verify(form url.Values) error {
	for name, want := range map[string]string{
		"app_id": s.merchant.App, "format": "JSON", "charset": "utf-8", "sign_type": "RSA2", "version": "1.0",
	} {
		if got := form[name]; len(got) != 1 || got[0] != want {
			return fmt.Errorf("%s is %q, not %q", name, got, want)
		}
	}
	at, err := time.ParseInLocation(time.DateTime, form.Get("timestamp"), channel.Beijing)
	if off := s.now().Sub(at); err != nil || off.Abs() > 5*time.Minute {
		return fmt.Errorf("timestamp is %q, %s off", form["timestamp"], off)
	}
	return signing.Verify(s.app, []byte(text(form, false)), form.Get("sign"))
}
