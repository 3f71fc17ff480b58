package storage_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// A record goes from usable to held, by an order that is then the only one to use it or to
// give it back, and all of what is named does so or none.
func TestCouponRecords(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		c := addCoupon(t, db, func(c *storage.Coupon) { c.PerUser = 9 })
		other := addCoupon(t, db, func(c *storage.Coupon) { c.PerUser = 9 })
		var ids []int64
		for i := range 6 {
			id, err := takeCoupon(t, db, []storage.Coupon{c, other}[i%2].CouponID, "1", couponNow)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		hers, err := takeCoupon(t, db, c.CouponID, "01", couponNow)
		if err != nil {
			t.Fatal(err)
		}
		hold := func(user, order string, now int64, ids ...int64) func(*storage.Tx) error {
			return func(tx *storage.Tx) error { return tx.HoldRecords(t.Context(), user, ids, order, now) }
		}
		change := func(change func(*storage.Tx) func(ids []int64, order string) error, order string, ids ...int64) func(*storage.Tx) error {
			return func(tx *storage.Tx) error { return change(tx)(ids, order) }
		}
		use := func(tx *storage.Tx) func([]int64, string) error {
			return func(ids []int64, order string) error { return tx.UseRecords(t.Context(), ids, order) }
		}
		free := func(tx *storage.Tx) func([]int64, string) error {
			return func(ids []int64, order string) error { return tx.FreeRecords(t.Context(), ids, order) }
		}
		freeUsed := func(tx *storage.Tx) func([]int64, string) error {
			return func(ids []int64, order string) error { return tx.FreeUsedRecords(t.Context(), ids, order) }
		}
		for i, step := range []struct {
			step   func(*storage.Tx) error
			want   string
			states string // of ids, by their order
			used   [2]int64
		}{
			{hold("01", "A", couponNow, ids[0]), "not found", "000000", [2]int64{}},        // another's
			{hold("1", "A", couponNow, ids[0], hers), "not found", "000000", [2]int64{}},   // all or none
			{hold("1", "A", c.ValidBegin-1, ids[0]), "not found", "000000", [2]int64{}},    // too early
			{hold("1", "A", c.ValidEnd, ids[0]), "not found", "000000", [2]int64{}},        // too late
			{hold("1", "A", couponNow, ids[0], ids[0]), "not found", "000000", [2]int64{}}, // twice
			{hold("1", "A", couponNow, 1<<60), "not found", "000000", [2]int64{}},          // there is none
			{hold("1", "A", c.ValidBegin, ids[3], ids[0], ids[1]), "done", "330300", [2]int64{}},
			{hold("1", "B", couponNow, ids[2], ids[3]), "not found", "330300", [2]int64{}}, // held by A
			{hold("1", "B", c.ValidEnd-1, ids[2]), "done", "333300", [2]int64{}},
			{change(use, "B", ids[0]), "not found", "333300", [2]int64{}},         // held by A
			{change(use, "A", ids[4]), "not found", "333300", [2]int64{}},         // not held
			{change(use, "A", ids[0], ids[4]), "not found", "333300", [2]int64{}}, // all or none
			{change(freeUsed, "A", ids[0]), "not found", "333300", [2]int64{}},    // not used
			{change(use, "A", ids[3], ids[1], ids[0]), "done", "113100", [2]int64{1, 2}},
			{change(use, "A", ids[0]), "not found", "113100", [2]int64{1, 2}},          // used already
			{change(free, "A", ids[0]), "not found", "113100", [2]int64{1, 2}},         // used already
			{hold("1", "C", couponNow, ids[0]), "not found", "113100", [2]int64{1, 2}}, // used already
			{change(free, "B", ids[2]), "done", "110100", [2]int64{1, 2}},
			{change(free, "B", ids[2]), "not found", "110100", [2]int64{1, 2}}, // free already
			{change(free, "", ids[2]), "not found", "110100", [2]int64{1, 2}},  // of no order
			{change(freeUsed, "A", ids[0], ids[1]), "done", "000100", [2]int64{0, 1}},
			{hold("1", "C", couponNow, ids[0], ids[1], ids[2]), "done", "333100", [2]int64{0, 1}},
			{change(use, "C", ids[0], ids[1], ids[2]), "done", "111100", [2]int64{2, 2}},
			{change(freeUsed, "C", ids[0], ids[3]), "not found", "111100", [2]int64{2, 2}}, // all or none
			{change(freeUsed, "C", ids[2], ids[1], ids[0]), "done", "000100", [2]int64{0, 1}},
			{change(use, "D"), "done", "000100", [2]int64{0, 1}}, // none at all
			{hold("1", "D", couponNow, ids[4], ids[5]), "done", "000133", [2]int64{0, 1}},
		} {
			err := db.InTx(t.Context(), step.step)
			states, orders := []byte{}, map[string]bool{}
			for _, r := range slices.Backward(records(t, db, "1")) {
				states = append(states, byte('0'+r.State))
				if (r.OrderID == "") != (r.State == storage.RecordUsable) {
					orders[r.OrderID] = true
				}
			}
			used := [2]int64{coupon(t, db, c.CouponID).Used, coupon(t, db, other.CouponID).Used}
			if outcome(err) != step.want || string(states) != step.states || used != step.used || len(orders) > 0 {
				t.Fatalf("step %d: %v, states %s, used %v, wrong orders %v; want %+v", i, err, states, used, orders, step)
			}
		}
		if got := records(t, db, "01"); len(got) != 1 || got[0].State != storage.RecordUsable {
			t.Errorf("hers: %+v", got)
		}
		for _, c := range []struct {
			state, now int64
			want       []int64
		}{
			{storage.RecordUsable, couponNow, []int64{ids[2], ids[1], ids[0]}},
			{storage.RecordUsed, couponNow, []int64{ids[3]}},
			{storage.RecordHeld, couponNow, []int64{ids[5], ids[4]}},
			{storage.RecordExpired, couponNow, []int64{}},
			{storage.RecordUsable, c.ValidEnd - 1, []int64{ids[2], ids[1], ids[0]}},
			{storage.RecordUsable, c.ValidEnd, []int64{}},
			{storage.RecordExpired, c.ValidEnd, []int64{ids[2], ids[1], ids[0]}},
			{storage.RecordHeld, c.ValidEnd, []int64{ids[5], ids[4]}},
		} {
			list, total, err := db.CouponRecords(t.Context(), "1", &c.state, c.now, storage.Page{})
			got := []int64{}
			for _, r := range list {
				got = append(got, r.RecordID)
				if r.StateAt(c.now) != c.state {
					t.Errorf("state %d at %d: %+v", c.state, c.now, r)
				}
			}
			if diff := cmp.Diff(c.want, got); err != nil || diff != "" || total != int64(len(c.want)) {
				t.Errorf("state %d at %d: %d, %v (-want +got):\n%s", c.state, c.now, total, err, diff)
			}
		}
	})
}

