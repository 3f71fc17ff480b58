package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/jobs"
	"campusgate/storage/storagetest"
)

var errRefused = errors.New("refused")

// A kind of jobs that do nothing.
func idle(name string) jobs.Kind {
	return jobs.Kind{Name: name, Run: func(context.Context, storage.Job) error { return nil }}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for says, kinds := range map[string][]jobs.Kind{
		`the kind "mail" is declared twice`:        {idle("mail"), idle("clock"), idle("mail")},
		`the kind "" must have a name and Run`:     {idle("")},
		`the kind "mail" must have a name and Run`: {{Name: "mail"}},
	} {
		if _, err := jobs.New(nil, kinds, jobs.Options{Now: newClock().now}); err == nil || err.Error() != "jobs: "+says {
			t.Errorf("New: %v, want %q", err, says)
		}
	}
}

// Thirty days are played in no time: what is due runs in its order and not before, and
// what recurs does so each day.
func TestThirtyDays(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		const day = 24 * time.Hour
		c := newClock()
		var ran []string
		note := func(_ context.Context, job storage.Job) error {
			ran = append(ran, fmt.Sprintf("%s/%s at %s", job.Kind, job.Key, time.Duration(c.seconds.Load()-began)*time.Second))
			return nil
		}
		r, _ := replica(t, db, c, jobs.Kind{Name: "order", Run: note}, jobs.Kind{Name: "sweep", Every: 7 * day, Run: note})
		add(t, db,
			storage.Job{Kind: "order", Key: "confirm", Due: began + 10*24*3600},
			storage.Job{Kind: "order", Key: "cancel", Due: began + 30*60},
			storage.Job{Kind: "order", Key: "review", Due: began + 30*24*3600 + 1},
			storage.Job{Kind: "unknown", Key: "a", Due: began},
		)
		for range 30 * 24 * 2 {
			if _, err := r.RunDue(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.advance(30 * time.Minute)
		}
		runDue(t, r, 0)
		want := []string{
			"sweep/ at 0s", "order/cancel at 30m0s", "sweep/ at 168h0m0s", "order/confirm at 240h0m0s",
			"sweep/ at 336h0m0s", "sweep/ at 504h0m0s", "sweep/ at 672h0m0s",
		}
		if diff := cmp.Diff(want, ran); diff != "" {
			t.Errorf("ran (-want +got):\n%s", diff)
		}
		wantStored(t, db,
			storage.Job{Kind: "unknown", Key: "a", Due: began, Wishes: 1},
			storage.Job{Kind: "order", Key: "review", Due: began + 30*24*3600 + 1, Wishes: 1},
			storage.Job{Kind: "sweep", Due: began + 35*24*3600, Wishes: 1},
		)
	})
}

// A job that fails is tried 12 times and is then dead, until it is retried.
func TestAFailingJobDies(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		c := newClock()
		failure := errRefused
		r, lines := replica(t, db, c, jobs.Kind{Name: "mail", Run: func(context.Context, storage.Job) error { return failure }})
		add(t, db, storage.Job{Kind: "mail", Key: "a", Due: began})
		for try := int64(1); try < 12; try++ {
			runDue(t, r, 1)
			job := stored(t, db)[0]
			pause := job.Due - c.seconds.Load()
			if job.Tries != try || job.Dead || job.TakenBy != "" || job.LastError != "refused" || pause < 5 || pause > 3600 {
				t.Errorf("after try %d: %+v, a pause of %d s", try, job, pause)
			}
			if text := lines.take(); strings.Count(text, "job failed") != 1 || !strings.Contains(text, "error=refused") {
				t.Errorf("the log: %s", text)
			}
			c.advance(time.Duration(pause-1) * time.Second)
			runDue(t, r, 0)
			c.advance(time.Second)
		}
		runDue(t, r, 1)
		now := c.seconds.Load()
		wantStored(t, db, storage.Job{Kind: "mail", Key: "a", Due: now, Tries: 12, Wishes: 1, Dead: true, LastError: "refused"})
		if text := lines.take(); !strings.Contains(text, `level=ERROR msg="job is dead"`) {
			t.Errorf("the log: %s", text)
		}
		c.advance(1000 * time.Hour)
		runDue(t, r, 0)

		if err := db.RetryJob(t.Context(), stored(t, db)[0].ID, c.seconds.Load()); err != nil {
			t.Fatal(err)
		}
		runDue(t, r, 1)
		if job := stored(t, db)[0]; job.Tries != 1 || job.Dead {
			t.Errorf("after it was retried: %+v", job)
		}
		c.advance(time.Hour)
		failure = nil
		runDue(t, r, 1)
		wantStored(t, db)
	})
}

// What recurs is not dead after 12 tries, but due at its next time.
func TestAFailingJobRecurs(t *testing.T) {
	t.Parallel()
	db, c := storagetest.Open(t), newClock()
	r, lines := replica(t, db, c, jobs.Kind{Name: "sweep", Every: 24 * time.Hour, Run: func(context.Context, storage.Job) error { return errRefused }})
	for range 12 {
		runDue(t, r, 1)
		c.seconds.Store(stored(t, db)[0].Due)
	}
	if job := stored(t, db)[0]; job.Dead || job.Tries != 0 || job.LastError != "refused" {
		t.Errorf("after 12 tries: %+v", job)
	}
	if text := lines.take(); strings.Count(text, "job failed") != 12 || !strings.Contains(text, "tries=12 again_in=24h0m0s") {
		t.Errorf("the log: %s", text)
	}
}

