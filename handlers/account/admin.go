package account

import (
	"context"
	"errors"
	"strconv"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
)

type freezeUser struct {
	UserID string `json:"user_id" rule:"required max=64 number=whole"`
	State  int64  `json:"state" rule:"required oneof=0|1" doc:"1 freezes the account, 0 ends that"`
	Note   string `json:"note" rule:"max=200" doc:"why; the account's owner reads it"`
}

func (freezeUser) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "A frozen account may read, log in, export, pay its debts and take the steps of its open orders; other changes answer -301. A deleted account can be frozen too: it freezes whoever registers with its phone, or sets it. An admin's own account is -103.",
		Example:  `{"user_id": "1180310087", "state": 1, "note": "多次发布违规内容"}`,
		Statuses: []dispatch.Status{userNotExist, dispatch.ContentRefused},
	}
}

func (u userCalls) freeze(ctx context.Context, in freezeUser) (wire.None, error) {
	if err := u.Words.Check(words.Text{Key: "note", Value: in.Note}); err != nil {
		return wire.None{}, err
	}
	return wire.None{}, u.changeOther(ctx, "user/freeze", in.UserID, lockExisting, func(tx *storage.Tx, p *storage.Profile) (before, after string, err error) {
		state := storage.ProfileActive + in.State
		if p.Deleted() {
			state = storage.ProfileDeleted + in.State
		}
		if p.State == state {
			return "", "", nil
		}
		before, after = strconv.FormatInt(p.State, 10), strconv.FormatInt(state, 10)+" "+in.Note
		p.State = state
		if p.Deleted() { // nobody reads it, but its owner may have an account again
			return before, after, u.freezeAgain(ctx, tx, in, p.PhoneHash)
		}
		return before, after, tx.AddNotice(ctx, frozenNotice(p.UserID, in, u.Clock.Now()))
	})
}

// freezeAgain freezes the account that has the phone of a deleted one, or ends that.
func (u userCalls) freezeAgain(ctx context.Context, tx *storage.Tx, in freezeUser, phoneHash []byte) error {
	user, err := tx.UserOfPhoneHash(ctx, phoneHash)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	profile, err := tx.LockProfile(ctx, user, u.Clock.Unix())
	if err != nil || profile.State == storage.ProfileActive+in.State {
		return err
	}
	profile.State = storage.ProfileActive + in.State
	if err := tx.UpdateProfile(ctx, profile); err != nil {
		return err
	}
	return tx.AddNotice(ctx, frozenNotice(user, in, u.Clock.Now()))
}

// frozenFromTheStart freezes an account whose phone was that of one which was frozen after
// it was deleted, and keeps the hash of the phone for a freeze that comes later.
func (u userCalls) frozenFromTheStart(ctx context.Context, tx *storage.Tx, p *storage.Profile) error {
	p.PhoneHash = u.phoneHash(p.Phone)
	if p.PhoneHash == nil {
		return nil
	}
	frozen, err := tx.FrozenPhone(ctx, p.PhoneHash)
	if err != nil || !frozen {
		return err
	}
	p.State = storage.ProfileFrozen
	return tx.AddNotice(ctx, frozenNotice(p.UserID, freezeUser{State: 1}, u.Clock.Now()))
}

// changeOther lets an admin change another account's profile, with a row of the audit
// where something has changed.
func (u userCalls) changeOther(ctx context.Context, call, user string,
	lock func(ctx context.Context, tx *storage.Tx, user string, now int64) (storage.Profile, error),
	change func(*storage.Tx, *storage.Profile) (before, after string, err error),
) error {
	if err := wantAnother(ctx, user); err != nil {
		return err
	}
	err := u.DB.InTx(ctx, func(tx *storage.Tx) error {
		profile, err := lock(ctx, tx, user, u.Clock.Unix())
		if err != nil {
			return err
		}
		before, after, err := change(tx, &profile)
		if err != nil || before == after {
			return err
		}
		if err := tx.UpdateProfile(ctx, profile); err != nil {
			return err
		}
		return tx.AddAudit(ctx, storage.Audit{
			Time: u.Clock.Unix(), UserID: dispatch.CallerFrom(ctx).User, Call: call, Target: "user " + user, Before: before, After: after,
		})
	})
	u.Forget()
	return wire.KnownOrDatabase(err)
}

// wantAnother fails with -103 where a user is the caller.
func wantAnother(ctx context.Context, user string) error {
	if user == dispatch.CallerFrom(ctx).User {
		return dispatch.Fail(dispatch.NoPermission, "user_id: another admin has to do this")
	}
	return nil
}

// lockExisting locks the profile of an account that exists, maybe deleted, else 106.
func lockExisting(ctx context.Context, tx *storage.Tx, user string, now int64) (storage.Profile, error) {
	if _, err := tx.User(ctx, user); err != nil {
		if errors.Is(err, storage.ErrNotFound) {
			err = errUserNotExist
		}
		return storage.Profile{}, err
	}
	return tx.LockProfile(ctx, user, now)
}

// lockAccount is lockExisting of an account that is not deleted.
func lockAccount(ctx context.Context, tx *storage.Tx, user string, now int64) (storage.Profile, error) {
	profile, err := lockExisting(ctx, tx, user, now)
	if err == nil && profile.Deleted() {
		err = errUserNotExist
	}
	return profile, err
}

var errUserNotExist = dispatch.Fail(userNotExist, "user_id: no such account")
