package bench

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"campusgate/cmd/campusgate/campus"
	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/handlers/handlerstest"
)

// asks are who makes a call, and with which data.
type asks func(*scaleSide) (who actor, data string)

// again is a call that can be made again and again.
func again(call, note string, of asks) scaleRow {
	return scaleRow{name: call, note: note, again: true, ready: ready(call, of)}
}

// anew is a call that needs something new each time.
func anew(call, note string, of asks) scaleRow {
	return scaleRow{name: call, note: note, ready: ready(call, of)}
}

func ready(call string, of asks) func(*scaleSide) func() error {
	return func(s *scaleSide) func() error {
		who, data := of(s)
		sent := request(who.token, call, data)
		return func() error { return s.ask(sent) }
	}
}

// getting is a GET.
func getting(call, note string, path func(*scaleSide) string) scaleRow {
	return scaleRow{name: call, note: note, again: true, ready: func(s *scaleSide) func() error { return s.get(path(s), http.StatusOK) }}
}

func nobody(data string) asks { return func(*scaleSide) (actor, string) { return actor{}, data } }

func byReader(data string) asks {
	return func(s *scaleSide) (actor, string) { return s.reader, data }
}

func byOwner(data string) asks {
	return func(s *scaleSide) (actor, string) { return s.owner, data }
}

func byAdmin(data string) asks {
	return func(s *scaleSide) (actor, string) { return s.admin, data }
}

func bySeller(data func(*scaleSide) string) asks {
	return func(s *scaleSide) (actor, string) { return s.seller, data(s) }
}

// byActor is by somebody new each time.
func byActor(data func(*scaleSide, actor) string) asks {
	return func(s *scaleSide) (actor, string) {
		a := s.actor()
		return a, data(s, a)
	}
}

// scaleCalls are the calls of the registry, in its order.
func scaleCalls() []scaleRow {
	rows := slices.Concat(captchaRows(), mediaRows(), boardRows(), shopRows(), secondHandRows(), categoryRows(), accountRows(), userRows(),
		addressRows(), purchaseRows(), couponRows(), cartRows(), orderRows(), refundRows(), payRows(), walletRows(), courseRows(), contactRows(), officeRows())
	place := map[string]int{}
	for i, call := range handlerstest.Calls() {
		place[call.Name()] = i
	}
	slices.SortStableFunc(rows, func(a, b scaleRow) int { return place[a.name] - place[b.name] })
	return rows
}

func captchaRows() []scaleRow {
	return []scaleRow{
		again("img/generate", "", nobody(`{}`)),
		anew("img/validate", "after img/generate", func(s *scaleSide) (actor, string) { return actor{}, `{"hash":"` + s.captchaHash() + `"}` }),
		anew("sms/generate", "after img/generate", func(s *scaleSide) (actor, string) {
			return actor{}, `{"phone":"` + s.newPhone() + `","hash":"` + s.captchaHash() + `"}`
		}),
		anew("sms/validate", "after sms/generate", func(s *scaleSide) (actor, string) {
			phone := s.newPhone()
			return actor{}, `{"phone":"` + phone + `","hash":"` + s.messageHash(phone) + `"}`
		}),
	}
}

func mediaRows() []scaleRow {
	noise := func(s *scaleSide) string {
		_, encoded := campusgatetest.Noise(s.t, 8)
		return `"base64":"` + encoded + `"}`
	}
	return []scaleRow{
		anew("portrait/upload", "", byActor(func(s *scaleSide, a actor) string { return s.portraitOf(a) })),
		anew("pic/upload", "", bySeller(func(s *scaleSide) string { return `{"from":"shop",` + noise(s) })),
		anew("message/upload", "", bySeller(func(s *scaleSide) string { return `{` + noise(s) })),
		getting("get/portrait", "", func(s *scaleSide) string { return "/get/portrait/" + s.portrait }),
		getting("get/pic", "", func(s *scaleSide) string { return "/get/pic/product/" + s.picture }),
		getting("get/message", "", func(s *scaleSide) string { return "/get/message/" + s.letter + "?token=" + s.seller.token }),
	}
}