// Several replicas that start together have one job of a kind that recurs.
func TestAJobRecursOnce(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		c := newClock()
		var runs atomic.Int64
		sweep := jobs.Kind{Name: "sweep", Every: time.Hour, Run: func(context.Context, storage.Job) error { runs.Add(1); return nil }}
		var group sync.WaitGroup
		for range 4 {
			r, _ := replica(t, db, c, sweep)
			group.Go(func() {
				if _, err := r.RunDue(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if list := stored(t, db); len(list) != 1 || list[0].Due != began+3600 || runs.Load() != 1 {
			t.Errorf("%d runs; stored: %+v", runs.Load(), list)
		}
	})
}

// A job that says when to come again has not failed, however often it does.
func TestLater(t *testing.T) {
	t.Parallel()
	db, c := storagetest.Open(t), newClock()
	r, lines := replica(t, db, c, jobs.Kind{Name: "mail", Run: func(context.Context, storage.Job) error {
		return fmt.Errorf("send: %w", jobs.Later(time.Unix(c.seconds.Load()+300, 0)))
	}})
	add(t, db, storage.Job{Kind: "mail", Key: "a", Due: began})
	for range 20 {
		runDue(t, r, 1)
		wantStored(t, db, storage.Job{Kind: "mail", Key: "a", Due: c.seconds.Load() + 300, Wishes: 1})
		c.advance(299 * time.Second)
		runDue(t, r, 0)
		c.advance(time.Second)
	}
	if text := lines.take(); text != "" {
		t.Errorf("the log: %s", text)
	}
}

// A job that is added while it runs is run again: it may have begun too early to see what
// it was added for.
func TestAJobThatIsAddedWhileItRuns(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		runs := 0
		r, lines := replica(t, db, newClock(), jobs.Kind{Name: "mail", Run: func(context.Context, storage.Job) error {
			if runs++; runs == 1 {
				add(t, db, storage.Job{Kind: "mail", Key: "a", Due: began})
			}
			return nil
		}})
		add(t, db, storage.Job{Kind: "mail", Key: "a", Due: began})
		runDue(t, r, 2)
		wantStored(t, db)
		if text := lines.take(); runs != 2 || text != "" {
			t.Errorf("%d runs; the log: %s", runs, text)
		}
	})
}

// A panic is a failure of the job, and of nothing else.
func TestAPanic(t *testing.T) {
	t.Parallel()
	db := storagetest.Open(t)
	r, lines := replica(t, db, newClock(), jobs.Kind{Name: "mail", AtOnce: 1, Run: func(_ context.Context, job storage.Job) error {
		if job.Key == "a" {
			panic("a secret")
		}
		return nil
	}})
	add(t, db, storage.Job{Kind: "mail", Key: "a", Due: began - 1}, storage.Job{Kind: "mail", Key: "b", Due: began})
	runDue(t, r, 2)
	if list := stored(t, db); len(list) != 1 || list[0].Key != "a" || list[0].LastError != "panic" || list[0].Tries != 1 {
		t.Errorf("stored: %+v", list)
	}
	if text := lines.take(); !strings.Contains(text, `msg=panic job=1 kind=mail cause="a secret" stack=`) || !strings.Contains(text, "TestAPanic") {
		t.Errorf("the log: %s", text)
	}
}

// A run that takes too long is told to end, and has failed.
func TestTimeout(t *testing.T) {
	t.Parallel()
	db := storagetest.Open(t)
	r, _ := replica(t, db, newClock(), jobs.Kind{Name: "mail", Timeout: time.Millisecond, Run: func(ctx context.Context, _ storage.Job) error {
		<-ctx.Done()
		return ctx.Err()
	}})
	add(t, db, storage.Job{Kind: "mail", Key: "a", Due: began})
	runDue(t, r, 1)
	if job := stored(t, db)[0]; job.Tries != 1 || job.LastError != "the job took too long: context deadline exceeded" || job.Due < began+5 {
		t.Errorf("stored: %+v", job)
	}
}

// A job whose replicas died 12 times is not run once more: it may be why they died.
func TestAnAbandonedJobDies(t *testing.T) {
	t.Parallel()
	db, c := storagetest.Open(t), newClock()
	r, _ := replica(t, db, c, jobs.Kind{Name: "mail", Run: func(context.Context, storage.Job) error {
		t.Error("it ran")
		return nil
	}})
	add(t, db, storage.Job{Kind: "mail", Key: "a", Due: began})
	for i := range 12 {
		job := stored(t, db)[0]
		if _, err := db.TakeJob(t.Context(), job, fmt.Sprint("dead/", i), job.Due+60); err != nil {
			t.Fatal(err)
		}
	}
	runDue(t, r, 0)
	c.advance(12 * time.Minute)
	runDue(t, r, 1)
	wantStored(t, db, storage.Job{
		Kind: "mail", Key: "a", Due: began + 720, Tries: 13, Wishes: 1, Dead: true,
		LastError: "the replica ended while the job ran, or lost the lease",
	})
}
