package trade

import (
	"context"
	"errors"
	"fmt"

	"campusgate/dispatch"
	"campusgate/storage"
)

type payOrder struct {
	PayID string `json:"pay_id" rule:"required"`
	payWay
}

func (payOrder) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes: "Pays all orders of a commit: from the wallet at once, or by a channel, where the user goes on. What the browser brings back from there proves nothing: `pay/info` tells the state. " +
			"A payment is paid by one method: another one closes the attempt before at its channel first. 103 where it is paid, 201 where it is closed, 206 where its time is over. " +
			"After -501 the same call may be sent again: the channel is asked by the same number.",
		Example: `{"pay_id": "15749511520000100", "method": "wallet"}`,
		Statuses: []dispatch.Status{
			orderNotExist, balanceNotEnough, payStateError, payMethodRefused, orderNotPaying, orderExpired, orderAlreadyOwned,
			dispatch.PayChannelError, dispatch.NotConfigured,
		},
	}
}

func (o orderCalls) pay(ctx context.Context, in payOrder) (payAnswer, error) {
	if err := o.checkWay(ctx, in.payWay); err != nil {
		return payAnswer{}, err
	}
	_, answer, err := o.Deps.pay(ctx, func(tx *storage.Tx) (started, error) {
		payment, orders, err := tx.LockPaymentOrders(ctx, in.PayID)
		if err == nil && payment.UserID != dispatch.CallerFrom(ctx).User {
			err = storage.ErrNotFound
		}
		switch {
		case errors.Is(err, storage.ErrNotFound):
			return started{}, dispatch.Fail(orderNotExist, "pay_id: no such payment")
		case err != nil:
			return started{}, err
		}
		if err := payable(payment, o.Clock.Unix()); err != nil {
			return started{}, err
		}
		if err := refuseOwned(ctx, tx, orders); err != nil {
			return started{}, err
		}
		if err := o.allows(in.Method); err != nil {
			return started{}, err
		}
		begun := started{PayID: payment.PayID}
		if in.Method == payByWallet {
			if err := refuseOpen(ctx, tx, payment); err != nil {
				return started{}, err
			}
			return begun, o.payOrders(ctx, tx, payment, orders, payByWallet, storage.UserAccount(payment.UserID))
		}
		subject, err := subjectOf(ctx, tx, orders)
		if err != nil {
			return started{}, err
		}
		begun.AttemptID, err = o.openAttempt(ctx, tx, payment, in.payWay, subject)
		return begun, err
	})
	return answer, err
}

// subjectOf says in a few words what orders are of.
func subjectOf(ctx context.Context, tx *storage.Tx, orders []*storage.Order) (string, error) {
	ids := make([]string, len(orders))
	for i, order := range orders {
		ids[i] = order.OrderID
	}
	lines, err := tx.OrderLines(ctx, ids...)
	if err != nil {
		return "", err
	}
	if len(lines) == 1 {
		return cutText(lines[0].ProductName, maxSubject), nil
	}
	more := fmt.Sprintf("等%d件商品", len(lines))
	return cutText(lines[0].ProductName, maxSubject-len([]rune(more))) + more, nil
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
	if err := d.endPaid(ctx, tx, p, method); err != nil {
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
	if err := d.endClosed(ctx, tx, p); err != nil {
		return err
	}
	return d.take(ctx, tx, t)
}
