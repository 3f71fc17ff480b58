package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"runtime"
	"strings"

	"campusgate/config"
	"campusgate/handlers"
	"campusgate/storage"
)

func setupDocs(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	format := flags.String("format", "markdown", "openapi, markdown or typescript")
	return func(_ context.Context, c *config.Config) error {
		// The reference is made from declarations alone, so nothing is opened.
		registry, err := newRegistry(c, slog.New(slog.DiscardHandler), handlers.Deps{})
		if err != nil {
			return err
		}
		switch *format {
		case "markdown":
			return registry.WriteMarkdown(p.stdout)
		case "openapi":
			return registry.WriteOpenAPI(p.stdout, c.Server.BasePath, version)
		case "typescript":
			return registry.WriteTypeScript(p.stdout)
		default:
			return p.misused(flags, "--format must be openapi, markdown or typescript")
		}
	}
}

// errCheckFailed is told by the lines before it.
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

// Set by the linker.
var (
	version = "development"
	commit  = "unknown"
)

func setupVersion(p process, _ *flag.FlagSet) func(context.Context, *config.Config) error {
	return func(context.Context, *config.Config) error {
		fmt.Fprintf(p.stdout, "campusgate %s, commit %s, %s\n", version, commit, runtime.Version())
		return nil
	}
}

func join(words []string) string { return strings.Join(words, " ") }

func wantsHelp(argument string) bool {
	return argument == "-h" || argument == "-help" || argument == "--help"
}
