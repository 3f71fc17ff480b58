package trade_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// cart is alice's, in the order of adding: product*pieces, with @policy, and what is to be
// paid at once after a slash.
func (f *fair) cart() string {
	f.T.Helper()
	lines, _, err := f.DB.CartLinesAfter(f.T.Context(), alice, 0)
	handlerstest.Must(f.T, err)
	var text strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&text, " %d*%d", l.ProductID, l.Pieces)
		if l.PolicyID != 0 {
			fmt.Fprint(&text, "@", l.PolicyID)
		}
		if l.FirstPrice != nil {
			fmt.Fprint(&text, "/", *l.FirstPrice)
		}
	}
	return text.String()
}

const (
	offSale     = "product_id: no such product, or not on sale"
	badNumber   = "product_num: a line has 1 to 999 pieces"
	noPolicy    = "price_policy_id: must be one of the course's price_policies"
	policyOfNo  = "price_policy_id: must be absent for what is no course"
	badFirst    = "first_price: must be from the product's first_price to what a piece costs"
	noLine      = "cart_id: no such line, or another user's"
	oneOfCourse = "product_num: must be 1 of a course"
)

func TestCartAdd(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	for _, c := range []struct {
		data   string
		status int
		detail string // of a refusal
		want   string // of what is taken: the line's id and the cart
	}{
		{item(tea, ``), 0, "", "1 1001*1"},
		{item(tea, `,"product_num":2`), 0, "", "1 1001*3"},
		{item(tea, `,"product_num":"3","price_policy_id":0,"first_price":""`), 0, "", "1 1001*6"}, // more than the stock
		{item(course, `,"price_policy_id":2`), 0, "", "2 1001*6 1006*1@2"},
		{item(course, `,"price_policy_id":1,"product_num":1`), 0, "", "3 1001*6 1006*1@2 1006*1@1"},
		{item(own, ``), 0, "", "4 1001*6 1006*1@2 1006*1@1 4517733*1"},
		{item(tea, `,"product_num":993`), 0, "", "1 1001*999 1006*1@2 1006*1@1 4517733*1"},
		{item(bike, `,"first_price":60`), 0, "", "5 1001*999 1006*1@2 1006*1@1 4517733*1 1003*1/6000"},
		{item(bike, `,"product_num":1`), 0, "", "5 1001*999 1006*1@2 1006*1@1 4517733*1 1003*2/6000"},
		{item(bike, `,"first_price":300`), 0, "", "5 1001*999 1006*1@2 1006*1@1 4517733*1 1003*3/30000"},
		{item(bike, `,"first_price":""`), 0, "", "5 1001*999 1006*1@2 1006*1@1 4517733*1 1003*4"},
		{``, -3, "product_id: missing", ""},
		{item(tea, `,"first_price":0`), -204, "first_price: must be 0.01 to 999999.99 with at most two decimals", ""},
		{item(tea, `,"product_num":1.5`), -203, "product_num: must be an integer", ""},
		{item(99, ``), 100, offSale, ""},
		{item(hidden, ``), 100, offSale, ""},
		{item(down, `,"product_num":0`), 103, badNumber, ""},
		{item(down, ``), 100, offSale, ""},
		{item(tea, ``), 103, badNumber, ""},
		{item(cup, `,"product_num":0`), 103, badNumber, ""},
		{item(cup, `,"product_num":-1`), 103, badNumber, ""},
		{item(cup, `,"product_num":1000`), 103, badNumber, ""},
		{item(tea, `,"product_num":9223372036854775807`), 103, badNumber, ""},
		{item(course, `,"price_policy_id":2`), 103, oneOfCourse, ""},
		{item(course, `,"price_policy_id":3,"product_num":2`), 103, oneOfCourse, ""},
		{item(course, ``), 104, noPolicy, ""},
		{item(course, `,"price_policy_id":3`), 104, noPolicy, ""},
		{item(tea, `,"price_policy_id":1`), 104, policyOfNo, ""},
		{item(cup, `,"first_price":1`), 105, badFirst, ""},
		{item(bike, `,"first_price":59.99`), 105, badFirst, ""},
		{item(bike, `,"first_price":300.01`), 105, badFirst, ""},
		{item(course, `,"price_policy_id":1,"first_price":1`), 103, oneOfCourse, ""},
	} {
		if c.status != 0 {
			f.refused("cart/add", `{`+c.data+`}`, c.status, c.detail)
			continue
		}
		id := f.OK("cart/add", aliceToken, `{`+c.data+`}`).Field("cart_id")
		if got := id + f.cart(); got != c.want {
			t.Errorf("%s: %s, want %s", c.data, got, c.want)
		}
	}
	freeze(f.Gateway, bob)
	f.refused("cart/add", `{`+item(cup, ``)+`}`, 100, offSale)
	f.OK("cart/count", aliceToken, `{}`).WantData(t, `{"lines":5,"pieces":1006}`)
	f.OK("cart/count", bobToken, `{}`).WantData(t, `{"lines":0,"pieces":0}`)
}

