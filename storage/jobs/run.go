package jobs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"sync"
	"time"
	"unicode"

	"campusgate/storage"
)

const (
	maxTries = 12
	maxError = 250 // bytes of an error's text that are kept
	// The bounds of a pause, in seconds.
	shortestPause, longestPause int64 = 5, 60 * 60
)

// run runs a job that was taken, and says in its row what came of it.
func (r *Runner) run(ctx context.Context, k Kind, job storage.Job) {
	settling := context.WithoutCancel(ctx)
	ctx, cancel := context.WithTimeoutCause(ctx, k.Timeout, errTimeout)
	defer cancel()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	var keeping sync.WaitGroup
	keeping.Go(func() { r.keep(ctx, end, job) })
	err := r.call(ctx, k, job)
	cause := context.Cause(ctx)
	end(nil)
	keeping.Wait()
	if err != nil && cause != nil {
		err = fmt.Errorf("%w: %w", cause, err)
	}
	r.settle(settling, k, job, err)
}

// call runs the job. Where it panics, that is its error.
func (r *Runner) call(ctx context.Context, k Kind, job storage.Job) (err error) {
	if job.Tries > maxTries { // nobody was left to say that the last one failed
		return errAbandoned
	}
	defer func() {
		if cause := recover(); cause != nil {
			r.options.Logger.ErrorContext(ctx, "panic", "job", job.ID, "kind", job.Kind,
				"cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
			err = errors.New("panic")
		}
	}()
	return k.Run(ctx, job)
}

// keep renews the lease of a job until ctx ends, and ends the job where it is lost. That
// it is after two renewals that failed, before another replica may take the job.
func (r *Runner) keep(ctx context.Context, end context.CancelCauseFunc, job storage.Job) {
	times, stop := r.renewals()
	defer stop()
	for failed := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-times:
		}
		err := r.renew(ctx, job)
		switch {
		case err == nil:
			failed = false
		case ctx.Err() != nil:
			return
		case errors.Is(err, storage.ErrNotFound) || failed:
			end(errLost)
			return
		default:
			failed = true
		}
	}
}

func (r *Runner) renew(ctx context.Context, job storage.Job) error {
	ctx, cancel := context.WithTimeout(ctx, renewEvery)
	defer cancel()
	now, err := r.options.Now(ctx)
	if err != nil {
		return err
	}
	return r.db.RenewJob(ctx, job, now+lease)
}

func renewals() (times <-chan time.Time, stop func()) {
	ticker := time.NewTicker(renewEvery)
	return ticker.C, ticker.Stop
}

// settle writes what came of a run. Where that fails the lease expires, and the job runs
// again.
func (r *Runner) settle(ctx context.Context, k Kind, job storage.Job, failure error) {
	logger := r.options.Logger.With("job", job.ID, "kind", job.Kind)
	if failure == nil && k.Every == 0 {
		err := r.db.FinishJob(ctx, job)
		if err == nil {
			return
		}
		if !errors.Is(err, storage.ErrNotFound) { // that is, added again meanwhile
			logger.Warn("finish job", "error", err)
			return
		}
	}
	now, err := r.options.Now(ctx)
	next := k.next(job, failure, now)
	if err == nil {
		err = r.db.PutBackJob(ctx, next)
	}
	if err != nil {
		logger.Warn("put job back", "error", err)
	}
	switch {
	case failure == nil || postponed(failure):
	case next.Dead:
		logger.Error("job is dead", "tries", job.Tries, "error", failure)
	default:
		logger.Warn("job failed", "tries", job.Tries, "again_in", time.Duration(next.Due-now)*time.Second, "error", failure)
	}
}

// next is a job as it is put back after a run that ended now, with failure or nil.
func (k Kind) next(job storage.Job, failure error, now int64) storage.Job {
	every := int64(k.Every / time.Second)
	switch {
	case failure == nil: // it recurs, or was added again while it ran
		job.Due, job.Tries, job.LastError = now+every, 0, ""
		return job
	case postponed(failure):
		job.Due = now
		job.Tries--
		if later, ok := errors.AsType[*laterError](failure); ok {
			job.Due = max(later.until.Unix(), now+1)
		}
		return job
	}
	job.LastError = brief(failure)
	switch {
	case job.Tries < maxTries:
		job.Due = now + pause(job.Tries)
	case k.Every > 0:
		job.Due, job.Tries = now+every, 0
	default:
		job.Due, job.Dead = now, true
	}
	return job
}

// postponed reports whether a run that ended with failure does not count as a try.
func postponed(failure error) bool {
	_, later := errors.AsType[*laterError](failure)
	return later || errors.Is(failure, errStopping)
}

// pause is how many seconds to wait after so many tries.
func pause(tries int64) int64 {
	longest := min(shortestPause<<tries, longestPause)
	return longest/2 + rand.Int64N(longest/2+1)
}

// brief is the beginning of an error's text, on one line that a terminal can show.
func brief(err error) string {
	text := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, err.Error())
	text = strings.TrimSpace(text)
	return strings.ToValidUTF8(text[:min(len(text), maxError)], "")
}
