package handlers_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers"
	"campusgate/handlers/standins"
	"campusgate/storage/pictures"
)

const immutable = "public, max-age=31536000, immutable"

// show gets a picture and checks what holds for every answer of a picture path.
func (g *gateway) show(path string, header ...string) answer {
	g.t.Helper()
	a := g.do(http.MethodGet, path, "", header...)
	wantPicture(g.t, path, a)
	return a
}

func wantPicture(t testing.TB, path string, a answer) {
	t.Helper()
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "image/") || a.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s: Content-Type %q, X-Content-Type-Options %q", path, a.Header.Get("Content-Type"), a.Header.Get("X-Content-Type-Options"))
	}
	if policy, has := a.Header["Cross-Origin-Resource-Policy"]; has {
		t.Errorf("%s: Cross-Origin-Resource-Policy %q: other origins show pictures", path, policy)
	}
}

// wantStandIn checks that a is the project's own picture of that kind.
func wantStandIn(t *testing.T, a answer, httpStatus int, kind string) {
	t.Helper()
	picture := map[string][]byte{"default": standins.Default, "error": standins.Error, "ban": standins.Ban}[kind]
	if got := a.Header.Get("X-Picture"); got != kind || a.Raw != string(picture) {
		t.Errorf("X-Picture %q and %d bytes, want %s", got, len(a.Raw), kind)
	}
	if a.HTTP != httpStatus || a.Header.Get("Content-Type") != "image/png" || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("ETag") != "" {
		t.Errorf("%s: HTTP %d %v", kind, a.HTTP, a.Header)
	}
}

// wantStored checks that a is a stored picture.
func wantStored(t *testing.T, a answer, picture []byte, cacheControl string) {
	t.Helper()
	if got := a.Header.Get("X-Picture"); got != "stored" || a.HTTP != http.StatusOK || a.Raw != string(picture) {
		t.Errorf("HTTP %d, X-Picture %q and %d bytes, want the stored picture", a.HTTP, got, len(a.Raw))
	}
	if got, want := a.Header.Get("ETag"), quoted(md5Hex(string(picture))); got != want {
		t.Errorf("ETag %s, want %s", got, want)
	}
	if got := a.Header.Get("Cache-Control"); got != cacheControl {
		t.Errorf("Cache-Control %q, want %q", got, cacheControl)
	}
}

func TestShow(t *testing.T) {
	g := start(t)
	picture := pngOf(t, 1)
	digest := md5Hex(string(picture))
	g.ok("pic/upload", aliceToken, picData("property", picture))
	g.ok("pic/upload", aliceToken, picData("shop", picture, `"name":"tea"`))
	g.ok("pic/upload", aliceToken, picData("product", picture, `"name":"茶.叶"`))
	g.ok("portrait/upload", aliceToken, portraitData(alice, picture))
	for path, cacheControl := range map[string]string{
		"/get/pic/property/" + digest:                  immutable,
		"/get/pic/property/" + strings.ToUpper(digest): immutable,
		"/get/pic/shop/tea":                            "no-cache",
		"/get/pic/shop/%74ea":                          "no-cache",
		"/get/pic/%73hop/tea":                          "no-cache",
		"/get/pic/shop/tea?width=100":                  "no-cache",
		"/get/pic/product/茶.叶":                         "no-cache",
		"/get/pic/product/%E8%8C%B6.%e5%8f%b6":         "no-cache",
		"/get/portrait/" + alice:                       "no-cache",
		"/get/pic/portrait/" + alice:                   "no-cache",
	} {
		t.Run(path, func(t *testing.T) { wantStored(t, g.in(t).show(path), picture, cacheControl) })
	}
	for path, kind := range map[string]string{
		// Digits that nobody has stored are a user without a portrait.
		"/get/portrait/" + bob: "default", "/get/portrait/0": "default", "/get/portrait/" + strings.Repeat("7", 300): "default", "/get/portrait/%31": "default",
		"/get/portrait/": "error", "/get/portrait": "error", "/get/portrait/abc": "error", "/get/portrait/null": "error",
		"/get/portrait/undefined": "error", "/get/portrait/1x": "error", "/get/portrait/-1": "error", "/get/portrait/1.0": "error",
		"/get/portrait/%20": "error", "/get/portrait/１": "error", "/get/portrait/<id>": "error",
		"/get/portrait/" + alice + "/": "error", "/get/portrait/" + alice + "/x": "error", "/get/portrait/" + alice + "%2f": "error",
		"/get/portrait/..%2f" + alice: "error", "/get/portrait//" + alice: "error",
		"/get/pic": "error", "/get/pic/": "error", "/get/pic/shop": "error", "/get/pic/shop/": "error", "/get/pic//tea": "error",
		"/get/pic/shop/coffee": "error", "/get/pic/shop/Tea": "error", "/get/pic/product/tea": "error", "/get/pic/garden/tea": "error",
		"/get/pic/Shop/tea": "error", "/get/pic/shop/" + digest: "error", "/get/pic/portrait/" + bob: "error",
		"/get/pic/shop/tea/": "error", "/get/pic/shop/tea/x": "error", "/get/pic/shop//tea": "error", "/get/pic/x/shop/tea": "error",
		// A %2f is part of a name, which has none.
		"/get/pic/shop%2ftea": "error", "/get/pic/shop/%2ftea": "error", "/get/pic/shop/a%2Ftea": "error",
		"/get/pic/product/..%2fshop%2ftea": "error", "/get/pic/shop/%2e%2e%2f%2e%2e%2fcampusgate.db": "error",
		"/get/pic/shop/..": "error", "/get/pic/shop/.": "error", "/get/pic/product/../shop/tea": "error", "/get/pic/.unfinished/tea": "error",
		"/get/pic/shop/%00": "error", "/get/pic/shop/tea%00": "error", "/get/pic/shop/tea%20": "error", "/get/pic/shop/%ff": "error",
		"/get/pic/shop/" + strings.Repeat("a", 65): "error", "/get/pic/shop/" + strings.Repeat("0", 32): "error",
	} {
		t.Run(path, func(t *testing.T) { wantStandIn(t, g.in(t).show(path), http.StatusOK, kind) })
	}
}

