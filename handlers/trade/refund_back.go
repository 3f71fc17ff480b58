package trade

import (
	"context"
	"fmt"
	"slices"

	"github.com/goccy/go-json"

	"campusgate/dispatch"
	"campusgate/handlers/trade/price"
	"campusgate/storage"
)

// A cameBy is one payment of what a buyer gave for an order.
type cameBy struct {
	payID, method string
	amount        int64 // fen
}

// paymentsOf are the payments of an order: its own, and then the repayments of its debt.
func (d Deps) paymentsOf(ctx context.Context, tx *storage.Tx, o *storage.Order) ([]cameBy, error) {
	payments := []cameBy{{o.PayID, o.PayMethod, o.PayPrice}}
	if o.CreditPrice == 0 {
		return payments, nil
	}
	repayments, err := tx.PaidRepayments(ctx, o.OrderID)
	if err != nil {
		return nil, err
	}
	for _, p := range repayments {
		payments = append(payments, cameBy{p.PayID, p.Method, p.Price})
	}
	return payments, nil
}

// refundable is what of an order can go back.
func refundable(o *storage.Order, payments []cameBy) price.Refundable {
	r := price.Refundable{Debt: o.Debt, Market: o.Promotion, Beli: o.Beli}
	for _, p := range payments {
		r.Ways = append(r.Ways, p.amount)
	}
	r.Before = r.Left() - (o.PayPrice + o.CreditPrice - o.Refunded)
	return r
}

// newRefund is the next refund of an order, which is locked.
func (d Deps) newRefund(ctx context.Context, tx *storage.Tx, o *storage.Order, by actor, kind string) (storage.OrderRefund, error) {
	before, err := tx.OrderRefunds(ctx, o.OrderID)
	return storage.OrderRefund{
		OrderID: o.OrderID, Number: int64(len(before)) + 1, Kind: kind,
		Who: actorNames[by.as], UserID: by.user, CreatTime: d.Clock.Unix(),
	}, err
}

// giveAll refunds an order whole of which nobody has asked a refund. A repayment of its debt
// that waits, and was locked before the order, ends: what comes by it later is late money.
func (d Deps) giveAll(ctx context.Context, tx *storage.Tx, o *storage.Order, t *taking, waiting *storage.Payment) error {
	if waiting != nil {
		if err := d.endClosed(ctx, tx, *waiting); err != nil {
			return err
		}
	}
	refund, err := d.newRefund(ctx, tx, o, t.by, refundMoney)
	if err != nil {
		return err
	}
	refund.Reason, refund.Amount = t.note, o.PayPrice+o.CreditPrice-o.Refunded
	if err := d.giveBack(ctx, tx, o, t, &refund); err != nil {
		return err
	}
	return tx.AddOrderRefund(ctx, refund)
}

// giveBack has a step give a refund's amount back: it fills in what the step does and what
// becomes of the refund, but writes neither the order nor the refund.
func (d Deps) giveBack(ctx context.Context, tx *storage.Tx, o *storage.Order, t *taking, refund *storage.OrderRefund) error {
	waits, err := repaymentWaits(ctx, tx, o.OrderID)
	if err != nil {
		return err
	}
	if waits {
		return dispatch.Fail(dispatch.StateChanged, "order_id: a repayment of its debt is being closed")
	}
	payments, err := d.paymentsOf(ctx, tx, o)
	if err != nil {
		return err
	}
	back, err := refundable(o, payments).Refund(refund.Amount)
	if err != nil {
		return refundFailure(err)
	}
	refund.State, refund.DecideTime = refundDone, d.Clock.Unix()
	refund.BackDebt, refund.BackPromotion, refund.BackBeli = back.Debt, back.Market, back.Beli
	if refund.Arrived, err = d.toChannels(ctx, tx, o, refund.Number, payments, back); err != nil {
		return err
	}
	t.moves = backMoves(o, payments, back, refund.DecideTime)
	t.change = func(o *storage.Order) {
		o.Refunded += refund.Amount
		o.Debt -= back.Debt
		o.Promotion -= back.Market
		o.Beli -= back.Beli
		final(o) // what was refused before may be in it
	}
	t.to = stateFormer
	if back.Whole {
		t.to = stateRefunded
	}
	return returnPieces(ctx, tx, o, t, refund, back.Whole)
}

