package server

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func TestServe(t *testing.T) {
	const (
		notFound   = `{"id":-1,"status":-2,"message":"Error JSON value","data":{},"detail":"no such path"}`
		notAllowed = `{"id":-1,"status":-2,"message":"Error JSON value","data":{},"detail":"use `
	)
	tests := []struct {
		base, method, target string
		status               int
		want, allow          string
	}{
		{"/api/external", "POST", "/api/external/open", 200, saidHi, ""},
		{"/api/external", "POST", "/api/external", 200, saidHi, ""},
		{"/api/external", "POST", "/api/external/", 200, saidHi, ""},
		{"/api/external", "POST", "/api/external?token=x", 200, saidHi, ""},
		{"/api/external", "GET", "/api/external/get/list?token=good&type=1", 200, `{"id":-1,"status":0,"message":"successful","data":[{"text":"1"}]}`, ""},
		{"/api/external", "POST", "/api/external/nowhere", 404, notFound, ""},
		{"/api/external", "GET", "/api/external/nowhere", 404, notFound, ""},
		{"/api/external", "HEAD", "/api/external/nowhere", 404, "", ""},
		{"/api/external", "POST", "/api/external/open/", 404, notFound, ""},
		{"/api/external", "POST", "/api/external/Open", 404, notFound, ""},
		{"/api/external", "POST", "/api/external/op%65n", 404, notFound, ""},
		{"/api/external", "POST", "/./api/external/open", 200, saidHi, ""},
		{"/api/external", "POST", "/api/external/x/../open", 200, saidHi, ""},
		{"/api/external", "POST", "/api/external/.", 200, saidHi, ""},
		{"/api/external", "POST", "/../api/external/open", 200, saidHi, ""},
		{"/api/external", "GET", "/./api/external/get/pic/../pic/a", 200, `["a"] from ""`, ""},
		{"/api/external", "GET", "/api/external/get/pic/a%2f../../b", 200, `["b"] from ""`, ""}, // %2f divides nothing
		{"/api/external", "POST", "/api/external/%2e/open", 404, notFound, ""},
		{"/api/external", "POST", "/api/external/open/..", 200, saidHi, ""},
		{"/api/external", "POST", "/api/external/../open", 404, notFound, ""},
		{"/api/external", "GET", "/./healthz", 404, notFound, ""},
		{"/api/external", "GET", "/api/external/../../healthz", 404, notFound, ""},
		{"/api/external", "GET", "/api/external/a%2fb%2fc/../../../healthz", 404, notFound, ""}, // some proxies see it below the base path
		{"/api/external", "POST", "/api/externalopen", 404, notFound, ""},
		{"/api/external", "POST", "/open", 404, notFound, ""},
		{"/api/external", "GET", "/get/pic/a", 404, notFound, ""},
		{"/api/external", "POST", "/", 404, notFound, ""},
		{"/api/external", "GET", "/api/external/open", 405, notAllowed + `POST"}`, "POST"},
		{"/api/external", "PUT", "/api/external/closed", 405, notAllowed + `POST"}`, "POST"},
		{"/api/external", "OPTIONS", "/api/external", 405, notAllowed + `POST"}`, "POST"},
		{"/api/external", "HEAD", "/api/external/open", 405, "", "POST"},
		{"/api/external", "POST", "/api/external/get/list", 405, notAllowed + `GET"}`, "GET"},
		{"/api/external", "HEAD", "/api/external/get/list", 405, "", "GET"},
		{"/api/external", "GET", "/healthz", 200, "ok\n", ""},
		{"/api/external", "GET", "/readyz", 200, "ok\n", ""},
		{"/api/external", "GET", "/api/external/healthz", 404, notFound, ""},

		{"", "POST", "/open", 200, saidHi, ""},
		{"", "POST", "/", 200, saidHi, ""},
		{"", "POST", "/./open", 200, saidHi, ""},
		{"", "POST", "/api/external/open", 404, notFound, ""},
		{"", "GET", "/get/pic/a", 200, `["a"] from ""`, ""},
		{"", "GET", "/healthz", 200, "ok\n", ""},
	}
	servers := map[string]*running{}
	for _, test := range tests {
		if servers[test.base] == nil {
			servers[test.base] = start(t, func(o *Options) { o.BasePath = test.base })
		}
		server := servers[test.base]
		got := server.ask(t, test.method, test.target, sayHi)
		if got.status != test.status || got.body != test.want || got.header.Get("Allow") != test.allow {
			t.Errorf("%s %s below %q: %d, Allow %q\n got %s\nwant %s", test.method, test.target, test.base,
				got.status, got.header.Get("Allow"), got.body, test.want)
		}
	}
}

