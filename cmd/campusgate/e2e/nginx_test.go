package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

const generate = `{"id":1,"status":0,"type":"img","subtype":"generate","data":{}}`

// answered is what a browser gets.
type answered struct {
	code   int
	header http.Header
	body   string
}

// status is the envelope's.
func (a answered) status(t *testing.T) int {
	t.Helper()
	var envelope struct{ Status int }
	if err := json.Unmarshal([]byte(a.body), &envelope); err != nil {
		t.Fatalf("HTTP %d is no envelope: %s", a.code, a.body)
	}
	return envelope.Status
}

// browse sends a request; a body makes it a POST. The header is name and value in turn.
func browse(t *testing.T, client *http.Client, url, body string, header ...string) answered {
	t.Helper()
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	must(t, err)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := client.Do(request)
	must(t, err)
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	must(t, err)
	return answered{response.StatusCode, response.Header, string(read)}
}

// api is an address of the gateway behind nginx.
func api(path string) string { return "https://" + campusgatetest.SiteName + "/api/external" + path }

// awaitUpstream waits until nginx has written that a replica answered, after the
// given number of bytes of its log.
func (s *site) awaitUpstream(t *testing.T, replica *campusgatetest.Process, after int) {
	t.Helper()
	for late := time.Now().Add(campusgatetest.Patience); time.Now().Before(late); time.Sleep(10 * time.Millisecond) {
		if strings.Contains(s.log(t, "access.log")[after:], " "+replica.Address+" 200\n") {
			return
		}
	}
	t.Errorf("%s has answered nothing:\n%s", replica.Address, s.log(t, "access.log")[after:])
}

func (s *site) log(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.Folder, name))
	must(t, err)
	return string(text)
}

// The shipped nginx.conf, in a real nginx, in front of two real replicas that run
// on the shipped configuration.
func TestNginx(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	t.Run("the frontend is served", s.testFrontend)
	t.Run("the account service is behind it", s.testAccount)
	t.Run("calls reach both replicas", s.testSpread)
	t.Run("paths pass as they were sent", s.testPaths)
	t.Run("long answers are compressed", s.testCompression)
	t.Run("a client cannot choose its address", s.testAddress)
	t.Run("pictures", s.testPictures)
	t.Run("a body over the limit is refused", s.testLimit)
	t.Run("a replica may die and come back", s.testFailover)
	t.Run("no log holds a token", s.testLogs)
}

func (s *site) testFrontend(t *testing.T) {
	client := s.client(t, "127.0.0.1")
	for _, path := range []string{"/", "/index.html", "/shop/123456789"} {
		got := browse(t, client, "https://"+campusgatetest.SiteName+path, "")
		if got.code != 200 || got.body != "<title>campus</title>" || got.header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %+v", path, got)
		}
	}
	if got := browse(t, client, "https://"+campusgatetest.SiteName+"/app.js", "", "Accept-Encoding", "gzip"); got.header.Get("Content-Encoding") != "gzip" {
		t.Errorf("the script is not compressed: %v", got.header)
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/api/external/../../healthz", "/api/external/a%2fb%2fc/../../../healthz", "/api/external/a%2fb%2fc%2fd/../../../healthz"} {
		if got := browse(t, client, "https://"+campusgatetest.SiteName+path, ""); got.code != 404 {
			t.Errorf("%s answers %d to the public", path, got.code)
		}
	}
	got := browse(t, client, "http://"+campusgatetest.SiteName+"/api/external/captcha?a=b", generate)
	if want := "https://" + campusgatetest.SiteName + "/api/external/captcha?a=b"; got.code != 308 || got.header.Get("Location") != want {
		t.Errorf("without TLS: %+v", got)
	}
}

func (s *site) testAccount(t *testing.T) {
	got := browse(t, s.client(t, "127.0.0.2"), "https://"+campusgatetest.SiteName+"/api/user/info", "", "X-Real-IP", accountCaller)
	if got.body != "account /api/user/info for 127.0.0.2" {
		t.Errorf("got %+v", got)
	}
}

func (s *site) testSpread(t *testing.T) {
	client := s.client(t, "127.0.0.1")
	for range 8 {
		if got := browse(t, client, api("/captcha"), generate); got.code != 200 || got.status(t) != 0 {
			t.Errorf("got %+v", got)
		}
	}
	for _, replica := range s.replicas {
		s.awaitUpstream(t, replica, 0)
	}
}

