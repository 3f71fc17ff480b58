package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"campusgate/storage"
	"campusgate/storage/jobs"
	"campusgate/storage/storagetest"
)

// addMany adds count jobs of one kind that are due.
func addMany(t testing.TB, db *storage.DB, kind string, count int, due int64) {
	t.Helper()
	list := make([]storage.Job, count)
	for i := range list {
		list[i] = storage.Job{Kind: kind, Key: strconv.Itoa(i), Due: due}
	}
	add(t, db.Within(time.Minute), list...)
}

// Two replicas on one database share a thousand jobs, and run none of them twice.
func TestTwoReplicasRunEachJobOnce(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		const count = 1000
		c := newClock()
		addMany(t, db, "order", count, began)
		var mutex sync.Mutex
		runs, shares := map[string]int{}, [2]int{}
		for i := range 2 {
			r, lines := replica(t, db, c, jobs.Kind{Name: "order", Run: func(_ context.Context, job storage.Job) error {
				mutex.Lock()
				defer mutex.Unlock()
				runs[job.Key]++
				shares[i]++
				return nil
			}})
			stop, wait := start(t, r)
			defer func() {
				stop()
				wait()
				wait()
				if text := lines.take(); text != "" {
					t.Errorf("the log: %s", text)
				}
			}()
		}
		await(t, "all jobs are done", func() bool { return len(stored(t, db)) == 0 })
		mutex.Lock()
		defer mutex.Unlock()
		for key, times := range runs {
			if times != 1 {
				t.Errorf("job %s ran %d times", key, times)
			}
		}
		if len(runs) != count || min(shares[0], shares[1]) == 0 {
			t.Errorf("%d jobs ran, the replicas had %d", len(runs), shares)
		}
	})
}

// hung are mails that say that they have begun and go on until they are released, or
// their context ends; one at once.
type hung struct {
	began   chan context.Context
	release chan error
}

func newHung() *hung { return &hung{make(chan context.Context, 1), make(chan error)} }

func (h *hung) mail() jobs.Kind {
	return jobs.Kind{Name: "mail", AtOnce: 1, Run: func(ctx context.Context, _ storage.Job) error {
		h.began <- ctx
		select {
		case err := <-h.release:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}}
}

// The job of a replica that is gone is taken over when its lease has expired, and not
// before. That replica, which was only slow, changes nothing any more.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		c, slow := newClock(), newHung()
		add(t, db, storage.Job{Kind: "mail", Key: "a", Due: began})
		first, firstLog := replica(t, db, c, slow.mail())
		stop, wait := start(t, first)
		<-slow.began
		second, lines := replica(t, db, c, jobs.Kind{Name: "mail", Run: func(_ context.Context, job storage.Job) error {
			if job.Tries != 2 {
				t.Errorf("taken over: %+v", job)
			}
			return errRefused
		}})
		c.advance(59 * time.Second)
		runDue(t, second, 0)
		c.advance(time.Second)
		runDue(t, second, 1)
		if text := lines.take(); !strings.Contains(text, "took over a job whose lease expired") {
			t.Errorf("the log: %s", text)
		}
		slow.release <- nil
		stop()
		wait()
		if list := stored(t, db); len(list) != 1 || list[0].Tries != 2 || list[0].LastError != "refused" {
			t.Errorf("stored: %+v", list)
		}
		if text := firstLog.take(); !strings.Contains(text, "put job back") {
			t.Errorf("the log: %s", text)
		}
	})
}

// While a job runs its lease is renewed, and nobody else takes it.
func TestRenewal(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		c, slow, times := newClock(), newHung(), make(chan time.Time)
		add(t, db, storage.Job{Kind: "mail", Key: "a", Due: began})
		first, _ := replica(t, db, c, slow.mail())
		first.RenewAt(times)
		stop, wait := start(t, first)
		<-slow.began
		second, _ := replica(t, db, c, idle("mail"))
		for range 3 {
			c.advance(50 * time.Second)
			times <- time.Time{}
			await(t, "the lease is renewed", func() bool { return stored(t, db)[0].Due == c.seconds.Load()+60 })
			runDue(t, second, 0)
		}
		slow.release <- nil
		stop()
		wait()
		wantStored(t, db)
	})
}

