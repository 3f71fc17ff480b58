package engine

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

func sqliteDialect() dialect {
	return dialect{
		open:     openSQLite,
		tend:     tendSQLite,
		embedded: true,
		prepares: true,
		prepared: withoutLimitsInPlans,
		goose:    goose.DialectSQLite3,
		name:     "sqlite",
		// SQLite opens a file that it may not write for reading, and goes on so
		// when the file may be written again.
		probe:       "PRAGMA incremental_vacuum(1)",
		tableExists: "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?)",
		columns:     `SELECT name, "notnull" = 0 FROM pragma_table_info(?)`,
		now:         "SELECT unixepoch()",
		forUpdate:   "", // a transaction is the only writer from its first statement on
		contains: func(column, pattern string) (condition, parameter string) {
			return column + " LIKE ? ESCAPE '!'", pattern
		},
		joinInOrder: " CROSS JOIN ",
		duplicate: func(err error) bool {
			code := sqliteCode(err)
			return code == sqlite3.SQLITE_CONSTRAINT_UNIQUE || code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
		},
		transient: func(err error) bool {
			primary := sqliteCode(err) & 0xff
			return primary == sqlite3.SQLITE_BUSY || primary == sqlite3.SQLITE_LOCKED
		},
	}
}

// withoutLimitsInPlans hides from SQLite's planner that a limit is a parameter alone: a plan that
// depends on a parameter's value is made again each time that the parameter is bound.
func withoutLimitsInPlans(text string) string {
	return strings.ReplaceAll(text, "LIMIT ?", "LIMIT ? + 0")
}

// sqliteCode is the extended result code of err, SQLITE_OK if it has none.
func sqliteCode(err error) int {
	if failure, ok := errors.AsType[*sqlite.Error](err); ok {
		return failure.Code()
	}
	return sqlite3.SQLITE_OK
}

// writerCache is how many KiB of pages the writer keeps, once it has touched as many. Pages that a
// transaction changes beyond them go to the log more than once: with SQLite's own 2,000 a campus
// of 100,000 takes a sixth longer to fill, and twice the time in the kernel.
const writerCache = 32 << 10

// openSQLite opens one connection for writing and up to MaxOpen for reading:
// SQLite has one writer at a time, and waiting for a connection heeds the
// context while waiting for a file lock does not.
func openSQLite(options Options) (reader, writer *sqlx.DB, err error) {
	if options.DSN == "" || options.DSN == ":memory:" {
		// Every connection would have a memory of its own.
		return nil, nil, fmt.Errorf("%q is not the path of a file", options.DSN)
	}
	path, err := filepath.Abs(options.DSN)
	if err != nil {
		return nil, nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, nil, err
	}
	if err := refuseEmptied(path); err != nil {
		return nil, nil, err
	}
	// Waiting for another process's lock ignores the context, so it is
	// short; retry does the rest.
	busy := fmt.Sprintf("busy_timeout(%d)", (options.Timeout / maxTries).Milliseconds())

	// Without _txlock a transaction that reads before it writes fails with
	// "database is locked" when another one has written in between. In WAL
	// mode NORMAL keeps every commit through a crash of the process.
	writer, err = openSQLiteFile(path, url.Values{
		"_txlock": {"immediate"},
		// What is deleted is overwritten: a deleted account is in no backup that is made later.
		"_pragma": {
			busy, "journal_mode(WAL)", "synchronous(NORMAL)", "secure_delete(1)",
			fmt.Sprintf("wal_autocheckpoint(%d)", logPages), fmt.Sprintf("cache_size(-%d)", writerCache),
		},
	})
	if err != nil {
		return nil, nil, err
	}
	writer.SetMaxOpenConns(1)

	reader, err = openSQLiteFile(path, url.Values{
		"_pragma": {busy, "query_only(1)"},
	})
	if err != nil {
		return nil, nil, errors.Join(err, writer.Close())
	}
	reader.SetMaxOpenConns(options.MaxOpen)
	reader.SetMaxIdleConns(options.MaxOpen)
	reader.SetConnMaxIdleTime(5 * time.Minute) // each holds a page cache of up to 2 MB
	return reader, writer, nil
}

// openSQLiteFile opens the file at the absolute path with the driver's parameters.
func openSQLiteFile(path string, parameters url.Values) (*sqlx.DB, error) {
	// Sorting, and undoing a statement in part, would need files in /tmp, which a
	// container may lack, and for which SQLite then has no place at all.
	parameters.Add("_pragma", "temp_store(MEMORY)")
	return sqlx.Open("sqlite", sqliteURI(path, parameters))
}

// refuseEmptied refuses a file that was cut to nothing while its log stands beside it,
// as a copy that failed leaves it: SQLite would take it for a new database, and drop
// the log.
func refuseEmptied(path string) error {
	size := func(name string) int64 {
		file, err := os.Stat(name)
		if err != nil {
			return -1 // absent or unreadable is for SQLite to tell
		}
		return file.Size()
	}
	if size(path) != 0 || size(path+"-wal") <= 0 {
		return nil
	}
	return fmt.Errorf("%s is empty, but its log %s-wal is not: keep both away, and restore a backup", path, path)
}

// sqliteURI names the file at the absolute path with the driver's parameters.
// Pragmas stand here because run as statements they would reach one connection
// of a pool only; the path is percent-encoded because it may contain ?, # and %.
func sqliteURI(path string, parameters url.Values) string {
	uri := url.URL{Scheme: "file", Path: path, RawQuery: parameters.Encode()}
	return uri.String()
}