func boardRows() []scaleRow {
	list := func(note, query string) scaleRow {
		return getting("property/list", note, func(s *scaleSide) string { return "/get/property?token=" + s.reader.token + "&" + query })
	}
	return []scaleRow{
		anew("property/add", "", byActor(func(*scaleSide, actor) string { return notice("测试标题") })),
		anew("property/update", "after property/add", byActor(func(s *scaleSide, a actor) string {
			return `{"id":` + s.published(a) + `,"state":1,"title":"找到了"}`
		})),
		anew("property/delete", "after property/add", byActor(func(s *scaleSide, a actor) string { return `{"id":` + s.published(a) + `}` })),
		list("by type", "type=1&page=1&count=20"),
		list("by type, page 20", "type=1&page=20&count=20"),
		list("by type and state", "type=1&state=0&page=1&count=20"),
		list("by a rare word", "type=1&page=1&count=20&key="+url.QueryEscape(campus.RareWord)),
		list("by a common word", "type=1&page=1&count=20&title="+url.QueryEscape(campus.CommonWord)),
		list("by a word that nothing has", "type=1&page=1&count=20&key="+url.QueryEscape("独角兽")),
		getting("property/list", "by user", func(s *scaleSide) string {
			return "/get/property?token=" + s.reader.token + "&type=1&page=1&count=20&user_id=" + s.reader.id
		}),
	}
}

func shopRows() []scaleRow {
	goods := func(s *scaleSide) string {
		return fmt.Sprintf(`{"product_name":"生发水%d","product_key":"生发","product_content":"<p>Duang</p>","product_price":10,"product_status":1,"shop_id":%s}`, s.next(), s.shop)
	}
	created := func(s *scaleSide) string { return s.ok(s.seller, "product/creat", goods(s)).Field("product_id") }
	return []scaleRow{
		anew("shop/creat", "", byActor(func(_ *scaleSide, a actor) string { return `{"shop_name":"店铺` + a.id + `"}` })),
		again("shop/update", "", bySeller(func(s *scaleSide) string {
			return `{"shop_id":` + s.shop + `,"shop_content":"这是码三秃家的店铺"}`
		})),
		again("shop/list", "", byReader(`{"page":1,"count":20}`)),
		again("shop/list", "by a part of the name", byReader(`{"shop_name":"1","page":1,"count":20}`)),
		again("shop/list", "sorted", byReader(`{"order":"shop_name DESC","page":1,"count":20}`)),
		again("shop/list", "of the user", byOwner(`{"mode":1,"page":1,"count":20}`)),
		again("shop/info", "", func(s *scaleSide) (actor, string) { return s.reader, `{"shop_id":` + s.shop + `}` }),
		again("shop/info", "by name", func(s *scaleSide) (actor, string) { return s.reader, fmt.Sprintf(`{"shop_name":"店铺%d"}`, s.stamp) }),
		anew("product/creat", "", bySeller(goods)),
		anew("product/update", "after product/creat", bySeller(func(s *scaleSide) string {
			return fmt.Sprintf(`{"product_id":%s,"shop_id":%s,"product_status":1,"product_name":"头秃生发水%d","product_price":12}`, created(s), s.shop, s.next())
		})),
		again("product/list", "by type", byReader(`{"type":"up","page":1,"count":20}`)),
		again("product/list", "by type, page 20", byReader(`{"type":"up","page":20,"count":20}`)),
		again("product/list", "of a shop", func(s *scaleSide) (actor, string) {
			return s.reader, fmt.Sprintf(`{"shop_id":%d,"page":1,"count":20}`, campus.ShopID(campus.Shops(s.size)/2))
		}),
		again("product/list", "by a rare word", byReader(`{"product_name":"`+campus.RareWord+`","page":1,"count":20}`)),
		again("product/list", "by a common word", byReader(`{"product_name":"`+campus.CommonWord+`","page":1,"count":20}`)),
		again("product/list", "sorted by price", byReader(`{"order":"product_price ASC","page":1,"count":20}`)),
		again("product/info", "", func(s *scaleSide) (actor, string) {
			return s.reader, fmt.Sprintf(`{"product_id":%d}`, campus.ProductID(campus.Products(s.size)/2))
		}),
		again("product/mine", "", byOwner(`{}`)),
		again("product/search", "", byReader(`{}`)),
		again("product/search", "page 40", byReader(`{"page":40}`)),
		again("product/search", "by a rare word", byReader(`{"key":"`+campus.RareWord+`"}`)),
		again("product/search", "by a common word", byReader(`{"key":"`+campus.CommonWord+`"}`)),
		again("product/search", "by a word that nothing has", byReader(`{"key":"独角兽"}`)),
		again("product/search", "the cheapest", byReader(`{"sort":"price_up"}`)),
		again("product/search", "by a common word, the cheapest", byReader(`{"key":"`+campus.CommonWord+`","sort":"price_up"}`)),
		again("product/search", "by price, the most sold", byReader(`{"price_min":10,"price_max":20,"sort":"sale"}`)),
		again("product/search", "second-hand, face to face", byReader(`{"product_type":1,"sell_method":1}`)),
		again("product/search", "of a shop", func(s *scaleSide) (actor, string) {
			return s.reader, fmt.Sprintf(`{"shop_id":%d}`, campus.ShopID(campus.Shops(s.size)/2))
		}),
		again("product/detail", "", func(s *scaleSide) (actor, string) {
			return s.reader, fmt.Sprintf(`{"product_id":%d}`, campus.ProductID(campus.Products(s.size)/2))
		}),
		anew("product/collect", "", byActor(func(s *scaleSide, _ actor) string { return `{"product_id":` + s.goods + `,"collected":1}` })),
		again("product/collected", "", byReader(`{}`)),
		anew("product/report", "", byActor(func(s *scaleSide, _ actor) string { return `{"product_id":` + s.goods + `,"reason":"与描述不符"}` })),
	}
}

