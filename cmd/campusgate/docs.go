package main

import (
	"context"
	"flag"
	"log/slog"

	"campusgate/config"
	"campusgate/handlers"
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
