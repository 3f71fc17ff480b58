package trade_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/trade/channel"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

const aPhone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148"

// cashierOf begins an attempt and returns where the cashier's page is, below the base path.
func (c *till) cashierOf(payID, method string, more ...string) string {
	c.T.Helper()
	place := c.OK("order/pay", aliceToken, payBy(payID, method, more...)).Field("cashier_url")
	path, found := strings.CutPrefix(place, c.URL)
	if !found {
		c.T.Fatalf("cashier_url is %q", place)
	}
	return path
}

// face is what the page's script is told.
func (c *till) face(path string) string {
	c.T.Helper()
	place, query, _ := strings.Cut(path, "?")
	status, body, _ := c.ask("GET", place+"/state?"+query, "")
	if status != http.StatusOK {
		return http.StatusText(status)
	}
	return body
}

// Who has the key sees what is paid, to whom, and how, but neither address, phone nor note.
func TestCashierShows(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.commit(items(`,"deliver":"face","user_note":"晚上七点"`, item(tea, `,"product_num":2`)))
	path := c.cashierOf(made.PayID, "alipay", `"return_url":"https://shop.example/paid"`)
	status, body, header := c.ask("GET", path, "")
	if status != http.StatusOK || header.Get("Cache-Control") != "no-store" || header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%d %v", status, header)
	}
	if policy := header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "form-action 'self'") || !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("Content-Security-Policy: %s", policy)
	}
	for _, want := range []string{"收银台", "20.00", "product 1001", "× 2", "支付宝", "微信支付", `href="https://shop.example/paid"`, "30:00"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q:\n%s", want, body)
		}
	}
	for _, unwanted := range []string{"晚上七点", "137", "wallet", "钱包"} {
		if strings.Contains(body, unwanted) {
			t.Errorf("the page has %q", unwanted)
		}
	}
}

// A payment is shown to its key alone, and that of the session before is none any more. What is over
// is shown for an hour.
func TestCashierKeys(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made, other := c.tea(), c.tea()
	handlerstest.Must(t, c.DB.InsertToken(t.Context(), "her-phone", alice))
	before := c.OK("order/pay", "her-phone", payBy(made.PayID, "sandbox")).Field("cashier_url")[len(c.URL):]
	path := c.cashierOf(made.PayID, "sandbox")
	if again := c.cashierOf(made.PayID, "sandbox"); again != path {
		t.Errorf("the same call answers %s, then %s", path, again)
	}
	another := c.cashierOf(other.PayID, "sandbox")
	_, key, _ := strings.Cut(path, "?key=")
	if len(key) != 43 { // 256 bits
		t.Errorf("the key is %q", key)
	}
	stored := c.Stored()
	for _, refused := range []string{
		before, "/cashier/" + made.PayID, path + "x", "/cashier/" + made.PayID + "?key=", "/cashier/" + other.PayID + "?key=" + key,
		"/cashier/17649984000000100?key=" + key, "/cashier?key=" + key, strings.Replace(path, "?", "/state/x?", 1), strings.Replace(path, "?", "/other?", 1),
	} {
		for _, method := range []string{"GET", "POST"} {
			if status, body, _ := c.ask(method, refused, "method=alipay-pc"); status != http.StatusNotFound || strings.Contains(body, "10.00") {
				t.Errorf("%s %s: %d %s", method, refused, status, body)
			}
		}
	}
	if status, _, _ := c.ask("POST", strings.Replace(path, "?", "/state?", 1), "method=alipay-pc"); status != http.StatusNotFound {
		t.Errorf("POST of the state: %d", status)
	}
	if c.Stored() != stored {
		t.Error("what is refused changes something")
	}
	for payID, place := range map[string]string{made.PayID: path, other.PayID: another} {
		if status, body, _ := c.ask("GET", place, ""); status != http.StatusOK || !strings.Contains(body, payID+"01") {
			t.Errorf("%s: %d %s", place, status, body)
		}
	}
	c.choose(made.PayID+"01", "paid")
	c.Clock.Advance(30*time.Minute + 59*time.Minute)
	if status, body, _ := c.ask("GET", path, ""); status != http.StatusOK || !strings.Contains(body, "付款成功") {
		t.Errorf("%d %s", status, body)
	}
	if status, _, _ := c.ask("POST", path, "method=alipay-pc"); status != http.StatusSeeOther {
		t.Errorf("POST of what is paid: %d", status)
	}
	c.wantAttempts(made.PayID, "sandbox paid")
	c.Clock.Advance(time.Minute)
	if status, _, _ := c.ask("GET", path, ""); status != http.StatusNotFound {
		t.Errorf("after an hour: %d", status)
	}
	if status, body, _ := c.ask("GET", another, ""); status != http.StatusOK || !strings.Contains(body, "10.00") {
		t.Errorf("one that no job has ended yet: %d", status)
	}
	c.audit()
}

