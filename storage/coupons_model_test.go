package storage_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// couponModel is what coupons and records are, in memory and stored.
type couponModel struct {
	t       *testing.T
	db      *storage.DB
	now     int64
	users   [2]string
	coupons []storage.Coupon
	records []storage.CouponRecord // of Coupon the id alone
}

// TestCouponModel: whatever is done with coupons, in any order, what is stored is what the
// model holds, and no coupon is taken more often than it or a user may.
func TestCouponModel(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		played := 0
		rapid.Check(t, func(r *rapid.T) {
			played++
			m := &couponModel{t: t, db: db, now: couponNow, users: [2]string{strconv.Itoa(played), "0" + strconv.Itoa(played)}}
			m.add(r)
			r.Repeat(map[string]func(*rapid.T){
				"add": m.add, "take": m.take, "take again": m.take, "update": m.update,
				"hold": m.hold, "use": m.use, "free": m.free, "free used": m.freeUsed,
				"wait": func(r *rapid.T) { m.now += rapid.Int64Range(1, 8).Draw(r, "seconds") },
				"":     m.check,
			})
		})
	})
}

func (m *couponModel) add(r *rapid.T) {
	open := m.now + rapid.Int64Range(-5, 5).Draw(r, "open")
	c := storage.Coupon{
		CouponName: "a", PayerID: m.users[0], Quantity: rapid.Int64Range(1, 4).Draw(r, "quantity"), PerUser: rapid.Int64Range(1, 3).Draw(r, "per user"),
		OpenTime: open, CloseTime: open + rapid.Int64Range(1, 30).Draw(r, "close"), ValidBegin: open,
		ValidEnd: open + rapid.Int64Range(1, 30).Draw(r, "end"), CouponStatus: rapid.SampledFrom([]int64{0, 0, 0, 1}).Draw(r, "status"),
	}
	var err error
	if c.CouponID, err = m.db.InsertCoupon(m.t.Context(), c); err != nil {
		r.Fatal(err)
	}
	m.coupons = append(m.coupons, c)
}

// draw is one of the model's coupons.
func (m *couponModel) draw(r *rapid.T) *storage.Coupon {
	return &m.coupons[rapid.IntRange(0, len(m.coupons)-1).Draw(r, "coupon")]
}

func (m *couponModel) coupon(id int64) *storage.Coupon {
	return &m.coupons[slices.IndexFunc(m.coupons, func(c storage.Coupon) bool { return c.CouponID == id })]
}

// want compares how a step ended with what the model foretells.
func (m *couponModel) want(r *rapid.T, want string, err error) bool {
	if got := outcome(err); got != want {
		r.Fatalf("got %s, want %s: %v", got, want, err)
	}
	return err == nil
}

func (m *couponModel) take(r *rapid.T) {
	c, user, had := m.draw(r), rapid.SampledFrom(m.users[:]).Draw(r, "user"), int64(0)
	for _, record := range m.records {
		if record.Coupon.CouponID == c.CouponID && record.UserID == user {
			had++
		}
	}
	want := "done"
	switch {
	case had >= c.PerUser:
		want = "conflict"
	case c.Taken >= c.Quantity, c.CouponStatus == storage.CouponStopped, m.now < c.OpenTime, m.now >= c.CloseTime, m.now >= c.ValidEnd:
		want = "not found"
	}
	id, err := takeCoupon(m.t, m.db, c.CouponID, user, m.now)
	if m.want(r, want, err) {
		c.Taken++
		m.records = append(m.records, storage.CouponRecord{
			RecordID: id, UserID: user, TakeTime: m.now, ValidBegin: c.ValidBegin, ValidEnd: c.ValidEnd, Coupon: storage.Coupon{CouponID: c.CouponID},
		})
	}
}

func (m *couponModel) update(r *rapid.T) {
	c := m.draw(r)
	c.Quantity = rapid.Int64Range(max(c.Taken, 1), 5).Draw(r, "quantity")
	c.CloseTime = c.OpenTime + rapid.Int64Range(1, 30).Draw(r, "close")
	c.CouponStatus = rapid.SampledFrom([]int64{0, 0, 1}).Draw(r, "status")
	err := m.db.InTx(m.t.Context(), func(tx *storage.Tx) error {
		if _, err := tx.LockCoupon(m.t.Context(), c.CouponID); err != nil {
			return err
		}
		return tx.UpdateCoupon(m.t.Context(), *c)
	})
	m.want(r, "done", err)
}

