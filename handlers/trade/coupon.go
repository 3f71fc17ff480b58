package trade

import (
	"context"
	"errors"
	"fmt"

	"github.com/goccy/go-json"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
)

// couponCalls are those of the coupons, which lower what an order costs.
type couponCalls struct{ Deps }

// couponRow is a coupon as everybody sees it: who may read its code has typed it.
type couponRow struct {
	CouponID       int64        `json:"coupon_id"`
	CouponName     string       `json:"coupon_name"`
	CouponType     int64        `json:"coupon_type" doc:"0: coupon_value off, 1: coupon_value off from minimum_consume on, 2: off_percent is left to pay"`
	CouponValue    dispatch.Fen `json:"coupon_value" doc:"0 of type 2"`
	OffPercent     int64        `json:"off_percent" doc:"0 of types 0 and 1"`
	MaxOff         dispatch.Fen `json:"max_off" doc:"the most that type 2 takes off; 0: no limit"`
	MinimumConsume dispatch.Fen `json:"minimum_consume" doc:"0: none"`
	ProductID      int64        `json:"product_id" doc:"0: not for one product"`
	ShopID         int64        `json:"shop_id" doc:"0: not for one shop; with neither, for all of the market"`
	Quantity       int64        `json:"quantity"`
	PerUser        int64        `json:"per_user"`
	OpenTime       string       `json:"open_time"`
	CloseTime      string       `json:"close_time" doc:"the first second in which it cannot be taken any more"`
	ValidBegin     string       `json:"valid_begin" doc:"empty with valid_days"`
	ValidEnd       string       `json:"valid_end" doc:"the first second in which it is not valid; empty with valid_days"`
	ValidDays      int64        `json:"valid_days" doc:"0 with valid_begin and valid_end"`
	CouponStatus   int64        `json:"coupon_status" doc:"0: on, 1: off"`
	Taken          int64        `json:"taken"`
	Used           int64        `json:"used"`
}

func (c couponCalls) row(coupon storage.Coupon) couponRow {
	row := couponRow{
		CouponID: coupon.CouponID, CouponName: coupon.CouponName, CouponType: coupon.CouponType,
		CouponValue: dispatch.Fen(coupon.CouponValue), OffPercent: coupon.OffPercent,
		MaxOff: dispatch.Fen(coupon.MaxOff), MinimumConsume: dispatch.Fen(coupon.MinimumConsume),
		ProductID: coupon.ProductID, ShopID: coupon.ShopID, Quantity: coupon.Quantity, PerUser: coupon.PerUser,
		OpenTime: c.Clock.Text(coupon.OpenTime), CloseTime: c.Clock.Text(coupon.CloseTime),
		ValidDays: coupon.ValidDays, CouponStatus: coupon.CouponStatus, Taken: coupon.Taken, Used: coupon.Used,
	}
	if coupon.ValidDays == 0 {
		row.ValidBegin, row.ValidEnd = c.Clock.Text(coupon.ValidBegin), c.Clock.Text(coupon.ValidEnd)
	}
	return row
}

type createCoupon struct {
	CouponName     string        `json:"coupon_name" rule:"required max=50"`
	CouponType     int64         `json:"coupon_type" rule:"required oneof=0|1|2" doc:"0: coupon_value off, 1: coupon_value off from minimum_consume on, 2: off_percent is left to pay"`
	CouponValue    *dispatch.Fen `json:"coupon_value" rule:"unless=coupon_type>=2 filled range=0.01..999999.99" doc:"of types 0 and 1, which need it"`
	OffPercent     int64         `json:"off_percent" rule:"when=coupon_type>=2 range=1..99" doc:"79: 79 % of the price are left to pay; ignored in types 0 and 1"`
	MaxOff         dispatch.Fen  `json:"max_off" rule:"range=0..999999.99" doc:"the most that type 2 takes off; no limit if absent or 0"`
	MinimumConsume *dispatch.Fen `json:"minimum_consume" rule:"filled range=0..999999.99" doc:"of what it is for; more than 0 in type 1, which needs it"`
	ProductID      int64         `json:"product_id" rule:"range=any" doc:"a product of your own, if it is for that alone"`
	ShopID         int64         `json:"shop_id" rule:"range=any" doc:"your own shop, if it is for that alone; with neither it is for all of the market"`
	Quantity       int64         `json:"quantity" rule:"required range=1..1000000" doc:"how many can be taken in all"`
	PerUser        int64         `json:"per_user" rule:"range=1..10" doc:"how many a user can take; 1 if absent"`
	OpenTime       string        `json:"open_time" rule:"required datetime" doc:"from when it can be taken"`
	CloseTime      string        `json:"close_time" rule:"required datetime" doc:"the first second in which it cannot be taken any more"`
	ValidBegin     string        `json:"valid_begin" rule:"datetime" doc:"with valid_end"`
	ValidEnd       string        `json:"valid_end" rule:"datetime" doc:"the first second in which it is not valid any more"`
	ValidDays      int64         `json:"valid_days" rule:"range=1..365" doc:"in place of valid_begin and valid_end: for so many days, the day of taking being the first"`
	Code           string        `json:"code" rule:"min=6 max=32" doc:"letters and digits, unique: only who types it takes the coupon, which is in no list but that of admins"`
	CouponStatus   int64         `json:"coupon_status" rule:"oneof=0|1" doc:"0: on, 1: off; 0 if absent"`
}

