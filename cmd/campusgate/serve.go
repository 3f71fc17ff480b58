package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"campusgate/cmd/campusgate/console"
	"campusgate/cmd/campusgate/desk"
	"campusgate/config"
	"campusgate/dispatch"
	"campusgate/dispatch/reference"
	"campusgate/dispatch/server"
	"campusgate/handlers"
	"campusgate/handlers/account"
	"campusgate/handlers/account/keyring"
	"campusgate/handlers/captcha"
	"campusgate/handlers/captcha/drawing"
	"campusgate/handlers/market"
	"campusgate/handlers/media"
	"campusgate/handlers/trade"
	"campusgate/handlers/wire"
	"campusgate/storage"
	"campusgate/storage/jobs"
	"campusgate/storage/pictures"
)

// gateway is everything that serve runs.
type gateway struct {
	configuration *config.Config
	logger        *slog.Logger
	db            *storage.DB
	keyring       *keyring.Keyring // nil where there is no secret
	captchas      captchaStore
	pictures      pictureStore
	cache         *pictures.Cache
	clicks        *market.Clicks
	jobs          *jobs.Runner
	server        *server.Server
	metrics       *metrics // nil where metrics.listen is empty
	bus           liveBus

	// now is the time in Unix seconds by which jobs are due.
	now func(context.Context) (int64, error)
}

func setupServe(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	demo := flags.Bool("demo", false, "fill an empty embedded database with accounts, a shop, products and notices to try")
	return func(ctx context.Context, configuration *config.Config) error {
		signal.Ignore(syscall.SIGPIPE) // a reader of the log that is gone is no reason to end
		logger, lines := newServingLogger(p.stderr, configuration.Log)
		defer lines.close(max(configuration.Server.ShutdownTimeout/20, 100*time.Millisecond))
		ended := make(chan error, 1)
		go func() { ended <- p.serve(ctx, configuration, *demo, logger, lines) }()
		select {
		case err := <-ended:
			return err
		case <-overdue(ctx, configuration.Server.ShutdownTimeout):
			return errors.New("server.shutdown_timeout: something did not end in time")
		}
	}
}

// overdue is closed when most of the time to end is over after ctx has ended: what is
// still waited for then is given up, and the rest is for the log. Of a short time half
// a second is left for what has to be done anyway.
func overdue(ctx context.Context, timeout time.Duration) <-chan struct{} {
	late := make(chan struct{})
	context.AfterFunc(ctx, func() {
		time.AfterFunc(max(timeout*19/20, timeout*9/10+500*time.Millisecond), func() { close(late) })
	})
	return late
}

// serve opens everything that the configuration names, and answers until ctx ends.
func (p process) serve(ctx context.Context, configuration *config.Config, demo bool, logger *slog.Logger, lines *logLines) error {
	tuneCollector(p.environ, int64(configuration.Pictures.Cache))
	unlock, err := lockData(configuration)
	if err != nil {
		return err
	}
	defer unlock()
	db, err := p.openDatabase(ctx, configuration)
	if err != nil {
		return err
	}
	defer closeDatabase(db, logger)
	ring, err := openKeyring(ctx, configuration, db)
	if err != nil {
		return err
	}
	tried, err := openDemo(ctx, demo, db, configuration)
	if err != nil {
		return err
	}
	g, err := newGateway(configuration, logger, db, ring, tried)
	if err != nil {
		return err
	}
	tried.illustrate(ctx, db, logger)
	releaseStart()
	listener, err := listen(ctx, configuration.Server.Listen)
	if err != nil {
		return fmt.Errorf("server.listen: %w", err)
	}
	if g.metrics != nil {
		g.metrics.watchLog(lines)
		stop, err := g.metrics.listen(ctx, configuration.Metrics.Listen, logger)
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		defer stop()
	}
	if tried != nil {
		tried.print(p.stdout, configuration, listener.Addr())
	}
	return g.serve(ctx, listener)
}