// drawRecords are some of the model's records in any order, one perhaps twice.
func (m *couponModel) drawRecords(r *rapid.T) (records []*storage.CouponRecord, ids []int64) {
	for range rapid.IntRange(0, min(3, len(m.records))).Draw(r, "records") {
		record := &m.records[rapid.IntRange(0, len(m.records)-1).Draw(r, "record")]
		records, ids = append(records, record), append(ids, record.RecordID)
	}
	return records, ids
}

// change is a step on some records, all of which must be able to take it.
func (m *couponModel) change(r *rapid.T, records []*storage.CouponRecord, able func(storage.CouponRecord) bool,
	step func(*storage.Tx) error, done func(*storage.CouponRecord),
) {
	want := "done"
	for i, record := range records {
		if !able(*record) || slices.Contains(records[:i], record) {
			want = "not found"
		}
	}
	if m.want(r, want, m.db.InTx(m.t.Context(), step)) {
		for _, record := range records {
			done(record)
		}
	}
}

func drawOrder(r *rapid.T) string { return rapid.SampledFrom([]string{"A", "B"}).Draw(r, "order") }

func (m *couponModel) hold(r *rapid.T) {
	records, ids := m.drawRecords(r)
	user, order := rapid.SampledFrom(m.users[:]).Draw(r, "user"), drawOrder(r)
	m.change(r, records, func(record storage.CouponRecord) bool {
		return record.UserID == user && record.State == storage.RecordUsable && record.ValidBegin <= m.now && m.now < record.ValidEnd
	}, func(tx *storage.Tx) error { return tx.HoldRecords(m.t.Context(), user, ids, order, m.now) }, func(record *storage.CouponRecord) {
		record.State, record.OrderID = storage.RecordHeld, order
	})
}

func (m *couponModel) use(r *rapid.T) {
	records, ids := m.drawRecords(r)
	order := drawOrder(r)
	m.change(r, records, func(record storage.CouponRecord) bool {
		return record.State == storage.RecordHeld && record.OrderID == order
	}, func(tx *storage.Tx) error { return tx.UseRecords(m.t.Context(), ids, order) }, func(record *storage.CouponRecord) {
		record.State = storage.RecordUsed
		m.coupon(record.Coupon.CouponID).Used++
	})
}

func (m *couponModel) free(r *rapid.T) {
	records, ids := m.drawRecords(r)
	order := drawOrder(r)
	m.change(r, records, func(record storage.CouponRecord) bool {
		return record.State == storage.RecordHeld && record.OrderID == order
	}, func(tx *storage.Tx) error { return tx.FreeRecords(m.t.Context(), ids, order) }, func(record *storage.CouponRecord) {
		record.State, record.OrderID = storage.RecordUsable, ""
	})
}

func (m *couponModel) freeUsed(r *rapid.T) {
	records, ids := m.drawRecords(r)
	order := drawOrder(r)
	m.change(r, records, func(record storage.CouponRecord) bool {
		return record.State == storage.RecordUsed && record.OrderID == order
	}, func(tx *storage.Tx) error { return tx.FreeUsedRecords(m.t.Context(), ids, order) }, func(record *storage.CouponRecord) {
		record.State, record.OrderID = storage.RecordUsable, ""
		m.coupon(record.Coupon.CouponID).Used--
	})
}

// check compares what is stored with the model.
func (m *couponModel) check(r *rapid.T) {
	for _, c := range m.coupons {
		if diff := cmp.Diff(c, coupon(m.t, m.db, c.CouponID)); diff != "" || c.Taken > c.Quantity {
			r.Fatalf("(-model +stored):\n%s", diff)
		}
	}
	for _, user := range m.users {
		for state := int64(storage.RecordUsable); state <= storage.RecordHeld; state++ {
			want := []storage.CouponRecord{}
			for _, record := range slices.Backward(m.records) {
				if record.UserID == user && record.StateAt(m.now) == state {
					record.Coupon = *m.coupon(record.Coupon.CouponID)
					want = append(want, record)
				}
			}
			got, total, err := m.db.CouponRecords(m.t.Context(), user, &state, m.now, storage.Page{})
			if diff := cmp.Diff(want, got); err != nil || diff != "" || total != int64(len(want)) {
				r.Fatalf("user %s, state %d: %d, %v (-model +stored):\n%s", user, state, total, err, diff)
			}
		}
	}
}
