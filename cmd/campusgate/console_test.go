package main

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/cmd/campusgate/console"
)

// The console's own files are there, by every type that a browser asks for, and
// where it is off nothing is.
func TestConsoleFiles(t *testing.T) {
	t.Parallel()
	r := serve(t, campusgatetest.Embedded(t.TempDir()))
	r.Stderr.Await(t, `msg=console url=http://`+r.Address+`/api/external/console\n`)
	for path, contentType := range map[string]string{
		"": "text/html; charset=utf-8", "/main.js": "text/javascript; charset=utf-8",
		"/style.css": "text/css; charset=utf-8", "/icon.svg": "image/svg+xml",
		"/figures.json": "application/json", "/demo.json": "application/json", "/sms.json": "application/json",
	} {
		if got := campusgatetest.Get(t, r.URL("/console"+path)); got.Header.Get("Content-Type") != contentType || got.Raw == "" {
			t.Errorf("%s: %v %s", path, got.Header, got.Raw)
		}
	}
	if got := campusgatetest.Get(t, r.URL("/console/demo.json")); got.Raw != "[]" {
		t.Errorf("without --demo there are accounts: %s", got.Raw)
	}
	off := serve(t, campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_SERVER_CONSOLE=false"), "--demo")
	for _, path := range []string{"", "/main.js", "/figures.json", "/demo.json", "/sms.json"} {
		if got := campusgatetest.Get(t, off.URL("/console"+path)); got.Status != -2 {
			t.Errorf("switched off, %s answers %s", path, got.Raw)
		}
	}
}

// The demo's tokens are for a browser on this machine.
func TestConsoleTellsTheDemosAccounts(t *testing.T) {
	t.Parallel()
	r := serve(t, campusgatetest.Embedded(t.TempDir()), "--demo")
	r.Stdout.Await(t, `/console\n`)
	var accounts []console.Account
	must(t, json.Unmarshal([]byte(campusgatetest.Get(t, r.URL("/console/demo.json")).Raw), &accounts))
	want := []console.Account{
		{ID: campusgatetest.DemoSeller, Name: "演示卖家", Token: r.DemoToken(t, campusgatetest.DemoSeller), Shop: 811729970, Wealth: 500_00},
		{ID: campusgatetest.DemoBuyer, Name: "演示买家", Token: r.DemoToken(t, campusgatetest.DemoBuyer), Wealth: 1000_00},
		{ID: campusgatetest.DemoAdmin, Name: "演示管理员", Token: r.DemoToken(t, campusgatetest.DemoAdmin), Role: "admin"},
		{ID: campusgatetest.DemoSecond, Name: "演示卖家二", Token: r.DemoToken(t, campusgatetest.DemoSecond), Shop: 811729971, Wealth: 200_00},
	}
	if diff := cmp.Diff(want, accounts); diff != "" {
		t.Error(diff)
	}
	passed, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.URL("/console/demo.json"), nil)
	must(t, err)
	passed.Header.Set("X-Real-IP", "10.0.0.7")
	response, err := http.DefaultClient.Do(passed)
	must(t, err)
	defer response.Body.Close()
	var told []console.Account
	must(t, json.NewDecoder(response.Body).Decode(&told))
	if len(told) != 0 {
		t.Errorf("another machine is told of %v", told)
	}
}

// A code that the demo has in its log is offered to a browser on this machine that asks for
// its phone: not to another machine, not for another phone, and not where there is no demo.
func TestConsoleOffersTheDemosCodes(t *testing.T) {
	t.Parallel()
	logging := campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_CAPTCHA_LOG_CODES=true")
	r, other := serve(t, logging, "--demo"), serve(t, campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_CAPTCHA_LOG_CODES=true"))
	codeOf := func(r *campusgatetest.Gateway, phone string, headers ...string) string {
		var answer struct{ Code string }
		must(t, json.Unmarshal([]byte(campusgatetest.Get(t, r.URL("/console/sms.json?phone="+phone), headers...).Raw), &answer))
		return answer.Code
	}
	const phone = "13712345678"
	for _, c := range []struct {
		gateway *campusgatetest.Gateway
		offered bool
	}{{r, true}, {other, false}} {
		drawn := c.gateway.Call(t, "/captcha", "img/generate", `{}`)
		code := c.gateway.Stderr.Await(t, `captcha rand=\w+ code=(\w+)`)[1]
		sum := md5.Sum([]byte(strings.ToLower(code) + drawn.Field("rand")))
		c.gateway.Call(t, "/captcha", "sms/generate", `{"phone":"`+phone+`","hash":"`+hex.EncodeToString(sum[:])+`"}`)
		want := ""
		if sent := c.gateway.Stderr.Await(t, `sms phone=`+phone+` code=(\d{6})`)[1]; c.offered {
			want = sent
		}
		if got := codeOf(c.gateway, phone); got != want {
			t.Errorf("the code is %q, want %q", got, want)
		}
	}
	for _, got := range []string{codeOf(r, "13712345679"), codeOf(r, ""), codeOf(r, phone, "X-Real-IP", "10.0.0.7")} {
		if got != "" {
			t.Errorf("somebody else is told %q", got)
		}
	}
}
