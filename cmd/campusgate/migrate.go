package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"campusgate/config"
	"campusgate/storage"
	"campusgate/storage/olddatabase"
)

func setupMigrate(p process, _ *flag.FlagSet) func(context.Context, *config.Config) error {
	return func(ctx context.Context, c *config.Config) error {
		return p.withDatabase(ctx, c, connect, func(db *storage.DB) error {
			if err := p.migrate(ctx, c, db); err != nil {
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

// migrate brings a database to the current schema, and logs from which one. It first
// keeps a copy of an embedded one, which is the way back: an older program refuses the
// new schema.
func (p process) migrate(ctx context.Context, c *config.Config, db *storage.DB) error {
	before, needed, err := db.SchemaVersions(ctx)
	if err != nil {
		return err
	}
	old := 0 < before && before < needed
	if old && c.Database.Driver == "sqlite" {
		if err := keepCopy(ctx, c.Database.DSN.Reveal(), before, db); err != nil {
			return err
		}
	}
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	if old {
		newLogger(p.stderr, c.Log).Info("the database was migrated", "from_schema", before, "to_schema", needed)
	}
	return nil
}

// copiesKept is how many copies of a database are kept beside it.
const copiesKept = 3

// keepCopy makes a copy, and removes the oldest ones. Their names sort by schema, then
// by time.
func keepCopy(ctx context.Context, file string, schema int64, db *storage.DB) error {
	name := fmt.Sprintf("%s.schema%04d-%s", file, schema, time.Now().UTC().Format("20060102T150405.000000"))
	if err := db.Backup(ctx, name); err != nil {
		return err
	}
	folder := filepath.Dir(file)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	var copies []string
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), filepath.Base(file)+".schema") {
			copies = append(copies, filepath.Join(folder, entry.Name()))
		}
	}
	slices.Sort(copies)
	for _, oldest := range copies[:max(0, len(copies)-copiesKept)] {
		if err := os.Remove(oldest); err != nil {
			return err
		}
	}
	return nil
}
