package trade_test

import (
	"fmt"
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

// TestReturnedAtOnce: of several who decide about what was sent back one does; its pieces are
// in the stock again once where money went back, and else not at all.
func TestReturnedAtOnce(t *testing.T) {
	t.Parallel()
	for range 6 {
		told := toldTo(t, "", []string{shipIt, `alice refund {"kind":"return","items":[{"line":0,"product_num":1}],"reason":"太多"}`, "bob agree", sendIt})
		id := told.order
		statuses := told.atOnce(
			func() handlerstest.Answer { return told.step("receive", bobToken, id) },
			func() handlerstest.Answer { return told.step("receive", handlerstest.AdminToken, id) },
			func() handlerstest.Answer { return told.step("receive", bobToken, id) },
			func() handlerstest.Answer {
				return told.step("arbitrate", handlerstest.AdminToken, id, `"amount":10,"note":"退"`)
			},
		)
		slices.Sort(statuses)
		if !slices.Equal(statuses, []int{0, 205, 205, 205}) {
			t.Errorf("statuses %d", statuses)
		}
		told.take(": shipped: alice -13.00 escrow +13.00 tea -1 sold +2")
		storagetest.Audit(t, told.DB, 0)
	}
}

// TestRefundAndOthersAtOnce: a refund that is asked for at the moment of another step, of a
// clock or of a repayment comes before or after it.
func TestRefundAndOthersAtOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		steps    []string
		other    func(s *saga) handlerstest.Answer
		statuses []string // of the refund and the other
		states   []string
	}{
		"a second": {nil, func(s *saga) handlerstest.Answer { return s.step("refund", aliceToken, s.order, askMoney) }, []string{"[0 204]", "[204 0]"}, []string{"refunding"}},
		"shipped": {
			nil, func(s *saga) handlerstest.Answer { return s.step("ship", bobToken, s.order, shipping) },
			[]string{"[0 202]", "[0 0]"},
			[]string{"refunding"},
		},
		"declined": {
			nil, func(s *saga) handlerstest.Answer { return s.step("decline", bobToken, s.order, because) },
			[]string{"[0 202]", "[204 0]"},
			[]string{"refunding", "refunded"},
		},
		"confirmed": {
			[]string{shipIt},
			func(s *saga) handlerstest.Answer { return s.step("confirm", aliceToken, s.order) },
			[]string{"[0 203]", "[0 0]"},
			[]string{"refunding"},
		},
		"settled": {
			[]string{shipIt, "alice confirm"},
			func(s *saga) handlerstest.Answer {
				s.Clock.Advance(7 * dayLong)
				s.RunJobs()
				return handlerstest.Answer{}
			},
			[]string{"[0 0]", "[204 0]"},
			[]string{"refunding", "refunded", "settled"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 5 {
				told := toldTo(t, name, c.steps)
				statuses := fmt.Sprint(told.atOnce(
					func() handlerstest.Answer { return told.step("refund", aliceToken, told.order, askMoney) },
					func() handlerstest.Answer { return c.other(told) },
				))
				if state := string(told.Order(told.order).State); !slices.Contains(c.statuses, statuses) || !slices.Contains(c.states, state) {
					t.Errorf("statuses %s, and it is %s", statuses, state)
				}
				storagetest.Audit(t, told.DB, 0)
			}
		})
	}
}

// TestRefundAndRepaymentAtOnce: what was repaid at the moment of a refund comes back, or was
// not taken.
func TestRefundAndRepaymentAtOnce(t *testing.T) {
	t.Parallel()
	for range 8 {
		f := startFair(t)
		f.give(alice, 0, 200_00)
		before := f.Wealth(alice)
		id := f.paid(oneBike).OrderIDs[0]
		statuses := f.atOnce(
			func() handlerstest.Answer { return f.step("decline", bobToken, id, because) },
			func() handlerstest.Answer {
				return f.Call("credit/pay", aliceToken, orderData(id, `"method":"wallet"`))
			},
		)
		f.RunJobs()
		repaid := statuses[1] == 0 || statuses[1] == 100 || statuses[1] == -304
		if declined := statuses[0] == 0 || statuses[0] == -304; !declined || !repaid {
			t.Errorf("statuses %d", statuses)
		}
		if statuses[0] != 0 {
			f.ok("decline", bobToken, id, because)
		}
		if got := f.Wealth(alice); got != before || f.Order(id).Debt != 0 {
			t.Errorf("%d: she has %d, and had %d", statuses, got, before)
		}
		storagetest.Audit(t, f.DB, 0)
	}
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
