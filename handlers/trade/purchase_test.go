package trade_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
)

// apply orders the document's product as bob and returns the order's id.
func apply(g *handlerstest.Gateway, token string) string {
	g.T.Helper()
	return g.OK("purchase/apply", token, handlerstest.NewOrder().String()).Field("purchase_id")
}

// orderRow is the document's order in purchase/info, still to be paid, with some
// of its fields replaced.
func orderRow(id string, changes ...string) string {
	return handlerstest.Object([]string{
		"purchase_id", handlerstest.Quoted(id), "purchase_state", `"paying"`, "user_id", alice, "purchase_type", "0", "purchase_price", "101.5",
		"creat_time", `"2019-11-28 22:25:52"`, "pay_method", `""`, "product_id", "4517733", "product_num", "1",
		"product_unitprice", "101.5", "product_totalprice", "101.5",
	}, changes)
}

// priced sets what the document's product costs; a discount of "" is none.
func priced(g *handlerstest.Gateway, price, discount string) {
	g.T.Helper()
	if discount == "" {
		discount = `""`
	}
	g.OK("product/update", aliceToken,
		`{"product_id":4517733,"shop_id":811729970,"product_status":1,"product_price":`+price+`,"product_disprice":`+discount+`}`)
}

func TestPurchaseApplyAsDocumented(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	a := g.Post("/purchase", aliceToken, `{
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
	g.OK("purchase/info", aliceToken, `{"purchase_id":"`+a.Field("purchase_id")+`"}`).WantData(t, orderRow(a.Field("purchase_id")))
	if wealth := g.Wealth(alice); wealth != 500_00 {
		t.Errorf("%d fen are left", wealth)
	}
}

func TestPurchaseApplyFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	sameBad := []string{"0", "-1", "0.001", "101.505"}
	g.FieldTable("purchase/apply", bobToken, handlerstest.NewOrder(), []handlerstest.FieldRow{
		{Key: "product_id", Absent: -3, Empty: -201, Kind: handlerstest.ID, Good: []string{`"4517733"`}},
		{Key: "product_num", Absent: -3, Empty: -201, Kind: handlerstest.Integer, Good: []string{"1", `"1"`}, Bad: []string{"0", "-1", "10000"}},
		{
			Key: "product_unitprice", Absent: -3, Empty: -201, Kind: handlerstest.Price,
			Good: []string{"101.50", `"101.5"`, "101.50000000000001"}, Bad: append(sameBad, "1000000"),
		},
		{
			Key: "product_totalprice", Absent: -3, Empty: -201, Kind: handlerstest.Price,
			Good: []string{"101.50", `"101.50"`, "101.49999999999999"}, Bad: append(sameBad, "9998999900.02"),
		},
	})
	// What the server decides may be anything.
	id := g.OK("purchase/apply", aliceToken, handlerstest.NewOrder().With("creat_time", `"2000-01-01 00:00:00"`).With("user_id", bob).
		With("purchase_id", `"1"`).With("purchase_state", `"finish"`).With("pay_method", `"wallet"`).With("purchase_type", "[]").String()).Field("purchase_id")
	g.OK("purchase/info", aliceToken, `{"purchase_id":"`+id+`"}`).WantData(t, orderRow(id))
}

// Only what is on sale is sold; a bad value is told before that.
func TestPurchaseApplyProduct(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for _, product := range []string{"1", "-1", "99999999999999999999"} {
		g.Refuses("purchase/apply", bobToken, handlerstest.NewOrder().With("product_id", product).String(), 100, "Product_id not exist")
	}
	for status, text := range map[string]int{"0": 100, "2": 100, "1": 0} {
		g.OK("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":`+status+`}`)
		if text == 0 {
			apply(g, bobToken)
			continue
		}
		g.Refuses("purchase/apply", bobToken, handlerstest.NewOrder().String(), 100, "Product_id not exist")
		g.Refuses("purchase/apply", bobToken, handlerstest.NewOrder().With("product_unitprice", "7").String(), 100, "Product_id not exist")
		g.RefusesValue("purchase/apply", bobToken, handlerstest.NewOrder().With("product_num", "0"), "product_num", -204)
	}
}

// The unit price is the product's price or, where set, its discount; the total is
// number times unit.
func TestPurchaseApplyPrices(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
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
		priced(g, c.price, c.discount)
		data := handlerstest.Fields{"product_id": "4517733", "product_num": c.num, "product_unitprice": c.unit, "product_totalprice": c.sum}
		if c.bad != "" {
			g.RefusesValue("purchase/apply", bobToken, data, c.bad, -204)
		} else {
			g.OK("purchase/apply", bobToken, data.String())
		}
	}
}

// A page multiplies in binary floating point: 3 * 0.1 is 0.30000000000000004.
func TestPurchaseApplyJavaScriptNumbers(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	written := func(number float64) string { return strconv.FormatFloat(number, 'f', -1, 64) }
	for _, fen := range []int64{1, 10, 70, 115, 435, 820, 1999, 10150, 99999999} {
		unit := float64(fen) / 100
		priced(g, written(unit), "")
		for _, num := range []int64{1, 3, 7, 100, 9999} {
			data := handlerstest.NewOrder().With("product_num", written(float64(num))).With("product_unitprice", written(unit)).
				With("product_totalprice", written(float64(num)*unit))
			id := g.OK("purchase/apply", bobToken, data.String()).Field("purchase_id")
			if stored, err := g.DB.Purchase(t.Context(), id); err != nil || stored.ProductTotalprice != num*fen || stored.PurchasePrice != num*fen {
				t.Errorf("%s: %+v, %v", data, stored, err)
			}
			g.RefusesValue("purchase/apply", bobToken, data.With("product_totalprice", written(float64(num*fen+1)/100)), "product_totalprice", -204)
		}
	}
}

