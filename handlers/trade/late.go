package trade

import (
	"context"
	"fmt"
	"slices"

	"campusgate/dispatch"
	"campusgate/storage"
)

// takeLate takes money that its payment does not take any more, because it is over or was
// paid another way: the attempt has it until it is back at its channel, which begins here.
// An order never comes back to life.
func (d Deps) takeLate(ctx context.Context, tx *storage.Tx, p storage.Payment, orders []*storage.Order, a storage.Attempt, amount int64) error {
	now := d.Clock.Unix()
	d.countPayment(tx, a.Channel, payLate)
	err := tx.Move(ctx, storage.Move{
		Kind: storage.LedgerLate, Currency: storage.CNY, From: storage.ChannelAccount(a.Channel), To: storage.UnclaimedAccount(a.AttemptID),
		Amount: amount, OrderID: p.OrderID, PayID: p.PayID, Time: now,
	})
	if err != nil {
		return err
	}
	refund := storage.ChannelRefund{RefundNo: a.AttemptID + lateSuffix, AttemptID: a.AttemptID, Amount: amount, CreatTime: now}
	if err := addChannelRefund(ctx, tx, refund); err != nil {
		return err
	}
	for _, notice := range lateNotices(p, orders, a, amount, now) {
		if err := tx.AddNotice(ctx, notice); err != nil {
			return err
		}
	}
	return nil
}

// lateSuffix ends the number of the refund of what came late, of which an attempt has one.
const lateSuffix = "L"

// lateNotices tell the buyer and the sellers of late money.
func lateNotices(p storage.Payment, orders []*storage.Order, a storage.Attempt, amount, now int64) []storage.Notice {
	notices := []storage.Notice{{
		UserID: p.UserID, Key: "late " + a.AttemptID, Kind: "payment", OrderID: p.OrderID, CreatTime: now,
		Title:   "迟到的付款将原路退回",
		Content: fmt.Sprintf("支付单 %s 已结束或已用其他方式支付，之后又收到 %s 元，将原路退回。", p.PayID, dispatch.Fen(amount)),
	}}
	var told []string
	for _, o := range orders {
		if !slices.Contains(told, o.SellerID) {
			told = append(told, o.SellerID)
			notices = append(notices, storage.Notice{
				UserID: o.SellerID, Key: "late " + a.AttemptID, Kind: "payment", OrderID: o.OrderID, CreatTime: now,
				Title:   "买家的付款来得太晚",
				Content: fmt.Sprintf("订单 %s 的一笔付款在订单结束后或重复到账，将退还买家，订单不变。", o.OrderID),
			})
		}
	}
	return notices
}