// newGateway wires the parts together. With a demo the console may act as its accounts,
// and its time is the demo's.
func newGateway(configuration *config.Config, logger *slog.Logger, db *storage.DB, ring *keyring.Keyring, tried *demo) (*gateway, error) {
	store, err := openPictures(configuration)
	if err != nil {
		return nil, err
	}
	drawer, err := drawing.New()
	if err != nil {
		return nil, err
	}
	sender, err := openSMS(configuration, logger)
	if err != nil {
		return nil, err
	}
	sender = tried.texts(sender, configuration)
	refused, err := openWords(configuration)
	if err != nil {
		return nil, err
	}
	mails, err := openMail(configuration)
	if err != nil {
		return nil, err
	}
	now, sharedNow := tried.times(db)
	channels, err := openChannels(configuration, db, now, logger)
	if err != nil {
		return nil, err
	}
	g := &gateway{
		configuration: configuration, logger: logger, db: db, keyring: ring,
		captchas: openCaptchas(configuration), pictures: store,
		cache: pictures.NewCache(store, int64(configuration.Pictures.Cache)), clicks: market.NewClicks(db, logger), now: sharedNow,
	}
	checker := pictures.NewChecker(pictures.MaxPixels)
	deps := withSettings(configuration, logger, handlers.Deps{
		DB:           db,
		Captchas:     g.captchas.captchas,
		Limiter:      g.captchas.limiter,
		Pictures:     g.cache,
		Checker:      checker,
		AuditPicture: store.audit, Bucket: store.bucket,
		Drawer:   drawer,
		SMS:      sender,
		Clicks:   g.clicks,
		Words:    refused,
		Keyring:  ring,
		Mail:     mails,
		Now:      sharedNow,
		Channels: channels,
	})
	tried.uploads(deps)
	counted := newTradeMetrics(channels)
	if configuration.Metrics.Listen != "" {
		deps.Counters = counted.counters()
	}
	if configuration.SMS.NoticeTemplateID != "" {
		deps.Text = sender.Notify
	}
	deps.Clock.Now = now
	g.bus = openBus(configuration, g.tell, logger)
	db.OnPush(handlers.Pushes(deps, g.bus.publish))
	deps.Authenticator = newAuthenticator(configuration, deps)
	registry, err := newRegistry(configuration, deps, tried.calls(db, configuration)...)
	if err != nil {
		return nil, err
	}
	g.jobs, err = jobs.New(db, append(handlers.Jobs(deps), g.rewritingSecret()), jobs.Options{
		Logger: logger, Grace: configuration.Server.ShutdownTimeout * 8 / 10, Now: sharedNow,
	})
	if err != nil {
		return nil, err
	}
	g.server = g.newServer(registry, deps.Authenticator.Living, tried)
	if g.metrics != nil {
		g.metrics.watch(g, g.cache, checker)
		g.metrics.watchTrade(g, counted)
		if mails != nil {
			g.metrics.watchMail(mails)
		}
	}
	return g, nil
}