// backMoves empty the escrow of an order by what goes back.
func backMoves(o *storage.Order, payments []cameBy, back price.Refund, now int64) []storage.Move {
	refund := func(to storage.Account, amount int64) storage.Move {
		return orderMove(o, storage.LedgerRefund, storage.CNY, escrowOf(o), to, amount, now)
	}
	moves := []storage.Move{refund(storage.CreditAccount(o.UserID), back.Debt)}
	for i, p := range slices.Backward(payments) {
		to := storage.UserAccount(o.UserID)
		if p.method != payByWallet {
			to = storage.ChannelAccount(p.method)
		}
		move := refund(to, back.Ways[i])
		move.PayID = p.payID
		moves = append(moves, move)
	}
	return append(moves,
		refund(storage.PromotionAccount, back.Promotion()),
		orderMove(o, storage.LedgerRefund, storage.Beli, storage.PromotionAccount, storage.UserAccount(o.UserID), back.Beli, now),
	)
}

// toChannels has what came by channels go back there. It reports whether nothing does.
func (d Deps) toChannels(ctx context.Context, tx *storage.Tx, o *storage.Order, number int64, payments []cameBy, back price.Refund) (none bool, err error) {
	none = true
	for i, p := range payments {
		if back.Ways[i] == 0 || p.method == payByWallet {
			continue
		}
		none = false
		attempts, err := tx.Attempts(ctx, p.payID)
		if err != nil {
			return false, err
		}
		by := slices.IndexFunc(attempts, func(a storage.Attempt) bool { return a.State == storage.AttemptPaid })
		if by < 0 {
			return false, fmt.Errorf("payment %s: no attempt has paid it", p.payID)
		}
		if err := d.refundToChannel(ctx, tx, attempts[by], o.OrderID, number, back.Ways[i]); err != nil {
			return false, err
		}
	}
	return none, nil
}

// returnPieces counts the pieces that a refund names as given back, so that no other names
// them, and says which go back into the stock: of the whole all of them, where it was
// neither shipped nor finished; else those that were sent back in this refund.
func returnPieces(ctx context.Context, tx *storage.Tx, o *storage.Order, t *taking, refund *storage.OrderRefund, whole bool) error {
	items, err := itemsOf(refund)
	if err != nil {
		return err
	}
	named := map[int64]int64{}
	for _, item := range items {
		named[item.Line] = item.ProductNum
		if err := tx.ReturnPieces(ctx, o.OrderID, item.Line, item.ProductNum); err != nil {
			return err
		}
	}
	if o.Course {
		t.ends = func(line storage.OrderLine) bool { return whole || named[line.Line] > 0 }
	}
	switch {
	case whole && o.ShipTime == 0 && o.FinishTime == 0:
		t.back = func(line storage.OrderLine) int64 { return line.Pieces }
	case refund.Sent && len(named) > 0:
		t.back = func(line storage.OrderLine) int64 { return named[line.Line] }
	case refund.Sent && whole:
		t.back = func(line storage.OrderLine) int64 { return line.Pieces - line.Returned }
	}
	return nil
}

// itemsOf are the items of a refund, none where it is about the whole order.
func itemsOf(refund *storage.OrderRefund) ([]refundItem, error) {
	items := []refundItem{}
	if refund.Items == "" {
		return items, nil
	}
	if err := json.Unmarshal([]byte(refund.Items), &items); err != nil {
		return nil, fmt.Errorf("items of a refund: %w", err)
	}
	return items, nil
}

// freeRefunded gives the records of coupons back that an order has used, which was refunded
// before it was shipped or finished: those that are in time, and of which no other order of
// its payment has a share that it keeps. The lock of the records is what two orders of a
// payment wait for that are refunded at once: the second finds the first refunded.
func freeRefunded(ctx context.Context, tx *storage.Tx, o *storage.Order, now int64) error {
	if len(o.Records) == 0 || !backUnused(*o) {
		return nil
	}
	inTime, err := tx.LockRecordsInTime(ctx, o.Records, now)
	if err != nil {
		return err
	}
	orders, err := tx.OrdersOfPayment(ctx, o.PayID)
	if err != nil {
		return err
	}
	free := slices.DeleteFunc(inTime, func(record int64) bool {
		return slices.ContainsFunc(orders, func(other storage.Order) bool {
			return slices.Contains(other.Records, record) && !backUnused(other)
		})
	})
	return tx.FreeUsedRecords(ctx, free, o.PayID)
}

// backUnused reports whether an order was refunded before it was shipped or finished.
func backUnused(o storage.Order) bool {
	return o.State == stateRefunded && o.ShipTime == 0 && o.FinishTime == 0
}
