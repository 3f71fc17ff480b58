package market_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// release offers something second-hand, and returns its id.
func release(g *handlerstest.Gateway, token string, changes ...string) string {
	g.T.Helper()
	data := handlerstest.NewSecondHand()
	for i := 0; i+1 < len(changes); i += 2 {
		data = data.With(changes[i], changes[i+1])
	}
	return g.OK("product/release", token, data.String()).Field("product_id")
}

func idData(id string) string { return `{"product_id":` + id + `}` }

// hidden reports whether a product exists for a caller.
func hidden(g *handlerstest.Gateway, token, id string) bool {
	g.T.Helper()
	a := g.Call("product/detail", token, idData(id))
	if a.Status != 0 {
		a.Want(g.T, 100, "Error Product id")
	}
	return a.Status != 0
}

// state is what product/mine says of a product.
func state(g *handlerstest.Gateway, token, id string) string {
	g.T.Helper()
	list := g.OK("product/mine", token, `{}`)
	ids, states := strings.Fields(list.Rows(g.T.(*testing.T), "product_id")), strings.Fields(list.Rows(g.T.(*testing.T), "state"))
	return states[slices.Index(ids, id)]
}

func TestReleaseAsDocumented(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.SecondHand()
	id := release(g, bobToken)
	want := `{"product_id":` + id + `,"product_type":1,"product_name":"九成新台灯","pic_url":"` + handlerstest.LampURL + `","product_price":35,"original_price":99,` +
		`"product_sale":0,"product_collection":0,"sell_method":1,"ship_price":0,"category_id":3,"shop_id":0,"shop_name":"","user_id":1180310087,` +
		`"user_name":"李四","product_stock":1,"creat_time":"2019-11-28 22:25:52","update_time":"2019-11-28 22:25:52"`
	content := `,"product_content":"用了一个学期，亮度三档可调，毕业了带不走。","pics":["` + handlerstest.LampURL + `"],"product_key":"","product_click":`
	user, err := g.DB.User(t.Context(), handlerstest.Bob)
	handlerstest.Must(t, err)
	want = strings.ReplaceAll(want, "李四", user.Name)
	for _, token := range []string{"", aliceToken} {
		if !hidden(g, token, id) {
			t.Errorf("a product that waits is shown to %q", token)
		}
	}
	g.OK("product/detail", bobToken, idData(id)).WantData(t, want+content+`0,"first_price":null,"price_policies":[],"collected":false,"review_state":1,"review_note":""}`)
	g.OK("product/mine", bobToken, `{}`).WantData(t, `{"num":1,"list":[`+want+`,"state":"waiting"}]}`)
	g.RunJobs()
	g.OK("product/detail", "", idData(id)).WantData(t, want+content+`1,"first_price":null,"price_policies":[],"collected":false,"review_state":null,"review_note":null}`)
	g.OK("product/detail", adminToken, idData(id)).WantData(t, want+content+`2,"first_price":null,"price_policies":[],"collected":false,"review_state":2,"review_note":""}`)
	g.OK("product/mine", bobToken, `{}`).WantData(t, `{"num":1,"list":[`+want+`,"state":"on_sale"}]}`)
	if told := g.OK("notice/list", bobToken, `{}`).Rows(t, "title"); told != "商品已通过审核" {
		t.Errorf("bob is told %s", told)
	}
}

func TestReleaseFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.SecondHand()
	g.FieldTable("product/release", bobToken, handlerstest.NewSecondHand(), []handlerstest.FieldRow{
		{Key: "product_price", Absent: -202, Empty: -201, Kind: handlerstest.Price, Good: []string{"0.01", "99"}, Bad: []string{"0", "1000000", "0.001"}},
		{Key: "original_price", Absent: -202, Empty: -201, Kind: handlerstest.Price, Good: []string{"35", "999999.99"}, Bad: []string{"0", "1000000"}},
		{Key: "sell_method", Absent: -202, Empty: -201, Kind: handlerstest.Integer, Good: []string{"0", "1", "2"}, Bad: []string{"3"}},
		{Key: "ship_price", Absent: -202, Empty: -201, Kind: handlerstest.Price, Good: []string{"0", "999.99"}, Bad: []string{"-1", "1000"}},
	})
	for key, values := range map[string]map[string]int{
		"product_name": {
			"": -202, `""`: -201, "5": -203, `"字"`: -204, `"字字"`: 0, `"  \u3000"`: -204, `"\u200b\u200d"`: -204, `"😀😀"`: 0, handlerstest.Quoted(strings.Repeat("字", 100)): 0, handlerstest.Quoted(strings.Repeat("字", 101)): -204,
		},
		"product_content": {
			"": -202, `""`: -201, "5": -203, `"一二三四五六七八九"`: -204, `"一二三四五六七八九十"`: 0, handlerstest.Quoted(strings.Repeat("字", 20_000)): 0,
			handlerstest.Quoted(strings.Repeat("字", 20_001)): -204, `"<script>alert(1)</script>一二三"`: -204,
			`"<p></p><p> </p><p>&nbsp;</p>"`: -204, `"<p></p><img src='/a.png'>"`: 0,
		},
		"pics":        {"": -202, "[]": -201, "5": -203, list(strings.Split(strings.Repeat(handlerstest.LampURL+" ", 10), " ")[:10]...): -204, list(handlerstest.LampURL, handlerstest.LampURL): 0},
		"category_id": {"": -202, `""`: -201, `"x"`: -203, "3": 0},
	} {
		for value, status := range values {
			if a := g.Call("product/release", bobToken, handlerstest.NewSecondHand().With(key, value).String()); a.Status != status {
				t.Errorf("%s %s: %s, want %d", key, handlerstest.Shortened(value), a.Raw, status)
			}
		}
	}
	for _, c := range []struct {
		key, value string
		status     int
		text       string
	}{
		{"original_price", "34.99", 101, "Price error"},
		{"pics", list("./api/external/get/pic/product/none.png"), 103, "Picture error"},
		{"category_id", "99", 104, "Category not exist"},
		{"category_id", goodsCategory(g), 104, "Category not exist"},
		{"category_id", "99999999999999999999", 104, "Category not exist"},
	} {
		g.Refuses("product/release", bobToken, handlerstest.NewSecondHand().With(c.key, c.value).String(), c.status, c.text)
	}
	for _, pics := range foreignPics(strings.TrimPrefix(handlerstest.LampURL, ".")) {
		g.Refuses("product/release", bobToken, handlerstest.NewSecondHand().With("pics", pics).String(), 103, "Picture error")
		g.Refuses("product/edit", aliceToken, `{"product_id":6000001,"pics":`+pics+`}`, 103, "Picture error")
	}
	g.Refuses("product/release", "", handlerstest.NewSecondHand().String(), -100, "Missing necessary args")
}

// A repeated release is one product.
func TestReleaseOnce(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.SecondHand()
	id := release(g, bobToken, "request_key", `"abcdefgh"`)
	if again := release(g, bobToken, "request_key", `"abcdefgh"`); again != id || len(g.Products()) != 2 {
		t.Errorf("released %s and %s; %d products", id, again, len(g.Products()))
	}
	g.Refuses("product/release", bobToken, handlerstest.NewSecondHand().With("request_key", `"abcdefgh"`).With("product_price", "1").String(), -303, "Repeated request")
}

// A frozen seller changes nothing, and reads.
func TestFrozenSeller(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.SecondHand()
	g.OK("user/freeze", adminToken, `{"user_id":"1180310086","state":1}`)
	for call, data := range map[string]string{
		"product/release": handlerstest.NewSecondHand().String(), "product/edit": `{"product_id":6000001,"product_price":1}`,
		"product/withdraw": idData("6000001"), "product/collect": `{"product_id":6000001,"collected":1}`, "product/report": `{"product_id":6000001,"reason":"x"}`,
	} {
		g.Refuses(call, aliceToken, data, -301, "Account is frozen")
	}
	g.OK("product/mine", aliceToken, `{}`)
	g.OK("product/collected", aliceToken, `{}`)
}

// A passed product stays in sight as it was until its new version has passed.
func TestEditOfAPassedProduct(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.SecondHand()
	const id = "6000001"
	name := func(token string) string { return g.OK("product/detail", token, idData(id)).Field("product_name") }
	edit := func(fields string) { g.OK("product/edit", aliceToken, `{"product_id":6000001,`+fields+`}`) }
	edit(`"product_name":"台灯二代","product_stock":0`)
	if name(bobToken) != "九成新台灯" || name(aliceToken) != "台灯二代" || name(adminToken) != "台灯二代" || state(g, aliceToken, id) != "sold" {
		t.Errorf("bob sees %s, alice %s, %s", name(bobToken), name(aliceToken), state(g, aliceToken, id))
	}
	edit(`"product_price":30,"product_stock":1`) // on top of that
	g.RunJobs()
	if a := g.OK("product/detail", bobToken, idData(id)); a.Field("product_name") != "台灯二代" || a.Field("product_price") != "30" || a.Field("original_price") != "99" {
		t.Errorf("passed: %s", a.Raw)
	}
	edit(`"product_name":"` + handlerstest.RefusedWord + `"`)
	g.RunJobs()
	if name(bobToken) != "台灯二代" || state(g, aliceToken, id) != "on_sale" {
		t.Errorf("refused: bob sees %s, %s", name(bobToken), state(g, aliceToken, id))
	}
	mine := g.OK("product/detail", aliceToken, idData(id))
	if mine.Field("review_state") != "3" || mine.Field("review_note") != "product_name: has a refused word" {
		t.Errorf("alice sees %s", mine.Raw)
	}
	edit(`"product_name":"台灯三代"`)
	g.RunJobs()
	if name(bobToken) != "台灯三代" || g.OK("product/detail", aliceToken, idData(id)).Field("review_state") != "2" {
		t.Errorf("mended: bob sees %s", name(bobToken))
	}
	g.Refuses("product/edit", aliceToken, `{"product_id":6000001,"product_price":99.01}`, 101, "Price error")
	g.Refuses("product/edit", aliceToken, `{"product_id":6000001,"category_id":99}`, 104, "Category not exist")
	g.Refuses("product/edit", aliceToken, `{"product_id":6000001,"pics":["x"]}`, 103, "Picture error")
	for _, blank := range []string{`"product_name":" \u200b"`, `"product_content":"<p></p><p></p>"`} {
		g.Refuses("product/edit", aliceToken, `{"product_id":6000001,`+blank+`}`, -204, "Arg's value error")
	}
	g.Refuses("product/edit", bobToken, `{"product_id":6000001,"pics":["x"]}`, 100, "Error Product id")
}

