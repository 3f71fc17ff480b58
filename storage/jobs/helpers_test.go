package jobs_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"campusgate/storage"
	"campusgate/storage/jobs"
)

// began is what a clock shows at first, in Unix seconds.
const began = 1_574_951_152

// A clock stands still until a test moves it, and fails while broken.
type clock struct {
	seconds atomic.Int64
	broken  atomic.Pointer[error]
}

func newClock() *clock {
	c := &clock{}
	c.seconds.Store(began)
	return c
}

func (c *clock) now(context.Context) (int64, error) {
	if err := c.broken.Load(); err != nil {
		return 0, *err
	}
	return c.seconds.Load(), nil
}

func (c *clock) advance(d time.Duration) { c.seconds.Add(int64(d / time.Second)) }

// A log keeps what is logged.
type log struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

// Write adds a line.
func (l *log) Write(line []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(line)
}

// take returns what was logged since the last take.
func (l *log) take() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	defer l.text.Reset()
	return l.text.String()
}

// replica returns a runner by a test's clock, and its log. Its jobs have an hour to end.
func replica(t testing.TB, db *storage.DB, c *clock, kinds ...jobs.Kind) (*jobs.Runner, *log) {
	t.Helper()
	lines := &log{}
	r, err := jobs.New(db, kinds, jobs.Options{Logger: slog.New(slog.NewTextHandler(lines, nil)), Now: c.now, Grace: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return r, lines
}

// start has a runner run until it is told to stop; wait waits for its end.
func start(t testing.TB, r *jobs.Runner) (stop, wait func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { r.Run(ctx); close(ended) }()
	return cancel, func() { <-ended }
}

func add(t testing.TB, db *storage.DB, list ...storage.Job) {
	t.Helper()
	err := db.InTx(t.Context(), func(tx *storage.Tx) error {
		for _, job := range list {
			if err := tx.AddJob(t.Context(), job); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func runDue(t testing.TB, r *jobs.Runner, want int) {
	t.Helper()
	if got, err := r.RunDue(t.Context()); got != want || err != nil {
		t.Errorf("%d runs, %v; want %d", got, err, want)
	}
}

func stored(t testing.TB, db *storage.DB) []storage.Job {
	t.Helper()
	list, err := db.Jobs(t.Context(), storage.JobFilter{})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// wantStored compares all jobs but for their ids.
func wantStored(t testing.TB, db *storage.DB, want ...storage.Job) {
	t.Helper()
	if diff := cmp.Diff(append([]storage.Job{}, want...), stored(t, db), cmpopts.IgnoreFields(storage.Job{}, "ID")); diff != "" {
		t.Errorf("jobs (-want +got):\n%s", diff)
	}
}

// await waits until holds does.
func await(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for late := time.Now().Add(time.Minute); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("it is still not so: %s", what)
		}
	}
}
