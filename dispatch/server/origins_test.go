package server

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// corsHeaders are those that only an admitted origin gets.
func corsHeaders(header http.Header) (found []string) {
	for _, name := range []string{
		"Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Max-Age",
		"Access-Control-Expose-Headers", "Access-Control-Allow-Credentials",
	} {
		if header.Get(name) != "" {
			found = append(found, name+": "+header.Get(name))
		}
	}
	return found
}

func TestOrigins(t *testing.T) {
	listed := newOrigins([]string{"https://www.example.org", "https://*.campus.example", "http://*.campus.example:8080"}, false)
	loopback := newOrigins(nil, true)
	for origin, want := range map[string]struct{ listed, loopback bool }{
		"https://www.example.org":               {true, false},
		"https://a.campus.example":              {true, false},
		"https://a.b.campus.example":            {true, false},
		"http://a.campus.example:8080":          {true, false},
		"http://localhost":                      {false, true},
		"http://localhost:3000":                 {false, true},
		"https://127.0.0.1:8443":                {false, true},
		"http://[::1]":                          {false, true},
		"http://[::1]:3000":                     {false, true},
		"":                                      {},
		"null":                                  {},
		"localhost":                             {},
		"http://www.example.org":                {},
		"https://www.example.org:8443":          {},
		"https://www.example.org.evil.org":      {},
		"https://evil-www.example.org":          {},
		"https://example.org":                   {},
		"https://campus.example":                {},
		"https://.campus.example":               {},
		"https://evilcampus.example":            {},
		"https://a.campus.example.evil.org":     {},
		"https://a.campus.example:8443":         {},
		"https://evil.org/.campus.example":      {},
		"https://evil.org:80@x.campus.example":  {},
		"http://localhost.evil.org":             {},
		"http://127.0.0.1.evil.org":             {},
		"http://evil.org/://localhost":          {},
		"http://192.168.0.1":                    {},
		"https://www.example.org https://a.org": {},
	} {
		if got := listed.contain(origin); got != want.listed {
			t.Errorf("%q of a list: %t", origin, got)
		}
		if got := loopback.contain(origin); got != want.loopback {
			t.Errorf("%q of the loopback: %t", origin, got)
		}
	}
}

// TestCORS: the page of an admitted origin may call and read, that of another gets
// what it gets where nobody is admitted.
func TestCORS(t *testing.T) {
	const page, other = "https://www.example.org", "https://evil.org"
	closed := start(t, nil)
	server := start(t, func(o *Options) { o.AllowOrigins = []string{page} })
	const exposed = "Access-Control-Expose-Headers: X-Request-ID, Retry-After"
	for _, ask := range []struct {
		method, path string
		header       []string
		status       int // for the page
		preflight    bool
	}{
		{"POST", "/open", nil, 200, false},
		{"POST", "", nil, 200, false},
		{"GET", "/get/list?token=good&type=1", nil, 200, false},
		{"GET", "/get/list?type=1", []string{"Authorization", "Bearer good"}, 200, false},
		{"GET", "/get/pic/a", nil, 200, false},
		{"GET", "/get/pic/a", []string{"If-None-Match", `"tag"`}, 304, false},
		{"GET", "/get/pic/down", nil, 503, false},
		{"POST", "/nowhere", nil, 404, false},
		{"GET", "/open", nil, 405, false},
		{"OPTIONS", "/open", nil, 405, false},
		{"OPTIONS", "/open", []string{"Access-Control-Request-Method", "POST"}, 204, true},
		{"OPTIONS", "", []string{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type"}, 204, true},
		{"OPTIONS", "/get/list", []string{"Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "authorization"}, 204, true},
		{"OPTIONS", "/get/pic/a", []string{"Access-Control-Request-Method", "GET"}, 204, true},
		{"OPTIONS", "/nowhere", []string{"Access-Control-Request-Method", "POST"}, 404, false},
	} {
		body := ""
		if ask.method == "POST" {
			body = sayHi
		}
		send := func(r *running, origin string) reply {
			return r.ask(t, ask.method, "/api/external"+ask.path, body, append([]string{"Origin", origin}, ask.header...)...)
		}
		admitted := send(server, page)
		want := []string{"Access-Control-Allow-Origin: " + page, exposed}
		if ask.preflight {
			want = []string{
				"Access-Control-Allow-Origin: " + page, "Access-Control-Allow-Methods: GET, HEAD, POST",
				"Access-Control-Allow-Headers: Authorization, Content-Type", "Access-Control-Max-Age: 7200", exposed,
			}
		}
		if got := corsHeaders(admitted.header); !slices.Equal(got, want) || admitted.status != ask.status || admitted.header.Get("Vary") != "Origin" {
			t.Errorf("%s %s: %d, Vary %q, %q", ask.method, ask.path, admitted.status, admitted.header.Get("Vary"), got)
		}
		if ask.preflight && (admitted.body != "" || admitted.header.Get("X-Request-ID") == "") {
			t.Errorf("%s: %q %v", ask.path, admitted.body, admitted.header)
		}
		today := send(closed, page)
		if got := corsHeaders(today.header); got != nil || today.header.Get("Vary") != "" {
			t.Errorf("%s %s, where nobody is admitted: %q, Vary %q", ask.method, ask.path, got, today.header.Get("Vary"))
		}
		for _, origin := range []string{other, "null", ""} {
			refused := send(server, origin)
			if got := corsHeaders(refused.header); got != nil || refused.status != today.status || refused.body != today.body ||
				refused.header.Get("Vary") != "Origin" {
				t.Errorf("%s %s from %q: %d %s, %q, Vary %q", ask.method, ask.path, origin, refused.status, refused.body, got, refused.header.Get("Vary"))
			}
		}
	}
}

// A page is told why, and for how long, also where a request is not let in.
func TestCORSOfRefusals(t *testing.T) {
	const page = "https://www.example.org"
	server := start(t, func(o *Options) { o.AllowOrigins, o.PerMinute = []string{page}, 1 })
	server.post(t, "/open", sayHi, "Origin", page)
	got := server.post(t, "/open", sayHi, "Origin", page)
	if got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") == "" || got.header.Get("Access-Control-Allow-Origin") != page {
		t.Errorf("%d %v", got.status, got.header)
	}
	open := start(t, func(o *Options) { o.AllowOrigins = []string{page} })
	if got := open.post(t, "/open", strings.Repeat("x", 2<<20), "Origin", page); got.status != 413 || got.header.Get("Access-Control-Allow-Origin") != page {
		t.Errorf("%d %v", got.status, got.header)
	}
}
