package main

import (
	"context"
	"flag"
	"fmt"
	"runtime"

	"campusgate/config"
)

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