// The prefix stays, with and without what comes after it, and nothing is decoded
// on the way: a long URL and an escaped slash arrive.
func (s *site) testPaths(t *testing.T) {
	client := s.client(t, "127.0.0.1")
	if got := browse(t, client, api(""), generate); got.code != 200 || got.status(t) != 0 {
		t.Errorf("the base path: %+v", got)
	}
	if got := browse(t, client, "https://"+campusgatetest.SiteName+"/captcha", generate); got.code == 200 {
		t.Errorf("without the prefix: %+v", got)
	}
	long := api("/get/property?type=1&token=" + s.token + "&lab=" + strings.Repeat("x", 12<<10))
	if got := browse(t, client, long, ""); got.code != 200 || got.status(t) != 0 {
		t.Errorf("a long URL: %+v", got)
	}
	upload := browse(t, client, api("/pic?token="+s.token), onePixelUpload)
	name := upload.body[strings.Index(upload.body, "/get/pic/shop/")+len("/get/pic/shop/"):]
	name, _, _ = strings.Cut(name, `"`)
	for path, want := range map[string]string{"/get/pic/shop/" + name: "stored", "/get/pic/shop%2f" + name: "error", "/./get/pic/shop/" + name: "stored"} {
		if got := browse(t, client, api(path), "").header.Get("X-Picture"); got != want {
			t.Errorf("%s: picture %q, want %q", path, got, want)
		}
	}
}

func (s *site) testCompression(t *testing.T) {
	client := s.client(t, "127.0.0.1")
	shop := `{"id":1,"status":0,"type":"shop","subtype":"creat","data":{"shop_name":"小码三秃","shop_content":"` + strings.Repeat("店", 2000) + `"}}`
	if got := browse(t, client, api("/shop?token="+s.token), shop); got.status(t) != 0 {
		t.Fatalf("got %+v", got)
	}
	list := `{"id":1,"status":0,"type":"shop","subtype":"list","data":{}}`
	got := browse(t, client, api("/get/shop?token="+s.token), list, "Accept-Encoding", "gzip")
	if got.header.Get("Content-Encoding") != "gzip" || len(got.body) > 1000 {
		t.Errorf("%d bytes, %v", len(got.body), got.header)
	}
}

// A client that claims to be the account service is limited like any other, and
// limits nobody but itself; the account service is not limited.
func (s *site) testAddress(t *testing.T) {
	if !s.limits(t, "127.0.0.3", accountCaller) {
		t.Error("a forged X-Real-IP made a trusted caller")
	}
	if got := browse(t, s.client(t, "127.0.0.4"), api("/captcha"), generate); got.code != 200 {
		t.Errorf("somebody else is limited too: %+v", got)
	}
	if s.limits(t, accountCaller, "127.0.0.3") {
		t.Error("the account service is limited")
	}
}

// limits reports whether a client that claims another address is limited. Two replicas
// together allow 120 a minute, and a few more while this runs.
func (s *site) limits(t *testing.T, address, claimed string) bool {
	client := s.client(t, address)
	for range 300 {
		got := browse(t, client, api("/captcha"), generate, "X-Real-IP", claimed, "X-Forwarded-For", claimed)
		if got.code == 429 && got.status(t) == -302 {
			return true
		}
	}
	return false
}

