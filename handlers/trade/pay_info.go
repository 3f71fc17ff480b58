package trade

import (
	"context"
	"errors"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// payCalls are those of payments, whatever they are for.
type payCalls struct{ Deps }

// paymentNotExist is also the status of another user's payment.
var paymentNotExist = dispatch.Status{Number: 100, Text: "Payment not exist"}

type infoOfPay struct {
	PayID string `json:"pay_id" rule:"required"`
}

type payInfo struct {
	PayID      string       `json:"pay_id"`
	PayState   string       `json:"pay_state" doc:"waiting, paid or closed"`
	PayPrice   dispatch.Fen `json:"pay_price"`
	Method     string       `json:"method" doc:"wallet or the channel by which it is or was to be paid; empty before that"`
	OrderIDs   []string     `json:"order_ids" doc:"none of a recharge"`
	Lines      []payLine    `json:"lines" doc:"of all orders"`
	ExpireTime string       `json:"expire_time"`
}

type payLine struct {
	OrderID     string       `json:"order_id"`
	ProductID   int64        `json:"product_id"`
	ProductName string       `json:"product_name"`
	PicURL      string       `json:"pic_url"`
	Price       dispatch.Fen `json:"price" doc:"of a piece"`
	ProductNum  int64        `json:"product_num"`
	ValidPeriod int64        `json:"valid_period" doc:"of a course, in days"`
}

func (infoOfPay) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Your own payment. While it waits its channel is asked, at most every 5 s.",
		Example:  `{"pay_id": "15749511520000100"}`,
		Statuses: []dispatch.Status{paymentNotExist},
	}
}

// askEvery is the shortest time from one question of pay/info to the next, in seconds.
const askEvery = 5

func (c payCalls) info(ctx context.Context, in infoOfPay) (payInfo, error) {
	p, err := c.DB.Payment(ctx, in.PayID)
	if err == nil && p.UserID != dispatch.CallerFrom(ctx).User {
		err = storage.ErrNotFound
	}
	if err == nil {
		p, err = c.asked(ctx, p)
	}
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return payInfo{}, dispatch.Fail(paymentNotExist, "pay_id: no such payment")
	case err != nil:
		return payInfo{}, wire.DatabaseFailure(err)
	}
	info := payInfo{
		PayID: p.PayID, PayState: p.State, PayPrice: dispatch.Fen(p.Price), Method: p.Method,
		OrderIDs: []string{}, Lines: []payLine{}, ExpireTime: c.Clock.Text(p.ExpireTime),
	}
	return info, c.ofOrders(ctx, p, &info)
}

// asked is a payment after the channel of its open attempt was asked.
func (d Deps) asked(ctx context.Context, p storage.Payment) (storage.Payment, error) {
	if p.State != storage.PaymentWaiting || p.Method == "" {
		return p, nil
	}
	d.askNow(ctx, p)
	return d.DB.Payment(ctx, p.PayID)
}

// askNow asks the channel of a payment that waits, unless any replica has just done so.
// What the channel does not answer leaves the payment as it is.
func (d Deps) askNow(ctx context.Context, p storage.Payment) {
	attempts, err := d.DB.Attempts(ctx, p.PayID)
	if open := openOf(attempts); err == nil && open != nil {
		var due bool
		now := d.Clock.Unix()
		if due, err = d.DB.AskAttempt(ctx, open.AttemptID, now, now-askEvery); due {
			err = d.askAttempt(ctx, *open)
		}
	}
	if err != nil {
		d.Logger.WarnContext(ctx, "ask a channel", "payment", p.PayID, "error", err)
	}
}

// ofOrders tells what a payment is for.
func (c payCalls) ofOrders(ctx context.Context, p storage.Payment, info *payInfo) error {
	switch p.Purpose {
	case storage.PayOrders:
		orders, err := c.DB.OrdersOfPayment(ctx, p.PayID)
		if err != nil {
			return wire.DatabaseFailure(err)
		}
		for _, order := range orders {
			info.OrderIDs = append(info.OrderIDs, order.OrderID)
		}
	case storage.PayCredit:
		info.OrderIDs = append(info.OrderIDs, p.OrderID)
	}
	lines, err := c.DB.OrderLines(ctx, info.OrderIDs...)
	if err != nil {
		return wire.DatabaseFailure(err)
	}
	for _, l := range lines {
		info.Lines = append(info.Lines, payLine{
			OrderID: l.OrderID, ProductID: l.ProductID, ProductName: l.ProductName, PicURL: l.PicURL,
			Price: dispatch.Fen(l.Price), ProductNum: l.Pieces, ValidPeriod: l.ValidPeriod,
		})
	}
	return nil
}
