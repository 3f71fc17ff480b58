package trade

import (
	"cmp"
	"context"
	"errors"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

type takeCoupon struct {
	CouponID *int64 `json:"coupon_id" rule:"range=any" doc:"of a coupon without a code"`
	Code     string `json:"code" rule:"min=6 max=32" doc:"in place of coupon_id"`
}

type takenCoupon struct {
	RecordID int64 `json:"record_id"`
}

func (takeCoupon) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "A coupon that has a code is taken by its code only. After ten wrong codes of a user within an hour the answer is -302 with Retry-After.",
		Example:  `{"coupon_id": 1}`,
		Statuses: []dispatch.Status{dispatch.ErrorDataKey, couponNotExist, couponNotInTime, couponNoneLeft, couponAlreadyTaken},
	}
}

func (c couponCalls) take(ctx context.Context, in takeCoupon) (takenCoupon, error) {
	switch {
	case in.CouponID == nil && in.Code == "":
		return takenCoupon{}, dispatch.Fail(dispatch.ErrorDataKey, "coupon_id, code: both missing")
	case in.CouponID != nil && in.Code != "":
		return takenCoupon{}, dispatch.Fail(dispatch.ValueError, "code: must be absent where coupon_id is there")
	}
	if err := checkCode(in.Code); err != nil {
		return takenCoupon{}, err
	}
	return onceByCode(ctx, c, in.Code, couponNotExist, func(tx *storage.Tx) (takenCoupon, error) {
		coupon, err := findCoupon(ctx, tx, in)
		if errors.Is(err, storage.ErrNotFound) {
			err = dispatch.Fail(couponNotExist, "coupon_id, code: no such coupon")
		}
		if err != nil {
			return takenCoupon{}, err
		}
		return c.takeOne(ctx, tx, coupon)
	})
}

// findCoupon finds what is to be taken. [storage.ErrNotFound]: there is no such coupon, or
// it wants a code.
func findCoupon(ctx context.Context, tx *storage.Tx, in takeCoupon) (storage.Coupon, error) {
	if in.CouponID == nil {
		return tx.CouponOfCode(ctx, in.Code)
	}
	coupon, err := tx.Coupon(ctx, *in.CouponID)
	if err == nil && coupon.Code != "" {
		err = storage.ErrNotFound
	}
	return coupon, err
}

// takeOne takes a coupon for the caller.
func (c couponCalls) takeOne(ctx context.Context, tx *storage.Tx, coupon storage.Coupon) (takenCoupon, error) {
	now := c.Clock.Now()
	if err := takeable(coupon, now.Unix()); err != nil {
		return takenCoupon{}, err
	}
	record := storage.CouponRecord{
		UserID: dispatch.CallerFrom(ctx).User, TakeTime: now.Unix(),
		ValidBegin: coupon.ValidBegin, ValidEnd: coupon.ValidEnd, Coupon: coupon,
	}
	if coupon.ValidDays > 0 {
		year, month, day := now.In(c.Clock.Location).Date()
		record.ValidBegin = record.TakeTime
		record.ValidEnd = time.Date(year, month, day+int(coupon.ValidDays), 0, 0, 0, 0, c.Clock.Location).Unix()
	}
	id, err := tx.TakeCoupon(ctx, record)
	switch {
	case errors.Is(err, storage.ErrConflict):
		err = dispatch.Fail(couponAlreadyTaken, "")
	case errors.Is(err, storage.ErrNotFound): // others were first, or it was changed meanwhile
		if coupon, err = tx.Coupon(ctx, coupon.CouponID); err == nil {
			err = cmp.Or(takeable(coupon, record.TakeTime), error(dispatch.Fail(couponNoneLeft, "")))
		}
	}
	return takenCoupon{RecordID: id}, err
}

// takeable returns why nobody can take a coupon at now, nil where somebody can.
func takeable(coupon storage.Coupon, now int64) error {
	switch {
	case !coupon.InTime(now):
		return dispatch.Fail(couponNotInTime, "")
	case coupon.Taken >= coupon.Quantity:
		return dispatch.Fail(couponNoneLeft, "")
	}
	return nil
}

type myCoupons struct {
	State *int64 `json:"state" rule:"oneof=0|1|2|3" doc:"0: usable, now or later, 1: used, 2: expired, 3: held by an order; all if absent"`
	wire.ListPage
}

// recordRow is what the caller has taken.
type recordRow struct {
	RecordID   int64     `json:"record_id"`
	CouponID   int64     `json:"coupon_id"`
	State      int64     `json:"state" doc:"0: usable, 1: used, 2: expired, 3: held by an order"`
	TakeTime   string    `json:"take_time"`
	ValidBegin string    `json:"valid_begin"`
	ValidEnd   string    `json:"valid_end" doc:"the first second in which it is not valid"`
	Coupon     couponRow `json:"coupon"`
}

func (myCoupons) Reference() dispatch.Reference {
	return dispatch.Reference{Notes: "Newest first.", Example: `{"state": 0}`}
}

func (c couponCalls) mine(ctx context.Context, in myCoupons) (wire.List[recordRow], error) {
	page, err := in.Rows()
	if err != nil {
		return wire.List[recordRow]{}, err
	}
	records, total, err := c.DB.CouponRecords(ctx, dispatch.CallerFrom(ctx).User, in.State, c.Clock.Unix(), page)
	if err != nil {
		return wire.List[recordRow]{}, wire.DatabaseFailure(err)
	}
	return wire.ListOf(records, total, c.recordRow), nil
}

func (c couponCalls) recordRow(r storage.CouponRecord) recordRow {
	return recordRow{
		RecordID: r.RecordID, CouponID: r.Coupon.CouponID, State: r.StateAt(c.Clock.Unix()), TakeTime: c.Clock.Text(r.TakeTime),
		ValidBegin: c.Clock.Text(r.ValidBegin), ValidEnd: c.Clock.Text(r.ValidEnd), Coupon: c.row(r.Coupon),
	}
}
