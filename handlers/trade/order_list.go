package trade

import (
	"context"
	"errors"
	"fmt"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

type listOrders struct {
	Role  string `json:"role" rule:"oneof=buyer|seller|all" doc:"whose orders: your own as the buyer, which they are if absent, or as the seller; all are for admins"`
	State string `json:"state" rule:"oneof=all|need_pay|need_send|need_receive|complete|cancel|overtime|refund" doc:"all if absent; refund: asked for, to be sent back, sent back, refunded"`

	UserID    string `json:"user_id" rule:"number=whole" doc:"the buyer; this and what follows are for admins with role all"`
	Phone     string `json:"phone" doc:"the buyer's"`
	OrderID   string `json:"order_id"`
	Appealed  bool   `json:"appealed" doc:"only those of which an admin has to decide a refund"`
	TimeBegin string `json:"time_begin" rule:"datetime" doc:"of creat_time"`
	TimeEnd   string `json:"time_end" rule:"datetime" doc:"of creat_time; the first second that is left out"`

	wire.ListPage
}

// orderRow is an order in a list.
type orderRow struct {
	OrderID    string        `json:"order_id"`
	PayID      string        `json:"pay_id"`
	State      string        `json:"state"`
	UserID     int64         `json:"user_id" doc:"the buyer"`
	UserName   string        `json:"user_name"`
	ShopID     int64         `json:"shop_id" doc:"0: no shop's"`
	ShopName   string        `json:"shop_name"`
	SellerID   int64         `json:"seller_id"`
	Lines      []listedLine  `json:"lines"`
	PayPrice   dispatch.Fen  `json:"pay_price"`
	PayMethod  string        `json:"pay_method" doc:"empty before payment"`
	CreatTime  string        `json:"creat_time"`
	ExpireTime string        `json:"expire_time" doc:"when it is closed unless it is paid; empty afterwards"`
	Actions    []orderAction `json:"actions" doc:"what you may do now"`
}

// listedLine is what was bought, in a list.
type listedLine struct {
	ProductID   int64        `json:"product_id"`
	ProductName string       `json:"product_name"`
	PicURL      string       `json:"pic_url"`
	Price       dispatch.Fen `json:"price" doc:"a piece"`
	ProductNum  int64        `json:"product_num"`
	ValidPeriod int64        `json:"valid_period" doc:"days; 0: no course"`
}

func (listOrders) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Newest first, without what you have deleted. num is exact up to 10,000, and 10,000 above; from 1,000 on it may be 2 s old. -103 for role all of who is no admin.",
		Example:  `{"role": "buyer", "state": "need_pay"}`,
		Statuses: []dispatch.Status{dispatch.NoPermission},
	}
}

func (o orderCalls) list(ctx context.Context, in listOrders) (wire.List[orderRow], error) {
	page, err := in.Rows()
	if err != nil {
		return wire.List[orderRow]{}, err
	}
	filter, as, err := o.filter(ctx, in)
	if err != nil {
		return wire.List[orderRow]{}, wire.KnownOrDatabase(err)
	}
	if filter == nil {
		return wire.List[orderRow]{List: []orderRow{}}, nil
	}
	orders, total, err := o.DB.Orders(ctx, *filter, page)
	if err != nil {
		return wire.List[orderRow]{}, wire.DatabaseFailure(err)
	}
	ids := make([]string, len(orders))
	for i := range orders {
		ids[i] = orders[i].Order.OrderID
	}
	found, err := o.DB.OrderLines(ctx, ids...)
	if err != nil {
		return wire.List[orderRow]{}, wire.DatabaseFailure(err)
	}
	lines := map[string][]listedLine{}
	for _, line := range found {
		lines[line.OrderID] = append(lines[line.OrderID], listedLine{
			line.ProductID, line.ProductName, line.PicURL, dispatch.Fen(line.Price), line.Pieces, line.ValidPeriod,
		})
	}
	return wire.ListOf(orders, total, func(r storage.OrderRow) orderRow {
		side := as
		if as == admin {
			side = o.sees(ctx, &r.Order) // an admin's own ones are as to others
		}
		return orderRow{
			OrderID: r.Order.OrderID, PayID: r.Order.PayID, State: string(wireState(r.Order.State)),
			UserID: wire.UserNumber(r.Order.UserID), UserName: r.Names.User, ShopID: r.Order.ShopID, ShopName: r.Names.Shop,
			SellerID: wire.UserNumber(r.Order.SellerID), Lines: lines[r.Order.OrderID], PayPrice: dispatch.Fen(r.Order.PayPrice),
			PayMethod: r.Order.PayMethod, CreatTime: o.Clock.Text(r.Order.CreatTime), ExpireTime: o.expireTime(&r.Order),
			Actions: o.actions(&r.Order, side),
		}
	}), nil
}

// filter is what the caller asks for, and as whom the orders are seen; nil where there is
// nothing.
func (o orderCalls) filter(ctx context.Context, in listOrders) (*storage.OrderFilter, actors, error) {
	caller := dispatch.CallerFrom(ctx)
	filter := &storage.OrderFilter{}
	if in.State != "all" {
		filter.State = in.State
	}
	switch in.Role {
	case "seller":
		filter.Seller = caller.User
		return filter, seller, nil
	case "all":
		if caller.Role != storage.RoleAdmin {
			return nil, 0, dispatch.Fail(dispatch.NoPermission, "role: all are for admins")
		}
	default:
		filter.Buyer = caller.User
		return filter, buyer, nil
	}
	filter.UserID, filter.OrderID, filter.Appealed = in.UserID, in.OrderID, in.Appealed
	begin, err := o.Clock.Parse("time_begin", in.TimeBegin, 0)
	if err != nil {
		return nil, 0, err
	}
	end, err := o.Clock.Parse("time_end", in.TimeEnd, 0)
	if err != nil {
		return nil, 0, err
	}
	if begin != 0 {
		filter.From = fmt.Sprintf("%010d", begin)
	}
	if end != 0 {
		filter.Before = fmt.Sprintf("%010d", end)
	}
	if in.Phone == "" {
		return filter, admin, nil
	}
	filter, err = o.ofPhone(ctx, filter, in.Phone)
	return filter, admin, err
}

// ofPhone narrows a filter to the buyer who has a phone; nil where nobody has it, or the
// filter's buyer is another. It leaves a trace.
func (o orderCalls) ofPhone(ctx context.Context, filter *storage.OrderFilter, phone string) (*storage.OrderFilter, error) {
	profile, err := o.DB.ProfileOfPhone(ctx, phone)
	missing := errors.Is(err, storage.ErrNotFound)
	if err != nil && !missing {
		return nil, err
	}
	err = o.DB.InTx(ctx, func(tx *storage.Tx) error {
		return tx.AddAudit(ctx, storage.Audit{
			Time: o.Clock.Unix(), UserID: dispatch.CallerFrom(ctx).User, Call: "order/list", Target: "user " + profile.UserID, After: "by phone",
		})
	})
	if missing || filter.UserID != "" && filter.UserID != profile.UserID {
		return nil, err
	}
	filter.UserID = profile.UserID
	return filter, err
}
