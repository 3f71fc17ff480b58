package market_test

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
)

// shopRow is the row of a shop of alice without content or picture, opened at the
// start of a test, with some of its fields replaced.
func shopRow(id, name string, changes ...string) string {
	return handlerstest.Object([]string{
		"shop_id", id, "shop_name", handlerstest.Quoted(name), "shop_content", `""`, "user_id", alice, "user_name", `"王凌超"`,
		"creat_time", `"2019-11-28 22:25:52"`, "pic_url", `""`,
	}, changes)
}

func TestShopCreateAsDocumented(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	a := g.Post("/shop", aliceToken, `{
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
	g.OK("shop/info", bobToken, `{"shop_id":`+a.Field("shop_id")+`}`).
		WantData(t, shopRow(a.Field("shop_id"), "码三秃的店铺"))
}

func TestShopCreateFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t, handlerstest.ManyShops)
	for _, c := range (handlerstest.FieldRow{Absent: -3, Empty: -201, Kind: handlerstest.Text, Limit: 100}).Cases() {
		if c.Status != 0 {
			g.RefusesValue("shop/creat", aliceToken, handlerstest.Fields{"user_id": alice}.With("shop_name", c.Value), "shop_name", c.Status)
		} else {
			g.OK("shop/creat", aliceToken, handlerstest.Fields{"shop_name": c.Value}.String())
		}
	}
	for i, c := range (handlerstest.FieldRow{Kind: handlerstest.Text, Limit: 10000}).Cases() {
		data := handlerstest.Fields{"shop_name": fmt.Sprintf(`"shop %d"`, i)}.With("shop_content", c.Value)
		if c.Status != 0 {
			g.RefusesValue("shop/creat", aliceToken, data, "shop_content", c.Status)
		} else {
			g.OK("shop/creat", aliceToken, data.String())
		}
	}
}

// A shop is the token's user's, and its id, time and picture are the server's,
// whatever the data says.
func TestShopCreateIgnores(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	for i, data := range []string{
		`{"shop_name":"0","shop_content":"<b>店铺</b>"}`,
		`{"shop_name":"1","shop_content":"<b>店铺</b>","user_id":1180310087,"shop_id":811729970,"creat_time":"2000-01-01 00:00:00","pic_url":"./1"}`,
		`{"shop_name":"2","shop_content":"<b>店铺</b>","user_id":"no number","shop_id":[],"creat_time":5,"unknown":{}}`,
	} {
		shop := g.OK("shop/creat", aliceToken, data).Field("shop_id")
		g.OK("shop/info", aliceToken, `{"shop_id":`+shop+`}`).WantData(t,
			shopRow(shop, strconv.Itoa(i), "shop_content", `"\u003cb\u003e店铺\u003c/b\u003e"`))
	}
}

// A name is used once among all users, to the letter case and the blank.
func TestShopNamesAreUnique(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t, handlerstest.ManyShops)
	for _, name := range []string{"Tea", "tea", "Tea ", " Tea", "茶", "Té", "Te"} {
		g.OpenShop(aliceToken, name)
		for _, token := range []string{aliceToken, bobToken} {
			a := g.Refuses("shop/creat", token, `{"shop_name":"`+name+`"}`, 100, "The shop name was used")
			if !strings.HasPrefix(a.Detail, "shop_name: ") {
				t.Errorf("detail %q", a.Detail)
			}
		}
	}
	got := handlerstest.Count(handlerstest.Together(16, func(int) handlerstest.Answer { return g.Call("shop/creat", aliceToken, `{"shop_name":"one"}`) }))
	if want := map[string]int{"0 successful": 1, "100 The shop name was used": 15}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A user has at most three shops; the name is checked first.
func TestShopsPerUser(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	for _, name := range []string{"1", "2", "3"} {
		g.OpenShop(aliceToken, name)
	}
	g.Refuses("shop/creat", aliceToken, `{"shop_name":"4"}`, 101, "The number of shops has been capped")
	g.Refuses("shop/creat", aliceToken, `{"shop_name":"4","user_id":1180310087}`, 101, "The number of shops has been capped")
	g.Refuses("shop/creat", aliceToken, `{"shop_name":"3"}`, 100, "The shop name was used")
	g.OpenShop(bobToken, "4")
}

func TestShopsPerUserAtOnce(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	got := handlerstest.Count(handlerstest.Together(16, func(i int) handlerstest.Answer {
		return g.Call("shop/creat", aliceToken, fmt.Sprintf(`{"shop_name":"shop %d"}`, i))
	}))
	if want := map[string]int{"0 successful": 3, "101 The number of shops has been capped": 13}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if shops := strings.Fields(g.OK("shop/list", aliceToken, `{"mode":1}`).Rows(t, "shop_id")); len(shops) != 3 {
		t.Errorf("%d shops", len(shops))
	}
}

func TestShopUpdateAsDocumented(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.Post("/shop", aliceToken, `{
    "id":123456,
    "status":0,
    "type":"shop",
    "subtype":"update",
    "data":{
        "shop_id":"811729970",
        "shop_content":"这是码三秃家的店铺"
    }
}`).WantRaw(t, `{"id":123456,"status":0,"message":"successful","data":{}}`)
	g.OK("shop/info", aliceToken, `{"shop_id":811729970}`).
		WantData(t, shopRow("811729970", "小码三秃", "shop_content", `"这是码三秃家的店铺"`))
}

func TestShopUpdateFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.FieldTable("shop/update", aliceToken, handlerstest.Fields{"shop_id": "811729970", "shop_content": `""`}, []handlerstest.FieldRow{
		{Key: "shop_id", Absent: -3, Empty: -201, Kind: handlerstest.ID, Good: []string{`"811729970"`}},
		{Key: "shop_content", Absent: -3, Kind: handlerstest.Text, Limit: 10000},
		{Key: "pic_url", Kind: handlerstest.Text, Limit: 1024},
	})
}

func TestShopUpdateKeeps(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
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
			g.In(t).OK("shop/update", aliceToken, `{"shop_id":811729970,`+c.sent[1:]).WantData(t, "{}")
			g.In(t).OK("shop/info", aliceToken, `{"shop_id":811729970}`).
				WantData(t, shopRow("811729970", "小码三秃", c.changes...))
		})
	}
}

func TestShopUpdateOwner(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for _, c := range []struct{ name, token, shop string }{
		{"another's shop", bobToken, "811729970"},
		{"another's shop with the owner's id", bobToken, `811729970,"user_id":1180310086`},
		{"no such shop", aliceToken, "811729971"},
		{"no such shop", aliceToken, "-1"},
		{"no such shop", aliceToken, "99999999999999999999"},
	} {
		t.Run(c.name+" "+c.shop, func(t *testing.T) {
			g.In(t).Refuses("shop/update", c.token, `{"shop_content":"","shop_id":`+c.shop+`}`, 100, "No right to update")
		})
	}
}

func TestShopListAsDocumented(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	id := g.OpenShop(aliceToken, "五小灵童")
	g.SQL("UPDATE shops SET shop_id = 656019061 WHERE shop_id = " + id)
	g.OpenShop(bobToken, "大店")
	g.Post("/get/shop", bobToken, `{
    "id":123456,
    "status":0,
    "type":"shop",
    "subtype":"list",
    "data":{
        "shop_name":"小",
        "order":"shop_id DESC"
    }
}`).WantRaw(t, `{"id":123456,"status":0,"message":"successful","data":[`+
		shopRow("811729970", "小码三秃", "shop_content", `"码三秃团队的店铺2"`)+","+
		shopRow("656019061", "五小灵童")+"]}")
}

func TestShopListFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for _, row := range []handlerstest.FieldRow{
		{Key: "shop_name", Kind: handlerstest.Text, Limit: 100},
		{Key: "mode", Kind: handlerstest.Integer, Good: []string{"0", "1", `"0"`, `"1"`}, Bad: []string{"-1", "2"}},
		{Key: "page", Kind: handlerstest.Integer, Bad: []string{"0", "-1"}},
		{Key: "count", Kind: handlerstest.Integer, Bad: []string{"0", "501", "-1"}},
	} {
		g.EachCase([]handlerstest.FieldRow{row}, func(g *handlerstest.Gateway, row handlerstest.FieldRow, c handlerstest.FieldCase) {
			switch data := (handlerstest.Fields{}).With(row.Key, c.Value); {
			case c.Status != 0:
				g.RefusesValue("shop/list", aliceToken, data, row.Key, c.Status)
			case row.Key == "shop_name" && len(c.Value) > 2 && c.Value != "null": // a name that nobody has
				g.Call("shop/list", aliceToken, data.String()).
					WantRaw(g.T, `{"id":1,"status":1,"message":"Empty records","data":[]}`)
			default:
				g.OK("shop/list", aliceToken, data.String())
			}
		})
	}
	g.RefusesValue("shop/list", aliceToken, handlerstest.Fields{"order": "5"}, "order", -203)
}

func TestShopListMatches(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t, handlerstest.ManyShops)
	g.Call("shop/list", aliceToken, `{}`).WantRaw(t, `{"id":1,"status":1,"message":"Empty records","data":[]}`)
	names := []string{"Tea%", "tea_", "茶 É", "Teaparty", "b!"}
	for i, name := range names {
		g.OpenShop([]string{aliceToken, bobToken}[i%2], name)
		g.Clock.Advance(time.Second)
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
		a := g.Call("shop/list", aliceToken, sent)
		if want == "" {
			a.WantRaw(t, `{"id":1,"status":1,"message":"Empty records","data":[]}`)
		} else if got := a.Rows(t, "shop_name"); got != want {
			t.Errorf("%s: got %q, want %q", sent, got, want)
		}
	}
	for _, order := range []string{"product_id", "shop_id; DROP TABLE shops", "shop_id DESC DESC", "seq"} {
		g.RefusesValue("shop/list", aliceToken, handlerstest.Fields{"order": handlerstest.Quoted(order)}, "order", -204)
	}
}

func TestShopInfoAsDocumented(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.Post("/get/shop", bobToken, `{
    "id":123456,
    "status":0,
    "type":"shop",
    "subtype":"info",
    "data":{
        "shop_id":"小码三秃"
    }
}`).WantRaw(t, `{"id":123456,"status":0,"message":"successful","data":`+
		shopRow("811729970", "小码三秃", "shop_content", `"码三秃团队的店铺2"`)+"}")
}

func TestShopInfoFinds(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t, handlerstest.ManyShops)
	g.Document()
	for _, name := range []string{"Tea", "12345", "tea/", "茶/abc"} {
		g.OpenShop(bobToken, name)
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
			g.Call("shop/info", aliceToken, sent).WantRaw(t, `{"id":1,"status":1,"message":"Empty records","data":{}}`)
		} else if a := g.OK("shop/info", aliceToken, sent); a.Field("shop_name") != want {
			t.Errorf("%s: got %s", sent, a.Raw)
		}
	}
}

func TestShopInfoFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	for _, sent := range []string{`{}`, `{"shop_id":null,"shop_name":null}`, `{"name":"x"}`} {
		a := g.Refuses("shop/info", aliceToken, sent, -3, "Error data key")
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
		g.RefusesValue("shop/info", aliceToken, handlerstest.Fields{c.key: c.value}, c.key, c.status)
	}
}
