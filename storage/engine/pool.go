package engine

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
)

// maxComposed bounds the prepared texts that are composed at run time.
const maxComposed = 256

// A runner runs one statement, prepared or not.
type runner struct {
	statement *sqlx.Stmt      // when not nil
	ext       sqlx.ExtContext // otherwise
	text      string
}

// limitEvery is after how many rows the time limit is looked at.
const limitEvery = 32

// each scans every row into dest.
func (r runner) each(ctx context.Context, args, dest []any, found func()) error {
	rows, err := r.rows(ctx, args)
	if err != nil {
		return err
	}
	defer rows.Close()
	for count := 1; rows.Next(); count++ {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		found()
		if count%limitEvery == 0 && ctx.Err() != nil { // nothing else ends an unwatched context's query
			return ctx.Err()
		}
	}
	return rows.Err()
}

// first scans the first row into dest: sql.ErrNoRows if there is none. To ask for
// another would cost a step of the database.
func (r runner) first(ctx context.Context, args, dest []any) error {
	rows, err := r.rows(ctx, args)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		return cmp.Or(rows.Err(), sql.ErrNoRows)
	}
	if err := rows.Scan(dest...); err != nil {
		return err
	}
	return rows.Close()
}

func (r runner) rows(ctx context.Context, args []any) (*sql.Rows, error) {
	if r.statement != nil {
		return r.statement.QueryContext(ctx, args...)
	}
	return r.ext.QueryContext(ctx, r.text, args...)
}

func (r runner) exec(ctx context.Context, args []any) (sql.Result, error) {
	if r.statement != nil {
		return r.statement.ExecContext(ctx, args...)
	}
	return r.ext.ExecContext(ctx, r.text, args...)
}

// A pool is a set of connections with the statements prepared on them:
// without, the text would be parsed again at each use.
type pool struct {
	db       *sqlx.DB
	prepares bool                     // false: the connections do it, see dialect.prepares
	prepare  func(text string) string // see dialect.prepared
	slots    chan struct{}            // one for each connection in use; nil: package sql has them wait

	waits, waited atomic.Int64 // for a slot: how often, and nanoseconds

	mu       sync.RWMutex
	runners  map[string]runner // by text
	composed int               // how many of them are composed
}

func newPool(db *sqlx.DB, d dialect, maxOpen int) *pool {
	p := &pool{db: db, prepares: d.prepares, prepare: d.prepared, runners: make(map[string]runner)}
	if !d.embedded {
		p.slots = make(chan struct{}, maxOpen)
	}
	return p
}

// take waits until one of the connections is free or ctx has ended; give must follow.
// Package sql would wait for ever, as an unwatched context has no channel.
func (p *pool) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil || p.slots == nil {
		return err
	}
	select {
	case p.slots <- struct{}{}:
		return nil
	default:
	}
	began := time.Now()
	defer func() {
		p.waits.Add(1)
		p.waited.Add(int64(time.Since(began)))
	}()
	ctx, cancel := watched(ctx)
	defer cancel()
	select {
	case p.slots <- struct{}{}:
		if err := ctx.Err(); err != nil {
			p.give()
			return err
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *pool) give() {
	if p.slots != nil {
		<-p.slots
	}
}

// stats are package sql's, with the slots and the waiting for them that it does not see.
func (p *pool) stats() sql.DBStats {
	stats := p.db.Stats()
	if p.slots != nil {
		stats.MaxOpenConnections = cap(p.slots)
	}
	stats.WaitCount += p.waits.Load()
	stats.WaitDuration += time.Duration(p.waited.Load())
	return stats
}

// close closes the connections and with them the statements.
func (p *pool) close() error {
	return p.db.Close()
}

// cached returns the prepared runner of s if there is one, or else a runner of
// its text, and whether s may yet be prepared.
func (p *pool) cached(s Statement) (r runner, room bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if r, ok := p.runners[s.text]; ok {
		return r, false
	}
	return runner{ext: p.db, text: s.text}, p.prepares && !s.once && (!s.composed || p.composed < maxComposed)
}

// runner returns the runner of s, prepared now if it is not and there is room.
// Preparing takes a connection: a transaction would wait for its own.
func (p *pool) runner(ctx context.Context, s Statement) (runner, error) {
	r, room := p.cached(s)
	if !room {
		return r, nil
	}
	statement, err := p.db.PreparexContext(ctx, p.prepare(s.text))
	if err != nil {
		return r, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if earlier, ok := p.runners[s.text]; ok {
		defer statement.Close()
		return earlier, nil
	}
	p.runners[s.text] = runner{statement: statement}
	if s.composed {
		p.composed++
	}
	return p.runners[s.text], nil
}

// prepared are the texts that are prepared.
func (p *pool) prepared() []string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return slices.Collect(maps.Keys(p.runners))
}