func secondHandRows() []scaleRow {
	return []scaleRow{
		anew("product/release", "", byActor(func(s *scaleSide, _ actor) string { return s.releaseTerms() })),
		anew("product/edit", "after product/release", byActor(func(s *scaleSide, a actor) string { return `{"product_id":` + s.released(a) + `,"product_price":30}` })),
		anew("product/withdraw", "after product/release", byActor(func(s *scaleSide, a actor) string { return `{"product_id":` + s.released(a) + `}` })),
		again("product/reviews", "", byAdmin(`{}`)),
		anew("product/review", "after product/release", func(s *scaleSide) (actor, string) {
			return s.admin, `{"product_id":` + s.released(s.actor()) + `,"pass":1}`
		}),
	}
}

func categoryRows() []scaleRow {
	terms := func(s *scaleSide) string {
		return fmt.Sprintf(`{"category_name":"类%d %d","kind":1}`, s.stamp%1e6, s.next())
	}
	created := func(s *scaleSide) string { return s.ok(s.admin, "category/creat", terms(s)).Field("category_id") }
	admin := func(data func(*scaleSide) string) asks {
		return func(s *scaleSide) (actor, string) { return s.admin, data(s) }
	}
	return []scaleRow{
		anew("category/creat", "", admin(terms)),
		anew("category/update", "after category/creat", admin(func(s *scaleSide) string { return `{"category_id":` + created(s) + `,"sort":12}` })),
		anew("category/delete", "after category/creat", admin(func(s *scaleSide) string { return `{"category_id":` + created(s) + `}` })),
		again("category/list", "", byReader(`{}`)),
	}
}

