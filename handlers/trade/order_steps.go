package trade

import (
	"context"
	"errors"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
)

// one runs a call that takes a step of one order, in a transaction.
func (o orderCalls) one(ctx context.Context, name, orderID string, prepare func(tx *storage.Tx, order *storage.Order, t *taking) error) (wire.None, error) {
	err := o.DB.InTx(ctx, func(tx *storage.Tx) error {
		return o.takeOne(ctx, tx, name, orderID, func(order *storage.Order, t *taking) error {
			if prepare == nil {
				return nil
			}
			return prepare(tx, order, t)
		})
	})
	return wire.None{}, wire.KnownOrDatabase(err)
}

type cancelOrder struct {
	OrderID string `json:"order_id" rule:"required" doc:"your own order, to be paid"`
	Reason  string `json:"reason" rule:"max=200"`
}

type cancelledOrders struct {
	OrderIDs []string `json:"order_ids" doc:"all orders of the payment"`
}

func (cancelOrder) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Closes every order of the payment, which have one fate until it is paid.",
		Example:  `{"order_id": "15749511520000101", "reason": "不想要了"}`,
		Statuses: []dispatch.Status{orderNotExist, orderNotPaying, dispatch.ContentRefused},
	}
}

func (o orderCalls) cancel(ctx context.Context, in cancelOrder) (cancelled cancelledOrders, err error) {
	if err := o.Words.Check(words.Text{Key: "reason", Value: in.Reason}); err != nil {
		return cancelledOrders{}, err
	}
	err = o.DB.InTx(ctx, func(tx *storage.Tx) error {
		cancelled = cancelledOrders{}
		order, err := tx.Order(ctx, in.OrderID) // the payment is locked before its orders
		if errors.Is(err, storage.ErrNotFound) {
			return noOrder()
		}
		if err != nil {
			return err
		}
		by, err := actorOf(ctx, stepOf("cancel", &order).who, &order)
		if err != nil {
			return err
		}
		payment, orders, err := tx.LockPaymentOrders(ctx, order.PayID)
		if err != nil {
			return err
		}
		if payment.State != storage.PaymentWaiting {
			return o.notTaken(ctx, "cancel", dispatch.Fail(orderNotPaying, ""))
		}
		for _, one := range orders {
			cancelled.OrderIDs = append(cancelled.OrderIDs, one.OrderID)
		}
		return o.closeOrders(ctx, tx, payment, taking{step: "cancel", by: by, orders: orders, note: in.Reason})
	})
	return cancelled, wire.KnownOrDatabase(err)
}

type changeAddress struct {
	OrderID   string `json:"order_id" rule:"required" doc:"your own order, paid and not shipped"`
	AddressID int64  `json:"address_id" rule:"required range=any" doc:"your own address"`
}

func (changeAddress) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Once an order. 116 where it does not go by express.",
		Example:  `{"order_id": "15749511520000301", "address_id": 1}`,
		Statuses: []dispatch.Status{orderNotExist, orderNoAddress, orderNoDelivery, orderNotPaid},
	}
}

func (o orderCalls) address(ctx context.Context, in changeAddress) (wire.None, error) {
	return o.one(ctx, "address", in.OrderID, func(tx *storage.Tx, order *storage.Order, t *taking) error {
		address, err := tx.Address(ctx, in.AddressID, order.UserID)
		if errors.Is(err, storage.ErrNotFound) {
			return dispatch.Fail(orderNoAddress, "address_id: no such address, or another user's")
		}
		t.change = func(order *storage.Order) {
			order.AddressName, order.AddressPhone, order.Address = address.Name, address.Phone, address.Address
			order.AddressChanged = true
		}
		return err
	})
}

type shipOrder struct {
	OrderID     string `json:"order_id" rule:"required" doc:"an order of yours as the seller, paid, by express"`
	Logistics   string `json:"logistics" rule:"required max=50" doc:"who carries it"`
	LogisticsID string `json:"logistics_id" rule:"required max=50" doc:"the carrier's number"`
}

