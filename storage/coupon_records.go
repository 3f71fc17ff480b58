package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"campusgate/storage/engine"
)

// The states of a record of a coupon. One that is usable has expired from its ValidEnd
// on: that is not stored.
const (
	RecordUsable  = 0
	RecordUsed    = 1
	RecordExpired = 2
	RecordHeld    = 3
)

// A CouponRecord is what a user has taken of a coupon.
type CouponRecord struct {
	RecordID   int64
	UserID     string
	State      int64  // [RecordUsable], [RecordUsed] or [RecordHeld]
	OrderID    string // that has used it or holds it; "" is none
	TakeTime   int64  // Unix seconds, as the others
	ValidBegin int64
	ValidEnd   int64 // the first second in which it is not valid
	Coupon     Coupon
}

// StateAt is the record's state at now, which may be [RecordExpired].
func (r CouponRecord) StateAt(now int64) int64 {
	if r.State == RecordUsable && r.ValidEnd <= now {
		return RecordExpired
	}
	return r.State
}

const recordColumns = "r.record_id, r.user_id, r.state, r.order_id, r.take_time, r.valid_begin, r.valid_end, " + couponColumns

// fields are recordColumns.
func (r *CouponRecord) fields() []any {
	return append([]any{&r.RecordID, &r.UserID, &r.State, &r.OrderID, &r.TakeTime, &r.ValidBegin, &r.ValidEnd}, r.Coupon.fields()...)
}

// recordsOfUser lists the records of a user that meet a condition.
func recordsOfUser(condition string) engine.PagedList {
	return engine.NewPagedList(recordColumns,
		"coupon_records r JOIN coupons c ON c.coupon_id = r.coupon_id WHERE r.user_id = ?"+condition, "r.record_id DESC")
}

var (
	allRecords    = recordsOfUser("")
	recordsOfKind = map[int64]engine.PagedList{
		RecordUsable:  recordsOfUser(" AND r.state = 0 AND r.valid_end > ?"),
		RecordUsed:    recordsOfUser(" AND r.state = 1"),
		RecordExpired: recordsOfUser(" AND r.state = 0 AND r.valid_end <= ?"),
		RecordHeld:    recordsOfUser(" AND r.state = 3"),
	}
)

// CouponRecords lists the records of a user that are in a state at now, nil being any,
// the newest first; total counts all of them, whatever the page.
func (q *Queries) CouponRecords(ctx context.Context, userID string, state *int64, now int64, page Page) (records []CouponRecord, total int64, err error) {
	list, args := allRecords, []any{userID}
	if state != nil {
		list = recordsOfKind[*state]
		if *state == RecordUsable || *state == RecordExpired {
			args = append(args, now)
		}
	}
	return engine.CollectPage(ctx, q.sql, "coupon records", list, args, page, (*CouponRecord).fields)
}

// RecordsFor are the records of a user that can be used at now for one of some products, for
// one of some shops, or for all of the market, by id.
func (q *Queries) RecordsFor(ctx context.Context, userID string, products, shops []int64, now int64) ([]CouponRecord, error) {
	filter, any := q.sql.Filter(), q.sql.Filter()
	filter.And("r.user_id = ? AND r.state = 0 AND r.valid_begin <= ? AND r.valid_end > ?", userID, now, now)
	any.In("c.product_id", products)
	any.In("c.shop_id", shops)
	any.And("c.product_id = 0 AND c.shop_id = 0")
	filter.Any(any)
	return engine.Collect(ctx, q.sql, "records for a basket", engine.SQL("SELECT "+recordColumns+
		" FROM coupon_records r"+q.sql.JoinInOrder()+"coupons c ON c.coupon_id = r.coupon_id").
		Where(filter).Then(" ORDER BY r.record_id"), (*CouponRecord).fields)
}

// CouponRecordsAfter are a user's next records behind an id, by id, and the last id; none
// are all of them.
func (q *Queries) CouponRecordsAfter(ctx context.Context, userID string, after int64) ([]CouponRecord, int64, error) {
	last := after
	list, err := engine.Collect(ctx, q.sql, "coupon records after", engine.SQL("SELECT "+recordColumns+`, r.record_id
		FROM coupon_records r JOIN coupons c ON c.coupon_id = r.coupon_id
		WHERE r.user_id = ? AND r.record_id > ? ORDER BY r.record_id LIMIT ?`, userID, after, batchRows),
		(*CouponRecord).fields, &last)
	return list, last, err
}

// TakeCoupon takes one of a coupon for a user at TakeTime, and returns the id of the
// record; its State and OrderID are ignored. Users wait for each other only at the change
// of the coupon's row, which comes last. [ErrConflict]: the user has as many records of
// it as it allows. [ErrNotFound]: none is left, or it cannot be taken at that time.
func (tx *Tx) TakeCoupon(ctx context.Context, r CouponRecord) (id int64, err error) {
	const operation = "take coupon"
	var had int64
	err = tx.sql.Get(ctx, operation, engine.SQL(
		`SELECT COUNT(*) FROM coupon_records WHERE coupon_id = ? AND user_id = ?`, r.Coupon.CouponID, r.UserID), &had)
	if err != nil {
		return 0, err
	}
	err = fmt.Errorf("%s: %w", operation, ErrConflict)
	for number := had + 1; number <= r.Coupon.PerUser && errors.Is(err, ErrConflict); number++ {
		id, err = tx.sql.Insert(ctx, operation, engine.SQL(`
			INSERT INTO coupon_records (coupon_id, user_id, take_number, take_time, valid_begin, valid_end) VALUES (?, ?, ?, ?, ?, ?)`,
			r.Coupon.CouponID, r.UserID, number, r.TakeTime, r.ValidBegin, r.ValidEnd))
	}
	if err != nil {
		return 0, err
	}
	return id, tx.sql.Change(ctx, operation, engine.SQL(
		"UPDATE coupons SET taken = taken + 1 WHERE coupon_id = ? AND taken < quantity AND "+inTime,
		r.Coupon.CouponID, r.TakeTime, r.TakeTime, r.TakeTime))
}

