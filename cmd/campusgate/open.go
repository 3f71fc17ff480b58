package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9/logging"

	"campusgate/config"
	"campusgate/handlers/captcha"
	"campusgate/handlers/captcha/sms"
	"campusgate/handlers/contact/mail"
	"campusgate/handlers/course"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
	"campusgate/storage/bus"
	"campusgate/storage/captchas"
	"campusgate/storage/limits"
	"campusgate/storage/pictures"
	"campusgate/storage/redis"
)

// openDatabase opens the database with its schema in place. Only the embedded
// default brings itself to the current schema; elsewhere that is migrate's work,
// at a moment that the operator chooses.
func (p process) openDatabase(ctx context.Context, c *config.Config) (*storage.DB, error) {
	db, err := connect(ctx, c)
	if err != nil {
		return nil, err
	}
	if c.Embedded() {
		err = p.migrate(ctx, c, db)
	} else {
		err = db.CheckSchema(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("database.dsn: %w", err), db.Close())
	}
	if err := checkUsers(ctx, c, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// checkUsers asks whether accounts of our own fit into users, where there are any.
func checkUsers(ctx context.Context, c *config.Config, db *storage.DB) error {
	if !c.Accounts.Own {
		return nil
	}
	return atKey("accounts.own", db.CheckUserIDs(ctx))
}

// connect opens the database as it is.
func connect(ctx context.Context, c *config.Config) (*storage.DB, error) {
	db, err := storage.Open(ctx, storage.Options{
		Driver: c.Database.Driver, DSN: c.Database.DSN.Reveal(),
		MaxOpen: c.Database.MaxOpen, Timeout: c.Database.Timeout,
	})
	if err != nil {
		return nil, fmt.Errorf("database.dsn: %w", databaseFailure(c, err))
	}
	if c.Mail.Host != "" {
		db.MailNotices()
	}
	return db, nil
}

// connectCurrent opens a database that is there and has the current schema, for a command
// that makes neither.
func connectCurrent(ctx context.Context, c *config.Config) (*storage.DB, error) {
	if c.Database.Driver == "sqlite" {
		if _, err := os.Stat(c.Database.DSN.Reveal()); err != nil {
			return nil, fmt.Errorf("database.dsn: %w", err) // to connect would make it
		}
	}
	db, err := connect(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := db.CheckSchema(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("database.dsn: %w", err), db.Close())
	}
	return db, nil
}

// databaseFailure says who may not write where, if that is why a database of SQLite
// was not opened: it needs its file, and others beside it.
func databaseFailure(c *config.Config, err error) error {
	if c.Database.Driver != "sqlite" {
		return err
	}
	file := c.Database.DSN.Reveal()
	return whoMayNot(whoMayNot(err, file), filepath.Dir(file))
}

func closeDatabase(db *storage.DB, logger *slog.Logger) {
	if err := db.Close(); err != nil {
		logger.Error("close database", "error", err)
	}
}

// An opener opens the database for a command.
type opener func(context.Context, *config.Config) (*storage.DB, error)

// withDatabase opens the database for one command.
func (p process) withDatabase(ctx context.Context, c *config.Config, open opener, use func(*storage.DB) error) error {
	db, err := open(ctx, c)
	if err != nil {
		return err
	}
	defer closeDatabase(db, newLogger(p.stderr, c.Log))
	return use(db)
}

// listen listens on an address. That of IPv4's every interface is IPv4's alone:
// package net would listen on IPv6 too.
func listen(ctx context.Context, address string) (net.Listener, error) {
	network := "tcp"
	if parsed, err := netip.ParseAddrPort(address); err == nil && parsed.Addr().Is4() {
		network = "tcp4"
	}
	return (&net.ListenConfig{}).Listen(ctx, network, address)
}

// captchaStore is where codes and limits are kept: in this process, or in Redis
// for all replicas.
type captchaStore struct {
	captchas captcha.Store
	limiter  wire.Limiter
	ping     func(context.Context) error // its errors name the configuration's key at fault
	close    func() error
	watch    func(*metrics)
}

func openCaptchas(c *config.Config) captchaStore {
	if c.Captcha.Store == "redis" {
		return openRedis(c)
	}
	store := captchas.NewMemory(captchas.Options{
		TTL: c.Captcha.TTL, MaxLifetime: c.Captcha.MaxLifetime, Now: time.Now,
	})
	return captchaStore{
		captchas: store,
		limiter:  limits.NewMemory(time.Now),
		ping:     func(context.Context) error { return nil },
		close:    func() error { return nil },
		watch:    func(m *metrics) { m.watchMemory(store) },
	}
}

func redisClient(c *config.Config) *redis.Client {
	logging.Disable() // its lines are not in the log's format; every call returns its error
	return redis.Open(redis.Options{
		Addresses: c.Redis.Addr, SentinelMaster: c.Redis.SentinelMaster,
		Username: c.Redis.Username, Password: c.Redis.Password.Reveal(), DB: c.Redis.DB,
		Timeout: c.Redis.Timeout,
	})
}

// liveBus is by what replicas tell each other what to push: in this process, or by Redis.
type liveBus struct {
	publish func(user string, text []byte)
	run     func(context.Context)
	close   func() error
}

func openBus(c *config.Config, deliver bus.Deliver, logger *slog.Logger) liveBus {
	if c.Live.Bus != "redis" {
		return liveBus{bus.NewMemory(deliver).Publish, func(context.Context) {}, func() error { return nil }}
	}
	client := redisClient(c)
	shared := bus.NewRedis(client, deliver, logger)
	return liveBus{shared.Publish, shared.Run, client.Close}
}

func openRedis(c *config.Config) captchaStore {
	client := redisClient(c)
	return captchaStore{
		captchas: captchas.NewRedis(client, c.Captcha.TTL, c.Captcha.MaxLifetime), limiter: limits.NewRedis(client),
		ping:  func(ctx context.Context) error { return redisFailure(client.Ping(ctx)) },
		close: client.Close,
		watch: func(m *metrics) { m.watchRedis(client) },
	}
}

// redisFailure names the configuration's keys at fault.
func redisFailure(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, redis.ErrDenied):
		return fmt.Errorf("redis.username, redis.password: %w", err)
	default:
		return fmt.Errorf("redis.addr: %w", err)
	}
}

