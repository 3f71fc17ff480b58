package trade_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/signing/signingtest"
	"campusgate/handlers/trade/channel/wechat"
	"campusgate/handlers/trade/channel/wechat/wechattest"
)

// A wechatTill is a fair where users pay by WeChat Pay.
type wechatTill struct {
	*till
	service *wechattest.Service
	channel *wechat.Channel
}

func startWeChat(t *testing.T) *wechatTill {
	t.Helper()
	c := &wechatTill{}
	now := func() time.Time { return c.Clock.Now() } // of the till, which is not there yet
	account, own := signingtest.Key(t, signingtest.Merchant), signingtest.Key(t, signingtest.WeChat)
	merchant := channel.Merchant{App: "wx0123456789abcdef", Seller: "1900000001"}
	const serial, id, apiV3Key = "0775B6A45ACD588826D15E583A95F5DD12345678", "PUB_KEY_ID_01", "0123456789abcdef0123456789ABCDEF"
	c.till = startTill(t, func(o *handlerstest.Options) {
		c.service = wechattest.New(t, wechattest.Options{
			Own: own, PublicKeyID: id, Stranger: signingtest.Key(t, signingtest.Stranger), Account: &account.PublicKey, Serial: serial,
			APIV3Key: apiV3Key, Merchant: merchant, Now: now,
		})
		c.channel = wechat.New(wechat.Settings{
			Endpoint: c.service.Endpoint(), MchID: merchant.Seller, AppID: merchant.App, Serial: serial, Private: account, APIV3Key: apiV3Key,
			Public: &own.PublicKey, PublicKeyID: id, NotifyURL: "https://campus.example/callback/wechat", Now: now,
		})
		o.Channels[channel.WeChat] = c.channel
	})
	return c
}

// paidAttempt begins an attempt for tea, which is paid at WeChat Pay.
func (c *wechatTill) paidAttempt() (made commitment, attempt string) {
	c.T.Helper()
	made = c.tea()
	attempt = made.PayID + "01"
	code := c.OK("order/pay", aliceToken, payBy(made.PayID, "wechat", `"client":"native"`)).Field("code_url")
	if code != "weixin://wxpay/bizpayurl?pr="+attempt || !c.service.Pay(attempt) {
		c.T.Fatalf("it cannot be paid by %s", code)
	}
	return made, attempt
}

// hears posts a notification, and wants its answer.
func (c *wechatTill) hears(n wechattest.Notification, want int) {
	c.T.Helper()
	if status, answer, _ := c.ask("POST", "/callback/wechat", string(n.Body), n.Headers()...); status != want {
		c.T.Errorf("%s is answered %d %s, want %d", n.Body, status, answer, want)
	}
}

// WeChat Pay tells what is paid. A probe, what is six minutes old, another merchant's and
// another amount pay nothing.
func TestWeChatNotifies(t *testing.T) {
	t.Parallel()
	c := startWeChat(t)
	made, attempt := c.paidAttempt()
	good := c.service.Paid(t, attempt, nil)
	probe := c.service.Paid(t, attempt, nil)
	probe.Header["Wechatpay-Signature"] = "WECHATPAY/SIGNTEST/" + probe.Header["Wechatpay-Signature"]
	stripped := c.service.Paid(t, attempt, nil)
	delete(stripped.Header, "Wechatpay-Signature")
	for _, n := range []wechattest.Notification{probe, stripped} {
		c.hears(n, http.StatusUnauthorized)
	}
	for _, change := range []func(told map[string]any){
		func(told map[string]any) { told["mchid"] = "1900000002" },
		func(told map[string]any) { told["appid"] = "wx1" },
		func(told map[string]any) { told["amount"] = map[string]any{"total": 999, "currency": "CNY"} },
		func(told map[string]any) { told["amount"] = map[string]any{"total": 1000, "currency": "HKD"} },
	} {
		c.hears(c.service.Paid(t, attempt, change), http.StatusInternalServerError)
	}
	c.wantStates(made, "paying")
	c.Clock.Advance(6 * time.Minute)
	c.hears(good, http.StatusUnauthorized)
	for range 2 {
		c.hears(c.service.Paid(t, attempt, nil), http.StatusNoContent) // each repeat is signed anew
	}
	c.wantStates(made, "paid")
	c.wantAnomalies("")
	c.wantSum("channel:wechat", -10_00)
	c.audit()
}

// A lost notification is found by asking, whatever is answered before.
func TestWeChatIsAsked(t *testing.T) {
	t.Parallel()
	c := startWeChat(t)
	made, _ := c.paidAttempt()
	for _, fault := range []wechattest.Fault{wechattest.Forged, wechattest.Old, wechattest.Another} {
		c.service.Fail(wechattest.Query, fault)
		c.Clock.Advance(10 * time.Second)
		c.OK("pay/info", aliceToken, `{"pay_id":"`+made.PayID+`"}`)
		c.wantStates(made, "paying")
	}
	c.service.Fail(wechattest.Query, wechattest.None)
	c.pass(time.Minute)
	c.wantStates(made, "paid")
	c.audit()
}

