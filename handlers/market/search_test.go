package market_test

import (
	"strings"
	"testing"

	"campusgate/handlers/handlerstest"
)

// found are the names of what a search finds, and how much it says there is.
func found(g *handlerstest.Gateway, data string) string {
	g.T.Helper()
	list := g.OK("product/search", "", data)
	return list.Field("num") + ": " + list.Rows(g.T.(*testing.T), "product_name")
}

// wantFound holds searches against the names that they shall find.
func wantFound(g *handlerstest.Gateway, want map[string]string) {
	g.T.Helper()
	for data, names := range want {
		if got := found(g, data); got != names {
			g.T.Errorf("%s: got %s, want %s", handlerstest.Shortened(data), got, names)
		}
	}
}

func TestSearchAsDocumented(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.SecondHand()
	user, err := g.DB.User(t.Context(), handlerstest.Alice)
	handlerstest.Must(t, err)
	const times = `"creat_time":"2019-11-28 22:25:52","update_time":"2019-11-28 22:25:52"}`
	lamp := `{"product_id":6000001,"product_type":1,"product_name":"九成新台灯","pic_url":"` + handlerstest.LampURL + `","product_price":35,"original_price":99,` +
		`"product_sale":0,"product_collection":0,"sell_method":1,"ship_price":0,"category_id":3,"shop_id":0,"shop_name":"",` +
		`"user_id":1160299077,"user_name":"` + user.Name + `","product_stock":1,` + times
	tonic := `{"product_id":4517733,"product_type":0,"product_name":"头秃生发水","pic_url":"","product_price":101.5,"original_price":101.5,` +
		`"product_sale":0,"product_collection":0,"sell_method":0,"ship_price":0,"category_id":null,"shop_id":811729970,"shop_name":"小码三秃",` +
		`"user_id":1160299077,"user_name":"` + user.Name + `","product_stock":null,` + times
	lamp, tonic = strings.ReplaceAll(lamp, "1160299077", alice), strings.ReplaceAll(tonic, "1160299077", alice)
	for _, token := range []string{"", aliceToken, bobToken, adminToken} {
		g.OK("product/search", token, `{}`).WantData(t, `{"num":2,"list":[`+lamp+`,`+tonic+`]}`)
		g.OK("product/search", token, `{"key":"台灯 亮度","product_type":1,"price_max":50,"sort":"price_up"}`).WantData(t, `{"num":1,"list":[`+lamp+`]}`)
		g.OK("product/search", token, `{"key":"没有"}`).WantData(t, `{"num":0,"list":[]}`)
	}
	g.Call("product/search", "nobody's", `{}`).Want(t, -101, "Error token")
	g.OK("product/search", "", `{"page":2,"count":1}`).WantData(t, `{"num":2,"list":[`+tonic+`]}`)
	g.OK("product/search", "", `{"page":10000,"count":1}`).WantData(t, `{"num":2,"list":[]}`)
}

func TestSearchFields(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.FieldTable("product/search", "", handlerstest.Fields{}, []handlerstest.FieldRow{
		{
			Key: "key", Kind: handlerstest.Text, Limit: 16_007, Good: []string{`"\u3000"`, `"a b c d e f g h"`, `"  a  b\u3000c\td\ne f g h "`},
			Bad: []string{`"a b c d e f g h i"`, `"a\u3000a\u3000a\u3000a\u3000a\u3000a\u3000a\u3000a\u3000a"`},
		},
		{Key: "category_id", Kind: handlerstest.ID, Good: []string{"0", "99", `"3"`, "-1", "99999999999999999999"}},
		{Key: "product_type", Kind: handlerstest.Integer, Good: []string{"0", "1", `"2"`}, Bad: []string{"3", "-1"}},
		{Key: "price_min", Kind: handlerstest.Price, Good: []string{"0", "0.01", "999999.99"}, Bad: []string{"-0.01", "0.001", "1000000"}},
		{Key: "price_max", Kind: handlerstest.Price, Good: []string{"0", "0.01", "999999.99"}, Bad: []string{"-0.01", "0.001", "1000000"}},
		{Key: "sell_method", Kind: handlerstest.Integer, Good: []string{"0", "1", `"2"`}, Bad: []string{"3", "-1"}},
		{Key: "shop_id", Kind: handlerstest.ID, Good: []string{"0", "811729970", "99999999999999999999"}},
		{Key: "user_id", Kind: handlerstest.DigitText, Limit: 64},
		{Key: "page", Kind: handlerstest.Integer, Good: []string{"1", "500"}, Bad: []string{"0", "501", "10001"}},
		{Key: "count", Kind: handlerstest.Integer, Good: []string{"1", "100"}, Bad: []string{"-1", "101"}},
	})
	for value, status := range map[string]int{`"MATCH"`: -204, `"price"`: -204, `" "`: -204, `"new "`: -204, `"seq"`: -204, "5": -203, "true": -203} {
		g.RefusesValue("product/search", "", handlerstest.Fields{"sort": value}, "sort", status)
	}
}

