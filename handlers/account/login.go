package account

import (
	"context"
	"errors"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/account/password"
	"campusgate/handlers/wire"
	"campusgate/storage"
	"campusgate/storage/captchas"
	"campusgate/storage/limits"
)

type loginUser struct {
	Phone    string `json:"phone" rule:"max=32" doc:"phone or user_name; with sms_hash the phone"`
	UserName string `json:"user_name" rule:"max=64"`
	Password string `json:"password" doc:"absent with sms_hash"`
	SMSHash  string `json:"sms_hash" doc:"in place of a password: md5(code + rand) of an SMS that went to the phone; used up by success"`
	Hash     string `json:"hash" doc:"of a picture captcha that has not expired, after failures (104); it is used up"`
}

type loggedInUser struct {
	UserID   int64  `json:"user_id"`
	UserName string `json:"user_name"`
	session
}

func (loginUser) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Only where `accounts.own` is true. An unknown account and a wrong password have the same answer. After 3 failures of an account or an address within 15 minutes `hash` is needed; after 10 failures of an account from one address the answer is -302 with Retry-After. An account has at most 10 tokens: the oldest ends.",
		Example:  `{"user_name": "码三秃", "password": "correct horse"}`,
		Statuses: []dispatch.Status{wrongCode, wrongLogin, captchaNeeded},
	}
}

func (u userCalls) login(ctx context.Context, in loginUser) (loggedInUser, error) {
	switch {
	case in.SMSHash != "" && in.Phone != "":
		return u.loginBySMS(ctx, in)
	case in.SMSHash != "":
		return loggedInUser{}, dispatch.Fail(dispatch.ErrorDataKey, "phone: missing")
	case in.Phone == "" && in.UserName == "":
		return loggedInUser{}, dispatch.Fail(dispatch.ErrorDataKey, "phone, user_name: both missing")
	case in.Password == "":
		return loggedInUser{}, dispatch.Fail(dispatch.ErrorDataKey, "password, sms_hash: both missing")
	default:
		return u.loginByPassword(ctx, in)
	}
}

func (u userCalls) loginBySMS(ctx context.Context, in loginUser) (loggedInUser, error) {
	code := u.smsCode(in.Phone, in.SMSHash)
	if err := code.check(ctx); err != nil {
		return loggedInUser{}, err
	}
	profile, err := u.DB.ProfileOfPhone(ctx, in.Phone)
	if errors.Is(err, storage.ErrNotFound) {
		return loggedInUser{}, dispatch.Fail(wrongLogin, "")
	}
	if err != nil {
		return loggedInUser{}, wire.DatabaseFailure(err)
	}
	return u.logIn(ctx, profile.UserID, func(*storage.Profile) error { return code.use(ctx) })
}

func (u userCalls) loginByPassword(ctx context.Context, in loginUser) (loggedInUser, error) {
	profile, err := u.accountOf(ctx, in)
	if err != nil {
		return loggedInUser{}, wire.DatabaseFailure(err)
	}
	attempt, err := u.attempt(ctx, in, profile.UserID)
	if err != nil {
		return loggedInUser{}, err
	}
	// Of an unknown account the hash is "", which takes the same work.
	right, weaker, err := verifyPassword(ctx, profile.Password, in.Password)
	switch {
	case err != nil:
		attempt.takeBack(ctx)
		return loggedInUser{}, err
	case !right:
		return loggedInUser{}, dispatch.Fail(wrongLogin, "")
	}
	attempt.takeBack(ctx)
	var renewed string
	if weaker {
		if renewed, err = password.Hash(ctx, in.Password); err != nil {
			return loggedInUser{}, busy(err)
		}
	}
	return u.logIn(ctx, profile.UserID, func(locked *storage.Profile) error {
		if locked.Password != profile.Password { // changed meanwhile
			return dispatch.Fail(wrongLogin, "")
		}
		if renewed != "" {
			locked.Password = renewed
		}
		return nil
	})
}

