package main

import (
	"strings"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
)

// The desk's files and the demo's accounts are there without the console as well, and where it
// is off nothing is.
func TestDeskFiles(t *testing.T) {
	t.Parallel()
	r := serve(t, campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_SERVER_CONSOLE=false"), "--demo")
	r.Stderr.Await(t, `msg=desk url=http://`+r.Address+`/api/external/desk\n`)
	for path, contentType := range map[string]string{
		"": "text/html; charset=utf-8", "/main.js": "text/javascript; charset=utf-8", "/md5.js": "text/javascript; charset=utf-8",
		"/desk.css": "text/css; charset=utf-8", "/design.css": "text/css; charset=utf-8", "/demo.json": "application/json",
	} {
		if got := campusgatetest.Get(t, r.URL("/desk"+path)); got.Header.Get("Content-Type") != contentType || got.Raw == "" {
			t.Errorf("%s: %v %s", path, got.Header, got.Raw)
		}
	}
	if got := campusgatetest.Get(t, r.URL("/desk/demo.json")); !strings.Contains(got.Raw, `"role":"admin"`) {
		t.Errorf("the demo's admin is not told of: %s", got.Raw)
	}
	if got := campusgatetest.Get(t, r.URL("/console")); got.Status != -2 {
		t.Errorf("the console is off, and answers %s", got.Raw)
	}
	off := serve(t, campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_SERVER_DESK=false"), "--demo")
	for _, path := range []string{"", "/main.js", "/demo.json"} {
		if got := campusgatetest.Get(t, off.URL("/desk"+path)); got.Status != -2 {
			t.Errorf("switched off, %s answers %s", path, got.Raw)
		}
	}
}