// searched is a market in which each product has something to be found by.
func searched(g *handlerstest.Gateway) (shop string) {
	g.T.Helper()
	g.UploadLamp()
	shop = g.OpenShop(aliceToken, "文具店")
	put := func(data handlerstest.Fields) {
		g.T.Helper()
		g.OK("product/creat", aliceToken, data.With("shop_id", shop).With("product_status", "1").String())
	}
	put(handlerstest.Fields{"product_name": `"Casio计算器"`, "product_key": `"FX-82|数学"`, "product_content": `"<p>九成新</p><p>1班用</p>"`, "product_price": "50", "product_stock": "3"})
	put(handlerstest.Fields{"product_name": `"ｃａｓｉｏ手表"`, "product_key": `"Ａ１"`, "product_content": `"防水<b>10</b>0m &amp; 夜光"`, "product_price": "80", "sell_method": "2"})
	put(handlerstest.Fields{"product_name": `"笔"`, "product_content": `"像casio一样好的笔，50%_off!"`, "product_price": "2", "category_id": goodsCategory(g)})
	release(g, bobToken, "product_name", `"旧casio手表"`, "product_price", "60")
	g.RunJobs()
	return shop
}

func TestSearchByWords(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	searched(g)
	const old, watch, calculator, pen = "旧casio手表", "ｃａｓｉｏ手表", "Casio计算器", "笔"
	long := strings.Repeat("长", 1999)
	g.OK("product/search", "", `{"key":`+handlerstest.Quoted(strings.Repeat(strings.Repeat("长", 2000)+" ", 7)+strings.Repeat("a", 2000))+`}`).
		WantData(t, `{"num":0,"list":[]}`)
	wantFound(g, map[string]string{
		`{}`:                                  "4: " + old + " " + pen + " " + watch + " " + calculator,
		`{"key":" "}`:                         "4: " + old + " " + pen + " " + watch + " " + calculator,
		`{"key":"casio"}`:                     "4: " + old + " " + watch + " " + calculator + " " + pen, // names first
		`{"key":"ＣＡＳＩＯ"}`:                     "4: " + old + " " + watch + " " + calculator + " " + pen,
		`{"key":"casio","sort":"new"}`:        "4: " + old + " " + pen + " " + watch + " " + calculator,
		`{"key":"SI"}`:                        "4: " + old + " " + watch + " " + calculator + " " + pen,
		`{"key":"手表　casio"}`:                  "2: " + old + " " + watch,
		`{"key":"casio casio CASIO"}`:         "4: " + old + " " + watch + " " + calculator + " " + pen,
		`{"key":"笔 casio"}`:                   "1: " + pen,
		`{"key":"a1"}`:                        "1: " + watch,
		`{"key":"1班"}`:                        "1: " + calculator,
		`{"key":"新1"}`:                        "0: ", // two paragraphs
		`{"key":"100m"}`:                      "1: " + watch,
		`{"key":"fx-82|"}`:                    "1: " + calculator,
		`{"key":"|数"}`:                        "1: " + calculator,
		`{"key":"&"}`:                         "1: " + watch,
		`{"key":"amp"}`:                       "0: ",
		`{"key":"<b>"}`:                       "0: ",
		`{"key":"%"}`:                         "1: " + pen,
		`{"key":"_"}`:                         "1: " + pen,
		`{"key":"0%_o"}`:                      "1: " + pen,
		`{"key":"!"}`:                         "1: " + pen,
		`{"key":"％"}`:                         "0: ", // a sign is no letter
		`{"key":"'"}`:                         "0: ",
		`{"key":"😀"}`:                         "0: ",
		`{"key":"a\u0301"}`:                   "0: ",
		`{"key":"casio","count":1,"page":3}`:  "4: " + calculator,
		`{"key":"casio","count":3,"page":2}`:  "4: " + pen,
		`{"key":"casio 无"}`:                   "0: ",
		`{"key":"casio","sort":"price_up"}`:   "4: " + pen + " " + calculator + " " + old + " " + watch,
		`{"key":"casio","sort":"price_down"}`: "4: " + watch + " " + old + " " + calculator + " " + pen,
		`{"key":` + handlerstest.Quoted(long+"长长") + `}`: "0: ",
		`{"key":"一二三 四 五 六 七 八 九 casio"}`:                "0: ",
	})
	// The first 2,000 characters of the text are searched, tags aside.
	g.OK("product/creat", aliceToken, handlerstest.Fields{
		"product_name": `"书"`, "product_price": "1", "product_status": "1", "shop_id": g.OK("shop/list", aliceToken, `{"mode":1}`).Rows(t, "shop_id"),
		"product_content": handlerstest.Quoted("<p style='color:red'>" + long[:3*1996] + "<i>末</i>尾 界外</p>"),
	}.String())
	wantFound(g, map[string]string{`{"key":"长末尾"}`: "1: 书", `{"key":"界"}`: "1: 书", `{"key":"界外"}`: "0: ", `{"key":"red"}`: "0: "})
}