func TestCartUpdate(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	for _, line := range []string{item(tea, ``), item(course, `,"price_policy_id":1`), item(course, `,"price_policy_id":2`), item(bike, `,"first_price":100`), item(cup, ``)} {
		f.OK("cart/add", aliceToken, `{`+line+`}`)
	}
	bobs := f.OK("cart/add", bobToken, `{`+item(own, ``)+`}`).Field("cart_id")
	for _, c := range []struct {
		data   string
		status int
		detail string
		want   string
	}{
		{`"cart_id":1,"product_num":999`, 0, "", " 1001*999 1006*1@1 1006*1@2 1003*1/10000 1002*1"},
		{`"cart_id":1`, 0, "", " 1001*999 1006*1@1 1006*1@2 1003*1/10000 1002*1"},
		{`"cart_id":1,"product_num":1,"product_id":1002,"user_id":"` + bob + `"`, 0, "", " 1001*1 1006*1@1 1006*1@2 1003*1/10000 1002*1"},
		{`"cart_id":4,"product_num":3`, 0, "", " 1001*1 1006*1@1 1006*1@2 1003*3/10000 1002*1"},
		{`"cart_id":4,"first_price":60,"product_num":2`, 0, "", " 1001*1 1006*1@1 1006*1@2 1003*2/6000 1002*1"},
		{`"cart_id":4,"first_price":""`, 0, "", " 1001*1 1006*1@1 1006*1@2 1003*2 1002*1"},
		{`"cart_id":2,"price_policy_id":1`, 0, "", " 1001*1 1006*1@1 1006*1@2 1003*2 1002*1"},
		{`"product_num":1`, -3, "cart_id: missing", ""},
		{`"cart_id":99,"product_num":1`, 101, noLine, ""},
		{`"cart_id":` + bobs + `,"product_num":1`, 101, noLine, ""},
		{`"cart_id":` + bobs + `,"product_num":0`, 101, noLine, ""},
		{`"cart_id":1,"product_num":-1`, 103, badNumber, ""},
		{`"cart_id":1,"product_num":1000`, 103, badNumber, ""},
		{`"cart_id":2,"product_num":2`, 103, oneOfCourse, ""},
		{`"cart_id":2,"price_policy_id":2`, 104, "price_policy_id: another line has it", ""},
		{`"cart_id":2,"price_policy_id":3`, 104, noPolicy, ""},
		{`"cart_id":2,"price_policy_id":0`, 104, noPolicy, ""},
		{`"cart_id":2,"price_policy_id":""`, -201, "price_policy_id: must not be empty", ""},
		{`"cart_id":1,"price_policy_id":1`, 104, policyOfNo, ""},
		{`"cart_id":1,"first_price":5`, 105, badFirst, ""},
		{`"cart_id":4,"first_price":59.99`, 105, badFirst, ""},
		{`"cart_id":3,"product_num":0,"price_policy_id":9,"first_price":1`, 0, "", " 1001*1 1006*1@1 1003*2 1002*1"},
		{`"cart_id":3,"product_num":1`, 101, noLine, ""},
		{`"cart_id":2,"price_policy_id":2`, 0, "", " 1001*1 1006*1@2 1003*2 1002*1"},
	} {
		if c.status != 0 {
			f.refused("cart/update", `{`+c.data+`}`, c.status, c.detail)
			continue
		}
		f.Call("cart/update", aliceToken, `{`+c.data+`}`).WantRaw(t, nothing)
		if got := f.cart(); got != c.want {
			t.Errorf("%s: %s, want %s", c.data, got, c.want)
		}
	}
	// A policy has its own price, which the line was not added at.
	if got := f.OK("cart/list", aliceToken, `{}`).Rows(t, "added_price"); got != "8 300 100 10" {
		t.Errorf("added for %s", got)
	}
	freeze(f.Gateway, bob)
	f.refused("cart/update", `{"cart_id":1,"product_num":2}`, 100, offSale)
	f.OK("cart/update", aliceToken, `{"cart_id":1,"product_num":0}`) // what is off sale can go
}

