package handlers_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// estate is what one user has.
type estate struct{ notice, shop, product, order, picture, address, told, lamp, coupon, record, cart string }

// settle gives a user something of everything.
func settle(g *handlerstest.Gateway, token, name string) estate {
	g.T.Helper()
	shop := g.OpenShop(token, "shop of "+name)
	product := g.OK("product/creat", token,
		`{"product_name":"product of `+name+`","product_price":2,"shop_id":`+shop+`,"product_status":1}`).Field("product_id")
	g.OK("pic/upload", token, handlerstest.PicData("shop", handlerstest.PNG(g.T, name[0]), `"name":"picture-of-`+name+`"`))
	g.OK("portrait/upload", token, handlerstest.PortraitData(map[string]string{aliceToken: alice, bobToken: bob}[token], handlerstest.PNG(g.T, name[0])))
	lamp := handlerstest.NewSecondHand().With("pics", `["./api/external/get/pic/shop/picture-of-`+name+`"]`)
	coupon := g.OK("coupon/creat", token, handlerstest.NewCoupon().With("shop_id", shop).String()).Field("coupon_id")
	return estate{
		lamp:   g.OK("product/release", token, lamp.String()).Field("product_id"),
		notice: g.OK("property/add", token, handlerstest.Notice().String()).Field("uid"), shop: shop, product: product,
		order: g.OK("purchase/apply", token,
			`{"product_id":`+product+`,"product_num":1,"product_unitprice":2,"product_totalprice":2}`).Field("purchase_id"),
		picture: "picture-of-" + name,
		address: g.OK("address/creat", token, handlerstest.NewAddress().String()).Field("address_id"),
		told:    strconv.FormatInt(g.Tell(map[string]string{aliceToken: alice, bobToken: bob}[token], "order of "+name), 10),
		coupon:  coupon,
		cart:    g.OK("cart/add", token, `{"product_id":`+product+`}`).Field("cart_id"),
		record:  g.OK("coupon/take", token, `{"coupon_id":`+coupon+`}`).Field("record_id"),
	}
}

// herPayment is one that alice has made to the admin.
const herPayment = "15749511530000100"

// herOrder is the data of a call with its order.
func herOrder(more string) string {
	return `{"order_id":"` + handlerstest.OrderOf(herPayment) + `"` + more + `}`
}

// asBob are ways in which bob asks, some of them as if he were alice.
func asBob(g *handlerstest.Gateway, call, data string) map[string]handlerstest.Answer {
	g.T.Helper()
	path, envelope := handlerstest.Paths[call], handlerstest.Envelope(call, data)
	return map[string]handlerstest.Answer{
		"to its path":     g.Call(call, bobToken, data),
		"to the base":     g.Post("", bobToken, envelope),
		"by header":       g.Do("POST", path, envelope, "Authorization", "Bearer "+bobToken),
		"two tokens":      g.Do("POST", path+"?token="+bobToken+"&token="+aliceToken, envelope),
		"token beside it": g.Do("POST", path+"?token="+bobToken, envelope, "Authorization", "Bearer "+aliceToken),
		"token in cookie": g.Do("POST", path+"?token="+bobToken, envelope, "Cookie", "token="+aliceToken, "X-User-Id", alice),
	}
}

// claims are what bob says beside the data to be taken for alice.
var claims = []string{"", `,"user_id":"` + alice + `"`, `,"user":{"id":"` + alice + `"},"token":"` + aliceToken + `"`}

// herCourse is data about alice's course.
func herCourse(more string) string {
	return fmt.Sprintf(`{"product_id":%d,%s}`, handlerstest.DocumentCourse, more)
}

// everything is each row, and each stored picture.
func everything(g *handlerstest.Gateway) map[string]any {
	g.T.Helper()
	rows := g.EveryRow()
	for name, content := range g.Files() {
		rows["picture "+name] = content
	}
	return rows
}

