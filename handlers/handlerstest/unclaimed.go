package handlerstest

import (
	"testing"

	"campusgate/storage"
)

// AddUnclaimed stores a recharge of 5 yuan whose money came late, and which its channel does
// not take back: an anomaly. It returns the attempt.
func AddUnclaimed(t testing.TB, db *storage.DB, payID, user string, now int64) (attemptID string) {
	t.Helper()
	ctx := t.Context()
	p := storage.Payment{PayID: payID, Purpose: storage.PayRecharge, UserID: user, Price: 5_00}
	a := storage.Attempt{AttemptID: p.PayID + "01", PayID: p.PayID, Channel: "sandbox", Amount: 5_00}
	refund := storage.ChannelRefund{RefundNo: a.AttemptID + "L", AttemptID: a.AttemptID, Amount: 5_00, CreatTime: now}
	Must(t, db.InTx(ctx, func(tx *storage.Tx) error {
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