func accountRows() []scaleRow {
	return []scaleRow{
		anew("user/register", "after sms/generate", func(s *scaleSide) (actor, string) {
			phone := s.newPhone()
			return actor{}, fmt.Sprintf(`{"phone":"%s","sms_hash":"%s","password":"%s","user_name":"r%d_%d"}`, phone, s.messageHash(phone), actorPassword, s.stamp%1e9, s.next())
		}),
		anew("user/login", "", func(s *scaleSide) (actor, string) {
			return actor{}, `{"phone":"` + s.actor().phone + `","password":"` + actorPassword + `"}`
		}),
		anew("user/reset", "after sms/generate", func(s *scaleSide) (actor, string) {
			a := s.actor()
			return actor{}, `{"phone":"` + a.phone + `","sms_hash":"` + s.messageHash(a.phone) + `","password":"battery staple"}`
		}),
		anew("user/logout", "", byActor(func(*scaleSide, actor) string { return `{}` })),
		anew("user/password", "", byActor(func(*scaleSide, actor) string { return `{"old":"` + actorPassword + `","new":"battery staple"}` })),
		anew("user/update", "", byActor(func(s *scaleSide, _ actor) string {
			return fmt.Sprintf(`{"user_name":"u%d_%d"}`, s.stamp%1e9, s.next())
		})),
		anew("user/delete", "", byActor(func(*scaleSide, actor) string { return `{"password":"` + actorPassword + `","give_up":true}` })),
		anew("user/mail", "", byActor(func(s *scaleSide, _ actor) string { return fmt.Sprintf(`{"email":"student%d@example.org"}`, s.next()) })),
		anew("user/contact", "after sms/generate", byActor(func(s *scaleSide, _ actor) string {
			phone := s.newPhone()
			return `{"phone":"` + phone + `","sms_hash":"` + s.messageHash(phone) + `"}`
		})),
	}
}

func userRows() []scaleRow {
	verified := func(s *scaleSide) string {
		a := s.actor()
		s.ok(a, "user/verify", s.claim())
		return a.id
	}
	return []scaleRow{
		again("user/info", "", byReader(`{}`)),
		again("user/info", "another's", func(s *scaleSide) (actor, string) { return s.reader, `{"user_id":"` + s.owner.id + `"}` }),
		again("user/export", "", byReader(`{}`)),
		anew("user/verify", "", byActor(func(s *scaleSide, _ actor) string { return s.claim() })),
		again("user/list", "", byAdmin(`{}`)),
		again("user/list", "by a part of a phone", func(s *scaleSide) (actor, string) { return s.admin, `{"key":"` + s.seller.phone[2:] + `"}` }),
		again("user/list", "by id", func(s *scaleSide) (actor, string) { return s.admin, `{"key":"` + s.reader.id + `"}` }),
		again("user/list", "by state", byAdmin(`{"state":0,"verify_state":2}`)),
		again("user/list", "who wait to be verified", byAdmin(`{"verify_state":1}`)),
		anew("user/identity", "after user/verify", func(s *scaleSide) (actor, string) { return s.admin, `{"user_id":"` + verified(s) + `"}` }),
		anew("user/review", "after user/verify", func(s *scaleSide) (actor, string) { return s.admin, `{"user_id":"` + verified(s) + `","pass":1}` }),
		anew("user/freeze", "", func(s *scaleSide) (actor, string) {
			return s.admin, `{"user_id":"` + s.actor().id + `","state":1,"note":"多次发布违规内容"}`
		}),
	}
}

func addressRows() []scaleRow {
	own := func(more string) asks {
		return byActor(func(_ *scaleSide, a actor) string { return fmt.Sprintf(`{"address_id":%d%s}`, a.address, more) })
	}
	return []scaleRow{
		anew("address/creat", "", byActor(func(*scaleSide, actor) string {
			return `{"name":"王凌超","phone":"13700000000","address":"东和公寓3号楼301","is_default":1}`
		})),
		anew("address/update", "", own(`,"phone":"+86-571-85070000"`)),
		anew("address/delete", "", own("")),
		again("address/list", "", byReader(`{}`)),
		anew("address/default", "", own("")),
	}
}

func purchaseRows() []scaleRow {
	terms := func(s *scaleSide) string {
		return `{"product_id":` + s.goods + `,"product_num":1,"product_unitprice":10,"product_totalprice":10}`
	}
	applied := func(s *scaleSide, a actor, more string) string {
		return `{"purchase_id":"` + s.ok(a, "purchase/apply", terms(s)).Field("purchase_id") + `"` + more + `}`
	}
	return []scaleRow{
		anew("purchase/apply", "", byActor(func(s *scaleSide, _ actor) string { return terms(s) })),
		anew("purchase/pay", "after purchase/apply", byActor(func(s *scaleSide, a actor) string { return applied(s, a, `,"method":"wallet"`) })),
		anew("purchase/cancel", "after purchase/apply", byActor(func(s *scaleSide, a actor) string { return applied(s, a, "") })),
		anew("purchase/info", "after purchase/apply", byActor(func(s *scaleSide, a actor) string { return applied(s, a, "") })),
		again("purchase/list", "", byReader(`{"page":1,"count":20}`)),
	}
}