// TestAttackAnothersObjects: bob asks for alice's, by every call that takes an id.
// Ways to be taken for alice are tried with each: her id in the data, twice-named
// keys, the token in other places.
func TestAttackAnothersObjects(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	hers, his := settle(g, aliceToken, "alice"), settle(g, bobToken, "bob")
	picture := handlerstest.PNG(t, 99)
	const noRight = 100
	toAdmin := `{"user_id":"` + handlerstest.Admin + `","product_id":` + hers.product
	herPicture := g.OK("message/upload", aliceToken, `{"base64":"`+handlerstest.Base64(picture)+`"}`).Field("url")
	g.OK("message/send", aliceToken, toAdmin+`,"pic_url":"`+herPicture+`"}`)
	g.OK("message/send", handlerstest.AdminToken, `{"user_id":"`+alice+`","content":"hers alone"}`)
	g.AddOrder(storage.Order{PayID: herPayment, SellerID: handlerstest.Admin, State: "paid", ListState: "need_send", Deliver: "express", Clock: "ship_within", CreditPrice: 5_00})
	g.Courses()
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
		{"product/edit", `{"product_id":` + hers.lamp + `,"product_price":0.01}`, noRight, "Error Product id"},
		{"product/edit", `{"product_id":` + hers.product + `,"product_price":0.01}`, noRight, "Error Product id"},
		{"product/edit", `{"product_id":` + his.product + `,"product_price":0.01}`, noRight, "Error Product id"}, // goods have update
		{"product/update", `{"product_id":` + his.lamp + `,"shop_id":` + his.shop + `,"product_status":1}`, noRight, "No right to operate"},
		{"product/update", `{"product_id":` + his.lamp + `,"shop_id":0,"product_status":1}`, noRight, "No right to operate"},
		{"product/withdraw", `{"product_id":` + hers.lamp + `}`, noRight, "Error Product id"},
		{"product/detail", `{"product_id":` + hers.lamp + `}`, noRight, "Error Product id"}, // it waits for its review
		{"product/info", `{"product_id":` + his.lamp + `}`, noRight, "Error Product id"},
		{"product/collect", `{"product_id":` + hers.lamp + `,"collected":1}`, noRight, "Error Product id"},
		{"product/report", `{"product_id":` + hers.lamp + `,"reason":"bob's"}`, noRight, "Error Product id"},
		{"product/reviews", `{"page":1}`, -103, "No permission to operate"},
		{"product/review", `{"product_id":` + his.lamp + `,"pass":1}`, -103, "No permission to operate"},
		{"purchase/apply", `{"product_id":` + hers.lamp + `,"product_num":1,"product_unitprice":35,"product_totalprice":35}`, noRight, "Product_id not exist"},
		{"purchase/pay", handlerstest.PayData(hers.order), 101, "Have no right to operate"},
		{"purchase/pay", `{"purchase_id":"` + hers.order + `","method":"card"}`, 101, "Have no right to operate"},
		{"purchase/cancel", `{"purchase_id":"` + hers.order + `"}`, 101, "Have no right to operate"},
		{"purchase/info", `{"purchase_id":"` + hers.order + `"}`, 101, "Have no right to operate"},
		{"address/update", `{"address_id":` + hers.address + `,"address":"bob's"}`, noRight, "Address not exist"},
		{"address/update", `{"address_id":` + hers.address + `,"is_default":1}`, noRight, "Address not exist"},
		{"address/delete", `{"address_id":` + hers.address + `}`, noRight, "Address not exist"},
		{"address/default", `{"address_id":` + hers.address + `}`, noRight, "Address not exist"},
		{"category/creat", `{"category_name":"bob's","kind":0}`, -103, "No permission to operate"},
		{"category/update", `{"category_id":9,"category_name":"bob's"}`, -103, "No permission to operate"},
		{"category/delete", `{"category_id":9}`, -103, "No permission to operate"},
		{"coupon/creat", handlerstest.NewCoupon().With("shop_id", hers.shop).String(), 101, "No right to operate"},
		{"coupon/creat", handlerstest.NewCoupon().With("shop_id", "").With("product_id", hers.product).String(), 101, "No right to operate"},
		{"coupon/creat", handlerstest.NewCoupon().With("shop_id", "").String(), 101, "No right to operate"}, // the market's
		{"coupon/update", `{"coupon_id":` + hers.coupon + `,"quantity":1}`, noRight, "Coupon not exist"},
		{"coupon/update", `{"coupon_id":` + hers.coupon + `,"shop_id":` + his.shop + `,"coupon_status":1}`, noRight, "Coupon not exist"},
		{"cart/add", `{"product_id":` + hers.lamp + `}`, noRight, "Product is not on sale"}, // it waits for its review
		{"cart/update", `{"cart_id":` + hers.cart + `,"product_num":2}`, 101, "Cart line not exist"},
		{"cart/update", `{"cart_id":` + hers.cart + `,"product_num":0}`, 101, "Cart line not exist"},
		{"cart/delete", `{"cart_ids":[` + hers.cart + `]}`, 101, "Cart line not exist"},
		{"cart/delete", `{"cart_ids":[` + his.cart + `,` + hers.cart + `]}`, 101, "Cart line not exist"},
		{"order/prepare", `{"cart_items":[{"cart_id":` + hers.cart + `}]}`, 114, "Cart line not exist"},
		{"order/prepare", `{"items":[{"product_id":` + hers.product + `,"record_id":` + hers.record + `}]}`, 110, "Coupon error"},
		{"order/prepare", `{"items":[{"product_id":` + hers.product + `}],"shop_records":[` + hers.record + `]}`, 110, "Coupon error"},
		{"order/prepare", `{"items":[{"product_id":` + hers.product + `}],"address_id":` + hers.address + `}`, 108, "Address not exist"},
		{"order/prepare", `{"items":[{"product_id":` + hers.lamp + `}]}`, 104, "Product is not on sale"}, // it waits for its review
		{"order/prepare", `{"items":[{"product_id":` + his.product + `}]}`, 107, "Can not buy own product"},
		{"order/commit", `{"items":[{"product_id":` + hers.product + `,"record_id":` + hers.record + `}],"deliver":"face","pay_price":2}`, 110, "Coupon error"},
		{"order/commit", `{"items":[{"product_id":` + hers.product + `}],"deliver":"express","address_id":` + hers.address + `,"pay_price":2}`, 108, "Address not exist"},
		{"order/commit", `{"items":[{"product_id":` + his.product + `}],"deliver":"face","pay_price":2}`, 107, "Can not buy own product"},
		{"order/pay", `{"pay_id":"` + herPayment + `","method":"wallet"}`, noRight, "Order not exist"},
		{"order/pay", `{"pay_id":"` + herPayment + `","method":"sandbox","return_url":"http://127.0.0.1/"}`, noRight, "Order not exist"},
		{"pay/info", `{"pay_id":"` + herPayment + `"}`, noRight, "Payment not exist"},
		{"pay/anomalies", `{"page":1}`, -103, "No permission to operate"},
		{"pay/settle", `{"attempt_id":"` + herPayment + `01","to":"wallet"}`, -103, "No permission to operate"},
		{"coupon/list", `{"all":true}`, -103, "No permission to operate"},
		{"job/list", `{"page":1}`, -103, "No permission to operate"},
		{"job/retry", `{"job_id":1}`, -103, "No permission to operate"},
		{"credit/pay", herOrder(`,"method":"wallet"`), noRight, "Nothing to repay"},
		{"credit/pay", herOrder(`,"method":"sandbox"`), noRight, "Nothing to repay"},
		{"order/cancel", herOrder(""), noRight, "Order not exist"},
		{"order/address", herOrder(`,"address_id":` + his.address), noRight, "Order not exist"},
		{"order/ship", herOrder(`,"logistics":"a","logistics_id":"b"`), noRight, "Order not exist"},
		{"order/confirm", herOrder(""), noRight, "Order not exist"},
		{"order/extend", herOrder(""), noRight, "Order not exist"},
		{"order/delete", herOrder(""), noRight, "Order not exist"},
		{"order/info", herOrder(""), noRight, "Order not exist"},
		{"order/note", herOrder(`,"admin_note":"a"`), -103, "No permission to operate"},
		{"order/decline", herOrder(`,"reason":"a"`), noRight, "Order not exist"},
		{"order/refund", herOrder(`,"kind":"money","reason":"a"`), noRight, "Order not exist"},
		{"order/agree", herOrder(""), noRight, "Order not exist"},
		{"order/agree", herOrder(`,"address_id":` + his.address), noRight, "Order not exist"},
		{"order/refuse", herOrder(`,"reason":"a"`), noRight, "Order not exist"},
		{"order/appeal", herOrder(`,"reason":"a"`), noRight, "Order not exist"},
		{"order/revoke", herOrder(""), noRight, "Order not exist"},
		{"order/return", herOrder(`,"logistics":"a","logistics_id":"b"`), noRight, "Order not exist"},
		{"order/receive", herOrder(""), noRight, "Order not exist"},
		{"order/arbitrate", herOrder(`,"amount":0,"note":"a"`), -103, "No permission to operate"},
		{"order/list", `{"role":"all"}`, -103, "No permission to operate"},
		{"wallet/grant", `{"user_id":"` + bob + `","currency":"cny","amount":1}`, -103, "No permission to operate"},
		{"credit/set", `{"user_id":"` + bob + `","inc_amount":1}`, -103, "No permission to operate"},
		{"credit/cards", `{"phone":"1"}`, -103, "No permission to operate"},
		{"credit/card", `{"user_id":"` + alice + `"}`, -103, "No permission to operate"},
		{"course/creat", `{"shop_id":` + hers.shop + `,"product_name":"bob's"}`, -103, "No permission to operate"},
		{"course/creat", `{"product_name":"bob's"}`, -103, "No permission to operate"}, // the market's
		{"course/update", herCourse(`"product_name":"bob's"`), noRight, "Course not exist"},
		{"course/update", herCourse(`"shop_id":` + his.shop + `,"product_status":2`), noRight, "Course not exist"},
		{"course/chapters", herCourse(`"chapters":[]`), noRight, "Course not exist"},
		{"course/policies", herCourse(`"price_policies":[]`), noRight, "Course not exist"},
		{"course/study", herCourse(`"section_id":2`), 101, "Not bought or run out"},
		{"course/progress", herCourse(`"section_id":2,"seconds":9`), 101, "Not bought or run out"},
		{"course/enrol", herCourse(`"days":7`), 102, "Price policy error"}, // it costs something
		{"message/read", toAdmin + `}`, 0, "successful"},                   // nor does this
		{"message/send", toAdmin + `,"content":"a"}`, 101, "Product not exist"},
		{"message/send", `{"user_id":"` + alice + `","product_id":` + hers.product + `,"pic_url":"` + herPicture + `"}`, -204, "Arg's value error"},
		{"notice/read", `{"notice_ids":[` + hers.told + `]}`, 0, "successful"}, // and does nothing
		{"pic/upload", handlerstest.PicData("shop", picture, `"name":"`+hers.picture+`"`), -103, "No permission to operate"},
		{"pic/upload", handlerstest.PicData("portrait", picture, `"name":"`+alice+`"`), -103, "No permission to operate"},
		{"pic/upload", handlerstest.PicData("portrait", picture, `"name":`+alice), -103, "No permission to operate"},
		{"portrait/upload", handlerstest.PortraitData(alice, picture), -103, "No permission to operate"},
		// Of somebody who has no portrait yet.
		{"pic/upload", handlerstest.PicData("portrait", picture, `"name":"1180310000"`), -103, "No permission to operate"},
		{"portrait/upload", handlerstest.PortraitData("1180310000", picture), -103, "No permission to operate"},
		{"user/identity", `{"user_id":"` + alice + `"}`, -103, "No permission to operate"},
		{"user/freeze", `{"user_id":"` + alice + `","state":1}`, -103, "No permission to operate"},
		{"user/list", `{"key":"1"}`, -103, "No permission to operate"},
		{"user/review", `{"user_id":"` + alice + `","pass":1}`, -103, "No permission to operate"},
	}
	before, sent := everything(g), 0
	for _, attempt := range attempts {
		for _, claim := range claims {
			if claim != "" && strings.Contains(attempt.data, `"user_id"`) {
				continue // says already who it is
			}
			data := strings.TrimSuffix(attempt.data, "}") + claim + "}"
			for name, a := range asBob(g, attempt.call, data) {
				sent++
				if a.Status != attempt.status || a.Message != attempt.text || string(a.Data) != "{}" {
					t.Errorf("%s %s %s: %s", attempt.call, handlerstest.Shortened(data), name, a.Raw)
				}
			}
		}
		if diff := cmp.Diff(before, everything(g)); diff != "" {
			t.Fatalf("%s %s: changed: %s", attempt.call, handlerstest.Shortened(attempt.data), diff)
		}
	}
	// Lists of one's own do not show hers either.
	g.OK("message/list", bobToken, toAdmin+`,"before":9999}`).WantData(t, `{"num":0,"list":[]}`)
	g.OK("message/conversations", bobToken, `{"user_id":"`+alice+`"}`).WantData(t, `{"num":0,"list":[]}`)
	wantOnly(t, g.OK("shop/list", bobToken, `{"mode":1,"user_id":"`+alice+`"}`), "shop_id", his.shop)
	wantOnly(t, g.OK("address/list", bobToken, `{"user_id":"`+alice+`"}`), "address_id", his.address)
	wantOnly(t, g.OK("notice/list", bobToken, `{"user_id":"`+alice+`"}`), "notice_id", his.told)
	if mine := g.OK("product/mine", bobToken, `{"user_id":"`+alice+`"}`); mine.Rows(t, "product_id") != his.lamp+" "+his.product && mine.Rows(t, "product_id") != his.product+" "+his.lamp {
		t.Errorf("bob's products are %s", mine.Raw)
	}
	wantOnly(t, g.OK("cart/list", bobToken, `{"user_id":"`+alice+`"}`), "cart_id", his.cart)
	wantOnly(t, g.OK("coupon/mine", bobToken, `{"user_id":"`+alice+`"}`), "record_id", his.record)
	wantOnly(t, g.OK("purchase/list", bobToken, `{"user_id":"`+alice+`"}`), "purchase_id", his.order)
	t.Logf("%d attempts on another's objects, %d requests", len(attempts), sent)
}

