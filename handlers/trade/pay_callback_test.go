package trade_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/channeltest"
	"campusgate/handlers/trade/channel/sandbox"
	"campusgate/storage"
)

// A callback is no envelope: without the channel's signature it is HTTP status 401, and
// nothing changes.
func TestCallbackUnverified(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.tea()
	attempt := c.begin(made.PayID, "wechat")
	sandboxed := c.tea()
	c.begin(sandboxed.PayID, "sandbox")
	body := channeltest.Body(t, paidAt(attempt, 10_00))
	foreign := sandbox.New(c.DB, c.Clock.Now)
	forged, signature := foreign.Notification(sandboxed.PayID+"01", foreign.Merchant(), channel.Trade{State: channel.Paid, TradeNo: "T", Amount: 10_00})
	before := c.Stored()
	for _, r := range []struct {
		path, body string
		header     []string
		want       int
	}{
		{"/callback/wechat", body, nil, 401},
		{"/callback/wechat", body, []string{channeltest.Signature, "forged"}, 401},
		{"/callback/sandbox", string(forged), nil, 401},
		{"/callback/sandbox", string(forged), []string{sandbox.SignatureHeader, signature}, 401},
		{"/callback/sandbox", "", []string{sandbox.SignatureHeader, ""}, 401},
		{"/callback/pingpp", body, []string{channeltest.Signature, channeltest.Signature}, 404},
		{"/callback/wallet", body, nil, 404},
		{"/callback", body, nil, 404},
		{"/callback/", body, nil, 404},
		{"/callback/wechat/more", body, nil, 404},
		{"/callback/wechat", strings.Repeat(" ", 64<<10+1), []string{channeltest.Signature, channeltest.Signature}, 413},
		{"/callback/wechat", "no JSON", []string{channeltest.Signature, channeltest.Signature}, 500},
	} {
		status, answer, header := c.ask("POST", r.path, r.body, r.header...)
		if status != r.want || status != 500 && answer != "" || header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %q %v, want %d", r.path, status, answer, header, r.want)
		}
	}
	if c.Stored() != before {
		t.Error("something changed")
	}
	if log := c.Log.String(); strings.Contains(log, signature) || strings.Contains(log, "trade_no") {
		t.Errorf("a signature or a body is logged: %s", log)
	}
	c.wantAnomalies("")
}

// A notification that is signed and does not fit is an anomaly: nothing is paid, and the
// answer is not success. Once the setting is mended the channel's repeat counts.
func TestCallbackAnomalies(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.tea()
	attempt := c.begin(made.PayID, "wechat")
	right := paidAt(attempt, 10_00)
	for _, r := range []struct {
		kind   string
		change func(*channel.Event)
		amount string
	}{
		{"amount", func(e *channel.Event) { e.Trade.Amount = 9_99 }, "9.99"},
		{"amount", func(e *channel.Event) { e.Trade.Amount = 10_01 }, "10.01"},
		{"currency", func(e *channel.Event) { e.Currency = "USD" }, "10"},
		{"app", func(e *channel.Event) { e.Merchant.App = "other" }, "10"},
		{"seller", func(e *channel.Event) { e.Merchant.Seller = "other" }, "10"},
		{"seller", func(e *channel.Event) { e.Merchant.Seller = "" }, "10"},
	} {
		wrong := right
		r.change(&wrong)
		for range 2 {
			c.notify("wechat", wrong, http.StatusInternalServerError)
		}
		c.wantStates(made, "paying")
		c.wantAttempts(made.PayID, "wechat open")
		if got := c.anomalies(); !strings.Contains(got, r.kind) || !strings.Contains(got, r.amount) {
			t.Errorf("%s is no anomaly: %s", r.kind, got)
		}
	}
	c.wantAnomalies("wechat wechat wechat wechat seller app currency amount 10 10 10 10.01")
	if !strings.Contains(c.Log.String(), "a payment needs an admin") {
		t.Error("nobody is alarmed")
	}
	c.wechat.Pays(channel.Merchant{App: "app", Seller: "mended"}) // the setting
	mended := right
	mended.Merchant.Seller = "mended"
	c.notify("wechat", mended, http.StatusNoContent)
	c.wantStates(made, "paid")
	c.wantAnomalies("")
	c.audit()
}

