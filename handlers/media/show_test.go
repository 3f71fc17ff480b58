package media_test

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

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/media"
	"campusgate/handlers/media/placeholders"
	"campusgate/storage/pictures"
)

const immutable = "public, max-age=31536000, immutable"

// show gets a picture and checks what holds for every answer of a picture path.
func show(g *handlerstest.Gateway, path string, header ...string) handlerstest.Answer {
	g.T.Helper()
	a := g.Do(http.MethodGet, path, "", header...)
	wantPicture(g.T, path, a)
	return a
}

func wantPicture(t testing.TB, path string, a handlerstest.Answer) {
	t.Helper()
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "image/") || a.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s: Content-Type %q, X-Content-Type-Options %q", path, a.Header.Get("Content-Type"), a.Header.Get("X-Content-Type-Options"))
	}
	if policy, has := a.Header["Cross-Origin-Resource-Policy"]; has {
		t.Errorf("%s: Cross-Origin-Resource-Policy %q: other origins show pictures", path, policy)
	}
}

// wantPlaceholder checks that a is the project's own picture of that kind.
func wantPlaceholder(t *testing.T, a handlerstest.Answer, httpStatus int, kind string) {
	t.Helper()
	picture := map[string][]byte{"default": placeholders.Default, "error": placeholders.Error, "ban": placeholders.Ban}[kind]
	if got := a.Header.Get("X-Picture"); got != kind || a.Raw != string(picture) {
		t.Errorf("X-Picture %q and %d bytes, want %s", got, len(a.Raw), kind)
	}
	if a.HTTP != httpStatus || a.Header.Get("Content-Type") != "image/png" || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("ETag") != "" {
		t.Errorf("%s: HTTP %d %v", kind, a.HTTP, a.Header)
	}
}

