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
	return handlerstest.AddUnclaimed(r.T, r.DB, fmt.Sprintf("1574951156%05d00", r.count), alice, r.Clock.Now().Unix())
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