func couponRows() []scaleRow {
	created := func(s *scaleSide) string { return s.ok(s.seller, "coupon/creat", s.couponTerms()).Field("coupon_id") }
	return []scaleRow{
		anew("coupon/creat", "", bySeller(func(s *scaleSide) string { return s.couponTerms() })),
		anew("coupon/update", "after coupon/creat", bySeller(func(s *scaleSide) string { return `{"coupon_id":` + created(s) + `,"quantity":999999}` })),
		again("coupon/list", "", byReader(`{}`)),
		again("coupon/list", "of a shop", func(s *scaleSide) (actor, string) {
			return s.reader, fmt.Sprintf(`{"shop_id":%d}`, campus.ShopID(campus.Shops(s.size)/2))
		}),
		anew("coupon/take", "", byActor(func(s *scaleSide, _ actor) string { return `{"coupon_id":` + s.coupon + `}` })),
		again("coupon/mine", "", byReader(`{}`)),
	}
}

// full is who has a full cart, of goods of ten sellers.
var full = actor{token: campus.Token(0)}

func cartRows() []scaleRow {
	return []scaleRow{
		anew("cart/add", "", byActor(func(s *scaleSide, _ actor) string { return `{"product_id":` + s.goods + `}` })),
		anew("cart/update", "after cart/add", byActor(func(s *scaleSide, a actor) string { return `{"cart_id":` + s.cartLine(a) + `,"product_num":2}` })),
		anew("cart/delete", "after cart/add", byActor(func(s *scaleSide, a actor) string { return `{"cart_ids":[` + s.cartLine(a) + `]}` })),
		again("cart/list", "", byReader(`{}`)),
		again("cart/list", "all of a full one", func(*scaleSide) (actor, string) { return full, `{"count":100}` }),
		again("cart/count", "", byReader(`{}`)),
	}
}

