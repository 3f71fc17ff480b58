package main

import (
	"context"
	"flag"
	"fmt"

	"campusgate/config"
	"campusgate/storage"
)

func setupMigrate(p process, _ *flag.FlagSet) func(context.Context, *config.Config) error {
	return func(ctx context.Context, c *config.Config) error {
		return p.withDatabase(ctx, c, connect, func(db *storage.DB) error {
			if err := db.Migrate(ctx); err != nil {
				return fmt.Errorf("database.dsn: %w", err)
			}
			fmt.Fprintln(p.stderr, "the database has the current schema")
			return nil
		})
	}
}
