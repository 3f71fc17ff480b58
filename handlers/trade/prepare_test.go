package trade_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// A whole quote: three orders of a shop, one of no shop, with a record of each kind, beli
// and a line on credit.
func TestPrepare(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.give(alice, 13, 1000_00)
	line := f.take(alice, storage.Coupon{CouponType: storage.CouponPercent, OffPercent: 79, ProductID: tea})
	shop := f.take(alice, storage.Coupon{CouponType: storage.CouponOver, CouponValue: 5_00, MinimumConsume: 30_00, ShopID: bobShop})
	market := f.take(alice, storage.Coupon{CouponType: storage.CouponOff, CouponValue: 10_00})
	second := f.take(alice, storage.Coupon{CouponType: storage.CouponOff, CouponValue: 1_00, ProductID: tea})
	if ids := []int64{line, shop, market, second}; !slices.Equal(ids, []int64{1, 2, 3, 4}) {
		t.Fatalf("records %d", ids)
	}
	beside := `,"shop_records":[2],"record_id":3,"use_beli":true,"deliver":"express","address_id":1`
	want := `{"orders":[` +
		`{"shop_id":21,"shop_name":"bob's","user_id":1180310087,"user_name":"码三秃","deliver":"express","lines":[` +
		`{"product_id":1001,"product_name":"product 1001","pic_url":"./1001","product_num":2,"price_policy_id":0,"valid_period":0,"price":10,"line_price":20,` +
		`"coupon_off":4.2,"shop_off":0.89,"market_off":1.47,"beli_off":0.2,"credit_price":0,"pay_price":13.24,"usable":[{"record_id":1,"coupon_name":"coupon","off":4.2},{"record_id":4,"coupon_name":"coupon","off":1}]},` +
		`{"product_id":1002,"product_name":"product 1002","pic_url":"./1002","product_num":1,"price_policy_id":0,"valid_period":0,"price":8,"line_price":8,` +
		`"coupon_off":0,"shop_off":0.45,"market_off":0.74,"beli_off":0.1,"credit_price":0,"pay_price":6.71,"usable":[]},` +
		`{"product_id":1003,"product_name":"product 1003","pic_url":"./1003","product_num":2,"price_policy_id":0,"valid_period":0,"price":300,"line_price":600,` +
		`"coupon_off":0,"shop_off":0,"market_off":0,"beli_off":0,"credit_price":400,"pay_price":200,"usable":[]}],` +
		`"usable":[{"record_id":2,"coupon_name":"coupon","off":5}],"goods_price":628,"off_price":8.05,"ship_price":12.5,"credit_price":400,"pay_price":232.45},` +
		`{"shop_id":21,"shop_name":"bob's","user_id":1180310087,"user_name":"码三秃","deliver":"face","lines":[` +
		`{"product_id":1004,"product_name":"product 1004","pic_url":"./1004","product_num":1,"price_policy_id":0,"valid_period":0,"price":35,"line_price":35,` +
		`"coupon_off":0,"shop_off":1.97,"market_off":3.24,"beli_off":0.4,"credit_price":0,"pay_price":29.39,"usable":[]}],` +
		`"usable":[{"record_id":2,"coupon_name":"coupon","off":5}],"goods_price":35,"off_price":5.61,"ship_price":0,"credit_price":0,"pay_price":29.39},` +
		`{"shop_id":21,"shop_name":"bob's","user_id":1180310087,"user_name":"码三秃","deliver":"","lines":[` +
		`{"product_id":1006,"product_name":"product 1006","pic_url":"./1006","product_num":1,"price_policy_id":1,"valid_period":7,"price":30,"line_price":30,` +
		`"coupon_off":0,"shop_off":1.69,"market_off":2.78,"beli_off":0.4,"credit_price":0,"pay_price":25.13,"usable":[]}],` +
		`"usable":[{"record_id":2,"coupon_name":"coupon","off":5}],"goods_price":30,"off_price":4.87,"ship_price":0,"credit_price":0,"pay_price":25.13},` +
		`{"shop_id":0,"shop_name":"","user_id":1180310087,"user_name":"码三秃","deliver":"express","lines":[` +
		`{"product_id":6000002,"product_name":"高等数学（上册）","pic_url":"./api/external/get/pic/product/lamp.png","product_num":1,"price_policy_id":0,"valid_period":0,"price":18,"line_price":18,` +
		`"coupon_off":0,"shop_off":0,"market_off":1.77,"beli_off":0.2,"credit_price":0,"pay_price":16.03,"usable":[]}],` +
		`"usable":[],"goods_price":18,"off_price":1.97,"ship_price":6,"credit_price":0,"pay_price":22.03}],` +
		`"usable":[{"record_id":3,"coupon_name":"coupon","off":10}],"beli":13,"beli_off":1.3,"pay_price":309}`
	before := f.Stored()
	f.Call("order/prepare", aliceToken, items(beside,
		item(tea, `,"product_num":2,"record_id":1`), item(lamp, `,"deliver":"face"`), item(cup, ``), item(course, `,"price_policy_id":1`),
		item(bike, `,"first_price":100,"product_num":2`), item(handlerstest.DocumentTextbook, ``),
	)).WantData(t, want)
	if f.Stored() != before {
		t.Error("something was stored")
	}
}

