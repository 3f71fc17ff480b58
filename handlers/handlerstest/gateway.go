// Package handlerstest gives tests a whole gateway and a client of it: every domain
// of calls, on a real socket and a fresh database.
//
// [Start] makes a gateway, [Gateway.Call] posts data to a call and returns the
// [Answer], [Gateway.OK] does so where the call must succeed, [Gateway.RunJobs] runs the
// jobs that are due. A new call is added to [Paths], a new table to [Gateway.Stored] and
// [Gateway.EveryRow].
package handlerstest

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"campusgate/dispatch"
	"campusgate/dispatch/server"
	"campusgate/handlers"
	"campusgate/handlers/account"
	"campusgate/handlers/account/keyring"
	"campusgate/handlers/captcha"
	"campusgate/handlers/captcha/drawing"
	"campusgate/handlers/captcha/sms"
	"campusgate/handlers/contact/mail"
	"campusgate/handlers/course"
	"campusgate/handlers/market"
	"campusgate/handlers/media"
	"campusgate/handlers/trade"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/sandbox"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
	"campusgate/storage/captchas"
	"campusgate/storage/jobs"
	"campusgate/storage/limits"
	"campusgate/storage/pictures"
	"campusgate/storage/storagetest"
)

// The accounts of every gateway and their tokens.
const (
	Alice      = "1180310086"
	AliceToken = "token-of-alice"
	Bob        = "1180310087"
	BobToken   = "token-of-bob"
	Admin      = "1180310088" // has the role admin
	AdminToken = "token-of-admin"
	LostToken  = "token-of-nobody" // its user is missing
)

// RefusedWord is refused by every gateway, beside the words that are built in.
const RefusedWord = "敏感测试词"

// HiddenWords are refused words, each hidden in another way: by width, case, blanks, zero-width
// signs, signs between the letters, and traditional characters.
var HiddenWords = []string{
	"ｆａｋｅ　ｄｉｐｌｏｍａ", "faKe DIPloma", "敏 感\u3000测试词", "敏\u200b感\ufeff测试\u2060词", "敏。感*测-试_词", "敏感測試詞",
}

var refused = sync.OnceValues(func() (*words.Checker, error) {
	return words.New("test", strings.NewReader(RefusedWord))
})

// tokenTTL is every gateway's.
const tokenTTL = 7 * 24 * time.Hour

// patience is every gateway's time-out: nothing depends on time, on a busy machine either.
const patience = time.Minute

// Gateway is a whole gateway on a real socket and a real database file, with a
// clock that tests move.
type Gateway struct {
	T     testing.TB // which fails with what the gateway does
	URL   string     // with the base path
	DB    *storage.DB
	Clock *Clock
	Log   *LogBuffer
	// Clicks counts looks at products; nobody runs its writer.
	Clicks *market.Clicks
	jobs   *jobs.Runner
	kinds  []jobs.Kind
	// PicturesDir holds the stored pictures.
	PicturesDir string

	client *http.Client
	// outside says that the test changes wallets as an account service does, invented that it
	// stores what no call does.
	outside, invented *atomic.Bool
}

// Periods are every gateway's: the defaults.
var Periods = trade.Periods{
	PayWithin: 30 * time.Minute, ShipWithin: 7 * day, ConfirmWithin: 10 * day, SettleAfter: 7 * day,
	AnswerWithin: 2 * day, ReturnWithin: 7 * day, ReceiveWithin: 10 * day, ArbitrateWithin: 15 * day,
	AppealWithin: 7 * day, CreditWithin: 60 * day,
}

const day = 24 * time.Hour

// Options are what tests change of a gateway's wiring.
type Options struct {
	// AuthTTL is how long tokens are remembered.
	AuthTTL  time.Duration
	Settings handlers.Settings
	Server   server.Options
	SMS      captcha.Sender
	Text     func(ctx context.Context, phone string, words ...string) error // nil, as sms.notice_template_id is empty
	Captchas captcha.Store
	Limiter  wire.Limiter
	Pictures media.Store
	// AuditPicture is nil, as market.picture_checker is off.
	AuditPicture func(context.Context, pictures.Key) (pictures.Verdict, error)
	// Bucket is nil, as pictures are in a folder.
	Bucket   course.Bucket
	Mail     *mail.Sender
	Keyring  *keyring.Keyring
	Jobs     []jobs.Kind    // beside the domains' own
	Counters trade.Counters // none, as without metrics.listen
	// Channels are those by which users pay, the sandbox unless a test changes it.
	Channels channel.Set
}

// Start runs a gateway until the test ends, and then audits it: whatever moved money must
// have left the balances that the ledger says. 127.0.0.1 is a trusted proxy, so that
// a test can be any client by X-Real-IP, and no trusted caller.
func Start(t testing.TB, change ...func(*Options)) *Gateway {
	t.Helper()
	g := &Gateway{
		T: t, DB: OpenDatabase(t), Log: &LogBuffer{}, PicturesDir: filepath.Join(t.TempDir(), "pictures"),
		client: &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}, outside: new(atomic.Bool), invented: new(atomic.Bool),
		Clock: &Clock{now: time.Date(2019, 11, 28, 22, 25, 52, 0, Shanghai(t))},
	}
	t.Cleanup(g.audit)
	g.accounts()
	g.run(change)
	return g
}