func (shipOrder) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Admins too. Of a shipped order it corrects what was given, three times. 116 where the order does not go by express.",
		Example:  `{"order_id": "15749511520000601", "logistics": "顺丰", "logistics_id": "SF1023456789"}`,
		Statuses: []dispatch.Status{orderNotExist, orderNoDelivery, orderNotPaid, dispatch.NoPermission, dispatch.AccountFrozen, dispatch.ContentRefused},
	}
}

func (o orderCalls) ship(ctx context.Context, in shipOrder) (wire.None, error) {
	if err := o.Words.Check(words.Text{Key: "logistics", Value: in.Logistics}, words.Text{Key: "logistics_id", Value: in.LogisticsID}); err != nil {
		return wire.None{}, err
	}
	return o.one(ctx, "ship", in.OrderID, func(_ *storage.Tx, _ *storage.Order, t *taking) error {
		t.note = in.Logistics + " " + in.LogisticsID
		t.change = func(order *storage.Order) {
			order.Logistics, order.LogisticsID = in.Logistics, in.LogisticsID
			order.Ships++
		}
		return nil
	})
}

type confirmOrder struct {
	OrderID string `json:"order_id" rule:"required" doc:"your own order, shipped, or paid and handed over face to face"`
}

func (confirmOrder) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "The buyer has got it. After market.settle_after the seller gets the money.",
		Example:  `{"order_id": "15749511520000201"}`,
		Statuses: []dispatch.Status{orderNotExist, orderNotShipped},
	}
}

func (o orderCalls) confirm(ctx context.Context, in confirmOrder) (wire.None, error) {
	return o.one(ctx, "confirm", in.OrderID, nil)
}

type extendOrder struct {
	OrderID string `json:"order_id" rule:"required" doc:"your own order, shipped"`
}

func (extendOrder) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Once an order: it counts as received 7 days later.",
		Example:  `{"order_id": "15749511520000401"}`,
		Statuses: []dispatch.Status{orderNotExist, orderNotShipped},
	}
}

func (o orderCalls) extend(ctx context.Context, in extendOrder) (wire.None, error) {
	return o.one(ctx, "extend", in.OrderID, func(_ *storage.Tx, _ *storage.Order, t *taking) error {
		t.longer = extendBy
		t.change = func(order *storage.Order) { order.Extended = true }
		return nil
	})
}

type deleteOrder struct {
	OrderID string `json:"order_id" rule:"required" doc:"an order of yours, closed or finished"`
}

func (deleteOrder) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Takes the order out of your list. It stays in the other side's, and nothing else changes.",
		Example:  `{"order_id": "15749511520000501"}`,
		Statuses: []dispatch.Status{orderNotExist, orderNotDeletable},
	}
}

func (o orderCalls) delete(ctx context.Context, in deleteOrder) (wire.None, error) {
	return o.one(ctx, "delete", in.OrderID, func(_ *storage.Tx, _ *storage.Order, t *taking) error {
		t.change = func(order *storage.Order) {
			if t.by.as == buyer {
				order.ListBuyer = ""
			} else {
				order.ListSeller = ""
			}
		}
		return nil
	})
}

type noteOrder struct {
	OrderID   string `json:"order_id" rule:"required"`
	AdminNote string `json:"admin_note" rule:"present max=500" doc:"in place of the one before"`
}

func (noteOrder) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "For admins, who alone see it; -103 for an order of the admin's own.",
		Example:  `{"order_id": "15749511520000201", "admin_note": "买家来电询问"}`,
		Statuses: []dispatch.Status{orderNotExist, dispatch.ContentRefused},
	}
}

func (o orderCalls) note(ctx context.Context, in noteOrder) (wire.None, error) {
	if err := o.Words.Check(words.Text{Key: "admin_note", Value: in.AdminNote}); err != nil {
		return wire.None{}, err
	}
	return o.one(ctx, "note", in.OrderID, func(_ *storage.Tx, _ *storage.Order, t *taking) error {
		t.note = in.AdminNote
		t.change = func(order *storage.Order) { order.AdminNote = in.AdminNote }
		return nil
	})
}
