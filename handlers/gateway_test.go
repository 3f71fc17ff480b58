package handlers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers"
	"campusgate/handlers/drawing"
	"campusgate/handlers/sms"
	"campusgate/storage"
	"campusgate/storage/captchas"
	"campusgate/storage/limits"
	"campusgate/storage/pictures"
	"campusgate/storage/storagetest"
)

// The accounts of every test gateway; their tokens are the ids' words.
const (
	alice, aliceToken = "1180310086", "token-of-alice"
	bob, bobToken     = "1180310087", "token-of-bob"
	lostToken         = "token-of-nobody" // its user is missing
)

// gateway is a whole gateway on a real socket and a real database file, with a
// clock that tests move.
type gateway struct {
	t     testing.TB
	url   string // with the base path
	db    *storage.DB
	clock *clock
	log   *logBuffer
	// clicks counts looks at products; nobody runs its writer.
	clicks *handlers.Clicks
	// picturesDir holds the stored pictures.
	picturesDir string
}

// options are what tests change of a gateway's wiring.
type options struct {
	settings handlers.Settings
	server   dispatch.Options
	sender   handlers.Sender
	captchas handlers.Captchas
	limiter  handlers.Limiter
	pictures handlers.Pictures
}

// start runs a gateway until the test ends. 127.0.0.1 is a trusted proxy, so that
// a test can be any client by X-Real-IP, and no trusted caller.
func start(t testing.TB, change ...func(*options)) *gateway {
	t.Helper()
	g := &gateway{
		t: t, db: openDatabase(t), log: &logBuffer{}, picturesDir: filepath.Join(t.TempDir(), "pictures"),
		clock: &clock{now: time.Date(2019, 11, 28, 22, 25, 52, 0, shanghai(t))},
	}
	g.accounts()
	logger := slog.New(slog.NewTextHandler(g.log, nil))
	g.clicks = handlers.NewClicks(g.db, logger)
	disk, err := pictures.OpenDisk(g.picturesDir)
	must(t, err)
	drawer, err := drawing.New()
	must(t, err)
	o := &options{
		settings: handlers.Settings{
			LogCodes: true, GuessesPerMinute: 30,
			AllowReferers:     []string{"www.zustservice.cn", "zustservice.cn", "*.campus.example"},
			AllowEmptyReferer: true, AnonymousPortraits: true, URLPrefix: ".", ShopsPerUser: 3,
		},
		server: dispatch.Options{
			BasePath: "/api/external", MaxBody: 8 << 20,
			ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute,
			TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
			Ready:          g.db.Ping, Now: g.clock.Now, Logger: logger,
		},
		sender: sms.Log{Logger: logger},
		captchas: captchas.NewMemory(captchas.Options{
			TTL: 180 * time.Second, MaxLifetime: 15 * time.Minute, Now: g.clock.Now,
		}),
		limiter:  limits.NewMemory(g.clock.Now),
		pictures: pictures.NewCache(disk, 64<<20),
	}
	for _, c := range change {
		c(o)
	}
	registry, err := dispatch.NewRegistry(dispatch.RegistryOptions{
		Authenticate: handlers.NewAuthenticator(g.db, 0, g.clock.Now).User,
		Uploads:      8, Logger: logger,
	}, handlers.All(handlers.Deps{
		DB: g.db, Captchas: o.captchas, Limiter: o.limiter,
		Pictures: o.pictures, Checker: pictures.NewChecker(pictures.MaxPixels), Drawer: drawer, SMS: o.sender,
		Clicks:   g.clicks,
		Clock:    handlers.Clock{Now: g.clock.Now, Location: shanghai(t)},
		Logger:   logger,
		Settings: o.settings,
	})...)
	must(t, err)
	o.server.Registry = registry
	g.serve(dispatch.NewServer(o.server), o.server.BasePath)
	return g
}

// onMariaDB has every test of this package run on MariaDB in place of SQLite.
func onMariaDB() bool { return os.Getenv("TEST_DATABASE") == "mariadb" }

func openDatabase(t testing.TB) *storage.DB {
	t.Helper()
	if onMariaDB() {
		return storagetest.OpenMariaDB(t)
	}
	return storagetest.Open(t)
}

func (g *gateway) serve(server *dispatch.Server, basePath string) {
	listener, err := (&net.ListenConfig{}).Listen(g.t.Context(), "tcp", "127.0.0.1:0")
	must(g.t, err)
	g.url = "http://" + listener.Addr().String() + basePath
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	g.t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		must(g.t, server.Shutdown(context.Background()))
		must(g.t, <-done)
	})
}

