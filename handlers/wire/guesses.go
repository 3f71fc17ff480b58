package wire

import (
	"context"
	"log/slog"
	"time"

	"campusgate/dispatch"
	"campusgate/storage/captchas"
	"campusgate/storage/limits"
)

// maxHash is far more characters than a hash has: what is longer is none, and is not handed
// on whole.
const maxHash = 64

// Guesses looks the hashes up that callers guess, and counts the wrong ones.
type Guesses struct {
	Captchas Captchas
	Limiter  Limiter
	// PerMinute is how many wrong guesses an address has in a minute, over all calls; 0
	// is without a limit.
	PerMinute int
	Logger    *slog.Logger
}

// Captchas find the hashes of pictures and of SMS codes.
type Captchas interface {
	Check(ctx context.Context, query captchas.Query) (bool, error)
}

// Limiter counts events of a key in sliding windows.
type Limiter interface {
	Take(ctx context.Context, key string, windows []limits.Window) (refused int, retryAfter time.Duration, err error)
	Return(ctx context.Context, key string) error
	Count(ctx context.Context, key string, within time.Duration) (int, error)
}

// Check looks a hash up. A guess is counted for the caller's address before it is looked
// at and given back when it was right, so that no number of concurrent calls passes the
// limit; over the limit nothing is right. Trusted callers ask for everybody and have none.
func (g Guesses) Check(ctx context.Context, query captchas.Query) (right bool, err error) {
	caller := dispatch.CallerFrom(ctx)
	query.Shows = !caller.Trusted && query.Phone == "" && !query.Consume
	query.Hash = query.Hash[:min(len(query.Hash), maxHash)]
	if caller.Trusted || g.PerMinute == 0 {
		return g.Captchas.Check(ctx, query)
	}
	key := "guess:" + dispatch.LimitKey(caller.Address).String()
	window := limits.Window{Count: g.PerMinute, Within: time.Minute}
	refused, _, err := g.Limiter.Take(ctx, key, []limits.Window{window})
	if err != nil || refused >= 0 {
		return false, err
	}
	right, err = g.Captchas.Check(ctx, query)
	if right || err != nil {
		if err := g.Limiter.Return(context.WithoutCancel(ctx), key); err != nil {
			g.Logger.WarnContext(ctx, "return a guess to the limit of its address", "error", err)
		}
	}
	return right, err
}

// CheckSent is Check for a code that lets somebody in: it must have been sent to the
// query's Phone, and nobody has found it by guessing its hash alone. A wrong guess counts
// for the phone too, whoever calls (see [captchas.Query.Counts]).
func (g Guesses) CheckSent(ctx context.Context, query captchas.Query) (right bool, err error) {
	query.Counts, query.LetsIn = true, true
	return g.Check(ctx, query)
}
