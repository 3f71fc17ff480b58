package server

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"campusgate/dispatch"
	"campusgate/dispatch/dispatchtest"
)

func live(path string, body func(context.Context, dispatch.PlainRequest) ([]byte, error)) dispatch.Endpoint {
	return dispatch.LivePage(path, "page", "application/json", body)
}

// A page goes to who takes gzip compressed, under another ETag, and to others as it is.
func TestCompressedPages(t *testing.T) {
	body := strings.Repeat("<p>hello ", 1000)
	server := start(t, func(o *Options) {
		o.Pages = []dispatch.Endpoint{
			dispatch.Page("/console", "page", "text/html; charset=utf-8", []byte(body)),
			dispatch.Page("/console/small", "page", "text/html; charset=utf-8", []byte("<p>hello")),
		}
	})
	const base = "/api/external/console"
	plain := server.ask(t, "GET", base, "", "Accept-Encoding", "identity")
	if plain.body != body || plain.header.Get("Content-Encoding") != "" || plain.header.Get("Vary") != "Accept-Encoding, Origin" {
		t.Errorf("plain: %d bytes, %v", len(plain.body), plain.header)
	}
	packed := server.ask(t, "GET", base, "", "Accept-Encoding", "br, gzip")
	unpacker, err := gzip.NewReader(strings.NewReader(packed.body))
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(unpacker)
	if err != nil || string(unpacked) != body || len(packed.body) > len(body)/10 || packed.header.Get("Content-Encoding") != "gzip" ||
		packed.header.Get("Content-Type") != "text/html; charset=utf-8" || packed.header.Get("ETag") == plain.header.Get("ETag") {
		t.Errorf("compressed: %d bytes of %d, %v, %v", len(packed.body), len(unpacked), packed.header, err)
	}
	for _, known := range []struct {
		etag, accept string
		want         int
	}{
		{packed.header.Get("ETag"), "gzip", http.StatusNotModified},
		{packed.header.Get("ETag"), "br", http.StatusOK},
		{plain.header.Get("ETag"), "gzip", http.StatusOK},
	} {
		if got := server.ask(t, "GET", base, "", "Accept-Encoding", known.accept, "If-None-Match", known.etag); got.status != known.want {
			t.Errorf("%s for %s: %d, want %d", known.etag, known.accept, got.status, known.want)
		}
	}
	if small := server.ask(t, "GET", base+"/small", "", "Accept-Encoding", "gzip"); small.body != "<p>hello" {
		t.Errorf("a small page: %q", small.body)
	}
}

// TestPages: the caller's pages are served below the base path, under a policy
// that runs nothing but the server's own files.
func TestPages(t *testing.T) {
	made := 0
	server := start(t, func(o *Options) {
		o.Pages = []dispatch.Endpoint{
			dispatch.Page("/console", "page", "text/html; charset=utf-8", []byte("<p>hello")),
			dispatch.PageInLanguages("/greeting", "page", "text/plain", []string{"en", "zh"}, [][]byte{[]byte("hello"), []byte("你好")}),
			live("/console/made", func(context.Context, dispatch.PlainRequest) ([]byte, error) {
				made++
				return fmt.Append(nil, made), nil
			}),
			live("/console/lost", func(context.Context, dispatch.PlainRequest) ([]byte, error) { return nil, errors.New("no disk") }),
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
	const greeting = "/api/external/greeting"
	for path, want := range map[string]string{
		greeting: "hello", greeting + "?lang=en": "hello", greeting + "?lang=zh": "你好", greeting + "?lang=": "hello", greeting + "?lang=fr&lang=zh": "hello",
	} {
		got := server.ask(t, "GET", path, "")
		if got.body != want {
			t.Errorf("%s: %s, want %s", path, got.body, want)
		}
		if again := server.ask(t, "GET", path, "", "If-None-Match", got.header.Get("ETag")); again.status != http.StatusNotModified {
			t.Errorf("%s: the same tag: %d", path, again.status)
		}
	}
	if got := server.ask(t, "GET", greeting+"?lang=zh", "", "If-None-Match", server.ask(t, "GET", greeting, "").header.Get("ETag")); got.status != http.StatusOK {
		t.Errorf("the tag of another language: %d", got.status)
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
		o.Pages = []dispatch.Endpoint{live("/who", func(ctx context.Context, request dispatch.PlainRequest) ([]byte, error) {
			return fmt.Append(nil, dispatch.CallerFrom(ctx).Local(request.Host())), nil
		})}
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

// TestPageTwice: a page that another one, or a call, would hide does not start.
func TestPageTwice(t *testing.T) {
	page := func(path string) dispatch.Endpoint { return dispatch.Page(path, "page", "text/plain", nil) }
	for _, pages := range [][]dispatch.Endpoint{{page("/a"), page("/a")}, {page("/open")}} {
		func() {
			defer func() {
				if got, ok := recover().(string); !ok || !strings.HasSuffix(got, ": declared twice") {
					t.Errorf("recovered %q", got)
				}
			}()
			New(Options{Registry: dispatchtest.NewRegistry(t, &dispatchtest.Logs{}, dispatchtest.Endpoints(showPicture)...), Pages: pages})
		}()
	}
}