// accountOf finds the account that wants to log in, a zero one where there is none.
func (u userCalls) accountOf(ctx context.Context, in loginUser) (profile storage.Profile, err error) {
	if in.Phone != "" {
		profile, err = u.DB.ProfileOfPhone(ctx, in.Phone)
	} else {
		profile, err = u.DB.ProfileOfName(ctx, nameKey(in.UserName))
	}
	if errors.Is(err, storage.ErrNotFound) {
		err = nil
	}
	return profile, err
}

// logIn begins a session of an account that agree lets in; it may change the profile.
func (u userCalls) logIn(ctx context.Context, user string, agree func(*storage.Profile) error) (answer loggedInUser, err error) {
	err = u.DB.InTx(ctx, func(tx *storage.Tx) error {
		profile, err := tx.LockProfile(ctx, user, u.Clock.Unix())
		if err != nil {
			return err
		}
		before := profile.Password
		if profile.Deleted() {
			return dispatch.Fail(wrongLogin, "")
		}
		answer = loggedInUser{UserID: wire.UserNumber(user), UserName: profile.Name}
		if answer.session, err = u.beginSession(ctx, tx, user); err != nil {
			return err
		}
		if err := agree(&profile); err != nil || profile.Password == before {
			return err
		}
		return tx.UpdateProfile(ctx, profile)
	})
	return answer, wire.KnownOrDatabase(err)
}

// Failures within this time count.
const failureTime = 15 * time.Minute

var (
	// From so many failures on a picture's hash is needed.
	freeFailures = []limits.Window{{Count: 3, Within: failureTime}}
	// After so many of an account from an address it may not try for a while.
	maxFailures = []limits.Window{{Count: 10, Within: failureTime}}
)

// An attempt is what a login has been counted under before it is known to be wrong, so
// that no number of concurrent ones passes the limits.
type attempt struct {
	calls   userCalls
	counted []string
}

// attempt counts a login, of the account with the given id or, where there is none, of
// what it was called. It fails with -302, and with 104 where a picture's hash is needed.
func (u userCalls) attempt(ctx context.Context, in loginUser, user string) (*attempt, error) {
	account := "user " + user
	if user == "" {
		account = "phone " + in.Phone + " name " + nameKey(in.UserName)
	}
	counting, caller := &attempt{calls: u}, dispatch.CallerFrom(ctx)
	address := dispatch.LimitKey(caller.Address).String()
	if !caller.Trusted {
		refused, wait, err := counting.count(ctx, "login:"+account+" from "+address, maxFailures)
		if err != nil {
			return nil, err
		}
		if refused {
			return nil, dispatch.Fail(dispatch.TooManyRequests, "too many failures of this account").After(wait)
		}
	}
	needed, _, err := counting.count(ctx, "login:"+account, freeFailures)
	if err == nil && !caller.Trusted {
		var byAddress bool
		byAddress, _, err = counting.count(ctx, "login:"+address, freeFailures)
		needed = needed || byAddress
	}
	if err == nil && needed {
		err = u.usePicture(ctx, in.Hash)
	}
	if err != nil {
		counting.takeBack(ctx)
		return nil, err
	}
	return counting, nil
}

// count counts the attempt under a key, if its windows have room.
func (a *attempt) count(ctx context.Context, key string, windows []limits.Window) (full bool, wait time.Duration, err error) {
	refused, wait, err := a.calls.Limiter.Take(ctx, key, windows)
	if err != nil {
		return false, 0, wire.CaptchaFailure(err)
	}
	if refused < 0 {
		a.counted = append(a.counted, key)
	}
	return refused >= 0, wait, nil
}

// takeBack makes the attempt none: it was right, or nobody knows.
func (a *attempt) takeBack(ctx context.Context) {
	for _, key := range a.counted {
		if err := a.calls.Limiter.Return(context.WithoutCancel(ctx), key); err != nil {
			a.calls.Logger.WarnContext(ctx, "take back a login from its limit", "error", err)
		}
	}
}

// usePicture uses up the hash of a picture, and fails with 104 where it is none.
func (u userCalls) usePicture(ctx context.Context, hash string) error {
	if hash == "" {
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
