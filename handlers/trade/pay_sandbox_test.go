package trade_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/trade/channel"
)

// sandboxAttempt begins an attempt in the sandbox for a new payment of 10.00.
func (c *till) sandboxAttempt(more ...string) (made commitment, attempt string) {
	c.T.Helper()
	made = c.tea()
	c.OK("order/pay", aliceToken, payBy(made.PayID, "sandbox", more...))
	return made, made.PayID + "01"
}

// The page is a form of its own style without a script, which posts to this server alone and
// may be redirected to where the attempt returns; nobody keeps it, frames it or hears of it.
func TestSandboxPage(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	_, attempt := c.sandboxAttempt(`"return_url":"https://shop.example:8443/paid?a=1&b=2"`)
	status, body, header := c.ask("GET", "/sandbox/"+attempt, "")
	if status != http.StatusOK || header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%d %v", status, header)
	}
	for _, want := range []string{"product 1001", "</span>10.00<", attempt, `<form method="post">`, `name="result" value="paid"`, `value="failed"`, `value="twice"`, `value="wrong"`, `value="silent"`, `value="late"`, "付款失败"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, unwanted := range []string{"<script", "http:", "https:", "137", "王凌超"} {
		if strings.Contains(body, unwanted) {
			t.Errorf("the page has %q", unwanted)
		}
	}
	policy := header.Get("Content-Security-Policy")
	begin, end := "default-src 'none'; style-src 'sha256-", "='; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action 'self' https://shop.example:8443"
	if !strings.HasPrefix(policy, begin) || !strings.HasSuffix(policy, end) {
		t.Errorf("Content-Security-Policy: %s", policy)
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"} {
		if got := header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	_, other := c.sandboxAttempt()
	if _, _, header := c.ask("GET", "/sandbox/"+other, ""); !strings.HasSuffix(header.Get("Content-Security-Policy"), "form-action 'self' "+strings.TrimSuffix(c.URL, "/api/external")) {
		t.Errorf("without a return_url: %v", header)
	}
}

// The page is in the browser's language, Chinese or else English.
func TestSandboxLanguage(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	_, attempt := c.sandboxAttempt()
	for accepted, want := range map[string]string{
		"zh": "zh-CN", "zh-TW,en;q=0.8": "zh-CN", "ZH-cn": "zh-CN", "en-US,zh;q=0.8": "en", "de": "en", "*": "en",
	} {
		_, body, _ := c.ask("GET", "/sandbox/"+attempt, "", "Accept-Language", accepted)
		isChinese, isEnglish := strings.Contains(body, ">付款<"), strings.Contains(body, ">Pay<")
		if !strings.Contains(body, `<html lang="`+want+`">`) || isChinese != (want == "zh-CN") || isEnglish == isChinese {
			t.Errorf("%s: %s", accepted, body)
		}
	}
}

// What is wrong is refused and changes nothing.
func TestSandboxRefuses(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	_, attempt := c.sandboxAttempt()
	before := c.Stored()
	for _, r := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/sandbox/1", "", 404},
		{"POST", "/sandbox/1", "result=paid", 404},
		{"GET", "/sandbox", "", 404},
		{"GET", "/sandbox/" + attempt + "/paid", "", 404},
		{"POST", "/sandbox/" + attempt, "", 400},
		{"POST", "/sandbox/" + attempt, "result=", 400},
		{"POST", "/sandbox/" + attempt, "result=closed", 400},
		{"POST", "/sandbox/" + attempt, "result=stolen", 400},
		{"POST", "/sandbox/" + attempt, "result=paid&result=failed", 400},
		{"POST", "/sandbox/" + attempt, "result=paid;a", 400},
		{"POST", "/sandbox/" + attempt, "result=paid&more=" + strings.Repeat("a", 1024), 400},
		{"POST", "/sandbox/" + attempt + "?result=paid", "", 400},
		{"PUT", "/sandbox/" + attempt, "result=paid", 405},
	} {
		if status, body, _ := c.ask(r.method, r.path, r.body); status != r.want {
			t.Errorf("%s %s %q: %d %s, want %d", r.method, r.path, r.body, status, body, r.want)
		}
	}
	if c.Stored() != before {
		t.Error("it changed something")
	}
	c.Clock.Advance(30 * time.Minute)
	c.choose(attempt, "paid") // too late: it has expired there
	if _, body, _ := c.ask("GET", "/sandbox/"+attempt, ""); !strings.Contains(body, "已过期") {
		t.Errorf("the page: %s", body)
	}
	c.wantAttempts(attempt[:17], "sandbox open")
}