func TestSearchFilters(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	shop := searched(g)
	const old, watch, calculator, pen = "旧casio手表", "ｃａｓｉｏ手表", "Casio计算器", "笔"
	goods := pen + " " + watch + " " + calculator
	wantFound(g, map[string]string{
		`{"product_type":0}`:                      "3: " + goods,
		`{"product_type":1}`:                      "1: " + old,
		`{"product_type":2}`:                      "0: ",
		`{"shop_id":` + shop + `}`:                "3: " + goods,
		`{"shop_id":0}`:                           "1: " + old, // no shop's
		`{"shop_id":1}`:                           "0: ",
		`{"user_id":` + alice + `}`:               "3: " + goods,
		`{"user_id":"` + handlerstest.Bob + `"}`:  "1: " + old,
		`{"user_id":"0` + handlerstest.Bob + `"}`: "0: ",
		`{"category_id":3}`:                       "1: " + old,
		`{"category_id":10}`:                      "1: " + pen,
		`{"category_id":99}`:                      "0: ",
		`{"sell_method":0}`:                       "2: " + pen + " " + calculator,
		`{"sell_method":1}`:                       "3: " + old + " " + pen + " " + calculator,
		`{"sell_method":2}`:                       "3: " + goods,
		`{"price_min":50}`:                        "3: " + old + " " + watch + " " + calculator,
		`{"price_min":50.01}`:                     "2: " + old + " " + watch,
		`{"price_max":60}`:                        "3: " + old + " " + pen + " " + calculator,
		`{"price_max":"59.99"}`:                   "2: " + pen + " " + calculator,
		`{"price_min":2,"price_max":2}`:           "1: " + pen,
		`{"price_min":3,"price_max":2}`:           "0: ",
		`{"price_min":0,"sort":"price_down"}`:     "4: " + watch + " " + old + " " + calculator + " " + pen,
		`{"key":"casio","price_min":50,"sell_method":1,"product_type":0,"user_id":` + alice + `,"shop_id":` + shop + `}`: "1: " + calculator,
		`{"sort":"match"}`: "4: " + old + " " + goods,
	})
	// What it costs now counts.
	id := g.OK("product/search", "", `{"key":"ｃａｓｉｏ手表","product_type":0}`).Rows(t, "product_id")
	g.OK("product/update", aliceToken, `{"product_id":`+id+`,"shop_id":`+shop+`,"product_status":1,"product_price":80,"product_disprice":55}`)
	wantFound(g, map[string]string{
		`{"price_max":55,"price_min":51}`: "1: " + watch, `{"price_min":80}`: "0: ", `{"sort":"price_up"}`: "4: " + pen + " " + calculator + " " + watch + " " + old,
	})
}