// What waits or was refused is edited as it is; what was withdrawn comes back.
func TestWithdrawAndComeBack(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.SecondHand()
	id := release(g, bobToken)
	withdraw := func() { g.OK("product/withdraw", bobToken, idData(id)) }
	edit := func() { g.OK("product/edit", bobToken, `{"product_id":`+id+`,"product_price":20}`) }
	want := func(want string, shown bool) {
		t.Helper()
		if got := state(g, bobToken, id); got != want || hidden(g, aliceToken, id) == shown || hidden(g, bobToken, id) || hidden(g, adminToken, id) {
			t.Errorf("%s, hidden from alice %t; want %s", got, hidden(g, aliceToken, id), want)
		}
	}
	want("waiting", false)
	withdraw()
	withdraw()
	g.RunJobs()
	want("withdrawn", false)
	if waiting := g.OK("product/reviews", adminToken, `{}`).Rows(t, "product_id"); waiting != "" {
		t.Errorf("withdrawn products wait: %s", waiting)
	}
	g.OK("notice/list", bobToken, `{}`).WantData(t, `{"num":0,"list":[]}`) // it was not reviewed
	edit()
	want("waiting", false)
	g.RunJobs()
	want("on_sale", true)
	edit() // a newer version waits, and goes with the product
	withdraw()
	g.RunJobs()
	want("withdrawn", false)
}

// While an order of it is open, a product is neither edited nor withdrawn.
func TestProductInTrade(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.SecondHand()
	open := func(by int64) {
		handlerstest.Must(t, g.DB.InTx(t.Context(), func(tx *storage.Tx) error {
			return tx.AddOpenOrders(t.Context(), handlerstest.DocumentSecondHand, by)
		}))
	}
	open(1)
	if got := state(g, aliceToken, "6000001"); got != "in_trade" {
		t.Error(got)
	}
	g.Refuses("product/edit", aliceToken, `{"product_id":6000001,"product_price":1}`, 102, "State not allowed")
	g.Refuses("product/withdraw", aliceToken, idData("6000001"), 102, "State not allowed")
	open(-1)
	g.OK("product/withdraw", aliceToken, idData("6000001"))
}

// Goods that are off sale exist for who sells or has bought them, and for admins.
func TestDetailOfGoods(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.OK("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":1,"product_disprice":90,"product_stock":5}`)
	a := g.OK("product/detail", "", idData("4517733"))
	for key, want := range map[string]string{
		"product_price": "90", "original_price": "101.5", "shop_name": "小码三秃", "user_id": alice, "product_stock": "5", "product_key": "生发|秃", "pics": "[]",
	} {
		if got := a.Field(key); got != want {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
	for _, off := range []string{"0", "2"} {
		g.OK("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":`+off+`}`)
		got := map[string]bool{}
		for name, token := range map[string]string{"guest": "", "bob": bobToken, "alice": aliceToken, "admin": adminToken} {
			got[name] = hidden(g, token, "4517733")
		}
		if want := map[string]bool{"guest": true, "bob": true, "alice": false, "admin": false}; !maps.Equal(got, want) {
			t.Errorf("status %s: hidden %v", off, got)
		}
	}
	g.OK("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":1,"product_disprice":""}`)
	g.OK("purchase/apply", bobToken, handlerstest.NewOrder().String())
	g.OK("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":0}`)
	if hidden(g, bobToken, "4517733") {
		t.Error("hidden from its buyer")
	}
	a = g.Call("product/detail", "", `{}`).Want(t, -202, "Missing necessary data key-value")
	g.Call("product/detail", "wrong", idData("4517733")).Want(t, -101, "Error token")
	if a.Detail == "" {
		t.Error("no detail")
	}
}
