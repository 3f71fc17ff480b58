package handlers_test

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// openShop opens a shop and returns its id.
func (g *gateway) openShop(token, name string) string {
	g.t.Helper()
	return g.ok("shop/creat", token, `{"shop_name":"`+name+`"}`).field("shop_id")
}

// shopRow is the row of a shop of alice without content or picture, opened at the
// start of a test, with some of its fields replaced.
func shopRow(id, name string, changes ...string) string {
	return object([]string{
		"shop_id", id, "shop_name", quoted(name), "shop_content", `""`, "user_id", alice, "user_name", `"王凌超"`,
		"creat_time", `"2019-11-28 22:25:52"`, "pic_url", `""`,
	}, changes)
}

func manyShops(o *options) { o.settings.ShopsPerUser = 1000 }

func TestShopCreateAsDocumented(t *testing.T) {
	g := start(t)
	a := g.post("/shop", aliceToken, `{
    "id":"123456",
    "status":0,
    "type":"shop",
    "subtype":"creat",
    "data":{
        "shop_name":"码三秃的店铺",
        "user_id":1180310086
    }
}`)
	if !regexp.MustCompile(`^\{"id":123456,"status":0,"message":"successful","data":\{"shop_id":[1-9][0-9]{8}\}\}$`).MatchString(a.Raw) {
		t.Errorf("got %s", a.Raw)
	}
	g.ok("shop/info", bobToken, `{"shop_id":`+a.field("shop_id")+`}`).
		wantData(t, shopRow(a.field("shop_id"), "码三秃的店铺"))
}

func TestShopCreateFields(t *testing.T) {
	g := start(t, manyShops)
	for _, c := range (fieldRow{absent: -3, empty: -201, kind: aText, limit: 100}).cases() {
		if c.status != 0 {
			g.refusesValue("shop/creat", aliceToken, fields{"user_id": alice}.with("shop_name", c.value), "shop_name", c.status)
		} else {
			g.ok("shop/creat", aliceToken, fields{"shop_name": c.value}.String())
		}
	}
	for i, c := range (fieldRow{kind: aText, limit: 10000}).cases() {
		data := fields{"shop_name": fmt.Sprintf(`"shop %d"`, i)}.with("shop_content", c.value)
		if c.status != 0 {
			g.refusesValue("shop/creat", aliceToken, data, "shop_content", c.status)
		} else {
			g.ok("shop/creat", aliceToken, data.String())
		}
	}
}

// A shop is the token's user's, and its id, time and picture are the server's,
// whatever the data says.
func TestShopCreateIgnores(t *testing.T) {
	g := start(t)
	for i, data := range []string{
		`{"shop_name":"0","shop_content":"<b>店铺</b>"}`,
		`{"shop_name":"1","shop_content":"<b>店铺</b>","user_id":1180310087,"shop_id":811729970,"creat_time":"2000-01-01 00:00:00","pic_url":"./1"}`,
		`{"shop_name":"2","shop_content":"<b>店铺</b>","user_id":"no number","shop_id":[],"creat_time":5,"unknown":{}}`,
	} {
		shop := g.ok("shop/creat", aliceToken, data).field("shop_id")
		g.ok("shop/info", aliceToken, `{"shop_id":`+shop+`}`).wantData(t,
			shopRow(shop, strconv.Itoa(i), "shop_content", `"\u003cb\u003e店铺\u003c/b\u003e"`))
	}
}