// TestAttackAnothersMoney: every call that shows or moves the caller's own money, and names
// nothing that is somebody's, shows and moves bob's, whoever he says that he is.
func TestAttackAnothersMoney(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	for user, token := range map[string]string{alice: aliceToken, bob: bobToken} {
		settle(g, token, map[string]string{alice: "alice", bob: "bob"}[user])
		mine := map[string]string{alice: "7", bob: "3"}[user]
		for _, currency := range []string{"cny", "beli"} {
			g.OK("wallet/grant", handlerstest.AdminToken, `{"user_id":"`+user+`","currency":"`+currency+`","amount":`+mine+`}`)
		}
		g.OK("credit/set", handlerstest.AdminToken, `{"user_id":"`+user+`","inc_amount":`+mine+`}`)
	}
	g.AddOrder(storage.Order{PayID: herPayment, SellerID: handlerstest.Admin, State: "paid", ListState: "need_send", Deliver: "express", Clock: "ship_within", CreditPrice: 5_00})
	g.AddOrder(storage.Order{PayID: "15749511530000200", UserID: bob, State: "paid", ListState: "need_send", Deliver: "express", Clock: "ship_within", CreditPrice: 6_00})
	before := everything(g)
	for _, shown := range []struct{ call, data string }{
		{"wallet/info", `{}`},
		{"wallet/list", `{"currency":"cny"}`},
		{"wallet/list", `{"currency":"beli"}`},
		{"wallet/list", `{"currency":"credit"}`},
		{"credit/info", `{}`},
		{"credit/list", `{"type":"all"}`},
		{"credit/list", `{"type":"need_pay"}`},
		{"order/list", `{"role":"buyer"}`},
		{"order/list", `{"role":"seller","state":"need_send"}`},
		{"purchase/list", `{}`},
	} {
		his, hers := g.OK(shown.call, bobToken, shown.data), g.OK(shown.call, aliceToken, shown.data)
		if string(his.Data) == string(hers.Data) {
			t.Errorf("%s %s: both have %s", shown.call, shown.data, his.Data)
		}
		for _, claim := range claims {
			data := strings.Replace(strings.TrimSuffix(shown.data, "}")+claim+"}", "{,", "{", 1)
			for name, a := range asBob(g, shown.call, data) {
				if a.Status != 0 || string(a.Data) != string(his.Data) {
					t.Errorf("%s %s %s: %s, want bob's %s", shown.call, data, name, a.Raw, his.Data)
				}
			}
		}
	}
	if diff := cmp.Diff(before, everything(g)); diff != "" {
		t.Errorf("changed: %s", diff)
	}
	for _, claim := range claims {
		for name, a := range asBob(g, "wallet/recharge", `{"amount":1,"method":"sandbox"`+claim+`}`) {
			payment, err := g.DB.Payment(t.Context(), a.Field("pay_id"))
			if err != nil || payment.UserID != bob {
				t.Errorf("wallet/recharge%s %s: %s, %s", claim, name, a.Raw, payment.UserID)
			}
		}
	}
	const pages = 3 * 6 // claims and ways
	if hers, _, err := g.DB.PaymentsAfter(t.Context(), alice, ""); err != nil || len(hers) != 1 {
		t.Errorf("alice has %d payments, %v", len(hers), err)
	}
	if his, _, err := g.DB.PaymentsAfter(t.Context(), bob, ""); err != nil || len(his) != 1+pages {
		t.Errorf("bob has %d payments, %v", len(his), err)
	}
}

