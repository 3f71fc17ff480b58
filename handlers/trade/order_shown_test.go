package trade_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// orderDetail is order/info's answer, as far as tests look at it.
type orderDetail struct {
	raw string

	OrderID   string `json:"order_id"`
	State     string
	Address   struct{ Name, Phone, Address string }
	AdminNote string `json:"admin_note"`
	History   []struct{ Step string }
	Actions   []struct{ Subtype, Until string }

	Logistics   string
	LogisticsID string `json:"logistics_id"`
	ExpireTime  string `json:"expire_time"`
	PayTime     string `json:"pay_time"`
	ShipTime    string `json:"ship_time"`
	FinishTime  string `json:"finish_time"`
}

func (f *fair) detail(token, id string) (d orderDetail) {
	f.T.Helper()
	a := f.ok("info", token, id)
	handlerstest.Must(f.T, json.Unmarshal(a.Data, &d))
	d.raw = string(a.Data)
	return d
}

// actionsOf are what somebody may do with an order, as order/info tells.
func (f *fair) actionsOf(token, id string) (calls []string) {
	f.T.Helper()
	for _, action := range f.detail(token, id).Actions {
		calls = append(calls, action.Subtype)
	}
	return calls
}

// TestOrderInfo: the whole answer. What was bought stays as it was, whatever becomes of the
// product, the shop and the policy.
func TestOrderInfo(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.give(alice, 13, 1000_00)
	f.take(alice, storage.Coupon{CouponType: storage.CouponPercent, OffPercent: 79, ProductID: tea})
	f.take(alice, storage.Coupon{CouponType: storage.CouponOver, CouponValue: 5_00, MinimumConsume: 30_00, ShopID: bobShop})
	f.take(alice, storage.Coupon{CouponType: storage.CouponOff, CouponValue: 10_00})
	made := f.commit(items(`,"shop_records":[2],"record_id":3,"use_beli":true,"user_note":"放门口"`+express,
		item(tea, `,"product_num":2,"record_id":1`), item(cup, ""), item(bike, `,"first_price":100`), item(course, `,"price_policy_id":2`)))
	f.OK("order/pay", aliceToken, `{"pay_id":"`+made.PayID+`","method":"wallet"}`)
	before := []string{f.detail(aliceToken, made.OrderIDs[0]).raw, f.detail(aliceToken, made.OrderIDs[1]).raw}
	for i, want := range []string{
		`{"order_id":"PAY01","pay_id":"PAY00","state":"paid","settled":false,"appealed":false,"user_id":1180310086,"user_name":"王凌超","shop_id":21,"shop_name":"bob's","seller_id":1180310087,"seller_name":"码三秃","deliver":"express",` +
			`"goods_price":328,"off_price":7.38,"ship_price":12.5,"credit_price":200,"pay_price":133.12,"beli":3,"debt":200,"due_time":"2020-01-27 23:59:59","refunded":0,"pay_method":"wallet",` +
			`"user_note":"放门口","address":{"name":"王凌超","phone":"13700000000","address":"浙江科技学院"},"logistics":"","logistics_id":"","creat_time":"2019-11-28 22:25:52","expire_time":"","pay_time":"2019-11-28 22:25:52","ship_time":"","finish_time":"",` +
			`"lines":[{"line":0,"product_id":1001,"product_name":"product 1001","pic_url":"./1001","price":10,"product_num":2,"price_policy_id":0,"valid_period":0,"line_price":20,"coupon_off":4.2,"shop_off":0.64,"market_off":1.27,"beli_off":0.2,"credit_price":0,"pay_price":13.69,"returned":0},` +
			`{"line":1,"product_id":1002,"product_name":"product 1002","pic_url":"./1002","price":8,"product_num":1,"price_policy_id":0,"valid_period":0,"line_price":8,"coupon_off":0,"shop_off":0.32,"market_off":0.65,"beli_off":0.1,"credit_price":0,"pay_price":6.93,"returned":0},` +
			`{"line":2,"product_id":1003,"product_name":"product 1003","pic_url":"./1003","price":300,"product_num":1,"price_policy_id":0,"valid_period":0,"line_price":300,"coupon_off":0,"shop_off":0,"market_off":0,"beli_off":0,"credit_price":200,"pay_price":100,"returned":0}],` +
			`"refunds":[],"history":[{"step":"commit","state":"paying","time":"2019-11-28 22:25:52","who":"buyer","note":""},{"step":"pay","state":"paid","time":"2019-11-28 22:25:52","who":"buyer","note":""}],"actions":[{"subtype":"address","until":"2019-12-05 22:25:52"},{"subtype":"refund","until":"2019-12-05 22:25:52"}],"admin_note":"","trades":[]}`,
		`{"order_id":"PAY02","pay_id":"PAY00","state":"finish","settled":false,"appealed":false,"user_id":1180310086,"user_name":"王凌超","shop_id":21,"shop_name":"bob's","seller_id":1180310087,"seller_name":"码三秃","deliver":"",` +
			`"goods_price":100,"off_price":13.12,"ship_price":0,"credit_price":0,"pay_price":86.88,"beli":10,"debt":0,"due_time":"","refunded":0,"pay_method":"wallet",` +
			`"user_note":"放门口","address":{"name":"","phone":"","address":""},"logistics":"","logistics_id":"","creat_time":"2019-11-28 22:25:52","expire_time":"","pay_time":"2019-11-28 22:25:52","ship_time":"","finish_time":"2019-11-28 22:25:52",` +
			`"lines":[{"line":0,"product_id":1006,"product_name":"product 1006","pic_url":"./1006","price":100,"product_num":1,"price_policy_id":2,"valid_period":30,"line_price":100,"coupon_off":0,"shop_off":4.04,"market_off":8.08,"beli_off":1,"credit_price":0,"pay_price":86.88,"returned":0}],` +
			`"refunds":[],"history":[{"step":"commit","state":"paying","time":"2019-11-28 22:25:52","who":"buyer","note":""},{"step":"pay","state":"paid","time":"2019-11-28 22:25:52","who":"buyer","note":""},{"step":"open","state":"finish","time":"2019-11-28 22:25:52","who":"clock","note":""}],"actions":[{"subtype":"refund","until":"2019-12-05 22:25:52"},{"subtype":"delete","until":""}],"admin_note":"","trades":[]}`,
	} {
		if diff := cmp.Diff(want, strings.NewReplacer(made.PayID[:15], "PAY").Replace(before[i])); diff != "" {
			t.Errorf("order %d (-want +got):\n%s", i, diff)
		}
	}
	f.SQL("UPDATE products SET product_name = 'new', pic_url = './new', product_price = 1, product_disprice = NULL")
	f.SQL("UPDATE price_policies SET valid_period = valid_period + 100, product_price = 1")
	for i, id := range made.OrderIDs {
		if diff := cmp.Diff(before[i], f.detail(aliceToken, id).raw); diff != "" {
			t.Errorf("order %d changed with what is sold now:\n%s", i, diff)
		}
	}
}

