package engine

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Queries run statements, inside and outside a transaction. Outside, a statement reads
// from the reader pool and writes to the writer pool, bounded by [Options].Timeout
// each; inside, all of them share the transaction's connection and deadline.
type Queries struct {
	db      *DB
	timeout time.Duration
	tx      *transaction // nil outside a transaction
}

// Within are the same queries with another time limit than [Options].Timeout.
func (q Queries) Within(limit time.Duration) Queries {
	q.timeout = limit
	return q
}

// Embedded reports whether the database runs in this process: SQLite. A reader waits
// for no network and for no other's lock.
func (q Queries) Embedded() bool { return q.db.dialect.embedded }

// ForUpdate ends a SELECT whose rows are locked until the transaction ends.
func (q Queries) ForUpdate() string { return q.db.dialect.forUpdate }

// JoinInOrder joins two tables, the first of which is read first, in its order.
func (q Queries) JoinInOrder() string { return q.db.dialect.joinInOrder }

// ForceIndex stands behind a table whose index the database would not always choose by
// itself; "" where it does.
func (q Queries) ForceIndex(name string) string {
	if q.db.dialect.forceIndex == "" {
		return ""
	}
	return fmt.Sprintf(q.db.dialect.forceIndex, name)
}

// TableExists reports whether there is a table of that name.
func (q Queries) TableExists(ctx context.Context, name string) (exists bool, err error) {
	err = q.Get(ctx, "look for a table", SQL(q.db.dialect.tableExists, name), &exists)
	return exists, err
}

// Columns are those of a table by their names, and whether they may be NULL.
func (q Queries) Columns(ctx context.Context, table string) (map[string]bool, error) {
	var name string
	var nullable bool
	columns := map[string]bool{}
	err := q.Each(ctx, "columns of a table", SQL(q.db.dialect.columns, table).Once(), []any{&name, &nullable}, func() {
		columns[name] = nullable
	})
	return columns, err
}

// Now is the database's time in Unix seconds, which all replicas share.
func (q Queries) Now(ctx context.Context) (now int64, err error) {
	err = q.Get(ctx, "ask for the time", SQL(q.db.dialect.now), &now)
	return now, err
}

// Get reads one row, found by an index, into dest: [ErrNotFound] if there is none.
func (q Queries) Get(ctx context.Context, operation string, s Statement, dest ...any) error {
	return q.lookUp(ctx, operation, s, func(ctx context.Context, r runner) error {
		return r.first(ctx, s.args, dest)
	})
}

// Each reads every row, found by an index, into dest and calls found after it.
func (q Queries) Each(ctx context.Context, operation string, s Statement, dest []any, found func()) error {
	return q.lookUp(ctx, operation, s, func(ctx context.Context, r runner) error {
		return r.each(ctx, s.args, dest, found)
	})
}

// firstRows are what a list has room for before it grows by its own length: append
// would let a long one grow by a quarter, and copy it often.
const firstRows = 16

// Collect reads all rows of a list; fields tells where the columns of a row go. The
// columns behind a row's own go to more.
func Collect[Row any](ctx context.Context, q Queries, operation string, s Statement, fields func(*Row) []any, more ...any) ([]Row, error) {
	var row Row
	rows := []Row{}
	dest := append(fields(&row), more...)
	err := q.read(ctx, operation, s, func(ctx context.Context, r runner) error {
		return r.each(ctx, s.args, dest, func() {
			if len(rows) == cap(rows) {
				rows = append(make([]Row, 0, max(firstRows, s.rows, 2*len(rows))), rows...)
			}
			rows = append(rows, row)
		})
	})
	return rows, err
}

// Exec writes. Outside a transaction it tries again while the database is busy: the
// statement has then done nothing. [ErrConflict]: a unique index has the row already.
func (q Queries) Exec(ctx context.Context, operation string, s Statement) error {
	_, err := q.exec(ctx, operation, s)
	return err
}