// The form begins an attempt by the channel that it names, as order/pay does; nobody pays
// from a wallet here.
func TestCashierChooses(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.tea()
	path := c.cashierOf(made.PayID, "sandbox", `"return_url":"https://shop.example/paid"`)
	stored := c.Stored()
	for _, form := range []string{"", "method=", "method=wallet", "method=wallet-pc", "method=alipay", "method=alipay-native", "method=pingpp-pc", "method=alipay-pc&method=alipay-pc", "%", "method=" + strings.Repeat("x", 2000)} {
		if status, _, _ := c.ask("POST", path, form); status != http.StatusBadRequest {
			t.Errorf("%.40s: %d", form, status)
		}
	}
	if c.Stored() != stored {
		t.Error("what is refused changes something")
	}
	for i, choice := range []struct{ method, userAgent, want string }{
		{"alipay-pc", "", "sandbox closed, alipay open"},
		{"wechat-native", aPhone, "sandbox closed, alipay closed, wechat open"},
		{"wechat-native", aPhone, "sandbox closed, alipay closed, wechat open"}, // again is the same
		{"alipay-wap", aPhone, "sandbox closed, alipay closed, wechat closed, alipay open"},
	} {
		status, _, header := c.ask("POST", path, "method="+choice.method, "User-Agent", choice.userAgent)
		if want := strings.TrimPrefix(path, "/cashier/"); status != http.StatusSeeOther || header.Get("Location") != want {
			t.Errorf("%d: %d to %s, want %s", i, status, header.Get("Location"), want)
		}
		c.wantAttempts(made.PayID, choice.want)
	}
	for _, a := range c.attempts(made.PayID) {
		if a.ReturnURL != "https://shop.example/paid" || a.Amount != 10_00 {
			t.Errorf("%+v", a)
		}
	}
	last := c.attempts(made.PayID)[3]
	if last.Client != channel.WAP {
		t.Errorf("on a phone: %+v", last)
	}
	c.audit()
}

// The script hears of each change, and the page says it.
func TestCashierFaces(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.tea()
	path := c.cashierOf(made.PayID, "sandbox")
	want := func(face, text string) {
		t.Helper()
		if got := c.face(path); got != `{"face":"`+face+`"}` {
			t.Errorf("face %s, want %s", got, face)
		}
		if _, body, _ := c.ask("GET", path, ""); !strings.Contains(body, text) || !strings.Contains(body, `data-face="`+face+`"`) {
			t.Errorf("the page lacks %s:\n%s", text, body)
		}
	}
	want("waiting "+made.PayID+"01", "去付款")
	c.choose(made.PayID+"01", "failed")
	want("waiting", "上一次付款没有成功")
	c.alipay.Down(channel.ErrUnknown)
	if status, body, _ := c.ask("POST", path, "method=alipay-pc"); status != http.StatusBadGateway || !strings.Contains(body, "付款渠道没有应答") {
		t.Errorf("%d %s", status, body)
	}
	want("waiting "+made.PayID+"02", "付款渠道没有应答")
	c.alipay.Down(nil)
	c.ask("POST", path, "method=alipay-pc")
	want("waiting "+made.PayID+"02", "扫一扫")
	c.ask("POST", path, "method=sandbox-pc")
	want("waiting "+made.PayID+"03", "去付款")
	c.choose(made.PayID+"03", "silent")
	c.Clock.Advance(6 * time.Second)
	want("paid", "付款成功") // it has asked
	closed := c.tea()
	path = c.cashierOf(closed.PayID, "sandbox")
	c.OK("order/cancel", aliceToken, `{"order_id":"`+closed.OrderIDs[0]+`"}`)
	want("closed", "已关闭")
	c.audit()
}