// An order keeps what was sent, whatever becomes of the product.
func TestPurchaseKeepsItsPrices(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	priced(g, "101.5", "90")
	id := g.OK("purchase/apply", aliceToken, `{"product_id":"4517733","product_num":"3","product_unitprice":"90.00","product_totalprice":270}`).Field("purchase_id")
	priced(g, "5", "")
	g.OK("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":2}`)
	g.OK("purchase/info", aliceToken, `{"purchase_id":"`+id+`"}`).WantData(t,
		orderRow(id, "purchase_price", "270", "product_num", "3", "product_unitprice", "90", "product_totalprice", "270"))
}

// Order ids are unique under any concurrency within one second.
func TestPurchaseIDsAreUnique(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	seen := map[string]bool{}
	for _, a := range handlerstest.Together(32, func(int) handlerstest.Answer {
		return g.OK("purchase/apply", bobToken, handlerstest.NewOrder().String())
	}) {
		id := a.Field("purchase_id")
		if seen[id] || !regexp.MustCompile(`^[0-9]{17}$`).MatchString(id) {
			t.Errorf("the id %s", id)
		}
		seen[id] = true
	}
}

func TestPurchaseInfoAsDocumented(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.Post("/purchase", aliceToken, `{
    "id":123456,
    "status":0,
    "type":"purchase",
    "subtype":"info",
    "data":{
        "purchase_id":"15749511524517733"
    }
}`).WantRaw(t, `{"id":123456,"status":0,"message":"successful","data":`+orderRow(handlerstest.DocumentPurchase)+`}`)
}

// The id of an order is text only: 17 digits do not survive JavaScript.
func TestPurchaseIDFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for call, data := range map[string]handlerstest.Fields{
		"purchase/info": {}, "purchase/cancel": {}, "purchase/pay": {"method": `"wallet"`},
	} {
		for value, status := range map[string]int{
			"": -3, "null": -3, `""`: -201, "15749511524517733": -203, "true": -203, "[]": -203, "{}": -203, `"\ud800"`: -204, `"a\u0000"`: -204,
		} {
			g.RefusesValue(call, aliceToken, data.With("purchase_id", value), "purchase_id", status)
		}
		for _, unknown := range []string{"15749511524517734", "1", " 15749511524517733", "15749511524517733 ", "015749511524517733", "abc", strings.Repeat("1", 300)} {
			g.Refuses(call, aliceToken, data.With("purchase_id", handlerstest.Quoted(unknown)).String(), 100, "Purchase id not exist")
		}
		g.Refuses(call, bobToken, data.With("purchase_id", handlerstest.Quoted(handlerstest.DocumentPurchase)).With("user_id", alice).String(), 101, "Have no right to operate")
	}
	for value, status := range map[string]int{"": -3, "null": -3, `""`: -201, "1": -203, "true": -203, `"\ud800"`: -204} {
		g.RefusesValue("purchase/pay", aliceToken, handlerstest.Fields{"purchase_id": handlerstest.Quoted(handlerstest.DocumentPurchase)}.With("method", value), "method", status)
	}
}

// The list has seven fields of each order, the newest first and of one second the
// later; num counts all of the user's.
func TestPurchaseList(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.OK("purchase/list", aliceToken, `{}`).WantData(t, `{"num":0,"list":[]}`)
	g.Document()
	second := apply(g, aliceToken)
	apply(g, bobToken)
	g.Clock.Advance(time.Hour)
	third := apply(g, aliceToken)
	g.Clock.Advance(-2 * time.Hour)
	oldest := apply(g, aliceToken)
	g.OK("purchase/pay", aliceToken, `{"purchase_id":"`+second+`","method":"wallet"}`)
	g.OK("purchase/cancel", aliceToken, `{"purchase_id":"`+third+`"}`)

	row := func(id string, changes ...string) string {
		seven, _, _ := strings.Cut(orderRow(id, changes...), `,"product_id"`)
		return seven + "}"
	}
	const late, early = `"2019-11-28 23:25:52"`, `"2019-11-28 21:25:52"`
	want := `{"num":4,"list":[` + strings.Join([]string{
		row(third, "creat_time", late, "purchase_state", `"cancel"`),
		row(second, "purchase_state", `"finish"`, "pay_method", `"wallet"`),
		row(handlerstest.DocumentPurchase),
		row(oldest, "creat_time", early),
	}, ",") + `]}`
	g.OK("purchase/list", aliceToken, `{}`).WantData(t, want)
	g.OK("purchase/list", aliceToken, `{"purchase_id":5,"user_id":1180310087}`).WantData(t, want)

	for _, row := range []handlerstest.FieldRow{
		{Key: "page", Kind: handlerstest.Integer, Good: []string{"1", `"1"`}, Bad: []string{"0", "-1"}},
		{Key: "count", Kind: handlerstest.Integer, Good: []string{"1", `"500"`}, Bad: []string{"0", "501"}},
	} {
		g.FieldTable("purchase/list", aliceToken, handlerstest.Fields{}, []handlerstest.FieldRow{row})
	}
}