func TestCartDelete(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	for _, product := range []int64{tea, cup, bike, lamp} {
		f.OK("cart/add", aliceToken, `{`+item(product, ``)+`}`)
	}
	bobs := f.OK("cart/add", bobToken, `{`+item(own, ``)+`}`).Field("cart_id")
	const noLines = "cart_ids: no such line, or another user's"
	f.refused("cart/delete", `{}`, -3, "cart_ids: missing")
	f.refused("cart/delete", `{"cart_ids":[]}`, -201, "cart_ids: must not be empty")
	for _, ids := range []string{"99", bobs, "1,99", "1," + bobs, "-1"} {
		f.refused("cart/delete", `{"cart_ids":[`+ids+`]}`, 101, noLines)
	}
	f.Call("cart/delete", aliceToken, `{"cart_ids":[3,1,3]}`).WantRaw(t, nothing)
	if got := f.cart(); got != " 1002*1 1004*1" {
		t.Errorf("left is %s", got)
	}
	f.refused("cart/delete", `{"cart_ids":[2,1]}`, 101, noLines)
}

// A list shows what each line is of now, and why it cannot be bought or what has changed.
func TestCartList(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.Call("cart/list", aliceToken, `{}`).WantData(t, `{"num":0,"list":[]}`)
	for _, line := range []string{item(tea, `,"product_num":5`), item(course, `,"price_policy_id":1`), item(bike, `,"first_price":100`), item(handlerstest.DocumentTextbook, ``)} {
		f.OK("cart/add", aliceToken, `{`+line+`}`)
	}
	f.OK("cart/add", bobToken, `{`+item(own, ``)+`}`)
	const (
		textbookRow = `{"cart_id":4,"product_id":6000002,"product_type":1,"product_name":"高等数学（上册）","pic_url":"./api/external/get/pic/product/lamp.png","product_num":1,"product_price":18,"added_price":18,` +
			`"price_policy_id":0,"valid_period":0,"price_policies":[],"first_price":null,"shop_id":0,"user_id":1180310087,"user_name":"码三秃","line_state":0}`
		bikeRow = `{"cart_id":3,"product_id":1003,"product_type":0,"product_name":"product 1003","pic_url":"./1003","product_num":1,"product_price":300,"added_price":300,` +
			`"price_policy_id":0,"valid_period":0,"price_policies":[],"first_price":100,"shop_id":21,"user_id":1180310087,"user_name":"码三秃","line_state":0}`
		courseRow = `{"cart_id":2,"product_id":1006,"product_type":2,"product_name":"product 1006","pic_url":"./1006","product_num":1,"product_price":30,"added_price":30,` +
			`"price_policy_id":1,"valid_period":7,"price_policies":[{"price_policy_id":1,"valid_period":7,"product_price":30},{"price_policy_id":2,"valid_period":30,"product_price":100}],` +
			`"first_price":null,"shop_id":21,"user_id":1180310087,"user_name":"码三秃","line_state":0}`
		teaRow = `{"cart_id":1,"product_id":1001,"product_type":0,"product_name":"product 1001","pic_url":"./1001","product_num":5,"product_price":10,"added_price":10,` +
			`"price_policy_id":0,"valid_period":0,"price_policies":[],"first_price":null,"shop_id":21,"user_id":1180310087,"user_name":"码三秃","line_state":0}`
	)
	f.Call("cart/list", aliceToken, `{}`).WantData(t, `{"num":4,"list":[`+textbookRow+`,`+bikeRow+`,`+courseRow+`,`+teaRow+`]}`)
	f.Call("cart/list", aliceToken, `{"page":2,"count":3}`).WantData(t, `{"num":4,"list":[`+teaRow+`]}`)
	f.Call("cart/list", aliceToken, `{"page":3,"count":3}`).WantData(t, `{"num":4,"list":[]}`)
	freeze(f.Gateway, alice) // may read
	f.OK("cart/count", aliceToken, `{}`).WantData(t, `{"lines":4,"pieces":8}`)
	for call, data := range map[string]string{"cart/add": `{` + item(cup, ``) + `}`, "cart/update": `{"cart_id":1,"product_num":0}`, "cart/delete": `{"cart_ids":[1]}`} {
		f.refused(call, data, -301, "")
	}

	ctx := t.Context()
	terms := func(product int64, terms storage.ProductTerms) func() {
		return func() { f.inTx(func(tx *storage.Tx) error { return tx.SetProductTerms(ctx, product, terms) }) }
	}
	change := func(product int64, c storage.ProductChange) func() {
		c.UpdateTime = 1
		return func() { handlerstest.Must(t, f.DB.UpdateProduct(ctx, product, bobShop, c)) }
	}
	policies := func(policies ...storage.PricePolicy) func() {
		return func() { f.inTx(func(tx *storage.Tx) error { return tx.SetPricePolicies(ctx, course, policies) }) }
	}
	review := func(state int64) func() {
		return func() {
			f.inTx(func(tx *storage.Tx) error { return tx.SetReview(ctx, handlerstest.DocumentTextbook, state, "") })
		}
	}
	for i, c := range []struct {
		change        func()
		states, price string // newest first
	}{
		{terms(tea, storage.ProductTerms{Stock: new(int64(4))}), "0 0 0 2", "18 300 30 10"},
		{change(tea, storage.ProductChange{Price: new(int64(11_00)), Status: 1}), "0 0 0 2", "18 300 30 11"},
		{terms(tea, storage.ProductTerms{Stock: new(int64(5))}), "0 0 0 3", "18 300 30 11"},
		{change(tea, storage.ProductChange{Disprice: new(int64(9_99)), Status: 1}), "0 0 0 4", "18 300 30 9.99"},
		{change(tea, storage.ProductChange{Status: 0}), "0 0 0 1", "18 300 30 9.99"},
		{change(tea, storage.ProductChange{Status: 1, Disprice: new(int64(10_00))}), "0 0 0 0", "18 300 30 10"},
		{policies(storage.PricePolicy{ValidPeriod: 7, Price: 31_00}), "0 0 3 0", "18 300 31 10"},
		{policies(storage.PricePolicy{ValidPeriod: 7, Price: 0}), "0 0 4 0", "18 300 0 10"},
		{policies(storage.PricePolicy{ValidPeriod: 30, Price: 30_00}), "0 0 1 0", "18 300 30 10"},
		{review(storage.ReviewWaiting), "1 0 1 0", "18 300 30 10"},
		{review(storage.ReviewPassed), "0 0 1 0", "18 300 30 10"},
		{func() { freeze(f.Gateway, bob) }, "1 1 1 1", "18 300 30 10"},
	} {
		c.change()
		a := f.OK("cart/list", aliceToken, `{}`)
		if states, price := a.Rows(t, "line_state"), a.Rows(t, "product_price"); states != c.states || price != c.price {
			t.Errorf("step %d: states %s, prices %s, want %s, %s", i, states, price, c.states, c.price)
		}
	}
	// What no review has passed is not read in a cart.
	review(storage.ReviewRefused)()
	var list struct{ List []map[string]any }
	handlerstest.Must(t, json.Unmarshal(f.OK("cart/list", aliceToken, `{}`).Data, &list))
	for i, row := range list.List {
		if shown := row["product_name"] != "" && row["pic_url"] != ""; shown != (i > 0) {
			t.Errorf("row %d: %v, %v", i, row["product_name"], row["pic_url"])
		}
	}
	f.OK("cart/count", aliceToken, `{}`).WantData(t, `{"lines":4,"pieces":8}`)
}