func orderRows() []scaleRow {
	lists := func(note, data string) scaleRow { return again("order/list", note, byAdmin(data)) }
	return []scaleRow{
		anew("order/prepare", "", byActor(func(s *scaleSide, a actor) string {
			return fmt.Sprintf(`{"items":[{"product_id":%s}],"use_beli":true,"deliver":"express","address_id":%d}`, s.goods, a.address)
		})),
		again("order/prepare", "50 lines of ten sellers", func(*scaleSide) (actor, string) {
			lines := make([]string, 50)
			for i := range lines {
				lines[i] = fmt.Sprintf(`{"cart_id":%d}`, campus.FullCartID(i))
			}
			return full, fmt.Sprintf(`{"cart_items":[%s],"use_beli":true,"deliver":"express","address_id":%d}`, strings.Join(lines, ","), campus.AddressID(0))
		}),
		anew("order/commit", "", byActor(func(s *scaleSide, a actor) string { return s.wish(a) })),
		anew("order/commit", "from the cart, with a coupon", byActor(func(s *scaleSide, a actor) string {
			record := s.ok(a, "coupon/take", `{"coupon_id":`+s.coupon+`}`).Field("record_id")
			return fmt.Sprintf(`{"cart_items":[{"cart_id":%s}],"shop_records":[%s],"deliver":"express","address_id":%d,"pay_price":9}`, s.cartLine(a), record, a.address)
		})),
		anew("order/pay", "after order/commit", byActor(func(s *scaleSide, a actor) string {
			id, _ := s.committed(a)
			return payment(id, "wallet")
		})),
		anew("order/pay", "by a channel, after order/commit", byActor(func(s *scaleSide, a actor) string {
			id, _ := s.committed(a)
			return payment(id, "sandbox")
		})),
		anew("order/cancel", "after order/commit", byActor(func(s *scaleSide, a actor) string {
			_, order := s.committed(a)
			return ofOrder(order, "")
		})),
		anew("order/address", "after order/pay", byActor(func(s *scaleSide, a actor) string {
			return ofOrder(s.paid(a), fmt.Sprintf(`,"address_id":%d`, a.address))
		})),
		anew("order/ship", "after order/pay", bySeller(func(s *scaleSide) string { return ofOrder(s.paid(s.actor()), parcel) })),
		anew("order/confirm", "after order/ship", byActor(func(s *scaleSide, a actor) string { return ofOrder(s.shipped(a), "") })),
		anew("order/extend", "after order/ship", byActor(func(s *scaleSide, a actor) string { return ofOrder(s.shipped(a), "") })),
		anew("order/decline", "after order/pay", bySeller(func(s *scaleSide) string { return ofOrder(s.paid(s.actor()), reason) })),
		anew("order/delete", "after order/cancel", byActor(func(s *scaleSide, a actor) string {
			_, order := s.committed(a)
			s.ok(a, "order/cancel", ofOrder(order, ""))
			return ofOrder(order, "")
		})),
		anew("order/note", "after order/pay", func(s *scaleSide) (actor, string) {
			return s.admin, ofOrder(s.paid(s.actor()), `,"admin_note":"买家来电询问"`)
		}),
		again("order/info", "", func(s *scaleSide) (actor, string) { return s.reader, ofOrder(s.order, "") }),
		again("order/info", "to its seller", func(s *scaleSide) (actor, string) { return s.owner, ofOrder(s.sold, "") }),
		again("order/list", "", byReader(`{}`)),
		again("order/list", "by state", byReader(`{"state":"complete"}`)),
		again("order/list", "of a seller", byOwner(`{"role":"seller"}`)),
		again("order/list", "of a seller, by state", byOwner(`{"role":"seller","state":"need_send"}`)),
		lists("of all", `{"role":"all"}`),
		lists("of all, page 40", `{"role":"all","page":40}`),
		lists("of all, by state", `{"role":"all","state":"refund"}`),
		lists("of all, by a state that most have", `{"role":"all","state":"complete"}`),
		again("order/list", "of all, by user", func(s *scaleSide) (actor, string) {
			return s.admin, `{"role":"all","user_id":"` + s.reader.id + `"}`
		}),
		again("order/list", "of all, by phone", func(s *scaleSide) (actor, string) {
			return s.admin, `{"role":"all","phone":"` + s.seller.phone + `"}`
		}),
		again("order/list", "of all, by number", func(s *scaleSide) (actor, string) {
			return s.admin, `{"role":"all","order_id":"` + s.order + `"}`
		}),
		lists("of all, of the last days", `{"role":"all","time_begin":"`+time.Unix(campus.Now, 0).AddDate(0, 0, -7).Format(time.DateTime)+`"}`),
		again("order/states", "", nobody(`{}`)),
	}
}

func refundRows() []scaleRow {
	bySellerOf := func(before func(*scaleSide, actor) string, more string) asks {
		return bySeller(func(s *scaleSide) string { return ofOrder(before(s, s.actor()), more) })
	}
	byBuyerOf := func(before func(*scaleSide, actor) string, more string) asks {
		return byActor(func(s *scaleSide, a actor) string { return ofOrder(before(s, a), more) })
	}
	money := func(s *scaleSide, a actor) string { return s.refunding(a, askedMoney) }
	return []scaleRow{
		anew("order/refund", "after order/ship", byBuyerOf((*scaleSide).shipped, askedMoney)),
		anew("order/agree", "after order/refund", bySellerOf(money, "")),
		anew("order/refuse", "after order/refund", bySellerOf(money, reason)),
		anew("order/appeal", "after order/refuse", byBuyerOf((*scaleSide).refused, reason)),
		anew("order/revoke", "after order/refund", byBuyerOf(money, "")),
		anew("order/return", "after order/agree", byBuyerOf((*scaleSide).returning, parcel)),
		anew("order/receive", "after order/return", bySellerOf((*scaleSide).returned, "")),
		anew("order/arbitrate", "after order/appeal", func(s *scaleSide) (actor, string) {
			return s.admin, ofOrder(s.appealed(s.actor()), `,"amount":5,"note":"各承担一半"`)
		}),
	}
}

// below is what follows the base path in a URL of the program.
func below(text string) string {
	_, path, _ := strings.Cut(text, "/api/external")
	return path
}

