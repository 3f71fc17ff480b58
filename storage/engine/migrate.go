package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

// Migrations make a schema.
type Migrations struct {
	// Files are folders of numbered SQL files, one for each driver: sqlite and mysql.
	Files fs.FS
	// Table is where the numbers of those that were done are kept.
	Table string
	// Before runs before each of them and at the end, for what SQL cannot do.
	Before func(context.Context) error
}

// Migrate brings the schema to the newest version, and refuses one that is newer than
// the migrations. Several processes may migrate at once. [Options].Timeout does not
// apply: a large table takes its time.
func (db *DB) Migrate(ctx context.Context, m Migrations) error {
	pool := db.writer.db
	if db.dialect.migrating != nil {
		locked, done, err := db.dialect.migrating(ctx, db.options)
		if err != nil {
			return fmt.Errorf("migrate database: %w", err)
		}
		defer done()
		pool = locked
	}
	migrator, err := db.migrator(m, pool)
	if err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	for {
		before, err := db.schemaVersion(ctx, m.Table)
		if err != nil {
			return fmt.Errorf("migrate database: %w", err)
		}
		if err := refuseNewer(before, newest(migrator)); err != nil {
			return err
		}
		var done bool
		err = db.retry(ctx, func() error {
			if err := m.Before(ctx); err != nil {
				return err
			}
			pending, err := migrator.HasPending(ctx)
			if done = err == nil && !pending; done || err != nil {
				return err
			}
			return db.migrateTo(ctx, m.Table, pool, migrator, behind(migrator, before))
		})
		if done {
			return nil
		}
		if err == nil || errors.Is(err, goose.ErrAlreadyApplied) {
			continue
		}
		// SQLite has no lock to hold from one migration to the next. Each is
		// a transaction that ends by adding its version, which is unique, so
		// it happens once; whoever comes second fails and looks again.
		after, versionErr := db.schemaVersion(ctx, m.Table)
		if versionErr != nil || after == before {
			return fmt.Errorf("migrate database: %w", err)
		}
	}
}

// behind is the migration that follows a version, 0 if there is none.
func behind(migrator *goose.Provider, version int64) int64 {
	for _, source := range migrator.ListSources() { // in their order
		if source.Version > version {
			return source.Version
		}
	}
	return 0
}

// migrateTo does the migration to a version, and no other: what came before it was done for
// that one, and another process may have done it meanwhile. One that was done before, but
// whose version was not noted, is noted.
func (db *DB) migrateTo(ctx context.Context, table string, pool *sqlx.DB, migrator *goose.Provider, version int64) error {
	_, err := migrator.ApplyVersion(ctx, version, true)
	failed, ok := errors.AsType[*goose.PartialError](err)
	if !ok || db.dialect.doneBefore == nil || !db.dialect.doneBefore(err) {
		return err
	}
	versions, err := database.NewStore(db.dialect.goose, table)
	if err != nil {
		return err
	}
	return versions.Insert(ctx, pool, database.InsertRequest{Version: failed.Failed.Source.Version})
}

// CheckSchema says in one line what is wrong when migrations are missing
// ([ErrSchemaOld]) or the schema is newer than this program. It changes nothing.
func (db *DB) CheckSchema(ctx context.Context, m Migrations) error {
	current, needed, err := db.SchemaVersions(ctx, m)
	if err != nil {
		return err
	}
	if current < needed {
		return fmt.Errorf("%w: it is version %d, this program needs %d: run campusgate migrate", ErrSchemaOld, current, needed)
	}
	return refuseNewer(current, needed)
}

// SchemaVersions are the version that the database has, 0 for none, and the newest.
func (db *DB) SchemaVersions(ctx context.Context, m Migrations) (current, needed int64, err error) {
	ctx, cancel := db.bound(ctx, unprepared)
	defer cancel()
	migrator, err := db.migrator(m, db.writer.db)
	if err == nil {
		current, err = db.schemaVersion(ctx, m.Table)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("check schema: %w", err)
	}
	return current, newest(migrator), nil
}

func refuseNewer(current, newest int64) error {
	if current > newest {
		return fmt.Errorf("the database schema is version %d, this program knows only %d: run a newer campusgate", current, newest)
	}
	return nil
}

func (db *DB) migrator(m Migrations, pool *sqlx.DB) (*goose.Provider, error) {
	folder, err := fs.Sub(m.Files, db.dialect.name)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(db.dialect.goose, pool.DB, folder,
		goose.WithTableName(m.Table), goose.WithDisableGlobalRegistry(true))
}

// newest is the version of the last migration.
func newest(migrator *goose.Provider) int64 {
	sources := migrator.ListSources()
	return sources[len(sources)-1].Version
}

// schemaVersion is 0 for a database that was never migrated. The library's own
// question would make its table.
func (db *DB) schemaVersion(ctx context.Context, table string) (version int64, err error) {
	exists, err := db.TableExists(ctx, table)
	if err != nil || !exists {
		return 0, err
	}
	err = db.Get(ctx, "schema version", SQL("SELECT COALESCE(MAX(version_id), 0) FROM "+table), &version)
	return version, err
}
