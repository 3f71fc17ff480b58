package engine

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"
)

// errNotEmbedded says that a database is a server's, which has tools of its own.
var errNotEmbedded = errors.New("the database is not an embedded one")

// Backup copies an embedded database, as it is at one moment, to a file that is not
// there yet. Others go on reading and writing meanwhile.
func (db *DB) Backup(ctx context.Context, file string) error {
	if !db.dialect.embedded {
		return fmt.Errorf("back up database: %w", errNotEmbedded)
	}
	err := copySQLite(ctx, db.reader.db, file)
	if err == nil {
		err = Verify(ctx, file)
	}
	if err != nil {
		return fmt.Errorf("back up database to %s: %w", file, err)
	}
	return nil
}

func copySQLite(ctx context.Context, from *sqlx.DB, file string) error {
	path, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	conn, err := from.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(connection any) error {
		source, ok := connection.(interface {
			NewBackup(uri string) (*sqlite.Backup, error)
		})
		if !ok {
			return errors.New("the SQLite driver lacks a method")
		}
		backup, err := source.NewBackup(sqliteURI(path, nil))
		if err != nil {
			return err
		}
		// All pages in one step, which is one transaction: in several, a write of another
		// process would make it begin again.
		_, err = backup.Step(-1)
		return errors.Join(err, backup.Finish())
	})
}

// Verify reads a whole file of SQLite that nobody uses, and says what is wrong with it.
func Verify(ctx context.Context, file string) error {
	path, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	// Immutable, or it would leave a log beside the file.
	pool, err := sqlx.Open("sqlite", sqliteURI(path, url.Values{"mode": {"ro"}, "immutable": {"1"}}))
	if err != nil {
		return err
	}
	defer pool.Close()
	var verdict string
	if err := pool.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return fmt.Errorf("verify %s: %w", file, err)
	}
	if verdict != "ok" {
		return fmt.Errorf("verify %s: %s", file, verdict)
	}
	return nil
}
