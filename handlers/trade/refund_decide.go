package trade

import (
	"context"
	"errors"
	"slices"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
)

type agreeRefund struct {
	OrderID   string `json:"order_id" rule:"required"`
	AddressID *int64 `json:"address_id" rule:"filled range=any" doc:"of kind return: where the buyer sends it, an address of the seller; the default one if absent"`
}

func (agreeRefund) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Admins too, but -103 for an order of the admin's own. What is to be returned is sent back first: the order is then `returning`. -304 while a repayment of the order's debt is still being closed at its channel.",
		Example:  `{"order_id": "15749511524517701"}`,
		Statuses: []dispatch.Status{orderNotExist, orderNoAddress, orderNotRefunding, dispatch.NoPermission, dispatch.AccountFrozen, dispatch.StateChanged},
	}
}

func (o orderCalls) agree(ctx context.Context, in agreeRefund) (wire.None, error) {
	return o.one(ctx, "agree", in.OrderID, func(tx *storage.Tx, order *storage.Order, t *taking) error {
		return o.grant(ctx, tx, order, t, func() (storage.Address, error) { return o.addressBack(ctx, tx, order, in.AddressID) })
	})
}

// addressBack is the seller's address of that id, nil being the default one.
func (d Deps) addressBack(ctx context.Context, tx *storage.Tx, o *storage.Order, id *int64) (address storage.Address, err error) {
	if id == nil {
		address, err = tx.DefaultAddress(ctx, o.SellerID)
	} else {
		address, err = tx.Address(ctx, *id, o.SellerID)
	}
	if errors.Is(err, storage.ErrNotFound) {
		err = dispatch.Fail(orderNoAddress, "address_id: not the seller's, or the seller has none")
	}
	return address, err
}

// grant gives back what is asked for: at once, or where it is to be returned and was not
// sent yet, once it is there; address says where it is sent, and [storage.ErrNotFound] that
// it is not returned.
func (d Deps) grant(ctx context.Context, tx *storage.Tx, o *storage.Order, t *taking, address func() (storage.Address, error)) error {
	asked, err := openRefund(ctx, tx, o)
	if err != nil {
		return err
	}
	if asked.Kind == refundReturn && !asked.Sent {
		to, err := address()
		if err == nil {
			asked.AddressName, asked.AddressPhone, asked.Address = to.Name, to.Phone, to.Address
			t.to = stateReturning
			return tx.UpdateOrderRefund(ctx, asked)
		}
		if !errors.Is(err, storage.ErrNotFound) {
			return err
		}
	}
	return d.giveAsked(ctx, tx, o, t, asked)
}

// giveAsked gives back what a refund asks for, as far as it is not given yet.
func (d Deps) giveAsked(ctx context.Context, tx *storage.Tx, o *storage.Order, t *taking, asked storage.OrderRefund) error {
	if err := d.giveBack(ctx, tx, o, t, &asked); err != nil {
		return err
	}
	return tx.UpdateOrderRefund(ctx, asked)
}

// openRefund is the refund that waits to be decided.
func openRefund(ctx context.Context, tx *storage.Tx, o *storage.Order) (storage.OrderRefund, error) {
	return lastRefund(ctx, tx, o, refundOpen)
}

// lastRefund is the latest refund of an order that is in a state.
func lastRefund(ctx context.Context, tx *storage.Tx, o *storage.Order, state string) (storage.OrderRefund, error) {
	refunds, err := tx.OrderRefunds(ctx, o.OrderID)
	if err != nil {
		return storage.OrderRefund{}, err
	}
	for _, refund := range slices.Backward(refunds) {
		if refund.State == state {
			return refund, nil
		}
	}
	return storage.OrderRefund{}, errors.New("order " + o.OrderID + " has no refund that is " + state)
}

// final is the change by a decision, after which no refusal before it can be appealed.
func final(o *storage.Order) { o.AppealEnd = 0 }

// end writes that the open refund of an order is over without anything given back.
func (d Deps) end(ctx context.Context, tx *storage.Tx, o *storage.Order, t *taking, state string) error {
	asked, err := openRefund(ctx, tx, o)
	if err != nil {
		return err
	}
	asked.State, asked.Note, asked.DecideTime = state, t.note, d.Clock.Unix()
	t.to = stateFormer
	return tx.UpdateOrderRefund(ctx, asked)
}

type refuseRefund struct {
	OrderID string `json:"order_id" rule:"required"`
	Reason  string `json:"reason" rule:"required max=200"`
}

