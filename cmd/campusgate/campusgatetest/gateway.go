package campusgatetest

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// The demo's accounts, and a product of the first that costs 101.5 yuan.
const (
	DemoSeller  = "1180310086"
	DemoBuyer   = "1180310087"
	DemoAdmin   = "1180310088"
	DemoSecond  = "1180310089" // the second seller
	DemoProduct = 4517733
)

// Gateway is a gateway that serves.
type Gateway struct {
	Address        string // host:port
	Stdout, Stderr *Stream

	stop func() (status int)
}

// Serve runs serve, a function that does what the command does, until the test ends
// or [Gateway.Stop] ends its context. It returns when the gateway listens.
func Serve(t testing.TB, serve func(ctx context.Context, stdout, stderr io.Writer) (status int)) *Gateway {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	g := &Gateway{Stdout: NewStream(), Stderr: NewStream()}
	status := make(chan int, 1)
	go func() { status <- serve(ctx, g.Stdout, g.Stderr) }()
	g.stop = sync.OnceValue(func() int {
		cancel()
		select {
		case ended := <-status:
			return ended
		case <-time.After(Patience):
			return -1
		}
	})
	t.Cleanup(func() { g.Stop() })
	g.awaitAddress(t)
	return g
}

// Stop tells the gateway to end, and returns its exit status, -1 where it does not
// end. Further calls do nothing.
func (g *Gateway) Stop() (status int) { return g.stop() }

// awaitAddress waits until the log, of either format, says where it listens.
func (g *Gateway) awaitAddress(t testing.TB) {
	t.Helper()
	g.Address = g.Stderr.Await(t, `address"?[=:]"?(127\.0\.0\.1:\d+)`)[1]
}

// URL is an address of the API.
func (g *Gateway) URL(path string) string { return "http://" + g.Address + "/api/external" + path }

// Call posts an envelope that must succeed; call is type/subtype.
func (g *Gateway) Call(t testing.TB, path, call, data string) Reply {
	t.Helper()
	answer := Request(t, http.MethodPost, g.URL(path), Envelope(call, data))
	if answer.Status != 0 || len(answer.Data) == 0 {
		t.Fatalf("%s %s: %s", call, data, answer.Raw)
	}
	return answer
}

// DemoToken waits for the token of one of the demo's accounts.
func (g *Gateway) DemoToken(t testing.TB, user string) string {
	t.Helper()
	return g.Stdout.Await(t, user+`.*token ([0-9a-f]{64})\n`)[1]
}

// MetricsURL waits for the address where it serves its metrics.
func (g *Gateway) MetricsURL(t testing.TB) string {
	t.Helper()
	return g.Stderr.Await(t, `url"?[=:]"?(http://127\.0\.0\.1:\d+/metrics)`)[1]
}

// Solve draws a captcha and returns the hash of its right answer, of which the log
// tells.
func (g *Gateway) Solve(t testing.TB) (hash string) {
	t.Helper()
	salt := g.Call(t, "/captcha", "img/generate", `{}`).Field("rand")
	code := g.Stderr.Await(t, `captcha rand=`+salt+` code=(\w+)`)[1]
	return MD5(strings.ToLower(code) + salt)
}

// SMSHash sends an SMS to a phone and is the hash of its code, which the log has.
func (g *Gateway) SMSHash(t testing.TB, phone string) string {
	t.Helper()
	salt := g.Call(t, "/captcha", "sms/generate", `{"phone":"`+phone+`","hash":"`+g.Solve(t)+`"}`).Field("rand")
	line := g.Stderr.Await(t, `sms phone=`+phone+` code=([0-9]{6})`)
	return MD5(line[1] + salt)
}
