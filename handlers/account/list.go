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
	NumOnly     bool   `json:"num_only" doc:"num alone: the list stays empty"`
	wire.ListPage
}

func (listUsers) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:   "Accounts that have used this server, the newest first; `num` counts to 10,000. Every list is a row of the audit; num_only without a key, which says nothing of anybody, is none.",
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
	if in.NumOnly && in.Key == "" {
		list, err = u.listed(ctx, &u.DB.Queries, filter, page, true)
		return list, wire.KnownOrDatabase(err)
	}
	err = u.DB.InTx(ctx, func(tx *storage.Tx) error {
		if list, err = u.listed(ctx, &tx.Queries, filter, page, in.NumOnly); err != nil {
			return err
		}
		return tx.AddAudit(ctx, storage.Audit{
			Time: u.Clock.Unix(), UserID: dispatch.CallerFrom(ctx).User, Call: "user/list", Target: "key " + wire.MaskedDigits(in.Key),
		})
	})
	return list, wire.KnownOrDatabase(err)
}

func (u userCalls) listed(ctx context.Context, q *storage.Queries, filter storage.ProfileFilter, page storage.Page, numOnly bool) (wire.List[userRow], error) {
	if numOnly {
		total, err := q.CountProfiles(ctx, filter)
		return wire.List[userRow]{Num: total, List: []userRow{}}, err
	}
	profiles, total, err := q.Profiles(ctx, filter, page)
	return wire.ListOf(profiles, total, u.row), err
}

func (u userCalls) row(p storage.Profile) userRow {
	return userRow{
		UserID: wire.UserNumber(p.UserID), UserName: p.Name, Phone: p.Phone, Email: p.Email, Sex: p.Sex, Role: p.Role,
		State: p.State, VerifyState: p.VerifyState, VerifyNote: p.VerifyNote, HeadImg: u.headImg(p.UserID), CreatTime: u.Clock.Text(p.CreatTime),
	}
}