// AddCouponRecords adds records with the ids and states that they have, all or none; each is
// the user's record of that number of its coupon, from 1, and the coupon's row counts it
// already. [ErrConflict]: an id or a number is taken.
func (tx *Tx) AddCouponRecords(ctx context.Context, number int64, records []CouponRecord) error {
	return engine.InsertRows(ctx, tx.sql, "add coupon records",
		"coupon_records (record_id, coupon_id, user_id, take_number, state, order_id, take_time, valid_begin, valid_end)", records,
		func(r *CouponRecord) []any {
			return []any{&r.RecordID, &r.Coupon.CouponID, &r.UserID, number, &r.State, &r.OrderID, &r.TakeTime, &r.ValidBegin, &r.ValidEnd}
		})
}

// HoldRecords has an order hold records of a user, all or, with the transaction, none.
// [ErrNotFound]: one is not the user's, or not usable at now, or named twice.
func (tx *Tx) HoldRecords(ctx context.Context, userID string, ids []int64, orderID string, now int64) error {
	for _, id := range slices.Sorted(slices.Values(ids)) {
		err := tx.sql.Change(ctx, "hold record", engine.SQL(`
			UPDATE coupon_records SET state = 3, order_id = ?
			WHERE record_id = ? AND user_id = ? AND state = 0 AND valid_begin <= ? AND valid_end > ?`,
			orderID, id, userID, now, now))
		if err != nil {
			return err
		}
	}
	return nil
}

// UseRecords has an order use records that it holds, and counts them as used. Whoever
// locks both locks records before coupons. [ErrNotFound]: the order does not hold one.
func (tx *Tx) UseRecords(ctx context.Context, ids []int64, orderID string) error {
	coupons, err := tx.changeRecords(ctx, "use record",
		`UPDATE coupon_records SET state = 1 WHERE record_id = ? AND order_id = ? AND state = 3`, ids, orderID)
	if err != nil {
		return err
	}
	return tx.countUsed(ctx, coupons, 1)
}

// FreeRecords gives records back that an order holds: they are usable again, while they
// are in time. [ErrNotFound]: the order does not hold one.
func (tx *Tx) FreeRecords(ctx context.Context, ids []int64, orderID string) error {
	_, err := tx.changeRecords(ctx, "free record",
		`UPDATE coupon_records SET state = 0, order_id = '' WHERE record_id = ? AND order_id = ? AND state = 3`, ids, orderID)
	return err
}

// FreeUsedRecords is [Tx.FreeRecords] for records that the order has used, which are then
// counted as used no more.
func (tx *Tx) FreeUsedRecords(ctx context.Context, ids []int64, orderID string) error {
	coupons, err := tx.changeRecords(ctx, "free used record",
		`UPDATE coupon_records SET state = 0, order_id = '' WHERE record_id = ? AND order_id = ? AND state = 1`, ids, orderID)
	if err != nil {
		return err
	}
	return tx.countUsed(ctx, coupons, -1)
}

// LockRecordsInTime locks records, and returns the ids of those that are valid at now.
func (tx *Tx) LockRecordsInTime(ctx context.Context, ids []int64, now int64) (inTime []int64, err error) {
	for _, id := range slices.Sorted(slices.Values(ids)) {
		var end int64
		err := tx.sql.Get(ctx, "lock record", engine.SQL(
			"SELECT valid_end FROM coupon_records WHERE record_id = ?"+tx.sql.ForUpdate(), id), &end)
		if err != nil {
			return nil, err
		}
		if end > now {
			inTime = append(inTime, id)
		}
	}
	return inTime, nil
}

// changeRecords changes records of an order by ascending ids, and returns their coupons.
func (tx *Tx) changeRecords(ctx context.Context, operation, update string, ids []int64, orderID string) (coupons []int64, err error) {
	for _, id := range slices.Sorted(slices.Values(ids)) {
		if err := tx.sql.Change(ctx, operation, engine.SQL(update, id, orderID)); err != nil {
			return nil, err
		}
		var coupon int64
		if err := tx.sql.Get(ctx, operation, engine.SQL(`SELECT coupon_id FROM coupon_records WHERE record_id = ?`, id), &coupon); err != nil {
			return nil, err
		}
		coupons = append(coupons, coupon)
	}
	return coupons, nil
}

// countUsed counts a record of each of the coupons as used, or with by -1 as used no more.
func (tx *Tx) countUsed(ctx context.Context, coupons []int64, by int64) error {
	for _, id := range slices.Sorted(slices.Values(coupons)) {
		if err := tx.sql.Change(ctx, "count used", engine.SQL(`UPDATE coupons SET used = used + ? WHERE coupon_id = ?`, by, id)); err != nil {
			return err
		}
	}
	return nil
}
