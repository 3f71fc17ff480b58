package handlers_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// apply orders the document's product as bob and returns the order's id.
func (g *gateway) apply(token string) string {
	g.t.Helper()
	return g.ok("purchase/apply", token, order().String()).field("purchase_id")
}

// order is the document's example of purchase/apply.
func order() fields {
	return fields{"product_id": "4517733", "product_num": "1", "product_unitprice": "101.5", "product_totalprice": "101.5"}
}

// orderRow is the document's order in purchase/info, still to be paid, with some
// of its fields replaced.
func orderRow(id string, changes ...string) string {
	return object([]string{
		"purchase_id", quoted(id), "purchase_state", `"paying"`, "user_id", alice, "purchase_type", "0", "purchase_price", "101.5",
		"creat_time", `"2019-11-28 22:25:52"`, "pay_method", `""`, "product_id", "4517733", "product_num", "1",
		"product_unitprice", "101.5", "product_totalprice", "101.5",
	}, changes)
}

// priced sets what the document's product costs; a discount of "" is none.
func (g *gateway) priced(price, discount string) {
	g.t.Helper()
	if discount == "" {
		discount = `""`
	}
	g.ok("product/update", aliceToken,
		`{"product_id":4517733,"shop_id":811729970,"product_status":1,"product_price":`+price+`,"product_disprice":`+discount+`}`)
}

func TestPurchaseApplyAsDocumented(t *testing.T) {
	g := start(t)
	g.document()
	a := g.post("/purchase", aliceToken, `{
    "id":123456,
    "status":0,
    "type":"purchase",
    "subtype":"apply",
    "data":{
        "product_id":4517733,
        "product_num":1,
        "product_unitprice":101.5,
        "product_totalprice":101.5
    }
}`)
	if !regexp.MustCompile(`^\{"id":123456,"status":0,"message":"successful","data":\{"purchase_id":"[0-9]{17}"\}\}$`).MatchString(a.Raw) {
		t.Errorf("got %s", a.Raw)
	}
	// One's own shop is a shop like any other, and no money has moved yet.
	g.ok("purchase/info", aliceToken, `{"purchase_id":"`+a.field("purchase_id")+`"}`).wantData(t, orderRow(a.field("purchase_id")))
	if wealth := g.wealth(alice); wealth != 500_00 {
		t.Errorf("%d fen are left", wealth)
	}
}

func TestPurchaseApplyFields(t *testing.T) {
	g := start(t)
	g.document()
	sameBad := []string{"0", "-1", "0.001", "101.505"}
	g.fieldTable("purchase/apply", bobToken, order(), []fieldRow{
		{key: "product_id", absent: -3, empty: -201, kind: id, good: []string{`"4517733"`}},
		{key: "product_num", absent: -3, empty: -201, kind: integer, good: []string{"1", `"1"`}, bad: []string{"0", "-1", "10000"}},
		{
			key: "product_unitprice", absent: -3, empty: -201, kind: price,
			good: []string{"101.50", `"101.5"`, "101.50000000000001"}, bad: append(sameBad, "1000000"),
		},
		{
			key: "product_totalprice", absent: -3, empty: -201, kind: price,
			good: []string{"101.50", `"101.50"`, "101.49999999999999"}, bad: append(sameBad, "9998999900.02"),
		},
	})
	// What the server decides may be anything.
	id := g.ok("purchase/apply", aliceToken, order().with("creat_time", `"2000-01-01 00:00:00"`).with("user_id", bob).
		with("purchase_id", `"1"`).with("purchase_state", `"finish"`).with("pay_method", `"wallet"`).with("purchase_type", "[]").String()).field("purchase_id")
	g.ok("purchase/info", aliceToken, `{"purchase_id":"`+id+`"}`).wantData(t, orderRow(id))
}