// Whatever the wish lacks or has too much of is told with its line, and of several reasons
// the one that no other wish would mend.
func TestPrepareRefuses(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.give(alice, 0, 100_00)
	for _, c := range []struct {
		data   string
		status int
		detail string
	}{
		{`{}`, -3, "items, cart_items: both missing"},
		{`{"items":[],"cart_items":[]}`, -3, "items, cart_items: both missing"},
		{`{"items":[{"product_id":1001}],"cart_items":[{"cart_id":1}]}`, -204, "cart_items: must be absent where items are there"},
		{items("", ``), -3, "items[0].product_id: missing"},
		{items("", item(tea, `,"product_num":0`)), -204, "items[0].product_num: must be 1 to 999"},
		{items("", item(tea, `,"product_num":1000`)), -204, "items[0].product_num: must be 1 to 999"},
		{items("", item(tea, ``), item(tea, `,"deliver":"post"`)), -204, "items[1].deliver: must be one of face, express"},
		{items("", item(tea, `,"first_price":0`)), -204, "items[0].first_price: must be 0.01 to 999999.99 with at most two decimals"},
		{items(`,"deliver":"post"`, item(tea, ``)), -204, "deliver: must be one of face, express"},
		{items(`,"use_beli":1`, item(tea, ``)), -203, "use_beli: must be a boolean"},
		{items("", slices.Repeat([]string{item(cup, ``)}, 51)...), -204, "items: must be 1 to 50 items"},

		{items("", item(999, ``)), 104, "items[0]: product_id: no such product, or not on sale"},
		{items("", item(-1, ``)), 104, "items[0]: product_id: no such product, or not on sale"},
		{items("", item(tea, ``), item(hidden, ``)), 104, "items[1]: product_id: no such product, or not on sale"},
		{items("", item(tea, ``), item(cup, ``), item(down, ``)), 104, "items[2]: product_id: no such product, or not on sale"},
		{items("", item(tea, `,"product_num":6`)), 105, "items[0]: product_num: more than are left"},
		{items("", item(tea, `,"product_num":3`), item(cup, ``), item(tea, `,"product_num":3`)), 105, "items[2]: product_num: more than are left"},
		{items("", item(handlerstest.DocumentTextbook, `,"product_num":2`)), 105, "items[0]: product_num: more than are left"},
		{items("", item(own, ``)), 107, "items[0]: product_id: your own product"},
		{items(`,"address_id":2`, item(tea, ``)), 108, "address_id: no such address, or another user's"},
		{items(`,"address_id":-1`, item(tea, ``)), 108, "address_id: no such address, or another user's"},
		{items("", item(course, ``)), 109, "items[0]: price_policy_id: must be one of the course's price_policies"},
		{items("", item(course, `,"price_policy_id":99`)), 109, "items[0]: price_policy_id: must be one of the course's price_policies"},
		{items("", item(course, `,"price_policy_id":3`)), 109, "items[0]: price_policy_id: must be one of the course's price_policies"},
		{items("", item(adminOf, `,"price_policy_id":3`), item(course, `,"price_policy_id":3`)), 109, "items[1]: price_policy_id: must be one of the course's price_policies"},
		{items("", item(course, `,"price_policy_id":1,"product_num":2`)), 109, "items[0]: product_id: a course is bought once"},
		{items("", item(course, `,"price_policy_id":1`), item(course, `,"price_policy_id":2`)), 109, "items[1]: product_id: a course is bought once"},
		{items("", item(tea, `,"price_policy_id":1`)), 109, "items[0]: price_policy_id: must be absent for what is no course"},
		{items("", item(lamp, `,"deliver":"express"`)), 116, "items[0]: deliver: must be face"},
		{items(`,"deliver":"express"`, item(stamps, ``), item(lamp, ``)), 116, "items[1]: deliver: must be face"},
		{items("", item(stamps, `,"deliver":"face"`)), 116, "items[0]: deliver: must be express"},

		{items("", item(tea, `,"first_price":1`)), 117, "items[0]: first_price: must be from the product's first_price to what a piece costs"},
		{items("", item(tea, ``), item(bike, `,"first_price":59.99`)), 117, "items[1]: first_price: must be from the product's first_price to what a piece costs"},
		{items("", item(bike, `,"first_price":300.01`)), 117, "items[0]: first_price: must be from the product's first_price to what a piece costs"},
		{items("", item(course, `,"price_policy_id":1,"first_price":1`)), 117, "items[0]: first_price: must be from the product's first_price to what a piece costs"},
		{items("", item(bike, `,"first_price":200,"record_id":1`)), 110, "items[0]: record_id: must be absent where first_price is there"},
		{items("", item(bike, `,"first_price":199.99`)), 113, ""},
		{items("", item(bike, `,"first_price":250,"product_num":3`)), 113, ""},

		// Of several the line's comes first, then the address, then the price.
		{items(`,"address_id":2,"record_id":99`, item(lamp, `,"deliver":"express","record_id":99,"first_price":1`)), 116, "items[0]: deliver: must be face"},
		{items(`,"address_id":2,"record_id":99`, item(lamp, `,"record_id":99,"first_price":1`)), 108, "address_id: no such address, or another user's"},
		{items(`,"record_id":99`, item(lamp, `,"record_id":99,"first_price":1`)), 117, "items[0]: first_price: must be from the product's first_price to what a piece costs"},
		{items("", item(own, `,"product_num":2,"price_policy_id":1`), item(999, ``)), 107, "items[0]: product_id: your own product"},
	} {
		f.refused("order/prepare", c.data, c.status, c.detail)
	}
	freeze(f.Gateway, bob)
	f.refused("order/prepare", items("", item(adminOf, `,"price_policy_id":3`), item(tea, ``)), 104, "items[1]: product_id: no such product, or not on sale")
	f.refused("order/prepare", items("", item(handlerstest.DocumentTextbook, ``)), 104, "items[0]: product_id: no such product, or not on sale")
}

