package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"campusgate/config"
	"campusgate/handlers/account/keyring"
	"campusgate/handlers/captcha/sms"
	"campusgate/handlers/contact/mail"
	"campusgate/storage"
	"campusgate/storage/pictures"
)

// errCheckFailed only sets the exit status: the lines before it say what failed.
var errCheckFailed = errors.New("check: a dependency failed")

// A dependency is what check tries.
type dependency struct {
	name, kind string
	try        func(context.Context, *config.Config) error
}

func setupCheck(p process, _ *flag.FlagSet) func(context.Context, *config.Config) error {
	return func(ctx context.Context, c *config.Config) error {
		dependencies := []dependency{
			{"database", c.Database.Driver, checkDatabase},
			{"secret", secretPlace(c), checkSecret},
			{"captchas", c.Captcha.Store, checkCaptchas},
			{"pictures", picturesPlace(c), checkPictures},
			{"sms", c.SMS.Driver, checkSMS},
			{"mail", mailPlace(c), checkMail},
			{"payments", paymentsPlace(c), checkPayments},
		}
		if c.Market.WordsPath != "" {
			dependencies = append(dependencies, dependency{"words", c.Market.WordsPath, checkWords})
		}
		if c.Market.PictureChecker == "cos" {
			dependencies = append(dependencies, dependency{"auditing", picturesPlace(c), checkAuditing})
		}
		if c.Live.Bus == "redis" && c.Captcha.Store != "redis" { // or captchas try it
			dependencies = append(dependencies, dependency{"live", c.Live.Bus, checkLive})
		}
		failed := false
		for _, dependency := range dependencies {
			result := "ok"
			switch err := dependency.try(ctx, c); {
			case errors.Is(err, errNotTried):
				result = err.Error()
			case err != nil:
				result, failed = "FAILED: "+err.Error(), true
			}
			fmt.Fprintf(p.stdout, "%-9s %s: %s\n", dependency.name, dependency.kind, result)
		}
		if failed {
			return errCheckFailed
		}
		return nil
	}
}

// errNotTried says that another dependency, which failed, is needed to try one.
var errNotTried = errors.New("not tried without the database")

// checkDatabase makes no database: where a file is absent, it asks whether serve may
// make it.
func checkDatabase(ctx context.Context, c *config.Config) error {
	if c.Database.Driver == "sqlite" {
		if _, err := os.Stat(c.Database.DSN.Reveal()); errors.Is(err, fs.ErrNotExist) {
			return atKey("database.dsn", tryWriting(c.Database.DSN.Reveal()))
		}
	}
	db, err := connect(ctx, c)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // nothing was written
	err = db.CheckSchema(ctx)
	if c.Embedded() && errors.Is(err, storage.ErrSchemaOld) {
		return nil // serve brings it up
	}
	if err != nil {
		return err
	}
	return checkUsers(ctx, c, db)
}

// checkSecret proves that the secret opens what is stored, if anything is. It makes no
// secret: serve does.
func checkSecret(ctx context.Context, c *config.Config) error {
	if c.Database.Driver == "sqlite" {
		switch _, err := os.Stat(c.Database.DSN.Reveal()); {
		case errors.Is(err, fs.ErrNotExist):
			_, err := accountSecrets(c)
			return err
		case err != nil:
			return errNotTried
		}
	}
	secrets, err := accountSecrets(c)
	if err != nil {
		return err
	}
	db, err := connect(ctx, c)
	if err != nil {
		return errNotTried
	}
	defer func() { _ = db.Close() }() // nothing was written
	switch err := db.CheckSchema(ctx); {
	case errors.Is(err, storage.ErrSchemaOld):
		return nil
	case err != nil:
		return errNotTried
	}
	return atSecret(c, keyring.Check(ctx, db, secrets))
}

func checkCaptchas(ctx context.Context, c *config.Config) error {
	store := openCaptchas(c)
	defer func() { _ = store.close() }() // nothing was written
	return store.ping(ctx)
}

// checkLive tries the Redis of the bus.
func checkLive(ctx context.Context, c *config.Config) error {
	client := redisClient(c)
	return errors.Join(redisFailure(client.Ping(ctx)), client.Close())
}

