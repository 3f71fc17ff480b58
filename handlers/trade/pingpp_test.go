package trade_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/pingpp"
	"campusgate/handlers/trade/channel/pingpp/pingpptest"
	"campusgate/handlers/trade/channel/signing/signingtest"
)

// A pingppTill is a fair where users pay by Ping++.
type pingppTill struct {
	*till
	service *pingpptest.Service
	channel func(o *handlerstest.Options) // has a gateway pay by it
}

func startPingpp(t *testing.T) *pingppTill {
	t.Helper()
	c := &pingppTill{}
	now := func() time.Time { return c.Clock.Now() } // of the till, which is not there yet
	account, own := signingtest.Key(t, signingtest.Merchant), signingtest.Key(t, signingtest.Pingpp)
	c.service = pingpptest.New(t, pingpptest.Options{Own: own, Account: &account.PublicKey, App: "app_1", APIKey: "sk_live_1", Now: now})
	c.channel = func(o *handlerstest.Options) {
		o.Channels[channel.Pingpp] = pingpp.New(pingpp.Settings{
			Endpoint: c.service.Endpoint(), AppID: "app_1", APIKey: "sk_live_1", Private: account, Public: &own.PublicKey,
			ReturnURL: "https://campus.example/", Now: now,
		})
	}
	c.till = startTill(t, c.channel)
	return c
}

// paidBy begins an attempt for tea and pays it at Ping++.
func (c *pingppTill) paidBy(client string) (made commitment, attempt string) {
	c.T.Helper()
	made = c.tea()
	answer := c.OK("order/pay", aliceToken, payBy(made.PayID, "pingpp", `"client":"`+client+`"`))
	attempt = made.PayID + "01"
	want := map[string]string{channel.PC: "https://mapi.alipay.com/gateway.do?", channel.Native: "weixin://wxpay/bizpayurl?pr=" + attempt}[client]
	if got := answer.Field("pay_url") + answer.Field("code_url"); !strings.HasPrefix(got, want) {
		c.T.Errorf("%s pays at %s", client, got)
	}
	if !c.service.Pay(attempt) {
		c.T.Fatal("it cannot be paid")
	}
	return made, attempt
}

// hears posts a notification, and wants its answer.
func (c *pingppTill) hears(body []byte, signature string, want int) {
	c.T.Helper()
	if status, answer, _ := c.ask("POST", "/callback/pingpp", string(body), "x-pingplusplus-signature", signature); status != want {
		c.T.Errorf("%s is answered %d %s, want %d", body, status, answer, want)
	}
}

// Ping++ tells what is paid; without its signature, by a test, for another application or of
// another amount nothing is.
func TestPingppNotifies(t *testing.T) {
	t.Parallel()
	c := startPingpp(t)
	made, attempt := c.paidBy(channel.Native)
	body, signature := c.service.Charged(t, attempt, nil)
	c.hears(body, "", http.StatusUnauthorized)
	c.hears(append(slices.Clone(body), '\n'), signature, http.StatusUnauthorized)
	for _, change := range []func(event, object map[string]any){
		func(event, object map[string]any) { event["livemode"], object["livemode"] = false, false },
		func(_, object map[string]any) { object["app"] = "app_2" },
		func(_, object map[string]any) { object["amount"] = 1001 },
		func(_, object map[string]any) { object["currency"] = "usd" },
	} {
		body, signature := c.service.Charged(t, attempt, change)
		c.hears(body, signature, http.StatusInternalServerError)
	}
	c.wantStates(made, "paying")
	for range 2 {
		c.hears(body, signature, http.StatusOK)
	}
	c.wantStates(made, "paid")
	c.wantAnomalies("")
	other, signature := c.service.Charged(t, attempt, func(_, object map[string]any) { object["id"] = "ch_another" })
	c.hears(other, signature, http.StatusInternalServerError)
	c.wantAnomalies("pingpp trade 10")
	c.wantSum("channel:pingpp", -10_00)
	c.audit()
}

