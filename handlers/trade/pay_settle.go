package trade

import (
	"context"
	"errors"
	"fmt"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

type listAnomalies struct{ wire.ListPage }

type anomalyRow struct {
	AttemptID string       `json:"attempt_id" doc:"as its channel says: of kind attempt it is none of ours"`
	PayID     string       `json:"pay_id" doc:"empty where the attempt is none of ours"`
	Channel   string       `json:"channel"`
	Kind      string       `json:"kind" doc:"what the channel claims of another: attempt, app, seller, currency, amount, number (of a refund) or trade (a number of another attempt, or a second one of this attempt); refund: it refuses one for ever; refunded: given back there, and never paid here; unknown: it never said what became of it"`
	Amount    dispatch.Fen `json:"amount" doc:"as the channel says; of kind refund all that it refuses"`
	CreatTime string       `json:"creat_time"`
}

func (listAnomalies) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:   "What channels say that does not fit, newest first: nothing was paid by it. When the setting at fault is mended, the channel's repeated notification counts, and the row is gone.",
		Example: `{}`,
	}
}

func (c payCalls) anomalies(ctx context.Context, in listAnomalies) (wire.List[anomalyRow], error) {
	page, err := in.Rows()
	if err != nil {
		return wire.List[anomalyRow]{}, err
	}
	list, total, err := c.DB.Anomalies(ctx, page)
	if err != nil {
		return wire.List[anomalyRow]{}, wire.DatabaseFailure(err)
	}
	return wire.ListOf(list, total, func(a storage.Anomaly) anomalyRow {
		return anomalyRow{a.AttemptID, a.PayID, a.Channel, a.Kind, dispatch.Fen(a.Amount), c.Clock.Text(a.CreatTime)}
	}), nil
}

type settlePay struct {
	AttemptID string `json:"attempt_id" rule:"required"`
	To        string `json:"to" rule:"required oneof=wallet"`
}

func (settlePay) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Gives to the user's wallet what the channel of an attempt refuses to take back for ever. 103 where there is nothing of that. Of an account that was deleted since it goes to the market. Not of an admin's own payment (-103).",
		Example:  `{"attempt_id": "1574951152000010001", "to": "wallet"}`,
		Statuses: []dispatch.Status{paymentNotExist, payStateError, dispatch.StateChanged},
	}
}

func (c payCalls) settle(ctx context.Context, in settlePay) (wire.None, error) {
	err := c.DB.InTx(ctx, func(tx *storage.Tx) error { return c.settleIn(ctx, tx, in.AttemptID) })
	return wire.None{}, wire.KnownOrDatabase(err)
}

func (c payCalls) settleIn(ctx context.Context, tx *storage.Tx, attemptID string) error {
	a, err := tx.Attempt(ctx, attemptID)
	if errors.Is(err, storage.ErrNotFound) {
		return dispatch.Fail(paymentNotExist, "attempt_id: no such attempt")
	}
	if err != nil {
		return err
	}
	_, refused, err := refusedRefunds(ctx, tx, attemptID)
	if err != nil {
		return err
	}
	p, orders, err := lockRefused(ctx, tx, a, refused)
	if err != nil {
		return err
	}
	caller, now := dispatch.CallerFrom(ctx).User, c.Clock.Unix()
	if p.UserID == caller {
		return dispatch.Fail(dispatch.NoPermission, "attempt_id: your own payment")
	}
	if a, err = tx.LockAttempt(ctx, attemptID); err != nil {
		return err
	}
	sum, refused, err := refusedRefunds(ctx, tx, attemptID)
	if err != nil {
		return err
	}
	if sum == 0 {
		return dispatch.Fail(payStateError, "attempt_id: its channel has refused nothing")
	}
	for _, r := range refused {
		if r.OrderID != "" && orders[r.OrderID] == nil { // it was refused since the orders were locked
			return dispatch.Fail(dispatch.StateChanged, "attempt_id: more was refused meanwhile")
		}
		if err := tx.EndChannelRefund(ctx, r.RefundNo, storage.ChannelRefundRefused, storage.ChannelRefundSettled, now); err != nil {
			return err
		}
		if order := orders[r.OrderID]; order != nil {
			if err := c.tellArrived(ctx, tx, order, r.Number, now); err != nil {
				return err
			}
		}
	}
	owner, err := tx.LockProfile(ctx, p.UserID, now)
	if err != nil {
		return err
	}
	to, name := storage.UserAccount(p.UserID), "wallet"
	if owner.Deleted() { // as what the account had itself
		to, name = storage.MarketAccount, "market"
	}
	if err := tx.Move(ctx, storage.Move{
		Kind: storage.LedgerRefund, Currency: storage.CNY, From: storage.UnclaimedAccount(a.AttemptID), To: to,
		Amount: sum, OrderID: p.OrderID, PayID: p.PayID, Time: now,
	}); err != nil {
		return err
	}
	if err := tx.EndAnomaly(ctx, a.Channel, a.AttemptID, anomalyRefund, now); err != nil {
		return err
	}
	if err := tx.AddAudit(ctx, storage.Audit{
		Time: now, UserID: caller, Call: "pay/settle", Target: "attempt " + a.AttemptID, After: fmt.Sprintf("%s to the %s", dispatch.Fen(sum), name),
	}); err != nil || owner.Deleted() {
		return err
	}
	return tx.AddNotice(ctx, storage.Notice{
		UserID: p.UserID, Key: fmt.Sprintf("settled %s %d", a.AttemptID, now), Kind: "payment", OrderID: p.OrderID, CreatTime: now,
		Title: "退款已转入钱包", Content: fmt.Sprintf("支付单 %s 的退款 %s 元无法原路退回，已转入您的钱包。", p.PayID, dispatch.Fen(sum)),
	})
}

// lockRefused locks the payment of an attempt, and the orders that refunds are of, by id.
func lockRefused(ctx context.Context, tx *storage.Tx, a storage.Attempt, refused []storage.ChannelRefund) (storage.Payment, map[string]*storage.Order, error) {
	p, err := tx.LockPayment(ctx, a.PayID)
	orders := map[string]*storage.Order{}
	for _, r := range refused { // by number: those of an attempt are by order
		if err != nil || r.OrderID == "" || orders[r.OrderID] != nil {
			continue
		}
		orders[r.OrderID], err = tx.LockOrder(ctx, r.OrderID)
	}
	return p, orders, err
}
