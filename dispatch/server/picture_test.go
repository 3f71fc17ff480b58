package server

import (
	"net/http"
	"strings"
	"testing"
)

// TestPicturePaths: a path is split before it is percent-decoded, and nothing in
// it is cleaned but dot segments, before.
func TestPicturePaths(t *testing.T) {
	tests := []struct{ path, want string }{
		{"/get/pic/shop/tea.png", `["shop" "tea.png"]`},
		{"/get/pic/a%2fb/..%2f..%2fetc", `["a/b" "../../etc"]`},
		{"/get/pic/a%2Fb%2", `["a%2Fb%2"]`},
		{"/get/pic/../pic/x/../a", `["a"]`},
		{"/get/pic/%2e%2e/%2e", `[".." "."]`},
		{"/get/pic/%e5%a4%b1%E7%89%A9", `["失物"]`},
		{"/get/pic/a+b%20c%00", `["a+b c\x00"]`},
		{"/get/pic/a%ff", `["a\xff"]`},
		{"/get/pic//a//", `["" "a" "" ""]`},
		{"/get/pic/./a", `["a"]`},
		{"/get/pic/a?from=b/c", `["a"]`},
		{"/get/pic/a%3fb%23c", `["a?b#c"]`},
		{"/get/pic/", `[""]`},
		{"/get/pic", `[]`},
	}
	server := start(t, nil)
	for _, test := range tests {
		answer := server.send(t, "GET /api/external"+test.path+" HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
		_, body, _ := strings.Cut(answer, "\r\n\r\n")
		if got, _, _ := strings.Cut(body, " from "); got != test.want {
			t.Errorf("%s: %s, want %s", test.path, got, test.want)
		}
	}
	if got := server.ask(t, "GET", "/api/external/get/picture", ""); got.status != http.StatusNotFound {
		t.Errorf("/get/picture: %d %s", got.status, got.body)
	}
}

// TestPictureAnswer: pictures have no envelope, whatever happens.
func TestPictureAnswer(t *testing.T) {
	const shown = `["a"] from ""`
	tests := []struct {
		name, method, path string
		header             []string
		status             int
		body               string
		headers            map[string]string
	}{
		{
			"a picture", "GET", "/a", nil, 200, shown,
			map[string]string{
				"Content-Type": "image/png", "X-Content-Type-Options": "nosniff", "X-Picture": "stored", "ETag": `"tag"`,
				"Cache-Control": "no-cache", "Content-Length": "13", "Cross-Origin-Resource-Policy": "", "Allow": "",
			},
		},
		{
			"its head", "HEAD", "/a", nil, 200, "",
			map[string]string{"Content-Type": "image/png", "X-Picture": "stored", "ETag": `"tag"`, "Content-Length": "13"},
		},
		{"referer", "GET", "/a", []string{"Referer", "https://www.example.org/x?y"}, 200, `["a"] from "https://www.example.org/x?y"`, nil},
		{"no segments", "GET", "", nil, 200, `[] from ""`, map[string]string{"X-Picture": "error", "Cache-Control": "no-store"}},

		{
			"the same tag", "GET", "/a",
			[]string{"If-None-Match", `"tag"`},
			304, "",
			map[string]string{"ETag": `"tag"`, "Cache-Control": "no-cache", "X-Picture": "stored", "X-Content-Type-Options": "nosniff"},
		},
		{"its head, the same tag", "HEAD", "/a", []string{"If-None-Match", `"tag"`}, 304, "", map[string]string{"ETag": `"tag"`}},
		{"weak tag", "GET", "/a", []string{"If-None-Match", `W/"tag"`}, 304, "", nil},
		{"list of tags", "GET", "/a", []string{"If-None-Match", `"x", W/"y" ,"tag"`}, 304, "", nil},
		{"any tag", "GET", "/a", []string{"If-None-Match", `*`}, 304, "", nil},
		{"another tag", "GET", "/a", []string{"If-None-Match", `"x", "tags", tag`}, 200, shown, nil},
		{"no tag", "GET", "/a", []string{"If-None-Match", ``}, 200, shown, nil},
		{"any tag of what has none", "GET", "/untagged", []string{"If-None-Match", `*`}, 200, `["untagged"] from ""`, map[string]string{"ETag": ""}},

		{
			"a store that is down", "GET", "/down",
			[]string{"If-None-Match", `*`},
			503, `["down"] from ""`,
			map[string]string{"Content-Type": "image/png", "X-Picture": "error", "Cache-Control": "no-store"},
		},
		{"a panic", "GET", "/panic", nil, 503, "", map[string]string{"X-Picture": "", "Cache-Control": "no-store"}},
		{"an error", "GET", "/lost", nil, 503, "", map[string]string{"X-Picture": "", "Cache-Control": "no-store"}},
		{"still there", "GET", "/a", nil, 200, shown, nil},

		{
			"wrong method", "POST", "/a",
			[]string{"If-None-Match", "*"},
			405, `[] from ""`,
			map[string]string{"Allow": "GET, HEAD", "Content-Type": "image/png", "X-Picture": "error"},
		},
		{"another one", "DELETE", "/panic", nil, 405, `[] from ""`, map[string]string{"Allow": "GET, HEAD"}},
	}
	server := start(t, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := server.ask(t, test.method, "/api/external/get/pic"+test.path, "", test.header...)
			if got.status != test.status || got.body != test.body {
				t.Errorf("%d %s; want %d %s", got.status, got.body, test.status, test.body)
			}
			for name, want := range test.headers {
				if value := got.header.Get(name); value != want {
					t.Errorf("%s: %q, want %q", name, value, want)
				}
			}
		})
	}
	if logged := server.logs.String(); !strings.Contains(logged, "lost") || !strings.Contains(logged, "running_test.go") {
		t.Error("the panic is not logged with its stack")
	}
}
