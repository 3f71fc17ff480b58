package trade

import (
	"context"
	"errors"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

type payOrder struct {
	PayID  string `json:"pay_id" rule:"required"`
	Method string `json:"method" rule:"required" doc:"wallet"`
}

type paidOrder struct {
	PayState string `json:"pay_state" doc:"paid"`
}

func (payOrder) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Pays all orders of a commit, from the wallet. 103 where they are paid, 201 where they are closed, 206 where their time is over.",
		Example:  `{"pay_id": "15749511520000100", "method": "wallet"}`,
		Statuses: []dispatch.Status{orderNotExist, balanceNotEnough, payStateError, payMethodRefused, orderNotPaying, orderExpired},
	}
}

func (o orderCalls) pay(ctx context.Context, in payOrder) (paidOrder, error) {
	return wire.Once(ctx, o.DB, o.Clock.Now(), func(tx *storage.Tx) (paidOrder, error) {
		payment, orders, err := tx.LockPaymentOrders(ctx, in.PayID)
		if err == nil && payment.UserID != dispatch.CallerFrom(ctx).User {
			err = storage.ErrNotFound
		}
		switch {
		case errors.Is(err, storage.ErrNotFound):
			return paidOrder{}, dispatch.Fail(orderNotExist, "pay_id: no such payment")
		case err != nil:
			return paidOrder{}, err
		}
		if err := payable(payment, o.Clock.Unix()); err != nil {
			return paidOrder{}, err
		}
		if in.Method != payByWallet {
			return paidOrder{}, dispatch.Fail(payMethodRefused, "method: must be wallet")
		}
		err = o.payOrders(ctx, tx, payment, orders, payByWallet, storage.UserAccount(payment.UserID))
		return paidOrder{PayState: storage.PaymentPaid}, err
	})
}

// payable fails where a payment cannot be paid any more.
func payable(p storage.Payment, now int64) error {
	switch {
	case p.State == storage.PaymentPaid:
		return dispatch.Fail(payStateError, "pay_id: is paid")
	case p.State != storage.PaymentWaiting:
		return dispatch.Fail(orderNotPaying, "pay_id: is closed")
	case now >= p.ExpireTime:
		return dispatch.Fail(orderExpired, "")
	}
	return nil
}

// payOrders takes the step of a payment that waits and is locked with all its orders: the
// money comes from the payer's account, whichever way it is paid. Courses are open then.
func (d Deps) payOrders(ctx context.Context, tx *storage.Tx, p storage.Payment, orders []*storage.Order, method string, payer storage.Account) error {
	p.State, p.Method, p.PayTime = storage.PaymentPaid, method, d.Clock.Unix()
	if err := tx.EndPayment(ctx, p); err != nil {
		return err
	}
	err := d.take(ctx, tx, taking{step: "pay", by: actor{buyer, p.UserID}, orders: orders, method: method, payer: payer})
	if errors.Is(err, storage.ErrBalance) {
		return dispatch.Fail(balanceNotEnough, "")
	}
	if err != nil {
		return err
	}
	var courses []*storage.Order
	for _, order := range orders {
		if order.Course {
			courses = append(courses, order)
		}
	}
	if len(courses) == 0 {
		return nil
	}
	return d.take(ctx, tx, taking{step: "open", by: byClock, orders: courses})
}

// closeOrders ends a payment that waits and is locked with all its orders, by a step of
// theirs.
func (d Deps) closeOrders(ctx context.Context, tx *storage.Tx, p storage.Payment, t taking) error {
	p.State = storage.PaymentClosed
	if err := tx.EndPayment(ctx, p); err != nil {
		return err
	}
	return d.take(ctx, tx, t)
}
