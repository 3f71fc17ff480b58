// Package engine runs SQL on SQLite, MySQL, MariaDB and TiDB, and knows no table.
//
// A [DB] is an open database, and [Queries] run statements on it: each by itself, or
// several as one transaction ([Queries.InTx]). A [Statement] is a text with the values
// of its parameters. [Queries.Get] and [Queries.Each] read what an index finds,
// [Collect] reads a list, [Queries.Exec], [Queries.Insert] and [Queries.Change] write.
// A list is put together from a [Filter], [Fields.OrderBy] and a [Page].
//
// Every statement has a deadline. Its error says what was tried. It wraps [ErrNotFound]
// or [ErrConflict] where that is the cause; any other error is a failure of the database.
package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
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
	// Interrupt, if not nil, is asked before each statement of [Queries], and before and
	// behind each commit, [Committing] and [Committed]: what it returns is how they fail, as
	// if the database had gone away there. For tests.
	Interrupt func(text string) error
}

// The texts of what [Options].Interrupt is asked about that is no statement.
const (
	Committing = "COMMIT"
	Committed  = "COMMIT, done" // and its answer may be lost
)

// interrupt is how the next statement fails, nil where it does not.
func (db *DB) interrupt(text string) error {
	if db.options.Interrupt == nil {
		return nil
	}
	return db.options.Interrupt(text)
}

// A DB is an open database, safe for concurrent use.
type DB struct {
	Queries
	options        Options
	dialect        dialect
	reader, writer *pool
	stopTending    func() // and wait until it has stopped
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
	db := &DB{options: options, dialect: d, reader: newPool(reader, d, options.MaxOpen), stopTending: func() {}}
	db.Queries = Queries{db: db, timeout: options.Timeout}
	db.writer = db.reader
	if writer != reader {
		db.writer = newPool(writer, d, options.MaxOpen)
	}
	if err := db.connect(ctx); err != nil {
		return nil, errors.Join(db.failure("open database", err), db.Close())
	}
	if d.tend != nil {
		db.tend()
	}
	return db, nil
}

// tend looks after the database until it is closed.
func (db *DB) tend() {
	ctx, stop := context.WithCancel(context.Background())
	var tending sync.WaitGroup
	tending.Go(func() { db.dialect.tend(ctx, db.options) })
	db.stopTending = func() { stop(); tending.Wait() }
}

// connect makes the first connection on the writer: a SQLite file that is new
// is created and put into WAL mode by it, which a reader cannot do.
func (db *DB) connect(ctx context.Context) error {
	ctx, cancel := db.bound(ctx, unprepared)
	defer cancel()
	err := db.retry(ctx, func() error {
		if _, err := db.writer.db.ExecContext(ctx, db.dialect.probe); err != nil {
			return err
		}
		return db.writer.db.PingContext(ctx)
	})
	return ended(ctx, err)
}

// Close closes all connections. Queries still running end with an error.
func (db *DB) Close() error {
	db.stopTending()
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

// Ping asks the database for an answer, without queueing behind writers: a
// [*SettingError] where its server answers, but would refuse what is written.
func (db *DB) Ping(ctx context.Context) error {
	ctx, cancel := db.bound(ctx, unprepared)
	defer cancel()
	err := db.reader.take(ctx)
	if err == nil {
		defer db.reader.give()
		err = ended(ctx, db.retry(ctx, func() error { return db.reader.db.PingContext(ctx) }))
	}
	if err != nil {
		return db.failure("ping database", err)
	}
	return nil
}

// Prepared are the texts that are prepared for all connections of a pool: each query
// that ran before, on SQLite.
func (db *DB) Prepared() []string {
	texts := db.reader.prepared()
	if db.writer != db.reader {
		texts = append(texts, db.writer.prepared()...)
	}
	return texts
}
