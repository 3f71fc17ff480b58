package trade

import (
	"context"
	"errors"
	"regexp"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
	"campusgate/storage/limits"
)

// codeForm is what the code of a coupon is made of.
var codeForm = regexp.MustCompile(`^[A-Za-z0-9]*$`)

func checkCode(code string) error {
	if !codeForm.MatchString(code) {
		return dispatch.Fail(dispatch.ValueError, "code: must be letters and digits")
	}
	return nil
}

// wrongCodes are how many wrong codes a user may send.
var wrongCodes = []limits.Window{{Count: 10, Within: time.Hour}}

// onceByCode runs the effect of a call that tells by the status told whether there is a
// coupon of a code; "" is none. Over the limit of the caller it tells nothing. A code is
// counted before it is looked at and given back where the answer is another, so that no
// number of concurrent calls passes the limit. A call that is repeated by its request_key
// has its answer all the same.
func onceByCode[Res any](ctx context.Context, c couponCalls, code string, told dispatch.Status, effect func(*storage.Tx) (Res, error)) (Res, error) {
	if code == "" {
		return wire.Once(ctx, c.DB, c.Clock.Now(), effect)
	}
	key := "coupon:" + dispatch.CallerFrom(ctx).User
	refused, wait, err := c.Limiter.Take(ctx, key, wrongCodes)
	if err != nil {
		var none Res
		return none, wire.CaptchaFailure(err)
	}
	answer, err := wire.Once(ctx, c.DB, c.Clock.Now(), func(tx *storage.Tx) (Res, error) {
		if refused >= 0 {
			var none Res
			return none, dispatch.Fail(dispatch.TooManyRequests, "too many wrong codes").After(wait)
		}
		return effect(tx)
	})
	var failure *dispatch.Error
	if refused < 0 && (!errors.As(err, &failure) || failure.Status != told) {
		if err := c.Limiter.Return(context.WithoutCancel(ctx), key); err != nil {
			c.Logger.WarnContext(ctx, "take back a code from the limit of its user", "error", err)
		}
	}
	return answer, err
}
