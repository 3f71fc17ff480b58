package wire

import (
	"context"
	"log/slog"

	"campusgate/dispatch"
	"campusgate/storage/limits"
)

// Reserve counts an event of a key before it is known whether it is one, so that no number
// of concurrent calls passes the limit: -302 with the detail where a window is full. free
// takes it back.
func Reserve(ctx context.Context, limiter Limiter, logger *slog.Logger, key, detail string, windows []limits.Window) (free func(), err error) {
	refused, wait, err := limiter.Take(ctx, key, windows)
	switch {
	case err != nil:
		return nil, CaptchaFailure(err)
	case refused >= 0:
		return nil, dispatch.Fail(dispatch.TooManyRequests, detail).After(wait)
	}
	return func() {
		if err := limiter.Return(context.WithoutCancel(ctx), key); err != nil {
			logger.WarnContext(ctx, "take an event back from its limit", "error", err)
		}
	}, nil
}