// channelURL is where a payment by the sandbox goes on.
func (s *scaleSide) channelURL(field string) string {
	s.t.Helper()
	a := s.actor()
	id, _ := s.committed(a)
	return below(s.ok(a, "order/pay", payment(id, "sandbox")).Field(field))
}

func payRows() []scaleRow {
	return []scaleRow{
		again("pay/info", "", func(s *scaleSide) (actor, string) { return s.reader, `{"pay_id":"` + s.payment + `"}` }),
		again("pay/anomalies", "", byAdmin(`{}`)),
		anew("pay/settle", "of what a channel refuses to take back", func(s *scaleSide) (actor, string) {
			return s.admin, `{"attempt_id":"` + s.unclaimed(s.actor()) + `","to":"wallet"}`
		}),
		anew("wallet/recharge", "by a channel", byActor(func(*scaleSide, actor) string { return `{"amount":50,"method":"sandbox"}` })),
		anew("credit/pay", "after order/pay with a debt", byActor(func(s *scaleSide, a actor) string { return ofOrder(s.owing(a), `,"method":"wallet"`) })),
		{name: "pay/cashier", note: "after order/pay", ready: func(s *scaleSide) func() error {
			return s.get(s.channelURL("cashier_url"), http.StatusOK)
		}},
		{name: "sandbox/page", note: "after order/pay", ready: func(s *scaleSide) func() error {
			return s.get(s.channelURL("pay_url"), http.StatusOK)
		}},
		{name: "sandbox/page", note: "which pays, after order/pay", ready: func(s *scaleSide) func() error {
			const form = "result=paid"
			sent := fmt.Appendf(nil, "POST /api/external%s HTTP/1.1\r\nHost: campus\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
				s.channelURL("pay_url"), len(form), form)
			return func() error { return campusgatetest.Asking(sent, http.StatusSeeOther)(s.connection) }
		}},
	}
}

func walletRows() []scaleRow {
	return []scaleRow{
		again("wallet/info", "", byReader(`{}`)),
		again("wallet/info", "of a seller", byOwner(`{}`)),
		again("wallet/list", "", byReader(`{"currency":"cny"}`)),
		again("wallet/list", "of a seller", byOwner(`{"currency":"cny"}`)),
		again("wallet/list", "of beli", byReader(`{"currency":"beli"}`)),
		again("wallet/list", "of the credit", byReader(`{"currency":"credit"}`)),
		anew("wallet/grant", "", func(s *scaleSide) (actor, string) {
			return s.admin, `{"user_id":"` + s.actor().id + `","currency":"beli","amount":50}`
		}),
		again("credit/info", "", byReader(`{}`)),
		again("credit/list", "", byReader(`{}`)),
		again("credit/list", "overdue", byReader(`{"type":"over_time"}`)),
		anew("credit/set", "", func(s *scaleSide) (actor, string) {
			return s.admin, `{"user_id":"` + s.actor().id + `","inc_amount":500}`
		}),
		again("credit/cards", "", byAdmin(`{}`)),
		again("credit/cards", "by a part of a phone", func(s *scaleSide) (actor, string) { return s.admin, `{"phone":"` + s.seller.phone[2:] + `"}` }),
		again("credit/cards", "of the last days", byAdmin(`{"time_begin":"2026-11-20 00:00:00"}`)),
		again("credit/card", "", func(s *scaleSide) (actor, string) { return s.admin, `{"user_id":"` + s.reader.id + `"}` }),
	}
}