// wantStored checks that a is a stored picture.
func wantStored(t *testing.T, a handlerstest.Answer, picture []byte, cacheControl string) {
	t.Helper()
	if got := a.Header.Get("X-Picture"); got != "stored" || a.HTTP != http.StatusOK || a.Raw != string(picture) {
		t.Errorf("HTTP %d, X-Picture %q and %d bytes, want the stored picture", a.HTTP, got, len(a.Raw))
	}
	if got, want := a.Header.Get("ETag"), handlerstest.Quoted(handlerstest.MD5(string(picture))); got != want {
		t.Errorf("ETag %s, want %s", got, want)
	}
	if got := a.Header.Get("Cache-Control"); got != cacheControl {
		t.Errorf("Cache-Control %q, want %q", got, cacheControl)
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	picture := handlerstest.PNG(t, 1)
	digest := handlerstest.MD5(string(picture))
	g.OK("pic/upload", aliceToken, handlerstest.PicData("property", picture))
	g.OK("pic/upload", aliceToken, handlerstest.PicData("shop", picture, `"name":"tea"`))
	g.OK("pic/upload", aliceToken, handlerstest.PicData("product", picture, `"name":"茶.叶"`))
	g.OK("portrait/upload", aliceToken, handlerstest.PortraitData(alice, picture))
	for path, cacheControl := range map[string]string{
		"/get/pic/property/" + digest:                  immutable,
		"/get/pic/property/" + strings.ToUpper(digest): immutable,
		"/get/pic/shop/tea":                            "no-cache",
		"/get/pic/shop/%74ea":                          "no-cache",
		"/./get/pic/shop/tea":                          "no-cache",
		"/get/pic/product/../shop/tea":                 "no-cache",
		"/get/pic/%73hop/tea":                          "no-cache",
		"/get/pic/shop/tea?width=100":                  "no-cache",
		"/get/pic/product/茶.叶":                         "no-cache",
		"/get/pic/product/%E8%8C%B6.%e5%8f%b6":         "no-cache",
		"/get/portrait/" + alice:                       "no-cache",
		"/get/pic/portrait/" + alice:                   "no-cache",
	} {
		t.Run(path, func(t *testing.T) { wantStored(t, show(g.In(t), path), picture, cacheControl) })
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
		"/get/pic/shop/..": "error", "/get/pic/shop/.": "error", "/get/pic/.unfinished/tea": "error",
		"/get/pic/shop/%00": "error", "/get/pic/shop/tea%00": "error", "/get/pic/shop/tea%20": "error", "/get/pic/shop/%ff": "error",
		"/get/pic/shop/" + strings.Repeat("a", 65): "error", "/get/pic/shop/" + strings.Repeat("0", 32): "error",
	} {
		t.Run(path, func(t *testing.T) { wantPlaceholder(t, show(g.In(t), path), http.StatusOK, kind) })
	}
}

// The old server's bucket is taken over as it is.
func TestShowWhatLiesThere(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	for name, content := range map[string]string{
		"shop/old.jpg": string(eachKind(t)["image/jpeg"]), "portrait/2018": string(handlerstest.PNG(t, 1)), "shop/note.txt": "no picture",
	} {
		handlerstest.Must(t, os.MkdirAll(filepath.Join(g.PicturesDir, filepath.Dir(name)), 0o750))
		handlerstest.Must(t, os.WriteFile(filepath.Join(g.PicturesDir, name), []byte(content), 0o600))
	}
	a := show(g, "/get/pic/shop/old.jpg")
	wantStored(t, a, eachKind(t)["image/jpeg"], "no-cache")
	if got := a.Header.Get("Content-Type"); got != "image/jpeg" {
		t.Errorf("Content-Type %q", got)
	}
	wantStored(t, show(g, "/get/portrait/2018"), handlerstest.PNG(t, 1), "no-cache")
	wantPlaceholder(t, show(g, "/get/pic/shop/note.txt"), http.StatusOK, "error")
}

func TestShowReferer(t *testing.T) {
	t.Parallel()
	picture := handlerstest.PNG(t, 1)
	open := handlerstest.Start(t)
	strict := handlerstest.Start(t, func(o *handlerstest.Options) { o.Settings.Media.AllowEmptyReferer = false })
	for _, g := range []*handlerstest.Gateway{open, strict} {
		g.OK("pic/upload", aliceToken, handlerstest.PicData("shop", picture, `"name":"tea"`))
	}
	own := strings.TrimSuffix(open.URL, "/api/external")
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
		"https://www.zustservice.cn/100%":                    true, // browsers send a lone % as it stands
		"https://www.zustservice.cn/?q=%zz":                  true,
		"https://www.zustservice.cn?%":                       true,
		"https://evil.com/%":                                 false,
		"https://evil.com/%//www.zustservice.cn/":            false,
		"/%//www.zustservice.cn/":                            false,
		"https://www.zustservice.cn%/":                       false,
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
		t.Run(handlerstest.Shortened(referer), func(t *testing.T) {
			for _, g := range []*handlerstest.Gateway{open, strict} {
				a := show(g.In(t), "/get/pic/shop/tea", "Referer", referer)
				if allowed {
					wantStored(t, a, picture, "no-cache")
				} else {
					wantPlaceholder(t, a, http.StatusOK, "ban")
				}
			}
		})
	}
	wantStored(t, show(open, "/get/pic/shop/tea"), picture, "no-cache")
	wantPlaceholder(t, show(strict, "/get/pic/shop/tea"), http.StatusOK, "ban")
	// The Referer is looked at before the path, and before what the browser has.
	for _, path := range []string{"/get/pic/shop/tea", "/get/pic/garden/tea", "/get/pic", "/get/portrait/", "/get/portrait/" + alice} {
		a := show(open, path, "Referer", "https://evil.com/", "If-None-Match", handlerstest.Quoted(handlerstest.MD5(string(picture))))
		wantPlaceholder(t, a, http.StatusOK, "ban")
	}
}

