package dispatch

import (
	"net/http"
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
