package trade

import (
	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// Exported are the tables of trade that hold something of a user: orders are the buyer's,
// coupons those of who pays for them. What a cart's products are now is other users'.
func Exported(d Deps) []wire.ExportedTable {
	purchase, coupon := purchaseCalls{d}, couponCalls{d}
	return []wire.ExportedTable{
		wire.Exported("purchases", d.DB, (*storage.Queries).PurchasesAfter, purchase.detail),
		wire.Exported("coupons", d.DB, (*storage.Queries).CouponsAfter, coupon.exported),
		wire.Exported("coupon_records", d.DB, (*storage.Queries).CouponRecordsAfter, coupon.recordRow),
		wire.Exported("cart_lines", d.DB, (*storage.Queries).CartLinesAfter, exportCartLine),
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

// exportedCartLine is a line of a cart as it is kept.
type exportedCartLine struct {
	CartID        int64         `json:"cart_id"`
	ProductID     int64         `json:"product_id"`
	PricePolicyID int64         `json:"price_policy_id"`
	ProductNum    int64         `json:"product_num"`
	FirstPrice    *dispatch.Fen `json:"first_price"`
	AddedPrice    dispatch.Fen  `json:"added_price"`
}

func exportCartLine(l storage.CartLine) exportedCartLine {
	return exportedCartLine{l.CartID, l.ProductID, l.PolicyID, l.Pieces, (*dispatch.Fen)(l.FirstPrice), dispatch.Fen(l.AddedPrice)}
}
