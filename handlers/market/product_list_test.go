package market_test

import (
	"strings"
	"testing"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

const noProducts = `{"id":1,"status":1,"message":"Empty records","data":[]}`

func TestProductListAsDocumented(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	made := handlerstest.At(t, "2019-07-14 23:58:52")
	handlerstest.Must(t, g.DB.InsertProduct(t.Context(), storage.Product{
		ProductID: 7368397, ProductName: "测试商品2", ProductContent: "这是一个测试商品", ProductKey: "测试|商品", ProductPrice: 100_50,
		ShopID: handlerstest.DocumentShop, CreatTime: made, UpdateTime: made,
	}))
	g.Post("/get/product", bobToken, `{
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
}`).WantRaw(t, `{"id":0,"status":0,"message":"successful","data":[{"product_id":7368397,"product_name":"测试商品2",`+
		`"product_content":"这是一个测试商品","product_key":"测试|商品","product_price":100.5,"product_disprice":null,"product_sale":0,`+
		`"product_click":0,"product_collection":0,"shop_id":811729970,"creat_time":"2019-07-14 23:58:52",`+
		`"update_time":"2019-07-14 23:58:52","pic_url":"","product_status":0}]}`)
}

func TestProductInfoAsDocumented(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	handlerstest.Must(t, g.DB.InsertProduct(t.Context(), storage.Product{
		ProductID: 5873413, ProductName: "方便", ProductContent: "更不能", ProductPrice: 3_54, ShopID: 474048217, ProductStatus: 1,
		CreatTime: handlerstest.At(t, "2019-12-02 19:13:23"), UpdateTime: handlerstest.At(t, "2019-12-02 19:13:25"),
		PicURL: "./api/external/get/pic/shop/5dbe81d1a473450506117c4abc924a35",
	}))
	g.Post("/get/product", bobToken, `{
    "id":0,
    "status":0,
    "type":"product",
    "subtype":"info",
    "data":{
        "product_id":5873413
    }
}`).WantRaw(t, `{"id":0,"status":0,"message":"successful","data":{"product_id":5873413,"product_name":"方便",`+
		`"product_content":"更不能","product_key":"","product_price":3.54,"product_disprice":null,"product_sale":0,"product_click":0,`+
		`"product_collection":0,"shop_id":474048217,"creat_time":"2019-12-02 19:13:23","update_time":"2019-12-02 19:13:25",`+
		`"pic_url":"./api/external/get/pic/shop/5dbe81d1a473450506117c4abc924a35","product_status":1}}`)
}

func TestProductInfoFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.FieldTable("product/info", bobToken, handlerstest.Fields{"product_id": "4517733"}, []handlerstest.FieldRow{
		{Key: "product_id", Absent: -202, Empty: -201, Kind: handlerstest.ID, Good: []string{"4517733", `"4517733"`}},
	})
	for _, product := range []string{"1", "-1", "0", `"9999999"`, "99999999999999999999"} {
		g.Refuses("product/info", bobToken, `{"product_id":`+product+`}`, 100, "Error Product id")
	}
}

