package handlers_test

import (
	"strings"
	"testing"
	"time"

	"campusgate/storage"
)

const noProducts = `{"id":1,"status":1,"message":"Empty records","data":[]}`

// at is a time of the wire in unix seconds.
func at(t *testing.T, text string) int64 {
	t.Helper()
	parsed, err := time.ParseInLocation(time.DateTime, text, shanghai(t))
	must(t, err)
	return parsed.Unix()
}

func TestProductListAsDocumented(t *testing.T) {
	g := start(t)
	g.document()
	made := at(t, "2019-07-14 23:58:52")
	must(t, g.db.InsertProduct(t.Context(), storage.Product{
		ProductID: 7368397, ProductName: "测试商品2", ProductContent: "这是一个测试商品", ProductKey: "测试|商品", ProductPrice: 100_50,
		ShopID: documentShop, CreatTime: made, UpdateTime: made,
	}))
	g.post("/get/product", bobToken, `{
    "id":0,
    "status":0,
    "type":"product",
    "subtype":"list",
    "data":{
        "product_name":"测试商品",
        "product_key":"测试",
        "shop_id":811729970,
        "type":"all",
        "order":"creat_time ASC"
    }
}`).wantRaw(t, `{"id":0,"status":0,"message":"successful","data":[{"product_id":7368397,"product_name":"测试商品2",`+
		`"product_content":"这是一个测试商品","product_key":"测试|商品","product_price":100.5,"product_disprice":null,"product_sale":0,`+
		`"product_click":0,"product_collection":0,"shop_id":811729970,"creat_time":"2019-07-14 23:58:52",`+
		`"update_time":"2019-07-14 23:58:52","pic_url":"","product_status":0}]}`)
}

func TestProductInfoAsDocumented(t *testing.T) {
	g := start(t)
	must(t, g.db.InsertProduct(t.Context(), storage.Product{
		ProductID: 5873413, ProductName: "方便", ProductContent: "更不能", ProductPrice: 3_54, ShopID: 474048217, ProductStatus: 1,
		CreatTime: at(t, "2019-12-02 19:13:23"), UpdateTime: at(t, "2019-12-02 19:13:25"),
		PicURL: "./api/external/get/pic/shop/5dbe81d1a473450506117c4abc924a35",
	}))
	g.post("/get/product", bobToken, `{
    "id":0,
    "status":0,
    "type":"product",
    "subtype":"info",
    "data":{
        "product_id":5873413
    }
}`).wantRaw(t, `{"id":0,"status":0,"message":"successful","data":{"product_id":5873413,"product_name":"方便",`+
		`"product_content":"更不能","product_key":"","product_price":3.54,"product_disprice":null,"product_sale":0,"product_click":0,`+
		`"product_collection":0,"shop_id":474048217,"creat_time":"2019-12-02 19:13:23","update_time":"2019-12-02 19:13:25",`+
		`"pic_url":"./api/external/get/pic/shop/5dbe81d1a473450506117c4abc924a35","product_status":1}}`)
}

func TestProductInfoFields(t *testing.T) {
	g := start(t)
	g.document()
	g.fieldTable("product/info", bobToken, fields{"product_id": "4517733"}, []fieldRow{
		{key: "product_id", absent: -202, empty: -201, kind: id, good: []string{"4517733", `"4517733"`}},
	})
	for _, product := range []string{"1", "-1", "0", `"9999999"`, "99999999999999999999"} {
		g.refuses("product/info", bobToken, `{"product_id":`+product+`}`, 100, "Error Product id")
	}
}

