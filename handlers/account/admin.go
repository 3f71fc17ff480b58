package account

import (
	"context"
	"errors"
	"strconv"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

type freezeUser struct {
	UserID string `json:"user_id" rule:"required max=64 number=whole"`
	State  int64  `json:"state" rule:"required oneof=0|1" doc:"1 freezes the account, 0 ends that"`
	Note   string `json:"note" rule:"max=200" doc:"why; the account's owner reads it"`
}

func (freezeUser) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "A frozen account may read, log in, export, pay its debts and take the steps of its open orders; other changes answer -301. An admin's own account is -103.",
		Example:  `{"user_id": "1180310087", "state": 1, "note": "多次发布违规内容"}`,
		Statuses: []dispatch.Status{userNotExist},
	}
}

func (u userCalls) freeze(ctx context.Context, in freezeUser) (wire.None, error) {
	state := int64(storage.ProfileActive)
	if in.State == 1 {
		state = storage.ProfileFrozen
	}
	return wire.None{}, u.changeOther(ctx, "user/freeze", in.UserID, func(tx *storage.Tx, p *storage.Profile) (before, after string, err error) {
		if p.State == state {
			return "", "", nil
		}
		before, after = strconv.FormatInt(p.State, 10), strconv.FormatInt(state, 10)+" "+in.Note
		p.State = state
		return before, after, tx.AddNotice(ctx, frozenNotice(p.UserID, in, u.Clock.Now()))
	})
}

// changeOther lets an admin change another account's profile, with a row of the audit
// where something has changed.
func (u userCalls) changeOther(ctx context.Context, call, user string,
	change func(*storage.Tx, *storage.Profile) (before, after string, err error),
) error {
	admin := dispatch.CallerFrom(ctx).User
	if user == admin {
		return dispatch.Fail(dispatch.NoPermission, "user_id: another admin has to do this")
	}
	err := u.DB.InTx(ctx, func(tx *storage.Tx) error {
		profile, err := lockAccount(ctx, tx, user, u.Clock.Unix())
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
			Time: u.Clock.Unix(), UserID: admin, Call: call, Target: "user " + user, Before: before, After: after,
		})
	})
	return wire.KnownOrDatabase(err)
}

// lockAccount locks the profile of an account that exists and is not deleted, else 106.
func lockAccount(ctx context.Context, tx *storage.Tx, user string, now int64) (storage.Profile, error) {
	notExist := dispatch.Fail(userNotExist, "user_id: no such account")
	if _, err := tx.User(ctx, user); err != nil {
		if errors.Is(err, storage.ErrNotFound) {
			err = notExist
		}
		return storage.Profile{}, err
	}
	profile, err := tx.LockProfile(ctx, user, now)
	if err == nil && profile.State == storage.ProfileDeleted {
		err = notExist
	}
	return profile, err
}