type createdCoupon struct {
	CouponID int64 `json:"coupon_id"`
}

func (createCoupon) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Who has a shop or sells a product of any type makes coupons for it, and pays what they take off; an admin makes them for anything, and the market pays, but for the admin's own shops and products, where the admin is an owner as others. A code that was used counts as a wrong one of `coupon/take`. `coupon/create` is the same call.",
		Example:  `{"coupon_name": "满100减20", "coupon_type": 1, "coupon_value": 20, "minimum_consume": 100, "shop_id": 811729970, "quantity": 100, "open_time": "2019-11-28 00:00:00", "close_time": "2020-01-01 00:00:00", "valid_days": 7}`,
		Statuses: []dispatch.Status{noRightToOperate, couponCodeUsed, dispatch.ContentRefused},
	}
}

func (c couponCalls) create(ctx context.Context, in createCoupon) (createdCoupon, error) {
	coupon, err := c.read(in)
	if err == nil {
		err = c.Words.Check(words.Text{Key: "coupon_name", Value: coupon.CouponName})
	}
	if err == nil {
		coupon.PayerID, err = c.payer(ctx, in)
	}
	if err != nil {
		return createdCoupon{}, err
	}
	// 105 tells a user who guesses codes as much as take does.
	return onceByCode(ctx, c, coupon.Code, couponCodeUsed, func(tx *storage.Tx) (createdCoupon, error) {
		coupon.CouponID, err = tx.InsertCoupon(ctx, coupon)
		if errors.Is(err, storage.ErrConflict) {
			err = dispatch.Fail(couponCodeUsed, "code: already taken")
		}
		if err != nil {
			return createdCoupon{}, err
		}
		return createdCoupon{CouponID: coupon.CouponID}, c.audit(ctx, tx, "coupon/creat", nil, &coupon)
	})
}

// payer is who pays what a new coupon takes off, and fails where the caller may not make
// it. A shop neither changes its owner nor goes away, nor does a product its shop.
func (c couponCalls) payer(ctx context.Context, in createCoupon) (payer string, err error) {
	caller, seller := dispatch.CallerFrom(ctx), ""
	noRight := dispatch.Fail(noRightToOperate, "product_id, shop_id: no such product or shop, or another user's")
	switch {
	case in.ProductID != 0:
		seller, err = c.sellerOf(ctx, in.ProductID)
	case in.ShopID != 0:
		seller, err = c.ownerOf(ctx, in.ShopID)
	}
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return "", noRight
	case err != nil:
		return "", wire.DatabaseFailure(err)
	case seller == caller.User:
		return seller, nil
	case caller.Role == storage.RoleAdmin:
		return "", nil
	}
	return "", noRight
}

// sellerOf returns who sells a product of any type.
func (c couponCalls) sellerOf(ctx context.Context, productID int64) (string, error) {
	products, err := c.DB.SaleProducts(ctx, []int64{productID})
	switch {
	case err != nil:
		return "", err
	case len(products) == 0:
		return "", storage.ErrNotFound
	}
	return products[0].UserID, nil
}

func (c couponCalls) ownerOf(ctx context.Context, shopID int64) (string, error) {
	shop, err := c.DB.ShopByID(ctx, shopID)
	return shop.UserID, err
}

type updateCoupon struct {
	CouponID     int64   `json:"coupon_id" rule:"required range=any" doc:"your own coupon"`
	CouponName   *string `json:"coupon_name" rule:"filled max=50" doc:"unchanged if absent, as the others"`
	Quantity     *int64  `json:"quantity" rule:"filled range=1..1000000" doc:"not below what is taken"`
	CloseTime    *string `json:"close_time" rule:"filled datetime" doc:"after open_time"`
	CouponStatus *int64  `json:"coupon_status" rule:"filled oneof=0|1" doc:"0: on, 1: off"`
}

