package storage

import (
	"context"
	"database/sql"
	"time"
)

// Queries are all queries that make sense inside and outside a transaction.
// Outside, a query reads from the reader pool and writes to the writer pool,
// bounded by [Options].Timeout each; inside, all of them share the
// transaction's connection and deadline.
type Queries struct {
	dialect        dialect
	dsn            string // elsewhere than in an embedded database it holds a password
	shopOwner      string // dialect.shopOwner's
	timeout        time.Duration
	few            int // rows that are worth sorting: defaultFew
	reader, writer *pool
	tx             *transaction // nil outside a transaction
}

// get reads one row, found by an index, into dest: ErrNotFound if there is none.
func (q *Queries) get(ctx context.Context, operation string, dest any, text string, args ...any) error {
	return q.lookUp(ctx, operation, text, func(ctx context.Context, r runner) error {
		return r.get(ctx, dest, args)
	})
}

// each scans every row, found by an index, into dest and calls found after it.
func (q *Queries) each(ctx context.Context, operation, text string, args, dest []any, found func()) error {
	return q.lookUp(ctx, operation, text, func(ctx context.Context, r runner) error {
		return r.each(ctx, args, dest, found)
	})
}

// one scans the one row, found by an index, into dest: ErrNotFound if there is none.
func (q *Queries) one(ctx context.Context, operation, text string, args, dest []any) error {
	return q.lookUp(ctx, operation, text, func(ctx context.Context, r runner) error {
		return r.first(ctx, args, dest)
	})
}

// lookUp reads by an index. In an embedded database that waits for nobody, and to
// watch a context's end would cost more than the query: two goroutines.
func (q *Queries) lookUp(ctx context.Context, operation, text string, run func(context.Context, runner) error) error {
	if !q.dialect.embedded || q.tx != nil {
		return q.read(ctx, operation, query{text: text}, run)
	}
	if err := ctx.Err(); err != nil {
		return q.wrap(operation, err)
	}
	return q.wrap(operation, q.on(context.WithoutCancel(ctx), q.reader, query{text: text}, run))
}

func (q *Queries) read(ctx context.Context, operation string, asked query, run func(context.Context, runner) error) error {
	ctx, cancel := q.bound(ctx, asked)
	defer cancel()
	return q.wrap(operation, q.on(ctx, q.reader, asked, run))
}

// exec writes. Outside a transaction it tries again while the database is
// busy: the statement has then done nothing.
func (q *Queries) exec(ctx context.Context, operation, text string, args ...any) (result sql.Result, err error) {
	asked := query{text: text}
	ctx, cancel := q.bound(ctx, asked)
	defer cancel()
	err = q.retry(ctx, func() error {
		return q.on(ctx, q.writer, asked, func(ctx context.Context, r runner) (err error) {
			result, err = r.exec(ctx, args)
			return err
		})
	})
	return result, q.wrap(operation, err)
}

// execOnce writes inside a transaction, by a text that is not worth preparing: it
// is as long as its values are many.
func (tx *Tx) execOnce(ctx context.Context, operation, text string, args []any) error {
	ctx, cancel := tx.bound(ctx, query{text: text, once: true})
	defer cancel()
	_, err := tx.tx.ExecContext(ctx, text, args...)
	return tx.wrap(operation, ended(ctx, err))
}

// change writes to rows that must be there: ErrNotFound when there are none.
func (q *Queries) change(ctx context.Context, operation, text string, args ...any) error {
	result, err := q.exec(ctx, operation, text, args...)
	if err != nil {
		return err
	}
	found, err := result.RowsAffected()
	if err == nil && found == 0 {
		err = sql.ErrNoRows
	}
	return q.wrap(operation, err)
}

// bound gives ctx the time limit of a query.
func (q *Queries) bound(ctx context.Context, asked query) (context.Context, context.CancelFunc) {
	switch {
	case !q.dialect.embedded && q.tx == nil:
		return unwatchedUntil(ctx, time.Now().Add(q.timeout), asked, false), func() {}
	case !q.dialect.embedded:
		return unwatchedUntil(ctx, q.tx.deadline, asked, true), func() {}
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

// on runs asked on one of p's connections, or on the transaction's if there is one.
func (q *Queries) on(ctx context.Context, p *pool, asked query, run func(context.Context, runner) error) error {
	if q.tx != nil {
		return ended(ctx, run(ctx, q.tx.runner(ctx, q.writer, asked)))
	}
	if err := p.take(ctx); err != nil {
		return err
	}
	defer p.give()
	r, err := p.runner(ctx, asked)
	if err == nil {
		err = run(ctx, r)
	}
	return ended(ctx, err)
}