func (refuseRefund) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "The buyer can appeal within `market.appeal_within`, once an order; nothing is settled as long as that is possible. What was sent back and is refused is decided by an admin.",
		Example:  `{"order_id": "15749511524517701", "reason": "商品完好"}`,
		Statuses: []dispatch.Status{orderNotExist, orderNotRefunding, dispatch.ContentRefused},
	}
}

func (o orderCalls) refuse(ctx context.Context, in refuseRefund) (wire.None, error) {
	if err := o.Words.Check(words.Text{Key: "reason", Value: in.Reason}); err != nil {
		return wire.None{}, err
	}
	return o.one(ctx, "refuse", in.OrderID, func(tx *storage.Tx, order *storage.Order, t *taking) error {
		t.note = in.Reason
		if order.State == stateReturned {
			return nil
		}
		if !order.Appealed {
			end := o.Clock.Unix() + seconds(o.Settings.Periods.AppealWithin)
			t.change = func(order *storage.Order) { order.AppealEnd = end }
		}
		return o.end(ctx, tx, order, t, refundRefused)
	})
}

type appealRefund struct {
	OrderID string `json:"order_id" rule:"required"`
	Reason  string `json:"reason" rule:"required max=200"`
}

func (appealRefund) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Once an order, within `market.appeal_within` of the seller's refusal, unless something was given back since. An admin decides; the seller may still agree.",
		Example:  `{"order_id": "15749511524517701", "reason": "照片里看得到"}`,
		Statuses: []dispatch.Status{orderNotExist, orderNotRefundable, orderExpired, dispatch.ContentRefused},
	}
}

func (o orderCalls) appeal(ctx context.Context, in appealRefund) (wire.None, error) {
	if err := o.Words.Check(words.Text{Key: "reason", Value: in.Reason}); err != nil {
		return wire.None{}, err
	}
	return o.one(ctx, "appeal", in.OrderID, func(tx *storage.Tx, order *storage.Order, t *taking) error {
		t.note = in.Reason
		t.change = func(order *storage.Order) { order.Appealed, order.AppealEnd = true, 0 }
		refused, err := lastRefund(ctx, tx, order, refundRefused) // by the seller: see final
		if err != nil {
			return err
		}
		refused.State, refused.DecideTime = refundOpen, 0
		if err := tx.UpdateOrderRefund(ctx, refused); err != nil {
			return err
		}
		return o.stopRepayment(ctx, tx, order.OrderID)
	})
}

type revokeRefund struct {
	OrderID string `json:"order_id" rule:"required"`
}

func (revokeRefund) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "The order is as before, and its clock goes on. What is sent back already cannot be revoked.",
		Example:  `{"order_id": "15749511524517701"}`,
		Statuses: []dispatch.Status{orderNotExist, orderNotRefunding},
	}
}

func (o orderCalls) revoke(ctx context.Context, in revokeRefund) (wire.None, error) {
	return o.one(ctx, "revoke", in.OrderID, func(tx *storage.Tx, order *storage.Order, t *taking) error {
		return o.end(ctx, tx, order, t, refundRevoked)
	})
}

type sendBack struct {
	OrderID     string `json:"order_id" rule:"required"`
	Logistics   string `json:"logistics" rule:"required max=50" doc:"who carries it"`
	LogisticsID string `json:"logistics_id" rule:"required max=50"`
}

func (sendBack) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "To the address that order/info shows with the refund.",
		Example:  `{"order_id": "15749511524517701", "logistics": "顺丰", "logistics_id": "SF1234567890"}`,
		Statuses: []dispatch.Status{orderNotExist, orderNotRefunding, dispatch.ContentRefused},
	}
}

func (o orderCalls) sendBack(ctx context.Context, in sendBack) (wire.None, error) {
	err := o.Words.Check(words.Text{Key: "logistics", Value: in.Logistics}, words.Text{Key: "logistics_id", Value: in.LogisticsID})
	if err != nil {
		return wire.None{}, err
	}
	return o.one(ctx, "return", in.OrderID, func(tx *storage.Tx, order *storage.Order, _ *taking) error {
		asked, err := openRefund(ctx, tx, order)
		if err != nil {
			return err
		}
		asked.Sent, asked.Logistics, asked.LogisticsID = true, in.Logistics, in.LogisticsID
		return tx.UpdateOrderRefund(ctx, asked)
	})
}

type receiveReturn struct {
	OrderID string `json:"order_id" rule:"required"`
}