func wantOnly(t *testing.T, a handlerstest.Answer, field, want string) {
	t.Helper()
	if got := a.Rows(t, field); got != want {
		t.Errorf("%s: got %q, want %q", field, got, want)
	}
}

// masses are fields that the server sets itself, with values that would pay off.
var masses = handlerstest.Fields{
	"id": "77", "uid": "77", "user_id": handlerstest.Quoted(bob), "user_name": `"mass"`, "owner": handlerstest.Quoted(bob), "shop_id": "111111111", "product_id": "1111111",
	"purchase_id": `"11111111111111111"`, "purchase_state": `"finish"`, "purchase_type": "7", "purchase_price": "0.01", "pay_method": `"wallet"`,
	"product_sale": "9999", "product_click": "9999", "product_collection": "9999", "product_disprice": "0.01", "product_type": "2", "product_stock": "9", "review_state": "2", "review_note": `"mass"`, "open_orders": "9", "creat_time": `"2000-01-01 00:00:00"`,
	"create_time": `"2000-01-01 00:00:00"`, "update_time": `"2000-01-01 00:00:00"`, "publish_time": `"2000-01-01 00:00:00"`, "wealth": "99999", "seq": "1",
	"address_id": "7", "category_id": "7", "kind": "2", "is_default": "1", "notice_id": "1", "user": handlerstest.Quoted(bob), "read": "0", "is_read": "0", "mail_due": "1",
	"cart_id": "7", "product_num": "9", "price_policy_id": "7", "added_price": "0.01", "line_state": "0",
	"coupon_id": "7", "record_id": "7", "taken": "9", "used": "9", "payer_id": handlerstest.Quoted(bob), "take_time": `"2000-01-01 00:00:00"`,
	"ledger_id": "1", "account_from": `"outside"`, "account_to": `"user:1180310087"`, "balance": "9", "beli": "9", "beli_held": "9", "credit_amount": "9", "credit_held": "9", "credit_debt": "9",
	"amount": "0.01", "items": `[{"line":0,"product_num":1}]`, "pics": `["./x"]`, "escrow": "9", "refunded": "9", "debt": "9", "requests": "0", "appealed": "false", "appeal_end": "0", "former_state": `"paid"`, "sent": "true", "arrived": "true", "who": `"admin"`, "back_beli": "9", "decide_time": "1",
	"pay_id": `"15749511520000100"`, "pay_state": `"paid"`, "pay_price": "0.01", "pay_time": `"2000-01-01 00:00:00"`, "expire_time": `"2100-01-01 00:00:00"`,
	"order_id": `"15749511520000101"`, "attempt_id": `"1574951152000010001"`, "trade_no": `"mass"`, "channel": `"wallet"`, "page_url": `"https://mass.example/"`,
	"currency": `"USD"`, "subject": `"mass"`, "due_time": "1",
	"by_owner": "true", "claims": "9", "source": `"shop"`, "user2_id": handlerstest.Quoted(bob), "user2_name": `"mass"`, "pic_num": "3", "pic_url1": `"x"`,
	"state": "1", "is_admin": "true", "role": `"admin"`, "__proto__": `{"user_id":"` + bob + `"}`, "constructor": `{"prototype":{}}`,
}

