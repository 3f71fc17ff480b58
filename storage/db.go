package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Options say which database to use and how.
type Options struct {
	// Driver is "sqlite", or "mysql" for MySQL, MariaDB and TiDB.
	Driver string
	// DSN is a file path for sqlite; its folder is made when absent. For
	// mysql it is the driver's, user:password@tcp(host:3306)/database; the
	// parameters that the queries need are added.
	DSN string
	// MaxOpen caps the open connections; 32 when not positive. SQLite uses
	// them for reading and one more for writing.
	MaxOpen int
	// Timeout bounds each query, and each transaction as a whole, when the
	// context has no nearer deadline; 5 s when not positive.
	Timeout time.Duration
}

// A DB is an open database, safe for concurrent use. Each method is a
// transaction of its own; [DB.InTx] joins several.
type DB struct {
	Queries
	options Options
}

// Open opens the database and tries one connection. It does not touch the
// schema: see [DB.Migrate] and [DB.CheckSchema].
func Open(ctx context.Context, options Options) (*DB, error) {
	if options.MaxOpen <= 0 {
		options.MaxOpen = 32
	}
	if options.Timeout <= 0 {
		options.Timeout = 5 * time.Second
	}
	d, err := dialectOf(options.Driver)
	if err != nil {
		return nil, err
	}
	reader, writer, err := d.open(options)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db := &DB{options: options, Queries: Queries{
		dialect: d, dsn: options.DSN, timeout: options.Timeout, few: defaultFew, reader: newPool(reader, d, options.MaxOpen),
	}}
	db.writer = db.reader
	if writer != reader {
		db.writer = newPool(writer, d, options.MaxOpen)
	}
	if err := db.connect(ctx); err != nil {
		return nil, errors.Join(db.failure("open database", err), db.Close())
	}
	return db, nil
}

// connect makes the first connection on the writer: a SQLite file that is new
// is created and put into WAL mode by it, which a reader cannot do.
func (db *DB) connect(ctx context.Context) error {
	ctx, cancel := db.bound(ctx, query{once: true})
	defer cancel()
	err := db.retry(ctx, func() error {
		_, err := db.writer.db.ExecContext(ctx, db.dialect.probe)
		return err
	})
	if err == nil {
		db.shopOwner, err = db.dialect.shopOwner(ctx, db.reader.db)
	}
	return ended(ctx, err)
}

// Close closes all connections. Queries still running end with an error.
func (db *DB) Close() error {
	// The writer last: SQLite tidies its log when the last connection closes.
	return errors.Join(db.reader.close(), db.writer.close())
}

// Pools are the connection pools by name: reader and writer on SQLite, and the one
// of both elsewhere.
func (db *DB) Pools() map[string]func() sql.DBStats {
	if db.reader == db.writer {
		return map[string]func() sql.DBStats{"all": db.reader.stats}
	}
	return map[string]func() sql.DBStats{"reader": db.reader.stats, "writer": db.writer.stats}
}

// Ping asks the database for an answer, without queueing behind writers.
func (db *DB) Ping(ctx context.Context) error {
	ctx, cancel := db.bound(ctx, query{once: true})
	defer cancel()
	err := db.reader.take(ctx)
	if err == nil {
		defer db.reader.give()
		err = ended(ctx, db.reader.db.PingContext(ctx))
	}
	if err != nil {
		return db.failure("ping database", err)
	}
	return nil
}