// What a price does not need may be left open, and what is at the border is still bought.
func TestPrepareTakes(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.give(alice, 1, 100_00)
	for _, c := range []struct{ data, price, ways string }{
		{items("", item(tea, `,"product_num":5`)), "50", ""},
		{items("", item(tea, `,"product_num":2`), item(tea, `,"product_num":3,"deliver":"express"`)), "53", ",express"},
		{items("", item(cup, `,"product_num":999`)), "7992", ""},
		{items(`,"deliver":"express"`, item(tea, ``), item(lamp, `,"deliver":"face"`)), "48", "express,face"},
		{items(`,"deliver":"express"`, item(course, `,"price_policy_id":2,"deliver":"face"`)), "100", ""},
		{items("", item(adminOf, `,"price_policy_id":3`)), "0", ""},
		{items("", item(bike, `,"first_price":60`), item(tea, ``)), "", ""}, // beyond the credit: see below
		{items("", item(bike, `,"first_price":200`)), "200", ""},
		{items("", item(bike, `,"first_price":300`)), "300", ""},
		{items(`,"use_beli":true`, item(stamps, ``)), "0.3", ""},
		{items(`,"use_beli":false`, item(stamps, ``)), "0.4", ""},
		{items(`,"record_id":0,"shop_records":[],"address_id":0,"deliver":""`, item(tea, `,"record_id":0,"price_policy_id":0,"first_price":"","product_num":"","deliver":""`)), "10", ""},
		{items("", slices.Repeat([]string{item(stamps, ``)}, 50)...), "20", ""},
	} {
		if c.price == "" {
			f.refused("order/prepare", c.data, 113, "")
			continue
		}
		q := f.prepare(c.data)
		var ways []string
		for _, order := range q.Orders {
			ways = append(ways, order.Deliver)
		}
		if q.PayPrice.String() != c.price || strings.Join(ways, ",") != c.ways {
			t.Errorf("%s: %s by %q, want %s by %q", c.data, q.PayPrice, ways, c.price, c.ways)
		}
	}
	freeze(f.Gateway, alice)
	f.prepare(items("", item(tea, ``))) // a frozen buyer may ask
}