// The old server's bucket is taken over as it is.
func TestShowWhatLiesThere(t *testing.T) {
	g := start(t)
	for name, content := range map[string]string{
		"shop/old.jpg": string(eachKind(t)["image/jpeg"]), "portrait/2018": string(pngOf(t, 1)), "shop/note.txt": "no picture",
	} {
		must(t, os.MkdirAll(filepath.Join(g.picturesDir, filepath.Dir(name)), 0o750))
		must(t, os.WriteFile(filepath.Join(g.picturesDir, name), []byte(content), 0o600))
	}
	a := g.show("/get/pic/shop/old.jpg")
	wantStored(t, a, eachKind(t)["image/jpeg"], "no-cache")
	if got := a.Header.Get("Content-Type"); got != "image/jpeg" {
		t.Errorf("Content-Type %q", got)
	}
	wantStored(t, g.show("/get/portrait/2018"), pngOf(t, 1), "no-cache")
	wantStandIn(t, g.show("/get/pic/shop/note.txt"), http.StatusOK, "error")
}

func TestShowReferer(t *testing.T) {
	picture := pngOf(t, 1)
	open := start(t)
	strict := start(t, func(o *options) { o.settings.AllowEmptyReferer = false })
	for _, g := range []*gateway{open, strict} {
		g.ok("pic/upload", aliceToken, picData("shop", picture, `"name":"tea"`))
	}
	own := strings.TrimSuffix(open.url, "/api/external")
	for referer, allowed := range map[string]bool{
		"https://www.zustservice.cn/":                        true,
		"https://www.zustservice.cn":                         true,
		"http://zustservice.cn/shop?id=1#top":                true,
		"https://www.zustservice.cn:8443/":                   true,
		"https://www.zustservice.cn./":                       true,
		"https://www.zustservice.cn.:443/":                   true,
		"HTTPS://WWW.ZustService.CN/":                        true,
		"https://user@www.zustservice.cn/":                   true,
		"https://a.campus.example/":                          true,
		"https://a.b.CAMPUS.example.:444/":                   true,
		own + "/":                                            true, // the request's own host
		"http://127.0.0.1:9/":                                true,
		"http://127.0.0.1/":                                  true,
		"https://evil.com/":                                  false,
		"https://www.zustservice.cn.evil.com/":               false,
		"https://evil.com/?www.zustservice.cn":               false,
		"https://evil.com/https://www.zustservice.cn/":       false,
		"https://evil.com/#www.zustservice.cn":               false,
		"https://www.zustservice.cn@evil.com/":               false,
		"https://www.zustservice.cn:443@evil.com/":           false,
		`https://evil.com\@www.zustservice.cn/`:              false,
		`https://evil.com\.zustservice.cn/`:                  false,
		"https://evil-www.zustservice.cn/":                   false,
		"https://evilzustservice.cn/":                        false,
		"https://m.zustservice.cn/":                          false, // no *.
		"https://www.zustservice.com/":                       false,
		"https://www.zustservice.cn../":                      false,
		"https://campus.example/":                            false, // only what is below
		"https://evilcampus.example/":                        false,
		"https://a.campus.example.evil.com/":                 false,
		"https://127.0.0.1.evil.com/":                        false,
		"https://www.zustservice.cn%2eevil.com/":             false,
		"https://www.zustservice.cn%00.evil.com/":            false,
		"www.zustservice.cn":                                 false, // no host
		"/www.zustservice.cn/":                               false,
		"https:///www.zustservice.cn":                        false,
		"https:www.zustservice.cn":                           false,
		"about:blank":                                        false,
		"null":                                               false,
		"data:text/html,www.zustservice.cn":                  false,
		"file:///www.zustservice.cn":                         false,
		"https://":                                           false,
		"https://:443/":                                      false,
		"https://./":                                         false,
		"https://[www.zustservice.cn/":                       false,
		"https://www.zustservice.cn:port/":                   false,
		"%zz":                                                false,
		"://":                                                false,
		"码三秃":                                                false,
		"https://www.zustservice.cn, https://evil.com/":      false,
		"https://evil.com/ https://www.zustservice.cn/":      false,
		"https://" + strings.Repeat("a.", 2000) + "evil.com": false,
	} {
		t.Run(shortened(referer), func(t *testing.T) {
			for _, g := range []*gateway{open, strict} {
				a := g.in(t).show("/get/pic/shop/tea", "Referer", referer)
				if allowed {
					wantStored(t, a, picture, "no-cache")
				} else {
					wantStandIn(t, a, http.StatusOK, "ban")
				}
			}
		})
	}
	wantStored(t, open.show("/get/pic/shop/tea"), picture, "no-cache")
	wantStandIn(t, strict.show("/get/pic/shop/tea"), http.StatusOK, "ban")
	// The Referer is looked at before the path, and before what the browser has.
	for _, path := range []string{"/get/pic/shop/tea", "/get/pic/garden/tea", "/get/pic", "/get/portrait/", "/get/portrait/" + alice} {
		a := open.show(path, "Referer", "https://evil.com/", "If-None-Match", quoted(md5Hex(string(picture))))
		wantStandIn(t, a, http.StatusOK, "ban")
	}
}

