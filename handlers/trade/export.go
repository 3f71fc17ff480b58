package trade

import (
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// Exported are the tables of trade that hold something of a user: orders are the buyer's,
// coupons those of who pays for them.
func Exported(d Deps) []wire.ExportedTable {
	purchase, coupon := purchaseCalls{d}, couponCalls{d}
	return []wire.ExportedTable{
		wire.Exported("purchases", d.DB, (*storage.Queries).PurchasesAfter, purchase.detail),
		wire.Exported("coupons", d.DB, (*storage.Queries).CouponsAfter, coupon.exported),
		wire.Exported("coupon_records", d.DB, (*storage.Queries).CouponRecordsAfter, coupon.recordRow),
	}
}

// exportedCoupon is a coupon with its code, which is for its owner alone.
type exportedCoupon struct {
	couponRow

	Code string `json:"code"`
}

func (c couponCalls) exported(coupon storage.Coupon) exportedCoupon {
	return exportedCoupon{c.row(coupon), coupon.Code}
}
