package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

var (
	// ErrNotFound says that no row is what was asked for: none has the id,
	// or it is another user's, or it is in another state.
	ErrNotFound = errors.New("not found")
	// ErrConflict says that an id or a name is taken, as the unique index
	// decided, or that a picture belongs to someone else.
	ErrConflict = errors.New("already taken")
	// ErrNoUser says that a token is known but its user is missing.
	ErrNoUser = errors.New("token has no user")
	// ErrSchemaOld says that the database lacks migrations.
	ErrSchemaOld = errors.New("the database schema is old")
)

// wrap adds what was tried to err and gives it the sentinel that it stands for.
func (q *Queries) wrap(operation string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("%s: %w", operation, ErrNotFound)
	case q.dialect.duplicate(err):
		return fmt.Errorf("%s: %w: %w", operation, ErrConflict, err)
	default:
		return q.failure(operation, err)
	}
}

// failure adds what was tried to err, and the file that SQLite does not name.
func (q *Queries) failure(operation string, err error) error {
	if q.dialect.embedded {
		return fmt.Errorf("%s in %s: %w", operation, q.dsn, err)
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