// withSettings completes the handlers' parts with what the configuration says.
func withSettings(c *config.Config, logger *slog.Logger, deps handlers.Deps) handlers.Deps {
	deps.Logger = logger
	deps.Clock = wire.Clock{Now: time.Now, Location: c.Server.Timezone}
	deps.Settings = handlers.Settings{
		Account: account.Settings{
			Own: c.Accounts.Own, TokenTTL: c.Accounts.TokenTTL, BeliNewUser: int64(c.Market.BeliNewUser), URLPrefix: c.Pictures.URLPrefix,
			MaxPicture: int(c.Pictures.MaxSize),
		},
		GuessesPerMinute: c.Limits.GuessesPerMinute,
		ReviewGoods:      c.Market.ReviewGoods,

		Captcha: captcha.Settings{LogCodes: c.Captcha.LogCodes},
		Media: media.Settings{
			AllowReferers:      c.Pictures.AllowReferers,
			AllowEmptyReferer:  c.Pictures.AllowEmptyReferer,
			AnonymousPortraits: c.Pictures.AnonymousPortraits,
			URLPrefix:          c.Pictures.URLPrefix,
			KeepLocation:       c.Pictures.KeepLocation,
			MaxSize:            int(c.Pictures.MaxSize),
		},
		Market: market.Settings{ShopsPerUser: int64(c.Shops.PerUser), Review: market.Review(c.Market.Review), URLPrefix: c.Pictures.URLPrefix},
		Trade: trade.Settings{
			BeliPercent: int64(c.Market.BeliPercent), FeePercent: int64(c.Market.FeePercent), Periods: periods(&c.Market),
			URLPrefix: c.Pictures.URLPrefix,
			Pay: trade.PaySettings{
				NotifyBase: c.Payments.NotifyBase, Timeout: c.Payments.Timeout, ReturnHosts: c.Payments.ReturnHosts, BasePath: c.Server.BasePath,
			},
		},
	}
	return deps
}

func periods(m *config.Market) trade.Periods {
	return trade.Periods{
		PayWithin:       m.PayWithin,
		ShipWithin:      m.ShipWithin,
		ConfirmWithin:   m.ConfirmWithin,
		SettleAfter:     m.SettleAfter,
		AnswerWithin:    m.AnswerWithin,
		ReturnWithin:    m.ReturnWithin,
		ReceiveWithin:   m.ReceiveWithin,
		ArbitrateWithin: m.ArbitrateWithin,
		AppealWithin:    m.AppealWithin,
		CreditWithin:    m.CreditWithin,
	}
}

// tell tells the connections of a user to this replica.
func (g *gateway) tell(user string, text []byte) {
	if len(text) == 0 {
		go g.server.CheckListener(user) // the database is asked
		return
	}
	g.server.Push(user, text)
}

func newAuthenticator(c *config.Config, deps handlers.Deps) *account.Authenticator {
	return account.NewAuthenticator(deps.DB, c.Auth.CacheTTL, account.Sessions(c.Accounts.TokenTTL), deps.Clock.Now)
}

// newRegistry registers every call, and more beside.
func newRegistry(c *config.Config, deps handlers.Deps, more ...dispatch.Endpoint) (*dispatch.Registry, error) {
	return dispatch.NewRegistry(dispatch.RegistryOptions{
		Authenticate: deps.Authenticator.Account,
		Uploads:      c.Limits.Uploads,
		Logger:       deps.Logger,
	}, append(handlers.All(deps), more...)...)
}

// newServer makes the server, with the metrics and the console that observe it.
func (g *gateway) newServer(registry *dispatch.Registry, living server.Living, tried *demo) *server.Server {
	c := g.configuration
	var observers []server.Observer
	if c.Metrics.Listen != "" {
		g.metrics = newMetrics()
		observers = append(observers, g.metrics.observe)
	}
	pages := []dispatch.Endpoint{reference.Page(registry, newCatalogue(), c.Server.BasePath, version)}
	var demoDatabase *storage.DB
	var codes *console.Codes
	if tried != nil {
		demoDatabase, codes = g.db, tried.codes
	}
	shown := console.New(time.Now, demoDatabase, newToken, codes)
	if c.Server.Console {
		observers = append(observers, shown.Observe)
		pages = append(pages, shown.Pages()...)
	}
	if c.Server.Desk {
		pages = append(append(pages, desk.Pages()...), shown.DemoPage(desk.Path))
	}
	return server.New(server.Options{
		Registry:          registry,
		BasePath:          c.Server.BasePath,
		MaxBody:           int(c.Server.MaxBody),
		MinRate:           int(c.Server.MinRate),
		ReadTimeout:       c.Server.ReadTimeout,
		WriteTimeout:      c.Server.WriteTimeout,
		IdleTimeout:       c.Server.IdleTimeout,
		LegacyContentType: c.Server.LegacyContentType,
		TrustedProxies:    c.Server.TrustedProxies,
		TrustedCallers:    c.Server.TrustedCallers,
		AllowOrigins:      c.Server.AllowOrigins,
		AllowLoopback:     tried != nil && !c.IsSet("server.allow_origins"),
		PerMinute:         c.Limits.PerMinute,
		Ready:             g.ready,
		Logger:            g.logger,
		Now:               time.Now,
		Observer:          server.Observers(observers...),
		Living:            living,
		Pages:             pages,
	})
}

