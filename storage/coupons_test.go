package storage_test

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// couponNow is when the tests of coupons take place.
const couponNow = 1_575_000_000

// addCoupon adds a coupon that can be taken at couponNow, and returns it as stored.
func addCoupon(t tester, db *storage.DB, change func(*storage.Coupon)) storage.Coupon {
	t.Helper()
	c := storage.Coupon{
		CouponName: "满100减20", CouponType: storage.CouponOver, CouponValue: 20_00, MinimumConsume: 100_00, ShopID: 7, PayerID: "1",
		Quantity: 10, PerUser: 1, OpenTime: couponNow - 10, CloseTime: couponNow + 100, ValidBegin: couponNow - 5, ValidEnd: couponNow + 1000,
	}
	if change != nil {
		change(&c)
	}
	id, err := db.InsertCoupon(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	c.CouponID = id
	return c
}

// takeCoupon takes a coupon as the call does.
func takeCoupon(t tester, db *storage.DB, id int64, user string, now int64) (record int64, err error) {
	err = db.InTx(t.Context(), func(tx *storage.Tx) error {
		coupon, err := tx.Coupon(t.Context(), id)
		if err != nil {
			return err
		}
		record, err = tx.TakeCoupon(t.Context(), storage.CouponRecord{
			UserID: user, TakeTime: now, ValidBegin: coupon.ValidBegin, ValidEnd: coupon.ValidEnd, Coupon: coupon,
		})
		return err
	})
	return record, err
}

// coupon is a coupon as it is stored.
func coupon(t tester, db *storage.DB, id int64) storage.Coupon {
	t.Helper()
	c, err := db.Coupon(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// records are all records of a user, newest first.
func records(t tester, db *storage.DB, user string) []storage.CouponRecord {
	t.Helper()
	list, total, err := db.CouponRecords(t.Context(), user, nil, couponNow, storage.Page{})
	if err != nil || total != int64(len(list)) {
		t.Fatalf("%d of %d records: %v", len(list), total, err)
	}
	return list
}

// outcome is what a step on coupons ended with.
func outcome(err error) string {
	switch {
	case err == nil:
		return "done"
	case errors.Is(err, storage.ErrNotFound):
		return "not found"
	case errors.Is(err, storage.ErrConflict):
		return "conflict"
	}
	return err.Error()
}

// together runs step n times at once, and counts the outcomes; longest is the longest run.
func together(n int, step func(i int) error) (outcomes map[string]int, longest time.Duration) {
	outcomes = map[string]int{}
	var mutex sync.Mutex
	var group sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-start
			began := time.Now()
			ended := outcome(step(i))
			mutex.Lock()
			defer mutex.Unlock()
			outcomes[ended]++
			longest = max(longest, time.Since(began))
		})
	}
	close(start)
	group.Wait()
	return outcomes, longest
}

func TestCoupons(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		whole := storage.Coupon{
			CouponName: "七折", CouponType: storage.CouponPercent, CouponValue: 1, OffPercent: 79, MaxOff: 2, MinimumConsume: 3, ProductID: 4, ShopID: 5,
			PayerID: "012", Quantity: 6, PerUser: 7, OpenTime: 8, CloseTime: 9, ValidBegin: 10, ValidEnd: 11, ValidDays: 12, Code: "Summer1",
			CouponStatus: storage.CouponStopped,
		}
		id, err := db.InsertCoupon(t.Context(), whole)
		whole.CouponID = id
		if got := coupon(t, db, id); err != nil || got != whole {
			t.Errorf("added %+v, %v, want %+v", got, err, whole)
		}
		if got, err := db.CouponOfCode(t.Context(), "Summer1"); err != nil || got != whole {
			t.Errorf("by its code %+v, %v", got, err)
		}
		for _, code := range []string{"", "summer1", "Summer1 ", "Summer"} {
			if _, err := db.CouponOfCode(t.Context(), code); !errors.Is(err, storage.ErrNotFound) {
				t.Errorf("the code %q: %v", code, err)
			}
		}
		if _, err := db.InsertCoupon(t.Context(), whole); !errors.Is(err, storage.ErrConflict) {
			t.Errorf("its code again: %v", err)
		}
		whole.Code = "summer1"
		if _, err := db.InsertCoupon(t.Context(), whole); err != nil {
			t.Errorf("another code: %v", err)
		}
		for range 2 { // without a code there may be many
			addCoupon(t, db, nil)
		}
		changed := coupon(t, db, id)
		changed.CouponName, changed.Quantity, changed.CloseTime, changed.CouponStatus = "new", 1, 2, storage.CouponOn
		err = db.InTx(t.Context(), func(tx *storage.Tx) error {
			if _, err := tx.LockCoupon(t.Context(), id); err != nil {
				return err
			}
			sent := changed
			sent.CouponValue, sent.PayerID, sent.Code, sent.Taken = 99, "9", "other1", 9 // which stay
			return tx.UpdateCoupon(t.Context(), sent)
		})
		if got := coupon(t, db, id); err != nil || got != changed {
			t.Errorf("updated %+v, %v, want %+v", got, err, changed)
		}
	})
}

