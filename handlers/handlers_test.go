package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// tokenPaths are the paths of posted calls that want a token, with one of their
// calls.
var tokenPaths = map[string]string{
	"/pic": "pic/upload", "/property": "property/add", "/shop": "shop/creat", "/get/shop": "shop/list",
	"/product": "product/creat", "/get/product": "product/list", "/purchase": "purchase/list",
}

// The token is checked before the envelope, but every failure echoes its id.
func TestPostedToken(t *testing.T) {
	g := start(t)
	tokens := []struct {
		query string
		want  string
	}{
		{"", `"status":-100,"message":"Missing necessary args","data":{},"detail":"token: missing"}`},
		{"?token=unknown-token", `"status":-101,"message":"Error token","data":{},"detail":"token: unknown"}`},
		{"?token=null", `"status":-101,"message":"Error token","data":{},"detail":"token: unknown"}`},
		{"?token=", `"status":-101,"message":"Error token","data":{},"detail":"token: unknown"}`},
		{"?token=" + lostToken, `"status":-102,"message":"Get userid failed for the token","data":{},"detail":"token: its user is missing"}`},
	}
	bodies := []struct{ body, id string }{
		{`{"id":"1180310086","type":"no","subtype":"no","data":[]}`, "1180310086"},
		{`{"id":-9223372036854775808}`, "-9223372036854775808"},
		{`{"id":"abc"}`, "-1"},
		{`no envelope`, "-1"},
	}
	for path := range tokenPaths {
		for _, token := range tokens {
			t.Run(path+token.query, func(t *testing.T) {
				for _, b := range bodies {
					g.in(t).do(http.MethodPost, path+token.query, b.body).wantRaw(t, `{"id":`+b.id+`,`+token.want)
				}
			})
		}
	}
}

// The token may stand in a header; the query wins, and another scheme is none.
func TestTokenInHeader(t *testing.T) {
	const body = `{"id":7,"type":"purchase","subtype":"list","data":{}}`
	g := start(t)
	for _, c := range []struct {
		name, query, header string
		status              int
	}{
		{"bearer", "", "Bearer " + aliceToken, 0},
		{"bearer in lower case", "", "bearer " + aliceToken, 0},
		{"unknown bearer", "", "Bearer no", -101},
		{"empty bearer", "", "Bearer ", -101},
		{"basic", "", "Basic " + aliceToken, -100},
		{"the query wins", "?token=no", "Bearer " + aliceToken, -101},
		{"the query wins", "?token=" + aliceToken, "Bearer no", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := g.in(t).do(http.MethodPost, "/purchase"+c.query, body, "Authorization", c.header)
			if a.Status != c.status || a.ID != 7 {
				t.Errorf("got %s, want %d", a.Raw, c.status)
			}
		})
	}
}

// A path serves its own calls only, each under both spellings.
func TestWrongPath(t *testing.T) {
	g := start(t)
	for path, own := range tokenPaths {
		for call, serves := range paths {
			if serves == path || call == own {
				continue
			}
			elsewhere := g.post(path, aliceToken, envelope(call, `{}`))
			elsewhere.wantRaw(t, `{"id":1,"status":-2,"message":"Error JSON value","data":{},"detail":"type, subtype: not served here"}`)
		}
	}
	for _, c := range []struct {
		method, path string
		http         int
	}{
		{http.MethodPost, "/nowhere", 404},
		{http.MethodPost, "/shop/", 404},
		{http.MethodPost, "/get", 404},
		{http.MethodPost, "/Shop", 404},
		{http.MethodGet, "/shop", 405},
		{http.MethodGet, "", 405},
		{http.MethodPut, "/get/product", 405},
		{http.MethodPost, "/get/property", 405},
	} {
		a := g.do(c.method, c.path+"?token="+aliceToken, envelope("shop/list", `{}`))
		if a.HTTP != c.http || a.Status != -2 || a.Message != "Error JSON value" || a.ID != -1 || string(a.Data) != "{}" {
			t.Errorf("%s %s: HTTP %d %s", c.method, c.path, a.HTTP, a.Raw)
		}
	}
}

