package handlers_test

import (
	"strings"
	"testing"

	"campusgate/handlers/handlerstest"
)

// The document's calls refuse words only where market.review_goods says so: each of their
// texts that others see, with its key and never the word.
func TestReviewGoods(t *testing.T) {
	t.Parallel()
	word := []rune(handlerstest.RefusedWord)
	hidden := string(word[0]) + "\u200b " + string(word[1:])
	tagged := "<p>好" + string(word[0]) + "</p><b>" + string(word[1:]) + "</b>"
	shop := handlerstest.Fields{"shop_name": `"茶铺"`, "shop_content": `"茶"`}
	update := handlerstest.Fields{"product_id": "4517733", "shop_id": "811729970", "product_status": "1"}
	notice := handlerstest.Fields{}
	cases := []struct {
		call  string
		data  handlerstest.Fields
		key   string
		texts []string
	}{
		{"shop/creat", shop, "shop_name", []string{hidden}},
		{"shop/creat", shop, "shop_content", []string{hidden}},
		{"shop/update", handlerstest.Fields{"shop_id": "811729970"}, "shop_content", []string{hidden}},
		{"product/creat", handlerstest.NewProduct(), "product_name", []string{hidden}},
		{"product/creat", handlerstest.NewProduct(), "product_key", []string{"茶|" + hidden}},
		{"product/creat", handlerstest.NewProduct(), "product_content", []string{hidden, tagged}},
		{"product/update", update, "product_name", []string{hidden}},
		{"product/update", update, "product_key", []string{hidden}},
		{"product/update", update, "product_content", []string{hidden, tagged, `<table summary="` + string(word[0]) + "-" + string(word[1:]) + `"></table>`}},
		{"property/add", handlerstest.Notice(), "lab", []string{hidden}},
		{"property/add", handlerstest.Notice(), "title", []string{hidden}},
		{"property/add", handlerstest.Notice(), "content", []string{hidden}},
		{"property/add", handlerstest.Notice(), "user_name", []string{hidden}},
		{"property/update", notice, "lab", []string{hidden}},
		{"property/update", notice, "title", []string{hidden}},
		{"property/update", notice, "content", []string{hidden}},
		{"property/update", notice, "user_name", []string{hidden}},
		{"property/update", notice, "user2_name", []string{hidden}},
	}
	for _, on := range []bool{true, false} {
		g := handlerstest.Start(t, handlerstest.ManyShops, func(o *handlerstest.Options) { o.Settings.ReviewGoods = on })
		g.Document()
		notice["id"] = g.AddNotice(handlerstest.Notice())
		for _, c := range cases {
			for _, text := range c.texts {
				data := c.data.With(c.key, handlerstest.JSONText(text)).String()
				if !on {
					if a := g.Call(c.call, handlerstest.AliceToken, data); a.Status != 0 {
						t.Errorf("%s %s while the words are off: %s", c.call, data, a.Raw)
					}
					continue
				}
				a := g.Refuses(c.call, handlerstest.AliceToken, data, -305, "Content refused")
				if a.Detail != c.key+": has a refused word" || strings.Contains(a.Raw, handlerstest.RefusedWord) {
					t.Errorf("%s %s: %s", c.call, data, a.Raw)
				}
			}
			if on && c.call != "shop/creat" { // the others still work
				g.OK(c.call, handlerstest.AliceToken, c.data.With(c.key, `"好茶"`).String())
			}
		}
	}
}