// On runs a gateway on a database that is there already, with the accounts that it has. Its
// clock begins now, and nobody audits it.
func On(t testing.TB, db *storage.DB, change ...func(*Options)) *Gateway {
	t.Helper()
	g := &Gateway{
		T: t, DB: db, Log: &LogBuffer{}, PicturesDir: filepath.Join(t.TempDir(), "pictures"),
		client: &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}, outside: new(atomic.Bool), invented: new(atomic.Bool),
		Clock: &Clock{now: time.Now()},
	}
	g.run(change)
	return g
}

// Replica runs another gateway on the same database and the same clock.
func (g *Gateway) Replica(change ...func(*Options)) *Gateway {
	g.T.Helper()
	replica := *g
	replica.run(change)
	return &replica
}

// run makes a gateway of what is on the database, and serves it.
func (g *Gateway) run(change []func(*Options)) {
	t := g.T
	t.Helper()
	logger := slog.New(slog.NewTextHandler(g.Log, nil))
	g.Clicks = market.NewClicks(g.DB, logger)
	disk, err := pictures.OpenDisk(g.PicturesDir)
	Must(t, err)
	drawer, err := drawing.New()
	Must(t, err)
	checker, err := refused()
	Must(t, err)
	keys, err := keyring.Open(t.Context(), g.DB, keyring.Secrets{Current: make([]byte, keyring.SecretSize)})
	Must(t, err)
	o := &Options{
		Settings: handlers.Settings{
			GuessesPerMinute: 30,

			Account: account.Settings{Own: true, TokenTTL: tokenTTL, BeliNewUser: 100, URLPrefix: ".", MaxPicture: 1 << 20},
			Captcha: captcha.Settings{LogCodes: true},
			Media: media.Settings{
				AllowReferers:     []string{"www.zustservice.cn", "zustservice.cn", "*.campus.example"},
				AllowEmptyReferer: true, AnonymousPortraits: true, URLPrefix: ".", MaxSize: 1 << 20,
			},
			Market: market.Settings{ShopsPerUser: 3, URLPrefix: "."},
			Trade:  trade.Settings{BeliPercent: 100, URLPrefix: ".", Periods: Periods, Pay: trade.PaySettings{Timeout: patience, BasePath: "/api/external"}},
		},
		Server: server.Options{
			BasePath: "/api/external", MaxBody: 8 << 20,
			ReadTimeout: patience, WriteTimeout: patience, IdleTimeout: patience,
			TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
			Ready:          g.DB.Ping, Now: g.Clock.Now, Logger: logger,
		},
		SMS: sms.Log{Logger: logger},
		Captchas: captchas.NewMemory(captchas.Options{
			TTL: 180 * time.Second, MaxLifetime: 15 * time.Minute, Now: g.Clock.Now,
		}),
		Limiter:  limits.NewMemory(g.Clock.Now),
		Pictures: pictures.NewCache(disk, 64<<20),
		Keyring:  keys,
		Channels: channel.Set{channel.Sandbox: sandbox.New(g.DB, g.Clock.Now)},
	}
	for _, c := range change {
		c(o)
	}
	if o.Mail != nil {
		g.DB.MailNotices()
	}
	deps := handlers.Deps{
		DB: g.DB, Captchas: o.Captchas, Limiter: o.Limiter,
		Pictures: o.Pictures, Checker: pictures.NewChecker(pictures.MaxPixels), Drawer: drawer, SMS: o.SMS, Text: o.Text,
		AuditPicture:  o.AuditPicture,
		Bucket:        o.Bucket,
		Clicks:        g.Clicks,
		Words:         checker,
		Mail:          o.Mail,
		Channels:      o.Channels,
		Counters:      o.Counters,
		Keyring:       o.Keyring,
		Now:           g.now,
		Authenticator: account.NewAuthenticator(g.DB, o.AuthTTL, account.Sessions(tokenTTL), g.Clock.Now),
		Clock:         wire.Clock{Now: g.Clock.Now, Location: Shanghai(t)},
		Logger:        logger,
		Settings:      o.Settings,
	}
	registry, err := dispatch.NewRegistry(dispatch.RegistryOptions{
		Authenticate: deps.Authenticator.Account,
		Uploads:      8, Logger: logger,
	}, handlers.All(deps)...)
	Must(t, err)
	g.kinds = append(handlers.Jobs(deps), o.Jobs...)
	g.jobs, err = jobs.New(g.DB, g.kinds, jobs.Options{Logger: logger, Now: g.now})
	Must(t, err)
	o.Server.Registry, o.Server.Living = registry, deps.Authenticator.Living
	served := server.New(o.Server)
	g.DB.OnPush(handlers.Pushes(deps, func(user string, text []byte) {
		if len(text) == 0 {
			go served.CheckListener(user)
			return
		}
		served.Push(user, text)
	}))
	g.serve(served, o.Server.BasePath)
}

func (g *Gateway) now(context.Context) (int64, error) { return g.Clock.Now().Unix(), nil }

