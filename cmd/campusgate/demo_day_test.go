package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

// Once its admin has let a week pass, an order of the demo is settled, and what is made
// from then on is of then, also after a restart.
func TestDemoLetsDaysPass(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	r := serve(t, campusgatetest.Embedded(folder), "--demo")
	buyer, seller := "?token="+r.DemoToken(t, campusgatetest.DemoBuyer), "?token="+r.DemoToken(t, campusgatetest.DemoSeller)
	commit := func(r *campusgatetest.Gateway) campusgatetest.Reply {
		return r.Call(t, "/order"+buyer, "order/commit", `{"items":[{"product_id":4517733}],"deliver":"face","pay_price":101.5}`)
	}
	committed := commit(r)
	order := strings.Trim(committed.Field("order_ids"), `[]"`)
	r.Call(t, "/order"+buyer, "order/pay", `{"pay_id":"`+committed.Field("pay_id")+`","method":"wallet"}`)
	r.Call(t, "/order"+buyer, "order/confirm", `{"order_id":"`+order+`"}`)

	for user, want := range map[string]int{campusgatetest.DemoSeller: -103, campusgatetest.DemoBuyer: -103, campusgatetest.DemoAdmin: 0} {
		path := "/demo?token=" + r.DemoToken(t, user)
		if got := campusgatetest.Request(t, http.MethodPost, r.URL(path), campusgatetest.Envelope("demo/day", `{}`)); got.Status != want {
			t.Errorf("%s is answered %s, want the status %d", user, got.Raw, want)
		}
	}
	passed := r.Call(t, "/demo?token="+r.DemoToken(t, campusgatetest.DemoAdmin), "demo/day", `{"days":6}`)
	if passed.Field("days") != "7" {
		t.Errorf("after a day and six %s have passed", passed.Field("days"))
	}
	awaitBalance(t, r, seller, "601.5")

	week := func(what, text string) {
		at, err := time.ParseInLocation(time.DateTime, text, time.FixedZone("CST", 8*60*60))
		must(t, err)
		if after := time.Until(at); after < 7*24*time.Hour-time.Minute || after > 7*24*time.Hour+time.Hour {
			t.Errorf("%s is in %v, want it in a week", what, after)
		}
	}
	week("the demo's time", passed.Field("time"))
	week("the end of a payment", commit(r).Field("expire_time"))
	r.Stop()
	again := serve(t, campusgatetest.Embedded(folder), "--demo")
	week("the end of a payment after a restart", commit(again).Field("expire_time"))
	again.Stop()
	var out, printed strings.Builder
	if status := (process{environ: campusgatetest.Embedded(folder), stdout: &out, stderr: &printed}).run(t.Context(), []string{"audit"}); status != exitOK {
		t.Errorf("the audit says\n%s%s", out.String(), printed.String())
	}
}

// awaitBalance waits for what a job brings into a wallet.
func awaitBalance(t *testing.T, r *campusgatetest.Gateway, query, want string) {
	t.Helper()
	for end := time.Now().Add(campusgatetest.Patience); ; time.Sleep(50 * time.Millisecond) {
		got := r.Call(t, "/wallet"+query, "wallet/info", `{}`).Field("balance")
		if got == want {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the wallet has %s, want %s", got, want)
		}
	}
}

// Nobody lets days pass where there is no demo: neither without --demo nor where the
// database holds other data.
func TestOnlyTheDemoLetsDaysPass(t *testing.T) {
	t.Parallel()
	for name, arguments := range map[string][]string{"without --demo": nil, "with other data": {"--demo"}} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			environ := campusgatetest.Embedded(folder)
			token := addUser(t, environ, "1180310001", "别人", "1")
			var out, printed strings.Builder
			p := process{environ: environ, stdout: &out, stderr: &printed}
			if status := p.run(t.Context(), []string{"role", "grant", "--user", "1180310001", "--role", "admin"}); status != exitOK {
				t.Fatalf("exit status %d:\n%s", status, printed.String())
			}
			r := serve(t, environ, arguments...)
			for _, path := range []string{"/demo", ""} {
				got := campusgatetest.Request(t, http.MethodPost, r.URL(path+"?token="+token), campusgatetest.Envelope("demo/day", `{}`))
				if got.Status == 0 {
					t.Errorf("%q is answered %s", path, got.Raw)
				}
			}
			if raw := campusgatetest.Get(t, r.URL("/openapi.json")).Raw; strings.Contains(raw, "demo/day") {
				t.Error("the reference has demo/day")
			}
		})
	}
}
