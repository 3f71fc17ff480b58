package account

import (
	"context"
	"errors"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
	"campusgate/storage/limits"
)

type resetPassword struct {
	Phone    string `json:"phone" rule:"required max=32" doc:"the account's"`
	SMSHash  string `json:"sms_hash" rule:"required" doc:"md5(code + rand) of an SMS that went to this phone; used up by success"`
	Password string `json:"password" rule:"required password" doc:"as in user/register"`
}

func (resetPassword) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Only where `accounts.own` is true. All tokens of the account end.",
		Example:  `{"phone": "13700000000", "sms_hash": "900150983cd24fb0d6963f7d28e17f72", "password": "correct horse"}`,
		Statuses: []dispatch.Status{wrongCode, passwordNotAllowed, userNotExist, dispatch.AccountFrozen, dispatch.StateChanged},
	}
}

func (u userCalls) reset(ctx context.Context, in resetPassword) (wire.None, error) {
	code := u.smsCode(in.Phone, in.SMSHash)
	if err := code.check(ctx); err != nil {
		return wire.None{}, err
	}
	account, err := u.DB.ProfileOfPhone(ctx, in.Phone)
	if errors.Is(err, storage.ErrNotFound) {
		return wire.None{}, dispatch.Fail(userNotExist, "phone: no account has it")
	}
	if err != nil {
		return wire.None{}, wire.DatabaseFailure(err)
	}
	if account.State == storage.ProfileFrozen {
		return wire.None{}, dispatch.Fail(dispatch.AccountFrozen, "")
	}
	hash, err := hashPassword(ctx, "password", in.Password, account.Phone, account.Name)
	if err != nil {
		return wire.None{}, err
	}
	return wire.None{}, u.changePassword(ctx, account, hash, "", func() error { return code.use(ctx) })
}

type changePassword struct {
	Old string `json:"old" rule:"required password"`
	New string `json:"new" rule:"required password" doc:"as the password of user/register"`
}

func (changePassword) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Only where `accounts.own` is true. All tokens of the account but this one end. After 10 failures within 15 minutes the answer is -302 with Retry-After.",
		Example:  `{"old": "correct horse", "new": "battery staple"}`,
		Statuses: []dispatch.Status{passwordNotAllowed, oldPasswordWrong, dispatch.StateChanged},
	}
}

// maxOldPasswords bounds what somebody can guess with a token that is not theirs.
var maxOldPasswords = []limits.Window{{Count: 10, Within: 15 * time.Minute}}

// wantPassword fails with the status where a password is not the one of the caller's own
// account, and with -302 after too many failures.
func (u userCalls) wantPassword(ctx context.Context, account storage.Profile, tried string, wrong dispatch.Status) error {
	free, err := u.reserve(ctx, "password:"+account.UserID, "too many failures", maxOldPasswords)
	if err != nil {
		return err
	}
	right, _, err := verifyPassword(ctx, account.Password, tried, nil)
	if err == nil && !right {
		return dispatch.Fail(wrong, "")
	}
	free()
	return err
}

func (u userCalls) password(ctx context.Context, in changePassword) (wire.None, error) {
	caller := dispatch.CallerFrom(ctx)
	account, err := u.DB.Profile(ctx, caller.User)
	if err != nil {
		return wire.None{}, wire.DatabaseFailure(err)
	}
	if err := u.wantPassword(ctx, account, in.Old, oldPasswordWrong); err != nil {
		return wire.None{}, err
	}
	hash, err := hashPassword(ctx, "new", in.New, account.Phone, account.Name)
	if err != nil {
		return wire.None{}, err
	}
	return wire.None{}, u.changePassword(ctx, account, hash, caller.Token, func() error { return nil })
}

// changePassword sets the hash of an account that has not changed its password since it
// was read, and ends its tokens but the spared one. last is the transaction's last step.
func (u userCalls) changePassword(ctx context.Context, read storage.Profile, hash, spared string, last func() error) error {
	err := u.DB.InTx(ctx, func(tx *storage.Tx) error {
		profile, err := tx.LockProfile(ctx, read.UserID, u.Clock.Unix())
		if err != nil {
			return err
		}
		if profile.Password != read.Password || profile.State != read.State {
			return dispatch.Fail(dispatch.StateChanged, "")
		}
		profile.Password = hash
		if err := tx.UpdateProfile(ctx, profile); err != nil {
			return err
		}
		if err := endSessions(ctx, tx, profile.UserID, spared); err != nil {
			return err
		}
		return last()
	})
	u.Forget()
	return wire.KnownOrDatabase(err)
}
