package engine

import (
	"context"
	"time"
)

// unwatched is the context of a query on MySQL. It ends with the caller's and at its
// deadline, but has no channel to tell: package sql and the driver would each have a
// goroutine watch that, which costs more than the query itself. Instead, waiting for
// a connection ends at the deadline (pool.take), and so does every wait for the
// server, as the connection keeps it (mysqlConnection.ResetSession). A caller that
// ends sooner than it said, or sooner than its transaction, stops the next query or
// the commit, and not the query that runs. On SQLite it is that of [Statement.Indexed]
// alone, whose rows are never waited for.
type unwatched struct {
	context.Context // the caller's
	deadline        time.Time
	use             use
}

// A use of a connection, for what it prepares.
type use struct{ composed, once, inTx bool }

// unwatchedUntil ends within the time limit and the caller's deadline.
func unwatchedUntil(ctx context.Context, limit time.Time, use use) unwatched {
	if sooner, ok := ctx.Deadline(); ok && sooner.Before(limit) {
		limit = sooner
	}
	return unwatched{ctx, limit, use}
}

// Deadline is always known.
func (u unwatched) Deadline() (time.Time, bool) { return u.deadline, true }

// Done is never closed.
func (u unwatched) Done() <-chan struct{} { return nil }

// Err is why it has ended, nil while it has not.
func (u unwatched) Err() error {
	if err := u.Context.Err(); err != nil {
		return err
	}
	if !time.Now().Before(u.deadline) {
		return context.DeadlineExceeded
	}
	return nil
}

// watched is ctx with a channel, for a wait that may be long.
func watched(ctx context.Context) (context.Context, context.CancelFunc) {
	if u, ok := ctx.(unwatched); ok {
		return context.WithDeadline(u.Context, u.deadline)
	}
	return context.WithCancel(ctx)
}
