package storage

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// versionTable is not the library's default name: the account service, whose
// database this is, may use the same library.
const versionTable = "campusgate_migrations"

// Migrate brings the schema to the newest version, and refuses one that is
// newer than this program. It makes users and tokens where they are absent and
// leaves them alone where they exist. Several processes may migrate at once.
// [Options].Timeout does not apply: a large table takes its time. Rows that are older
// than the tables of grams get theirs.
func (db *DB) Migrate(ctx context.Context) error {
	pool := db.writer.db
	if db.dialect.migrating != nil {
		locked, done, err := db.dialect.migrating(ctx, db.options)
		if err != nil {
			return fmt.Errorf("migrate database: %w", err)
		}
		defer done()
		pool = locked
	}
	migrator, err := db.migrator(pool)
	if err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	for {
		before, err := db.schemaVersion(ctx)
		if err != nil {
			return fmt.Errorf("migrate database: %w", err)
		}
		if err := refuseNewer(before, newest(migrator)); err != nil {
			return err
		}
		err = db.retry(ctx, func() error {
			return db.step(ctx, migrator)
		})
		if errors.Is(err, goose.ErrNoNextVersion) {
			return nil
		}
		if err == nil {
			continue
		}
		// SQLite has no lock to hold from one migration to the next. Each is
		// a transaction that ends by adding its version, which is unique, so
		// it happens once; whoever comes second fails and looks again.
		after, versionErr := db.schemaVersion(ctx)
		if versionErr != nil || after == before {
			return fmt.Errorf("migrate database: %w", err)
		}
	}
}

// step does the next migration. What SQL cannot do comes before the one that
// removes the table gram_progress.
func (db *DB) step(ctx context.Context, migrator *goose.Provider) error {
	var filling bool
	err := db.get(ctx, "gram progress", &filling, db.dialect.tableExists, "gram_progress")
	if err == nil && filling {
		patient := *db
		patient.timeout = time.Hour // of a batch: the machine may be busy
		err = patient.fillGrams(ctx)
	}
	if err == nil {
		_, err = migrator.UpByOne(ctx)
	}
	return err
}

// CheckSchema says in one line what is wrong when migrations are missing
// ([ErrSchemaOld]) or the schema is newer than this program. It changes nothing.
func (db *DB) CheckSchema(ctx context.Context) error {
	ctx, cancel := db.bound(ctx, query{once: true})
	defer cancel()
	migrator, err := db.migrator(db.writer.db)
	if err != nil {
		return fmt.Errorf("check schema: %w", err)
	}
	current, err := db.schemaVersion(ctx)
	if err != nil {
		return fmt.Errorf("check schema: %w", err)
	}
	if current < newest(migrator) {
		return fmt.Errorf("%w: it is version %d, this program needs %d: run campusgate migrate", ErrSchemaOld, current, newest(migrator))
	}
	return refuseNewer(current, newest(migrator))
}

func refuseNewer(current, newest int64) error {
	if current > newest {
		return fmt.Errorf("the database schema is version %d, this program knows only %d: run a newer campusgate", current, newest)
	}
	return nil
}

func (db *DB) migrator(pool *sqlx.DB) (*goose.Provider, error) {
	folder, err := fs.Sub(migrations, db.dialect.migrations)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(db.dialect.goose, pool.DB, folder,
		goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true))
}

// newest is the version of the last migration.
func newest(migrator *goose.Provider) int64 {
	sources := migrator.ListSources()
	return sources[len(sources)-1].Version
}

// schemaVersion is 0 for a database that was never migrated. The library's own
// question would make its table.
func (db *DB) schemaVersion(ctx context.Context) (int64, error) {
	const operation = "schema version"
	var exists bool
	if err := db.get(ctx, operation, &exists, db.dialect.tableExists, versionTable); err != nil || !exists {
		return 0, err
	}
	var version int64
	err := db.get(ctx, operation, &version, "SELECT COALESCE(MAX(version_id), 0) FROM "+versionTable)
	return version, err
}
