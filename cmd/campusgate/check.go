package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"campusgate/config"
	"campusgate/handlers/captcha/sms"
	"campusgate/storage"
	"campusgate/storage/pictures"
)

// errCheckFailed only sets the exit status: the lines before it say what failed.
var errCheckFailed = errors.New("check: a dependency failed")

func setupCheck(p process, _ *flag.FlagSet) func(context.Context, *config.Config) error {
	return func(ctx context.Context, c *config.Config) error {
		dependencies := []struct {
			name, kind string
			try        func(context.Context, *config.Config) error
		}{
			{"database", c.Database.Driver, checkDatabase},
			{"captchas", c.Captcha.Store, checkCaptchas},
			{"pictures", picturesPlace(c), checkPictures},
			{"sms", c.SMS.Driver, checkSMS},
		}
		failed := false
		for _, dependency := range dependencies {
			result := "ok"
			if err := dependency.try(ctx, c); err != nil {
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

func checkDatabase(ctx context.Context, c *config.Config) error {
	db, err := connect(ctx, c)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // nothing was written
	err = db.CheckSchema(ctx)
	if c.Embedded() && errors.Is(err, storage.ErrSchemaOld) {
		return nil // serve brings it up
	}
	return err
}

func checkCaptchas(ctx context.Context, c *config.Config) error {
	store := openCaptchas(c)
	defer func() { _ = store.close() }() // nothing was written
	if err := store.ping(ctx); err != nil {
		return fmt.Errorf("redis.addr: %w", err)
	}
	return nil
}

// picturesPlace is the store and where it is.
func picturesPlace(c *config.Config) string {
	if c.Pictures.Store == "cos" {
		return "cos " + c.COS.BucketURL
	}
	return c.Pictures.Store + " " + c.Pictures.Dir
}

// checkPictures writes a picture's worth of bytes and reads them.
func checkPictures(ctx context.Context, c *config.Config) error {
	store, err := openPictures(c)
	if err != nil {
		return err
	}
	defer func() { _ = store.close() }() // what was written was confirmed
	if c.Pictures.Store == "cos" {
		return cosFailure(probe(ctx, store))
	}
	return checkFolder(c.Pictures.Dir)
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

// checkFolder removes what it wrote.
func checkFolder(folder string) error {
	probe, err := os.CreateTemp(folder, ".check-*")
	if err != nil {
		return fmt.Errorf("pictures.dir: %w", err)
	}
	_, err = probe.WriteString("campusgate")
	return errors.Join(err, probe.Close(), os.Remove(probe.Name()))
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
