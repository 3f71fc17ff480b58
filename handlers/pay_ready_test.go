package handlers_test

import (
	"fmt"
	"strings"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// isPayment reports whether a call is one of payments beside order/pay.
func isPayment(call string) bool {
	return strings.HasPrefix(call, "pay/") || call == "credit/pay" || call == "wallet/recharge"
}

// owed stores one more order of alice's that she has a debt of, and returns its id.
func (r *rehearsal) owed() string {
	r.T.Helper()
	id := fmt.Sprintf("1574951155%05d00", r.count)
	r.AddOrder(storage.Order{PayID: id, State: "paid", ListState: "need_send", Deliver: "express", Clock: "ship_within", CreditPrice: 5_00})
	return handlerstest.OrderOf(id)
}

// unclaimed stores one more payment of alice's whose money came late, and which its channel
// does not take back. It returns the attempt.
func (r *rehearsal) unclaimed() string {
	r.T.Helper()
	ctx, now := r.T.Context(), r.Clock.Now().Unix()
	p := storage.Payment{PayID: fmt.Sprintf("1574951156%05d00", r.count), Purpose: storage.PayRecharge, UserID: alice, Price: 5_00}
	a := storage.Attempt{AttemptID: p.PayID + "01", PayID: p.PayID, Channel: "sandbox", Amount: 5_00}
	refund := storage.ChannelRefund{RefundNo: a.AttemptID + "L", AttemptID: a.AttemptID, Amount: 5_00, CreatTime: now}
	handlerstest.Must(r.T, r.DB.InTx(ctx, func(tx *storage.Tx) error {
		for _, do := range []func() error{
			func() error { return tx.InsertPayment(ctx, p) },
			func() error { return tx.InsertAttempt(ctx, a) },
			func() error {
				return tx.EndAttempt(ctx, a.AttemptID, storage.AttemptLate, "trade of "+a.AttemptID, now)
			},
			func() error { return tx.InsertChannelRefund(ctx, refund) },
			func() error {
				return tx.EndChannelRefund(ctx, refund.RefundNo, storage.ChannelRefundWaiting, storage.ChannelRefundRefused, now)
			},
			func() error {
				return tx.Move(ctx, storage.Move{
					Kind: storage.LedgerLate, Currency: storage.CNY, From: storage.ChannelAccount(a.Channel), To: storage.UnclaimedAccount(a.AttemptID),
					Amount: a.Amount, PayID: p.PayID, Time: now,
				})
			},
			func() error {
				p.State = storage.PaymentClosed
				return tx.EndPayment(ctx, p)
			},
		} {
			if err := do(); err != nil {
				return err
			}
		}
		return tx.AddAnomaly(ctx, storage.Anomaly{
			Channel: a.Channel, AttemptID: a.AttemptID, PayID: a.PayID, Kind: "refund", Amount: a.Amount, CreatTime: now,
		})
	}))
	return a.AttemptID
}

// closeRecharges ends those of alice's that wait, of which there may be few.
func (r *rehearsal) closeRecharges() {
	r.T.Helper()
	ctx := r.T.Context()
	handlerstest.Must(r.T, wire.EachAfter(func(after string) ([]storage.Payment, string, error) {
		return r.DB.PaymentsAfter(ctx, alice, after)
	}, func(p storage.Payment) error {
		if p.Purpose != storage.PayRecharge || p.State != storage.PaymentWaiting {
			return nil
		}
		return r.DB.InTx(ctx, func(tx *storage.Tx) error {
			p.State = storage.PaymentClosed
			return tx.EndPayment(ctx, p)
		})
	}))
}