// A number that is none of the channel's attempts is an anomaly too: of another channel, of
// nobody, or one that was used for another attempt.
func TestCallbackUnknown(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made, other := c.tea(), c.tea()
	attempt, second := c.begin(made.PayID, "wechat"), c.begin(other.PayID, "wechat")
	c.notify("alipay", paidAt(attempt, 10_00), http.StatusInternalServerError)
	c.notify("wechat", paidAt("17649984000000199", 10_00), http.StatusInternalServerError)
	c.notify("wechat", paidAt(strings.Repeat("9", 500), 10_00), http.StatusInternalServerError)
	c.wantStates(made, "paying")
	c.wantAnomalies("wechat wechat alipay attempt attempt attempt 10 10 10")
	c.notify("wechat", paidAt(attempt, 10_00), http.StatusNoContent)
	twice := paidAt(second, 10_00)
	twice.Trade.TradeNo = "T" + attempt
	c.notify("wechat", twice, http.StatusInternalServerError)
	c.wantStates(other, "paying")
	if got := c.anomalies(); !strings.Contains(got, "trade") {
		t.Errorf("a payment for two attempts: %s", got)
	}
	c.notify("wechat", channel.Event{}, http.StatusNoContent) // about nothing of ours
	c.audit()
}

// Admins see anomalies as rows, the newest first, in pages.
func TestAnomaliesAreListed(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.tea()
	attempt := c.begin(made.PayID, "wechat")
	wrong := paidAt(attempt, 9_99)
	c.notify("wechat", wrong, http.StatusInternalServerError)
	c.Clock.Advance(time.Minute)
	c.notify("alipay", paidAt("17649984000000199", 12_34), http.StatusInternalServerError)
	older := `{"attempt_id":"` + attempt + `","pay_id":"` + made.PayID + `","channel":"wechat","kind":"amount","amount":9.99,"creat_time":"2019-11-28 22:25:52"}`
	newer := `{"attempt_id":"17649984000000199","pay_id":"","channel":"alipay","kind":"attempt","amount":12.34,"creat_time":"2019-11-28 22:26:52"}`
	for data, want := range map[string]string{
		`{}`:                                listOf("2", newer, older),
		`{"count":1}`:                       listOf("2", newer),
		`{"page":2,"count":1}`:              listOf("2", older),
		`{"page":2}`:                        listOf("2"),
		`{"channel":"wechat","pay_id":"1"}`: listOf("2", newer, older),
	} {
		c.OK("pay/anomalies", adminToken, data).WantData(t, want)
	}
}

// Twice is once, however many come at the same moment, also together with the question of
// pay/info.
func TestCallbackTwice(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.commit(items(express, item(tea, ""), item(cup, `,"deliver":"face"`)))
	attempt := c.begin(made.PayID, "wechat")
	c.wechat.Set(attempt, paidAt(attempt, 21_00).Trade)
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() { c.notify("wechat", paidAt(attempt, 21_00), http.StatusNoContent) })
		group.Go(func() { c.OK("pay/info", aliceToken, `{"pay_id":"`+made.PayID+`"}`) })
	}
	group.Wait()
	c.wantStates(made, "paid paid")
	c.wantSum("channel:wechat", -21_00)
	c.wantSum("escrow:"+made.OrderIDs[0], 13_00)
	c.wantSum("escrow:"+made.OrderIDs[1], 8_00)
	c.audit()
}

