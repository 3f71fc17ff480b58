package account

import (
	"context"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

type listUsers struct {
	Key         string `json:"key" rule:"max=64" doc:"part of a name or of a phone, or a whole user id"`
	State       *int64 `json:"state" rule:"oneof=0|1"`
	VerifyState *int64 `json:"verify_state" rule:"oneof=0|1|2|3"`
	wire.ListPage
}

func (listUsers) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:   "Accounts that have used this server, the newest first; `num` counts to 10,000. Every list is a row of the audit.",
		Example: `{"verify_state": 1}`,
	}
}

// userRow is an account as admins see it.
type userRow struct {
	UserID      int64  `json:"user_id"`
	UserName    string `json:"user_name"`
	Phone       string `json:"phone" doc:"whole"`
	Email       string `json:"email"`
	Sex         int64  `json:"sex"`
	Role        string `json:"role"`
	State       int64  `json:"state"`
	VerifyState int64  `json:"verify_state"`
	VerifyNote  string `json:"verify_note"`
	HeadImg     string `json:"head_img"`
	CreatTime   string `json:"creat_time"`
}

func (u userCalls) list(ctx context.Context, in listUsers) (list wire.List[userRow], err error) {
	page, err := in.Rows()
	if err != nil {
		return list, err
	}
	filter := storage.ProfileFilter{Key: in.Key, State: in.State, VerifyState: in.VerifyState}
	err = u.DB.InTx(ctx, func(tx *storage.Tx) error {
		profiles, total, err := tx.Profiles(ctx, filter, page)
		if err != nil {
			return err
		}
		list = wire.ListOf(profiles, total, u.row)
		return tx.AddAudit(ctx, storage.Audit{
			Time: u.Clock.Unix(), UserID: dispatch.CallerFrom(ctx).User, Call: "user/list", Target: "key " + wire.MaskedDigits(in.Key),
		})
	})
	return list, wire.KnownOrDatabase(err)
}

func (u userCalls) row(p storage.Profile) userRow {
	return userRow{
		UserID: wire.UserNumber(p.UserID), UserName: p.Name, Phone: p.Phone, Email: p.Email, Sex: p.Sex, Role: p.Role,
		State: p.State, VerifyState: p.VerifyState, VerifyNote: p.VerifyNote, HeadImg: u.headImg(p.UserID), CreatTime: u.Clock.Text(p.CreatTime),
	}
}
