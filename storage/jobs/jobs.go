// Package jobs runs what is not done within a call: what has to wait for a clock, or for
// somebody who may be slow.
//
// # How it works
//
// A job is a row ([storage.Job]), which is written in the transaction that wants it
// ([storage.Tx.AddJob]): if that is rolled back there is no job, and if it is committed
// the job will run. A [Runner] in each replica asks once a second which jobs are due,
// and takes them by a guarded UPDATE, so that of several replicas one has each. It has it
// under a lease of a minute, which is renewed while the job runs; the job of a replica
// that was killed is taken by another when the lease has expired. When a job is due and
// when a lease expires is decided by the database's clock.
//
// A job that fails is tried again after pauses that grow from 5 seconds to an hour, each
// of a random length so that what failed together is not tried together. After 12 tries
// it is dead: it stays until an operator has it retried (campusgate jobs).
//
// So a job runs at least once, but it may run twice: when its replica dies after the work
// and before the row is removed. What [Kind.Run] does must be harmless when it is done
// again, for instance by a guarded UPDATE of the state that it changes.
//
// # Why not a library
//
// The row must be part of the caller's transaction, on SQLite and on MySQL alike. Looked
// at were asynq (its queue is in Redis: a job could be there without what it is about,
// or be missing) and river (in PostgreSQL's own dialect, with LISTEN and SKIP LOCKED).
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"time"

	"campusgate/storage"
)

// A Kind is a kind of jobs, and the code that runs them. A replica leaves alone the jobs
// of kinds that it does not know: a newer one may. Whoever removes a kind from the
// program removes its jobs by a migration.
type Kind struct {
	Name string
	// Run does the job. An error is a try that failed. Its text is kept with the job and
	// logged, so it holds no secret. [Later] puts the job off. When ctx ends, because the
	// lease is lost, the time is up or the replica stops, Run returns soon.
	Run func(ctx context.Context, job storage.Job) error
	// Every makes a kind recur: there is always one job of it, which is due so long after
	// it was done. After 12 tries that failed it is not dead, but due at its next time. 0:
	// the kind does not recur.
	Every time.Duration
	// AtOnce bounds how many jobs of the kind run at once in a replica; 0 is 4. Kinds do not
	// wait for each other.
	AtOnce int
	// PerSecond bounds how many jobs of the kind a replica begins in a second, evenly, so that
	// what falls due at one moment leaves the database to others too; 0 is no bound.
	PerSecond int
	// Timeout bounds one run; 0 is 5 minutes.
	Timeout time.Duration
}

// Options of a [Runner].
type Options struct {
	Logger *slog.Logger
	// Now is the time in Unix seconds; nil is the database's clock.
	Now func(context.Context) (int64, error)
	// Grace is how long jobs may go on when the replica stops, before their contexts end.
	Grace time.Duration
}

// Later puts a job off until a time, at least for a second. It does not count as a try.
func Later(until time.Time) error { return &laterError{until} }

type laterError struct{ until time.Time }

// Error says when.
func (e *laterError) Error() string { return "later, at " + e.until.UTC().Format(time.RFC3339) }

// New returns a runner of jobs of these kinds, or an error where one is declared twice or
// not whole.
func New(db *storage.DB, kinds []Kind, options Options) (*Runner, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	r := &Runner{
		db: db, options: options, kinds: map[string]*kind{},
		replica: fmt.Sprintf("%s/%016x", host, rand.Uint64()), // several may be on a host
		freed:   make(chan struct{}, 1), renewals: renewals,
	}
	if options.Now == nil {
		r.options.Now = db.Now
	}
	for _, k := range kinds {
		if k.Name == "" || k.Run == nil {
			return nil, fmt.Errorf("jobs: the kind %q must have a name and Run", k.Name)
		}
		if r.kinds[k.Name] != nil {
			return nil, fmt.Errorf("jobs: the kind %q is declared twice", k.Name)
		}
		if k.AtOnce == 0 {
			k.AtOnce = 4
		}
		if k.Timeout == 0 {
			k.Timeout = 5 * time.Minute
		}
		r.kinds[k.Name] = &kind{Kind: k, slots: make(chan struct{}, k.AtOnce)}
		r.names = append(r.names, k.Name)
	}
	return r, nil
}

// A kind is one with a slot for each of its jobs that run.
type kind struct {
	Kind
	slots chan struct{}
	next  time.Time // when the next job may begin, by PerSecond
}

// free is how many jobs may begin now.
func (k *kind) free(now time.Time) int {
	free := cap(k.slots) - len(k.slots)
	if k.PerSecond == 0 {
		return free
	}
	if now.Before(k.next) {
		return 0
	}
	return min(free, 1)
}

// begins notes that a job begins.
func (k *kind) begins(now time.Time) {
	if k.PerSecond > 0 {
		k.next = now.Add(time.Second / time.Duration(k.PerSecond))
	}
}

var (
	errTimeout   = errors.New("the job took too long")
	errStopping  = errors.New("the replica stops")
	errLost      = errors.New("the lease is lost")
	errAbandoned = errors.New("the replica ended while the job ran, or lost the lease")
)
