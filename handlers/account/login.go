package account

import (
	"context"
	"errors"

	"campusgate/dispatch"
	"campusgate/handlers/account/password"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

type loginUser struct {
	Phone    *string `json:"phone" rule:"filled max=32" doc:"phone or user_name; with sms_hash the phone"`
	UserName *string `json:"user_name" rule:"filled max=64"`
	Password *string `json:"password" rule:"filled password" doc:"absent with sms_hash"`
	SMSHash  *string `json:"sms_hash" rule:"filled" doc:"in place of a password: md5(code + rand) of an SMS that went to the phone; used up by success"`
	Hash     string  `json:"hash" rule:"filled" doc:"of a picture captcha that has not expired, after failures (104); it is used up"`
}

type loggedInUser struct {
	UserID   int64  `json:"user_id"`
	UserName string `json:"user_name"`
	session
}

func (loginUser) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Only where `accounts.own` is true. An unknown account and a wrong password have the same answer. After 3 failures of an account or an address within 15 minutes `hash` is needed; after 10 failures of an account from one address the answer is -302 with Retry-After. An account has at most 10 tokens: the oldest ends.",
		Example:  `{"user_name": "小码三", "password": "correct horse"}`,
		Statuses: []dispatch.Status{dispatch.ErrorDataKey, wrongCode, wrongLogin, captchaNeeded},
	}
}

func (u userCalls) login(ctx context.Context, in loginUser) (loggedInUser, error) {
	switch {
	case in.SMSHash != nil && in.Phone != nil:
		return u.loginBySMS(ctx, *in.Phone, *in.SMSHash)
	case in.SMSHash != nil:
		return loggedInUser{}, dispatch.Fail(dispatch.ErrorDataKey, "phone: missing")
	case in.Phone == nil && in.UserName == nil:
		return loggedInUser{}, dispatch.Fail(dispatch.ErrorDataKey, "phone, user_name: both missing")
	case in.Password == nil:
		return loggedInUser{}, dispatch.Fail(dispatch.ErrorDataKey, "password, sms_hash: both missing")
	default:
		return u.loginByPassword(ctx, in)
	}
}

func (u userCalls) loginBySMS(ctx context.Context, phone, hash string) (loggedInUser, error) {
	code := u.smsCode(phone, hash)
	if err := code.check(ctx); err != nil {
		return loggedInUser{}, err
	}
	profile, err := u.DB.ProfileOfPhone(ctx, phone)
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
	renewed, err := u.tryPassword(ctx, in, profile)
	if err != nil {
		return loggedInUser{}, err
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

// tryPassword fails where the password is not the account's. renewed is a new hash of it
// where the stored one costs less than it should, else "".
func (u userCalls) tryPassword(ctx context.Context, in loginUser, account storage.Profile) (renewed string, err error) {
	keys := keysOf(ctx, in, account.UserID)
	// Of an unknown account the hash is "", which takes the same work. Failures are looked at
	// in the password's turn: no more are tried beside each other than there are cores.
	right, weaker, err := verifyPassword(ctx, account.Password, *in.Password, func() error {
		return u.wantTry(ctx, keys, in.Hash)
	})
	switch {
	case err != nil:
		return "", err
	case !right:
		if err := u.countFailure(ctx, keys); err != nil {
			return "", err
		}
		return "", dispatch.Fail(wrongLogin, "")
	}
	if weaker {
		renewed, err = password.Hash(ctx, *in.Password)
	}
	return renewed, busy(err)
}

// accountOf finds the account that wants to log in, a zero one where there is none.
func (u userCalls) accountOf(ctx context.Context, in loginUser) (profile storage.Profile, err error) {
	if in.Phone != nil {
		profile, err = u.DB.ProfileOfPhone(ctx, *in.Phone)
	} else {
		profile, err = u.DB.ProfileOfName(ctx, nameKeyOf(in.UserName))
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