// One of many orders holds a record, and one of many calls ends that.
func TestHoldRecordsTogether(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		a, b := addCoupon(t, db, nil), addCoupon(t, db, nil)
		first, err := takeCoupon(t, db, a.CouponID, "1", couponNow)
		second, err2 := takeCoupon(t, db, b.CouponID, "1", couponNow)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		outcomes, _ := together(16, func(i int) error {
			ids := []int64{first, second}
			if i%2 > 0 {
				slices.Reverse(ids)
			}
			return db.InTx(t.Context(), func(tx *storage.Tx) error {
				return tx.HoldRecords(t.Context(), "1", ids, fmt.Sprint("order ", i), couponNow)
			})
		})
		if want := map[string]int{"done": 1, "not found": 15}; !maps.Equal(outcomes, want) {
			t.Fatalf("held %v, want %v", outcomes, want)
		}
		order := records(t, db, "1")[0].OrderID
		outcomes, _ = together(16, func(i int) error {
			return db.InTx(t.Context(), func(tx *storage.Tx) error {
				if i%2 > 0 {
					return tx.FreeRecords(t.Context(), []int64{first, second}, order)
				}
				return tx.UseRecords(t.Context(), []int64{second, first}, order)
			})
		})
		if want := map[string]int{"done": 1, "not found": 15}; !maps.Equal(outcomes, want) {
			t.Errorf("ended %v, want %v", outcomes, want)
		}
		if got := records(t, db, "1"); got[0].State != got[1].State || got[0].State != coupon(t, db, a.CouponID).Used || got[0].State != coupon(t, db, b.CouponID).Used {
			t.Errorf("got %+v", got)
		}
	})
}
