package trade

import (
	"context"
	"errors"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// nothingToRepay is the status of an order that has no debt of the caller.
var nothingToRepay = dispatch.Status{Number: 100, Text: "Nothing to repay"}

type payCredit struct {
	OrderID string `json:"order_id" rule:"required"`
	payWay
}

func (payCredit) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes: "Pays all that is left of an order's debt, as order/pay does, frozen accounts too. 201 while a refund of the order is open. " +
			"What arrives above the debt, because a refund has lowered it meanwhile, goes back.",
		Example: `{"order_id": "15749511520000101", "method": "wallet"}`,
		Statuses: []dispatch.Status{
			nothingToRepay, balanceNotEnough, payMethodRefused, orderNotPaying, dispatch.PayChannelError, dispatch.NotConfigured,
		},
	}
}

// creditPay is credit/pay.
func (d Deps) creditPay(ctx context.Context, in payCredit) (numberedPay, error) {
	if err := d.checkWay(ctx, in.payWay); err != nil {
		return numberedPay{}, err
	}
	begun, answer, err := d.pay(ctx, func(tx *storage.Tx) (started, error) { return d.repay(ctx, tx, in) })
	return numberedPay{begun.PayID, answer}, err
}

// repay pays a debt, or begins an attempt to. Of an order one repayment waits: a wallet's
// takes its place, as does one of another amount.
func (d Deps) repay(ctx context.Context, tx *storage.Tx, in payCredit) (started, error) {
	waiting, order, err := lockRepayment(ctx, tx, in.OrderID)
	if err != nil {
		return started{}, err
	}
	switch caller := dispatch.CallerFrom(ctx).User; {
	case order == nil, order.UserID != caller, order.Debt == 0:
		return started{}, dispatch.Fail(nothingToRepay, "order_id: no debt of yours")
	case stateOf(order.State).refund:
		return started{}, dispatch.Fail(orderNotPaying, "order_id: a refund is open")
	}
	if err := d.allows(in.Method); err != nil {
		return started{}, err
	}
	now := d.Clock.Unix()
	if waiting != nil && (in.Method == payByWallet || waiting.Price != order.Debt || waiting.ExpireTime <= now) {
		if err := refuseOpen(ctx, tx, *waiting); err != nil {
			return started{}, err
		}
		if err := d.endClosed(ctx, tx, *waiting); err != nil {
			return started{}, err
		}
		waiting = nil
	}
	if waiting == nil {
		made, err := d.newPayment(ctx, tx, storage.Payment{Purpose: storage.PayCredit, UserID: order.UserID, OrderID: order.OrderID, Price: order.Debt})
		if err != nil {
			return started{}, err
		}
		waiting = &made
	}
	begun := started{PayID: waiting.PayID}
	if in.Method == payByWallet {
		if err := d.endPaid(ctx, tx, *waiting, payByWallet); err != nil {
			return started{}, err
		}
		err := d.lowerDebt(ctx, tx, order, waiting.PayID, storage.UserAccount(order.UserID), order.Debt)
		if errors.Is(err, storage.ErrBalance) {
			err = dispatch.Fail(balanceNotEnough, "")
		}
		return begun, err
	}
	begun.AttemptID, err = d.openAttempt(ctx, tx, *waiting, in.payWay, subjectOfRepayment(order.OrderID))
	return begun, err
}

// subjectOfRepayment says what the repayment of an order is, to a channel.
func subjectOfRepayment(orderID string) string { return "订单 " + orderID + " 还款" }

// lockRepayment locks the repayment of an order that waits, nil where none does, and the
// order, nil where there is none. Payments are locked before orders, so another repayment
// may have begun before the order was locked: then the transaction is to be tried again.
func lockRepayment(ctx context.Context, tx *storage.Tx, orderID string) (*storage.Payment, *storage.Order, error) {
	found, err := tx.Repayment(ctx, orderID)
	none := errors.Is(err, storage.ErrNotFound)
	if !none {
		if err == nil {
			found, err = tx.LockPayment(ctx, found.PayID)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	order, err := tx.LockOrder(ctx, orderID)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	again, err := tx.Repayment(ctx, orderID)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return nil, order, nil
	case err != nil:
		return nil, nil, err
	case none || again.PayID != found.PayID:
		return nil, nil, dispatch.Fail(dispatch.StateChanged, "order_id: is being repaid")
	}
	return &found, order, nil
}

// lowerDebt pays a part of an order's debt, or all of it. The order is locked.
func (d Deps) lowerDebt(ctx context.Context, tx *storage.Tx, o *storage.Order, payID string, from storage.Account, amount int64) error {
	now := d.Clock.Unix()
	if err := tx.Move(ctx, storage.Move{
		Kind: storage.LedgerRepay, Currency: storage.CNY, From: from, To: storage.CreditAccount(o.UserID),
		Amount: amount, OrderID: o.OrderID, PayID: payID, Time: now,
	}); err != nil {
		return err
	}
	o.Debt -= amount
	return tx.UpdateOrder(ctx, o, o.State)
}

// repaid is what follows where an attempt has paid a debt: what is above the debt, which a
// refund has lowered meanwhile, is late.
func (d Deps) repaid(ctx context.Context, tx *storage.Tx, p storage.Payment, o *storage.Order, a storage.Attempt) error {
	if err := d.endPaid(ctx, tx, p, a.Channel); err != nil {
		return err
	}
	lowers := min(a.Amount, o.Debt)
	if err := d.lowerDebt(ctx, tx, o, p.PayID, storage.ChannelAccount(a.Channel), lowers); err != nil {
		return err
	}
	if lowers == a.Amount {
		return nil
	}
	return d.takeLate(ctx, tx, p, nil, a, a.Amount-lowers)
}

// repaymentWaits reports whether a repayment of an order is open: nothing of the order is
// given back meanwhile.
func repaymentWaits(ctx context.Context, tx *storage.Tx, orderID string) (bool, error) {
	_, err := tx.Repayment(ctx, orderID)
	if errors.Is(err, storage.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// stopRepayment has a job end the repayment of an order that waits, if one does.
func (d Deps) stopRepayment(ctx context.Context, tx *storage.Tx, orderID string) error {
	p, err := tx.Repayment(ctx, orderID)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	now := d.Clock.Unix()
	return tx.AddJob(ctx, storage.Job{Kind: closeJob, Key: p.PayID, Data: unixText(now), Due: now})
}

// newPayment makes a payment that is for no new orders, with the job that ends it.
func (d Deps) newPayment(ctx context.Context, tx *storage.Tx, p storage.Payment) (storage.Payment, error) {
	p.State, p.CreatTime = storage.PaymentWaiting, d.Clock.Unix()
	p.ExpireTime = p.CreatTime + seconds(d.Settings.Periods.PayWithin)
	err := wire.WithFreshID(func() error {
		p.PayID = payNumber(p.CreatTime)
		return tx.InsertPayment(ctx, p)
	})
	if err != nil {
		return p, err
	}
	return p, tx.AddJob(ctx, storage.Job{Kind: paymentExpireJob, Key: p.PayID, Due: p.ExpireTime})
}
