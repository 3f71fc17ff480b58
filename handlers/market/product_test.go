package market_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
)

// product is the row of a product.
func product(g *handlerstest.Gateway, id string) string {
	g.T.Helper()
	data := string(g.OK("product/list", bobToken, `{"type":"all"}`).Data)
	for row := range strings.SplitSeq(strings.Trim(data, "[]"), "},{") {
		if row = "{" + strings.Trim(row, "{}") + "}"; strings.Contains(row, `"product_id":`+id+",") {
			return row
		}
	}
	return data
}

// productRow is the row of the document's product as it is stored at the start of
// a test, with some of its fields replaced.
func productRow(id string, changes ...string) string {
	return handlerstest.Object([]string{
		"product_id", id, "product_name", `"头秃生发水"`, "product_content", `""`, "product_key", `"生发|秃"`,
		"product_price", "101.5", "product_disprice", "null", "product_sale", "0", "product_click", "0",
		"product_collection", "0", "shop_id", "811729970", "creat_time", `"2019-11-28 22:25:52"`,
		"update_time", `"2019-11-28 22:25:52"`, "pic_url", `""`, "product_status", "1",
	}, changes)
}

func TestProductCreateAsDocumented(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	a := g.Post("/product", aliceToken, `{
    "id":123456,
    "status":0,
    "type":"product",
    "subtype":"creat",
    "data":{
        "product_name":"测试商品1",
        "product_key":"测试商品",
        "producy_content":"测试",
        "product_price":"100.5",
        "shop_id":811729970,
        "product_status":0
    }
}`)
	if !regexp.MustCompile(`^\{"id":123456,"status":0,"message":"successful","data":\{"product_id":[1-9][0-9]{6}\}\}$`).MatchString(a.Raw) {
		t.Errorf("got %s", a.Raw)
	}
	id := a.Field("product_id")
	want := productRow(id, "product_name", `"测试商品1"`, "product_key", `"测试商品"`, "product_price", "100.5", "product_status", "0")
	if got := product(g, id); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestProductCreateFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.FieldTable("product/creat", aliceToken, handlerstest.NewProduct(), []handlerstest.FieldRow{
		{Key: "product_name", Absent: -202, Empty: -201, Kind: handlerstest.Text, Limit: 100},
		{Key: "product_content", Kind: handlerstest.Text},
		{Key: "product_key", Kind: handlerstest.Text, Limit: 255},
		{
			Key: "product_price", Absent: -202, Empty: -201, Kind: handlerstest.Price,
			Good: []string{"0.01", "999999.99", `"0.01"`, `"999999.99"`, `"007"`, "100", "3.50", "1e2"},
			Bad:  []string{"0", "-1", "0.001", "0.015", `"0.009"`, "1000000", "999999.991", `"-0.01"`, "1e-3"},
		},
		{Key: "shop_id", Absent: -202, Empty: -201, Kind: handlerstest.ID, Good: []string{`"811729970"`}},
		{Key: "pic_url", Kind: handlerstest.Text, Limit: 1024},
		{Key: "product_status", Absent: -202, Empty: -201, Kind: handlerstest.Integer, Good: []string{"0", "1", "2", `"1"`}, Bad: []string{"-1", "3"}},
	})
}

// A price is kept to the fen. What a page's own arithmetic adds within a
// millionth of a fen is none of it.
func TestProductPrices(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for sent, shown := range map[string]string{
		"0.01": "0.01", "0.1": "0.1", "0.10": "0.1", "1": "1", "1.0": "1", "3.54": "3.54", `"3.54"`: "3.54", "1e2": "100", "1E-2": "0.01",
		"999999.99": "999999.99", "999999.9": "999999.9", `"0100.50"`: "100.5", "4.35": "4.35", "1.15": "1.15", "8.2": "8.2",
		"0.30000000000000004": "0.3", `"0.30000000000000004"`: "0.3", "19.999999999999996": "20", "0.009999999999999998": "0.01",
		"0.010000005": "0.01", "999999.9900000001": "999999.99",
	} {
		id := g.AddProduct("x", sent, "")
		if row := product(g, id); !strings.Contains(row, `"product_price":`+shown+",") {
			t.Errorf("%s is shown as %s", sent, row)
		}
	}
	for _, sent := range []string{"0.01000002", "0.009", "0.0149999", "3.545", "999999.995", `"0.300001"`} {
		g.RefusesValue("product/creat", aliceToken, handlerstest.NewProduct().With("product_price", sent), "product_price", -204)
	}
}

