package main

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/cmd/campusgate/console"
)

// The console's own files are there, by every type that a browser asks for, and
// where it is off nothing is.
func TestConsoleFiles(t *testing.T) {
	r := startHere(t, embedded(t.TempDir()))
	r.stderr.await(t, `msg=console url=http://`+r.address+`/api/external/console\n`)
	for path, contentType := range map[string]string{
		"": "text/html; charset=utf-8", "/main.js": "text/javascript; charset=utf-8",
		"/style.css": "text/css; charset=utf-8", "/icon.svg": "image/svg+xml",
		"/figures.json": "application/json", "/demo.json": "application/json",
	} {
		if got := get(t, r.url("/console"+path)); got.header.Get("Content-Type") != contentType || got.raw == "" {
			t.Errorf("%s: %v %s", path, got.header, got.raw)
		}
	}
	if got := get(t, r.url("/console/demo.json")); got.raw != "[]" {
		t.Errorf("without --demo there are accounts: %s", got.raw)
	}
	off := startHere(t, embedded(t.TempDir(), "CAMPUSGATE_SERVER_CONSOLE=false"), "--demo")
	for _, path := range []string{"", "/main.js", "/figures.json", "/demo.json"} {
		if got := get(t, off.url("/console"+path)); got.Status != -2 {
			t.Errorf("switched off, %s answers %s", path, got.raw)
		}
	}
}

// The demo's tokens are for a browser on this machine.
func TestConsoleTellsTheDemosAccounts(t *testing.T) {
	r := startHere(t, embedded(t.TempDir()), "--demo")
	r.stdout.await(t, `/console\n`)
	var accounts []console.Account
	must(t, json.Unmarshal([]byte(get(t, r.url("/console/demo.json")).raw), &accounts))
	want := []console.Account{
		{ID: demoSeller, Name: "演示卖家", Token: r.demoToken(t, demoSeller), Wealth: 500_00},
		{ID: demoBuyer, Name: "演示买家", Token: r.demoToken(t, demoBuyer), Wealth: 1000_00},
	}
	if diff := cmp.Diff(want, accounts); diff != "" {
		t.Error(diff)
	}
	passed, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url("/console/demo.json"), nil)
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