func TestShowIfNoneMatch(t *testing.T) {
	g := start(t)
	picture := pngOf(t, 1)
	etag := quoted(md5Hex(string(picture)))
	g.ok("pic/upload", aliceToken, picData("shop", picture, `"name":"tea"`))
	g.ok("pic/upload", aliceToken, picData("shop", picture))
	for path, cacheControl := range map[string]string{
		"/get/pic/shop/tea":                        "no-cache",
		"/get/pic/shop/" + strings.Trim(etag, `"`): immutable,
	} {
		for ifNoneMatch, same := range map[string]bool{
			etag: true, "W/" + etag: true, `"other", ` + etag: true, "*": true,
			`"other"`: false, strings.Trim(etag, `"`): false, `""`: false,
		} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				t.Run(path+" "+ifNoneMatch+" "+method, func(t *testing.T) {
					a := g.in(t).do(method, path, "", "If-None-Match", ifNoneMatch)
					if a.Header.Get("ETag") != etag || a.Header.Get("Cache-Control") != cacheControl {
						t.Errorf("HTTP %d with ETag %q, Cache-Control %q", a.HTTP, a.Header.Get("ETag"), a.Header.Get("Cache-Control"))
					}
					switch {
					case same && (a.HTTP != http.StatusNotModified || a.Raw != ""):
						t.Errorf("HTTP %d with %d bytes, want 304", a.HTTP, len(a.Raw))
					case !same && (a.HTTP != http.StatusOK || method == http.MethodGet && a.Raw != string(picture)):
						t.Errorf("HTTP %d with %d bytes, want the picture", a.HTTP, len(a.Raw))
					}
				})
			}
		}
	}
}