// TestAttackMassAssignment: beside the fields of a writing call, every field that
// its table does not list is sent, in either letter case, and none is taken.
func TestAttackMassAssignment(t *testing.T) {
	t.Parallel()
	sent := 0
	listed := map[string][]string{}
	for _, call := range reference(t) {
		for _, field := range call.fields {
			listed[call.name] = append(listed[call.name], field.key)
		}
	}
	for call, honest := range map[string]func(*handlerstest.Gateway) handlerstest.Fields{
		"property/add": func(*handlerstest.Gateway) handlerstest.Fields { return handlerstest.Notice() },
		"property/update": func(g *handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"id": g.AddNotice(handlerstest.Notice()), "title": `"new"`}
		},
		"shop/creat": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"shop_name": `"mass shop"`}
		},
		"shop/update": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"shop_id": "811729970", "shop_content": `"new"`}
		},
		"product/creat": func(*handlerstest.Gateway) handlerstest.Fields { return handlerstest.NewProduct() },
		"product/update": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"product_id": "4517733", "shop_id": "811729970", "product_status": "1"}
		},
		"product/release": func(g *handlerstest.Gateway) handlerstest.Fields {
			g.UploadLamp()
			return handlerstest.NewSecondHand()
		},
		"product/edit": func(g *handlerstest.Gateway) handlerstest.Fields {
			g.SecondHand()
			return handlerstest.Fields{"product_id": "6000001", "product_name": `"new"`}
		},
		"product/withdraw": func(g *handlerstest.Gateway) handlerstest.Fields {
			g.SecondHand()
			return handlerstest.Fields{"product_id": "6000001"}
		},
		"product/collect": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"product_id": "4517733", "collected": "1"}
		},
		"product/report": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"product_id": "4517733", "reason": `"too dear"`}
		},
		"product/review": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"product_id": "4517733", "pass": "0"}
		},
		"purchase/apply": func(*handlerstest.Gateway) handlerstest.Fields { return handlerstest.NewOrder() },
		"purchase/pay": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"purchase_id": handlerstest.Quoted(handlerstest.DocumentPurchase), "method": `"wallet"`}
		},
		"notice/read": func(g *handlerstest.Gateway) handlerstest.Fields {
			g.Tell(alice, "one")
			g.Tell(bob, "two")
			return handlerstest.Fields{"notice_ids": fmt.Sprint("[", g.Tell(alice, "three"), "]")}
		},
		"message/send": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"user_id": bob, "product_id": "4517733", "content": `"a"`}
		},
		"message/read": func(g *handlerstest.Gateway) handlerstest.Fields {
			g.OK("message/send", bobToken, `{"user_id":"`+alice+`","product_id":4517733,"content":"a"}`)
			return handlerstest.Fields{"user_id": bob, "product_id": "4517733"}
		},
		"course/creat": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"shop_id": "811729970", "product_name": `"new"`}
		},
		"course/update": func(g *handlerstest.Gateway) handlerstest.Fields {
			g.Courses()
			return handlerstest.Fields{"product_id": "5000001", "product_name": `"new"`}
		},
		"course/chapters": func(g *handlerstest.Gateway) handlerstest.Fields {
			g.Courses()
			return handlerstest.Fields{"product_id": "5000001", "chapters": `[]`}
		},
		"course/policies": func(g *handlerstest.Gateway) handlerstest.Fields {
			g.Courses()
			return handlerstest.Fields{"product_id": "5000001", "price_policies": `[]`}
		},
		"course/progress": func(g *handlerstest.Gateway) handlerstest.Fields {
			g.Courses()
			return handlerstest.Fields{"product_id": "5000002", "section_id": "4", "seconds": "9"}
		},
		"course/enrol": func(g *handlerstest.Gateway) handlerstest.Fields {
			g.Courses()
			return handlerstest.Fields{"product_id": "5000002"}
		},
		"message/block": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"user_id": bob, "state": "1"}
		},
		"purchase/cancel": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"purchase_id": handlerstest.Quoted(handlerstest.DocumentPurchase)}
		},
		"user/verify": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"real_name": `"王凌超"`, "id_code": `"11010519491231002X"`, "pic_up": handlerstest.Quoted(onePixel), "pic_down": handlerstest.Quoted(onePixel)}
		},
		"user/review": func(g *handlerstest.Gateway) handlerstest.Fields {
			rehearse(g, nil, "user/review")
			return handlerstest.Fields{"user_id": bob, "pass": "1", "note": `"seen"`}
		},
		"user/delete": func(g *handlerstest.Gateway) handlerstest.Fields {
			rehearse(g, nil, "user/delete")
			return handlerstest.Fields{"password": handlerstest.Quoted(handlerstest.Password), "give_up": "true"}
		},
		"address/creat": func(*handlerstest.Gateway) handlerstest.Fields { return handlerstest.NewAddress() },
		"address/update": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"address_id": "1", "name": `"new"`}
		},
		"address/delete": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"address_id": "1"}
		},
		"address/default": func(g *handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"address_id": g.OK("address/creat", aliceToken, handlerstest.NewAddress().String()).Field("address_id")}
		},
		"coupon/creat": func(*handlerstest.Gateway) handlerstest.Fields { return handlerstest.NewCoupon() },
		"coupon/update": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"coupon_id": "1", "quantity": "5"}
		},
		"coupon/take": func(*handlerstest.Gateway) handlerstest.Fields { return handlerstest.Fields{"coupon_id": "1"} },
		"cart/add": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"product_id": "4517733"}
		},
		"cart/update": func(g *handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"cart_id": g.OK("cart/add", aliceToken, `{"product_id":4517733}`).Field("cart_id"), "product_num": "3"}
		},
		"cart/delete": func(g *handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"cart_ids": "[" + g.OK("cart/add", aliceToken, `{"product_id":4517733}`).Field("cart_id") + "]"}
		},
		"wallet/grant": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"user_id": alice, "currency": `"beli"`, "amount": "5"}
		},
		"credit/set": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"user_id": alice, "inc_amount": "5"}
		},
		"order/decline":   refundFields("order/decline", `"reason":"没货了"`),
		"order/refund":    refundFields("order/refund", askedMoney.data),
		"order/agree":     refundFields("order/agree", ""),
		"order/refuse":    refundFields("order/refuse", `"reason":"商品完好"`),
		"order/appeal":    refundFields("order/appeal", `"reason":"照片里看得到"`),
		"order/revoke":    refundFields("order/revoke", ""),
		"order/return":    refundFields("order/return", shippedBy.data),
		"order/receive":   refundFields("order/receive", ""),
		"order/arbitrate": refundFields("order/arbitrate", `"amount":5,"note":"各承担一半"`),
		"order/pay": func(g *handlerstest.Gateway) handlerstest.Fields {
			return payData(rehearse(g, nil, "order/pay").ready("order/pay", handlerstest.Fields{}))
		},
		"wallet/recharge": func(*handlerstest.Gateway) handlerstest.Fields {
			return payData(handlerstest.Fields{"amount": "5"})
		},
		"credit/pay": func(g *handlerstest.Gateway) handlerstest.Fields {
			return payData(rehearse(g, nil, "credit/pay").ready("credit/pay", handlerstest.Fields{}))
		},
		"pay/settle": func(g *handlerstest.Gateway) handlerstest.Fields {
			return rehearse(g, nil, "pay/settle").ready("pay/settle", handlerstest.Fields{"to": `"wallet"`})
		},
		"job/retry": func(g *handlerstest.Gateway) handlerstest.Fields {
			return rehearse(g, nil, "job/retry").ready("job/retry", handlerstest.Fields{})
		},
		"category/creat": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"category_name": `"new"`, "kind": "0"}
		},
		"category/update": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"category_id": "9", "sort": "3"}
		},
		"category/delete": func(*handlerstest.Gateway) handlerstest.Fields {
			return handlerstest.Fields{"category_id": "9"}
		},
	} {
		t.Run(call, func(t *testing.T) {
			// The same call on two gateways, plainly and with the masses: what is
			// stored is the same, but for ids that are drawn by chance.
			plain, massed := handlerstest.Start(t), handlerstest.Start(t)
			var stored [2]string
			for i, g := range []*handlerstest.Gateway{plain, massed} {
				g.Document()
				data := honest(g)
				if g == massed {
					for key, value := range masses {
						if slices.Contains(listed[call], key) {
							key = strings.ToUpper(key) // another key: names are exact
						}
						data = data.With(key, value)
						sent++
					}
				}
				g.OK(call, handlerstest.TokenFor(call), data.String())
				stored[i] = withoutChance(g)
			}
			if diff := cmp.Diff(stored[0], stored[1]); diff != "" {
				t.Errorf("taken: %s", diff)
			}
		})
	}
	t.Logf("%d fields sent beside a call's own", sent)
}

