package main

import (
	"context"
	"flag"
	"log/slog"
	"slices"

	"campusgate/cmd/campusgate/console"
	"campusgate/config"
	"campusgate/dispatch/reference"
	"campusgate/handlers"
)

func setupDocs(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	format := flags.String("format", "markdown", "openapi, markdown or typescript")
	language := flags.String("lang", "en", "en or zh, of what is told of the calls")
	return func(_ context.Context, c *config.Config) error {
		// The reference is made from declarations alone, so nothing is opened.
		deps := withSettings(c, slog.New(slog.DiscardHandler), handlers.Deps{})
		deps.Authenticator = newAuthenticator(c, deps)
		registry, err := newRegistry(c, deps)
		if err != nil {
			return err
		}
		if !slices.Contains(reference.Languages, *language) {
			return p.misused(flags, "--lang must be en or zh")
		}
		in := newCatalogue().Language(*language)
		switch *format {
		case "markdown":
			return reference.WriteMarkdown(p.stdout, registry, in)
		case "openapi":
			return reference.WriteOpenAPI(p.stdout, registry, in, c.Server.BasePath, version)
		case "typescript":
			return reference.WriteTypeScript(p.stdout, registry, in)
		default:
			return p.misused(flags, "--format must be openapi, markdown or typescript")
		}
	}
}

// newCatalogue reads the translations of the reference. It panics on what is no catalogue,
// so that no server starts with one.
func newCatalogue() *reference.Catalogue {
	files := handlers.Chinese()
	files["cmd/campusgate/console/zh.txt"] = console.Chinese
	catalogue, err := reference.NewCatalogue(files)
	if err != nil {
		panic(err)
	}
	return catalogue
}