// Records are used by who has taken them, while they are in time and neither used nor held,
// for what they are for, and once.
func TestAttackRecords(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.Invent()
	now := f.Clock.Now().Unix()
	off := func(c storage.Coupon) storage.Coupon {
		c.CouponType, c.CouponValue = storage.CouponOff, 1_00
		return c
	}
	const none, another, twice = "record_id: no such record for this, or it cannot be used now", "record_id: is not for this", "record_id: is there twice"
	bobs := f.take(bob, off(storage.Coupon{}))
	expired := f.take(alice, off(storage.Coupon{ValidBegin: now - 9, ValidEnd: now}))
	early := f.take(alice, off(storage.Coupon{ValidBegin: now + 1, ValidEnd: now + 9}))
	last := f.take(alice, off(storage.Coupon{ValidBegin: now, ValidEnd: now + 1}))
	held, used := f.take(alice, off(storage.Coupon{})), f.take(alice, off(storage.Coupon{}))
	ofTea, ofCup, ofShop := f.take(alice, off(storage.Coupon{ProductID: tea})), f.take(alice, off(storage.Coupon{ProductID: cup})), f.take(alice, off(storage.Coupon{ShopID: bobShop}))
	shop2, ofOther := f.take(alice, off(storage.Coupon{ShopID: bobShop})), f.take(alice, off(storage.Coupon{ShopID: handlerstest.DocumentShop}))
	minimum := f.take(alice, storage.Coupon{CouponType: storage.CouponOver, CouponValue: 1, MinimumConsume: 20_01, ProductID: tea})
	nothing := f.take(alice, storage.Coupon{CouponType: storage.CouponPercent, OffPercent: 99, ProductID: stamps})
	f.inTx(func(tx *storage.Tx) error {
		if err := tx.HoldRecords(t.Context(), alice, []int64{held, used}, "1", now); err != nil {
			return err
		}
		return tx.UseRecords(t.Context(), []int64{used}, "1")
	})
	market := func(id int64) string { return items(fmt.Sprint(`,"record_id":`, id), item(tea, ``)) }
	ofLine := func(product, id int64) string {
		return items("", item(cup, ``), item(product, fmt.Sprint(`,"record_id":`, id)))
	}
	shops := func(ids ...int64) string {
		return items(`,"shop_records":[`+strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ","), "[]")+`]`, item(tea, ``))
	}
	for _, c := range []struct {
		data   string
		status int
		detail string
	}{
		{market(bobs), 110, none},
		{market(expired), 110, none},
		{market(early), 110, none},
		{market(held), 110, none},
		{market(used), 110, none},
		{market(99), 110, none},
		{market(-1), 110, none},
		{market(ofTea), 110, another},
		{market(ofShop), 110, another},
		{market(ofOther), 110, none},
		{ofLine(tea, bobs), 110, "items[1]: " + none},
		{ofLine(tea, last), 110, "items[1]: " + another},
		{ofLine(tea, ofCup), 110, "items[1]: " + another},
		{ofLine(tea, ofShop), 110, "items[1]: " + another},
		{ofLine(stamps, ofTea), 110, "items[1]: " + none},
		{ofLine(tea, minimum), 111, "items[1]: record_id: the amount is below its minimum_consume"},
		{ofLine(stamps, nothing), 110, "items[1]: record_id: takes nothing off"},
		{shops(bobs), 110, "shop_records[0]: " + none},
		{shops(ofShop, ofOther), 110, "shop_records[1]: " + none},
		{shops(last), 110, "shop_records[0]: " + another},
		{shops(ofShop, shop2), 110, "shop_records[1]: record_id: a second one for the shop"},
		{shops(ofShop, ofShop), 110, "shop_records[1]: " + twice},
		{items("", item(tea, fmt.Sprint(`,"record_id":`, ofTea)), item(tea, fmt.Sprint(`,"record_id":`, ofTea))), 110, "items[1]: " + twice},
		{items(fmt.Sprint(`,"record_id":`, ofShop, `,"shop_records":[`, ofShop, `]`), item(tea, ``)), 110, twice},
	} {
		f.refused("order/prepare", c.data, c.status, c.detail)
	}
	for _, data := range []string{market(last), shops(ofShop), ofLine(tea, ofTea), items("", item(tea, fmt.Sprint(`,"product_num":3,"record_id":`, minimum)))} {
		f.prepare(data)
	}
	// Only what can be used is told to be usable.
	q := f.prepare(items("", item(tea, ``)))
	if got := fmt.Sprint(q.Usable, q.Orders[0].Usable, q.Orders[0].Lines[0]["usable"]); got != fmt.Sprintf(
		"[map[coupon_name:coupon off:1 record_id:%d]] [map[coupon_name:coupon off:1 record_id:%d] map[coupon_name:coupon off:1 record_id:%d]] [map[coupon_name:coupon off:1 record_id:%d]]",
		last, ofShop, shop2, ofTea) {
		t.Errorf("usable: %s", got)
	}
	// Nor do bob's beli and credit help alice.
	f.give(bob, 100, 1000_00)
	if q := f.prepare(items(`,"use_beli":true`, item(tea, ``))); q.Beli != 0 {
		t.Errorf("%d beli are used", q.Beli)
	}
	f.refused("order/prepare", items("", item(bike, `,"first_price":299.99`)), 113, "")
	f.Clock.Advance(1e9)
	f.refused("order/prepare", market(last), 110, none)
}