func courseRows() []scaleRow {
	studied := func(s *scaleSide, more string) string {
		return `{"product_id":` + s.course + `,"section_id":` + s.section + more + `}`
	}
	return []scaleRow{
		anew("course/creat", "", bySeller((*scaleSide).courseTerms)),
		again("course/update", "", bySeller(func(s *scaleSide) string { return `{"product_id":` + s.course + `,"slogan":"动手学"}` })),
		anew("course/chapters", "after course/creat", bySeller(func(s *scaleSide) string { return `{"product_id":` + s.newCourse() + `,` + courseTree + `}` })),
		anew("course/policies", "after course/creat", bySeller(func(s *scaleSide) string { return freePolicy(s.newCourse()) })),
		again("course/list", "the newest", nobody(`{"count":1}`)), // of a thousand there is one
		again("course/list", "the newest free one", nobody(`{"free":1,"count":1}`)),
		again("course/info", "", func(s *scaleSide) (actor, string) { return s.reader, `{"product_id":` + s.course + `}` }),
		again("course/mine", "", byReader(`{}`)),
		again("course/study", "", bySeller(func(s *scaleSide) string { return studied(s, "") })),
		anew("course/progress", "after course/enrol", byActor(func(s *scaleSide, a actor) string {
			s.ok(a, "course/enrol", `{"product_id":`+s.course+`}`)
			return studied(s, `,"seconds":120`)
		})),
		anew("course/enrol", "", byActor(func(s *scaleSide, _ actor) string { return `{"product_id":` + s.course + `}` })),
	}
}

func contactRows() []scaleRow {
	return []scaleRow{
		again("notice/list", "", byReader(`{}`)),
		again("notice/list", "those that are not read", byReader(`{"unread":1}`)),
		again("notice/count", "", byReader(`{}`)),
		anew("notice/read", "after a notice", byActor(func(s *scaleSide, a actor) string {
			s.told(a)
			return `{"all":true}`
		})),
		anew("message/send", "", byActor(func(s *scaleSide, _ actor) string { return s.messageTo(s.seller) })),
		again("message/list", "", func(s *scaleSide) (actor, string) {
			return s.reader, `{"user_id":"` + s.partner + `","product_id":` + s.about + `}`
		}),
		again("message/conversations", "", byReader(`{}`)),
		anew("message/read", "after message/send", bySeller(func(s *scaleSide) string {
			a := s.actor()
			s.ok(a, "message/send", s.messageTo(s.seller))
			return `{"user_id":"` + a.id + `","product_id":` + s.goods + `}`
		})),
		anew("message/block", "", byActor(func(s *scaleSide, _ actor) string { return `{"user_id":"` + s.seller.id + `","state":1}` })),
		anew("message/ticket", "", byActor(func(*scaleSide, actor) string { return `{}` })),
		{name: "get/live", note: "until it is open", ready: func(s *scaleSide) func() error {
			if s.live != nil {
				_ = s.live.Close()
			}
			s.live = campusgatetest.Dial(s.t, []string{s.program.address}, 1)[0]
			open := campusgatetest.Asking(campusgatetest.Getting("/api/external/live?token="+s.actor().token,
				"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), http.StatusSwitchingProtocols)
			return func() error { return open(s.live) }
		}},
	}
}

func officeRows() []scaleRow {
	days := func(count int) (first, last string) {
		end := time.Unix(campus.Now, 0).UTC()
		return end.AddDate(0, 0, 1-count).Format(time.DateOnly), end.Format(time.DateOnly)
	}
	first, last := days(92)
	csv := getting("get/orders.csv", "a line of it", func(s *scaleSide) string {
		const enough = 92_000 // rows and days: of a large campus there are many in a day
		begin, _ := days(max(1, enough/s.size))
		return "/get/orders.csv?token=" + s.admin.token + "&date_begin=" + begin + "&date_end=" + last
	})
	csv.per = func(s *scaleSide) int { return strings.Count(string(s.connection.Body), "\n") }
	return []scaleRow{
		again("stats/summary", "of 92 days", byAdmin(`{"date_begin":"`+first+`","date_end":"`+last+`"}`)),
		again("stats/summary", "of today", byAdmin(`{"date_begin":"`+last+`","date_end":"`+last+`"}`)),
		again("job/list", "", byAdmin(`{}`)),
		anew("job/retry", "of a job that is dead", func(s *scaleSide) (actor, string) { return s.admin, fmt.Sprintf(`{"job_id":%d}`, s.deadJob()) }),
		again("audit/list", "", byAdmin(`{}`)),
		again("audit/list", "by call", byAdmin(`{"call":"user/freeze"}`)),
		again("audit/list", "by who", func(s *scaleSide) (actor, string) { return s.admin, `{"user_id":"` + s.admin.id + `"}` }),
		csv,
	}
}
