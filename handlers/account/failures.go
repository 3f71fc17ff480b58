package account

import (
	"context"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage/captchas"
	"campusgate/storage/limits"
)

// reserve is [wire.Reserve].
func (u userCalls) reserve(ctx context.Context, key, detail string, windows []limits.Window) (free func(), err error) {
	return wire.Reserve(ctx, u.Limiter, u.Logger, key, detail, windows)
}

// Failures of a login within this time count.
const failureTime = 15 * time.Minute

// freeFailures of an account or an address need no picture.
const freeFailures = 3

var (
	// maxFailures are those of an account from an address.
	maxFailures = []limits.Window{{Count: 10, Within: failureTime}}
	// keptFailures bounds what is remembered of an account or an address.
	keptFailures = []limits.Window{{Count: 100, Within: failureTime}}
)

// loginKeys are what the failures of a login are counted under: of what the caller says it
// is where there is no such account, and of the caller's address. Trusted callers log in
// for everybody: theirs are counted for accounts alone.
type loginKeys struct {
	pair    string // both, "" for trusted callers
	singles []string
}

func keysOf(ctx context.Context, in loginUser, user string) loginKeys {
	account := "user " + user
	switch {
	case user != "":
	case in.Phone != nil:
		account = "phone " + *in.Phone
	default:
		account = "name " + nameKeyOf(in.UserName)
	}
	caller := dispatch.CallerFrom(ctx)
	if caller.Trusted {
		return loginKeys{singles: []string{"login:" + account}}
	}
	address := dispatch.LimitKey(caller.Address).String()
	return loginKeys{"login:" + account + " from " + address, []string{"login:" + account, "login:from " + address}}
}

// wantTry fails with -302 after too many failures of an account from an address, and with
// 104 after some of either, unless the hash is a picture's. Only failures count, and not
// what is being looked at beside: many people behind one address log in at once.
func (u userCalls) wantTry(ctx context.Context, keys loginKeys, hash string) error {
	if keys.pair != "" {
		free, err := u.reserve(ctx, keys.pair, "too many failures of this account", maxFailures)
		if err != nil {
			return err
		}
		free()
	}
	return u.wantPicture(ctx, keys, hash)
}

// wantPicture fails with 104 where there were failures, unless the hash is a picture's; it
// is used up.
func (u userCalls) wantPicture(ctx context.Context, keys loginKeys, hash string) error {
	needed := false
	for _, key := range keys.singles {
		failures, err := u.Limiter.Count(ctx, key, failureTime)
		if err != nil {
			return wire.CaptchaFailure(err)
		}
		needed = needed || failures >= freeFailures
	}
	switch {
	case !needed:
		return nil
	case hash == "":
		return dispatch.Fail(captchaNeeded, "hash: missing")
	}
	right, err := u.Guesses.Check(ctx, captchas.Query{Hash: hash, Kind: captchas.Picture, Consume: true})
	switch {
	case err != nil:
		return wire.CaptchaFailure(err)
	case !right:
		return dispatch.Fail(captchaNeeded, "hash: unknown, expired, or not that of a picture captcha")
	}
	return nil
}

// countFailure remembers a wrong login.
func (u userCalls) countFailure(ctx context.Context, keys loginKeys) error {
	if keys.pair != "" {
		if _, _, err := u.Limiter.Take(context.WithoutCancel(ctx), keys.pair, maxFailures); err != nil {
			return wire.CaptchaFailure(err)
		}
	}
	for _, key := range keys.singles {
		if _, _, err := u.Limiter.Take(context.WithoutCancel(ctx), key, keptFailures); err != nil {
			return wire.CaptchaFailure(err)
		}
	}
	return nil
}