// A job whose lease is lost is told to end: when another replica has taken it, and when
// it could not be renewed twice.
func TestALostLeaseEndsTheJob(t *testing.T) {
	t.Parallel()
	errNoDatabase := errors.New("no database")
	for name, lose := range map[string]func(t *testing.T, db *storage.DB, c *clock, times chan time.Time){
		"taken": func(t *testing.T, db *storage.DB, _ *clock, times chan time.Time) {
			t.Helper()
			if _, err := db.TakeJob(t.Context(), stored(t, db)[0], "other/1", began+120); err != nil {
				t.Fatal(err)
			}
			times <- time.Time{}
		},
		"not renewed": func(_ *testing.T, _ *storage.DB, c *clock, times chan time.Time) {
			c.broken.Store(&errNoDatabase)
			times <- time.Time{}
			times <- time.Time{}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, c, slow, times := storagetest.Open(t), newClock(), newHung(), make(chan time.Time)
			add(t, db, storage.Job{Kind: "mail", Key: "a", Due: began})
			r, _ := replica(t, db, c, slow.mail())
			r.RenewAt(times)
			stop, wait := start(t, r)
			ctx := <-slow.began
			lose(t, db, c, times)
			<-ctx.Done()
			if cause := context.Cause(ctx); cause == nil || cause.Error() != "the lease is lost" {
				t.Errorf("it ended by %v", cause)
			}
			stop()
			wait()
		})
	}
}

// When the replica stops, what runs may finish, nothing new is begun, and what does not
// finish in time is given back as if it had not been taken.
func TestDrain(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		c, slow := newClock(), newHung()
		add(t, db, storage.Job{Kind: "mail", Key: "a", Due: began}, storage.Job{Kind: "mail", Key: "b", Due: began})
		patient, _ := replica(t, db, c, slow.mail())
		stop, wait := start(t, patient)
		<-slow.began
		stop()
		slow.release <- nil
		wait()
		left := storage.Job{Kind: "mail", Key: "b", Due: began, Wishes: 1}
		wantStored(t, db, left)

		hasty, err := jobs.New(db, []jobs.Kind{slow.mail()}, jobs.Options{Now: c.now, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		stop, wait = start(t, hasty)
		<-slow.began
		stop()
		wait()
		wantStored(t, db, left)
	})
}

// Of jobs that were found due together, none is begun after the replica has stopped.
func TestStopBetweenJobs(t *testing.T) {
	t.Parallel()
	db := storagetest.Open(t)
	add(t, db, storage.Job{Kind: "mail", Key: "a", Due: began - 1}, storage.Job{Kind: "mail", Key: "b", Due: began})
	ctx, stop := context.WithCancel(t.Context())
	r, _ := replica(t, db, newClock(), jobs.Kind{Name: "mail", Run: func(context.Context, storage.Job) error { stop(); return nil }})
	if runs, err := r.RunDue(ctx); runs != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d runs, %v; want 1, and that it was stopped", runs, err)
	}
	wantStored(t, db, storage.Job{Kind: "mail", Key: "b", Due: began, Wishes: 1})
}

// A kind whose jobs are slow keeps no others waiting, and runs no more of them at once
// than it may.
func TestKindsDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	db, c, slow := storagetest.Open(t), newClock(), newHung()
	addMany(t, db, "mail", 20, began-1)
	addMany(t, db, "order", 20, began)
	r, _ := replica(t, db, c, slow.mail(), idle("order"))
	stop, wait := start(t, r)
	<-slow.began
	await(t, "the orders are done", func() bool { return len(stored(t, db)) == 20 })
	if counts, err := db.JobCounts(t.Context()); err != nil || fmt.Sprint(counts) != fmt.Sprint([]storage.JobCount{{Kind: "mail", Waiting: 19, Running: 1, FirstDue: began - 1}}) {
		t.Errorf("counts %+v, %v", counts, err)
	}
	for range 19 {
		slow.release <- nil
		<-slow.began
	}
	slow.release <- nil
	await(t, "the mails are done", func() bool { return len(stored(t, db)) == 0 })
	stop()
	wait()
}

// A database that fails is asked again, and told of once.
func TestTheDatabaseFails(t *testing.T) {
	t.Parallel()
	db, c := storagetest.Open(t), newClock()
	r, lines := replica(t, db, c, idle("mail"))
	c.broken.Store(&errRefused)
	add(t, db, storage.Job{Kind: "mail", Key: "a", Due: began})
	if _, err := r.RunDue(t.Context()); !errors.Is(err, errRefused) {
		t.Errorf("RunDue: %v", err)
	}
	stop, wait := start(t, r)
	said := ""
	await(t, "it is told", func() bool { said += lines.take(); return said != "" })
	c.broken.Store(nil)
	await(t, "the job is done", func() bool { return len(stored(t, db)) == 0 })
	stop()
	wait()
	if said += lines.take(); strings.Count(said, "ask for jobs") != 1 {
		t.Errorf("the log: %s", said)
	}
}
