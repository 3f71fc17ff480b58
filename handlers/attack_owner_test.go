package handlers_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
)

// estate is what one user has.
type estate struct{ notice, shop, product, order, picture string }

// settle gives a user something of everything.
func (g *gateway) settle(token, name string) estate {
	g.t.Helper()
	shop := g.openShop(token, "shop of "+name)
	product := g.ok("product/creat", token,
		`{"product_name":"product of `+name+`","product_price":2,"shop_id":`+shop+`,"product_status":1}`).field("product_id")
	g.ok("pic/upload", token, picData("shop", pngOf(g.t, name[0]), `"name":"picture-of-`+name+`"`))
	g.ok("portrait/upload", token, portraitData(map[string]string{aliceToken: alice, bobToken: bob}[token], pngOf(g.t, name[0])))
	return estate{
		notice: g.ok("property/add", token, notice().String()).field("uid"), shop: shop, product: product,
		order: g.ok("purchase/apply", token,
			`{"product_id":`+product+`,"product_num":1,"product_unitprice":2,"product_totalprice":2}`).field("purchase_id"),
		picture: "picture-of-" + name,
	}
}

// everything is each row, and each stored picture.
func (g *gateway) everything() map[string]any {
	g.t.Helper()
	rows := g.everyRow()
	for name, content := range g.files() {
		rows["picture "+name] = content
	}
	return rows
}

// TestAttackAnothersObjects: bob asks for alice's, by every call that takes an id.
// Ways to be taken for alice are tried with each: her id in the data, twice-named
// keys, the token in other places.
func TestAttackAnothersObjects(t *testing.T) {
	g := start(t)
	hers, his := g.settle(aliceToken, "alice"), g.settle(bobToken, "bob")
	picture := pngOf(t, 99)
	const noRight = 100
	attempts := []struct {
		call   string
		data   string
		status int
		text   string
	}{
		{"property/update", `{"id":` + hers.notice + `,"title":"bob's"}`, -200, "Failure to operate database"},
		{"property/update", `{"id":` + hers.notice + `,"user_id":"` + bob + `","title":"bob's"}`, -200, "Failure to operate database"},
		{"property/update", `{"id":` + his.notice + `,"user_id":"` + alice + `"}`, -200, "Failure to operate database"},
		{"property/delete", `{"id":` + hers.notice + `}`, -200, "Failure to operate database"},
		{"property/delete", `{"id":` + hers.notice + `,"user_id":` + bob + `}`, -200, "Failure to operate database"},
		{"shop/update", `{"shop_id":` + hers.shop + `,"shop_content":"bob's"}`, noRight, "No right to update"},
		{"shop/update", `{"shop_id":"` + hers.shop + `","shop_content":"","pic_url":"bob's"}`, noRight, "No right to update"},
		{"product/creat", `{"product_name":"bob's","product_price":1,"shop_id":` + hers.shop + `,"product_status":1}`, noRight, "No right to operate"},
		{"product/update", `{"product_id":` + hers.product + `,"shop_id":` + hers.shop + `,"product_status":2}`, noRight, "No right to operate"},
		// Her product, said to be in his shop; his, said to be in hers.
		{"product/update", `{"product_id":` + hers.product + `,"shop_id":` + his.shop + `,"product_status":1,"product_price":0.01}`, noRight, "No right to operate"},
		{"product/update", `{"product_id":` + his.product + `,"shop_id":` + hers.shop + `,"product_status":1}`, noRight, "No right to operate"},
		{"purchase/pay", pay(hers.order), 101, "Have no right to operate"},
		{"purchase/pay", `{"purchase_id":"` + hers.order + `","method":"card"}`, 101, "Have no right to operate"},
		{"purchase/cancel", `{"purchase_id":"` + hers.order + `"}`, 101, "Have no right to operate"},
		{"purchase/info", `{"purchase_id":"` + hers.order + `"}`, 101, "Have no right to operate"},
		{"pic/upload", picData("shop", picture, `"name":"`+hers.picture+`"`), -103, "No permission to operate"},
		{"pic/upload", picData("portrait", picture, `"name":"`+alice+`"`), -103, "No permission to operate"},
		{"pic/upload", picData("portrait", picture, `"name":`+alice), -103, "No permission to operate"},
		{"portrait/upload", portraitData(alice, picture), -103, "No permission to operate"},
		// Of somebody who has no portrait yet.
		{"pic/upload", picData("portrait", picture, `"name":"1180310000"`), -103, "No permission to operate"},
		{"portrait/upload", portraitData("1180310000", picture), -103, "No permission to operate"},
	}
	before, sent := g.everything(), 0
	for _, attempt := range attempts {
		claims := []string{"", `,"user_id":"` + alice + `"`, `,"user":{"id":"` + alice + `"},"token":"` + aliceToken + `"`}
		for _, claim := range claims {
			if claim != "" && strings.Contains(attempt.data, `"user_id"`) {
				continue // says already who it is
			}
			data := strings.TrimSuffix(attempt.data, "}") + claim + "}"
			for name, a := range map[string]answer{
				"to its path":     g.call(attempt.call, bobToken, data),
				"to the base":     g.post("", bobToken, envelope(attempt.call, data)),
				"by header":       g.do("POST", paths[attempt.call], envelope(attempt.call, data), "Authorization", "Bearer "+bobToken),
				"two tokens":      g.do("POST", paths[attempt.call]+"?token="+bobToken+"&token="+aliceToken, envelope(attempt.call, data)),
				"token beside it": g.do("POST", paths[attempt.call]+"?token="+bobToken, envelope(attempt.call, data), "Authorization", "Bearer "+aliceToken),
				"token in cookie": g.do("POST", paths[attempt.call]+"?token="+bobToken, envelope(attempt.call, data), "Cookie", "token="+aliceToken, "X-User-Id", alice),
			} {
				sent++
				if a.Status != attempt.status || a.Message != attempt.text || string(a.Data) != "{}" {
					t.Errorf("%s %s %s: %s", attempt.call, shortened(data), name, a.Raw)
				}
			}
		}
		if diff := cmp.Diff(before, g.everything()); diff != "" {
			t.Fatalf("%s %s: changed: %s", attempt.call, shortened(attempt.data), diff)
		}
	}
	// Lists of one's own do not show hers either.
	g.ok("shop/list", bobToken, `{"mode":1,"user_id":"`+alice+`"}`).wantOnly(t, "shop_id", his.shop)
	g.ok("purchase/list", bobToken, `{"user_id":"`+alice+`"}`).wantOnly(t, "purchase_id", his.order)
	t.Logf("%d attempts on another's objects, %d requests", len(attempts), sent)
}