// payData is data of a call that pays by the sandbox.
func payData(data handlerstest.Fields) handlerstest.Fields {
	return data.With("method", `"sandbox"`).With("client", `"wap"`)
}

// withoutChance is everything stored, with the ids that are drawn by chance taken
// out.
func withoutChance(g *handlerstest.Gateway) string {
	g.T.Helper()
	ctx, all := g.T.Context(), storage.Page{}
	text := g.Stored()
	shops, err := g.DB.Shops(ctx, storage.ShopFilter{}, nil, all)
	handlerstest.Must(g.T, err)
	for i, shop := range shops {
		text = strings.ReplaceAll(text, strconv.FormatInt(shop.ShopID, 10), fmt.Sprint("shop ", i))
	}
	for i, product := range g.Products() {
		text = strings.ReplaceAll(text, strconv.FormatInt(product.ProductID, 10), fmt.Sprint("product ", i))
	}
	orders, _, err := g.DB.Purchases(ctx, alice, all)
	handlerstest.Must(g.T, err)
	payments, _, err := g.DB.PaymentsAfter(ctx, alice, "")
	handlerstest.Must(g.T, err)
	for i, one := range payments {
		text = strings.ReplaceAll(text, one.PayID, fmt.Sprint("payment ", i))
		if len(one.CashierKeyHash) > 0 { // of a key that is made from the id
			text = strings.ReplaceAll(text, base64.StdEncoding.EncodeToString(one.CashierKeyHash), fmt.Sprint("key ", i))
		}
	}
	for i, one := range orders {
		text = strings.ReplaceAll(text, one.PurchaseID, fmt.Sprint("order ", i))
	}
	return text
}
