package contact

import (
	"context"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

type listNotices struct {
	Unread int64 `json:"unread" rule:"oneof=0|1" doc:"1: only those that are not read"`
	wire.ListPage
}

type noticeRow struct {
	NoticeID  int64  `json:"notice_id"`
	Kind      string `json:"kind" doc:"what it is about, such as order"`
	Title     string `json:"title"`
	Content   string `json:"content" doc:"text, which may be empty"`
	OrderID   string `json:"order_id" doc:"digits; empty where it is about no order"`
	ProductID int64  `json:"product_id" doc:"0 where it is about no product"`
	Read      int64  `json:"read" doc:"0 or 1"`
	CreatTime string `json:"creat_time"`
}

func (listNotices) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:   "Newest first. The gateway makes a notice where the other side of an order, a clock or an admin has done something, once for each such step. It is mailed as well where the server sends mail and the user has an email: at most one mail in 5 minutes, which gathers what came since.",
		Example: `{"unread": 1, "page": 1, "count": 20}`,
	}
}

func (n noticeCalls) list(ctx context.Context, in listNotices) (wire.List[noticeRow], error) {
	page, err := in.Rows()
	if err != nil {
		return wire.List[noticeRow]{}, err
	}
	notices, total, err := n.DB.Notices(ctx, dispatch.CallerFrom(ctx).User, in.Unread == 1, page)
	if err != nil {
		return wire.List[noticeRow]{}, wire.DatabaseFailure(err)
	}
	return wire.ListOf(notices, total, n.row), nil
}

func (n noticeCalls) row(notice storage.Notice) noticeRow {
	row := noticeRow{
		NoticeID: notice.NoticeID, Kind: notice.Kind, Title: notice.Title, Content: notice.Content,
		OrderID: notice.OrderID, ProductID: notice.ProductID, CreatTime: n.Clock.Text(notice.CreatTime),
	}
	if notice.Read {
		row.Read = 1
	}
	return row
}

type countNotices struct{}

func (countNotices) Reference() dispatch.Reference { return dispatch.Reference{Example: `{}`} }

type unreadNotices struct {
	Unread int64 `json:"unread" doc:"how many are not read"`
}

func (n noticeCalls) count(ctx context.Context, _ countNotices) (unreadNotices, error) {
	unread, err := n.DB.CountUnread(ctx, dispatch.CallerFrom(ctx).User)
	if err != nil {
		return unreadNotices{}, wire.DatabaseFailure(err)
	}
	return unreadNotices{Unread: unread}, nil
}

type readNotices struct {
	NoticeIDs []int64 `json:"notice_ids" rule:"filled items=1..100 range=any" doc:"required unless all is true; those that are not the user's own do nothing"`
	All       bool    `json:"all" doc:"true: all of them"`
}

func (readNotices) Reference() dispatch.Reference {
	return dispatch.Reference{Example: `{"notice_ids": [1, 2]}`}
}

func (n noticeCalls) read(ctx context.Context, in readNotices) (wire.None, error) {
	user := dispatch.CallerFrom(ctx).User
	switch {
	case in.All:
		return wire.None{}, wire.KnownOrDatabase(n.DB.ReadAllNotices(ctx, user))
	case len(in.NoticeIDs) == 0:
		return wire.None{}, dispatch.Fail(dispatch.ErrorDataKey, "notice_ids: missing")
	default:
		return wire.None{}, wire.KnownOrDatabase(n.DB.ReadNotices(ctx, user, in.NoticeIDs))
	}
}