// What a list has is what can be taken at that time without a code.
func TestCouponList(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ids := map[string]int64{}
		for name, change := range map[string]func(*storage.Coupon){
			"shop": nil, "product": func(c *storage.Coupon) { c.ProductID, c.ShopID = 5, 0 }, "market": func(c *storage.Coupon) { c.ShopID = 0 },
			"off": func(c *storage.Coupon) { c.CouponStatus = storage.CouponStopped }, "code": func(c *storage.Coupon) { c.Code = "abcdef" },
			"early": func(c *storage.Coupon) { c.OpenTime = couponNow + 1 }, "opens": func(c *storage.Coupon) { c.OpenTime = couponNow },
			"closed": func(c *storage.Coupon) { c.CloseTime = couponNow }, "closes": func(c *storage.Coupon) { c.CloseTime = couponNow + 1 },
			"expired": func(c *storage.Coupon) { c.ValidEnd = couponNow }, "expires": func(c *storage.Coupon) { c.ValidEnd = couponNow + 1 },
			"days": func(c *storage.Coupon) { c.ValidBegin, c.ValidEnd, c.ValidDays = 0, 0, 1 }, "none left": func(c *storage.Coupon) { c.Quantity = 1 },
		} {
			ids[name] = addCoupon(t, db, change).CouponID
		}
		if _, err := takeCoupon(t, db, ids["none left"], "1", couponNow); err != nil {
			t.Fatal(err)
		}
		now := int64(couponNow)
		for _, c := range []struct {
			filter storage.CouponFilter
			want   []string
		}{
			{storage.CouponFilter{}, slices.Collect(maps.Keys(ids))},
			{storage.CouponFilter{ProductID: new(int64(5))}, []string{"product"}},
			{storage.CouponFilter{ShopID: new(int64(0))}, []string{"product", "market"}},
			{storage.CouponFilter{ShopID: new(int64(7))}, slices.DeleteFunc(slices.Collect(maps.Keys(ids)), func(name string) bool { return name == "product" || name == "market" })},
			{storage.CouponFilter{Takeable: &now}, []string{"shop", "product", "market", "opens", "closes", "expires", "days"}},
			{storage.CouponFilter{Takeable: &now, ShopID: new(int64(7))}, []string{"shop", "opens", "closes", "expires", "days"}},
			{storage.CouponFilter{Takeable: &now, ProductID: new(int64(5))}, []string{"product"}},
			{storage.CouponFilter{Takeable: &now, ProductID: new(int64(0)), ShopID: new(int64(0))}, []string{"market"}},
			{storage.CouponFilter{Takeable: &now, ProductID: new(int64(5)), ShopID: new(int64(7))}, nil},
		} {
			want := []int64{}
			for _, name := range c.want {
				want = append(want, ids[name])
			}
			slices.SortFunc(want, func(a, b int64) int { return int(b - a) }) // newest first
			find := db.Coupons
			if c.filter.Takeable == nil {
				find = db.AllCoupons
			}
			list, total, err := find(t.Context(), c.filter, storage.Page{Limit: 99})
			got := []int64{}
			for _, coupon := range list {
				got = append(got, coupon.CouponID)
			}
			if diff := cmp.Diff(want, got); err != nil || diff != "" || total != int64(len(want)) {
				t.Errorf("%+v: %d, %v (-want +got):\n%s", c.filter, total, err, diff)
			}
			if len(want) < 2 {
				continue
			}
			list, total, err = find(t.Context(), c.filter, storage.Page{Limit: 1, Offset: 1})
			if err != nil || len(list) != 1 || list[0].CouponID != want[1] || total != int64(len(want)) {
				t.Errorf("%+v, the second: %+v, %d, %v", c.filter, list, total, err)
			}
		}
	})
}

