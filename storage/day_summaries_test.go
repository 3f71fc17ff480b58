package storage_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

const dayLength = 24 * 60 * 60

// aDay is the beginning of the first of some days.
const aDay int64 = 1_574_870_400

// summarized stores a user of the first second of a day, one order of the last second before
// it and two of it, one of which is paid in its last second and another in the first behind
// it, and refunds: given back, refused and given back a day later.
func summarized(t *testing.T, db *storage.DB) {
	t.Helper()
	ctx := t.Context()
	must(t, db.InTx(ctx, func(tx *storage.Tx) error {
		err := errors.Join(
			tx.InsertProfile(ctx, storage.Profile{UserID: "12", CreatTime: aDay}),
			tx.InsertProfile(ctx, storage.Profile{UserID: "13", CreatTime: aDay + dayLength}))
		for i, times := range [][2]int64{{aDay - 1, aDay}, {aDay, aDay + dayLength - 1}, {aDay + dayLength - 1, aDay + dayLength}, {aDay, 0}} {
			pay := fmt.Sprintf("%010d%05d00", times[0], i)
			o := storage.Order{
				OrderID: pay[:16] + "1", PayID: pay, UserID: "12", SellerID: "13", CreatTime: times[0], PayTime: times[1],
				PayPrice: int64(10 << i), State: "settled", ClosedTime: 1, Refunded: int64(1 << i),
			}
			payment := storage.Payment{PayID: pay, Purpose: storage.PayOrders, UserID: "12", Price: o.PayPrice, CreatTime: times[0]}
			moves := []storage.Move{
				{Kind: storage.LedgerPay, From: storage.OutsideAccount, To: storage.EscrowAccount(o.OrderID, &o.Escrow), Amount: o.PayPrice, Time: o.PayTime},
				{Kind: storage.LedgerPromotion, From: storage.PromotionAccount, To: storage.EscrowAccount(o.OrderID, &o.Escrow), Amount: 7, Time: o.PayTime},
				{Kind: storage.LedgerRefund, From: storage.EscrowAccount(o.OrderID, &o.Escrow), To: storage.OutsideAccount, Amount: o.Refunded, Time: aDay},
				{Kind: storage.LedgerRefund, From: storage.EscrowAccount(o.OrderID, &o.Escrow), To: storage.PromotionAccount, Amount: 7, Time: aDay},
			}
			refund := storage.OrderRefund{OrderID: o.OrderID, Number: 1, State: "refunded", Amount: o.Refunded, DecideTime: aDay}
			switch i {
			case 1:
				refund.State, moves, o.Refunded = "refused", moves[:2], 0
			case 2:
				refund.DecideTime, moves[2].Time = aDay+dayLength, aDay+dayLength
			case 3: // never paid
				refund.State, moves, o.Refunded, payment.State = "open", nil, 0, storage.PaymentClosed
			}
			moves = append(moves, storage.Move{
				Kind: storage.LedgerSettle, From: storage.EscrowAccount(o.OrderID, &o.Escrow), To: storage.MarketAccount, Amount: settles(moves), Time: aDay,
			})
			for j := range moves {
				moves[j].Currency = storage.CNY
			}
			err = errors.Join(err, tx.Move(ctx, moves...), tx.InsertPayment(ctx, payment), tx.EndPayment(ctx, payment),
				tx.InsertOrders(ctx, []storage.Order{o}), tx.AddOrderRefund(ctx, refund))
		}
		return err
	}))
}

// settles is what the moves leave in an escrow.
func settles(moves []storage.Move) (left int64) {
	for _, m := range moves {
		if m.Kind == storage.LedgerRefund {
			left -= m.Amount
		} else {
			left += m.Amount
		}
	}
	return left
}

// A day has what happened from its first second to its last, and what is kept of it is what
// the ledger, the orders and the profiles say.
func TestDaySummaries(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		if next, err := db.NextSummarized(ctx, 0); next != 0 || err != nil {
			t.Errorf("nothing has happened: %d, %v", next, err)
		}
		if _, err := db.LastDaySummary(ctx); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("nothing is kept: %v", err)
		}
		summarized(t, db)
		for from, want := range map[int64]int64{
			0: aDay - 1, aDay: aDay, aDay + 1: aDay + dayLength - 1, aDay + dayLength: aDay + dayLength, aDay + dayLength + 1: 0,
		} {
			if next, err := db.NextSummarized(ctx, from); next != want || err != nil {
				t.Errorf("the next from %d on is of %d, %v, want %d", from, next, err, want)
			}
		}
		want := []storage.DaySummary{
			{Begin: aDay - dayLength, End: aDay, Orders: 1},
			{Begin: aDay, End: aDay + dayLength, Users: 1, Orders: 3, Paid: 2, PayPrice: 10 + 20, Refunded: 1},
			{Begin: aDay + dayLength, End: aDay + 2*dayLength, Users: 1, Paid: 1, PayPrice: 40, Refunded: 4},
			{Begin: -dayLength, End: 0},
		}
		for _, day := range want {
			got, err := db.SummarizeDay(ctx, day.Begin, day.End)
			if diff := cmp.Diff(day, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			must(t, db.KeepDaySummary(ctx, got))
		}
		again := want[2]
		again.Paid = 7
		must(t, db.KeepDaySummary(ctx, again)) // stays as it is
		if last, err := db.LastDaySummary(ctx); last != want[2] || err != nil {
			t.Errorf("the last is %+v, %v", last, err)
		}
		got, err := db.DaySummaries(ctx, aDay-dayLength, aDay+dayLength)
		if diff := cmp.Diff(want[:2], got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if off := storagetest.CheckLedger(t, db).Off(); len(off) > 0 {
			t.Errorf("all is well: %q", off)
		}
	})
}

// What is wrong in a day that is kept is told by the audit, whichever figure it is.
func TestDaySummariesAreAudited(t *testing.T) {
	t.Parallel()
	day := storage.DaySummary{Begin: aDay, End: aDay + dayLength, Users: 1, Orders: 3, Paid: 2, PayPrice: 30, Refunded: 1}
	for name, change := range map[string]func(*storage.DaySummary){
		"users":     func(s *storage.DaySummary) { s.Users++ },
		"orders":    func(s *storage.DaySummary) { s.Orders-- },
		"paid":      func(s *storage.DaySummary) { s.Paid++ },
		"pay_price": func(s *storage.DaySummary) { s.PayPrice = 0 },
		"refunded":  func(s *storage.DaySummary) { s.Refunded = 8 },
		"the day":   func(s *storage.DaySummary) { s.Begin, s.End = s.Begin-dayLength, s.End-dayLength },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := storagetest.Open(t)
			summarized(t, db)
			wrong := day
			change(&wrong)
			must(t, db.KeepDaySummary(t.Context(), wrong))
			report, err := db.CheckLedger(t.Context())
			must(t, err)
			if off := report.Off(); len(off) != 1 {
				t.Errorf("off are %q", off)
			}
		})
	}
}