// What comes out of order does not move the state back.
func TestCallbackOutOfOrder(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.tea()
	attempt := c.begin(made.PayID, "wechat")
	closed := channel.Event{AttemptNo: attempt, Merchant: c.wechat.Merchant(), Trade: channel.Trade{State: channel.Closed}}
	waiting := closed
	waiting.Trade.State = channel.Waiting
	c.notify("wechat", waiting, http.StatusNoContent)
	c.wantAttempts(made.PayID, "wechat open")
	c.notify("wechat", closed, http.StatusNoContent)
	c.wantAttempts(made.PayID, "wechat closed")
	c.notify("wechat", paidAt(attempt, 10_00), http.StatusNoContent) // it was paid after all
	c.wantAttempts(made.PayID, "wechat paid")
	refunded := paidAt(attempt, 10_00)
	refunded.Trade.State, refunded.Trade.Refunded = channel.Refunded, 10_00
	for _, event := range []channel.Event{closed, waiting, refunded, paidAt(attempt, 10_00)} {
		c.notify("wechat", event, http.StatusNoContent)
	}
	c.wantAttempts(made.PayID, "wechat paid")
	c.wantStates(made, "paid")
	c.wantAnomalies("")
	// One that was given back at the channel before anybody heard of it has paid nothing.
	made = c.tea()
	attempt = c.begin(made.PayID, "wechat")
	refunded.AttemptNo, refunded.Trade.TradeNo = attempt, "T"+attempt
	c.notify("wechat", refunded, http.StatusNoContent)
	c.wantAttempts(made.PayID, "wechat closed")
	c.wantStates(made, "paying")
	c.wantAnomalies("wechat refunded 10")
	c.audit()
}

// Late money goes back by itself, and buyer and sellers are told; the order stays as it is.
func TestLateMoney(t *testing.T) {
	t.Parallel()
	for _, over := range []string{"cancel", "overtime", "paid"} {
		t.Run(over, func(t *testing.T) {
			t.Parallel()
			c := startTill(t)
			c.wechat.Stubborn()
			c.wechat.Pend()
			made := c.commit(items(`,"deliver":"face"`, item(tea, ""), item(handlerstest.DocumentTextbook, "")))
			c.wantStates(made, "paying paying")
			attempt := c.begin(made.PayID, "wechat")
			amount := c.attempts(made.PayID)[0].Amount
			switch over {
			case "cancel":
				c.ok("cancel", aliceToken, made.OrderIDs[0])
			case "overtime":
				for range 50 {
					c.pass(time.Minute)
				}
			case "paid":
				c.OK("order/pay", aliceToken, payBy(made.PayID, "wallet"))
			}
			c.RunJobs()
			c.wantStates(made, over+" "+over)
			c.wechat.Asked()
			for range 3 {
				c.notify("wechat", paidAt(attempt, amount), http.StatusNoContent)
			}
			c.wantAttempts(made.PayID, "wechat late")
			c.wantStates(made, over+" "+over)
			c.wantSum("channel:wechat", -amount)
			c.wantSum("unclaimed:"+attempt, amount)
			c.RunJobs()
			c.wantAsked(c.wechat, "refund "+attempt+"L")
			c.wantSum("unclaimed:"+attempt, amount) // the channel has not confirmed it
			c.wechat.Arrive(attempt + "L")
			c.pass(time.Minute)
			c.wantAsked(c.wechat, "query refund "+attempt+"L")
			c.wantSum("channel:wechat", 0)
			c.wantSum("unclaimed:"+attempt, 0)
			c.wantStates(made, over+" "+over)
			if strings.Count(c.told(alice), "迟到的付款将原路退回") != 1 || strings.Count(c.told(bob), "买家的付款来得太晚") != 1 {
				t.Errorf("alice was told %s, bob %s", c.told(alice), c.told(bob))
			}
			c.pass(time.Hour)
			c.wantAsked(c.wechat)
			c.audit()
		})
	}
}

// An attempt whose payment is over is closed at its channel, at once.
func TestAttemptEndsWithItsPayment(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.tea()
	attempt := c.begin(made.PayID, "wechat")
	c.wechat.Asked()
	c.ok("cancel", aliceToken, made.OrderIDs[0])
	c.wantAttempts(made.PayID, "wechat left")
	c.wantAsked(c.wechat) // cancel waits for no channel
	c.RunJobs()
	c.wantAsked(c.wechat, "close "+attempt)
	c.wantAttempts(made.PayID, "wechat closed")
	c.pass(31 * time.Minute)
	c.wantAsked(c.wechat)
	if a := c.attempts(made.PayID)[0]; a.State != storage.AttemptClosed || a.EndTime == 0 {
		t.Errorf("%+v", a)
	}
}
