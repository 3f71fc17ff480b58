package trade

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-json"

	"campusgate/dispatch"
	"campusgate/handlers/trade/price"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
)

// The kinds of refunds.
const (
	refundMoney  = "money"
	refundReturn = "return" // once the goods are sent back
)

// The states of a refund, as they are shown.
const (
	refundOpen    = "open" // it waits for somebody: the order's state says for whom
	refundDone    = "refunded"
	refundRefused = "refused"
	refundRevoked = "revoked"    // by the buyer
	refundExpired = "expired"    // the goods were not sent back in time
	refundDecided = "arbitrated" // the refund behind it says how
)

type askRefund struct {
	OrderID string        `json:"order_id" rule:"required"`
	Kind    string        `json:"kind" rule:"required oneof=money|return" doc:"return: once the goods are sent back, only after shipping"`
	Amount  *dispatch.Fen `json:"amount" rule:"filled range=-99999999999.99..99999999999.99" doc:"all that can come back if absent: what is left of the order, with items at most their share"`
	Items   []refundItem  `json:"items" rule:"items=0..50" doc:"what it is about, if not all of the order; with kind return they go back into the stock"`
	Reason  string        `json:"reason" rule:"required max=200"`
	Pics    []string      `json:"pics" rule:"items=0..3 max=1024" doc:"URLs as pic/upload answers them"`
}

// refundItem is some pieces of a line.
type refundItem struct {
	Line       int64 `json:"line" rule:"present range=any" doc:"as in order/info, from 0"`
	ProductNum int64 `json:"product_num" rule:"required range=any" doc:"pieces that no refund has named before"`
}

func (askRefund) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes: "Of an order that is paid, shipped, or finished and not settled: at most three times, and of a course while less than 20 % of its sections were opened (204). Its clock stands still until it is decided. " +
			"The share of items is (pay_price + credit_price) of their line × product_num / the line's, rounded down; shipping belongs to no line. " +
			"What comes back lowers an open debt first and then goes back by the payments, the latest first; the market coupon's share and beli follow in proportion.",
		Example:  `{"order_id": "15749511524517701", "kind": "money", "amount": 10, "reason": "有划痕"}`,
		Statuses: []dispatch.Status{orderNotExist, orderNotRefundable, refundAmountError, dispatch.ContentRefused},
	}
}

func (o orderCalls) refundOrder(ctx context.Context, in askRefund) (wire.None, error) {
	if err := o.Words.Check(words.Text{Key: "reason", Value: in.Reason}); err != nil {
		return wire.None{}, err
	}
	var err error
	if in.Pics, err = wire.OwnPictures(ctx, o.Pictures, o.Settings.URLPrefix, in.Pics, dispatch.ValueError); err != nil {
		return wire.None{}, err
	}
	return wire.Once(ctx, o.DB, o.Clock.Now(), func(tx *storage.Tx) (wire.None, error) {
		return wire.None{}, o.takeOne(ctx, tx, "refund", in.OrderID, func(order *storage.Order, t *taking) error {
			t.note = in.Reason
			t.change = func(order *storage.Order) { order.Requests++ }
			return o.ask(ctx, tx, order, t.by, in)
		})
	})
}

// ask writes what a buyer asks back, and has an open repayment closed: what an admin or the
// seller decides must not change meanwhile.
func (o orderCalls) ask(ctx context.Context, tx *storage.Tx, order *storage.Order, by actor, in askRefund) error {
	if in.Kind == refundReturn && order.ShipTime == 0 {
		return dispatch.Fail(orderNotRefundable, "kind: return only after shipping")
	}
	if err := refuseStudied(ctx, tx, order, in.Items); err != nil {
		return err
	}
	amount, err := o.askedAmount(ctx, tx, order, in)
	if err != nil {
		return err
	}
	refund, err := o.newRefund(ctx, tx, order, by, in.Kind)
	if err != nil {
		return err
	}
	if len(in.Items) > 0 {
		items, err := json.Marshal(in.Items)
		if err != nil {
			return err
		}
		refund.Items = string(items)
	}
	refund.State, refund.Amount, refund.Reason, refund.Pics = refundOpen, amount, in.Reason, strings.Join(in.Pics, "\n")
	if err := tx.AddOrderRefund(ctx, refund); err != nil {
		return err
	}
	return o.stopRepayment(ctx, tx, order.OrderID)
}

// askedAmount is what the buyer asks back, which fails where it is more than can come back.
func (d Deps) askedAmount(ctx context.Context, tx *storage.Tx, o *storage.Order, in askRefund) (int64, error) {
	lines, err := tx.OrderLines(ctx, o.OrderID)
	if err != nil {
		return 0, err
	}
	bought := make([]price.Bought, len(lines))
	for i, line := range lines {
		bought[i] = price.Bought{Price: line.PayPrice + line.CreditPrice, Pieces: line.Pieces, Back: line.Returned}
	}
	items := make([]price.Item, len(in.Items))
	for i, item := range in.Items {
		items[i] = price.Item{Line: int(item.Line), Pieces: item.ProductNum}
	}
	payments, err := d.paymentsOf(ctx, tx, o)
	if err != nil {
		return 0, err
	}
	amount, err := refundable(o, payments).Amount((*int64)(in.Amount), bought, items)
	return amount, refundFailure(err)
}

// refundFailure is the status of a refund that breaks a rule.
func refundFailure(err error) error {
	var broken price.Error
	switch {
	case !errors.As(err, &broken):
		return err
	case broken.Rule == price.NoSuchLine:
		return dispatch.Fail(refundAmountError, fmt.Sprintf("items[%d].line: no such line", broken.Index))
	case broken.Rule == price.LineTwice:
		return dispatch.Fail(refundAmountError, fmt.Sprintf("items[%d].line: is there twice", broken.Index))
	case broken.Rule == price.WrongPieces:
		return dispatch.Fail(refundAmountError, fmt.Sprintf("items[%d].product_num: must be 1 or more, and not more than no refund has named", broken.Index))
	}
	return dispatch.Fail(refundAmountError, "amount: must be above 0, and not more than can come back")
}