func TestShowHead(t *testing.T) {
	g := start(t)
	g.ok("pic/upload", aliceToken, picData("shop", pngOf(t, 1), `"name":"tea"`))
	for _, test := range []struct{ path, referer string }{
		{"/get/pic/shop/tea", ""},
		{"/get/pic/shop/tea", "https://evil.com/"},
		{"/get/pic/shop/coffee", ""},
		{"/get/portrait/" + bob, ""},
		{"/get/portrait/", ""},
	} {
		got, head := g.show(test.path, "Referer", test.referer), g.do(http.MethodHead, test.path, "", "Referer", test.referer)
		if head.Raw != "" || head.HTTP != got.HTTP || head.Header.Get("Content-Length") != strconv.Itoa(len(got.Raw)) {
			t.Errorf("HEAD %s: HTTP %d, %d bytes, Content-Length %s", test.path, head.HTTP, len(head.Raw), head.Header.Get("Content-Length"))
		}
		for _, header := range []*http.Header{&got.Header, &head.Header} {
			header.Del("Date")
			header.Del("X-Request-Id")
		}
		if diff := cmp.Diff(got.Header, head.Header); diff != "" {
			t.Errorf("HEAD %s has other headers: %s", test.path, diff)
		}
	}
}

func TestShowReplacedPortrait(t *testing.T) {
	g := start(t)
	path, older := "/get/portrait/"+alice, ""
	wantStandIn(t, g.show(path), http.StatusOK, "default")
	for shade := range uint8(3) {
		picture := pngOf(t, shade)
		g.ok("portrait/upload", aliceToken, portraitData(alice, picture))
		a := g.show(path, "If-None-Match", older)
		wantStored(t, a, picture, "no-cache")
		older = a.Header.Get("ETag")
	}
}

// A picture path never answers an envelope.
func TestShowOtherMethods(t *testing.T) {
	g := start(t)
	g.ok("pic/upload", aliceToken, picData("shop", pngOf(t, 1), `"name":"tea"`))
	for _, path := range []string{"/get/pic/shop/tea", "/get/portrait/" + alice, "/get/pic", "/get/portrait/"} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions} {
			a := g.do(method, path, envelope("pic/upload", picData("shop", pngOf(t, 2))))
			wantPicture(t, path, a)
			wantStandIn(t, a, http.StatusMethodNotAllowed, "error")
			if got := a.Header.Get("Allow"); got != "GET, HEAD" {
				t.Errorf("%s %s: Allow %q", method, path, got)
			}
		}
	}
}

// Pictures are not counted against an address, and need no token.
func TestShowIsNotLimited(t *testing.T) {
	g := start(t, func(o *options) { o.server.PerMinute = 1 })
	for range 3 {
		wantStandIn(t, g.show("/get/portrait/"+alice), http.StatusOK, "default")
	}
}

// stuckPictures fail to show, or where err is nil do not answer at all.
type stuckPictures struct {
	handlers.Pictures
	err error
}

func (s *stuckPictures) Get(ctx context.Context, _ pictures.Key) (pictures.Picture, error) {
	if s.err != nil {
		return pictures.Picture{}, s.err
	}
	<-ctx.Done()
	return pictures.Picture{}, ctx.Err()
}

func TestShowStoreFails(t *testing.T) {
	for name, store := range map[string]*stuckPictures{"fails": {err: errBucket}, "hangs": {}} {
		t.Run(name, func(t *testing.T) {
			g := start(t, func(o *options) {
				o.pictures = store
				o.server.WriteTimeout = 50 * time.Millisecond // a request's deadline
			})
			for _, path := range []string{
				"/get/portrait/" + alice, "/get/pic/portrait/" + alice, "/get/pic/shop/tea", "/get/pic/shop/" + strings.Repeat("0", 32),
			} {
				wantStandIn(t, g.show(path), http.StatusServiceUnavailable, "error")
				wantStandIn(t, g.show(path, "Referer", "https://evil.com/"), http.StatusOK, "ban")
			}
			wantStandIn(t, g.show("/get/portrait/"), http.StatusOK, "error") // no store was asked
			if !strings.Contains(g.log.String(), "read picture") {
				t.Error("the failure is not in the log")
			}
		})
	}
}