// A line of the cart is bought as it stands there.
func TestPrepareOfTheCart(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.give(alice, 0, 500_00)
	for _, line := range []string{item(tea, `,"product_num":2`), item(course, `,"price_policy_id":2`), item(bike, `,"first_price":100`), item(lamp, ``), item(own, ``)} {
		f.OK("cart/add", aliceToken, `{`+line+`}`)
	}
	bobs := f.OK("cart/add", bobToken, `{`+item(own, ``)+`}`).Field("cart_id")
	record := f.take(alice, storage.Coupon{CouponType: storage.CouponOff, CouponValue: 1_00, ProductID: tea})
	q := f.prepare(fmt.Sprintf(`{"cart_items":[{"cart_id":3},{"cart_id":1,"record_id":%d,"deliver":"express"},{"cart_id":2},{"cart_id":4,"deliver":"face"}],"deliver":"face"}`, record))
	var lines []any
	for _, order := range q.Orders {
		for _, line := range order.Lines {
			lines = append(lines, order.Deliver, line["product_id"], line["product_num"], line["price_policy_id"], line["coupon_off"], line["credit_price"], line["pay_price"])
		}
	}
	if got, want := fmt.Sprint(lines...), fmt.Sprint("face", 1003, 1, 0, 0, 200, 100, "face", 1004, 1, 0, 0, 0, 35, "express", 1001, 2, 0, 1, 0, 19, "", 1006, 1, 2, 0, 0, 100); got != want {
		t.Errorf("lines %s, want %s", got, want)
	}
	const none = "no such line, or there twice"
	for _, c := range []struct {
		data   string
		status int
		detail string
	}{
		{`{"cart_items":[{"cart_id":1},{"cart_id":99}]}`, 114, "cart_items[1]: " + none},
		{`{"cart_items":[{"cart_id":` + bobs + `}]}`, 114, "cart_items[0]: " + none},
		{`{"cart_items":[{"cart_id":1},{"cart_id":2},{"cart_id":1}]}`, 114, "cart_items[2]: " + none},
		{`{"cart_items":[{"cart_id":2},{"cart_id":5}]}`, 107, "cart_items[1]: product_id: your own product"},
		{`{"cart_items":[{"cart_id":4,"deliver":"express"}]}`, 116, "cart_items[0]: deliver: must be face"},
		{`{"cart_items":[{"cart_id":2},{"cart_id":1,"record_id":99}]}`, 110, "cart_items[1]: record_id: no such record for this, or it cannot be used now"},
		{`{"cart_items":[{"record_id":1}]}`, -3, "cart_items[0].cart_id: missing"},
	} {
		f.refused("order/prepare", c.data, c.status, c.detail)
	}
	f.inTx(func(tx *storage.Tx) error {
		return tx.SetProductTerms(t.Context(), tea, storage.ProductTerms{Stock: new(int64(1))})
	})
	f.refused("order/prepare", `{"cart_items":[{"cart_id":1}]}`, 105, "cart_items[0]: product_num: more than are left")
}

