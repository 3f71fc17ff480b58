package dispatch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

// TestDocument: the server describes itself at one path below its base path, to
// whoever asks.
func TestDocument(t *testing.T) {
	server := start(t, nil)
	var want strings.Builder
	if err := server.options.Registry.WriteOpenAPI(&want, "/api/external", ""); err != nil {
		t.Fatal(err)
	}
	const path = "/api/external/openapi.json"
	got := server.ask(t, "GET", path, "")
	if got.status != http.StatusOK || got.body != want.String() {
		t.Errorf("%d %s", got.status, got.body)
	}
	etag := got.header.Get("ETag")
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "same-origin",
	} {
		if got.header.Get(name) != value {
			t.Errorf("%s: %q, want %q", name, got.header.Get(name), value)
		}
	}
	for _, test := range []struct {
		name, method, path, tag string
		status                  int
		body                    string
	}{
		{"its head", "HEAD", path, "", 200, ""},
		{"the same tag", "GET", path, etag, 304, ""},
		{"another tag", "GET", path, `"x"`, 200, want.String()},
		{
			"another method", "POST", path, "", 405,
			`{"id":-1,"status":-2,"message":"Error JSON value","data":{},"detail":"this path is asked by GET"}`,
		},
		{
			"elsewhere", "GET", "/openapi.json", "", 404,
			`{"id":-1,"status":-2,"message":"Error JSON value","data":{},"detail":"no such path"}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := server.ask(t, test.method, test.path, "", "If-None-Match", test.tag)
			if got.status != test.status || got.body != test.body {
				t.Errorf("%d %s; want %d %s", got.status, got.body, test.status, test.body)
			}
		})
	}
}

// TestPages: the caller's pages are served below the base path, under a policy
// that runs nothing but the server's own files.
func TestPages(t *testing.T) {
	made := 0
	server := start(t, func(o *Options) {
		o.Pages = map[string]Page{
			"/console":      {ContentType: "text/html; charset=utf-8", Body: []byte("<p>hello")},
			"/console/made": {ContentType: "application/json", Make: func(context.Context, bool) ([]byte, error) { made++; return fmt.Append(nil, made), nil }},
			"/console/lost": {Make: func(context.Context, bool) ([]byte, error) { return nil, errors.New("no disk") }},
		}
	})
	const base = "/api/external/console"
	fixed := server.ask(t, "GET", base, "")
	if fixed.status != http.StatusOK || fixed.body != "<p>hello" || fixed.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%d %s %v", fixed.status, fixed.body, fixed.header)
	}
	if again := server.ask(t, "GET", base, "", "If-None-Match", fixed.header.Get("ETag")); again.status != http.StatusNotModified {
		t.Errorf("the same tag: %d", again.status)
	}
	for _, want := range []string{"1", "2"} {
		got := server.ask(t, "GET", base+"/made", "")
		if got.body != want || got.header.Get("Cache-Control") != "no-store" || got.header.Get("ETag") != "" {
			t.Errorf("%s %v", got.body, got.header)
		}
	}
	for _, path := range []string{base, base + "/made"} {
		policy := server.ask(t, "GET", path, "").header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; script-src 'self'; ") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
	}
	if got := server.ask(t, "GET", base+"/lost", ""); got.status != http.StatusServiceUnavailable || strings.Contains(got.body, "disk") {
		t.Errorf("failed: %d %s", got.status, got.body)
	}
	for _, test := range []struct{ method, path string }{{"GET", base + "/"}, {"GET", "/console"}, {"GET", base + "/none"}} {
		if got := server.ask(t, test.method, test.path, ""); got.status != http.StatusNotFound {
			t.Errorf("%s %s: %d", test.method, test.path, got.status)
		}
	}
	if got := server.ask(t, "POST", base, ""); got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d %v", got.status, got.header)
	}
}

// TestLocalPages: a page knows a browser on this machine from one that a proxy
// passes on, and from one that another site's name led here.
func TestLocalPages(t *testing.T) {
	server := start(t, func(o *Options) {
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
		o.Pages = map[string]Page{"/who": {Make: func(_ context.Context, local bool) ([]byte, error) { return fmt.Append(nil, local), nil }}}
	})
	for _, test := range []struct {
		host, header, want string
	}{
		{"127.0.0.1:4081", "", "true"},
		{"localhost", "", "true"},
		{"localhost:4081", "", "true"},
		{"[::1]:4081", "", "true"},
		{"[::1]", "", "true"},
		{"campus.example", "", "false"},
		{"localhost.campus.example:4081", "", "false"},
		{"10.0.0.7", "", "false"},
		{"127.0.0.1", "X-Real-IP: 10.0.0.7\r\n", "false"},
		{"127.0.0.1", "X-Forwarded-For: 10.0.0.7\r\n", "false"},
		{"127.0.0.1", "X-Real-IP: 127.0.0.1\r\n", "true"},
	} {
		answer := server.send(t, "GET /api/external/who HTTP/1.1\r\nHost: "+test.host+"\r\nConnection: close\r\n"+test.header+"\r\n")
		if _, got, _ := strings.Cut(answer, "\r\n\r\n"); got != test.want {
			t.Errorf("%+v: %s", test, answer)
		}
	}
}