// The base path itself takes any envelope: its type is known before its token is
// asked for.
func TestBasePathTakesEveryCall(t *testing.T) {
	g := start(t)
	g.post("", "", envelope("no/such", `{}`)).want(t, -2, "Error JSON value")
	g.post("", lostToken, `{"id":1,"type":"shop","data":{}}`).want(t, -1, "Error JSON key")
	for call, path := range paths {
		a := g.post("", "", envelope(call, `{}`))
		if wanted := slices.Contains([]string{"/captcha", "/portrait"}, path); wanted == (a.Status == -100) {
			t.Errorf("%s without a token: %s", call, a.Raw)
		}
		if path != "/captcha" {
			g.post("", "no", envelope(call, `{}`)).want(t, -101, "Error token")
			g.post("", lostToken, envelope(call, `{}`)).want(t, -102, "Get userid failed for the token")
		}
	}
	g.post("", aliceToken, envelope("shop/creat", `{"shop_name":"小码三秃"}`)).want(t, 0, "successful")
	g.post("/", aliceToken, envelope("shop/list", `{"mode":1}`)).want(t, 0, "successful")
}

// Behind a proxy that strips the base path, the paths are at the root.
func TestPathsAtTheRoot(t *testing.T) {
	g := start(t, func(o *options) { o.server.BasePath = "" })
	g.ok("shop/creat", aliceToken, `{"shop_name":"小码三秃"}`)
	g.post("/", aliceToken, envelope("shop/info", `{"shop_id":"小码三秃"}`)).want(t, 0, "successful")
	g.post("/shop", aliceToken, envelope("shop/info", `{"shop_id":"小码三秃"}`)).want(t, -2, "Error JSON value")
	g.notices("type=1").wantData(t, "[]")
	if a := g.post("/api/external/shop", aliceToken, envelope("shop/creat", `{"shop_name":"大店"}`)); a.HTTP != http.StatusNotFound {
		t.Errorf("HTTP %d %s", a.HTTP, a.Raw)
	}
}

func envelope(call, data string) string {
	typ, subtype, _ := strings.Cut(call, "/")
	return `{"id":1,"status":0,"type":"` + typ + `","subtype":"` + subtype + `","data":` + data + `}`
}

// creat is the wire's spelling; create is another name of the same call.
func TestCreateIsAnAlias(t *testing.T) {
	g := start(t)
	made := g.post("/shop", aliceToken, envelope("shop/create", `{"shop_name":"小码三秃"}`)).want(t, 0, "successful")
	g.post("/product", aliceToken, envelope("product/create",
		`{"product_name":"头秃生发水","product_price":3.54,"product_status":1,"shop_id":`+made.field("shop_id")+`}`)).
		want(t, 0, "successful")
	g.ok("product/list", bobToken, `{"shop_id":`+made.field("shop_id")+`}`)
}

// A database that fails is -200 in every call, and its own words stay inside.
func TestDatabaseFails(t *testing.T) {
	g := start(t)
	g.document()
	for _, table := range []string{"properties", "products", "purchases", "shops"} {
		g.sql("ALTER TABLE " + table + " RENAME TO gone_" + table)
	}
	for call, data := range map[string]string{
		"property/add":    notice().String(),
		"property/update": `{"id":1,"title":"测试标题"}`,
		"property/delete": `{"id":1}`,
		"shop/creat":      `{"shop_name":"码三秃的店铺"}`,
		"shop/update":     `{"shop_id":811729970,"shop_content":""}`,
		"shop/list":       `{}`,
		"shop/info":       `{"shop_id":811729970}`,
		"product/creat":   `{"product_name":"a","product_price":1,"product_status":1,"shop_id":811729970}`,
		"product/update":  `{"product_id":4517733,"product_status":1,"shop_id":811729970}`,
		"product/list":    `{}`,
		"product/info":    `{"product_id":4517733}`,
		"purchase/apply":  `{"product_id":4517733,"product_num":1,"product_unitprice":101.5,"product_totalprice":101.5}`,
		"purchase/pay":    `{"purchase_id":"15749511524517733","method":"wallet"}`,
		"purchase/cancel": `{"purchase_id":"15749511524517733"}`,
		"purchase/info":   `{"purchase_id":"15749511524517733"}`,
		"purchase/list":   `{}`,
	} {
		g.call(call, aliceToken, data).wantRaw(t, `{"id":1,"status":-200,"message":"Failure to operate database","data":{}}`)
	}
	g.notices("type=1").wantRaw(t, `{"id":-1,"status":-200,"message":"Failure to operate database","data":{}}`)

	g.sql("ALTER TABLE tokens RENAME TO gone_tokens")
	g.call("purchase/list", aliceToken, `{}`).wantRaw(t, `{"id":1,"status":-200,"message":"Failure to operate database","data":{}}`)
	g.notices("type=1").wantRaw(t, `{"id":-1,"status":-200,"message":"Failure to operate database","data":{}}`)
}
