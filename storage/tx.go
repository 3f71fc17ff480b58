package storage

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/jmoiron/sqlx"
)

// maxTries bounds how often a transaction is begun again.
const maxTries = 10

// A Tx is a transaction. It lives as long as the function that [DB.InTx] gave
// it to, and is used by one goroutine.
type Tx struct {
	Queries
}

// transaction is what the queries of one Tx share.
type transaction struct {
	*sqlx.Tx
	deadline time.Time
	missed   []query // ran unprepared
}

// InTx runs fn as one transaction: committed when fn returns nil, rolled back
// when it returns an error, which is InTx's, or panics.
//
// When the database is busy or breaks a deadlock, fn runs again, a bounded
// number of times: it must have no effect but on tx. Inside fn use tx only; on
// SQLite a write to the DB would wait for the transaction's own lock.
func (db *DB) InTx(ctx context.Context, fn func(tx *Tx) error) error {
	return db.inTx(ctx, fn)
}

// inTx is InTx; called inside a transaction it joins that one.
func (q *Queries) inTx(ctx context.Context, fn func(*Tx) error) error {
	if q.tx != nil {
		return fn(&Tx{*q})
	}
	ctx, cancel := q.bound(ctx, query{once: true})
	defer cancel()
	return q.retry(ctx, func() error { return q.try(ctx, fn) })
}

func (q *Queries) try(ctx context.Context, fn func(*Tx) error) error {
	if err := q.writer.take(ctx); err != nil {
		return q.failure("begin transaction", err)
	}
	defer q.writer.give()
	begun, err := q.writer.db.BeginTxx(ctx, nil)
	if err != nil {
		return q.failure("begin transaction", ended(ctx, err))
	}
	defer func() { _ = begun.Rollback() }() // does nothing after Commit

	tx := &Tx{*q}
	tx.tx = &transaction{Tx: begun}
	tx.tx.deadline, _ = ctx.Deadline()
	if err := fn(tx); err != nil {
		return ended(ctx, err) // the end closes rows under a query that runs
	}
	if err := ctx.Err(); err != nil {
		return q.failure("commit transaction", err)
	}
	if err := begun.Commit(); err != nil {
		return q.failure("commit transaction", ended(ctx, err)) // it may have been rolled back meanwhile
	}
	for _, missed := range tx.tx.missed {
		_, _ = q.writer.runner(ctx, missed) // for the next transaction; this one is done
	}
	return nil
}

// runner runs asked on the transaction's connection. A statement that is not
// prepared yet cannot be prepared for the pool here: the pool's only
// connection may be this one.
func (t *transaction) runner(ctx context.Context, writer *pool, asked query) runner {
	r, room := writer.cached(asked)
	if r.statement != nil {
		return runner{statement: t.StmtxContext(ctx, r.statement)}
	}
	if room {
		t.missed = append(t.missed, asked)
	}
	return runner{ext: t.Tx, text: asked.text}
}

// retry runs try until it succeeds, fails for good, or has had its chances.
// Inside a transaction there is one: the whole transaction is tried again.
func (q *Queries) retry(ctx context.Context, try func() error) error {
	for tries := 1; ; tries++ {
		err := try()
		if err == nil || q.tx != nil || tries == maxTries || !q.dialect.transient(err) {
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
