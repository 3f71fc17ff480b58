package handlers_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
	"campusgate/storage/jobs"
)

// Jobs run when a test says so, by the gateway's clock.
func TestRunJobs(t *testing.T) {
	t.Parallel()
	var ran []string
	g := handlerstest.Start(t, func(o *handlerstest.Options) {
		o.Jobs = []jobs.Kind{{Name: "test", Run: func(_ context.Context, job storage.Job) error {
			ran = append(ran, job.Key)
			return nil
		}}}
	})
	g.RunJobs() // those that recur are there from now on
	before, rows := g.Stored(), len(g.EveryRow())
	now := g.Clock.Now()
	handlerstest.Must(t, g.DB.InTx(t.Context(), func(tx *storage.Tx) error {
		for key, due := range map[string]time.Time{"later": now.AddDate(0, 0, 30), "soon": now.Add(time.Second), "now": now} {
			if err := tx.AddJob(t.Context(), storage.Job{Kind: "test", Key: key, Due: due.Unix()}); err != nil {
				return err
			}
		}
		return nil
	}))
	if g.Stored() == before || len(g.EveryRow()) != rows+3 {
		t.Errorf("%d rows, want 3 jobs beside %d; stored: %s", len(g.EveryRow()), rows, g.Stored())
	}
	for _, step := range []struct {
		advance time.Duration
		want    []string // that ran
	}{
		{0, []string{"now"}},
		{0, nil},
		{time.Second, []string{"soon"}},
		{30*24*time.Hour - 2*time.Second, nil},
		{time.Second, []string{"later"}},
	} {
		g.Clock.Advance(step.advance)
		ran = nil
		if runs := g.RunJobs(); !slices.Equal(ran, step.want) || runs < len(ran) {
			t.Errorf("after %s more %q ran in %d runs, want %q", step.advance, ran, runs, step.want)
		}
	}
}
