package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/config"
	"campusgate/storage"
	"campusgate/storage/jobs"
)

// addJobs adds a job that waits, one that runs and one that is dead, in this order, of a
// kind that no replica knows.
func addJobs(t *testing.T, db *storage.DB) []storage.Job {
	t.Helper()
	ctx := t.Context()
	must(t, db.InTx(ctx, func(tx *storage.Tx) error {
		for i, due := range []int64{4_102_416_000, 2, 3} {
			if err := tx.AddJob(ctx, storage.Job{Kind: "newer", Key: strconv.Itoa(i), Due: due}); err != nil {
				return err
			}
		}
		return nil
	}))
	due, err := db.DueJobs(ctx, []string{"newer"}, 3, 2)
	must(t, err)
	for i, job := range due {
		taken, err := db.TakeJob(ctx, job, fmt.Sprint("a/", i), 4_102_416_001)
		must(t, err)
		if i == 1 {
			taken.Dead, taken.Due, taken.Tries, taken.LastError = true, 1_574_951_152, 12, "refused"
			must(t, db.PutBackJob(ctx, taken))
		}
	}
	list, err := db.Jobs(ctx, storage.JobFilter{})
	must(t, err)
	return list
}

func TestJobsList(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	environ := campusgatetest.Embedded(folder)
	if got := runCommand(t, environ, "jobs", "list", "--dead").Want(t, exitOK); got.Stdout != "" {
		t.Errorf("of no jobs it prints %q", got.Stdout)
	}
	addJobs(t, campusgatetest.OpenEmbedded(t, folder))
	const (
		head    = "ID  KIND   KEY  STATE    DUE                  TRIES  LAST ERROR\n"
		dead    = "3   newer  2    dead     2019-11-28 22:25:52  12     refused\n"
		waiting = "1   newer  0    waiting  2100-01-01 00:00:00  0      \n"
		running = "2   newer  1    running  2100-01-01 00:00:01  1      \n"
	)
	for _, test := range []struct {
		arguments []string
		want      string
	}{
		{nil, head + dead + waiting + running},
		{[]string{"--kind", "newer"}, head + dead + waiting + running},
		{[]string{"--kind", "older"}, ""},
		{[]string{"--dead", "--kind", "newer"}, "ID  KIND   KEY  STATE  DUE                  TRIES  LAST ERROR\n3   newer  2    dead   2019-11-28 22:25:52  12     refused\n"},
	} {
		if got := runCommand(t, environ, append([]string{"jobs", "list"}, test.arguments...)...).Want(t, exitOK); got.Stdout != test.want {
			t.Errorf("%q prints\n%s\nwant\n%s", test.arguments, got.Stdout, test.want)
		}
	}
}

func TestJobsRetry(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	environ := campusgatetest.Embedded(folder)
	runCommand(t, environ, "jobs", "retry", "--dead").Want(t, exitOK) // none
	db := campusgatetest.OpenEmbedded(t, folder)
	list := addJobs(t, db)
	dead, waiting, running := list[0].ID, list[1].ID, list[2].ID
	text := func(id int64) string { return strconv.FormatInt(id, 10) }
	states := func(want ...string) {
		t.Helper()
		list, err := db.Jobs(t.Context(), storage.JobFilter{})
		must(t, err)
		got := map[int64]string{}
		for _, job := range list {
			got[job.ID] = stateOf(job)
			if got[job.ID] == jobWaiting && job.Due < 4_102_416_000 {
				got[job.ID] = fmt.Sprintf("due after %d tries", job.Tries)
			}
		}
		for i, id := range []int64{dead, waiting, running} {
			if got[id] != want[i] {
				t.Errorf("job %d is %s, want %s", id, got[id], want[i])
			}
		}
	}
	states(jobDead, jobWaiting, jobRunning)
	runCommand(t, environ, "jobs", "retry", text(dead), text(running)).
		Refused(t, exitFailed, "job "+text(running)+" is done, or runs at this moment: none was retried")
	runCommand(t, environ, "jobs", "retry", "99", text(dead)).Refused(t, exitFailed, "job 99 is done")
	states(jobDead, jobWaiting, jobRunning)
	runCommand(t, environ, "jobs", "retry", "--dead").Want(t, exitOK)
	states("due after 0 tries", jobWaiting, jobRunning)
	runCommand(t, environ, "jobs", "retry", text(waiting), text(dead)).Want(t, exitOK)
	states("due after 0 tries", "due after 0 tries", jobRunning)
}

