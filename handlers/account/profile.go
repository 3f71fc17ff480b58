package account

import (
	"context"
	"errors"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

type updateUser struct {
	UserName *string `json:"user_name" rule:"filled" doc:"as in user/register; unchanged if absent"`
	Sex      *int64  `json:"sex" rule:"oneof=0|1|2" doc:"0 unknown, 1 male, 2 female; unchanged if absent"`
}

func (updateUser) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Only where `accounts.own` is true.",
		Example:  `{"sex": 1}`,
		Statuses: []dispatch.Status{userNameUsed, dispatch.ContentRefused},
	}
}

func (u userCalls) update(ctx context.Context, in updateUser) (wire.None, error) {
	if in.UserName != nil {
		if err := u.checkUserName(in.UserName); err != nil {
			return wire.None{}, err
		}
	}
	return wire.None{}, u.changeProfile(ctx, userNameUsed, "user_name: belongs to another account", func(tx *storage.Tx, p *storage.Profile) error {
		if in.Sex != nil {
			p.Sex = *in.Sex
		}
		if in.UserName == nil {
			return nil
		}
		p.Name, p.NameKey = *in.UserName, storage.NameKey(*in.UserName)
		return tx.RenameUser(ctx, p.UserID, p.Name)
	}, nil)
}

// changeProfile changes the caller's profile. conflict is the status where a value is
// another account's, last the transaction's last step; nil is none.
func (u userCalls) changeProfile(ctx context.Context, conflict dispatch.Status, detail string, change func(*storage.Tx, *storage.Profile) error, last func() error) error {
	err := u.DB.InTx(ctx, func(tx *storage.Tx) error {
		profile, err := u.lockOwnProfile(ctx, tx)
		if err != nil {
			return err
		}
		if err := change(tx, &profile); err != nil {
			return err
		}
		err = tx.UpdateProfile(ctx, profile)
		if errors.Is(err, storage.ErrConflict) {
			return dispatch.Fail(conflict, detail)
		}
		if err != nil || last == nil {
			return err
		}
		return last()
	})
	return wire.KnownOrDatabase(err)
}

// lockOwnProfile locks the caller's profile. It fails where the account was deleted while
// the call ran.
func (u userCalls) lockOwnProfile(ctx context.Context, tx *storage.Tx) (storage.Profile, error) {
	profile, err := tx.LockProfile(ctx, dispatch.CallerFrom(ctx).User, u.Clock.Unix())
	if err == nil && profile.Deleted() {
		err = errDeleted
	}
	return profile, err
}

// errDeleted says that the caller's account was deleted since its token was looked at.
var errDeleted = dispatch.Fail(dispatch.ErrorToken, "token: its account was deleted")

type infoUser struct {
	UserID *string `json:"user_id" rule:"filled number=whole" doc:"one's own if absent"`
}

func (infoUser) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Of another account only `user_id`, `user_name`, `verified` and `head_img` are there; of one's own all but `verified`.",
		Example:  `{}`,
		Statuses: []dispatch.Status{userNotExist},
	}
}

// userInfo is an account as its owner sees it, or as others do.
type userInfo struct {
	UserID      int64   `json:"user_id"`
	UserName    string  `json:"user_name"`
	Phone       *string `json:"phone,omitempty" doc:"137****7010, or empty"`
	Email       *string `json:"email,omitempty"`
	Sex         *int64  `json:"sex,omitempty" doc:"0 unknown, 1 male, 2 female"`
	Role        *string `json:"role,omitempty" doc:"admin, or empty"`
	State       *int64  `json:"state,omitempty" doc:"0 active, 1 frozen"`
	VerifyState *int64  `json:"verify_state,omitempty" doc:"0 none, 1 waiting, 2 passed, 3 refused"`
	VerifyNote  *string `json:"verify_note,omitempty" doc:"why it was refused"`
	Verified    *bool   `json:"verified,omitempty" doc:"another's: its identity was verified"`
	HeadImg     string  `json:"head_img" doc:"the portrait's URL, relative to the page's host"`
	CreatTime   *string `json:"creat_time,omitempty" doc:"when this server first knew of the account"`
}

func (u userCalls) info(ctx context.Context, in infoUser) (userInfo, error) {
	caller := dispatch.CallerFrom(ctx).User
	id := caller
	if in.UserID != nil {
		id = *in.UserID
	}
	user, err := u.DB.User(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return userInfo{}, errUserNotExist
	}
	if err != nil {
		return userInfo{}, wire.DatabaseFailure(err)
	}
	p, err := u.DB.Profile(ctx, id)
	switch {
	case err != nil:
		return userInfo{}, wire.DatabaseFailure(err)
	case p.Deleted():
		return userInfo{}, errUserNotExist
	case id == caller:
		return u.ownInfo(ctx, user, p)
	}
	return userInfo{
		UserID: wire.UserNumber(id), UserName: user.Name, Verified: new(p.VerifyState == storage.IdentityPassed), HeadImg: u.headImg(id),
	}, nil
}

// ownInfo is what the owner of an account sees. An account of the account service begins
// to have a profile with it, and the profile a name that has changed.
func (u userCalls) ownInfo(ctx context.Context, user storage.User, p storage.Profile) (userInfo, error) {
	if p.Name != user.Name || p.CreatTime == 0 {
		err := u.DB.InTx(ctx, func(tx *storage.Tx) (err error) {
			if p, err = u.lockOwnProfile(ctx, tx); err != nil {
				return err
			}
			p.Name = user.Name
			return tx.UpdateProfile(ctx, p)
		})
		if err != nil {
			return userInfo{}, wire.KnownOrDatabase(err)
		}
	}
	return userInfo{
		UserID: wire.UserNumber(user.ID), UserName: user.Name, HeadImg: u.headImg(user.ID),
		Phone: new(wire.MaskedPhone(p.Phone)), Email: &p.Email, Sex: &p.Sex, Role: &p.Role, State: &p.State,
		VerifyState: &p.VerifyState, VerifyNote: &p.VerifyNote, CreatTime: new(u.Clock.Text(p.CreatTime)),
	}, nil
}

// headImg is where a user's portrait is shown.
func (u userCalls) headImg(user string) string {
	return u.Settings.URLPrefix + "/api/external/get/portrait/" + user
}
