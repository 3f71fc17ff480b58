package trade

import (
	"context"
	"errors"
	"strings"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

type orderInfo struct {
	OrderID string `json:"order_id" rule:"required" doc:"an order of yours, as the buyer or as the seller; admins: any"`
}

// orderAction is what the caller may do with an order now.
type orderAction struct {
	Subtype string `json:"subtype"`
	Until   string `json:"until" doc:"when it can be done no more; empty: always"`
}

// orderedLine is what was bought, as it was then.
type orderedLine struct {
	Line          int64        `json:"line" doc:"from 0"`
	ProductID     int64        `json:"product_id"`
	ProductName   string       `json:"product_name"`
	PicURL        string       `json:"pic_url"`
	Price         dispatch.Fen `json:"price" doc:"a piece"`
	ProductNum    int64        `json:"product_num"`
	PricePolicyID int64        `json:"price_policy_id" doc:"0: no course"`
	ValidPeriod   int64        `json:"valid_period" doc:"days; 0: no course"`
	LinePrice     dispatch.Fen `json:"line_price" doc:"price × product_num, and the sum of what follows"`
	CouponOff     dispatch.Fen `json:"coupon_off"`
	ShopOff       dispatch.Fen `json:"shop_off"`
	MarketOff     dispatch.Fen `json:"market_off"`
	BeliOff       dispatch.Fen `json:"beli_off"`
	CreditPrice   dispatch.Fen `json:"credit_price"`
	PayPrice      dispatch.Fen `json:"pay_price" doc:"without shipping"`
	Returned      int64        `json:"returned" doc:"pieces of it that were refunded"`
}

// orderAddress is where an order goes.
type orderAddress struct {
	Name    string `json:"name"`
	Phone   string `json:"phone"`
	Address string `json:"address"`
}

// orderRefund is what was asked back of an order, or given back.
type orderRefund struct {
	Kind      string       `json:"kind" doc:"money, return"`
	Amount    dispatch.Fen `json:"amount"`
	Reason    string       `json:"reason"`
	Pics      []string     `json:"pics"`
	State     string       `json:"state"`
	Arrived   bool         `json:"arrived" doc:"all of it has come to where it was paid from"`
	Who       string       `json:"who" doc:"buyer, seller, admin, clock"`
	CreatTime string       `json:"creat_time"`
	Note      string       `json:"note" doc:"why it was refused"`
	Items     []refundItem `json:"items" doc:"what it is about; none: the order"`

	Address     orderAddress `json:"address" doc:"where the goods are sent back to; empty 180 days after the order's end"`
	Logistics   string       `json:"logistics" doc:"of what was sent back"`
	LogisticsID string       `json:"logistics_id"`
}

// orderEvent is a step that was taken of an order.
type orderEvent struct {
	Step  string `json:"step" doc:"a call's subtype or a clock"`
	State string `json:"state" doc:"after it"`
	Time  string `json:"time"`
	Who   string `json:"who" doc:"buyer, seller, admin, clock"`
	Note  string `json:"note"`
}

// orderDetail is all of an order.
type orderDetail struct {
	OrderID     string        `json:"order_id"`
	PayID       string        `json:"pay_id"`
	State       string        `json:"state"`
	Settled     bool          `json:"settled" doc:"finish for good: the seller has the money"`
	Appealed    bool          `json:"appealed" doc:"refunding: an admin decides"`
	UserID      int64         `json:"user_id" doc:"the buyer"`
	UserName    string        `json:"user_name"`
	ShopID      int64         `json:"shop_id" doc:"0: no shop's"`
	ShopName    string        `json:"shop_name"`
	SellerID    int64         `json:"seller_id"`
	SellerName  string        `json:"seller_name"`
	Deliver     string        `json:"deliver" doc:"face, express; empty for courses"`
	GoodsPrice  dispatch.Fen  `json:"goods_price"`
	OffPrice    dispatch.Fen  `json:"off_price"`
	ShipPrice   dispatch.Fen  `json:"ship_price"`
	CreditPrice dispatch.Fen  `json:"credit_price"`
	PayPrice    dispatch.Fen  `json:"pay_price"`
	Beli        int64         `json:"beli" doc:"used"`
	Debt        dispatch.Fen  `json:"debt" doc:"of credit_price what is owed now"`
	DueTime     string        `json:"due_time" doc:"of the debt; empty: none"`
	Refunded    dispatch.Fen  `json:"refunded" doc:"so far"`
	PayMethod   string        `json:"pay_method" doc:"empty before payment"`
	UserNote    string        `json:"user_note"`
	Address     orderAddress  `json:"address" doc:"of what goes by express; the seller sees it once it is paid; empty 180 days after the end"`
	Logistics   string        `json:"logistics"`
	LogisticsID string        `json:"logistics_id"`
	CreatTime   string        `json:"creat_time"`
	ExpireTime  string        `json:"expire_time" doc:"when it is closed unless it is paid; empty afterwards"`
	PayTime     string        `json:"pay_time" doc:"empty before"`
	ShipTime    string        `json:"ship_time" doc:"empty before"`
	FinishTime  string        `json:"finish_time" doc:"empty before"`
	Lines       []orderedLine `json:"lines"`
	Refunds     []orderRefund `json:"refunds" doc:"the oldest first"`
	History     []orderEvent  `json:"history" doc:"the oldest first"`
	Actions     []orderAction `json:"actions" doc:"what you may do now"`
	AdminNote   string        `json:"admin_note" doc:"for admins; else empty"`
	Trades      []orderTrade  `json:"trades" doc:"the attempts to pay it by a channel; for admins, else none"`
}

// orderTrade is an attempt to pay an order, as its channel knows it.
type orderTrade struct {
	AttemptID string       `json:"attempt_id"`
	Channel   string       `json:"channel"`
	State     string       `json:"state"`
	Amount    dispatch.Fen `json:"amount"`
	TradeNo   string       `json:"trade_no" doc:"the channel's; empty before it is paid"`
}

func (orderInfo) Reference() dispatch.Reference {
	return dispatch.Reference{
		Example:  `{"order_id": "15749511520000201"}`,
		Statuses: []dispatch.Status{orderNotExist},
	}
}

func (o orderCalls) info(ctx context.Context, in orderInfo) (orderDetail, error) {
	detail, err := o.detail(ctx, in.OrderID)
	return detail, wire.KnownOrDatabase(err)
}

func (o orderCalls) detail(ctx context.Context, id string) (orderDetail, error) {
	order, err := o.DB.Order(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return orderDetail{}, noOrder()
	}
	if err != nil {
		return orderDetail{}, err
	}
	as := o.sees(ctx, &order)
	if as == 0 {
		return orderDetail{}, noOrder()
	}
	names, err := o.DB.OrderNames(ctx, &order)
	if err != nil {
		return orderDetail{}, err
	}
	return o.whole(ctx, &order, as, names)
}

// whole is all of an order as one of its sides or an admin sees it.
func (o orderCalls) whole(ctx context.Context, order *storage.Order, as actors, names storage.OrderNames) (orderDetail, error) {
	lines, err := o.DB.OrderLines(ctx, order.OrderID)
	if err != nil {
		return orderDetail{}, err
	}
	refunds, err := o.DB.OrderRefunds(ctx, order.OrderID)
	if err != nil {
		return orderDetail{}, err
	}
	history, err := o.DB.OrderHistory(ctx, order.OrderID)
	if err != nil {
		return orderDetail{}, err
	}
	detail := o.shown(order, as, names, lines)
	for _, refund := range refunds {
		row, err := o.refund(refund)
		if err != nil {
			return orderDetail{}, err
		}
		detail.Refunds = append(detail.Refunds, row)
	}
	for _, step := range history {
		if as != admin && (step.Step == "note" || step.Step == "delete" && step.Who != actorNames[as]) {
			continue
		}
		detail.History = append(detail.History, orderEvent{step.Step, string(wireState(step.State)), o.Clock.Text(step.Time), step.Who, step.Note})
	}
	if as == admin {
		detail.Trades, err = o.trades(ctx, order.PayID)
	}
	return detail, err
}

// trades are the attempts of a payment.
func (o orderCalls) trades(ctx context.Context, payID string) ([]orderTrade, error) {
	attempts, err := o.DB.Attempts(ctx, payID)
	trades := make([]orderTrade, len(attempts))
	for i, a := range attempts {
		trades[i] = orderTrade{a.AttemptID, a.Channel, a.State, dispatch.Fen(a.Amount), a.TradeNo}
	}
	return trades, err
}

// sees is as whom the caller sees an order; 0: there is no such order.
func (o orderCalls) sees(ctx context.Context, order *storage.Order) actors {
	switch caller := dispatch.CallerFrom(ctx); {
	case caller.User == order.UserID:
		return buyer
	case caller.User == order.SellerID:
		return seller
	case caller.Role == storage.RoleAdmin:
		return admin
	}
	return 0
}

// shown is an order as one of its sides or an admin sees it, without refunds and history.
func (o orderCalls) shown(order *storage.Order, as actors, names storage.OrderNames, lines []storage.OrderLine) orderDetail {
	detail := orderDetail{
		OrderID: order.OrderID, PayID: order.PayID, State: string(wireState(order.State)),
		Settled: order.State == stateSettled, Appealed: order.State == stateAppealed,
		UserID: wire.UserNumber(order.UserID), UserName: names.User, ShopID: order.ShopID, ShopName: names.Shop,
		SellerID: wire.UserNumber(order.SellerID), SellerName: names.Seller, Deliver: order.Deliver,
		GoodsPrice: dispatch.Fen(order.GoodsPrice), OffPrice: dispatch.Fen(order.OffPrice), ShipPrice: dispatch.Fen(order.ShipPrice),
		CreditPrice: dispatch.Fen(order.CreditPrice), PayPrice: dispatch.Fen(order.PayPrice), Beli: order.BeliUsed,
		Debt: dispatch.Fen(order.Debt), DueTime: o.time(order.DueTime), Refunded: dispatch.Fen(order.Refunded),
		PayMethod: order.PayMethod, UserNote: order.UserNote, Logistics: order.Logistics, LogisticsID: order.LogisticsID,
		CreatTime: o.Clock.Text(order.CreatTime), ExpireTime: o.expireTime(order), PayTime: o.time(order.PayTime),
		ShipTime: o.time(order.ShipTime), FinishTime: o.time(order.FinishTime),
		Refunds: []orderRefund{}, History: []orderEvent{}, Actions: o.actions(order, as), Trades: []orderTrade{},
	}
	if as != seller || order.PayTime > 0 {
		detail.Address = orderAddress{order.AddressName, order.AddressPhone, order.Address}
	}
	if as == admin {
		detail.AdminNote = order.AdminNote
	}
	detail.Lines = make([]orderedLine, len(lines))
	for i, line := range lines {
		detail.Lines[i] = orderedLine{
			Line: line.Line, ProductID: line.ProductID, ProductName: line.ProductName, PicURL: line.PicURL,
			Price: dispatch.Fen(line.Price), ProductNum: line.Pieces, PricePolicyID: line.PolicyID, ValidPeriod: line.ValidPeriod,
			LinePrice: dispatch.Fen(line.LinePrice), CouponOff: dispatch.Fen(line.CouponOff), ShopOff: dispatch.Fen(line.ShopOff),
			MarketOff: dispatch.Fen(line.MarketOff), BeliOff: dispatch.Fen(line.BeliOff), CreditPrice: dispatch.Fen(line.CreditPrice),
			PayPrice: dispatch.Fen(line.PayPrice), Returned: line.Returned,
		}
	}
	return detail
}

func (o orderCalls) refund(r storage.OrderRefund) (orderRefund, error) {
	pics := []string{}
	if r.Pics != "" {
		pics = strings.Split(r.Pics, "\n")
	}
	items, err := itemsOf(&r)
	return orderRefund{
		r.Kind, dispatch.Fen(r.Amount), r.Reason, pics, r.State, r.Arrived, r.Who, o.Clock.Text(r.CreatTime), r.Note, items,
		orderAddress{r.AddressName, r.AddressPhone, r.Address},
		r.Logistics, r.LogisticsID,
	}, err
}

// time is a time of the wire, "" for none.
func (o orderCalls) time(unix int64) string {
	if unix == 0 {
		return ""
	}
	return o.Clock.Text(unix)
}

// expireTime is when an order is closed that is to be paid.
func (o orderCalls) expireTime(order *storage.Order) string {
	if order.Clock != payWithin {
		return ""
	}
	return o.Clock.Text(order.ClockEnd)
}

// actions are what somebody who sees an order may do with it now: the calls of the table.
// The order stays where it is until its clock ends.
func (o orderCalls) actions(order *storage.Order, as actors) []orderAction {
	actions := []orderAction{}
	for i := range steps {
		row := &steps[i]
		if row.who&as == 0 || len(row.from) == 0 || row.refuses(order, o.Clock.Unix()) != dispatch.OK {
			continue
		}
		until := o.time(order.ClockEnd)
		switch {
		case row.name == "appeal":
			until = o.Clock.Text(order.AppealEnd)
		case row.name == "delete" && order.ListBuyer == "" && as == buyer, row.name == "delete" && order.ListSeller == "" && as == seller:
			continue
		case row.always():
			until = ""
		}
		actions = append(actions, orderAction{row.name, until})
	}
	return actions
}

// always reports whether the step can be taken whatever the order's clock does.
func (s *step) always() bool { return len(s.to) == 0 && s.while == nil }
