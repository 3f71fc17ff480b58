package captcha

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"time"

	"campusgate/dispatch"
	"campusgate/storage/captchas"
	"campusgate/storage/limits"
)

// guess looks a hash up. A guess is counted before it is looked at and given back
// when it was right, so that no number of concurrent calls passes the limit.
func (c calls) guess(ctx context.Context, query captchas.Query) (bool, error) {
	caller := dispatch.CallerFrom(ctx)
	if caller.Trusted || c.Settings.GuessesPerMinute == 0 {
		return c.Captchas.Check(ctx, query)
	}
	key := "guess:" + dispatch.LimitKey(caller.Address).String()
	window := limits.Window{Count: c.Settings.GuessesPerMinute, Within: time.Minute}
	refused, _, err := c.Limiter.Take(ctx, key, []limits.Window{window})
	if err != nil || refused >= 0 {
		return false, err
	}
	right, err := c.Captchas.Check(ctx, query)
	if right || err != nil {
		if err := c.Limiter.Return(context.WithoutCancel(ctx), key); err != nil {
			c.Logger.WarnContext(ctx, "return a guess to the limit of its address", "error", err)
		}
	}
	return right, err
}

// hashOf is what the protocol calls the hash. MD5 is the document's choice: it
// hides a short-lived code, and nothing rests on its collisions.
func hashOf(code, salt string) string {
	sum := md5.Sum([]byte(code + salt))
	return hex.EncodeToString(sum[:])
}
