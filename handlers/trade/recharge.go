package trade

import (
	"context"

	"campusgate/dispatch"
	"campusgate/storage"
)

type rechargeWallet struct {
	Amount dispatch.Fen `json:"amount" rule:"required range=0.01..50000"`
	payWay
}

func (rechargeWallet) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:   "Begins a payment by a channel into your wallet, as order/pay does. pay/info tells when it has arrived.",
		Example: `{"amount": 50, "method": "sandbox"}`,
		Statuses: []dispatch.Status{
			payMethodRefused, dispatch.PayChannelError, dispatch.NotConfigured,
		},
	}
}

// subjectOfRecharge says what a recharge is, to a channel.
const subjectOfRecharge = "钱包充值"

// maxRecharges is how many recharges of a user wait at once.
const maxRecharges = 20

// recharge is wallet/recharge.
func (d Deps) recharge(ctx context.Context, in rechargeWallet) (numberedPay, error) {
	if err := d.checkWay(ctx, in.payWay); err != nil {
		return numberedPay{}, err
	}
	if in.Method == payByWallet {
		return numberedPay{}, dispatch.Fail(payMethodRefused, "method: must be a channel")
	}
	if err := d.allows(in.Method); err != nil {
		return numberedPay{}, err
	}
	user := dispatch.CallerFrom(ctx).User
	begun, answer, err := d.pay(ctx, func(tx *storage.Tx) (started, error) {
		if _, err := tx.LockProfile(ctx, user, d.Clock.Unix()); err != nil {
			return started{}, err
		}
		waiting, err := tx.CountWaiting(ctx, user, storage.PayRecharge)
		if err != nil {
			return started{}, err
		}
		if waiting >= maxRecharges {
			return started{}, dispatch.Fail(dispatch.TooManyRequests, "pay or wait for the recharges before")
		}
		p, err := d.newPayment(ctx, tx, storage.Payment{Purpose: storage.PayRecharge, UserID: user, Price: int64(in.Amount)})
		if err != nil {
			return started{}, err
		}
		id, err := d.openAttempt(ctx, tx, p, in.payWay, subjectOfRecharge)
		return started{p.PayID, id}, err
	})
	return numberedPay{begun.PayID, answer}, err
}