// A create whose answer is lost is the same charge when it is asked for again; a notification
// that is lost is found by asking, though the charge's id never arrived.
func TestPingppLoses(t *testing.T) {
	t.Parallel()
	c := startPingpp(t)
	made := c.tea()
	c.service.Fail("create", pingpptest.Lost)
	pay := payBy(made.PayID, "pingpp")
	if a := c.Call("order/pay", aliceToken, pay); a.Status != -501 {
		t.Errorf("a lost answer: %s", a.Raw)
	}
	c.service.Fail("create", pingpptest.None)
	c.OK("order/pay", aliceToken, pay)
	c.wantAttempts(made.PayID, "pingpp open")
	c.service.Pay(made.PayID + "01")
	c.pass(time.Minute)
	c.wantStates(made, "paid")

	made = c.tea()
	c.service.Fail("create", pingpptest.Lost)
	c.Call("order/pay", aliceToken, payBy(made.PayID, "pingpp"))
	c.service.Pay(made.PayID + "01")
	c.pass(time.Minute)
	c.wantStates(made, "paid")
	c.audit()
}

// A charge cannot be closed: who pays it behind the order's end has the money back, once,
// also where the answer to the refund is lost.
func TestPingppIsPaidTooLate(t *testing.T) {
	t.Parallel()
	c := startPingpp(t)
	made, attempt := c.paidBy(channel.PC)
	c.service.Fail("get", pingpptest.Broken) // so that the end does not see it
	c.ok("cancel", aliceToken, made.OrderIDs[0])
	c.RunJobs()
	c.service.Fail("get", pingpptest.None)
	c.service.Fail("refund", pingpptest.Lost)
	body, signature := c.service.Charged(t, attempt, nil)
	c.hears(body, signature, http.StatusOK)
	c.wantSum("unclaimed:"+attempt, 10_00)
	for range 5 {
		c.pass(time.Minute)
	}
	if sums := c.service.Refunded(attempt); !slices.Equal(sums, []int64{10_00}) {
		t.Errorf("%v fen went back", sums)
	}
	c.wantStates(made, "cancel")
	c.wantSum("unclaimed:"+attempt, 0)
	c.wantAnomalies("")
	c.audit()
}

// A request for a refund that is lost, and still being done there, is waited for by every
// replica: another one would be a second refund.
func TestPingppRefundIsLostOverReplicas(t *testing.T) {
	t.Parallel()
	c := startPingpp(t)
	other := c.replica(c.channel)
	made, attempt := c.paidBy(channel.PC)
	body, signature := c.service.Charged(t, attempt, nil)
	c.hears(body, signature, http.StatusOK)
	c.ok("refund", aliceToken, made.OrderIDs[0], `"kind":"money","amount":4,"reason":"x"`) // so that twice is possible
	c.ok("agree", bobToken, made.OrderIDs[0])
	c.service.Fail("refund", pingpptest.Queued)
	c.RunJobs()
	c.service.Fail("refund", pingpptest.None)
	for range 5 {
		c.Clock.Advance(10 * time.Second)
		other.RunJobs()
	}
	c.service.Work()
	c.Clock.Advance(10 * time.Second)
	other.RunJobs()
	if sums := c.service.Refunded(attempt); !slices.Equal(sums, []int64{4_00}) {
		t.Errorf("%v fen went back", sums)
	}
	c.wantArrived(made.OrderIDs[0], "true")
	c.audit()
}

// A refund waits at Ping++, and arrives when it says so; of one that fails it says nothing,
// so it is asked, and an admin decides.
func TestPingppRefunds(t *testing.T) {
	t.Parallel()
	for decided, want := range map[string]string{"succeeded": "", "failed": "pingpp refund 10"} {
		c := startPingpp(t)
		made, attempt := c.paidBy(channel.PC)
		body, signature := c.service.Charged(t, attempt, nil)
		c.hears(body, signature, http.StatusOK)
		c.service.Pend()
		c.ok("decline", bobToken, made.OrderIDs[0], `"reason":"sold out"`)
		c.RunJobs()
		c.wantArrived(made.OrderIDs[0], "false")
		c.service.Decide(decided)
		if decided == "succeeded" {
			body, signature = c.service.RefundDone(t, attempt, nil)
			c.hears(body, signature, http.StatusOK)
		}
		c.pass(time.Hour)
		c.wantArrived(made.OrderIDs[0], map[bool]string{true: "true", false: "false"}[decided == "succeeded"])
		c.wantAnomalies(want)
		c.audit()
	}
}