// A picture of 900 KB goes in, and comes out on the site's own pages only.
func (s *site) testPictures(t *testing.T) {
	client := s.client(t, "127.0.0.5")
	noise := image.NewNRGBA(image.Rect(0, 0, 480, 480))
	for i := range noise.Pix {
		noise.Pix[i] = byte(rand.Uint32()) //nolint:gosec // noise, so that it does not compress
	}
	var picture bytes.Buffer
	must(t, png.Encode(&picture, noise))
	upload := browse(t, client, api("/pic?token="+s.token), `{"id":1,"status":0,"type":"pic","subtype":"upload","data":{"from":"shop","name":"noise","base64":"`+
		base64.StdEncoding.EncodeToString(picture.Bytes())+`"}}`)
	if picture.Len() < 900_000 || upload.status(t) != 0 {
		t.Fatalf("%d bytes: %s", picture.Len(), upload.body)
	}
	for referer, kind := range map[string]string{
		"": "stored", "https://" + campusgatetest.SiteName + "/": "stored", "https://elsewhere.example/": "ban",
		// The Mini Program that the configuration allows, and others.
		"https://servicewechat.com/wx0123456789abcdef/32/page-frame.html":             "stored",
		"https://servicewechat.com/wx0123456789abcdef/devtools/page-frame.html":       "stored",
		"https://servicewechat.com/wxfedcba9876543210/32/page-frame.html":             "ban",
		"https://servicewechat.com/":                                                  "ban",
		"https://servicewechat.com/wx0123456789abcdef0/32/page-frame.html":            "ban",
		"https://servicewechat.com/wxfedcba9876543210/?wx0123456789abcdef/":           "ban",
		"https://elsewhere.example/?https://servicewechat.com/wx0123456789abcdef/32/": "ban",
	} {
		got := browse(t, client, api("/get/pic/shop/noise"), "", "Referer", referer, "Accept-Encoding", "gzip")
		if got.header.Get("X-Picture") != kind || got.header.Get("Content-Encoding") != "" {
			t.Errorf("Referer %q: %v", referer, got.header)
		}
		if kind == "stored" && got.body != picture.String() {
			t.Errorf("Referer %q: the picture came out as %d other bytes", referer, len(got.body))
		}
	}
}

// nginx refuses what the gateway would refuse, in the gateway's words.
func (s *site) testLimit(t *testing.T) {
	large := strings.Repeat("x", 9<<20)
	got := browse(t, s.client(t, "127.0.0.5"), api("/captcha"), large)
	want := browse(t, http.DefaultClient, s.replicas[0].URL("/captcha"), large)
	if got.code != 413 || got.body != want.body {
		t.Errorf("nginx answers %d %s\nthe gateway %d %s", got.code, got.body, want.code, want.body)
	}
	for _, name := range []string{"Content-Type", "X-Content-Type-Options"} {
		if got.header.Get(name) != want.header.Get(name) {
			t.Errorf("nginx's %s is %q, the gateway's %q", name, got.header.Get(name), want.header.Get(name))
		}
	}
	if got := browse(t, s.client(t, "127.0.0.5"), api("/captcha"), large[:8<<20]); got.code != 200 {
		t.Errorf("8 MiB: %d %s", got.code, got.body)
	}
}

// A POST that finds a dead replica goes to the other one; the replica that comes
// back under its old address is used again.
func (s *site) testFailover(t *testing.T) {
	client := s.client(t, accountCaller)
	dead := s.replicas[0]
	dead.Signal(t, syscall.SIGKILL).Wait()
	for range 20 {
		if got := browse(t, client, api("/captcha?token="+s.token), generate); got.code != 200 || got.status(t) != 0 {
			t.Fatalf("one replica is dead: %+v", got)
		}
	}
	before := len(s.log(t, "access.log"))
	s.replicas[0] = s.startReplica(s.test, "CAMPUSGATE_SERVER_LISTEN="+dead.Address)
	for late := time.Now().Add(campusgatetest.Patience); time.Now().Before(late); time.Sleep(10 * time.Millisecond) {
		if got := browse(t, client, api("/captcha"), generate); got.code != 200 {
			t.Fatalf("the replica is back: %+v", got)
		}
		if strings.Contains(s.log(t, "access.log")[before:], " "+dead.Address+" 200\n") {
			break
		}
	}
	s.awaitUpstream(t, s.replicas[0], before)
}

// The worst case for the logs: every replica is down and the URL has a token.
func (s *site) testLogs(t *testing.T) {
	for _, replica := range s.replicas {
		replica.Signal(t, syscall.SIGKILL).Wait()
	}
	url := api("/purchase?token=" + s.token)
	got := browse(t, s.client(t, "127.0.0.6"), url, generate, "Referer", url)
	if got.code != 502 {
		t.Errorf("without a replica: %+v", got)
	}
	if access := s.log(t, "access.log"); strings.Contains(access, s.token) || !strings.Contains(access, "POST /api/external/") {
		t.Errorf("access.log:\n%s", access)
	}
	if errors := s.log(t, "error.log"); strings.Contains(errors, s.token) {
		t.Errorf("error.log:\n%s", errors)
	}
}
