package trade_test

import (
	"slices"
	"strconv"
	"sync"
	"testing"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// atOnce makes calls at the same time, and returns their statuses.
func (f *fair) atOnce(calls ...func() handlerstest.Answer) []int {
	f.T.Helper()
	statuses := make([]int, len(calls))
	var group sync.WaitGroup
	for i, call := range calls {
		group.Go(func() { statuses[i] = call().Status })
	}
	group.Wait()
	return statuses
}

// TestDecisionsAtOnce: of several who end a refund at once one does, and the others are told
// that there is none to end; the money moves once.
func TestDecisionsAtOnce(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	states := map[storage.OrderState]int{}
	for range 20 {
		id := f.paid(items(byHand, item(cup, ""))).OrderIDs[0]
		f.ok("refund", aliceToken, id, askMoney)
		before := f.Wealth(alice)
		statuses := f.atOnce(
			func() handlerstest.Answer { return f.step("agree", bobToken, id) },
			func() handlerstest.Answer { return f.step("agree", handlerstest.AdminToken, id) },
			func() handlerstest.Answer { return f.step("refuse", bobToken, id, because) },
			func() handlerstest.Answer { return f.step("revoke", aliceToken, id) },
			func() handlerstest.Answer {
				return f.step("arbitrate", handlerstest.AdminToken, id, `"amount":3,"note":"退三元"`)
			},
		)
		slices.Sort(statuses)
		if !slices.Equal(statuses, []int{0, 205, 205, 205, 205}) {
			t.Errorf("statuses %d", statuses)
		}
		order := f.Order(id)
		states[order.State]++
		if back := f.Wealth(alice) - before; back != order.Refunded || back+order.Escrow != order.PayPrice {
			t.Errorf("%s: %d are back, and %d held", order.State, back, order.Escrow)
		}
		f.RunJobs()
	}
	t.Logf("ended in %v", states)
	storagetest.Audit(t, f.DB, 0)
}

// TestTwoOrdersOfARecordAtOnce: of two orders with a share of a record that are refunded at
// once, the second gives it back.
func TestTwoOrdersOfARecordAtOnce(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	for range 10 {
		record := f.take(alice, storage.Coupon{CouponType: storage.CouponOff, CouponValue: 9_00})
		made := f.paid(items(`,"record_id":`+strconv.FormatInt(record, 10)+express, item(tea, `,"product_num":2`), item(lamp, `,"deliver":"face"`)))
		statuses := f.atOnce(
			func() handlerstest.Answer { return f.step("decline", bobToken, made.OrderIDs[0], because) },
			func() handlerstest.Answer { return f.step("decline", bobToken, made.OrderIDs[1], because) },
		)
		if !slices.Equal(statuses, []int{0, 0}) {
			t.Errorf("statuses %d", statuses)
		}
		records, _, err := f.DB.CouponRecords(t.Context(), alice, nil, 0, storage.Page{Limit: 1})
		handlerstest.Must(t, err)
		if records[0].RecordID != record || records[0].State != storage.RecordUsable || records[0].Coupon.Used != 0 {
			t.Errorf("record %+v", records[0])
		}
	}
	storagetest.Audit(t, f.DB, 0)
}