// Deleted products are shown one by one: old orders need them.
func TestProductInfoShowsDeleted(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.OK("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":2}`)
	g.OK("product/info", bobToken, `{"product_id":4517733}`).WantData(t, productRow("4517733", "product_status", "2"))
	g.Call("product/list", bobToken, `{"type":"all"}`).WantRaw(t, noProducts)
}

func TestProductListFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for _, row := range []handlerstest.FieldRow{
		{Key: "product_name", Kind: handlerstest.Text, Limit: 100},
		{Key: "product_key", Kind: handlerstest.Text, Limit: 255},
		{Key: "shop_id", Empty: -201, Kind: handlerstest.ID, Good: []string{`"811729970"`}},
		{Key: "page", Kind: handlerstest.Integer, Good: []string{`"1"`}, Bad: []string{"0", "-1"}},
		{Key: "count", Kind: handlerstest.Integer, Good: []string{`"500"`}, Bad: []string{"0", "501"}},
	} {
		g.EachCase([]handlerstest.FieldRow{row}, func(g *handlerstest.Gateway, row handlerstest.FieldRow, c handlerstest.FieldCase) {
			switch data := (handlerstest.Fields{}).With(row.Key, c.Value); {
			case c.Status != 0:
				g.RefusesValue("product/list", aliceToken, data, row.Key, c.Status)
			case row.Kind == handlerstest.Text && len(c.Value) > 2 && c.Value != "null": // a name that nothing has
				g.Call("product/list", aliceToken, data.String()).WantRaw(g.T, noProducts)
			default:
				g.OK("product/list", aliceToken, data.String())
			}
		})
	}
	for value, status := range map[string]int{
		`""`: -201, "true": -203, "[]": -203, `"\ud800"`: -204,
		// The document says int and means these words: a number is a wrong value.
		"0": -204, "1": -204, "1.5": -204, `"1"`: -204, `"UP"`: -204, `" up"`: -204, `"deleted"`: -204,
	} {
		g.RefusesValue("product/list", aliceToken, handlerstest.Fields{"type": value}, "type", status)
	}
}

func TestProductListMatches(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t, handlerstest.ManyShops)
	g.Call("product/list", aliceToken, `{}`).WantRaw(t, noProducts)
	g.Document()
	other := g.OpenShop(aliceToken, "小店")
	for _, p := range []struct{ name, key, status, shop string }{
		{"Tea 1", "drink|Hot", "1", "811729970"},
		{"TEA%", "drink", "0", "811729970"},
		{"tea_", "", "2", "811729970"},
		{"茶", "Drink", "1", other},
	} {
		g.OK("product/creat", aliceToken, `{"product_name":"`+p.name+`","product_key":"`+p.key+`","product_price":1,"product_status":`+p.status+`,"shop_id":`+p.shop+`}`)
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
		a := g.Call("product/list", bobToken, sent)
		if want == "" {
			a.WantRaw(t, noProducts)
		} else if got := a.Rows(t, "product_name"); got != strings.ReplaceAll(want, "|", " ") {
			t.Errorf("%s: got %q, want %q", sent, got, want)
		}
	}
}

// order is what the document's SQL syntax may say of the row's own fields.
func TestProductListOrder(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.SQL("DELETE FROM products")
	for i, p := range []storage.Product{
		{ProductName: "b", ProductPrice: 300, ProductSale: 2, ProductStatus: 1, ProductKey: "k"},
		{ProductName: "a", ProductPrice: 1000, ProductSale: 1, ProductStatus: 1, ProductKey: "k"},
		{ProductName: "B", ProductPrice: 300, ProductSale: 1, ProductStatus: 1, ProductKey: "k"},
		{ProductName: "茶", ProductPrice: 20, ProductSale: 2, ProductStatus: 1, ProductKey: "k"},
	} {
		p.ProductID, p.CreatTime = int64(9000004-i), int64(i)
		handlerstest.Must(t, g.DB.InsertProduct(t.Context(), p))
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
		data := handlerstest.Fields{"order": handlerstest.Quoted(strings.NewReplacer("\t", `\t`, "\n", `\n`).Replace(order))}
		if want == "" {
			g.RefusesValue("product/list", aliceToken, data, "order", -204)
		} else if a := g.OK("product/list", aliceToken, data.String()); a.Rows(t, "product_name") != want {
			t.Errorf("%q: got %q, want %q", order, a.Rows(t, "product_name"), want)
		}
	}
	for _, value := range []string{"5", "true", "[]"} {
		g.RefusesValue("product/list", aliceToken, handlerstest.Fields{"order": value}, "order", -203)
	}
	g.OK("product/list", aliceToken, `{"order":null}`)
}
