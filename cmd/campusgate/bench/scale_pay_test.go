package bench

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// callbackRow needs a program that is set up with a channel whose notifications tests can
// sign: [playCallbacks] has it.
const callbackRow = "pay/callback"

// playCallbacks has WeChat Pay tell that a recharge is paid.
func playCallbacks(t *testing.T, e scaleEffort, driver string, few, many *scaleSide, table *scaleTable) {
	t.Helper()
	channels := map[*scaleSide]*campusgatetest.Channels{}
	for _, s := range []*scaleSide{few, many} {
		s.t = t
		channels[s] = campusgatetest.StartChannels(t)
		s.start(channels[s].Environ...)
		defer s.stop()
	}
	table.play(t, e, driver, []scaleRow{{name: callbackRow, note: "of a recharge that waits", ready: func(s *scaleSide) func() error {
		attempt := fmt.Sprintf("%08d%05d000001", s.stamp%1e8, s.next()%1e5)
		must(s.t, s.db.InTx(context.Background(), func(tx *storage.Tx) error { return insertAttempts(context.Background(), tx, []string{attempt}) }))
		sent := notification(s.t, channels[s], attempt, false)
		return func() error { return campusgatetest.Asking(sent, http.StatusNoContent)(s.connection) }
	}}}, few, many)
}

// unclaimed stores a recharge whose money came late, and which its channel does not take back.
// It returns the attempt.
func (s *scaleSide) unclaimed(a actor) string {
	s.t.Helper()
	return handlerstest.AddUnclaimed(s.t, s.db, fmt.Sprintf("2%08d%06d00", s.stamp%1e8, s.next()%1e6), a.id, time.Now().Unix())
}

// told has an actor have a notice.
func (s *scaleSide) told(a actor) {
	s.t.Helper()
	ctx := context.Background()
	must(s.t, s.db.InTx(ctx, func(tx *storage.Tx) error {
		return tx.AddNotice(ctx, storage.Notice{UserID: a.id, Key: "scale", Kind: "order", Title: "新订单", CreatTime: time.Now().Unix()})
	}))
}

// deadJob is one of a kind that nobody runs, which was given up.
func (s *scaleSide) deadJob() int64 {
	s.t.Helper()
	const kind, many = "scale", 10_000
	ctx, now := context.Background(), time.Now().Unix()
	key := fmt.Sprintf("%d/%d", s.stamp, s.next())
	must(s.t, s.db.InTx(ctx, func(tx *storage.Tx) error { return tx.AddJob(ctx, storage.Job{Kind: kind, Key: key, Due: now}) }))
	due, err := s.db.DueJobs(ctx, []string{kind}, now, many)
	must(s.t, err)
	job := due[slices.IndexFunc(due, func(j storage.Job) bool { return j.Key == key })]
	taken, err := s.db.TakeJob(ctx, job, key, now+60)
	must(s.t, err)
	taken.Dead = true
	must(s.t, s.db.PutBackJob(ctx, taken))
	return job.ID
}
