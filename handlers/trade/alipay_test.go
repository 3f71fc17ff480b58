package trade_test

import (
	"net/http"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/alipay"
	"campusgate/handlers/trade/channel/alipay/alipaytest"
	"campusgate/handlers/trade/channel/signing/signingtest"
)

// An alipayTill is a fair where users pay by Alipay.
type alipayTill struct {
	*till
	service *alipaytest.Service
}

func startAlipay(t *testing.T) *alipayTill {
	t.Helper()
	c := &alipayTill{}
	app, own := signingtest.Key(t, signingtest.Merchant), signingtest.Key(t, signingtest.Alipay)
	merchant := channel.Merchant{App: "2021000000000001", Seller: "2088000000000001"}
	now := func() time.Time { return c.Clock.Now() } // of the till, which is not there yet
	c.till = startTill(t, func(o *handlerstest.Options) {
		c.service = alipaytest.New(t, alipaytest.Options{
			Own: own, Stranger: signingtest.Key(t, signingtest.Stranger), App: &app.PublicKey, Merchant: merchant, Now: now,
		})
		o.Channels[channel.Alipay] = alipay.New(alipay.Settings{
			Gateway: c.service.Gateway(), AppID: merchant.App, SellerID: merchant.Seller, Private: app, Public: &own.PublicKey,
			NotifyURL: "https://campus.example/callback/alipay", Now: now,
		})
	})
	return c
}

// opened is an attempt of a commit whose page the user has opened at Alipay.
func (c *alipayTill) opened(payID string) (attempt string) {
	c.T.Helper()
	handlerstest.Must(c.T, c.service.Open(c.OK("order/pay", aliceToken, payBy(payID, "alipay")).Field("pay_url")))
	attempts := c.attempts(payID)
	return attempts[len(attempts)-1].AttemptID
}

// hears posts what Alipay tells of an attempt, and wants its answer.
func (c *alipayTill) hears(attempt string, changes map[string]string, wantStatus int, want string) {
	c.T.Helper()
	body := string(c.service.Notification(c.T, attempt, changes))
	status, answer, _ := c.ask("POST", "/callback/alipay", body, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	if status != wantStatus || answer != want {
		c.T.Errorf("%v is answered %d %q, want %d %q", changes, status, answer, wantStatus, want)
	}
}

// Alipay tells what is paid, in seven letters it hears that it is booked, and again is once.
func TestAlipayNotifies(t *testing.T) {
	t.Parallel()
	c := startAlipay(t)
	made := c.tea()
	attempt := c.opened(made.PayID)
	c.hears(attempt, nil, http.StatusOK, "success") // it waits
	c.wantStates(made, "paying")
	if !c.service.Pay(attempt) {
		t.Fatal("it cannot be paid")
	}
	c.hears(attempt, map[string]string{"total_amount": "10.01"}, http.StatusInternalServerError, "fail")
	c.hears(attempt, map[string]string{"seller_id": "2088000000000002"}, http.StatusInternalServerError, "fail")
	c.wantAnomalies("alipay alipay seller amount 10 10.01")
	c.wantStates(made, "paying")
	if status, answer, _ := c.ask("POST", "/callback/alipay", string(c.service.Notification(t, attempt, nil))+"&body=x"); status != http.StatusUnauthorized || answer != "" {
		t.Errorf("with a changed body: %d %s", status, answer)
	}
	for range 2 {
		c.hears(attempt, nil, http.StatusOK, "success")
		c.hears(attempt, map[string]string{"trade_status": "TRADE_FINISHED"}, http.StatusOK, "success")
	}
	c.wantStates(made, "paid")
	c.wantSum("channel:alipay", -10_00)
	c.wantAnomalies("")
	c.audit()
}

// A notification that is lost is found by asking.
func TestAlipayIsAsked(t *testing.T) {
	t.Parallel()
	c := startAlipay(t)
	made := c.tea()
	attempt := c.opened(made.PayID)
	c.service.Pay(attempt)
	c.service.Fail("alipay.trade.query", alipaytest.Forged)
	c.Clock.Advance(10 * time.Second)
	if state := c.OK("pay/info", aliceToken, `{"pay_id":"`+made.PayID+`"}`).Field("pay_state"); state != "waiting" {
		t.Errorf("by a forged answer it is %s", state)
	}
	c.service.Fail("alipay.trade.query", alipaytest.None)
	c.pass(time.Minute)
	c.wantStates(made, "paid")
	c.audit()
}

// A page that nobody has opened cannot be closed there. Who pays on it behind the order's end
// has the money back, once.
func TestAlipayIsPaidTooLate(t *testing.T) {
	t.Parallel()
	c := startAlipay(t)
	made := c.tea()
	url := c.OK("order/pay", aliceToken, payBy(made.PayID, "alipay")).Field("pay_url")
	c.ok("cancel", aliceToken, made.OrderIDs[0])
	c.RunJobs()
	c.wantStates(made, "cancel")
	attempt := made.PayID + "01"
	handlerstest.Must(t, c.service.Open(url))
	c.service.Pay(attempt)
	c.service.Fail("alipay.trade.refund", alipaytest.Lost)
	c.hears(attempt, nil, http.StatusOK, "success")
	c.RunJobs()
	c.wantSum("unclaimed:"+attempt, 10_00)
	c.service.Fail("alipay.trade.refund", alipaytest.None)
	for range 5 {
		c.pass(time.Minute)
	}
	if sum := c.service.Refunded(attempt); sum != 10_00 {
		t.Errorf("%d fen went back", sum)
	}
	c.wantSum("unclaimed:"+attempt, 0)
	c.wantSum("channel:alipay", 0)
	c.hears(attempt, map[string]string{"trade_status": "TRADE_CLOSED"}, http.StatusOK, "success") // whole refunds are told so
	c.wantStates(made, "cancel")
	c.wantAnomalies("")
	c.audit()
}

// A seller who does not ship gives back by Alipay; what it refuses is an anomaly.
func TestAlipayRefunds(t *testing.T) {
	t.Parallel()
	c := startAlipay(t)
	for _, refused := range []bool{false, true} {
		made := c.tea()
		attempt := c.opened(made.PayID)
		c.service.Pay(attempt)
		c.hears(attempt, nil, http.StatusOK, "success")
		if refused {
			c.service.Finish(attempt)
		}
		c.ok("decline", bobToken, made.OrderIDs[0], `"reason":"sold out"`)
		c.RunJobs()
		c.wantStates(made, "refunded")
		want := map[bool]int64{false: 10_00, true: 0}[refused]
		if sum := c.service.Refunded(attempt); sum != want {
			t.Errorf("%d fen went back, want %d", sum, want)
		}
		c.wantAnomalies(map[bool]string{false: "", true: "alipay refund 10"}[refused])
	}
	c.audit()
}