// TestWithoutDots: the examples of RFC 3986, section 5.2.4 and 5.4, and what a
// percent sign hides.
func TestWithoutDots(t *testing.T) {
	for path, want := range map[string]string{
		"": "", "/": "/", "*": "*", "/a/b": "/a/b",
		"/./a": "/a", "/a/.": "/a/", "/a/./": "/a/", "/a/./b": "/a/b", "/.": "/",
		"/a/b/c/./../../g": "/a/g", "/b/c/..": "/b/", "/b/c/../": "/b/", "/b/c/../g": "/b/g", "/b/c/../..": "/",
		"/b/c/../../../g": "/g", "/..": "/", "/../..": "/", "/../g": "/g", "/./../g": "/g",
		"/a//../b": "/a/b", "/a/..//b": "//b", "//./a": "//a", "/..//..": "/",
		"/g.": "/g.", "/.g": "/.g", "/g..": "/g..", "/..g": "/..g", "/...": "/...", "/a/.../b": "/a/.../b",
		"/%2e/a": "/%2e/a", "/%2e%2e/a": "/%2e%2e/a", "/.%2e/a": "/.%2e/a", "/a/..%2fb": "/a/..%2fb", "/a/%2f/../b": "/a/b",
		"./a": "./a", "a/../b": "a/../b", `/a/..\b`: `/a/..\b`, "/..;/a": "/..;/a",
	} {
		if got := withoutDots(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}

// TestContentType: an answer is JSON or, for the oldest pages, text, and never
// what a browser takes it for.
func TestContentType(t *testing.T) {
	for legacy, want := range map[bool]string{false: "application/json; charset=utf-8", true: "text/html; charset=utf-8"} {
		server := start(t, func(o *Options) { o.LegacyContentType = legacy })
		for path, status := range map[string]int{"/open": 200, "/nowhere": 404, "/get/list": 405} {
			got := server.post(t, path, sayHi, "Content-Type", "text/plain")
			if got.status != status || got.header.Get("Content-Type") != want || got.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("legacy %t, %s: %d %v", legacy, path, got.status, got.header)
			}
			if got.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s may be stored: %v", path, got.header)
			}
			if got.header.Get("Server") != "" {
				t.Errorf("the server is named: %v", got.header)
			}
		}
	}
}

func TestToken(t *testing.T) {
	const (
		absent  = `{"id":7,"status":-100,"message":"Missing necessary args","data":{},"detail":"token: missing"}`
		unknown = `{"id":7,"status":-101,"message":"Error token","data":{},"detail":"token: unknown"}`
		taken   = `{"id":7,"status":0,"message":"successful","data":{"text":"hi"}}`
	)
	tests := []struct{ query, authorization, want string }{
		{"?token=good", "", taken},
		{"?x=1&token=g%6Fod", "", taken},
		{"?token=good&token=bad", "", taken}, // the first counts
		{"", "Bearer good", taken},
		{"", "bearer  good ", taken},
		{"?token=good", "Bearer bad", taken}, // the query wins
		{"?token=bad", "Bearer good", unknown},
		{"?token=", "Bearer good", unknown},
		{"?token", "", unknown},
		{"?token=null", "", unknown},
		{"", "Bearer", unknown},
		{"", "Bearer null", unknown},
		{"", "", absent},
		{"?Token=good", "", absent},
		{"", "Basic good", absent},
		{"", "good", absent},
		{"", "Bearergood", absent},
	}
	server := start(t, nil)
	for _, test := range tests {
		body := strings.Replace(sayHi, "echo", "own", 1)
		if got := server.post(t, "/closed"+test.query, body, "Authorization", test.authorization); got.body != test.want {
			t.Errorf("query %q, header %q\n got %s\nwant %s", test.query, test.authorization, got.body, test.want)
		}
	}
}

func TestReadyz(t *testing.T) {
	server := start(t, func(o *Options) {
		o.Ready = func(ctx context.Context) error {
			if _, limited := ctx.Deadline(); !limited {
				t.Error("readiness may take for ever")
			}
			return errors.New("redis: dial tcp 10.0.0.7:6379: refused")
		}
	})
	got := server.ask(t, "GET", "/readyz", "")
	if got.status != 503 || got.body != "not ready: redis\n" {
		t.Errorf("%d %q", got.status, got.body)
	}
	if !strings.Contains(server.logs.String(), "10.0.0.7") {
		t.Error("the log does not say why")
	}
}

// TestCaller: what a handler is told, through a trusted proxy.
func TestCaller(t *testing.T) {
	server := start(t, func(o *Options) {
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		o.TrustedCallers = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("127.0.0.0/8")}
	})
	for address, want := range map[string]string{
		"198.51.100.7":        `"address":"198.51.100.7","trusted":0`,
		"192.0.2.1":           `"address":"192.0.2.1","trusted":1`,
		"::ffff:192.0.2.1":    `"address":"192.0.2.1","trusted":1`,
		"::ffff:198.51.100.7": `"address":"198.51.100.7","trusted":0`,
		"2001:db8::1":         `"address":"2001:db8::1","trusted":0`,
		"192.0.2.1:51008":     `"address":"192.0.2.1","trusted":1`,
		`"[2001:db8::1]:443"`: `"address":"2001:db8::1","trusted":0`,
		"unknown":             `"address":"invalid IP","trusted":0`,
	} {
		if got := server.post(t, "/open", askWho, "X-Real-IP", address); !strings.Contains(got.body, want) {
			t.Errorf("X-Real-IP %s: %s, want %s", address, got.body, want)
		}
	}
}