// A name is used once among all users, to the letter case and the blank.
func TestShopNamesAreUnique(t *testing.T) {
	g := start(t, manyShops)
	for _, name := range []string{"Tea", "tea", "Tea ", " Tea", "茶", "Té", "Te"} {
		g.openShop(aliceToken, name)
		for _, token := range []string{aliceToken, bobToken} {
			a := g.refuses("shop/creat", token, `{"shop_name":"`+name+`"}`, 100, "The shop name was used")
			if !strings.HasPrefix(a.Detail, "shop_name: ") {
				t.Errorf("detail %q", a.Detail)
			}
		}
	}
	got := count(together(16, func(int) answer { return g.call("shop/creat", aliceToken, `{"shop_name":"one"}`) }))
	if want := map[string]int{"0 successful": 1, "100 The shop name was used": 15}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A user has at most three shops; the name is checked first.
func TestShopsPerUser(t *testing.T) {
	g := start(t)
	for _, name := range []string{"1", "2", "3"} {
		g.openShop(aliceToken, name)
	}
	g.refuses("shop/creat", aliceToken, `{"shop_name":"4"}`, 101, "The number of shops has been capped")
	g.refuses("shop/creat", aliceToken, `{"shop_name":"4","user_id":1180310087}`, 101, "The number of shops has been capped")
	g.refuses("shop/creat", aliceToken, `{"shop_name":"3"}`, 100, "The shop name was used")
	g.openShop(bobToken, "4")
}

func TestShopsPerUserAtOnce(t *testing.T) {
	g := start(t)
	got := count(together(16, func(i int) answer {
		return g.call("shop/creat", aliceToken, fmt.Sprintf(`{"shop_name":"shop %d"}`, i))
	}))
	if want := map[string]int{"0 successful": 3, "101 The number of shops has been capped": 13}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if shops := strings.Fields(g.ok("shop/list", aliceToken, `{"mode":1}`).rows(t, "shop_id")); len(shops) != 3 {
		t.Errorf("%d shops", len(shops))
	}
}

func TestShopUpdateAsDocumented(t *testing.T) {
	g := start(t)
	g.document()
	g.post("/shop", aliceToken, `{
    "id":123456,
    "status":0,
    "type":"shop",
    "subtype":"update",
    "data":{
        "shop_id":"811729970",
        "shop_content":"这是码三秃家的店铺"
    }
}`).wantRaw(t, `{"id":123456,"status":0,"message":"successful","data":{}}`)
	g.ok("shop/info", aliceToken, `{"shop_id":811729970}`).
		wantData(t, shopRow("811729970", "小码三秃", "shop_content", `"这是码三秃家的店铺"`))
}

func TestShopUpdateFields(t *testing.T) {
	g := start(t)
	g.document()
	g.fieldTable("shop/update", aliceToken, fields{"shop_id": "811729970", "shop_content": `""`}, []fieldRow{
		{key: "shop_id", absent: -3, empty: -201, kind: id, good: []string{`"811729970"`}},
		{key: "shop_content", absent: -3, kind: aText, limit: 10000},
		{key: "pic_url", kind: aText, limit: 1024},
	})
}

func TestShopUpdateKeeps(t *testing.T) {
	g := start(t)
	g.document()
	for _, c := range []struct {
		name, sent string
		changes    []string
	}{
		{"content and picture", `{"shop_content":"c","pic_url":"./1"}`, []string{"shop_content", `"c"`, "pic_url", `"./1"`}},
		{"no picture leaves it", `{"shop_content":"d"}`, []string{"shop_content", `"d"`, "pic_url", `"./1"`}},
		{"null leaves it", `{"shop_content":"","pic_url":null}`, []string{"pic_url", `"./1"`}},
		{"an empty picture", `{"shop_content":"e","pic_url":""}`, []string{"shop_content", `"e"`}},
		{
			"the name, owner and time never change", `{"shop_content":"f","shop_name":"g","user_id":1180310087,"user_name":"h","creat_time":"2000-01-01 00:00:00"}`,
			[]string{"shop_content", `"f"`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			g.in(t).ok("shop/update", aliceToken, `{"shop_id":811729970,`+c.sent[1:]).wantData(t, "{}")
			g.in(t).ok("shop/info", aliceToken, `{"shop_id":811729970}`).
				wantData(t, shopRow("811729970", "小码三秃", c.changes...))
		})
	}
}

func TestShopUpdateOwner(t *testing.T) {
	g := start(t)
	g.document()
	for _, c := range []struct{ name, token, shop string }{
		{"another's shop", bobToken, "811729970"},
		{"another's shop with the owner's id", bobToken, `811729970,"user_id":1180310086`},
		{"no such shop", aliceToken, "811729971"},
		{"no such shop", aliceToken, "-1"},
		{"no such shop", aliceToken, "99999999999999999999"},
	} {
		t.Run(c.name+" "+c.shop, func(t *testing.T) {
			g.in(t).refuses("shop/update", c.token, `{"shop_content":"","shop_id":`+c.shop+`}`, 100, "No right to update")
		})
	}
}

func TestShopListAsDocumented(t *testing.T) {
	g := start(t)
	g.document()
	id := g.openShop(aliceToken, "五小灵童")
	g.sql("UPDATE shops SET shop_id = 656019061 WHERE shop_id = " + id)
	g.openShop(bobToken, "大店")
	g.post("/get/shop", bobToken, `{
    "id":123456,
    "status":0,
    "type":"shop",
    "subtype":"list",
    "data":{
        "shop_name":"小",
        "order":"shop_id DESC"
    }
}`).wantRaw(t, `{"id":123456,"status":0,"message":"successful","data":[`+
		shopRow("811729970", "小码三秃", "shop_content", `"码三秃团队的店铺2"`)+","+
		shopRow("656019061", "五小灵童")+"]}")
}

func TestShopListFields(t *testing.T) {
	g := start(t)
	g.document()
	for _, row := range []fieldRow{
		{key: "shop_name", kind: aText, limit: 100},
		{key: "mode", kind: integer, good: []string{"0", "1", `"0"`, `"1"`}, bad: []string{"-1", "2"}},
		{key: "page", kind: integer, bad: []string{"0", "-1"}},
		{key: "count", kind: integer, bad: []string{"0", "501", "-1"}},
	} {
		g.eachCase([]fieldRow{row}, func(g *gateway, row fieldRow, c fieldCase) {
			switch data := (fields{}).with(row.key, c.value); {
			case c.status != 0:
				g.refusesValue("shop/list", aliceToken, data, row.key, c.status)
			case row.key == "shop_name" && len(c.value) > 2 && c.value != "null": // a name that nobody has
				g.call("shop/list", aliceToken, data.String()).
					wantRaw(g.t, `{"id":1,"status":1,"message":"Empty records","data":[]}`)
			default:
				g.ok("shop/list", aliceToken, data.String())
			}
		})
	}
	g.refusesValue("shop/list", aliceToken, fields{"order": "5"}, "order", -203)
}

func TestShopListMatches(t *testing.T) {
	g := start(t, manyShops)
	g.call("shop/list", aliceToken, `{}`).wantRaw(t, `{"id":1,"status":1,"message":"Empty records","data":[]}`)
	names := []string{"Tea%", "tea_", "茶 É", "Teaparty", "b!"}
	for i, name := range names {
		g.openShop([]string{aliceToken, bobToken}[i%2], name)
		g.clock.advance(time.Second)
	}
	for sent, want := range map[string]string{
		// A part of the name, the letter case of A-Z aside; the order of adding.
		`{}`: "Tea% tea_ 茶 É Teaparty b!", `{"shop_name":""}`: "Tea% tea_ 茶 É Teaparty b!", `{"shop_name":null}`: "Tea% tea_ 茶 É Teaparty b!",
		`{"shop_name":"TEA"}`: "Tea% tea_ Teaparty", `{"shop_name":"%"}`: "Tea%", `{"shop_name":"_"}`: "tea_", `{"shop_name":"!"}`: "b!",
		`{"shop_name":"É"}`: "茶 É", `{"shop_name":"é"}`: "", `{"shop_name":" "}`: "茶 É", `{"shop_name":"ea p"}`: "",

		// mode 1: one's own, whatever else is asked; 0 as absent.
		`{"mode":1}`: "Tea% 茶 É b!", `{"mode":"1","shop_name":"tea_"}`: "Tea% 茶 É b!", `{"mode":1,"order":"creat_time DESC"}`: "Tea% 茶 É b!",
		`{"mode":1,"order":"no order"}`: "Tea% 茶 É b!", `{"mode":1,"order":5,"shop_name":["x"]}`: "Tea% 茶 É b!", `{"mode":0,"shop_name":"tea_"}`: "tea_", `{"mode":"","shop_name":"tea_"}`: "tea_",
		`{"mode":1,"user_id":1180310087}`: "Tea% 茶 É b!",

		// The fields of the row, in byte order, descending or not.
		`{"order":"shop_name"}`: "Tea% Teaparty b! tea_ 茶 É", `{"order":"shop_name DESC"}`: "茶 É tea_ b! Teaparty Tea%",
		`{"order":"creat_time desc"}`: "b! Teaparty 茶 É tea_ Tea%", `{"order":"user_id"}`: "Tea% 茶 É b! tea_ Teaparty",
		`{"order":"user_id DESC, creat_time DESC"}`: "Teaparty tea_ b! 茶 É Tea%", `{"order":"(user_name) OR (creat_time DESC)"}`: "b! 茶 É Tea% Teaparty tea_",
		`{"order":"shop_content"}`: "Tea% tea_ 茶 É Teaparty b!", `{"order":"pic_url DESC"}`: "Tea% tea_ 茶 É Teaparty b!", `{"order":""}`: "Tea% tea_ 茶 É Teaparty b!",
	} {
		a := g.call("shop/list", aliceToken, sent)
		if want == "" {
			a.wantRaw(t, `{"id":1,"status":1,"message":"Empty records","data":[]}`)
		} else if got := a.rows(t, "shop_name"); got != want {
			t.Errorf("%s: got %q, want %q", sent, got, want)
		}
	}
	for _, order := range []string{"product_id", "shop_id; DROP TABLE shops", "shop_id DESC DESC", "seq"} {
		g.refusesValue("shop/list", aliceToken, fields{"order": quoted(order)}, "order", -204)
	}
}

func TestShopInfoAsDocumented(t *testing.T) {
	g := start(t)
	g.document()
	g.post("/get/shop", bobToken, `{
    "id":123456,
    "status":0,
    "type":"shop",
    "subtype":"info",
    "data":{
        "shop_id":"小码三秃"
    }
}`).wantRaw(t, `{"id":123456,"status":0,"message":"successful","data":`+
		shopRow("811729970", "小码三秃", "shop_content", `"码三秃团队的店铺2"`)+"}")
}

func TestShopInfoFinds(t *testing.T) {
	g := start(t, manyShops)
	g.document()
	for _, name := range []string{"Tea", "12345", "tea/", "茶/abc"} {
		g.openShop(bobToken, name)
	}
	for sent, want := range map[string]string{
		`{"shop_id":811729970}`: "小码三秃", `{"shop_id":"811729970"}`: "小码三秃", `{"shop_id":"0811729970"}`: "小码三秃",
		`{"shop_id":"shop/811729970"}`: "小码三秃", `{"shop_id":"/811729970"}`: "小码三秃", `{"shop_id":"a/b/811729970"}`: "小码三秃",
		`{"shop_id":"小码三秃"}`: "小码三秃", `{"shop_name":"小码三秃"}`: "小码三秃", `{"shop_name":"小码三秃","shop_id":null}`: "小码三秃",
		`{"shop_id":811729970,"shop_name":"Tea"}`: "小码三秃", `{"shop_id":"Tea","shop_name":"小码三秃"}`: "Tea",
		`{"shop_id":"tea/"}`: "tea/", `{"shop_id":"茶/abc"}`: "茶/abc", `{"shop_name":"12345"}`: "12345",

		// The whole name, to the letter case and the blank; a number is an id only.
		`{"shop_name":"tea"}`: "", `{"shop_name":"Tea "}`: "", `{"shop_name":"Te"}`: "", `{"shop_name":"小"}`: "", `{"shop_name":"%"}`: "",
		`{"shop_id":12345}`: "", `{"shop_id":"12345"}`: "", `{"shop_id":"shop/12345"}`: "", `{"shop_id":"shop811729970"}`: "", `{"shop_id":"811729970/"}`: "",
		`{"shop_id":-1}`: "", `{"shop_id":"shop/99999999999999999999"}`: "", `{"shop_id":99999999999999999999}`: "", `{"shop_id":1,"shop_name":"Tea"}`: "",
		`{"shop_name":"` + strings.Repeat("长", 101) + `"}`: "",
	} {
		if want == "" {
			g.call("shop/info", aliceToken, sent).wantRaw(t, `{"id":1,"status":1,"message":"Empty records","data":{}}`)
		} else if a := g.ok("shop/info", aliceToken, sent); a.field("shop_name") != want {
			t.Errorf("%s: got %s", sent, a.Raw)
		}
	}
}

func TestShopInfoFields(t *testing.T) {
	g := start(t)
	for _, sent := range []string{`{}`, `{"shop_id":null,"shop_name":null}`, `{"name":"x"}`} {
		a := g.refuses("shop/info", aliceToken, sent, -3, "Error data key")
		if !strings.Contains(a.Detail, "shop_id") || !strings.Contains(a.Detail, "shop_name") {
			t.Errorf("detail %q", a.Detail)
		}
	}
	for _, c := range []struct {
		key, value string
		status     int
	}{
		{"shop_id", `""`, -201},
		{"shop_name", `""`, -201},
		{"shop_id", "true", -203},
		{"shop_id", "1.5", -203},
		{"shop_id", "[]", -203},
		{"shop_name", "5", -203},
		{"shop_name", "{}", -203},
		{"shop_name", `"\ud800"`, -204},
	} {
		g.refusesValue("shop/info", aliceToken, fields{c.key: c.value}, c.key, c.status)
	}
}