// Deleted products are shown one by one: old orders need them.
func TestProductInfoShowsDeleted(t *testing.T) {
	g := start(t)
	g.document()
	g.ok("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":2}`)
	g.ok("product/info", bobToken, `{"product_id":4517733}`).wantData(t, productRow("4517733", "product_status", "2"))
	g.call("product/list", bobToken, `{"type":"all"}`).wantRaw(t, noProducts)
}

func TestProductListFields(t *testing.T) {
	g := start(t)
	g.document()
	for _, row := range []fieldRow{
		{key: "product_name", kind: aText, limit: 100},
		{key: "product_key", kind: aText, limit: 255},
		{key: "shop_id", empty: -201, kind: id, good: []string{`"811729970"`}},
		{key: "page", kind: integer, good: []string{`"1"`}, bad: []string{"0", "-1"}},
		{key: "count", kind: integer, good: []string{`"500"`}, bad: []string{"0", "501"}},
	} {
		g.eachCase([]fieldRow{row}, func(g *gateway, row fieldRow, c fieldCase) {
			switch data := (fields{}).with(row.key, c.value); {
			case c.status != 0:
				g.refusesValue("product/list", aliceToken, data, row.key, c.status)
			case row.kind == aText && len(c.value) > 2 && c.value != "null": // a name that nothing has
				g.call("product/list", aliceToken, data.String()).wantRaw(g.t, noProducts)
			default:
				g.ok("product/list", aliceToken, data.String())
			}
		})
	}
	for value, status := range map[string]int{
		`""`: -201, "true": -203, "[]": -203, `"\ud800"`: -204,
		// The document says int and means these words: a number is a wrong value.
		"0": -204, "1": -204, "1.5": -204, `"1"`: -204, `"UP"`: -204, `" up"`: -204, `"deleted"`: -204,
	} {
		g.refusesValue("product/list", aliceToken, fields{"type": value}, "type", status)
	}
}

func TestProductListMatches(t *testing.T) {
	g := start(t, manyShops)
	g.call("product/list", aliceToken, `{}`).wantRaw(t, noProducts)
	g.document()
	other := g.openShop(aliceToken, "小店")
	for _, p := range []struct{ name, key, status, shop string }{
		{"Tea 1", "drink|Hot", "1", "811729970"},
		{"TEA%", "drink", "0", "811729970"},
		{"tea_", "", "2", "811729970"},
		{"茶", "Drink", "1", other},
	} {
		g.ok("product/creat", aliceToken, `{"product_name":"`+p.name+`","product_key":"`+p.key+`","product_price":1,"product_status":`+p.status+`,"shop_id":`+p.shop+`}`)
	}
	for sent, want := range map[string]string{
		// By default what is on sale, in the order of adding.
		`{}`: "头秃生发水|Tea 1|茶", `{"type":"up"}`: "头秃生发水|Tea 1|茶", `{"type":null,"shop_id":null}`: "头秃生发水|Tea 1|茶",
		`{"type":"down"}`: "TEA%", `{"type":"all"}`: "头秃生发水|Tea 1|TEA%|茶", `{"type":"del"}`: "tea_",

		// Parts, the letter case of A-Z aside; all conditions hold together.
		`{"product_name":"tea","type":"all"}`: "Tea 1|TEA%", `{"product_name":"%","type":"all"}`: "TEA%", `{"product_name":"_","type":"all"}`: "",
		`{"product_key":"DRINK"}`: "Tea 1|茶", `{"product_key":"|"}`: "头秃生发水|Tea 1", `{"product_name":"","product_key":""}`: "头秃生发水|Tea 1|茶",
		`{"product_name":"tea","product_key":"hot","type":"all"}`: "Tea 1", `{"product_name":"茶","product_key":"hot"}`: "",
		`{"shop_id":` + other + `}`: "茶", `{"shop_id":"` + other + `","type":"down"}`: "", `{"shop_id":1}`: "", `{"shop_id":99999999999999999999}`: "",
		`{"shop_id":811729970,"type":"del","product_name":"TEA"}`: "tea_", `{"unknown":1,"status":"x"}`: "头秃生发水|Tea 1|茶",
	} {
		a := g.call("product/list", bobToken, sent)
		if want == "" {
			a.wantRaw(t, noProducts)
		} else if got := a.rows(t, "product_name"); got != strings.ReplaceAll(want, "|", " ") {
			t.Errorf("%s: got %q, want %q", sent, got, want)
		}
	}
}

// order is what the document's SQL syntax may say of the row's own fields.
func TestProductListOrder(t *testing.T) {
	g := start(t)
	g.document()
	g.sql("DELETE FROM products")
	for i, p := range []storage.Product{
		{ProductName: "b", ProductPrice: 300, ProductSale: 2, ProductStatus: 1, ProductKey: "k"},
		{ProductName: "a", ProductPrice: 1000, ProductSale: 1, ProductStatus: 1, ProductKey: "k"},
		{ProductName: "B", ProductPrice: 300, ProductSale: 1, ProductStatus: 1, ProductKey: "k"},
		{ProductName: "茶", ProductPrice: 20, ProductSale: 2, ProductStatus: 1, ProductKey: "k"},
	} {
		p.ProductID, p.CreatTime = int64(9000004-i), int64(i)
		must(t, g.db.InsertProduct(t.Context(), p))
	}
	for order, want := range map[string]string{
		"": "b a B 茶", " ": "", // a blank is a value
		"product_name": "B a b 茶", "product_name ASC": "B a b 茶", "product_name DESC": "茶 b a B",
		"Product_Name dEsC": "茶 b a B", " product_name\tdesc\n": "茶 b a B",
		"product_price": "茶 b B a", "product_price DESC": "a b B 茶", // equal rows in the order of adding
		"product_price, product_name": "茶 B b a", "product_price,product_name DESC": "茶 b B a",
		"product_sale DESC AND product_price": "茶 b B a", "product_sale OR product_price DESC": "a B b 茶",
		"product_sale and product_price or product_name": "B a 茶 b",
		"(product_sale) DESC, product_id":                "茶 b B a", "((product_sale)) desc": "b 茶 a B",
		"(product_sale DESC)": "b 茶 a B", "(product_sale, product_id)": "B a 茶 b", "product_sale, (product_price DESC AND (product_id))": "a B b 茶",
		"( product_sale DESC ) OR ( product_price ASC )": "茶 b B a",
		"product_key": "b a B 茶", "creat_time DESC": "茶 B a b", "product_id": "茶 B a b", "product_disprice": "b a B 茶", "product_status": "b a B 茶",
		"product_content": "b a B 茶", "product_click": "b a B 茶", "product_collection": "b a B 茶", "shop_id": "b a B 茶", "update_time DESC": "b a B 茶", "pic_url": "b a B 茶",

		"no_field": "", "seq": "", "user_name": "", "product_name product_price": "", "product_name,": "", ",product_name": "",
		"product_name,,product_price": "", "product_name AND": "", "OR product_name": "", "AND": "", "ASC": "", "DESC product_name": "",
		"product_name ASC DESC": "", "product_name DESC DESC": "", "product_name, product_name": "", "product_name, PRODUCT_NAME DESC": "",
		"(product_name": "", "product_name)": "", "()": "", "() product_name": "", "(product_name))": "", "(product_name ASC) DESC": "",
		"(product_name, product_sale) DESC": "", "product_name; DROP TABLE products": "", "product_name--": "", "product_name -- x": "",
		"1": "", "1=1": "", "product_name = 1": "", "(SELECT 1)": "", "RANDOM()": "", "product_name/**/DESC": "", "`product_name`": "", "'product_name'": "",
		"products.product_name": "", "product_name NULLS FIRST": "", "product_name COLLATE NOCASE": "", "product_name & product_sale": "",
		"product_name, ſhop_id": "", "product_name\u00a0DESC?": "", "字": "",
	} {
		data := fields{"order": quoted(strings.NewReplacer("\t", `\t`, "\n", `\n`).Replace(order))}
		if want == "" {
			g.refusesValue("product/list", aliceToken, data, "order", -204)
		} else if a := g.ok("product/list", aliceToken, data.String()); a.rows(t, "product_name") != want {
			t.Errorf("%q: got %q, want %q", order, a.rows(t, "product_name"), want)
		}
	}
	for _, value := range []string{"5", "true", "[]"} {
		g.refusesValue("product/list", aliceToken, fields{"order": value}, "order", -203)
	}
	g.ok("product/list", aliceToken, `{"order":null}`)
}