// Where the sandbox is off there is neither its page nor its callback.
func TestSandboxOff(t *testing.T) {
	t.Parallel()
	c := startTill(t, func(o *handlerstest.Options) { delete(o.Channels, channel.Sandbox) })
	made := c.tea()
	c.refused("order/pay", payBy(made.PayID, "sandbox"), -503, "method: this channel is not set up")
	for _, path := range []string{"/sandbox/" + made.PayID + "01", "/callback/sandbox"} {
		if status, _, _ := c.ask("POST", path, "result=paid"); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
}

// The ways of the sandbox go through the code of every channel.
func TestSandboxWays(t *testing.T) {
	t.Parallel()
	for _, w := range []struct {
		result               string
		attempts, states     string // when it was chosen
		shown                string // on the page then
		later, anomalies     string
		returned, escrow     int64 // 35 minutes later
		sellerTold, lateTold bool
	}{
		{result: "paid", attempts: "sandbox paid", states: "paid", shown: "已付款", later: "paid", escrow: 10_00},
		{result: "twice", attempts: "sandbox paid", states: "paid", shown: "已付款", later: "paid", escrow: 10_00},
		{result: "failed", attempts: "sandbox closed", states: "paying", shown: "付款失败", later: "overtime"},
		{result: "silent", attempts: "sandbox open", states: "paying", shown: "未通知", later: "paid", escrow: 10_00},
		{result: "wrong", attempts: "sandbox open", states: "paying", shown: "金额不符", later: "overtime", anomalies: "sandbox amount 10.01"},
		{result: "late", attempts: "sandbox open", states: "paying", shown: "结束后才通知", later: "overtime", returned: 10_00, lateTold: true},
	} {
		t.Run(w.result, func(t *testing.T) {
			t.Parallel()
			c := startTill(t)
			made, attempt := c.sandboxAttempt(`"return_url":"https://shop.example/paid"`)
			if location := c.choose(attempt, w.result); location != "https://shop.example/paid" {
				t.Errorf("to %q", location)
			}
			c.wantAttempts(made.PayID, w.attempts)
			c.wantStates(made, w.states)
			if _, body, _ := c.ask("GET", "/sandbox/"+attempt, ""); !strings.Contains(body, w.shown) || strings.Contains(body, "<form") {
				t.Errorf("the page does not show %s:\n%s", w.shown, body)
			}
			c.choose(attempt, "paid") // a second choice is none
			c.wantAttempts(made.PayID, w.attempts)
			c.wantAnomalies(w.anomalies)
			for range 50 {
				c.pass(time.Minute)
			}
			c.wantStates(made, w.later)
			if got := c.Order(made.OrderIDs[0]).Escrow; got != w.escrow {
				t.Errorf("the order holds %d fen, want %d", got, w.escrow)
			}
			if got, err := c.DB.SandboxRefunded(t.Context(), attempt); err != nil || got != w.returned {
				t.Errorf("%d fen went back, %v; want %d", got, err, w.returned)
			}
			c.wantSum("unclaimed:"+attempt, 0)
			c.wantSum("channel:sandbox", -w.escrow)
			if told := strings.Contains(c.told(alice), "迟到的付款将原路退回"); told != w.lateTold {
				t.Errorf("alice was told %s", c.told(alice))
			}
			if told := strings.Contains(c.told(bob), "买家的付款来得太晚"); told != w.lateTold {
				t.Errorf("bob was told %s", c.told(bob))
			}
			c.audit()
		})
	}
}

// Without a place to return to the browser comes to the cashier.
func TestSandboxReturnsToTheCashier(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made, attempt := c.sandboxAttempt()
	if location := c.choose(attempt, "paid"); location != c.URL+"/cashier/"+made.PayID {
		t.Errorf("to %q", location)
	}
	if _, body, _ := c.ask("GET", "/sandbox/"+attempt, ""); !strings.Contains(body, "已付款") {
		t.Errorf("the page: %s", body)
	}
}

// While the payment waits, by another method too, what was paid late is not told.
func TestSandboxLateWaitsForTheEnd(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made, attempt := c.sandboxAttempt()
	c.choose(attempt, "late")
	other := c.begin(made.PayID, "wechat")
	for range 5 {
		c.pass(time.Minute)
	}
	c.wantAttempts(made.PayID, "sandbox left, wechat open")
	c.notify("wechat", paidAt(other, 10_00), http.StatusNoContent)
	c.pass(time.Minute)
	c.wantAttempts(made.PayID, "sandbox late, wechat paid")
	c.wantSum("channel:sandbox", 0)
	c.wantSum("channel:wechat", -10_00)
	c.audit()
}

// What was paid late is told as soon as the payment has ended, however that was, and its
// close is refused before.
func TestSandboxLate(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"cancel", "wallet"} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			c := startTill(t)
			made, attempt := c.sandboxAttempt()
			c.choose(attempt, "late")
			c.pass(3 * time.Minute)
			c.wantAttempts(made.PayID, "sandbox open")
			state := "paid"
			if end == "cancel" {
				state = "cancel"
				c.ok("cancel", aliceToken, made.OrderIDs[0])
			} else {
				c.OK("order/pay", aliceToken, payBy(made.PayID, "wallet"))
			}
			c.wantAttempts(made.PayID, "sandbox left")
			c.pass(time.Minute)
			c.wantAttempts(made.PayID, "sandbox late")
			c.wantStates(made, state)
			c.wantSum("unclaimed:"+attempt, 0)
			c.audit()
		})
	}
}

// An admin finds an order's money at its channel by the channel's number; its sides see none.
func TestTradesOfAnOrder(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made, attempt := c.sandboxAttempt()
	c.choose(attempt, "paid")
	trades := func(token string) string {
		return c.OK("order/info", token, `{"order_id":"`+made.OrderIDs[0]+`"}`).Field("trades")
	}
	trade := c.attempts(made.PayID)[0].TradeNo
	want := `[{"attempt_id":"` + attempt + `","channel":"sandbox","state":"paid","amount":10,"trade_no":"` + trade + `"}]`
	if got := trades(handlerstest.AdminToken); trade == "" || got != want {
		t.Errorf("the admin sees %s, want %s", got, want)
	}
	for _, token := range []string{aliceToken, bobToken} {
		if got := trades(token); got != "[]" {
			t.Errorf("a side sees %s", got)
		}
	}
}
