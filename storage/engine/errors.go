package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

var (
	// ErrNotFound says that there is no row of those that were asked for.
	ErrNotFound = errors.New("not found")
	// ErrConflict says that a unique index has the row already.
	ErrConflict = errors.New("already taken")
	// ErrSchemaOld says that the database lacks migrations.
	ErrSchemaOld = errors.New("the database schema is out of date")
)

// wrap adds what was tried to err and gives it the sentinel that it stands for.
func (q Queries) wrap(operation string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("%s: %w", operation, ErrNotFound)
	case q.db.dialect.duplicate(err):
		return fmt.Errorf("%s: %w: %w", operation, ErrConflict, err)
	default:
		return q.db.failure(operation, err)
	}
}

// failure adds what was tried to err, and the file that SQLite does not name.
// Elsewhere the DSN holds a password.
func (db *DB) failure(operation string, err error) error {
	if db.dialect.embedded {
		return fmt.Errorf("%s in %s: %w", operation, db.options.DSN, err)
	}
	return fmt.Errorf("%s: %w", operation, err)
}

// ended adds to err that ctx has ended, where the driver says only that the
// connection broke.
func ended(ctx context.Context, err error) error {
	if over := ctx.Err(); err != nil && over != nil && !errors.Is(err, over) {
		return fmt.Errorf("%w: %w", over, err)
	}
	return err
}