// Insert is Exec, and returns the id that the database gave the row.
func (q Queries) Insert(ctx context.Context, operation string, s Statement) (id int64, err error) {
	result, err := q.exec(ctx, operation, s)
	if err != nil {
		return 0, err
	}
	id, err = result.LastInsertId()
	return id, q.wrap(operation, err)
}

// Change is Exec on rows that must be there: [ErrNotFound] when there are none.
func (q Queries) Change(ctx context.Context, operation string, s Statement) error {
	return q.change(ctx, operation, s, func(found int64) bool { return found > 0 })
}

// ChangeAll is Change on a number of rows: [ErrNotFound] when there are not so many, which
// have been changed then.
func (q Queries) ChangeAll(ctx context.Context, operation string, s Statement, rows int) error {
	return q.change(ctx, operation, s, func(found int64) bool { return found == int64(rows) })
}

func (q Queries) change(ctx context.Context, operation string, s Statement, enough func(found int64) bool) error {
	result, err := q.exec(ctx, operation, s)
	if err != nil {
		return err
	}
	found, err := result.RowsAffected()
	if err == nil && !enough(found) {
		err = sql.ErrNoRows
	}
	return q.wrap(operation, err)
}

// lookUp reads by an index. In an embedded database that waits for nobody, and to
// watch a context's end would cost more than the query: two goroutines.
func (q Queries) lookUp(ctx context.Context, operation string, s Statement, run func(context.Context, runner) error) error {
	if !q.db.dialect.embedded || q.tx != nil {
		return q.read(ctx, operation, s, run)
	}
	if err := ctx.Err(); err != nil {
		return q.wrap(operation, err)
	}
	return q.wrap(operation, q.on(context.WithoutCancel(ctx), q.db.reader, s, run))
}

func (q Queries) read(ctx context.Context, operation string, s Statement, run func(context.Context, runner) error) error {
	ctx, cancel := q.bound(ctx, s)
	defer cancel()
	return q.wrap(operation, q.on(ctx, q.db.reader, s, run))
}

func (q Queries) exec(ctx context.Context, operation string, s Statement) (result sql.Result, err error) {
	ctx, cancel := q.bound(ctx, s)
	defer cancel()
	err = q.retry(ctx, func() error {
		return q.on(ctx, q.db.writer, s, func(ctx context.Context, r runner) (err error) {
			result, err = r.exec(ctx, s.args)
			return err
		})
	})
	return result, q.wrap(operation, err)
}

// bound gives ctx the time limit of a statement.
func (q Queries) bound(ctx context.Context, s Statement) (context.Context, context.CancelFunc) {
	switch {
	case q.tx == nil && (!q.db.dialect.embedded || s.indexed): // as in lookUp
		return unwatchedUntil(ctx, time.Now().Add(q.timeout), use{s.composed, s.once, false}), func() {}
	case !q.db.dialect.embedded:
		return unwatchedUntil(ctx, q.tx.deadline, use{s.composed, s.once, true}), func() {}
	case q.tx == nil:
		return context.WithTimeout(ctx, q.timeout)
	case ctx.Err() == nil && time.Now().Before(q.tx.deadline):
		// As in lookUp: on the transaction's own connection nothing waits, and the
		// transaction as a whole ends in time.
		return context.WithoutCancel(ctx), func() {}
	default:
		return context.WithDeadline(ctx, q.tx.deadline)
	}
}

// on runs s on one of p's connections, or on the transaction's if there is one.
func (q Queries) on(ctx context.Context, p *pool, s Statement, run func(context.Context, runner) error) error {
	if err := q.db.interrupt(s.text); err != nil {
		return err
	}
	if q.tx != nil {
		return ended(ctx, run(ctx, q.tx.runner(ctx, s)))
	}
	if err := p.take(ctx); err != nil {
		return err
	}
	defer p.give()
	r, err := p.runner(ctx, s)
	if err == nil {
		err = run(ctx, r)
	}
	return ended(ctx, err)
}
