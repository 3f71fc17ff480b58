package engine

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"time"

	"github.com/jmoiron/sqlx"
)

// maxTries bounds how often a transaction is begun again.
const maxTries = 10

// transaction is what the queries of one transaction share.
type transaction struct {
	*sqlx.Tx
	pool     *pool
	deadline time.Time
	missed   []Statement // ran unprepared
}

// InTx runs fn as one transaction: committed when fn returns nil, rolled back
// when it returns an error, which is InTx's, or panics. Inside a transaction it joins
// that one.
//
// When the database is busy or breaks a deadlock, fn runs again, a bounded
// number of times: it must have no effect but by tx. Inside fn use tx only, by one
// goroutine; on SQLite another write would wait for the transaction's own lock.
func (q Queries) InTx(ctx context.Context, fn func(tx Queries) error) error {
	if q.tx != nil {
		return fn(q)
	}
	ctx, cancel := q.bound(ctx, unprepared)
	defer cancel()
	return q.retry(ctx, func() error { return q.try(ctx, q.db.writer, nil, fn) })
}

// InSnapshot runs fn as one transaction that only reads, and sees the database as it was
// at one moment, whatever others write meanwhile.
func (q Queries) InSnapshot(ctx context.Context, fn func(tx Queries) error) error {
	ctx, cancel := q.bound(ctx, unprepared)
	defer cancel()
	return q.retry(ctx, func() error { return q.try(ctx, q.db.reader, q.db.dialect.snapshot, fn) })
}

func (q Queries) try(ctx context.Context, p *pool, options *sql.TxOptions, fn func(tx Queries) error) error {
	if err := p.take(ctx); err != nil {
		return q.db.failure("begin transaction", err)
	}
	defer p.give()
	begun, err := p.db.BeginTxx(ctx, options)
	if err != nil {
		return q.db.failure("begin transaction", ended(ctx, err))
	}
	defer func() { _ = begun.Rollback() }() // does nothing after Commit

	q.tx = &transaction{Tx: begun, pool: p}
	q.tx.deadline, _ = ctx.Deadline()
	if err := fn(q); err != nil {
		return ended(ctx, err) // the end closes rows under a query that runs
	}
	if err := ctx.Err(); err != nil {
		return q.db.failure("commit transaction", err)
	}
	if err := q.db.interrupt(Committing); err != nil {
		return q.db.failure("commit transaction", err)
	}
	if err := begun.Commit(); err != nil {
		return q.db.failure("commit transaction", ended(ctx, err)) // it may have been rolled back meanwhile
	}
	if err := q.db.interrupt(Committed); err != nil {
		return q.db.failure("commit transaction", err)
	}
	for _, missed := range q.tx.missed {
		_, _ = p.runner(ctx, missed) // for the next transaction; this one is done
	}
	return nil
}

// runner runs s on the transaction's connection. A statement that is not
// prepared yet cannot be prepared for the pool here: the pool's only
// connection may be this one.
func (t *transaction) runner(ctx context.Context, s Statement) runner {
	r, room := t.pool.cached(s)
	if r.statement != nil {
		return runner{statement: t.StmtxContext(ctx, r.statement)}
	}
	if room {
		s.args = nil
		t.missed = append(t.missed, s)
	}
	return runner{ext: t.Tx, text: s.text}
}

// Transient reports whether err has ended the transaction, which may succeed when it is
// begun again.
func (q Queries) Transient(err error) bool { return q.db.dialect.transient(err) }

// retry runs try until it succeeds, fails for good, or has had its chances.
// Inside a transaction there is one: the whole transaction is tried again.
func (q Queries) retry(ctx context.Context, try func() error) error {
	for tries := 1; ; tries++ {
		err := try()
		if err == nil || q.tx != nil || tries == maxTries || !q.db.dialect.transient(err) {
			return err
		}
		if ctx.Err() != nil {
			return ended(ctx, err)
		}
		pause := time.NewTimer(rand.N(time.Duration(tries) * 10 * time.Millisecond))
		select {
		case <-ctx.Done():
			pause.Stop()
			return err
		case <-pause.C:
		}
	}
}
