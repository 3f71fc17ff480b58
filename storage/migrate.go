package storage

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"campusgate/storage/engine"
)

//go:embed migrations
var migrations embed.FS

// migrations are the schema's. Their table has not the library's default name: the
// account service, whose database this is, may use the same library.
func (db *DB) migrations() (engine.Migrations, error) {
	files, err := fs.Sub(migrations, "migrations")
	return engine.Migrations{Files: files, Table: "campusgate_migrations", Before: db.fillOlder}, err
}

// Migrate brings the schema to the newest version, and refuses one that is
// newer than this program. It makes users and tokens where they are absent and
// leaves them alone where they exist. Several processes may migrate at once.
// [Options].Timeout does not apply: a large table takes its time. Rows that are older
// than the tables of grams get theirs, and wallets that are older than the ledger.
func (db *DB) Migrate(ctx context.Context) error {
	m, err := db.migrations()
	if err != nil {
		return err
	}
	return db.engine.Migrate(ctx, m)
}

// CheckSchema says in one line what is wrong when migrations are missing
// ([ErrSchemaOld]) or the schema is newer than this program. It changes nothing.
func (db *DB) CheckSchema(ctx context.Context) error {
	m, err := db.migrations()
	if err != nil {
		return err
	}
	return db.engine.CheckSchema(ctx, m)
}

// SchemaVersions are the version that the database has, 0 for none, and the newest.
func (db *DB) SchemaVersions(ctx context.Context) (current, needed int64, err error) {
	m, err := db.migrations()
	if err != nil {
		return 0, 0, err
	}
	return db.engine.SchemaVersions(ctx, m)
}

// fillOlder fills the tables of grams, and opens the ledger, before the migrations that say
// that it is done.
func (db *DB) fillOlder(ctx context.Context) error {
	batch := db.Within(time.Hour) // the machine may be busy
	for _, list := range worded {
		filling, err := list.filling(ctx, &db.Queries)
		if err == nil && filling {
			err = batch.fillGrams(ctx, list)
		}
		if err != nil {
			return err
		}
	}
	opening, err := db.sql.TableExists(ctx, "ledger_openings")
	if err == nil && opening {
		err = batch.openLedger(ctx)
	}
	return err
}
