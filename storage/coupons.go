package storage

import (
	"context"
	"strings"

	"campusgate/storage/engine"
)

// The types of coupons.
const (
	CouponOff     = iota // a value off
	CouponOver           // a value off from a minimum on
	CouponPercent        // a percentage is left to pay
)

// The states of a coupon.
const (
	CouponOn = iota
	CouponStopped
)

// A Coupon is what users take records of. Money is fen, times are Unix seconds; 0 is none.
type Coupon struct {
	CouponID       int64
	CouponName     string
	CouponType     int64 // [CouponOff], [CouponOver] or [CouponPercent]
	CouponValue    int64 // of CouponOff and CouponOver
	OffPercent     int64 // that is left to pay, of CouponPercent
	MaxOff         int64 // of CouponPercent
	MinimumConsume int64
	ProductID      int64 // what it is for: a product, a shop, or with neither all of the market
	ShopID         int64
	PayerID        string // the user who pays what is taken off; "" is the market
	Quantity       int64
	PerUser        int64
	OpenTime       int64 // from when it can be taken
	CloseTime      int64 // from when it cannot be taken any more
	ValidBegin     int64 // of its records, where it has no ValidDays
	ValidEnd       int64 // the first second in which they are not valid
	ValidDays      int64 // for which a record is valid, with the day of taking
	Code           string
	CouponStatus   int64 // [CouponOn] or [CouponStopped]
	Taken          int64
	Used           int64
}

// couponColumns are of coupons c.
const couponColumns = "c.coupon_id, c.coupon_name, c.coupon_type, c.coupon_value, c.off_percent, c.max_off, c.minimum_consume, " +
	"c.product_id, c.shop_id, c.payer_id, c.quantity, c.per_user, c.open_time, c.close_time, " +
	"c.valid_begin, c.valid_end, c.valid_days, COALESCE(c.code, ''), c.coupon_status, c.taken, c.used"

// fields are couponColumns.
func (c *Coupon) fields() []any {
	return []any{
		&c.CouponID, &c.CouponName, &c.CouponType, &c.CouponValue, &c.OffPercent, &c.MaxOff, &c.MinimumConsume,
		&c.ProductID, &c.ShopID, &c.PayerID, &c.Quantity, &c.PerUser, &c.OpenTime, &c.CloseTime,
		&c.ValidBegin, &c.ValidEnd, &c.ValidDays, &c.Code, &c.CouponStatus, &c.Taken, &c.Used,
	}
}

// InTime reports whether the coupon is on and can be taken at now, if any is left. What
// would never be valid cannot.
func (c Coupon) InTime(now int64) bool {
	return c.CouponStatus == CouponOn && c.OpenTime <= now && now < c.CloseTime && (c.ValidDays > 0 || now < c.ValidEnd)
}

// inTime is [Coupon.InTime] as a condition with three times now.
const inTime = "coupon_status = 0 AND open_time <= ? AND close_time > ? AND (valid_days > 0 OR valid_end > ?)"

// withoutCode is code IS NULL, for which no index is used: it would find nearly all.
const withoutCode = "COALESCE(code, '') = ''"