// Only what is on sale is sold; a bad value is told before that.
func TestPurchaseApplyProduct(t *testing.T) {
	g := start(t)
	g.document()
	for _, product := range []string{"1", "-1", "99999999999999999999"} {
		g.refuses("purchase/apply", bobToken, order().with("product_id", product).String(), 100, "Product_id not exist")
	}
	for status, text := range map[string]int{"0": 100, "2": 100, "1": 0} {
		g.ok("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":`+status+`}`)
		if text == 0 {
			g.apply(bobToken)
			continue
		}
		g.refuses("purchase/apply", bobToken, order().String(), 100, "Product_id not exist")
		g.refuses("purchase/apply", bobToken, order().with("product_unitprice", "7").String(), 100, "Product_id not exist")
		g.refusesValue("purchase/apply", bobToken, order().with("product_num", "0"), "product_num", -204)
	}
}

// The unit price is the product's price or, where set, its discount; the total is
// number times unit.
func TestPurchaseApplyPrices(t *testing.T) {
	g := start(t)
	g.document()
	for _, c := range []struct {
		price, discount string
		num, unit, sum  string
		bad             string // the key of a wrong price
	}{
		{"101.5", "", "1", "101.5", "101.5", ""},
		{"101.5", "", "2", `"101.50"`, `"203"`, ""},
		{"101.5", "", "1", "101.51", "101.51", "product_unitprice"},
		{"101.5", "", "1", "101.49", "101.49", "product_unitprice"},
		{"101.5", "", "2", "101.5", "101.5", "product_totalprice"},
		{"101.5", "", "2", "101.5", "203.01", "product_totalprice"},
		{"101.5", "", "2", "101.5", "202.99", "product_totalprice"},
		{"101.5", "90", "1", "101.5", "101.5", ""},
		{"101.5", "90", "1", "90", "90", ""},
		{"101.5", "90", "3", "90", "304.5", "product_totalprice"},
		{"101.5", "90", "1", "95", "95", "product_unitprice"},
		{"90", "", "1", "101.5", "101.5", "product_unitprice"},
		{"999999.99", "", "9999", "999999.99", "9998999900.01", ""},
		{"0.01", "", "9999", "0.01", "99.99", ""},
	} {
		g.priced(c.price, c.discount)
		data := fields{"product_id": "4517733", "product_num": c.num, "product_unitprice": c.unit, "product_totalprice": c.sum}
		if c.bad != "" {
			g.refusesValue("purchase/apply", bobToken, data, c.bad, -204)
		} else {
			g.ok("purchase/apply", bobToken, data.String())
		}
	}
}

// A page multiplies in binary floating point: 3 * 0.1 is 0.30000000000000004.
func TestPurchaseApplyJavaScriptNumbers(t *testing.T) {
	g := start(t)
	g.document()
	written := func(number float64) string { return strconv.FormatFloat(number, 'f', -1, 64) }
	for _, fen := range []int64{1, 10, 70, 115, 435, 820, 1999, 10150, 99999999} {
		unit := float64(fen) / 100
		g.priced(written(unit), "")
		for _, num := range []int64{1, 3, 7, 100, 9999} {
			data := order().with("product_num", written(float64(num))).with("product_unitprice", written(unit)).
				with("product_totalprice", written(float64(num)*unit))
			id := g.ok("purchase/apply", bobToken, data.String()).field("purchase_id")
			if stored, err := g.db.Purchase(t.Context(), id); err != nil || stored.ProductTotalprice != num*fen || stored.PurchasePrice != num*fen {
				t.Errorf("%s: %+v, %v", data, stored, err)
			}
			g.refusesValue("purchase/apply", bobToken, data.with("product_totalprice", written(float64(num*fen+1)/100)), "product_totalprice", -204)
		}
	}
}

// An order keeps what was sent, whatever becomes of the product.
func TestPurchaseKeepsItsPrices(t *testing.T) {
	g := start(t)
	g.document()
	g.priced("101.5", "90")
	id := g.ok("purchase/apply", aliceToken, `{"product_id":"4517733","product_num":"3","product_unitprice":"90.00","product_totalprice":270}`).field("purchase_id")
	g.priced("5", "")
	g.ok("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":2}`)
	g.ok("purchase/info", aliceToken, `{"purchase_id":"`+id+`"}`).wantData(t,
		orderRow(id, "purchase_price", "270", "product_num", "3", "product_unitprice", "90", "product_totalprice", "270"))
}