// TestOrderInfoBySide: where the goods go is the seller's to know once they are paid; what
// admins note is theirs alone.
func TestOrderInfoBySide(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	made := f.commit(items(express, item(tea, "")))
	id := made.OrderIDs[0]
	f.ok("note", handlerstest.AdminToken, id, `"admin_note":"查过"`)
	sees := func(token string) (seen string) {
		t.Helper()
		d := f.detail(token, id)
		var steps []string
		for _, h := range d.History {
			steps = append(steps, h.Step)
		}
		return fmt.Sprintf("%q %q %s", d.Address.Phone, d.AdminNote, strings.Join(steps, " "))
	}
	want := func(buyer, seller, admin string) {
		t.Helper()
		for token, want := range map[string]string{aliceToken: buyer, bobToken: seller, handlerstest.AdminToken: admin} {
			if got := sees(token); got != want {
				t.Errorf("%s sees %s, want %s", token, got, want)
			}
		}
	}
	want(`"13700000000" "" commit`, `"" "" commit`, `"13700000000" "查过" commit note`)
	f.OK("order/pay", aliceToken, `{"pay_id":"`+made.PayID+`","method":"wallet"}`)
	want(`"13700000000" "" commit pay`, `"13700000000" "" commit pay`, `"13700000000" "查过" commit note pay`)
	f.ok("note", handlerstest.AdminToken, id, `"admin_note":""`)
	if note := f.detail(handlerstest.AdminToken, id).AdminNote; note != "" {
		t.Errorf("the note is %q", note)
	}
	f.refusedAs(handlerstest.AdminToken, "order/note", orderData(id, `"admin_note":"`+strings.Repeat("长", 501)+`"`), -204, "admin_note: must be at most 500 characters")
}

