package market_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/handlerstest"
)

// uploadPics uploads n pictures and returns their URLs.
func uploadPics(g *handlerstest.Gateway, n int) (urls []string) {
	g.T.Helper()
	for i := range n {
		urls = append(urls, g.OK("pic/upload", aliceToken, handlerstest.PicData("product", handlerstest.PNG(g.T, uint8(i)))).Field("url"))
	}
	return urls
}

// list is a list of texts in JSON.
func list(texts ...string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = handlerstest.JSONText(text)
	}
	return "[" + strings.Join(quoted, ",") + "]"
}

// goodsCategory adds a category of goods.
func goodsCategory(g *handlerstest.Gateway) string {
	g.T.Helper()
	return g.OK("category/creat", handlerstest.AdminToken, `{"category_name":"用品","kind":0}`).Field("category_id")
}

// termsCalls are the two calls that take terms, with data that they take.
func termsCalls() map[string]handlerstest.Fields {
	return map[string]handlerstest.Fields{
		"product/creat":  handlerstest.NewProduct(),
		"product/update": {"product_id": "4517733", "shop_id": "811729970", "product_status": "1"},
	}
}

func TestProductTermsFields(t *testing.T) {
	t.Parallel()
	for call, data := range termsCalls() {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			g := handlerstest.Start(t)
			g.Document()
			category := goodsCategory(g)
			urls := uploadPics(g, 1)
			g.FieldTable(call, aliceToken, data, []handlerstest.FieldRow{
				{Key: "product_stock", Kind: handlerstest.Integer, Good: []string{"0", "999999", `"7"`}, Bad: []string{"-1", "1000000"}},
				{Key: "original_price", Empty: -201, Kind: handlerstest.Price, Good: []string{"0.01", "999999.99"}, Bad: []string{"0", "-1", "0.001", "1000000"}},
				{Key: "ship_price", Empty: -201, Kind: handlerstest.Price, Good: []string{"0", "999.99"}, Bad: []string{"-0.01", "0.001", "1000"}},
				{Key: "sell_method", Empty: -201, Kind: handlerstest.Integer, Good: []string{"0", "1", `"2"`}, Bad: []string{"3", "-1"}},
				{Key: "category_id", Kind: handlerstest.Integer, Good: []string{category}, Bad: []string{"0", "-1"}},
				{Key: "first_price", Kind: handlerstest.Price, Good: []string{"0.01", "100"}, Bad: []string{"0", "-1", "0.001", "1000000"}},
			})
			for value, status := range map[string]int{
				"5": -203, `"x"`: -203, "[5]": -203, `[""]`: -201, list(strings.Repeat("x", 1025)): -204, list(strings.Split(strings.Repeat("x", 10), "")...): -204,
			} {
				a := g.Refuses(call, aliceToken, data.With("pics", value).String(), status, map[int]string{
					-201: "Necessary key-value can't be empty", -203: "Arg's value type error", -204: "Arg's value error",
				}[status])
				if !strings.HasPrefix(a.Detail, "pics") {
					t.Errorf("%s: %s", value, a.Raw)
				}
			}
			for _, value := range []string{"[]", list(urls[0]), list(urls[0], urls[0])} {
				g.OK(call, aliceToken, data.With("pics", value).String())
			}
		})
	}
}

// foreignPics are values of pics that are not ours, with the path of one that is there.
func foreignPics(there string) []string {
	const site, nobody = "https://example.org", "/api/external/get/pic/product/00000000000000000000000000000000"
	return []string{
		list(nobody), list(site + nobody), list(site + "/a.png"), list("x"), list("." + there + "/x"), list("." + there + "?x"),
		list("."+there, "javascript://example.org"+there), list("javascript:alert(1)//" + there), list("https://a:b@example.org" + there),
		list(site + "/?x=" + there), list(site + "\n" + there), list(`x" onerror="alert(1)` + there), list("https:/" + there),
		list(site + "/api/external/get/pic/nowhere/" + strings.Repeat("0", 32)), list(site + "/api/external/get/pic/product/../x"),
	}
}

// What is wrong beyond the form of a value is told after whose the shop is.
func TestProductTermsRefused(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	there := strings.TrimPrefix(uploadPics(g, 1)[0], ".")
	const noCategory = "Category not exist"
	for call, data := range termsCalls() {
		for _, pics := range foreignPics(there) {
			g.Refuses(call, aliceToken, data.With("pics", pics).String(), 103, "Picture error")
		}
		for _, c := range []struct {
			key, value string
			status     int
			text       string
		}{
			{"category_id", "1", 104, noCategory}, // of second-hand products
			{"category_id", "99", 104, noCategory},
			{"pics", list("x"), 103, "Picture error"},
			{"first_price", "101.51", 101, "Price error"},
		} {
			changed := data.With(c.key, c.value)
			g.Refuses(call, aliceToken, changed.String(), c.status, c.text)
			g.Refuses(call, bobToken, changed.String(), 100, "No right to operate")
		}
	}
	for _, before := range []string{"", ".", "http://127.0.0.1:4080", "https://campus.example", "//campus.example", "https://campus.example/gateway"} {
		id := g.OK("product/creat", aliceToken, handlerstest.NewProduct().With("pics", list(before+there)).String()).Field("product_id")
		if pics := g.OK("product/detail", aliceToken, idData(id)).Field("pics"); pics != list("."+there) { // nobody else's host
			t.Errorf("%s is shown as %s", before+there, pics)
		}
	}
}