func (a answer) wantOnly(t *testing.T, field, want string) {
	t.Helper()
	if got := a.rows(t, field); got != want {
		t.Errorf("%s: got %q, want %q", field, got, want)
	}
}

// masses are fields that the server sets itself, with values that would pay off.
var masses = fields{
	"id": "77", "uid": "77", "user_id": quoted(bob), "user_name": `"mass"`, "owner": quoted(bob), "shop_id": "111111111", "product_id": "1111111",
	"purchase_id": `"11111111111111111"`, "purchase_state": `"finish"`, "purchase_type": "7", "purchase_price": "0.01", "pay_method": `"wallet"`,
	"product_sale": "9999", "product_click": "9999", "product_collection": "9999", "product_disprice": "0.01", "creat_time": `"2000-01-01 00:00:00"`,
	"create_time": `"2000-01-01 00:00:00"`, "update_time": `"2000-01-01 00:00:00"`, "publish_time": `"2000-01-01 00:00:00"`, "wealth": "99999", "seq": "1",
	"by_owner": "true", "claims": "9", "source": `"shop"`, "user2_id": quoted(bob), "user2_name": `"mass"`, "pic_num": "3", "pic_url1": `"x"`,
	"state": "1", "is_admin": "true", "role": `"admin"`, "__proto__": `{"user_id":"` + bob + `"}`, "constructor": `{"prototype":{}}`,
}

// TestAttackMassAssignment: beside the fields of a writing call, every field that
// its table does not list is sent, in either letter case, and none is taken.
func TestAttackMassAssignment(t *testing.T) {
	sent := 0
	listed := map[string][]string{}
	for _, call := range reference(t) {
		for _, field := range call.fields {
			listed[call.name] = append(listed[call.name], field.key)
		}
	}
	for call, honest := range map[string]func(*gateway) fields{
		"property/add":    func(*gateway) fields { return notice() },
		"property/update": func(g *gateway) fields { return fields{"id": g.addNotice(notice()), "title": `"new"`} },
		"shop/creat":      func(*gateway) fields { return fields{"shop_name": `"mass shop"`} },
		"shop/update":     func(*gateway) fields { return fields{"shop_id": "811729970", "shop_content": `"new"`} },
		"product/creat":   func(*gateway) fields { return newProduct() },
		"product/update": func(*gateway) fields {
			return fields{"product_id": "4517733", "shop_id": "811729970", "product_status": "1"}
		},
		"purchase/apply":  func(*gateway) fields { return order() },
		"purchase/pay":    func(*gateway) fields { return fields{"purchase_id": quoted(documentPurchase), "method": `"wallet"`} },
		"purchase/cancel": func(*gateway) fields { return fields{"purchase_id": quoted(documentPurchase)} },
	} {
		t.Run(call, func(t *testing.T) {
			// The same call on two gateways, plainly and with the masses: what is
			// stored is the same, but for ids that are drawn by chance.
			plain, massed := start(t), start(t)
			var stored [2]string
			for i, g := range []*gateway{plain, massed} {
				g.document()
				data := honest(g)
				if g == massed {
					for key, value := range masses {
						if slices.Contains(listed[call], key) {
							key = strings.ToUpper(key) // another key: names are exact
						}
						data = data.with(key, value)
						sent++
					}
				}
				g.ok(call, aliceToken, data.String())
				stored[i] = g.withoutChance()
			}
			if diff := cmp.Diff(stored[0], stored[1]); diff != "" {
				t.Errorf("taken: %s", diff)
			}
		})
	}
	t.Logf("%d fields sent beside a call's own", sent)
}

// withoutChance is everything stored, with the ids that are drawn by chance taken
// out.
func (g *gateway) withoutChance() string {
	g.t.Helper()
	ctx, all := g.t.Context(), storage.Page{}
	text := g.stored()
	shops, err := g.db.Shops(ctx, storage.ShopFilter{}, nil, all)
	must(g.t, err)
	for i, shop := range shops {
		text = strings.ReplaceAll(text, strconv.FormatInt(shop.ShopID, 10), fmt.Sprint("shop ", i))
	}
	products, err := g.db.Products(ctx, storage.ProductFilter{}, nil, all)
	must(g.t, err)
	for i, product := range products {
		text = strings.ReplaceAll(text, strconv.FormatInt(product.ProductID, 10), fmt.Sprint("product ", i))
	}
	orders, _, err := g.db.Purchases(ctx, alice, all)
	must(g.t, err)
	for i, one := range orders {
		text = strings.ReplaceAll(text, one.PurchaseID, fmt.Sprint("order ", i))
	}
	return text
}