// Ids, times and numbers are the server's on creation.
func TestProductCreateIgnores(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	id := g.AddProduct("头秃生发水", "101.5", `,"product_key":"生发|秃","pic_url":"./1","product_id":7,"product_disprice":1,"product_sale":5,"product_click":"x",
		"product_collection":[],"creat_time":"2000-01-01 00:00:00","update_time":"2000-01-01 00:00:00","user_id":1180310087,"product_pic":"./2"`)
	if got, want := product(g, id), productRow(id, "pic_url", `"./1"`); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Only the owner of a shop fills it.
func TestProductOwner(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	other := g.OpenShop(bobToken, "大店")
	second := g.OpenShop(aliceToken, "小店")
	for _, c := range []struct{ name, token, shop string }{
		{"another's shop", bobToken, "811729970"},
		{"another's shop", aliceToken, other},
		{"no such shop", aliceToken, "1"},
		{"no such shop", aliceToken, "-1"},
		{"no such shop", aliceToken, "99999999999999999999"},
	} {
		t.Run("creat "+c.name+" "+c.shop, func(t *testing.T) {
			g.In(t).Refuses("product/creat", c.token, handlerstest.NewProduct().With("shop_id", c.shop).With("user_id", alice).String(), 100, "No right to operate")
		})
	}
	for _, c := range []struct{ name, token, product, shop string }{
		{"another's product", bobToken, "4517733", "811729970"},
		{"another's product in your own shop", bobToken, "4517733", other},
		{"one's own product in another's shop", aliceToken, "4517733", other},
		{"one's own product in one's other shop", aliceToken, "4517733", second},
		{"no such shop", aliceToken, "4517733", "1"},
		{"no such product", aliceToken, "1", "811729970"},
		{"no such product", aliceToken, "99999999999999999999", "811729970"},
	} {
		t.Run("update "+c.name, func(t *testing.T) {
			g.In(t).Refuses("product/update", c.token,
				`{"product_id":`+c.product+`,"shop_id":`+c.shop+`,"product_status":2,"user_id":1180310086}`, 100, "No right to operate")
		})
	}
}

// The document's example of an update says creat by a slip: as printed it is a
// creat without a price.
func TestProductUpdateAsDocumented(t *testing.T) {
	t.Parallel()
	const printed = `{
    "id":123456,
    "status":0,
    "type":"product",
    "subtype":"creat",
    "data":{
        "product_id":4517733,
        "shop_id":811729970,
        "product_status":1,
        "product_name":"头秃生发水",
        "product_content":"<h1>Duang~</h1>",
        "product_key":"生发|秃"
    }
}`
	g := handlerstest.Start(t)
	g.Document()
	before := g.Stored()
	g.Post("/product", aliceToken, printed).
		WantRaw(t, `{"id":123456,"status":-202,"message":"Missing necessary data key-value","data":{},"detail":"product_price: missing"}`)
	if g.Stored() != before {
		t.Error("something is stored")
	}
	g.Clock.Advance(time.Minute)
	g.Post("/product", aliceToken, strings.Replace(printed, "creat", "update", 1)).
		WantRaw(t, `{"id":123456,"status":0,"message":"successful","data":{}}`)
	want := productRow("4517733", "product_content", `"\u003ch1\u003eDuang~\u003c/h1\u003e"`, "update_time", `"2019-11-28 22:26:52"`)
	if got := product(g, "4517733"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestProductUpdateFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	numbers := []string{"0", "1", `"2"`, "9223372036854775807"}
	g.FieldTable("product/update", aliceToken, handlerstest.Fields{"product_id": "4517733", "shop_id": "811729970", "product_status": "1"}, []handlerstest.FieldRow{
		{Key: "product_id", Absent: -202, Empty: -201, Kind: handlerstest.ID, Good: []string{`"4517733"`}},
		{Key: "product_name", Empty: -201, Kind: handlerstest.Text, Limit: 100},
		{Key: "product_content", Kind: handlerstest.Text},
		{Key: "product_key", Kind: handlerstest.Text, Limit: 255},
		{
			Key: "product_price", Empty: -201, Kind: handlerstest.Price,
			Good: []string{"0.01", "999999.99", `"3.54"`, "101.5"}, Bad: []string{"0", "-1", "0.001", "1000000"},
		},
		{
			Key: "product_disprice", Kind: handlerstest.Price,
			Good: []string{"0.01", "101.5", `"3.54"`}, Bad: []string{"0", "-1", "0.001", "1000000"},
		},
		{Key: "product_sale", Kind: handlerstest.Integer, Good: numbers, Bad: []string{"-1"}},
		{Key: "product_click", Kind: handlerstest.Integer, Good: numbers, Bad: []string{"-1"}},
		{Key: "product_collection", Kind: handlerstest.Integer, Good: numbers, Bad: []string{"-1"}},
		{Key: "shop_id", Absent: -202, Empty: -201, Kind: handlerstest.ID, Good: []string{`"811729970"`}},
		{Key: "pic_url", Kind: handlerstest.Text, Limit: 1024},
		{Key: "product_status", Absent: -202, Empty: -201, Kind: handlerstest.Integer, Good: []string{"0", "1", "2", `"1"`}, Bad: []string{"-1", "3"}},
	})
}

func TestProductUpdateKeeps(t *testing.T) {
	t.Parallel()
	const later = `"2019-11-28 22:26:52"`
	g := handlerstest.Start(t)
	g.Document()
	for _, c := range []struct {
		name, sent string
		changes    []string
	}{
		{"nothing but status and time", `"product_status":0`, []string{"product_status", "0"}},
		{
			"everything", `"product_status":"1","product_name":"n","product_content":"c","product_key":"k","product_price":"9.9","product_disprice":9.89,
			"product_sale":"4","product_click":5,"product_collection":6,"pic_url":"./1"`,
			[]string{
				"product_name", `"n"`, "product_content", `"c"`, "product_key", `"k"`, "product_price", "9.9", "product_disprice", "9.89",
				"product_sale", "4", "product_click", "5", "product_collection", "6", "pic_url", `"./1"`,
			},
		},
		{"empty texts", `"product_status":1,"product_key":"","product_content":"","pic_url":""`, []string{"product_key", `""`}},
		{"empty numbers leave them", `"product_status":1,"product_sale":"","product_click":"","product_collection":""`, nil},
		{"null is absent", `"product_status":1,"product_name":null,"product_price":null,"product_key":null`, nil},
		{"times are the server's", `"product_status":1,"creat_time":"2000-01-01 00:00:00","update_time":"2000-01-01 00:00:00","user_id":5`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := g.In(t)
			id := g.AddProduct("头秃生发水", "101.5", `,"product_key":"生发|秃"`)
			g.Clock.Advance(time.Minute)
			defer g.Clock.Advance(-time.Minute)
			g.OK("product/update", aliceToken, `{"product_id":`+id+`,"shop_id":811729970,`+c.sent+`}`).WantData(t, "{}")
			if got, want := product(g, id), productRow(id, append(c.changes, "update_time", later)...); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// A discount is a price not above the product's; "" takes it away.
func TestProductDiscount(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for _, step := range []struct {
		sent   string
		status int
		want   string // price and discount after it
	}{
		{`"product_disprice":101.51`, -204, "101.5,null"},
		{`"product_disprice":101.5`, 0, "101.5,101.5"},
		{`"product_disprice":"50.25"`, 0, "101.5,50.25"},
		{`"product_disprice":null`, 0, "101.5,50.25"},
		{`"product_name":"新"`, 0, "101.5,50.25"},
		{`"product_price":50`, -204, "101.5,50.25"}, // below the discount that stands
		{`"product_price":50.25`, 0, "50.25,50.25"},
		{`"product_price":10,"product_disprice":10.01`, -204, "50.25,50.25"},
		{`"product_price":10,"product_disprice":9.99`, 0, "10,9.99"},
		{`"product_price":20,"product_disprice":20`, 0, "20,20"},
		{`"product_price":5,"product_disprice":""`, 0, "5,null"},
		{`"product_disprice":0.30000000000000004`, 0, "5,0.3"},
		{`"product_disprice":""`, 0, "5,null"},
		{`"product_disprice":""`, 0, "5,null"},
	} {
		data := `{"product_id":4517733,"shop_id":811729970,"product_status":1,` + step.sent + `}`
		if step.status == 0 {
			g.OK("product/update", aliceToken, data)
		} else if a := g.Refuses("product/update", aliceToken, data, -204, "Arg's value error"); !strings.HasPrefix(a.Detail, "product_disprice: ") {
			t.Errorf("detail %q", a.Detail)
		}
		price, discount, _ := strings.Cut(step.want, ",")
		if row := product(g, "4517733"); !strings.Contains(row, `"product_price":`+price+`,"product_disprice":`+discount+",") {
			t.Errorf("after %s: %s, want %s", step.sent, row, step.want)
		}
	}
}

// What the owner sets of sales and clicks, a sale or a click beside it adds to.
func TestProductNumbersAreAddedTo(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.OK("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":1,"product_sale":100,"product_click":200,"product_collection":300}`)
	g.OK("purchase/pay", aliceToken, `{"purchase_id":"15749511524517733","method":"wallet"}`)
	g.OK("product/info", bobToken, `{"product_id":4517733}`)
	g.OK("product/info", bobToken, `{"product_id":4517733}`)
	want := productRow("4517733", "product_sale", "101", "product_click", "202", "product_collection", "300")
	if got := product(g, "4517733"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestProductContentLimit(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	const limit = 1 << 20
	update := handlerstest.Fields{"product_id": "4517733", "shop_id": "811729970", "product_status": "1"}
	for _, c := range []struct {
		name, content string
		status        int
	}{
		{"over the limit", strings.Repeat("x", limit+1), -204},
		{"tags over the limit", strings.Repeat("<b>x</b>", limit/8) + "x", -204},
		{"at the limit", strings.Repeat("x", limit), 0},
		{"tags at the limit", strings.Repeat("<b>x</b>", limit/8), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := g.In(t)
			for call, data := range map[string]handlerstest.Fields{"product/creat": handlerstest.NewProduct(), "product/update": update} {
				if data = data.With("product_content", handlerstest.Quoted(c.content)); c.status != 0 {
					g.RefusesValue(call, aliceToken, data, "product_content", c.status)
				} else {
					g.OK(call, aliceToken, data.String())
				}
			}
			if row := product(g, "4517733"); c.status == 0 && len(row) < limit {
				t.Errorf("the content has %d bytes", len(row))
			}
		})
	}
}

// Ids are unique also when many products come at once.
func TestProductIDsAreUnique(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	seen := map[string]bool{}
	for _, a := range handlerstest.Together(32, func(int) handlerstest.Answer {
		return g.OK("product/creat", aliceToken, handlerstest.NewProduct().String())
	}) {
		if id := a.Field("product_id"); seen[id] {
			t.Errorf("the id %s is given twice", id)
		} else {
			seen[id] = true
		}
	}
	if stored := strings.Fields(g.OK("product/list", aliceToken, `{"type":"down"}`).Rows(t, "product_id")); len(stored) != 32 {
		t.Errorf("%d products", len(stored))
	}
}