// A sale is by the pieces in paid orders, whatever product_sale says, and what is sold out is
// not found.
func TestSearchBySale(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	shop := searched(g)
	const old, watch, calculator, pen = "旧casio手表", "ｃａｓｉｏ手表", "Casio计算器", "笔"
	id := func(key string) string {
		return g.OK("product/search", "", `{"key":"`+key+`","product_type":0}`).Rows(t, "product_id")
	}
	buy := func(product, pieces, price, total string) {
		order := g.OK("purchase/apply", bobToken, `{"product_id":`+product+`,"product_num":`+pieces+`,"product_unitprice":`+price+`,"product_totalprice":`+total+`}`).Field("purchase_id")
		g.OK("purchase/pay", bobToken, `{"purchase_id":`+handlerstest.Quoted(order)+`,"method":"wallet"}`)
	}
	g.OK("product/update", aliceToken, `{"product_id":`+id("手表")+`,"shop_id":`+shop+`,"product_status":1,"product_sale":999}`)
	machine, cheap := id("计算器"), id("笔")
	buy(cheap, "1", "2", "2")
	buy(machine, "2", "50", "100")
	wantFound(g, map[string]string{
		`{"sort":"sale"}`: "4: " + calculator + " " + pen + " " + old + " " + watch, `{"key":"casio","sort":"sale"}`: "4: " + calculator + " " + pen + " " + old + " " + watch,
	})
	buy(cheap, "2", "2", "4")
	wantFound(g, map[string]string{`{"sort":"sale"}`: "4: " + pen + " " + calculator + " " + old + " " + watch})
	buy(machine, "1", "50", "50") // the last one
	wantFound(g, map[string]string{`{"sort":"sale"}`: "3: " + pen + " " + old + " " + watch, `{"key":"计算器"}`: "0: "})
	g.OK("product/update", aliceToken, `{"product_id":`+machine+`,"shop_id":`+shop+`,"product_status":1,"product_stock":1}`)
	wantFound(g, map[string]string{`{"key":"计算器"}`: "1: " + calculator})
	g.OK("product/update", aliceToken, `{"product_id":`+machine+`,"shop_id":`+shop+`,"product_status":0}`)
	wantFound(g, map[string]string{`{"key":"计算器"}`: "0: "})
	g.OK("product/update", aliceToken, `{"product_id":`+machine+`,"shop_id":`+shop+`,"product_status":1,"product_name":"算盘","product_content":"","product_key":"珠算"}`)
	wantFound(g, map[string]string{`{"key":"计算器"}`: "0: ", `{"key":"九成新","product_type":0}`: "0: ", `{"key":"FX"}`: "0: ", `{"key":"珠算 算盘"}`: "1: 算盘"})
}

// What waits for its review, is refused or withdrawn, or whose seller is frozen is not found;
// an edit that waits is found by the version that is in sight.
func TestSearchFindsWhatIsInSight(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	shop := searched(g)
	const old, watch, calculator, pen = "旧casio手表", "ｃａｓｉｏ手表", "Casio计算器", "笔"
	id := release(g, bobToken, "product_name", `"自行车"`)
	wantFound(g, map[string]string{`{"key":"自行车"}`: "0: "})
	g.RunJobs()
	wantFound(g, map[string]string{`{"key":"自行车"}`: "1: 自行车"})
	g.OK("product/edit", bobToken, `{"product_id":`+id+`,"product_name":"单车","product_price":5,"sell_method":2,"category_id":4}`)
	wantFound(g, map[string]string{`{"key":"单车"}`: "0: ", `{"key":"自行车","category_id":3}`: "1: 自行车"})
	g.RunJobs()
	wantFound(g, map[string]string{`{"key":"单车","category_id":4,"sell_method":2}`: "1: 单车", `{"key":"自行车"}`: "0: ", `{"key":"单车","category_id":3}`: "0: "})
	g.OK("product/withdraw", bobToken, idData(id))
	wantFound(g, map[string]string{`{"key":"单车"}`: "0: "})
	g.OK("product/edit", bobToken, `{"product_id":`+id+`,"product_stock":0}`)
	g.RunJobs()
	wantFound(g, map[string]string{`{"key":"单车"}`: "0: "})
	g.OK("product/edit", bobToken, `{"product_id":`+id+`,"product_stock":1}`)
	g.RunJobs()
	wantFound(g, map[string]string{`{"key":"单车"}`: "1: 单车"})
	g.OK("product/review", adminToken, `{"product_id":`+id+`,"pass":0,"note":"x"}`)
	wantFound(g, map[string]string{`{"key":"单车"}`: "0: "})

	everything := "4: " + old + " " + pen + " " + watch + " " + calculator
	freeze := func(user, state, left string) {
		g.OK("user/freeze", adminToken, `{"user_id":"`+user+`","state":`+state+`,"note":"x"}`)
		wantFound(g, map[string]string{`{}`: left})
	}
	freeze(handlerstest.Bob, "1", "3: "+pen+" "+watch+" "+calculator)
	freeze(handlerstest.Bob, "0", everything)
	freeze(alice, "1", "1: "+old)
	g.OK("product/creat", aliceToken, `{"product_name":"冻","product_price":1,"product_status":1,"shop_id":`+shop+`}`) // the old calls go on
	wantFound(g, map[string]string{`{}`: "1: " + old, `{"key":"冻"}`: "0: "})
	freeze(alice, "0", "5: 冻 "+everything[len("4: "):])
}
