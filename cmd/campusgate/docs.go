package main

import (
	"context"
	"flag"
	"log/slog"

	"campusgate/config"
	"campusgate/dispatch/reference"
	"campusgate/handlers"
)

func setupDocs(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	format := flags.String("format", "markdown", "openapi, markdown or typescript")
	return func(_ context.Context, c *config.Config) error {
		// The reference is made from declarations alone, so nothing is opened.
		deps := withSettings(c, slog.New(slog.DiscardHandler), handlers.Deps{})
		deps.Authenticator = newAuthenticator(c, deps)
		registry, err := newRegistry(c, deps)
		if err != nil {
			return err
		}
		switch *format {
		case "markdown":
			return reference.WriteMarkdown(p.stdout, registry)
		case "openapi":
			return reference.WriteOpenAPI(p.stdout, registry, c.Server.BasePath, version)
		case "typescript":
			return reference.WriteTypeScript(p.stdout, registry)
		default:
			return p.misused(flags, "--format must be openapi, markdown or typescript")
		}
	}
}