func TestShowIfNoneMatch(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	picture := handlerstest.PNG(t, 1)
	etag := handlerstest.Quoted(handlerstest.MD5(string(picture)))
	g.OK("pic/upload", aliceToken, handlerstest.PicData("shop", picture, `"name":"tea"`))
	g.OK("pic/upload", aliceToken, handlerstest.PicData("shop", picture))
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
					a := g.In(t).Do(method, path, "", "If-None-Match", ifNoneMatch)
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
	t.Parallel()
	g := handlerstest.Start(t)
	g.OK("pic/upload", aliceToken, handlerstest.PicData("shop", handlerstest.PNG(t, 1), `"name":"tea"`))
	for _, test := range []struct{ path, referer string }{
		{"/get/pic/shop/tea", ""},
		{"/get/pic/shop/tea", "https://evil.com/"},
		{"/get/pic/shop/coffee", ""},
		{"/get/portrait/" + bob, ""},
		{"/get/portrait/", ""},
	} {
		got, head := show(g, test.path, "Referer", test.referer), g.Do(http.MethodHead, test.path, "", "Referer", test.referer)
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
	t.Parallel()
	g := handlerstest.Start(t)
	path, older := "/get/portrait/"+alice, ""
	wantPlaceholder(t, show(g, path), http.StatusOK, "default")
	for shade := range uint8(3) {
		picture := handlerstest.PNG(t, shade)
		g.OK("portrait/upload", aliceToken, handlerstest.PortraitData(alice, picture))
		a := show(g, path, "If-None-Match", older)
		wantStored(t, a, picture, "no-cache")
		older = a.Header.Get("ETag")
	}
}

// A picture path never answers an envelope.
func TestShowOtherMethods(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.OK("pic/upload", aliceToken, handlerstest.PicData("shop", handlerstest.PNG(t, 1), `"name":"tea"`))
	for _, path := range []string{"/get/pic/shop/tea", "/get/portrait/" + alice, "/get/pic", "/get/portrait/"} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions} {
			a := g.Do(method, path, handlerstest.Envelope("pic/upload", handlerstest.PicData("shop", handlerstest.PNG(t, 2))))
			wantPicture(t, path, a)
			wantPlaceholder(t, a, http.StatusMethodNotAllowed, "error")
			if got := a.Header.Get("Allow"); got != "GET, HEAD" {
				t.Errorf("%s %s: Allow %q", method, path, got)
			}
			foreign := g.Do(method, path, "", "Referer", "http://evil.example/")
			wantPlaceholder(t, foreign, http.StatusMethodNotAllowed, "ban") // the Referer is looked at first
		}
	}
}

// Pictures are not counted against an address, and need no token.
func TestShowIsNotLimited(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t, func(o *handlerstest.Options) { o.Server.PerMinute = 1 })
	for range 3 {
		wantPlaceholder(t, show(g, "/get/portrait/"+alice), http.StatusOK, "default")
	}
}

// stuckPictures fail to show, or where err is nil do not answer at all.
type stuckPictures struct {
	media.Store
	err error
}

func (s *stuckPictures) Get(ctx context.Context, _ pictures.Key) (pictures.Picture, error) {
	if s.err != nil {
		return pictures.Picture{}, s.err
	}
	<-ctx.Done()
	return pictures.Picture{}, ctx.Err()
}

// It does not run in parallel, for its deadline is short.
func TestShowStoreFails(t *testing.T) {
	for name, store := range map[string]*stuckPictures{"fails": {err: errBucket}, "hangs": {}} {
		t.Run(name, func(t *testing.T) {
			g := handlerstest.Start(t, func(o *handlerstest.Options) {
				o.Pictures = store
				o.Server.WriteTimeout = 50 * time.Millisecond // a request's deadline
			})
			for _, path := range []string{
				"/get/portrait/" + alice, "/get/pic/portrait/" + alice, "/get/pic/shop/tea", "/get/pic/shop/" + strings.Repeat("0", 32),
			} {
				wantPlaceholder(t, show(g, path), http.StatusServiceUnavailable, "error")
				wantPlaceholder(t, show(g, path, "Referer", "https://evil.com/"), http.StatusOK, "ban")
			}
			wantPlaceholder(t, show(g, "/get/portrait/"), http.StatusOK, "error") // no store was asked
			if !strings.Contains(g.Log.String(), "read picture") {
				t.Error("the failure is not in the log")
			}
		})
	}
}