func (updateCoupon) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "By who pays what the coupon takes off, or by an admin. What was taken stays as it is.",
		Example:  `{"coupon_id": 1, "quantity": 200, "close_time": "2020-02-01 00:00:00"}`,
		Statuses: []dispatch.Status{couponNotExist, dispatch.ContentRefused},
	}
}

func (c couponCalls) update(ctx context.Context, in updateCoupon) (wire.None, error) {
	if in.CouponName != nil {
		if err := c.Words.Check(words.Text{Key: "coupon_name", Value: *in.CouponName}); err != nil {
			return wire.None{}, err
		}
	}
	err := c.DB.InTx(ctx, func(tx *storage.Tx) error {
		before, err := tx.LockCoupon(ctx, in.CouponID)
		caller := dispatch.CallerFrom(ctx)
		if errors.Is(err, storage.ErrNotFound) || err == nil && before.PayerID != caller.User && caller.Role != storage.RoleAdmin {
			return dispatch.Fail(couponNotExist, "coupon_id: no such coupon, or another user's")
		}
		if err != nil {
			return err
		}
		after, err := c.changed(before, in)
		if err != nil {
			return err
		}
		if err := tx.UpdateCoupon(ctx, after); err != nil {
			return err
		}
		return c.audit(ctx, tx, "coupon/update", &before, &after)
	})
	return wire.None{}, wire.KnownOrDatabase(err)
}

// changed is a coupon after an update.
func (c couponCalls) changed(coupon storage.Coupon, in updateCoupon) (_ storage.Coupon, err error) {
	if in.CouponName != nil {
		coupon.CouponName = *in.CouponName
	}
	if in.Quantity != nil {
		if coupon.Quantity = *in.Quantity; coupon.Quantity < coupon.Taken {
			return coupon, dispatch.Fail(dispatch.ValueError, "quantity: must not be below what is taken")
		}
	}
	if in.CloseTime != nil {
		if coupon.CloseTime, err = c.Clock.Parse("close_time", *in.CloseTime, 0); err == nil && coupon.CloseTime <= coupon.OpenTime {
			err = dispatch.Fail(dispatch.ValueError, "close_time: must be after open_time")
		}
	}
	if in.CouponStatus != nil {
		coupon.CouponStatus = *in.CouponStatus
	}
	return coupon, err
}

// audit writes what an admin has changed of a coupon that others pay for. before is nil
// of a new one.
func (c couponCalls) audit(ctx context.Context, tx *storage.Tx, call string, before, after *storage.Coupon) error {
	caller := dispatch.CallerFrom(ctx)
	if after.PayerID == caller.User {
		return nil
	}
	row := storage.Audit{Time: c.Clock.Unix(), UserID: caller.User, Call: call, Target: fmt.Sprint("coupon ", after.CouponID)}
	for text, coupon := range map[*string]*storage.Coupon{&row.Before: before, &row.After: after} {
		if coupon == nil {
			continue
		}
		written, err := json.Marshal(c.row(*coupon))
		if err != nil {
			return fmt.Errorf("write audit: %w", err)
		}
		*text = string(written)
	}
	return tx.AddAudit(ctx, row)
}

type listCoupons struct {
	ProductID *int64 `json:"product_id" rule:"range=any" doc:"those for this product; 0: those for no product"`
	ShopID    *int64 `json:"shop_id" rule:"range=any" doc:"those for this shop; 0: those for no shop"`
	All       bool   `json:"all" doc:"for admins: also those that cannot be taken, or by a code alone"`
	wire.ListPage
}

func (listCoupons) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes: "What can be taken now, newest first, but nothing that a code takes. With both keys 0: what is for all of the market. " +
			"With all it is every coupon there ever was, without its code: -103 for who is no admin; num is then exact up to 10,000, and 10,000 above.",
		Example:  `{"shop_id": 811729970}`,
		Statuses: []dispatch.Status{dispatch.NoPermission},
	}
}

func (c couponCalls) list(ctx context.Context, in listCoupons) (wire.List[couponRow], error) {
	page, err := in.Rows()
	if err != nil {
		return wire.List[couponRow]{}, err
	}
	if in.All && dispatch.CallerFrom(ctx).Role != storage.RoleAdmin {
		return wire.List[couponRow]{}, dispatch.Fail(dispatch.NoPermission, "all: for admins")
	}
	now := c.Clock.Unix()
	filter, find := storage.CouponFilter{ProductID: in.ProductID, ShopID: in.ShopID, Takeable: &now}, c.DB.Coupons
	if in.All {
		find = c.DB.AllCoupons
	}
	coupons, total, err := find(ctx, filter, page)
	if err != nil {
		return wire.List[couponRow]{}, wire.DatabaseFailure(err)
	}
	return wire.ListOf(coupons, total, c.row), nil
}