// Bury leaves a job as one that failed too often, and returns its id.
func (g *Gateway) Bury(kind, key string) int64 {
	g.T.Helper()
	ctx, now := g.T.Context(), g.Clock.Now().Unix()
	Must(g.T, g.DB.InTx(ctx, func(tx *storage.Tx) error {
		return tx.AddJob(ctx, storage.Job{Kind: kind, Key: key, Due: now})
	}))
	all, err := g.DB.Jobs(ctx, storage.JobFilter{Kind: kind})
	Must(g.T, err)
	job := all[slices.IndexFunc(all, func(j storage.Job) bool { return j.Key == key })]
	job, err = g.DB.TakeJob(ctx, job, "test", now+60)
	Must(g.T, err)
	job.Due, job.Tries, job.Dead, job.LastError = now, 12, true, "the server of 13700000000 does not answer"
	Must(g.T, g.DB.PutBackJob(ctx, job))
	return job.ID
}

// RunJobs runs all jobs that are due by the gateway's clock, one after the other, the
// longest due first, and what follows the steps of orders, and returns how many runs that
// were. Nobody else runs them.
func (g *Gateway) RunJobs() (runs int) {
	g.T.Helper()
	ctx := g.T.Context()
	for {
		Must(g.T, g.DB.InTx(ctx, func(tx *storage.Tx) error { return tx.HastenJob(ctx, trade.StepsJob, "", g.Clock.Now().Unix()) }))
		ran, err := g.jobs.RunDue(ctx)
		Must(g.T, err)
		if runs += ran; ran <= 1 { // it alone
			return runs
		}
	}
}

// RunJob runs a job alone, as the runner of jobs would, and leaves its row alone.
func (g *Gateway) RunJob(kind, key, data string) error {
	g.T.Helper()
	i := slices.IndexFunc(g.kinds, func(k jobs.Kind) bool { return k.Name == kind })
	return g.kinds[i].Run(g.T.Context(), storage.Job{Kind: kind, Key: key, Data: data})
}

// Kinds are those of the jobs that the gateway can run.
func (g *Gateway) Kinds() (names []string) {
	for _, kind := range g.kinds {
		names = append(names, kind.Name)
	}
	return names
}

// audit is that of the end, where the test has not failed for another reason.
func (g *Gateway) audit() {
	if g.T.Failed() || g.invented.Load() {
		return
	}
	report := storagetest.CheckLedger(g.T, g.DB)
	if report.External != 0 && !g.outside.Load() {
		g.T.Errorf("audit: wallets differ from the ledger by %d fen", report.External)
	}
}

// Invent says that the test stores what no call does: the gateway is not audited then.
func (g *Gateway) Invent() { g.invented.Store(true) }

// SetWealth changes a wallet as an account service does.
func (g *Gateway) SetWealth(user string, fen int64) {
	g.T.Helper()
	g.outside.Store(true)
	Must(g.T, g.DB.InTx(g.T.Context(), func(tx *storage.Tx) error { return tx.SetWealth(g.T.Context(), user, fen) }))
}

// In is the gateway within a subtest.
func (g *Gateway) In(t *testing.T) *Gateway {
	within := *g
	within.T = t
	return &within
}

// OnMariaDB reports whether gateways run on MariaDB in place of SQLite, by the
// environment's choice.
func OnMariaDB() bool { return os.Getenv("TEST_DATABASE") == "mariadb" }

// OpenDatabase gives a test a database of its own, of the kind that gateways run on.
func OpenDatabase(t testing.TB) *storage.DB {
	t.Helper()
	if OnMariaDB() {
		return storagetest.OpenMariaDB(t)
	}
	return storagetest.Open(t)
}

func (g *Gateway) serve(served *server.Server, basePath string) {
	listener, err := (&net.ListenConfig{}).Listen(g.T.Context(), "tcp", "127.0.0.1:0")
	Must(g.T, err)
	g.URL = "http://" + listener.Addr().String() + basePath
	done := make(chan error, 1)
	go func() { done <- served.Serve(listener) }()
	g.T.Cleanup(func() {
		g.client.CloseIdleConnections()
		Must(g.T, served.Shutdown(context.Background()))
		Must(g.T, <-done)
	})
}

func (g *Gateway) accounts() {
	ctx := g.T.Context()
	for _, user := range []storage.User{{ID: Alice, Name: "王凌超", Wealth: 500_00}, {ID: Bob, Name: "码三秃", Wealth: 1000_00}, {ID: Admin, Name: "管理员"}} {
		user.OpenTime = g.Clock.Now().Unix()
		Must(g.T, g.DB.InsertUser(ctx, user))
	}
	for token, user := range map[string]string{AliceToken: Alice, BobToken: Bob, AdminToken: Admin, LostToken: "1"} {
		Must(g.T, g.DB.InsertToken(ctx, token, user))
	}
	Must(g.T, g.DB.InTx(ctx, func(tx *storage.Tx) error {
		_, err := tx.SetRole(ctx, Admin, storage.RoleAdmin, g.Clock.Now().Unix())
		return err
	}))
}

// Must ends the test where err is one.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