func (g *gateway) accounts() {
	ctx := g.t.Context()
	for _, user := range []storage.User{{ID: alice, Name: "王凌超", Wealth: 500_00}, {ID: bob, Name: "码三秃", Wealth: 1000_00}} {
		must(g.t, g.db.InsertUser(ctx, user))
	}
	for token, user := range map[string]string{aliceToken: alice, bobToken: bob, lostToken: "1"} {
		must(g.t, g.db.InsertToken(ctx, token, user))
	}
}

// answer is what came back.
type answer struct {
	HTTP    int             `json:"-"`
	Header  http.Header     `json:"-"`
	Raw     string          `json:"-"`
	ID      int64           `json:"id"`
	Status  int             `json:"status"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
	Detail  string          `json:"detail"`
}

// field reads one field of the answer's data as text.
func (a answer) field(name string) string {
	var data map[string]json.RawMessage
	_ = json.Unmarshal(a.Data, &data) // no object: no field
	return strings.Trim(string(data[name]), `"`)
}

// do sends a request from the address 10.0.0.1, unless a header says otherwise.
func (g *gateway) do(method, path, body string, header ...string) answer {
	g.t.Helper()
	request, err := http.NewRequestWithContext(g.t.Context(), method, g.url+path, strings.NewReader(body))
	must(g.t, err)
	request.Header.Set("X-Real-IP", "10.0.0.1")
	request.Header.Set("Content-Type", "application/json;charset=UTF-8")
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	request.Host = request.Header.Get("Host") // "" is the address's own
	response, err := http.DefaultClient.Do(request)
	must(g.t, err)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	must(g.t, err)
	a := answer{HTTP: response.StatusCode, Header: response.Header, Raw: string(raw)}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "image/") {
		return a
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		g.t.Errorf("%s %s answered no envelope: %s", method, path, raw)
	}
	return a
}

// post sends an envelope body to a path, with a token where it is not "".
func (g *gateway) post(path, token, body string) answer {
	g.t.Helper()
	if token != "" {
		path += "?token=" + token
	}
	return g.do(http.MethodPost, path, body)
}

// paths are where the frontend posts each type/subtype.
var paths = map[string]string{
	"img/generate": "/captcha", "img/validate": "/captcha", "sms/generate": "/captcha", "sms/validate": "/captcha",
	"portrait/upload": "/portrait", "pic/upload": "/pic",
	"property/add": "/property", "property/update": "/property", "property/delete": "/property",
	"shop/creat": "/shop", "shop/update": "/shop", "shop/list": "/get/shop", "shop/info": "/get/shop",
	"product/creat": "/product", "product/update": "/product",
	"product/list": "/get/product", "product/info": "/get/product",
	"purchase/apply": "/purchase", "purchase/pay": "/purchase", "purchase/cancel": "/purchase",
	"purchase/info": "/purchase", "purchase/list": "/purchase",
}

// call posts data, a JSON object, as type/subtype to its path. Whatever comes back,
// the OpenAPI document must know it, and whatever works must be allowed by it.
func (g *gateway) call(call, token, data string) answer {
	g.t.Helper()
	body := envelope(call, data)
	a := g.post(paths[call], token, body).asDescribed(g.t, call)
	// The keys that mode 1 ignores are described by what they are without it.
	if a.Status == 0 && !strings.Contains(data, `"mode":1`) {
		requestAsDescribed(g.t, call, body)
	}
	return a
}

// ok is a call that must succeed.
func (g *gateway) ok(call, token, data string) answer {
	g.t.Helper()
	a := g.call(call, token, data)
	if a.Status != 0 || a.Message != "successful" {
		g.t.Fatalf("%s %s: %s", call, data, a.Raw)
	}
	return a
}

// want checks an answer's status and text, which on failure carries no data.
func (a answer) want(t testing.TB, status int, message string) answer {
	t.Helper()
	if a.Status != status || a.Message != message {
		t.Errorf("got %d %q, want %d %q: %s", a.Status, a.Message, status, message, a.Raw)
	}
	return a
}

// clock stands still until a test moves it.
type clock struct {
	mutex sync.Mutex
	now   time.Time
}

func (c *clock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = c.now.Add(d)
}

// logBuffer keeps the log.
type logBuffer struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *logBuffer) Write(line []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(line)
}

// take returns what was logged since the last take.
func (l *logBuffer) take() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	defer l.text.Reset()
	return l.text.String()
}

func (l *logBuffer) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

func shanghai(t testing.TB) *time.Location {
	t.Helper()
	location, err := time.LoadLocation("Asia/Shanghai")
	must(t, err)
	return location
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
