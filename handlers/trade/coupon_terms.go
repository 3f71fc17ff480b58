package trade

import (
	"campusgate/dispatch"
	"campusgate/storage"
)

// read makes a coupon of what was sent, and checks what keys say together. What is of
// another type is not kept.
func (c couponCalls) read(in createCoupon) (storage.Coupon, error) {
	coupon := storage.Coupon{
		CouponName: in.CouponName, CouponType: in.CouponType, ProductID: in.ProductID, ShopID: in.ShopID,
		Quantity: in.Quantity, PerUser: max(in.PerUser, 1), ValidDays: in.ValidDays, Code: in.Code, CouponStatus: in.CouponStatus,
	}
	if in.MinimumConsume != nil {
		coupon.MinimumConsume = int64(*in.MinimumConsume)
	}
	switch {
	case in.CouponType == storage.CouponPercent:
		coupon.OffPercent, coupon.MaxOff = in.OffPercent, int64(in.MaxOff)
	case in.CouponValue == nil:
		return coupon, dispatch.Fail(dispatch.ErrorDataKey, "coupon_value: missing")
	default:
		coupon.CouponValue = int64(*in.CouponValue)
	}
	switch {
	case in.CouponType == storage.CouponOver && in.MinimumConsume == nil:
		return coupon, dispatch.Fail(dispatch.ErrorDataKey, "minimum_consume: missing")
	case in.CouponType == storage.CouponOver && coupon.MinimumConsume == 0:
		return coupon, dispatch.Fail(dispatch.ValueError, "minimum_consume: must be more than 0")
	case in.ProductID != 0 && in.ShopID != 0:
		return coupon, dispatch.Fail(dispatch.ValueError, "shop_id: must be absent where product_id is there")
	}
	if err := checkCode(in.Code); err != nil {
		return coupon, err
	}
	return coupon, c.readTimes(in, &coupon)
}

// readTimes reads when a new coupon can be taken, and when its records are valid.
func (c couponCalls) readTimes(in createCoupon, coupon *storage.Coupon) (err error) {
	for _, at := range []struct {
		key, text string
		to        *int64
	}{
		{"open_time", in.OpenTime, &coupon.OpenTime},
		{"close_time", in.CloseTime, &coupon.CloseTime},
		{"valid_begin", in.ValidBegin, &coupon.ValidBegin},
		{"valid_end", in.ValidEnd, &coupon.ValidEnd},
	} {
		if *at.to, err = c.Clock.Parse(at.key, at.text, 0); err != nil {
			return err
		}
	}
	begin, end := in.ValidBegin != "", in.ValidEnd != ""
	switch {
	case coupon.CloseTime <= coupon.OpenTime:
		return dispatch.Fail(dispatch.ValueError, "close_time: must be after open_time")
	case in.ValidDays > 0 && (begin || end):
		return dispatch.Fail(dispatch.ValueError, "valid_days: must be absent where valid_begin or valid_end is there")
	case in.ValidDays > 0:
		return nil
	case !begin && !end:
		return dispatch.Fail(dispatch.ErrorDataKey, "valid_days, valid_end: both missing")
	case !begin:
		return dispatch.Fail(dispatch.ErrorDataKey, "valid_begin: missing")
	case !end:
		return dispatch.Fail(dispatch.ErrorDataKey, "valid_end: missing")
	case coupon.ValidEnd <= coupon.ValidBegin:
		return dispatch.Fail(dispatch.ValueError, "valid_end: must be after valid_begin")
	}
	return nil
}
