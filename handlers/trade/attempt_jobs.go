package trade

import (
	"context"
	"errors"
	"strings"
	"time"

	"campusgate/handlers/trade/channel"
	"campusgate/storage"
	"campusgate/storage/jobs"
)

const (
	// askJob asks a channel for an attempt, and closes it there once it is over. Its key is
	// the attempt, with closeSuffix where it is to be closed now.
	askJob      = "payment.ask"
	closeSuffix = "/close"
)

// Of an attempt, in seconds.
var (
	// askAfter is when its channel is asked after it was made.
	askAfter = []int64{60, 5 * 60, 15 * 60, 30 * 60}
	// askPause is how often it is tried to be closed once it has expired, for closeFor.
	askPause, closeFor int64 = 60, 10 * 60
	// latePause is how often one is asked for that could not be closed, for lateFor.
	latePause, lateFor int64 = 60 * 60, 7 * 24 * 60 * 60
)

// nextAsk is when an attempt's channel is asked next, 0 never.
func nextAsk(a storage.Attempt, now int64) int64 {
	for _, after := range askAfter {
		if at := a.CreatTime + after; now < at && at < a.ExpireTime {
			return at
		}
	}
	switch {
	case now < a.ExpireTime:
		return a.ExpireTime
	case now < a.ExpireTime+closeFor:
		return now + askPause
	case now < a.ExpireTime+lateFor:
		return now + latePause
	}
	return 0
}

// runAsk is the job that asks.
func (d Deps) runAsk(ctx context.Context, job storage.Job) error {
	id, closing := strings.CutSuffix(job.Key, closeSuffix)
	a, err := d.DB.Attempt(ctx, id)
	if errors.Is(err, storage.ErrNotFound) || err == nil && !mayBring(a) {
		return nil
	}
	if err != nil {
		return err
	}
	now := d.Clock.Unix()
	over := a.State == storage.AttemptLeft || a.ExpireTime <= now
	learn := d.askAttempt
	if over {
		learn = d.closeAttempt
	}
	failure := learn(ctx, a)
	if failure != nil {
		d.Logger.WarnContext(ctx, "ask a channel", "attempt", id, "channel", a.Channel, "error", failure)
	}
	if a, err = d.DB.Attempt(ctx, id); err != nil || !mayBring(a) {
		return err
	}
	// A claim that does not fit is an answer: what is mended comes by a notification.
	_, answered := errors.AsType[*channel.ClaimError](failure)
	if answered {
		failure = nil
	}
	if closing { // the other job of the attempt goes on when this one ends
		if !answered && now < a.EndTime+closeFor {
			return jobs.Later(time.Unix(now+askPause, 0))
		}
		return nil
	}
	next := nextAsk(a, now)
	if next != 0 && (failure != nil || now < a.ExpireTime || !answered && now < a.ExpireTime+closeFor) {
		return jobs.Later(time.Unix(next, 0))
	}
	return d.giveUp(ctx, a, failure)
}

// mayBring reports whether an attempt may still bring money, as far as is known.
func mayBring(a storage.Attempt) bool {
	return a.State == storage.AttemptOpen || a.State == storage.AttemptLeft
}

// giveUp ends an attempt whose channel said, long after its end, that it is not paid, or
// said nothing, which an admin has to look at.
func (d Deps) giveUp(ctx context.Context, a storage.Attempt, failure error) error {
	return d.DB.InTx(ctx, func(tx *storage.Tx) error {
		if _, err := tx.LockPayment(ctx, a.PayID); err != nil {
			return err
		}
		a, err := tx.LockAttempt(ctx, a.AttemptID)
		if err != nil || !mayBring(a) {
			return err
		}
		now := d.Clock.Unix()
		if failure != nil {
			if err := d.addAnomaly(ctx, tx, a, anomalyUnknown, a.Amount); err != nil {
				return err
			}
		}
		d.countPayment(tx, a.Channel, payClosed)
		return tx.EndAttempt(ctx, a.AttemptID, storage.AttemptClosed, "", now)
	})
}
