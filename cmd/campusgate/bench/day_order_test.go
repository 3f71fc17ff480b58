package bench

import (
	"fmt"
	"math/rand/v2"

	"github.com/goccy/go-json"

	"campusgate/cmd/campusgate/campusgatetest"
)

// order buys of another user, by the cart, and goes on as one of many orders does: unpaid,
// cancelled, declined, refunded whole or in part, or received.
func (v *visitor) order(number int) {
	seller := (v.user + 1 + rand.IntN(v.plan.users-1)) % v.plan.users
	product := campusgatetest.CampusProduct(seller + v.plan.users*rand.IntN(10))
	express := number%2 == 0
	deliver, address := `"deliver":"face"`, ""
	if express {
		address = v.post(v.user, "/address", "address/creat", `{"name":"王凌超","phone":"13700000000","address":"浙江科技学院"}`).Field("address_id")
		deliver = `"deliver":"express","address_id":` + address
	}
	line := v.post(v.user, "/cart", "cart/add", fmt.Sprintf(`{"product_id":%d,"product_num":%d}`, product, 1+number%3)).Field("cart_id")
	asked := `"cart_items":[{"cart_id":` + line + `}],` + deliver
	price := v.post(v.user, "/order", "order/prepare", `{`+asked+`}`).Field("pay_price")
	commit := fmt.Sprintf(`{%s,"pay_price":%s,"request_key":"visit-%06d"}`, asked, price, v.number)
	made := v.post(v.user, "/order", "order/commit", commit)
	var committed struct {
		OrderIDs []string `json:"order_ids"`
		PayID    string   `json:"pay_id"`
	}
	if v.failed {
		return
	}
	if err := json.Unmarshal(made.Data, &committed); err != nil || len(committed.OrderIDs) != 1 {
		v.refuse("order/commit: %s, %v", made.Raw, err)
		return
	}
	if number%5 == 0 { // a page that has lost its answer asks again
		if again := v.post(v.user, "/order", "order/commit", commit); !v.failed && string(again.Data) != string(made.Data) {
			v.refuse("order/commit again: %s, at first %s", again.Raw, made.Raw)
		}
	}
	if express {
		v.post(v.user, "/address", "address/delete", `{"address_id":`+address+`}`)
	}
	o := dayOrder{v, committed.OrderIDs[0], seller}
	switch number % 10 {
	case 0: // nobody pays
		return
	case 1:
		o.step(v.user, "cancel", "")
		return
	default:
		v.post(v.user, "/order", "order/pay", `{"pay_id":"`+committed.PayID+`","method":"wallet"}`)
		v.post(seller, "/order", "order/list", `{"role":"seller","state":"need_send"}`)
	}
	o.goOn(number%10, express)
	v.post(v.user, "/order", "order/info", `{"order_id":"`+o.id+`"}`)
}

// dayOrder is an order that is paid.
type dayOrder struct {
	*visitor

	id     string
	seller int
}

func (o dayOrder) step(user int, subtype, more string) {
	o.post(user, "/order", "order/"+subtype, `{"order_id":"`+o.id+`"`+more+`}`)
}

// goOn is what becomes of it.
func (o dayOrder) goOn(way int, express bool) {
	const reason = `,"reason":"不想要了"`
	refund := func(more string) { o.step(o.user, "refund", `,"kind":"money"`+reason+more) }
	switch way {
	case 2:
		o.step(o.seller, "decline", reason)
		return
	case 3:
		refund("")
		o.step(o.seller, "agree", "")
		return
	case 4:
		refund(`,"amount":0.01`)
		o.step(o.seller, "agree", "")
	case 5:
		refund("")
		o.step(o.user, "revoke", "")
	case 6:
		refund(`,"amount":0.01`)
		o.step(o.seller, "refuse", reason)
	default:
	}
	if express {
		o.step(o.seller, "ship", `,"logistics":"顺丰","logistics_id":"SF1023456789"`)
		if way == 8 {
			o.step(o.user, "extend", "")
		}
	}
	o.step(o.user, "confirm", "")
}

// purchase is an order as the platform's document has it.
func (v *visitor) purchase() {
	product := v.someProduct()
	price := v.post(v.user, "/get/product", "product/info", fmt.Sprintf(`{"product_id":%d}`, product)).Field("product_price")
	order := v.post(v.user, "/purchase", "purchase/apply", fmt.Sprintf(
		`{"product_id":%d,"product_num":1,"product_unitprice":%s,"product_totalprice":%s}`, product, price, price)).Field("purchase_id")
	v.post(v.user, "/purchase", "purchase/pay", `{"purchase_id":"`+order+`","method":"wallet"}`)
}