// picturesPlace is the store and where it is.
func picturesPlace(c *config.Config) string {
	if c.Pictures.Store == "cos" {
		return "cos " + c.COS.BucketURL
	}
	return c.Pictures.Store + " " + c.Pictures.Dir
}

// checkPictures writes a picture's worth of bytes in COS and reads them. Of a folder
// it asks whether a picture can be written there.
func checkPictures(ctx context.Context, c *config.Config) error {
	if c.Pictures.Store == "disk" {
		return atKey("pictures.dir", tryWriting(c.Pictures.Dir))
	}
	store, err := openPictures(c)
	if err != nil {
		return err
	}
	defer func() { _ = store.close() }() // what was written was confirmed
	return cosFailure(probe(ctx, store))
}

// atKey names the configuration's key at fault.
func atKey(key string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", key, err)
}

// probeKey is an object beside the pictures, whose keys begin otherwise: nobody
// can ask for it.
var probeKey = pictures.Key{From: "check", Name: "probe"}

// probe stores ten bytes and leaves them: to delete needs another right.
func probe(ctx context.Context, store pictures.Store) error {
	written := []byte("campusgate")
	if err := store.Put(ctx, probeKey, written); err != nil {
		return err
	}
	read, err := store.Get(ctx, probeKey)
	if err == nil && !bytes.Equal(read, written) {
		err = fmt.Errorf("%s was written, but reads back differently", probeKey)
	}
	return err
}

// auditedKey is the picture that check has audited, beside the probe.
var auditedKey = pictures.Key{From: probeKey.From, Name: "audited"}

// checkAuditing stores a plain picture, large enough for Tencent, and has the bucket audit it.
func checkAuditing(ctx context.Context, c *config.Config) error {
	store, err := openPictures(c)
	if err != nil {
		return err
	}
	defer func() { _ = store.close() }() // what was written was confirmed
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 256, 256))); err != nil {
		return err
	}
	if err := store.Put(ctx, auditedKey, picture.Bytes()); err != nil {
		return cosFailure(err)
	}
	_, err = store.audit(ctx, auditedKey)
	return atKey("market.picture_checker", err)
}

func checkWords(_ context.Context, c *config.Config) error {
	_, err := openWords(c)
	return err
}

// checkSMS asks the provider whether it knows the key; it sends no SMS.
func checkSMS(ctx context.Context, c *config.Config) error {
	if c.SMS.Driver == "log" {
		return nil
	}
	sender, err := openTencent(c)
	if err != nil {
		return err
	}
	err = sender.Check(ctx)
	var refusal *sms.RefusedError
	switch {
	case errors.As(err, &refusal) && strings.HasPrefix(refusal.Reason, "AuthFailure."):
		return fmt.Errorf("sms.secret_id, sms.secret_key: %w", err)
	case err != nil:
		return fmt.Errorf("sms.endpoint: %w", err)
	default:
		return nil
	}
}

// mailPlace is the mail server's address.
func mailPlace(c *config.Config) string {
	if c.Mail.Host == "" {
		return "none"
	}
	return net.JoinHostPort(c.Mail.Host, strconv.Itoa(c.Mail.Port))
}

// checkMail logs in to the mail server; it sends no mail.
func checkMail(ctx context.Context, c *config.Config) error {
	sender, err := openMail(c)
	if err != nil || sender == nil {
		return err
	}
	err = sender.Check(ctx)
	switch {
	case errors.Is(err, mail.ErrDenied):
		return fmt.Errorf("mail.username, mail.password: %w", err)
	case err != nil:
		return fmt.Errorf("mail.host, mail.port, mail.tls: %w", err)
	default:
		return nil
	}
}

// paymentsPlace names the channels by which users pay, beside the wallet.
func paymentsPlace(c *config.Config) string {
	set, _ := openChannels(c, nil, time.Now, slog.New(slog.DiscardHandler)) // checkPayments tells
	if len(set) == 0 {
		return "none"
	}
	return strings.Join(slices.Sorted(maps.Keys(set)), ", ")
}

// checkPayments tries the keys of the channels, and whether these go together; nothing is
// paid.
func checkPayments(_ context.Context, c *config.Config) error {
	_, err := openChannels(c, nil, time.Now, slog.New(slog.DiscardHandler))
	return err
}