// The down payment keeps within what a piece costs, whichever of the prices is changed.
func TestFirstPriceFits(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document() // at 101.5
	for _, step := range []struct {
		terms  string
		status int
	}{
		{`"first_price":101.5`, 0},
		{`"product_price":101.49`, 101},
		{`"product_disprice":101.49`, 101},
		{`"product_disprice":90,"first_price":90.01`, 101},
		{`"product_disprice":90,"first_price":90`, 0},
		{`"product_disprice":89`, 101},
		{`"product_disprice":"","first_price":101.5`, 0},
		{`"product_price":1,"first_price":""`, 0},
		{`"product_price":0.5`, 0},
	} {
		data := `{"product_id":4517733,"shop_id":811729970,"product_status":1,` + step.terms + `}`
		if step.status == 0 {
			g.OK("product/update", aliceToken, data)
		} else {
			g.Refuses("product/update", aliceToken, data, 101, "Price error")
		}
	}
}

// Terms are kept beside the document's fields, which stay as they were.
func TestProductTermsAreKept(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	category, pics := goodsCategory(g), uploadPics(g, 9)
	terms := fmt.Sprintf(`"product_stock":3,"original_price":200,"ship_price":5.5,"sell_method":2,"category_id":%s,"first_price":10,"pics":%s`,
		category, list(pics...))
	before := product(g, "4517733")
	for _, id := range []string{
		g.AddProduct("测试商品", "100.5", ","+terms), "4517733",
	} {
		if id == "4517733" {
			g.OK("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":1,"pic_url":"",`+terms+`}`)
		}
		got := termsOf(g, id)
		if diff := cmp.Diff(`3 200.00 5.50 2 `+category+` 10.00 9`, got); diff != "" {
			t.Error(diff)
		}
		g.OK("product/update", aliceToken, `{"product_id":`+id+`,"shop_id":811729970,"product_status":1}`)
		if again := termsOf(g, id); again != got {
			t.Errorf("an update of nothing: %s, want %s", again, got)
		}
		g.OK("product/update", aliceToken, `{"product_id":`+id+
			`,"shop_id":811729970,"product_status":1,"product_stock":"","category_id":"","first_price":"","pics":[]}`)
		if got := termsOf(g, id); got != "none 200.00 5.50 2 none none 0" {
			t.Errorf("unset: %s", got)
		}
	}
	if after := product(g, "4517733"); after != before {
		t.Errorf("the document's row was %s, is %s", before, after)
	}
}

// The first picture is the cover of goods that have no other.
func TestFirstPictureIsTheCover(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	pics := uploadPics(g, 2)
	id := g.AddProduct("测试商品", "1", `,"pics":`+list(pics...))
	cover := func(want string) {
		t.Helper()
		if row := product(g, id); !strings.Contains(row, `"pic_url":"`+want+`"`) {
			t.Errorf("%s, want the cover %s", row, want)
		}
	}
	cover(pics[0])
	update := `{"product_id":` + id + `,"shop_id":811729970,"product_status":1,"pics":`
	g.OK("product/update", aliceToken, update+list(pics[1])+"}")
	cover(pics[1])
	g.OK("product/update", aliceToken, update+list(pics[0])+`,"pic_url":"./other"}`)
	cover("./other")
}

// termsOf are the terms that are stored.
func termsOf(g *handlerstest.Gateway, id string) string {
	g.T.Helper()
	for _, p := range g.Products() {
		if strconv.FormatInt(p.ProductID, 10) == id {
			return fmt.Sprintf("%s %s %s %d %s %s %d", orNone(p.Stock, 1), orNone(p.OriginalPrice, 100), orNone(&p.ShipPrice, 100),
				p.SellMethod, orNone(p.CategoryID, 1), orNone(p.FirstPrice, 100), len(p.Pics))
		}
	}
	return ""
}

// orNone is a number, of which unit are one.
func orNone(number *int64, unit int64) string {
	switch {
	case number == nil:
		return "none"
	case unit == 1:
		return strconv.FormatInt(*number, 10)
	default:
		return fmt.Sprintf("%d.%02d", *number/unit, *number%unit)
	}
}

// A category in which goods are, deleted ones too, is used.
func TestCategoryOfGoodsIsUsed(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	category := goodsCategory(g)
	remove := `{"category_id":` + category + `}`
	g.OK("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":2,"category_id":`+category+`}`)
	g.Refuses("category/delete", handlerstest.AdminToken, remove, 101, "Category is used")
	g.OK("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":1,"category_id":""}`)
	g.OK("category/delete", handlerstest.AdminToken, remove)
}