func (receiveReturn) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "What was sent back goes into the stock again, and what was asked for goes back. Admins, -103 and -304 as in order/agree.",
		Example:  `{"order_id": "15749511524517701"}`,
		Statuses: []dispatch.Status{orderNotExist, orderNotRefunding, dispatch.NoPermission, dispatch.AccountFrozen, dispatch.StateChanged},
	}
}

func (o orderCalls) receive(ctx context.Context, in receiveReturn) (wire.None, error) {
	return o.one(ctx, "receive", in.OrderID, func(tx *storage.Tx, order *storage.Order, t *taking) error {
		return o.received(ctx, tx, order, t)
	})
}

func (d Deps) received(ctx context.Context, tx *storage.Tx, o *storage.Order, t *taking) error {
	asked, err := openRefund(ctx, tx, o)
	if err != nil {
		return err
	}
	return d.giveAsked(ctx, tx, o, t, asked)
}

type arbitrateRefund struct {
	OrderID string       `json:"order_id" rule:"required"`
	Amount  dispatch.Fen `json:"amount" rule:"present range=-99999999999.99..99999999999.99" doc:"what goes back, at most what is left of the order; 0: the refund is refused"`
	Note    string       `json:"note" rule:"required max=200" doc:"for both sides"`
}

func (arbitrateRefund) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Nothing is sent back any more; what was sent back goes into the stock again where an amount goes back. It is final. -304 as in order/agree.",
		Example:  `{"order_id": "15749511524517701", "amount": 5, "note": "各承担一半"}`,
		Statuses: []dispatch.Status{orderNotExist, orderNotRefunding, refundAmountError, dispatch.StateChanged, dispatch.ContentRefused},
	}
}

func (o orderCalls) arbitrate(ctx context.Context, in arbitrateRefund) (wire.None, error) {
	if err := o.Words.Check(words.Text{Key: "note", Value: in.Note}); err != nil {
		return wire.None{}, err
	}
	return o.one(ctx, "arbitrate", in.OrderID, func(tx *storage.Tx, order *storage.Order, t *taking) error {
		t.note = in.Note
		return o.arbitrated(ctx, tx, order, t, int64(in.Amount))
	})
}

// arbitrated ends what was asked for by a refund of its own, which is what the admin says:
// of the same items, which were sent back or not.
func (d Deps) arbitrated(ctx context.Context, tx *storage.Tx, o *storage.Order, t *taking, amount int64) error {
	asked, err := openRefund(ctx, tx, o)
	if err != nil {
		return err
	}
	decided, err := d.newRefund(ctx, tx, o, t.by, asked.Kind)
	if err != nil {
		return err
	}
	decided.Amount, decided.Reason, decided.Items, decided.Sent = amount, t.note, asked.Items, asked.Sent
	if amount == 0 {
		t.to, t.change = stateFormer, final
		decided.State, decided.DecideTime = refundRefused, decided.CreatTime
	} else if err := d.giveBack(ctx, tx, o, t, &decided); err != nil {
		return err
	}
	asked.State, asked.DecideTime = refundDecided, decided.CreatTime
	if err := tx.UpdateOrderRefund(ctx, asked); err != nil {
		return err
	}
	return tx.AddOrderRefund(ctx, decided)
}

type declineOrder struct {
	OrderID string `json:"order_id" rule:"required" doc:"an order of yours as the seller, paid and not shipped"`
	Reason  string `json:"reason" rule:"required max=200"`
}

func (declineOrder) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Admins too, but -103 for an order of the admin's own. All of it goes back to where it was paid from.",
		Example:  `{"order_id": "15749511520000301", "reason": "没货了"}`,
		Statuses: []dispatch.Status{orderNotExist, orderNotPaid, dispatch.NoPermission, dispatch.AccountFrozen, dispatch.StateChanged, dispatch.ContentRefused},
	}
}

func (o orderCalls) decline(ctx context.Context, in declineOrder) (wire.None, error) {
	if err := o.Words.Check(words.Text{Key: "reason", Value: in.Reason}); err != nil {
		return wire.None{}, err
	}
	err := o.DB.InTx(ctx, func(tx *storage.Tx) error {
		waiting, _, err := lockRepayment(ctx, tx, in.OrderID)
		if err != nil {
			return err
		}
		return o.takeOne(ctx, tx, "decline", in.OrderID, func(order *storage.Order, t *taking) error {
			t.note = in.Reason
			return o.giveAll(ctx, tx, order, t, waiting)
		})
	})
	return wire.None{}, wire.KnownOrDatabase(err)
}