// Another method closes the code first: then it cannot be paid. Where closing fails it may be
// paid still, and then goes back.
func TestWeChatIsLeft(t *testing.T) {
	t.Parallel()
	c := startWeChat(t)
	made := c.tea()
	c.begin(made.PayID, "wechat")
	c.OK("order/pay", aliceToken, payBy(made.PayID, "wallet"))
	if c.service.Pay(made.PayID + "01") {
		t.Error("a closed code is paid")
	}
	made = c.tea()
	attempt := c.begin(made.PayID, "wechat")
	c.service.Fail(wechattest.Close, wechattest.Broken)
	c.OK("order/pay", aliceToken, payBy(made.PayID, "wallet"))
	if !c.service.Pay(attempt) {
		t.Fatal("it is closed")
	}
	c.hears(c.service.Paid(t, attempt, nil), http.StatusNoContent)
	c.service.Fail(wechattest.Refund, wechattest.Lost)
	c.RunJobs()
	c.service.Fail(wechattest.Refund, wechattest.None)
	for range 5 {
		c.pass(time.Minute)
	}
	if sums := c.service.Refunded(attempt); !slices.Equal(sums, []int64{10_00}) {
		t.Errorf("%v fen went back", sums)
	}
	c.wantSum("channel:wechat", 0)
	c.wantAnomalies("")
	c.audit()
}

// A refund is accepted, and arrives when WeChat Pay says so; one that ends otherwise is for
// an admin.
func TestWeChatRefunds(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]string{"SUCCESS": "", "CLOSED": "wechat refund 10", "ABNORMAL": "wechat refund 10"} {
		for _, told := range []bool{true, false} {
			c := startWeChat(t)
			made, attempt := c.paidAttempt()
			c.hears(c.service.Paid(t, attempt, nil), http.StatusNoContent)
			c.service.Pend()
			c.ok("decline", bobToken, made.OrderIDs[0], `"reason":"sold out"`)
			c.RunJobs()
			c.wantArrived(made.OrderIDs[0], "false")
			c.service.Decide(status)
			if told {
				c.hears(c.service.RefundEnded(t, attempt, nil), http.StatusNoContent)
				c.hears(c.service.RefundEnded(t, attempt, nil), http.StatusNoContent)
			} else {
				c.pass(time.Hour)
			}
			c.wantArrived(made.OrderIDs[0], map[bool]string{true: "true", false: "false"}[status == "SUCCESS"])
			c.wantAnomalies(want)
			c.audit()
		}
	}
}

// A refund of another merchant, number or amount than was asked for has not arrived.
func TestWeChatRefundIsAnother(t *testing.T) {
	t.Parallel()
	c := startWeChat(t)
	made, attempt := c.paidAttempt()
	c.hears(c.service.Paid(t, attempt, nil), http.StatusNoContent)
	c.service.Pend()
	c.ok("decline", bobToken, made.OrderIDs[0], `"reason":"sold out"`)
	c.RunJobs()
	c.service.Decide("SUCCESS")
	for _, change := range []func(refund map[string]any){
		func(refund map[string]any) { refund["mchid"] = "1900000002" },
		func(refund map[string]any) { refund["out_refund_no"] = attempt + "R1N1" },
		func(refund map[string]any) { refund["amount"] = map[string]any{"total": 1000, "refund": 999} },
		func(refund map[string]any) { refund["amount"] = map[string]any{"total": 1000} },
	} {
		c.hears(c.service.RefundEnded(t, attempt, change), http.StatusInternalServerError)
		c.wantArrived(made.OrderIDs[0], "false")
	}
	c.hears(c.service.RefundEnded(t, attempt, nil), http.StatusNoContent)
	c.wantArrived(made.OrderIDs[0], "true")
	c.audit()
}

// Parts of an order go back a minute apart, as WeChat Pay takes them.
func TestWeChatRefundsParts(t *testing.T) {
	t.Parallel()
	c := startWeChat(t)
	made := c.commit(items(`,"deliver":"face"`, item(tea, `,"product_num":3`)))
	attempt := c.begin(made.PayID, "wechat")
	c.service.Pay(attempt)
	c.hears(c.service.Paid(t, attempt, nil), http.StatusNoContent)
	for range 3 {
		c.ok("refund", aliceToken, made.OrderIDs[0], `"kind":"money"`, `"amount":5`, `"reason":"刮花了"`)
		c.ok("agree", bobToken, made.OrderIDs[0])
	}
	c.RunJobs()
	if sums := c.service.Refunded(attempt); !slices.Equal(sums, []int64{5_00}) {
		t.Errorf("%v fen went back at once", sums)
	}
	for range 6 {
		c.pass(time.Minute)
	}
	if sums := c.service.Refunded(attempt); !slices.Equal(sums, []int64{5_00, 5_00, 5_00}) {
		t.Errorf("%v fen went back", sums)
	}
	c.wantAnomalies("")
	c.audit()
}