// The metrics tell of every job, and of how late the oldest is. A database that does not
// answer takes only these away.
func TestJobMetrics(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	r := serve(t, campusgatetest.Embedded(folder, "CAMPUSGATE_METRICS_LISTEN="+campusgatetest.FreeAddress(t)))
	db := campusgatetest.OpenEmbedded(t, folder)
	list := addJobs(t, db)
	url := r.MetricsURL(t)
	for name, want := range map[string]string{
		`campusgate_jobs{kind="newer",state="waiting"}`:    "1",
		`campusgate_jobs{kind="newer",state="running"}`:    "1",
		`campusgate_jobs{kind="newer",state="dead"}`:       "1",
		`campusgate_jobs_oldest_due_seconds{kind="newer"}`: "0",
	} {
		awaitSample(t, url, name, want)
	}
	must(t, db.RetryJob(t.Context(), list[0].ID, 1_574_951_152))
	samples := campusgatetest.Scrape(t, url)
	age, err := strconv.ParseFloat(samples[`campusgate_jobs_oldest_due_seconds{kind="newer"}`], 64)
	if err != nil || age < 1e8 {
		t.Errorf("the oldest due job is of 2019, its age is %g s, %v", age, err)
	}
	if got := samples[`campusgate_jobs{kind="newer",state="dead"}`]; got != "0" {
		t.Errorf("%s dead jobs", got)
	}
	execute(t, folder, "ALTER TABLE jobs RENAME TO gone")
	samples = campusgatetest.Scrape(t, url)
	if samples.Has("campusgate_jobs") || !samples.Has("campusgate_open_connections") {
		t.Error("without the table: want all metrics but those of jobs")
	}
	r.Stderr.Await(t, "count jobs")
	execute(t, folder, "ALTER TABLE gone RENAME TO jobs")
}

// When the server stops, its jobs have ended before what they may stand on is closed: one
// that finishes is done, one that does not is given back.
func TestServeDrainsJobs(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	configuration, err := config.Load("", campusgatetest.Embedded(folder))
	must(t, err)
	db, err := process{stderr: io.Discard}.openDatabase(t.Context(), configuration)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	logger := slog.New(slog.DiscardHandler)
	g, err := newGateway(configuration, logger, db, nil, nil)
	must(t, err)
	begun, closed := make(chan struct{}, 2), make(chan struct{})
	g.jobs, err = jobs.New(db, []jobs.Kind{{Name: "test", Run: func(ctx context.Context, job storage.Job) error {
		begun <- struct{}{}
		<-ctx.Done()
		select {
		case <-closed:
			t.Error("captchas are closed while a job runs")
		case <-time.After(100 * time.Millisecond): // for something to go wrong
		}
		if job.Key == "finishes" {
			return nil
		}
		return ctx.Err()
	}}}, jobs.Options{Logger: logger})
	must(t, err)
	closeCaptchas := g.captchas.close
	g.captchas.close = func() error {
		close(closed)
		return closeCaptchas()
	}
	ctx := t.Context()
	must(t, db.InTx(ctx, func(tx *storage.Tx) error {
		return errors.Join(
			tx.AddJob(ctx, storage.Job{Kind: "test", Key: "finishes", Due: 1}),
			tx.AddJob(ctx, storage.Job{Kind: "test", Key: "goes on", Due: 1}))
	}))
	listener, err := listen(ctx, "127.0.0.1:0")
	must(t, err)
	running, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- g.serve(running, listener) }()
	<-begun
	<-begun
	stop()
	must(t, <-served)
	left, err := db.Jobs(ctx, storage.JobFilter{})
	must(t, err)
	if len(left) != 1 || left[0].Key != "goes on" || left[0].TakenBy != "" || left[0].Tries != 0 {
		t.Errorf("left: %+v", left)
	}
}
