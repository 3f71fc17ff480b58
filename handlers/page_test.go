package handlers_test

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"campusgate/handlers/handlerstest"
)

// page and count cut the four lists alike.
func TestPages(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t, handlerstest.ManyShops)
	g.Document()
	g.SQL("DELETE FROM purchases")
	g.SQL("DELETE FROM products")
	g.SQL("DELETE FROM shops")
	shop := g.OpenShop(aliceToken, "0")
	for i := range 25 {
		if i > 0 {
			g.OpenShop(aliceToken, strconv.Itoa(i))
		}
		id := g.OK("product/creat", aliceToken, fmt.Sprintf(`{"product_name":"%d","product_price":1,"shop_id":%s,"product_status":1}`, i, shop)).Field("product_id")
		g.OK("purchase/apply", aliceToken, `{"product_id":`+id+`,"product_num":1,"product_unitprice":1,"product_totalprice":1}`)
		g.AddNotice(handlerstest.Notice().With("title", fmt.Sprintf(`"%d"`, i)))
	}
	orders := strings.Fields(g.OK("purchase/list", aliceToken, `{}`).Rows(t, "purchase_id"))
	names := func(from, to int) string { // to itself is left out; backwards for the newest first
		var list []string
		for i := from; i < to; i++ {
			list = append(list, strconv.Itoa(i))
		}
		for i := from; i > to; i-- {
			list = append(list, strconv.Itoa(i))
		}
		return strings.Join(list, " ")
	}
	for _, c := range []struct {
		page, count string
		from, to    int // of 25 rows
	}{
		{"", "", 0, 25},
		{"1", "", 0, 20},
		{"2", "", 20, 25},
		{"", "10", 0, 10},
		{"", `"500"`, 0, 25},
		{"1", "1", 0, 1},
		{"3", "10", 20, 25},
		{"5", "5", 20, 25},
		{`"2"`, `"3"`, 3, 6},
		{"6", "5", 25, 25},
		{"3", "", 25, 25},
		{"1000000000000", "500", 25, 25},
		{`""`, `""`, 0, 25},
		{"null", "2", 0, 2},
	} {
		t.Run("page "+c.page+" count "+c.count, func(t *testing.T) {
			g := g.In(t)
			data := handlerstest.Fields{}.With("page", c.page).With("count", c.count)
			for call, field := range map[string]string{"shop/list": "shop_name", "product/list": "product_name"} {
				a := g.Call(call, aliceToken, data.String())
				if c.from == c.to {
					a.WantRaw(t, `{"id":1,"status":1,"message":"Empty records","data":[]}`)
				} else if got := a.Rows(t, field); got != names(c.from, c.to) {
					t.Errorf("%s: got %q", call, got)
				}
			}
			own := g.Call("shop/list", aliceToken, data.With("mode", "1").String())
			if got := own.Rows(t, "shop_name"); got != names(c.from, c.to) {
				t.Errorf("your own shops: got %q", got)
			}
			// The newest first; num counts all orders, whatever the page.
			a := g.OK("purchase/list", aliceToken, data.String())
			if got := a.Rows(t, "purchase_id"); got != strings.Join(orders[c.from:c.to], " ") || a.Field("num") != "25" {
				t.Errorf("purchase/list: got %s", a.Raw)
			}
			parameters := url.Values{"type": {"1"}}
			for key, value := range data {
				if value != "null" && value != `""` { // neither can be said in a query
					parameters.Set(key, strings.Trim(value, `"`))
				}
			}
			query := parameters.Encode()
			for _, query := range []string{query, query + "&key=%E6%B5%8B", query + "&lab=%E6%B5%8B"} {
				if got := g.Notices(query).Want(t, 0, "successful").Rows(t, "title"); got != names(24-c.from, 24-c.to) {
					t.Errorf("%s: got %q", query, got)
				}
			}
		})
	}
}