// TestOrderGoes: where an order goes is changed once before it is shipped, and is a copy; how
// it goes is corrected three times; each time is shown.
func TestOrderGoes(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	id := f.paid(items(express, item(tea, ""))).OrderIDs[0]
	second := f.OK("address/creat", aliceToken, `{"name":"乙","phone":"13800000001","address":"乙路"}`).Field("address_id")
	f.refused("order/address", orderData(id, `"address_id":99`), 108, "address_id: no such address, or another user's")
	f.ok("address", aliceToken, id, `"address_id":`+second)
	f.refused("order/address", orderData(id, `"address_id":1`), 202, "")
	f.OK("address/update", aliceToken, `{"address_id":`+second+`,"address":"丙路"}`)
	f.OK("address/delete", aliceToken, `{"address_id":`+second+`}`)
	if to := f.detail(bobToken, id).Address; to.Name+to.Phone+to.Address != "乙13800000001乙路" {
		t.Errorf("it goes to %+v", to)
	}
	for i := range 4 {
		f.Clock.Advance(time.Hour)
		f.ok("ship", bobToken, id, fmt.Sprintf(`"logistics":"顺丰%d","logistics_id":"SF%d"`, i, i))
	}
	f.refusedAs(bobToken, "order/ship", orderData(id, `"logistics":"中通","logistics_id":"ZT1"`), 202, "")
	f.refusedAs(handlerstest.AdminToken, "order/ship", orderData(id, `"logistics":"中通","logistics_id":"ZT1"`), 202, "")
	d := f.detail(aliceToken, id)
	if d.Logistics+d.LogisticsID != "顺丰3SF3" || d.ShipTime != "2019-11-28 23:25:52" {
		t.Errorf("it goes by %s %s since %s", d.Logistics, d.LogisticsID, d.ShipTime)
	}
	f.wantClock(id, "confirm_within", 10*dayLong-3*time.Hour) // from the first time
	for _, data := range []string{`"logistics":"` + strings.Repeat("x", 51) + `","logistics_id":"1"`, `"logistics":"x","logistics_id":"` + strings.Repeat("1", 51) + `"`, `"logistics":"","logistics_id":"1"`} {
		if a := f.step("ship", bobToken, id, data); a.Status != -204 && a.Status != -201 {
			t.Errorf("%s: %s", data, a.Raw)
		}
	}
	f.ok("extend", aliceToken, id)
	f.wantClock(id, "confirm_within", 17*dayLong-3*time.Hour)
	f.refused("order/extend", orderData(id), 203, "")
}

// madeIn makes an order of stamps in each state, the oldest first: names of places and ids.
func (f *fair) madeIn() (places []string, ids map[string]string) {
	f.T.Helper()
	f.OK("address/creat", bobToken, `{"name":"码三秃","phone":"13800000000","address":"留和路 318 号"}`)
	told, ids := &saga{fair: f, before: f.figures("")}, map[string]string{}
	stamp := items(byExpress, item(stamps, ""))
	make := func(place, method string, steps ...string) {
		f.T.Helper()
		f.Clock.Advance(time.Minute)
		if method == "" {
			told.order = f.commit(stamp).OrderIDs[0]
		} else {
			told.buy(stamp, "0.4", method)
		}
		for _, step := range steps {
			if !told.take(step) {
				f.T.Fatalf("%s: %s", place, step)
			}
		}
		places, ids[place] = append(places, place), told.order
	}
	make("settled", "wallet", refundPlaces["settled"]...)
	make("overtime", "", "clock pay_within")
	make("cancel", "", "alice cancel")
	for _, place := range []string{"paid", "shipped", "finish", "refunding", "refused", "appealed", "returning", "returned", "refunded"} {
		make(place, "wallet", refundPlaces[place]...)
	}
	make("paying", "")
	return places, ids
}