// InsertCoupon adds a coupon, whose CouponID, Taken and Used are ignored, and returns its
// id. [ErrConflict]: the code is another's.
func (q *Queries) InsertCoupon(ctx context.Context, c Coupon) (id int64, err error) {
	return q.sql.Insert(ctx, "insert coupon", engine.SQL(`
		INSERT INTO coupons (coupon_name, coupon_type, coupon_value, off_percent, max_off, minimum_consume, product_id, shop_id, payer_id,
			quantity, per_user, open_time, close_time, valid_begin, valid_end, valid_days, code, coupon_status)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		c.CouponName, c.CouponType, c.CouponValue, c.OffPercent, c.MaxOff, c.MinimumConsume, c.ProductID, c.ShopID, c.PayerID,
		c.Quantity, c.PerUser, c.OpenTime, c.CloseTime, c.ValidBegin, c.ValidEnd, c.ValidDays, orNull(c.Code), c.CouponStatus))
}

// AddCoupons adds coupons with the ids that they have and what was taken and used of them, all
// or none; the records of these are the caller's. [ErrConflict]: an id or a code is taken.
func (tx *Tx) AddCoupons(ctx context.Context, coupons []Coupon) error {
	columns := strings.NewReplacer("COALESCE(", "", ", '')", "", "c.", "").Replace(couponColumns)
	return engine.InsertRows(ctx, tx.sql, "add coupons", "coupons ("+columns+")", coupons, func(c *Coupon) []any {
		fields := c.fields()
		for i, field := range fields {
			if field == any(&c.Code) {
				fields[i] = orNull(c.Code)
			}
		}
		return fields
	})
}

// Coupon returns a coupon. [ErrNotFound]: there is none.
func (q *Queries) Coupon(ctx context.Context, id int64) (Coupon, error) {
	return q.coupon(ctx, "coupon", " WHERE coupon_id = ?", id)
}

// CouponOfCode returns the coupon of a code. [ErrNotFound]: there is none.
func (q *Queries) CouponOfCode(ctx context.Context, code string) (Coupon, error) {
	return q.coupon(ctx, "coupon of a code", " WHERE code = ?", code)
}

// LockCoupon returns a coupon, which stays so until the transaction's end: nobody takes
// it meanwhile. [ErrNotFound]: there is none.
func (tx *Tx) LockCoupon(ctx context.Context, id int64) (Coupon, error) {
	return tx.coupon(ctx, "lock coupon", " WHERE coupon_id = ?"+tx.sql.ForUpdate(), id)
}

func (q *Queries) coupon(ctx context.Context, operation, where string, value any) (Coupon, error) {
	var c Coupon
	err := q.sql.Get(ctx, operation, engine.SQL("SELECT "+couponColumns+" FROM coupons c"+where, value), c.fields()...)
	return c, err
}

// UpdateCoupon sets the name, the quantity, the end of taking and the state of a coupon
// that is locked.
func (tx *Tx) UpdateCoupon(ctx context.Context, c Coupon) error {
	return tx.sql.Change(ctx, "update coupon", engine.SQL(
		`UPDATE coupons SET coupon_name = ?, quantity = ?, close_time = ?, coupon_status = ? WHERE coupon_id = ?`,
		c.CouponName, c.Quantity, c.CloseTime, c.CouponStatus, c.CouponID))
}

// A CouponFilter says which coupons to list; all conditions must hold, nil ones are none.
type CouponFilter struct {
	ProductID, ShopID *int64 // exactly: 0 are the coupons that have none
	Takeable          *int64 // what anybody can take at that time, without a code
}

// list is that of the filter: one of eight texts.
func (f CouponFilter) list() (list engine.PagedList, args []any) {
	var conditions []string
	sort := "c.coupon_id DESC"
	if f.ProductID != nil {
		conditions, args = append(conditions, "product_id = ?"), append(args, *f.ProductID)
	}
	if f.ShopID != nil {
		conditions, args = append(conditions, "shop_id = ?"), append(args, *f.ShopID)
	}
	if now := f.Takeable; now != nil {
		conditions, args = append(conditions, inTime+" AND taken < quantity AND "+withoutCode), append(args, *now, *now, *now)
		sort = "c.coupon_id + 0 DESC" // so that not all coupons there ever were are read in this sequence
	}
	from := "coupons c"
	if len(conditions) > 0 {
		from += " WHERE " + strings.Join(conditions, " AND ")
	}
	return engine.NewPagedList(couponColumns, from, sort), args
}

// Coupons lists coupons, the newest first; total counts all of them, whatever the page.
// The index of those that have not closed yet is read, and what it finds is sorted.
func (q *Queries) Coupons(ctx context.Context, f CouponFilter, page Page) (coupons []Coupon, total int64, err error) {
	list, args := f.list()
	return engine.CollectPage(ctx, q.sql, "coupons", list, args, page, (*Coupon).fields)
}

// AllCoupons lists the coupons of a filter, also those that nobody can take, the newest first;
// total counts them up to 10,000, whatever the page. MariaDB may read all coupons for those of
// one product or shop instead.
func (q *Queries) AllCoupons(ctx context.Context, f CouponFilter, page Page) (coupons []Coupon, total int64, err error) {
	filter := q.sql.Filter()
	filter.Equal("product_id", f.ProductID)
	filter.Equal("shop_id", f.ShopID)
	from := " FROM coupons c"
	switch {
	case f.ProductID != nil && *f.ProductID != 0:
		from += q.sql.ForceIndex("coupons_product")
	case f.ShopID != nil && *f.ShopID != 0:
		from += q.sql.ForceIndex("coupons_shop")
	}
	coupons, err = engine.Collect(ctx, q.sql, "all coupons", engine.SQL("SELECT "+couponColumns+from).
		Where(filter).Then(" ORDER BY c.coupon_id DESC").Page(page), (*Coupon).fields)
	if err != nil {
		return nil, 0, err
	}
	err = q.sql.Get(ctx, "count all coupons", engine.SQL("SELECT COUNT(*) FROM (SELECT 1"+from).
		Where(filter).Then(" LIMIT ?) counted", maxCounted), &total)
	return coupons, total, err
}

// CouponsAfter are the next coupons that a user pays for behind an id, by id, and the last
// id; none are all of them.
func (q *Queries) CouponsAfter(ctx context.Context, payerID string, after int64) ([]Coupon, int64, error) {
	last := after
	list, err := engine.Collect(ctx, q.sql, "coupons after", engine.SQL("SELECT "+couponColumns+
		", c.coupon_id FROM coupons c WHERE c.payer_id = ? AND c.coupon_id > ? ORDER BY c.coupon_id LIMIT ?", payerID, after, batchRows),
		(*Coupon).fields, &last)
	return list, last, err
}
