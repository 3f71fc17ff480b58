package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"campusgate/storage"
)

const (
	pollEvery = time.Second
	lease     = 60 // seconds
	// renewEvery leaves time for two renewals that fail before the lease expires.
	renewEvery = 15 * time.Second
)

// A Runner takes jobs that are due, and runs them.
type Runner struct {
	db      *storage.DB
	options Options
	kinds   map[string]*kind
	names   []string // of the kinds, in their order

	replica string
	leases  atomic.Int64 // taken so far
	running sync.WaitGroup
	freed   chan struct{} // a slot was given back
	ensured bool          // the jobs of kinds that recur are there
	// renewals tells when to renew a lease, until stop is called.
	renewals func() (times <-chan time.Time, stop func())
}

// Names are the kinds' names.
func (r *Runner) Names() []string { return r.names }

// Run runs jobs until ctx ends. It then takes no more, and lets those that run finish
// within [Options].Grace; what is left is told to end, and given back.
func (r *Runner) Run(ctx context.Context) {
	if len(r.kinds) == 0 {
		return
	}
	working, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	for failed := false; ctx.Err() == nil; {
		begun, err := r.turn(ctx, func(run func(context.Context)) {
			r.running.Go(func() { run(working) })
		})
		if err != nil && !failed && ctx.Err() == nil {
			r.options.Logger.Warn("ask for jobs", "error", err)
		}
		if failed = err != nil; begun > 0 && !failed {
			continue
		}
		select {
		case <-time.After(r.pause(time.Now())):
		case <-r.freed:
		case <-ctx.Done():
		}
	}
	late := time.AfterFunc(r.options.Grace, func() { stop(errStopping) })
	defer late.Stop()
	r.running.Wait()
}

// RunDue runs all jobs that are due, one after the other, until there are none, and
// returns how many runs that were: so tests play a month in no time, by a clock of
// theirs, without regard to PerSecond. It is not for use beside Run.
func (r *Runner) RunDue(ctx context.Context) (runs int, err error) {
	for _, k := range r.kinds {
		k.PerSecond = 0
	}
	for {
		begun, err := r.turn(ctx, func(run func(context.Context)) { run(ctx) })
		runs += begun
		if begun == 0 || err != nil {
			return runs, err
		}
	}
}

// turn takes due jobs for which there is a slot, and has them begun. It returns how many
// it tried to take: where there were some, there may be more.
func (r *Runner) turn(ctx context.Context, begin func(run func(context.Context))) (tried int, err error) {
	if err := r.ensure(ctx); err != nil {
		return 0, err
	}
	kinds, slots := r.free(time.Now())
	if slots == 0 {
		return 0, nil
	}
	now, err := r.options.Now(ctx)
	if err != nil {
		return 0, err
	}
	due, err := r.db.DueJobs(ctx, kinds, now, slots)
	if err != nil {
		return 0, err
	}
	for _, job := range due {
		if ctx.Err() != nil {
			return tried, ctx.Err() // and begin no more
		}
		k := r.kinds[job.Kind]
		if k.free(time.Now()) == 0 {
			continue // those before it were as many as may begin
		}
		k.slots <- struct{}{}
		k.begins(time.Now())
		tried++
		taken, err := r.take(ctx, job)
		if err != nil {
			<-k.slots
			if errors.Is(err, storage.ErrNotFound) {
				continue // another replica was quicker
			}
			return tried, err
		}
		if job.TakenBy != "" {
			r.options.Logger.Warn("took over a job whose lease expired", "job", job.ID, "kind", job.Kind, "lease", job.TakenBy)
		}
		begin(func(ctx context.Context) {
			defer r.give(k)
			r.run(ctx, k.Kind, taken)
		})
	}
	return tried, nil
}

// free are the kinds that have a free slot, with "" in the place of the others, and how
// many slots are free.
func (r *Runner) free(now time.Time) (kinds []string, slots int) {
	kinds = make([]string, len(r.names))
	for i, name := range r.names {
		if free := r.kinds[name].free(now); free > 0 {
			kinds[i] = name
			slots += free
		}
	}
	return kinds, slots
}

// pause is how long to wait before the next turn: one that began jobs of a kind with PerSecond
// has left others of it.
func (r *Runner) pause(now time.Time) time.Duration {
	pause := pollEvery
	for _, k := range r.kinds {
		if wait := k.next.Sub(now); wait > 0 {
			pause = min(pause, wait)
		}
	}
	return pause
}

func (r *Runner) give(k *kind) {
	<-k.slots
	select {
	case r.freed <- struct{}{}:
	default:
	}
}

// take takes a job. The clock is asked once more, as writers may have been waited for.
// It is not given up half: a job that is taken must be run.
func (r *Runner) take(ctx context.Context, job storage.Job) (storage.Job, error) {
	ctx = context.WithoutCancel(ctx)
	now, err := r.options.Now(ctx)
	if err != nil {
		return job, err
	}
	name := fmt.Sprintf("%s/%d", r.replica, r.leases.Add(1))
	return r.db.TakeJob(ctx, job, name, now+lease)
}

// ensure adds the jobs of the kinds that recur.
func (r *Runner) ensure(ctx context.Context) error {
	if r.ensured {
		return nil
	}
	now, err := r.options.Now(ctx)
	if err != nil {
		return err
	}
	err = r.db.InTx(ctx, func(tx *storage.Tx) error {
		for _, name := range r.names {
			if r.kinds[name].Every == 0 {
				continue
			}
			if err := tx.AddJob(ctx, storage.Job{Kind: name, Due: now}); err != nil {
				return err
			}
		}
		return nil
	})
	r.ensured = err == nil
	return err
}
