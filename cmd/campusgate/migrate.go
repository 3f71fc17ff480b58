package main

import (
	"context"
	"flag"
	"fmt"
	"strings"

	"campusgate/config"
	"campusgate/storage"
	"campusgate/storage/olddatabase"
)

func setupMigrate(p process, _ *flag.FlagSet) func(context.Context, *config.Config) error {
	return func(ctx context.Context, c *config.Config) error {
		return p.withDatabase(ctx, c, connect, func(db *storage.DB) error {
			if err := db.Migrate(ctx); err != nil {
				return fmt.Errorf("database.dsn: %w", err)
			}
			fmt.Fprintln(p.stderr, "the database has the current schema")
			return p.tellOldTables(ctx, db)
		})
	}
}

// tellOldTables says that the old server's tables are in this database too: the calls show
// none of their rows.
func (p process) tellOldTables(ctx context.Context, db *storage.DB) error {
	var found []string
	for _, table := range olddatabase.Own() {
		switch there, err := db.HasTable(ctx, table.Name); {
		case err != nil:
			return err
		case there:
			found = append(found, table.Name)
		}
	}
	if len(found) > 0 {
		fmt.Fprintf(p.stderr, "beside ours are tables of the old server (%s): 'campusgate import' takes their rows over\n", strings.Join(found, ", "))
	}
	return nil
}
