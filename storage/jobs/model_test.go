package jobs_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"campusgate/storage"
	"campusgate/storage/jobs"
	"campusgate/storage/storagetest"
)

// How often the model is played is RAPID_CHECKS.

// Whatever happens to two replicas, in any order, no job is lost, and none runs before
// its time.
func TestModel(t *testing.T) {
	t.Parallel()
	db := storagetest.Open(t)
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{t: t, rt: rt, db: db, clock: newClock(), wanted: map[string]int64{}}
		for i := range 2 {
			r, _ := replica(t, db, m.clock, jobs.Kind{Name: "order", Run: m.run})
			m.replicas[i] = r
		}
		rt.Repeat(map[string]func(*rapid.T){
			"add": m.add,
			"run": func(rt *rapid.T) { m.rt = rt; m.runAny() },
			"die": m.die,
			"wait": func(rt *rapid.T) {
				m.clock.advance(time.Duration(rapid.IntRange(1, 200).Draw(rt, "seconds")) * time.Second)
			},
			"": m.check,
		})
		m.outcomes = []string{"done"} // from now on all goes well
		for range 2 {
			m.clock.advance(2 * time.Hour)
			for _, job := range stored(t, db) {
				if job.Dead {
					handle(rt, db.RetryJob(t.Context(), job.ID, m.clock.seconds.Load()))
				}
			}
			m.runAny()
		}
		if list := stored(t, db); len(list) > 0 || len(m.wanted) > 0 {
			rt.Fatalf("wanted still %v, stored %+v", m.wanted, list)
		}
	})
}

// A model holds which jobs are wanted, by their keys, and when each was due at first.
type model struct {
	t        *testing.T
	rt       *rapid.T
	db       *storage.DB
	clock    *clock
	replicas [2]*jobs.Runner
	wanted   map[string]int64
	outcomes []string // to draw from; none is any
}

func handle(rt *rapid.T, err error) {
	if err != nil {
		rt.Fatal(err)
	}
}

func (m *model) add(rt *rapid.T) {
	key := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "key")
	due := m.clock.seconds.Load() + rapid.Int64Range(-10, 100).Draw(rt, "due")
	add(m.t, m.db, storage.Job{Kind: "order", Key: key, Due: due})
	if first, wanted := m.wanted[key]; !wanted || m.dead(key) {
		m.wanted[key] = due
	} else {
		m.wanted[key] = min(first, due)
	}
}

func (m *model) dead(key string) bool {
	return slices.ContainsFunc(stored(m.t, m.db), func(job storage.Job) bool { return job.Key == key && job.Dead })
}

// run does a job, or not.
func (m *model) run(_ context.Context, job storage.Job) error {
	if due, wanted := m.wanted[job.Key]; !wanted || due > m.clock.seconds.Load() {
		m.rt.Fatalf("%+v runs at %d; wanted %v", job, m.clock.seconds.Load(), m.wanted)
	}
	outcomes := m.outcomes
	if outcomes == nil {
		outcomes = []string{"done", "failed", "later", "added again"}
	}
	switch rapid.SampledFrom(outcomes).Draw(m.rt, "outcome") {
	case "failed":
		return errRefused
	case "later":
		return jobs.Later(time.Unix(m.clock.seconds.Load()+30, 0))
	case "added again":
		add(m.t, m.db, job)
		return nil
	default:
		delete(m.wanted, job.Key)
		return nil
	}
}

// runAny lets one of the replicas run what is due.
func (m *model) runAny() {
	_, err := rapid.SampledFrom(m.replicas[:]).Draw(m.rt, "replica").RunDue(m.t.Context())
	handle(m.rt, err)
}

// die takes a job as a replica that is killed then.
func (m *model) die(rt *rapid.T) {
	now := m.clock.seconds.Load()
	due, err := m.db.DueJobs(m.t.Context(), []string{"order"}, now, 1)
	handle(rt, err)
	for _, job := range due {
		_, err := m.db.TakeJob(m.t.Context(), job, fmt.Sprint("dead/", now), now+60)
		handle(rt, err)
	}
}

// check finds a row for each job that is wanted, and no other.
func (m *model) check(rt *rapid.T) {
	list := stored(m.t, m.db)
	for _, job := range list {
		if _, wanted := m.wanted[job.Key]; !wanted {
			rt.Fatalf("%+v is stored and not wanted", job)
		}
	}
	if len(list) != len(m.wanted) {
		rt.Fatalf("wanted %v, stored %+v", m.wanted, list)
	}
}