// Order ids are unique under any concurrency within one second.
func TestPurchaseIDsAreUnique(t *testing.T) {
	g := start(t)
	g.document()
	seen := map[string]bool{}
	for _, a := range together(32, func(int) answer { return g.ok("purchase/apply", bobToken, order().String()) }) {
		id := a.field("purchase_id")
		if seen[id] || !regexp.MustCompile(`^[0-9]{17}$`).MatchString(id) {
			t.Errorf("the id %s", id)
		}
		seen[id] = true
	}
}

func TestPurchaseInfoAsDocumented(t *testing.T) {
	g := start(t)
	g.document()
	g.post("/purchase", aliceToken, `{
    "id":123456,
    "status":0,
    "type":"purchase",
    "subtype":"info",
    "data":{
        "purchase_id":"15749511524517733"
    }
}`).wantRaw(t, `{"id":123456,"status":0,"message":"successful","data":`+orderRow(documentPurchase)+`}`)
}

// The id of an order is text only: 17 digits do not survive JavaScript.
func TestPurchaseIDFields(t *testing.T) {
	g := start(t)
	g.document()
	for call, data := range map[string]fields{
		"purchase/info": {}, "purchase/cancel": {}, "purchase/pay": {"method": `"wallet"`},
	} {
		for value, status := range map[string]int{
			"": -3, "null": -3, `""`: -201, "15749511524517733": -203, "true": -203, "[]": -203, "{}": -203, `"\ud800"`: -204, `"a\u0000"`: -204,
		} {
			g.refusesValue(call, aliceToken, data.with("purchase_id", value), "purchase_id", status)
		}
		for _, unknown := range []string{"15749511524517734", "1", " 15749511524517733", "15749511524517733 ", "015749511524517733", "abc", strings.Repeat("1", 300)} {
			g.refuses(call, aliceToken, data.with("purchase_id", quoted(unknown)).String(), 100, "Purchase id not exist")
		}
		g.refuses(call, bobToken, data.with("purchase_id", quoted(documentPurchase)).with("user_id", alice).String(), 101, "Have no right to operate")
	}
	for value, status := range map[string]int{"": -3, "null": -3, `""`: -201, "1": -203, "true": -203, `"\ud800"`: -204} {
		g.refusesValue("purchase/pay", aliceToken, fields{"purchase_id": quoted(documentPurchase)}.with("method", value), "method", status)
	}
}

// The list has seven fields of each order, the newest first and of one second the
// later; num counts all of the user's.
func TestPurchaseList(t *testing.T) {
	g := start(t)
	g.ok("purchase/list", aliceToken, `{}`).wantData(t, `{"num":0,"list":[]}`)
	g.document()
	second := g.apply(aliceToken)
	g.apply(bobToken)
	g.clock.advance(time.Hour)
	third := g.apply(aliceToken)
	g.clock.advance(-2 * time.Hour)
	oldest := g.apply(aliceToken)
	g.ok("purchase/pay", aliceToken, `{"purchase_id":"`+second+`","method":"wallet"}`)
	g.ok("purchase/cancel", aliceToken, `{"purchase_id":"`+third+`"}`)

	row := func(id string, changes ...string) string {
		seven, _, _ := strings.Cut(orderRow(id, changes...), `,"product_id"`)
		return seven + "}"
	}
	const late, early = `"2019-11-28 23:25:52"`, `"2019-11-28 21:25:52"`
	want := `{"num":4,"list":[` + strings.Join([]string{
		row(third, "creat_time", late, "purchase_state", `"cancel"`),
		row(second, "purchase_state", `"finish"`, "pay_method", `"wallet"`),
		row(documentPurchase),
		row(oldest, "creat_time", early),
	}, ",") + `]}`
	g.ok("purchase/list", aliceToken, `{}`).wantData(t, want)
	g.ok("purchase/list", aliceToken, `{"purchase_id":5,"user_id":1180310087}`).wantData(t, want)

	for _, row := range []fieldRow{
		{key: "page", kind: integer, good: []string{"1", `"1"`}, bad: []string{"0", "-1"}},
		{key: "count", kind: integer, good: []string{"1", `"500"`}, bad: []string{"0", "501"}},
	} {
		g.fieldTable("purchase/list", aliceToken, fields{}, []fieldRow{row})
	}
}
