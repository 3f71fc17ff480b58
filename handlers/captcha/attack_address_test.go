package captcha_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/handlerstest"
)

// TestAttackSMSBombing: one phone is rung by fresh pictures from ever new
// addresses, at once; and one picture rings many phones. What is sent in a day is
// counted by what the provider took.
func TestAttackSMSBombing(t *testing.T) {
	t.Parallel()
	asked := 0
	t.Run("one phone, many pictures and addresses", func(t *testing.T) {
		g := handlerstest.Start(t)
		began := sentSMS(g)
		// A day in steps of 31 minutes, each with three calls at once.
		for round := range 46 {
			hashes := []string{g.CaptchaHash(), g.CaptchaHash(), g.CaptchaHash()}
			before := sentSMS(g)
			handlerstest.Together(len(hashes), func(i int) handlerstest.Answer {
				return g.CallFrom(fmt.Sprintf("198.51.%d.%d", round, i), "sms/generate", hashData(hashes[i], `"phone":"`+phone+`"`))
			})
			asked += len(hashes)
			if sent := sentSMS(g) - before; sent > 1 {
				t.Fatalf("%d SMS at once", sent)
			}
			g.Clock.Advance(31 * time.Minute)
		}
		if sent := sentSMS(g) - began; sent != 10 {
			t.Errorf("%d SMS within a day, want 10", sent)
		}
	})
	t.Run("an hour", func(t *testing.T) {
		g := handlerstest.Start(t)
		for i := range 100 {
			g.CallFrom(fmt.Sprintf("198.51.100.%d", i), "sms/generate", hashData(g.CaptchaHash(), `"phone":"`+phone+`"`))
			g.Clock.Advance(35 * time.Second)
			asked++
		}
		if sent := sentSMS(g); sent != 5 {
			t.Errorf("%d SMS within an hour, want 5", sent)
		}
	})
	t.Run("one picture, many phones and addresses", func(t *testing.T) {
		g := handlerstest.Start(t)
		hash := g.CaptchaHash()
		for round := range 8 {
			handlerstest.Together(12, func(i int) handlerstest.Answer {
				tried := hash
				if i%2 == 0 {
					tried = strings.ToUpper(hash)
				}
				return g.CallFrom(fmt.Sprintf("198.51.%d.%d", round, i), "sms/generate",
					hashData(tried, fmt.Sprintf(`"phone":"137000000%02d"`, i%6)))
			})
			asked += 12
			g.Clock.Advance(31 * time.Second)
		}
		phones := map[string]bool{}
		for line := range strings.Lines(g.Log.String()) {
			if _, after, found := strings.Cut(line, "sms phone="); found {
				phones[after[:11]] = true
			}
		}
		if sent := sentSMS(g); sent != 5 || len(phones) != 2 {
			t.Errorf("%d SMS to %d phones, want 5 to 2", sent, len(phones))
		}
	})
	t.Logf("%d SMS asked for", asked)
}

// TestAttackForgedAddress: a peer that is no trusted proxy stays what it is, for
// the limits and for the trusted callers, whatever its headers say.
func TestAttackForgedAddress(t *testing.T) {
	t.Parallel()
	const callers = "192.0.2.1"
	forgeries := [][]string{
		{"X-Real-IP", callers},
		{"X-Forwarded-For", callers},
		{"X-Forwarded-For", callers + ", 127.0.0.1"},
		{"X-Forwarded-For", "127.0.0.1, " + callers},
		{"X-Real-IP", callers, "X-Forwarded-For", callers},
		{"Forwarded", "for=" + callers},
		{"X-Client-IP", callers},
		{"True-Client-IP", callers},
		{"CF-Connecting-IP", callers},
		{"X-Original-Forwarded-For", callers},
		{"X-Real-IP", "127.0.0.1"},
		{"X-Real-IP", "::1"},
		{"X-Real-IP", "::ffff:" + callers},
		{"X-Real-IP", "not an address"},
	}
	change := func(proxies ...string) func(*handlerstest.Options) {
		return func(o *handlerstest.Options) {
			o.Server.TrustedProxies = nil
			for _, proxy := range proxies {
				o.Server.TrustedProxies = append(o.Server.TrustedProxies, netip.MustParsePrefix(proxy))
			}
			o.Server.TrustedCallers = []netip.Prefix{netip.MustParsePrefix(callers + "/32")}
			o.Server.PerMinute = 40
		}
	}
	t.Run("guesses", func(t *testing.T) {
		t.Parallel()
		g := handlerstest.Start(t, change("10.0.0.0/8"))
		hash := g.CaptchaHash()
		for i := range 30 {
			g.Do(http.MethodPost, "/captcha", handlerstest.Envelope("img/validate", hashData(wrongHash())), forgeries[i%len(forgeries)]...)
		}
		for _, forged := range forgeries[:8] {
			g.Do(http.MethodPost, "/captcha", handlerstest.Envelope("img/validate", hashData(hash)), forged...).Want(t, -1, mismatch)
		}
	})
	t.Run("requests a minute", func(t *testing.T) {
		t.Parallel()
		g := handlerstest.Start(t, change("10.0.0.0/8"))
		for i := range 40 {
			g.Do(http.MethodPost, "/captcha", handlerstest.Envelope("img/generate", `{}`), forgeries[i%len(forgeries)]...).Want(t, 0, "successful")
		}
		for _, forged := range forgeries {
			a := g.Do(http.MethodPost, "/captcha", handlerstest.Envelope("img/generate", `{}`), forged...).Want(t, -302, dispatch.TooManyRequests.Text)
			if a.HTTP != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "60" {
				t.Errorf("%q: HTTP %d, Retry-After %q", forged, a.HTTP, a.Header.Get("Retry-After"))
			}
		}
	})
	// Behind a proxy a client adds entries on the left, which the proxy passes on.
	t.Run("entries on the left", func(t *testing.T) {
		t.Parallel()
		g := handlerstest.Start(t, change("127.0.0.1/32"))
		for i := range 41 {
			a := g.Do(http.MethodPost, "/captcha", handlerstest.Envelope("img/generate", `{}`),
				"X-Real-IP", "", "X-Forwarded-For", fmt.Sprintf("%s, 203.0.113.%d, 198.51.100.7", callers, i))
			if want := map[bool]int{true: -302, false: 0}[i == 40]; a.Status != want {
				t.Errorf("request %d: %s", i+1, a.Raw)
			}
		}
	})
	t.Logf("%d forgeries", len(forgeries))
}