// ready asks what a request needs. The error begins with the dependency's name and kind.
func (g *gateway) ready(ctx context.Context) error {
	if err := g.db.Ping(ctx); err != nil {
		return fmt.Errorf("%s: %w", databaseAtFault(g.configuration.Database.Driver, err), err)
	}
	if err := g.captchas.ping(ctx); err != nil {
		return fmt.Errorf("captchas (%s): %w", g.configuration.Captcha.Store, err)
	}
	if err := g.pictures.ping(ctx); err != nil {
		return fmt.Errorf("pictures (%s): %w", g.configuration.Pictures.Store, err)
	}
	return nil
}

// databaseAtFault names the server's setting instead of the kind where one refuses: it is
// no secret.
func databaseAtFault(driver string, err error) string {
	if setting, ok := errors.AsType[*storage.SettingError](err); ok {
		return "database (" + setting.Name + ")"
	}
	return "database (" + driver + ")"
}

// serve answers until ctx ends, and then drains: requests in flight and jobs finish and
// counted clicks are written, within server.shutdown_timeout.
func (g *gateway) serve(ctx context.Context, listener net.Listener) error {
	if g.configuration.Pictures.AnonymousPortraits {
		g.logger.Warn("pictures.anonymous_portraits is on: anybody may upload a portrait for a user who has not uploaded one")
	}
	if g.configuration.Payments.Sandbox {
		g.logger.Warn("payments.sandbox is on: what is paid there is paid by nobody")
	}
	background, stopBackground := context.WithCancel(context.WithoutCancel(ctx))
	var inBackground, jobsRun sync.WaitGroup
	inBackground.Go(func() { g.clicks.Run(background) })
	inBackground.Go(func() { g.bus.run(background) })
	inBackground.Go(func() { forgetRemoved(background, g.db, g.cache, g.logger) })
	defer inBackground.Wait()
	defer stopBackground()
	taking, stopTaking := context.WithCancel(ctx) // jobs drain beside the requests
	jobsRun.Go(func() { g.jobs.Run(taking) })
	defer jobsRun.Wait()
	defer stopTaking()

	failed := make(chan error, 1)
	go func() { failed <- g.server.Serve(listener) }()
	g.logger.Info("listening", "address", listener.Addr().String(), "base_path", g.configuration.Server.BasePath)
	if g.configuration.Server.Console {
		g.logger.Info("console", "url", pageURL(g.configuration, listener.Addr(), console.Path))
	}
	if g.configuration.Server.Desk {
		g.logger.Info("desk", "url", pageURL(g.configuration, listener.Addr(), desk.Path))
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	g.logger.Info("stopping")
	// A tenth is left for the clicks and the log.
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), g.configuration.Server.ShutdownTimeout*9/10)
	defer cancel()
	if err := g.server.Shutdown(drain); err != nil {
		return fmt.Errorf("server.shutdown_timeout: calls were still running: %w", err)
	}
	jobsRun.Wait()
	if err := g.captchas.close(); err != nil {
		g.logger.Warn("close captchas", "error", err)
	}
	if err := g.bus.close(); err != nil {
		g.logger.Warn("close live.bus", "error", err)
	}
	if err := g.pictures.close(); err != nil {
		g.logger.Warn("close pictures", "error", err)
	}
	g.logger.Info("stopped")
	return nil
}