// pictureStore is where pictures are kept: in a folder, or in COS for all
// replicas.
type pictureStore struct {
	pictures.Store
	// ping reads; its errors name the configuration's key at fault.
	ping  func(context.Context) error
	close func() error
	// remove fails with ErrNotFound, or names the configuration's key at fault.
	remove func(context.Context, pictures.Key) error
	// audit looks at what a picture shows; nil where market.picture_checker is off.
	audit func(context.Context, pictures.Key) (pictures.Verdict, error)
	// bucket holds the videos of courses; nil without COS.
	bucket course.Bucket
}

func openPictures(c *config.Config) (pictureStore, error) {
	if c.Pictures.Store == "cos" {
		return openCOS(c)
	}
	disk, err := pictures.OpenDisk(c.Pictures.Dir)
	if err != nil {
		return pictureStore{}, fmt.Errorf("pictures.dir: %w", whoMayNot(err, c.Pictures.Dir))
	}
	ping := func(context.Context) error {
		_, err := os.Stat(c.Pictures.Dir)
		return err
	}
	remove := func(ctx context.Context, key pictures.Key) error {
		return whoMayNot(disk.Remove(ctx, key), filepath.Join(c.Pictures.Dir, key.From))
	}
	return pictureStore{disk, ping, disk.Close, remove, nil, nil}, nil
}

func openCOS(c *config.Config) (pictureStore, error) {
	store, err := pictures.NewCOS(pictures.COSOptions{
		BucketURL: c.COS.BucketURL, SecretID: c.COS.SecretID.Reveal(), SecretKey: c.COS.SecretKey.Reveal(),
		Timeout: c.COS.Timeout,
	})
	if err != nil {
		return pictureStore{}, fmt.Errorf("cos.bucket_url: %w", err)
	}
	ping := func(ctx context.Context) error {
		if _, err := store.Get(ctx, probeKey); !errors.Is(err, pictures.ErrNotFound) {
			return cosFailure(err)
		}
		return nil
	}
	remove := func(ctx context.Context, key pictures.Key) error { return cosFailure(store.Remove(ctx, key)) }
	opened := pictureStore{store, ping, store.Close, remove, nil, store}
	if c.Market.PictureChecker == "cos" {
		opened.audit = store.Audit
	}
	return opened, nil
}

// cosFailure names the configuration's keys at fault.
func cosFailure(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pictures.ErrDenied):
		return fmt.Errorf("cos.secret_id, cos.secret_key: %w", err)
	default:
		return fmt.Errorf("cos.bucket_url: %w", err)
	}
}

// openWords reads the refused words.
func openWords(c *config.Config) (*words.Checker, error) {
	checker, err := words.Load(c.Market.WordsPath)
	return checker, atKey("market.words_path", err)
}

// A texter sends codes and reminders by SMS.
type texter interface {
	captcha.Sender

	Notify(ctx context.Context, phone string, words ...string) error
}

// openSMS chooses who sends SMS, and does not call it. Readiness does not ask it
// either: a provider that is down is no reason to take away all the other calls.
func openSMS(c *config.Config, logger *slog.Logger) (texter, error) {
	if c.SMS.Driver == "tencent" {
		return openTencent(c)
	}
	return sms.Log{Logger: logger}, nil
}

func openTencent(c *config.Config) (*sms.Tencent, error) {
	sender, err := sms.NewTencent(sms.TencentOptions{
		Endpoint: c.SMS.Endpoint, SecretID: c.SMS.SecretID.Reveal(), SecretKey: c.SMS.SecretKey.Reveal(),
		Region: c.SMS.Region, AppID: c.SMS.AppID, Sign: c.SMS.Sign, TemplateID: c.SMS.TemplateID,
		NoticeTemplateID: c.SMS.NoticeTemplateID, Timeout: c.SMS.Timeout,
	})
	if err != nil {
		return nil, fmt.Errorf("sms.endpoint: %w", err)
	}
	return sender, nil
}

// openMail is who sends mails, nil where mail.host is empty. It does not call the server.
func openMail(c *config.Config) (*mail.Sender, error) {
	if c.Mail.Host == "" {
		return nil, nil
	}
	sender, err := mail.New(mail.Options{
		Host: c.Mail.Host, Port: c.Mail.Port, Username: c.Mail.Username, Password: c.Mail.Password.Reveal(),
		From: c.Mail.From, TLS: c.Mail.TLS, Timeout: c.Mail.Timeout,
	})
	if err != nil {
		return nil, fmt.Errorf("mail.from: %w", err)
	}
	return sender, nil
}