// TestOrderList: who sees which orders in which lists, the newest first.
func TestOrderList(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	places, ids := f.madeIn()
	slices.Reverse(places)
	f.OK("user/contact", aliceToken, `{"phone":"13700007010","sms_hash":"`+f.SMSHash("13700007010")+`"}`)
	list := func(token, data string) (shown string) {
		t.Helper()
		var answer struct {
			Num  int
			List []struct {
				OrderID string `json:"order_id"`
			}
		}
		handlerstest.Must(t, json.Unmarshal(f.OK("order/list", token, data).Data, &answer))
		var names []string
		for _, row := range answer.List {
			for place, id := range ids {
				if id == row.OrderID {
					names = append(names, place)
				}
			}
		}
		return fmt.Sprint(answer.Num, " ", strings.Join(names, " "))
	}
	all := fmt.Sprint(len(places), " ", strings.Join(places, " "))
	lists := map[string]string{
		"all": all, "need_pay": "1 paying", "need_send": "2 refused paid", "need_receive": "1 shipped", "complete": "2 finish settled",
		"cancel": "1 cancel", "overtime": "1 overtime", "refund": "5 refunded returned returning appealed refunding",
	}
	for _, role := range []struct{ name, token string }{{"buyer", aliceToken}, {"seller", bobToken}, {"all", handlerstest.AdminToken}} {
		for state, want := range lists {
			if got := list(role.token, `{"role":"`+role.name+`","state":"`+state+`"}`); got != want {
				t.Errorf("%s of %s: %s, want %s", state, role.name, got, want)
			}
		}
	}
	created := func(place string) string {
		return time.Unix(f.Order(ids[place]).CreatTime, 0).In(handlerstest.Shanghai(t)).Format(time.DateTime)
	}
	const role = `{"role":"all",`
	for _, c := range []struct{ token, data, want string }{
		{aliceToken, `{}`, all},
		{aliceToken, `{"role":"seller"}`, "0 "},
		{bobToken, `{}`, "0 "},
		{handlerstest.AdminToken, `{}`, "0 "},
		{aliceToken, `{"count":2}`, fmt.Sprint(len(places), " ", strings.Join(places[:2], " "))},
		{aliceToken, `{"count":2,"page":2}`, fmt.Sprint(len(places), " ", strings.Join(places[2:4], " "))},
		{aliceToken, `{"page":2}`, fmt.Sprint(len(places), " ")},
		{aliceToken, `{"user_id":"` + bob + `","order_id":"1","phone":"1","appealed":true,"time_begin":"2030-01-01 00:00:00"}`, all}, // for admins alone
		{handlerstest.AdminToken, role + `"appealed":true}`, "1 appealed"},
		{handlerstest.AdminToken, role + `"appealed":true,"state":"refund","user_id":"` + alice + `"}`, "1 appealed"},
		{handlerstest.AdminToken, role + `"appealed":true,"state":"cancel"}`, "0 "},
		{handlerstest.AdminToken, role + `"appealed":false}`, all},
		{handlerstest.AdminToken, role + `"user_id":"` + alice + `"}`, all},
		{handlerstest.AdminToken, role + `"user_id":"` + bob + `"}`, "0 "},
		{handlerstest.AdminToken, role + `"order_id":"` + ids["shipped"] + `"}`, "1 shipped"},
		{handlerstest.AdminToken, role + `"order_id":"` + ids["shipped"] + `","state":"cancel"}`, "0 "},
		{handlerstest.AdminToken, role + `"phone":"13700007010","state":"cancel"}`, "1 cancel"},
		{handlerstest.AdminToken, role + `"phone":"13700007010","user_id":"` + bob + `"}`, "0 "},
		{handlerstest.AdminToken, role + `"phone":"13700007010","user_id":"` + alice + `","state":"cancel"}`, "1 cancel"},
		{handlerstest.AdminToken, role + `"phone":"13700007011"}`, "0 "},
		{handlerstest.AdminToken, role + `"phone":"7010"}`, "0 "}, // a whole one
		{handlerstest.AdminToken, role + `"time_begin":"` + created("returned") + `"}`, "3 paying refunded returned"},
		{handlerstest.AdminToken, role + `"time_end":"` + created("overtime") + `"}`, "1 settled"},
		{handlerstest.AdminToken, role + `"time_begin":"` + created("paid") + `","time_end":"` + created("finish") + `"}`, "2 shipped paid"},
	} {
		if got := list(c.token, c.data); got != c.want {
			t.Errorf("%s: %s, want %s", c.data, got, c.want)
		}
	}
	var targets []string
	for _, a := range audits(f.Gateway) {
		if a.Call == "order/list" {
			targets = append(targets, a.UserID+" "+a.Target+" "+a.After)
		}
	}
	if want := slices.Repeat([]string{handlerstest.Admin + " user " + alice + " by phone"}, 3); !slices.Equal(targets[:3], want) || len(targets) != 5 {
		t.Errorf("looks by phone: %q", targets)
	}

	f.ok("delete", aliceToken, ids["cancel"])
	for token, want := range map[string]string{aliceToken: "0 ", bobToken: "1 cancel", handlerstest.AdminToken: "1 cancel"} {
		role := map[string]string{aliceToken: "buyer", bobToken: "seller", handlerstest.AdminToken: "all"}[token]
		if got := list(token, `{"role":"`+role+`","state":"cancel"}`); got != want {
			t.Errorf("deleted by the buyer, the %s sees %s, want %s", role, got, want)
		}
	}
	f.ok("delete", bobToken, ids["finish"])
	if got := list(bobToken, `{"role":"seller","state":"complete"}`) + list(aliceToken, `{"state":"complete"}`); got != "1 settled2 finish settled" {
		t.Errorf("deleted by the seller: %s", got)
	}
	for token, want := range map[string]bool{aliceToken: false, bobToken: true} { // it can still be looked at
		if got := slices.Contains(f.actionsOf(token, ids["cancel"]), "delete"); got != want {
			t.Errorf("%s may delete it: %t", token, got)
		}
	}
	f.ok("delete", bobToken, ids["cancel"])
	if got := f.actionsOf(bobToken, ids["cancel"]); len(got) != 0 {
		t.Errorf("bob may %s what both have deleted", got)
	}
}