// A channel is told where to come back, without the key, and the browser that has been on
// the page is known there.
func TestCashierCookie(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.tea()
	path := c.cashierOf(made.PayID, "sandbox")
	_, _, header := c.ask("GET", path, "")
	cookie, err := http.ParseSetCookie(header.Get("Set-Cookie"))
	handlerstest.Must(t, err)
	page, err := url.Parse(c.URL + "/cashier/" + made.PayID)
	handlerstest.Must(t, err)
	if cookie.Path != page.Path || !cookie.HttpOnly || cookie.Secure || cookie.SameSite != http.SameSiteLaxMode || cookie.MaxAge != 5400 {
		t.Errorf("%s", header.Get("Set-Cookie"))
	}
	status, _, header := c.ask("POST", "/sandbox/"+made.PayID+"01", "result=paid")
	if want := page.String(); status != http.StatusSeeOther || header.Get("Location") != want {
		t.Errorf("%d to %s, want %s", status, header.Get("Location"), want)
	}
	if status, body, _ := c.ask("GET", "/cashier/"+made.PayID, "", "Cookie", "a=b; "+cookie.Name+"="+cookie.Value); status != http.StatusOK || !strings.Contains(body, "付款成功") {
		t.Errorf("%d %s", status, body)
	}
	if status, _, _ := c.ask("GET", "/cashier/"+made.PayID, "", "Cookie", cookie.Name+"=x"); status != http.StatusNotFound {
		t.Errorf("with another cookie: %d", status)
	}
	c.audit()
}

// Recharges and debts are paid on the page as orders are.
func TestCashierOfOtherPayments(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	answer := c.OK("wallet/recharge", aliceToken, `{"amount":50,"method":"sandbox"}`)
	path := strings.TrimPrefix(answer.Field("cashier_url"), c.URL)
	if _, body, _ := c.ask("GET", path, "", "Accept-Language", "en"); !strings.Contains(body, "Money into your wallet") || !strings.Contains(body, "50.00") {
		t.Error(body)
	}
	c.ask("POST", path, "method=alipay-pc")
	c.wantAttempts(answer.Field("pay_id"), "sandbox closed, alipay open")
	if got := c.attempts(answer.Field("pay_id"))[1].Subject; got != "钱包充值" {
		t.Errorf("subject %s", got)
	}
	c.audit()
}

// Nothing is told while the database is away, and the page says so.
func TestCashierWithoutDatabase(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	path := c.cashierOf(c.tea().PayID, "sandbox")
	storagetest.FaultsOf(c.DB).Set(storagetest.Fault{At: 1})
	if status, body, _ := c.ask("GET", path, ""); status != http.StatusServiceUnavailable || !strings.Contains(body, "付过的钱不会丢") {
		t.Errorf("%d %s", status, body)
	}
}

// By the wallet nothing waits, so there is no page.
func TestNoCashierOfWallet(t *testing.T) {
	t.Parallel()
	c := startTill(t)
	made := c.tea()
	if answer := c.OK("order/pay", aliceToken, payBy(made.PayID, "wallet")); strings.Contains(answer.Raw, "cashier_url") {
		t.Error(answer.Raw)
	}
	p, err := c.DB.Payment(t.Context(), made.PayID)
	handlerstest.Must(t, err)
	if len(p.CashierKeyHash) != 0 || p.State != storage.PaymentPaid {
		t.Errorf("%+v", p)
	}
}
