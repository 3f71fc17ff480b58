package handlers_test

import (
	"net/http"
	"slices"
	"testing"

	"campusgate/handlers/handlerstest"
)

// tokenPaths are the paths of posted calls that want a token, with one of their
// calls.
var tokenPaths = map[string]string{
	"/pic": "pic/upload", "/property": "property/add", "/shop": "shop/creat", "/get/shop": "shop/list",
	"/product": "product/creat", "/get/product": "product/list", "/purchase": "purchase/list", "/notice": "notice/count",
	"/message": "message/conversations", "/cart": "cart/count", "/order": "order/prepare",
}

// The token is checked before the envelope, but every failure echoes its id.
func TestPostedToken(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	tokens := []struct {
		query string
		want  string
	}{
		{"", `"status":-100,"message":"Missing necessary args","data":{},"detail":"token: missing"}`},
		{"?token=unknown-token", `"status":-101,"message":"Error token","data":{},"detail":"token: unknown"}`},
		{"?token=null", `"status":-101,"message":"Error token","data":{},"detail":"token: unknown"}`},
		{"?token=", `"status":-101,"message":"Error token","data":{},"detail":"token: unknown"}`},
		{"?token=" + lostToken, `"status":-102,"message":"Get userid failed for the token","data":{},"detail":"token: its user does not exist"}`},
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
					g.In(t).Do(http.MethodPost, path+token.query, b.body).WantRaw(t, `{"id":`+b.id+`,`+token.want)
				}
			})
		}
	}
}

// The token may stand in a header; the query wins, and another scheme is none.
func TestTokenInHeader(t *testing.T) {
	t.Parallel()
	const body = `{"id":7,"type":"purchase","subtype":"list","data":{}}`
	g := handlerstest.Start(t)
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
			a := g.In(t).Do(http.MethodPost, "/purchase"+c.query, body, "Authorization", c.header)
			if a.Status != c.status || a.ID != 7 {
				t.Errorf("got %s, want %d", a.Raw, c.status)
			}
		})
	}
}

// A path serves its own calls only, each under both spellings.
func TestWrongPath(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	for path, own := range tokenPaths {
		for call, serves := range handlerstest.Paths {
			if serves == path || call == own {
				continue
			}
			elsewhere := g.Post(path, aliceToken, handlerstest.Envelope(call, `{}`))
			elsewhere.WantRaw(t, `{"id":1,"status":-2,"message":"Error JSON value","data":{},"detail":"type, subtype: no such call on this path"}`)
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
		a := g.Do(c.method, c.path+"?token="+aliceToken, handlerstest.Envelope("shop/list", `{}`))
		if a.HTTP != c.http || a.Status != -2 || a.Message != "Error JSON value" || a.ID != -1 || string(a.Data) != "{}" {
			t.Errorf("%s %s: HTTP %d %s", c.method, c.path, a.HTTP, a.Raw)
		}
	}
}

// The base path itself takes any envelope: its type is known before its token is
// asked for.
func TestBasePathTakesEveryCall(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Post("", "", handlerstest.Envelope("no/such", `{}`)).Want(t, -2, "Error JSON value")
	g.Post("", lostToken, `{"id":1,"type":"shop","data":{}}`).Want(t, -1, "Error JSON key")
	for call, path := range handlerstest.Paths {
		a := g.Post("", "", handlerstest.Envelope(call, `{}`))
		if wanted := slices.Contains([]string{"/account", "/captcha", "/portrait", "/browse"}, path); wanted == (a.Status == -100) {
			t.Errorf("%s without a token: %s", call, a.Raw)
		}
		if path != "/account" && path != "/captcha" {
			g.Post("", "no", handlerstest.Envelope(call, `{}`)).Want(t, -101, "Error token")
			g.Post("", lostToken, handlerstest.Envelope(call, `{}`)).Want(t, -102, "Get userid failed for the token")
		}
	}
	g.Post("", aliceToken, handlerstest.Envelope("shop/creat", `{"shop_name":"小码三秃"}`)).Want(t, 0, "successful")
	g.Post("/", aliceToken, handlerstest.Envelope("shop/list", `{"mode":1}`)).Want(t, 0, "successful")
}

// Behind a proxy that strips the base path, the paths are at the root.
func TestPathsAtTheRoot(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t, func(o *handlerstest.Options) { o.Server.BasePath = "" })
	g.OK("shop/creat", aliceToken, `{"shop_name":"小码三秃"}`)
	g.Post("/", aliceToken, handlerstest.Envelope("shop/info", `{"shop_id":"小码三秃"}`)).Want(t, 0, "successful")
	g.Post("/shop", aliceToken, handlerstest.Envelope("shop/info", `{"shop_id":"小码三秃"}`)).Want(t, -2, "Error JSON value")
	g.Notices("type=1").WantData(t, "[]")
	if a := g.Post("/api/external/shop", aliceToken, handlerstest.Envelope("shop/creat", `{"shop_name":"大店"}`)); a.HTTP != http.StatusNotFound {
		t.Errorf("HTTP %d %s", a.HTTP, a.Raw)
	}
}

// creat is the wire's spelling; create is another name of the same call.
func TestCreateIsAnAlias(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	made := g.Post("/shop", aliceToken, handlerstest.Envelope("shop/create", `{"shop_name":"小码三秃"}`)).Want(t, 0, "successful")
	g.Post("/product", aliceToken, handlerstest.Envelope("product/create",
		`{"product_name":"头秃生发水","product_price":3.54,"product_status":1,"shop_id":`+made.Field("shop_id")+`}`)).
		Want(t, 0, "successful")
	g.OK("product/list", bobToken, `{"shop_id":`+made.Field("shop_id")+`}`)
}

// A database that fails is -200 in every call, and its own words stay inside.
func TestDatabaseFails(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.Invent()
	for _, table := range []string{"properties", "products", "purchases", "shops"} {
		g.SQL("ALTER TABLE " + table + " RENAME TO gone_" + table)
	}
	for call, data := range map[string]string{
		"property/add":    handlerstest.Notice().String(),
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
		g.Call(call, aliceToken, data).WantRaw(t, `{"id":1,"status":-200,"message":"Failure to operate database","data":{}}`)
	}
	g.Notices("type=1").WantRaw(t, `{"id":-1,"status":-200,"message":"Failure to operate database","data":{}}`)

	g.SQL("ALTER TABLE tokens RENAME TO gone_tokens")
	g.Call("purchase/list", aliceToken, `{}`).WantRaw(t, `{"id":1,"status":-200,"message":"Failure to operate database","data":{}}`)
	g.Notices("type=1").WantRaw(t, `{"id":-1,"status":-200,"message":"Failure to operate database","data":{}}`)
}