// contractStates is what order/states tells: the market's contract, section 8, as it is shown.
const contractStates = `paying 待付款 To be paid
paid 待发货 Paid
shipped 待收货 Shipped
finish 已完成 Finished
cancel 已取消 Cancelled
overtime 超时关闭 Not paid in time
refunding 退款中 Refund asked for
returning 待退货 To be sent back
returned 退货中 Sent back
refunded 已退款 Refunded
commit: buyer: → paying
pay: buyer: paying → paid
cancel: buyer: paying → cancel
address: buyer: paid →
ship: seller admin: paid → shipped
ship: seller admin: shipped →
decline: seller admin: paid → refunded
confirm: buyer: shipped paid → finish
extend: buyer: shipped →
refund: buyer: paid shipped finish → refunding
agree: seller admin: refunding → refunded former returning
refuse: seller: refunding → former
refuse: seller: returned → refunding
appeal: buyer: paid shipped finish → refunding
revoke: buyer: refunding returning → former
return: buyer: returning → returned
receive: seller admin: returned → refunded former
arbitrate: admin: refunding returning returned → refunded former
delete: buyer seller: cancel overtime refunded finish →
note: admin: paying paid shipped finish cancel overtime refunding returning returned refunded →
pay_within 45m: paying → overtime
ship_within 7d: paid → refunded
confirm_within 10d: shipped paid → finish
settle_after 7d: finish → settled
answer_within 2d: refunding → refunded former returning
return_within 7d: returning → former
receive_within 10d: returned → refunded former
arbitrate_within 15d: refunding → former
`

// TestOrderStates: anybody is told the whole table, with the clocks as they are set.
func TestOrderStates(t *testing.T) {
	t.Parallel()
	f := startFair(t, func(o *handlerstest.Options) { o.Settings.Trade.Periods.PayWithin = 45 * time.Minute })
	var told struct {
		States []struct{ State, Zh, En string }
		Steps  []struct {
			Subtype       string
			Who, From, To []string
		}
		Clocks []struct {
			Clock, Setting string
			From, To       []string
		}
	}
	handlerstest.Must(t, json.Unmarshal(f.OK("order/states", "", `{}`).Data, &told))
	var got strings.Builder
	line := func(words ...string) { got.WriteString(strings.Join(words, " ") + "\n") }
	for _, s := range told.States {
		line(s.State, s.Zh, s.En)
	}
	for _, s := range told.Steps {
		line(slices.Concat([]string{s.Subtype + ":", strings.Join(s.Who, " ") + ":"}, s.From, []string{"→"}, s.To)...)
	}
	for _, c := range told.Clocks {
		line(slices.Concat([]string{c.Clock, c.Setting + ":"}, c.From, []string{"→"}, c.To)...)
	}
	if diff := cmp.Diff(contractStates, got.String()); diff != "" {
		t.Errorf("(-contract +answer):\n%s", diff)
	}
}
