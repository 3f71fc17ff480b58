package contact

import (
	"context"
	"slices"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

type listConversations struct {
	wire.ListPage
}

type conversationRow struct {
	UserID    int64  `json:"user_id" doc:"the other account"`
	UserName  string `json:"user_name"`
	ProductID int64  `json:"product_id"`
	Content   string `json:"content" doc:"of the last message"`
	PicURL    string `json:"pic_url" doc:"of the last message"`
	CreatTime string `json:"creat_time" doc:"of the last message"`
	Unread    int64  `json:"unread" doc:"messages of the other that are not read"`
}

func (listConversations) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:   "A conversation is what two users have written about one product. That of the newest message is first.",
		Example: `{"page": 1, "count": 20}`,
	}
}

func (m messageCalls) conversations(ctx context.Context, in listConversations) (wire.List[conversationRow], error) {
	page, err := in.Rows()
	if err != nil {
		return wire.List[conversationRow]{}, err
	}
	found, total, err := m.DB.Conversations(ctx, dispatch.CallerFrom(ctx).User, page)
	if err != nil {
		return wire.List[conversationRow]{}, wire.DatabaseFailure(err)
	}
	return wire.ListOf(found, total, func(c storage.Conversation) conversationRow {
		return conversationRow{
			UserID: wire.UserNumber(c.PeerID), UserName: c.PeerName, ProductID: c.Last.ProductID, Content: c.Last.Content,
			PicURL: wire.MessagePictureURL(m.URLPrefix, c.Last.Picture), CreatTime: m.Clock.Text(c.Last.CreatTime), Unread: c.Unread,
		}
	}), nil
}

type blockUser struct {
	UserID string `json:"user_id" rule:"required max=64 number=whole" doc:"another account"`
	State  int64  `json:"state" rule:"required oneof=0|1" doc:"1: neither can send the other a message; 0: no more so"`
}

func (blockUser) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "What was sent before stays. Who is blocked is not told.",
		Example:  `{"user_id": "1180310087", "state": 1}`,
		Statuses: []dispatch.Status{userNotExist},
	}
}

func (m messageCalls) block(ctx context.Context, in blockUser) (wire.None, error) {
	caller := dispatch.CallerFrom(ctx).User
	if in.UserID == caller {
		return wire.None{}, dispatch.Fail(dispatch.ValueError, "user_id: must be another account")
	}
	err := m.DB.InTx(ctx, func(tx *storage.Tx) error {
		if err := known(ctx, &tx.Queries, in.UserID); err != nil {
			return err
		}
		// Each locks the own profile while sending: none of theirs is behind this.
		for _, user := range slices.Sorted(slices.Values([]string{caller, in.UserID})) {
			if _, err := tx.LockProfile(ctx, user, m.Clock.Unix()); err != nil {
				return err
			}
		}
		return tx.Block(ctx, caller, in.UserID, in.State == 1, m.Clock.Unix())
	})
	return wire.None{}, wire.KnownOrDatabase(err)
}
