package price

import "fmt"

// A Record is what a user has taken of a coupon. It is for a product, or for a shop, or
// with neither for the whole market.
type Record struct {
	ID             int64
	Product, Shop  int64 // ids; 0 is none
	Type           CouponType
	Value          int64 // fen, of [ValueOff] and [ValueOffFrom]
	OffPercent     int64 // 1 to 99, of [PercentOff]: what is left to pay
	MaxOff         int64 // fen, of [PercentOff]; 0 is unbounded
	MinimumConsume int64 // fen; 0 is none
}

// A CouponType is how a coupon lowers an amount, numbered as on the wire.
type CouponType int64

// The types of coupons.
const (
	ValueOff     CouponType = iota // 立减
	ValueOffFrom                   // 满减, from its minimum on
	PercentOff                     // 折扣
)

// off is what the record takes off an amount, or the rule by which it cannot.
func (r *Record) off(amount int64) (off int64, broken Rule) {
	if amount < r.MinimumConsume {
		return 0, BelowMinimum
	}
	switch r.Type {
	case ValueOff, ValueOffFrom:
		off = min(r.Value, amount)
	case PercentOff:
		off = amount - (amount*r.OffPercent+50)/100 // half a fen is rounded up
		if r.MaxOff > 0 {
			off = min(off, r.MaxOff)
		}
	}
	if off == 0 {
		return 0, TakesNothingOff
	}
	return off, kept
}

// A scope is what a record is for: lines of a product, lines of a shop, or all lines.
type scope struct {
	place Place
	id    int64 // of the product or shop
}

func (r *Record) scope() scope {
	switch {
	case r.Product != 0:
		return scope{InLine, r.Product}
	case r.Shop != 0:
		return scope{InShopRecord, r.Shop}
	default:
		return scope{place: InMarketRecord}
	}
}

func (r *Record) check() error {
	switch {
	case r.Type < ValueOff || r.Type > PercentOff:
		return fmt.Errorf("price: record %d: a coupon of type %d", r.ID, r.Type)
	case r.Value < 0:
		return fmt.Errorf("price: record %d: %d fen off", r.ID, r.Value)
	case r.MaxOff < 0:
		return fmt.Errorf("price: record %d: at most %d fen off", r.ID, r.MaxOff)
	case r.OffPercent < 0 || r.OffPercent > 100:
		return fmt.Errorf("price: record %d: %d %% to pay: must be 0 to 100", r.ID, r.OffPercent)
	}
	return nil
}