func TestTakeCoupon(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		c := addCoupon(t, db, func(c *storage.Coupon) { c.Quantity, c.PerUser = 3, 2 })
		for i, step := range []struct {
			user string
			now  int64
			want string
		}{
			{"1", c.OpenTime - 1, "not found"},
			{"1", c.CloseTime, "not found"},
			{"1", c.OpenTime, "done"},
			{"1", c.CloseTime - 1, "done"},
			{"1", couponNow, "conflict"},
			{"01", couponNow, "done"},
			{"2", couponNow, "not found"},
			{"01", couponNow, "not found"},
		} {
			if _, err := takeCoupon(t, db, c.CouponID, step.user, step.now); outcome(err) != step.want {
				t.Errorf("step %d: %v, want %s", i, err, step.want)
			}
		}
		c.Taken = 3
		want := []storage.CouponRecord{
			{UserID: "1", TakeTime: c.CloseTime - 1, ValidBegin: c.ValidBegin, ValidEnd: c.ValidEnd, Coupon: c},
			{UserID: "1", TakeTime: c.OpenTime, ValidBegin: c.ValidBegin, ValidEnd: c.ValidEnd, Coupon: c},
		}
		got := records(t, db, "1")
		for i := range got {
			if got[i].RecordID == 0 {
				t.Error("a record without an id")
			}
			got[i].RecordID = 0
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// Of many users at once, each of whom takes several times, there are never more records
// than the coupon has, nor of a user than it allows, and exactly as many where enough want
// some.
func TestTakeCouponTogether(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		few := addCoupon(t, db, nil) // 10 are left
		outcomes, longest := together(64, func(i int) error {
			_, err := takeCoupon(t, db, few.CouponID, strconv.Itoa(i), couponNow)
			return err
		})
		if want := map[string]int{"done": 10, "not found": 54}; !maps.Equal(outcomes, want) {
			t.Errorf("64 users, 10 left: %v, want %v", outcomes, want)
		}
		t.Logf("64 users, 10 left: at most %s", longest)
		own := addCoupon(t, db, func(c *storage.Coupon) { c.Quantity, c.PerUser = 100, 3 })
		outcomes, longest = together(48, func(i int) error {
			_, err := takeCoupon(t, db, own.CouponID, strconv.Itoa(i%6), couponNow)
			return err
		})
		if want := map[string]int{"done": 18, "conflict": 30}; !maps.Equal(outcomes, want) {
			t.Errorf("6 users with 8 calls each, 3 a user: %v, want %v", outcomes, want)
		}
		t.Logf("6 users with 8 calls each: at most %s", longest)
		both := addCoupon(t, db, func(c *storage.Coupon) { c.Quantity, c.PerUser = 7, 2 })
		together(60, func(i int) error {
			_, err := takeCoupon(t, db, both.CouponID, strconv.Itoa(i%6), couponNow)
			return err
		})
		if got := coupon(t, db, few.CouponID); got.Taken != 10 {
			t.Errorf("%d are counted, want 10", got.Taken)
		}
		if got := coupon(t, db, own.CouponID); got.Taken != 18 {
			t.Errorf("%d are counted, want 18", got.Taken)
		}
		stored := int64(0)
		for i := range 6 {
			of := map[int64]int{}
			for _, r := range records(t, db, strconv.Itoa(i)) {
				of[r.Coupon.CouponID]++
			}
			if of[own.CouponID] != 3 || of[both.CouponID] > 2 {
				t.Errorf("user %d has %v", i, of)
			}
			stored += int64(of[both.CouponID])
		}
		if got := coupon(t, db, both.CouponID); got.Taken != 7 || stored != 7 {
			t.Errorf("%d are counted and %d stored, want 7", got.Taken, stored)
		}
	})
}

// A quantity that is lowered while others take is never below what is taken, and nobody
// takes what is off.
func TestUpdateCouponTogether(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		c := addCoupon(t, db, func(c *storage.Coupon) { c.Quantity = 100 })
		outcomes, _ := together(40, func(i int) error {
			if i%4 > 0 {
				_, err := takeCoupon(t, db, c.CouponID, strconv.Itoa(i), couponNow)
				return err
			}
			return db.InTx(t.Context(), func(tx *storage.Tx) error {
				locked, err := tx.LockCoupon(t.Context(), c.CouponID)
				if err != nil {
					return err
				}
				locked.Quantity = max(locked.Taken, 1)
				return tx.UpdateCoupon(t.Context(), locked)
			})
		})
		got := coupon(t, db, c.CouponID)
		if int64(outcomes["done"])-10 != got.Taken || got.Taken > got.Quantity || outcomes["done"]+outcomes["not found"] != 40 {
			t.Errorf("%v; %d of %d are taken", outcomes, got.Taken, got.Quantity)
		}
	})
}