// However many add at once, a cart has no more lines than it may, and a line neither loses
// pieces nor has too many.
func TestMarketCartsTogether(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	ctx := t.Context()
	f.inTx(func(tx *storage.Tx) error {
		for i := range int64(97) {
			if _, err := tx.InsertCartLine(ctx, storage.CartLine{UserID: alice, ProductID: 1 + i, Pieces: 1}); err != nil {
				return err
			}
		}
		return nil
	})
	products := []int64{tea, cup, bike, lamp, stamps, own, handlerstest.DocumentTextbook}
	got := handlerstest.Count(handlerstest.Together(len(products), func(i int) handlerstest.Answer {
		return f.Call("cart/add", aliceToken, `{`+item(products[i], ``)+`}`)
	}))
	if got["0 successful"] != 3 || got["102 The cart is full"] != 4 {
		t.Errorf("answers %v", got)
	}
	if lines, _, err := f.DB.CartCount(ctx, alice); err != nil || lines != 100 {
		t.Errorf("%d lines, %v", lines, err)
	}
	f.refused("cart/add", `{`+item(course, `,"price_policy_id":1`)+`}`, 102, "")

	f.inTx(func(tx *storage.Tx) error { return tx.EraseCart(ctx, alice) })
	answers := handlerstest.Together(8, func(int) handlerstest.Answer {
		return f.Call("cart/add", aliceToken, `{`+item(cup, `,"product_num":150`)+`}`)
	})
	taken := 0
	for _, a := range answers {
		if a.Status == 0 {
			taken++
		} else if a.Status != 103 {
			t.Errorf("answered %s", a.Raw)
		}
	}
	if got := f.cart(); got != " 1002*900" || taken != 6 {
		t.Errorf("%d were taken: %s", taken, got)
	}
	lines, _, err := f.DB.CartLinesAfter(ctx, alice, 0)
	handlerstest.Must(t, err)
	got = handlerstest.Count(handlerstest.Together(8, func(int) handlerstest.Answer {
		return f.Call("cart/delete", aliceToken, fmt.Sprintf(`{"cart_ids":[%d]}`, lines[0].CartID))
	}))
	if got["0 successful"] != 1 || got["101 Cart line not exist"] != 7 {
		t.Errorf("answers %v", got)
	}
}
