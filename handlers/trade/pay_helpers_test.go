package trade_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/channeltest"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// A till is a fair where users pay by the sandbox, or by two channels that do what the test
// says.
type till struct {
	*fair
	wechat, alipay *channeltest.Fake
}

func startTill(t *testing.T, change ...func(*handlerstest.Options)) *till {
	t.Helper()
	c := &till{wechat: channeltest.New(), alipay: channeltest.New()}
	c.fair = startFair(t, append([]func(*handlerstest.Options){func(o *handlerstest.Options) {
		o.Channels["wechat"], o.Channels["alipay"] = c.wechat, c.alipay
		o.Settings.Trade.Pay.ReturnHosts = []string{"shop.example"}
	}}, change...)...)
	return c
}

// audit ends a test that moves money.
func (c *till) audit() {
	c.T.Helper()
	storagetest.Audit(c.T, c.DB, 0)
}

// replica is another gateway with the same channels.
func (c *till) replica(change ...func(*handlerstest.Options)) *till {
	c.T.Helper()
	g := c.Replica(append([]func(*handlerstest.Options){func(o *handlerstest.Options) {
		o.Channels["wechat"], o.Channels["alipay"] = c.wechat, c.alipay
	}}, change...)...)
	return &till{fair: &fair{g}, wechat: c.wechat, alipay: c.alipay}
}

// tea commits to tea for 10.00.
func (c *till) tea() commitment {
	c.T.Helper()
	return c.commit(items(`,"deliver":"face"`, item(tea, "")))
}

func payBy(payID, method string, more ...string) string {
	return `{"pay_id":"` + payID + `","method":"` + method + `"` + strings.Join(append([]string{""}, more...), ",") + `}`
}

// cashierURL is where Alice's page of a payment is.
func (c *till) cashierURL(payID string) string {
	mac := hmac.New(sha256.New, []byte(aliceToken))
	mac.Write([]byte("cashier " + payID))
	return c.URL + "/cashier/" + payID + "?key=" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// begin begins an attempt by a channel, and returns its number.
func (c *till) begin(payID, method string) (attempt string) {
	c.T.Helper()
	c.OK("order/pay", aliceToken, payBy(payID, method))
	attempts := c.attempts(payID)
	return attempts[len(attempts)-1].AttemptID
}

func (c *till) attempts(payID string) []storage.Attempt {
	c.T.Helper()
	attempts, err := c.DB.Attempts(c.T.Context(), payID)
	handlerstest.Must(c.T, err)
	return attempts
}

// wantAttempts checks the channels and states of a payment's attempts.
func (c *till) wantAttempts(payID, want string) {
	c.T.Helper()
	var got []string
	for _, a := range c.attempts(payID) {
		got = append(got, a.Channel+" "+a.State)
	}
	if text := strings.Join(got, ", "); text != want {
		c.T.Errorf("attempts: %s; want %s", text, want)
	}
}

// wantPay checks the state and the method of a payment.
func (c *till) wantPay(payID, want string) {
	c.T.Helper()
	p, err := c.DB.Payment(c.T.Context(), payID)
	handlerstest.Must(c.T, err)
	if got := strings.TrimSpace(p.State + " " + p.Method); got != want {
		c.T.Errorf("payment is %s, want %s", got, want)
	}
}

// wantAsked checks what a channel was asked since the last time.
func (c *till) wantAsked(f *channeltest.Fake, want ...string) {
	c.T.Helper()
	if got := f.Asked(); got != strings.Join(want, ", ") {
		c.T.Errorf("the channel was asked %q, want %q", got, want)
	}
}

// sums are what accounts have by the ledger, in fen.
func (c *till) sums() map[string]int64 {
	c.T.Helper()
	sums := map[string]int64{}
	for after := int64(0); ; {
		rows, err := c.DB.LedgerAfter(c.T.Context(), after)
		handlerstest.Must(c.T, err)
		if len(rows) == 0 {
			return sums
		}
		for _, row := range rows {
			if row.Currency == storage.CNY {
				sums[row.From] -= row.Amount
				sums[row.To] += row.Amount
			}
			after = row.LedgerID
		}
	}
}

// wantSum checks what an account has by the ledger.
func (c *till) wantSum(account string, want int64) {
	c.T.Helper()
	if got := c.sums()[account]; got != want {
		c.T.Errorf("%s has %d fen, want %d", account, got, want)
	}
}

// ask posts or gets below the base path as a browser or a channel does, and follows no
// redirection.
func (c *till) ask(method, path, body string, header ...string) (status int, answer string, got http.Header) {
	c.T.Helper()
	request, err := http.NewRequestWithContext(c.T.Context(), method, c.URL+path, strings.NewReader(body))
	handlerstest.Must(c.T, err)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	if request.Header.Get("Accept-Language") == "" {
		request.Header.Set("Accept-Language", "zh-CN,zh;q=0.9,en;q=0.8")
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	handlerstest.Must(c.T, err)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	handlerstest.Must(c.T, err)
	return response.StatusCode, string(raw), response.Header
}

// choose posts a result to the sandbox's page.
func (c *till) choose(attempt, result string) (location string) {
	c.T.Helper()
	status, body, header := c.ask("POST", "/sandbox/"+attempt, "result="+result)
	if status != http.StatusSeeOther {
		c.T.Fatalf("%s: HTTP status %d: %s", result, status, body)
	}
	return header.Get("Location")
}

// paidAt is an attempt that is paid at its channel.
func paidAt(attempt string, amount int64) channel.Event {
	return channel.Event{
		AttemptNo: attempt, Merchant: channel.Merchant{App: "app", Seller: "seller"}, Currency: channel.Yuan,
		Trade: channel.Trade{State: channel.Paid, TradeNo: "T" + attempt, Amount: amount},
	}
}

// notify posts an event to the callback of a channel, and wants a status of HTTP.
func (c *till) notify(name string, event channel.Event, want int) {
	c.T.Helper()
	status, body, _ := c.ask("POST", "/callback/"+name, channeltest.Body(c.T, event), channeltest.Signature, channeltest.Signature)
	if status != want {
		c.T.Errorf("the notification is answered %d %s, want %d", status, body, want)
	}
}

// pass moves the clock and runs the jobs that are due then.
func (c *till) pass(d time.Duration) {
	c.T.Helper()
	c.Clock.Advance(d)
	c.RunJobs()
}

// anomalies are those that are open, as an admin sees them.
func (c *till) anomalies() string {
	c.T.Helper()
	a := c.OK("pay/anomalies", adminToken, `{}`)
	return strings.Join(strings.Fields(fmt.Sprint(a.Rows(c.T.(*testing.T), "channel"), " ", a.Rows(c.T.(*testing.T), "kind"), " ", a.Rows(c.T.(*testing.T), "amount"))), " ")
}

func (c *till) wantAnomalies(want string) {
	c.T.Helper()
	if got := c.anomalies(); got != want {
		c.T.Errorf("anomalies %q, want %q", got, want)
	}
}
