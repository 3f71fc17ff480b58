package handlers_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// How often the model tests play a market is RAPID_CHECKS; make torture has them
// play for minutes.

// Any order of calls is answered as the model foretells, and leaves behind what
// the model holds.
func TestMarketModel(t *testing.T) {
	t.Parallel()
	g, calls := handlerstest.Start(t), newTally()
	var markets int
	rapid.Check(t, func(rt *rapid.T) {
		markets++
		m := openMarket(rt, g, calls, markets)
		rt.Repeat(map[string]func(*rapid.T){
			"apply":          m.apply,
			"pay":            m.pay,
			"cancel":         m.cancel,
			"update product": m.updateProduct,
			"update shop":    m.updateShop,
			"look":           m.look,
		})
		m.compare(rt)
	})
	calls.log(t, markets)
}

// market is a model of what is sold, ordered and paid, played beside a gateway.
type market struct {
	g        *handlerstest.Gateway
	calls    *tally
	traders  []*trader
	products []*goods
	orders   []*bought
}

// trader is a user with a wallet in fen and a shop.
type trader struct {
	id, token, shop string
	funds, wallet   int64 // at first, and what is left
}

type goods struct {
	id              int64
	seller          *trader
	price, discount int64 // in fen; no discount: 0
	status          int64
	sale            int64
	stock           int64 // -1: unlimited
}

// short reports whether there are fewer pieces.
func (p *goods) short(pieces int64) bool { return p.stock >= 0 && p.stock < pieces }

type bought struct {
	id            string
	buyer         *trader
	product       *goods
	pieces, price int64
	state         string
}

// openMarket adds fresh accounts, with shops and products on sale, to a gateway.
func openMarket(rt *rapid.T, g *handlerstest.Gateway, calls *tally, number int) *market {
	m := &market{g: g, calls: calls}
	for i := range 3 {
		u := &trader{
			id: strconv.Itoa(number*10 + i), token: fmt.Sprintf("token-%d-%d", number, i),
			funds: rapid.Int64Range(0, 400_00).Draw(rt, "funds"),
		}
		u.wallet = u.funds
		handlerstest.Must(g.T, g.DB.InsertUser(g.T.Context(), storage.User{ID: u.id, Name: "码三秃", Wealth: u.funds}))
		handlerstest.Must(g.T, g.DB.InsertToken(g.T.Context(), u.token, u.id))
		u.shop = m.answer(rt, 0, "shop/creat", u, fmt.Sprintf(`{"shop_name":"%s"}`, u.token)).Field("shop_id")
		m.traders = append(m.traders, u)

		p := &goods{seller: u, price: drawPrice(rt), status: 1, stock: drawStock(rt)}
		made := m.answer(rt, 0, "product/creat", u, fmt.Sprintf(
			`{"product_name":"生发水","product_price":%s,"product_status":1,"shop_id":%s,"product_stock":%s}`, yuan(p.price), u.shop, stockText(p.stock)))
		_, err := fmt.Sscan(made.Field("product_id"), &p.id)
		handlerstest.Must(g.T, err)
		m.products = append(m.products, p)
	}
	return m
}

// answer is a call whose status is foretold.
func (m *market) answer(rt *rapid.T, status int, call string, u *trader, data string) handlerstest.Answer {
	a := m.g.Call(call, u.token, data)
	m.calls.count(call, a)
	if a.Status != status {
		rt.Fatalf("%s %s: got %s, want status %d", call, data, a.Raw, status)
	}
	return a
}

// drawPrice is such that an order of some pieces may be more than a wallet holds.
func drawPrice(rt *rapid.T) int64 { return rapid.Int64Range(1, 40_00).Draw(rt, "price") }

// drawStock is a stock that may be sold out, or none.
func drawStock(rt *rapid.T) int64 { return rapid.Int64Range(-1, 6).Draw(rt, "stock") }

// stockText is a stock as a call takes it.
func stockText(stock int64) string {
	if stock < 0 {
		return `""`
	}
	return strconv.FormatInt(stock, 10)
}

func yuan(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }

// apply orders, sometimes what is not there, and sometimes with a mistake.
func (m *market) apply(rt *rapid.T) {
	u, p := m.drawTrader(rt), rapid.SampledFrom(append(m.products[:3:3], &goods{price: 1})).Draw(rt, "product")
	pieces, unit, off := rapid.Int64Range(1, 4).Draw(rt, "pieces"), p.price, int64(0)
	if p.discount != 0 && rapid.Bool().Draw(rt, "discount") {
		unit = p.discount
	}
	status, mistaken := 0, -204
	if p.status != 1 { // this comes first
		status, mistaken = 100, 100
	}
	switch rapid.SampledFrom([]string{"", "", "", "", "", "", "unit", "total", "no pieces", "many pieces"}).Draw(rt, "mistake") {
	case "unit":
		unit, status = p.price+1, mistaken
	case "total":
		off, status = 1, mistaken
	case "no pieces": // a bad value whatever the product
		pieces, status = 0, -204
	case "many pieces":
		pieces, status = 10000, -204
	default:
		if status == 0 && p.short(pieces) {
			status = 105
		}
	}
	total := pieces*unit + off
	a := m.answer(rt, status, "purchase/apply", u, applyData(p.id, pieces, unit, total))
	if status == 0 {
		m.orders = append(m.orders, &bought{
			id: a.Field("purchase_id"), buyer: u, product: p, pieces: pieces, price: total, state: storage.PurchasePaying,
		})
	}
}

func applyData(product, pieces, unit, total int64) string {
	return fmt.Sprintf(`{"product_id":%d,"product_num":%d,"product_unitprice":%s,"product_totalprice":%s}`,
		product, pieces, yuan(unit), yuan(total))
}

func (m *market) pay(rt *rapid.T) {
	u, o, status := m.drawOrder(rt)
	method := rapid.SampledFrom([]string{"wallet", "wallet", "wallet", "cash"}).Draw(rt, "method")
	switch {
	case status != 0:
	case o.state != storage.PurchasePaying:
		status = 201
	case method != "wallet":
		status = 200
	case u.wallet < o.price:
		status = 102
	case o.product.short(o.pieces):
		status = 105
	}
	m.answer(rt, status, "purchase/pay", u, `{"purchase_id":"`+o.id+`","method":"`+method+`"}`)
	if status == 0 {
		o.state = storage.PurchaseFinish
		u.wallet -= o.price
		o.product.sale += o.pieces
		if o.product.stock >= 0 {
			o.product.stock -= o.pieces
		}
	}
}

func (m *market) cancel(rt *rapid.T) {
	u, o, status := m.drawOrder(rt)
	if status == 0 && o.state != storage.PurchasePaying {
		status = 201
	}
	m.answer(rt, status, "purchase/cancel", u, `{"purchase_id":"`+o.id+`"}`)
	if status == 0 {
		o.state = storage.PurchaseCancel
	}
}

// updateProduct changes price, discount, status, sale and stock, deleting included.
func (m *market) updateProduct(rt *rapid.T) {
	p := rapid.SampledFrom(m.products).Draw(rt, "product")
	u := rapid.SampledFrom([]*trader{p.seller, p.seller, m.traders[0]}).Draw(rt, "user")
	shop := rapid.SampledFrom([]string{u.shop, u.shop, p.seller.shop}).Draw(rt, "shop")
	changed := *p
	changed.status = rapid.SampledFrom([]int64{1, 1, 1, 0, 2}).Draw(rt, "status")
	data := fmt.Sprintf(`"product_id":%d,"shop_id":%s,"product_status":%d`, p.id, shop, changed.status)
	if rapid.Bool().Draw(rt, "set price") {
		changed.price = drawPrice(rt)
		data += `,"product_price":` + yuan(changed.price)
	}
	switch rapid.SampledFrom([]string{"none", "unset", "set"}).Draw(rt, "discount") {
	case "unset":
		changed.discount = 0
		data += `,"product_disprice":""`
	case "set":
		changed.discount = drawPrice(rt)
		data += `,"product_disprice":` + yuan(changed.discount)
	}
	if rapid.IntRange(0, 3).Draw(rt, "set sale") == 0 {
		changed.sale = rapid.Int64Range(0, 100).Draw(rt, "sale")
		data += fmt.Sprintf(`,"product_sale":%d`, changed.sale)
	}
	if rapid.IntRange(0, 2).Draw(rt, "set stock") == 0 {
		changed.stock = drawStock(rt)
		data += `,"product_stock":` + stockText(changed.stock)
	}
	status := 0
	switch {
	case u != p.seller:
		status = 100
	case changed.discount > changed.price:
		status = -204
	}
	m.answer(rt, status, "product/update", u, "{"+data+"}")
	if status == 0 {
		*p = changed
	}
}

func (m *market) updateShop(rt *rapid.T) {
	u, owner, status := m.drawTrader(rt), m.drawTrader(rt), 0
	if u != owner {
		status = 100
	}
	m.answer(rt, status, "shop/update", u, `{"shop_id":`+owner.shop+`,"shop_content":"码三秃家"}`)
}

// look asks for an order.
func (m *market) look(rt *rapid.T) {
	u, o, status := m.drawOrder(rt)
	a := m.answer(rt, status, "purchase/info", u, `{"purchase_id":"`+o.id+`"}`)
	if state := a.Field("purchase_state"); state != o.state && status == 0 {
		rt.Fatalf("the order is %s, want %s", state, o.state)
	}
}

func (m *market) drawTrader(rt *rapid.T) *trader {
	return rapid.SampledFrom(m.traders).Draw(rt, "user")
}

// drawOrder is an order, mostly asked for by its buyer, and otherwise the status
// that it gets.
func (m *market) drawOrder(rt *rapid.T) (u *trader, o *bought, status int) {
	unknown := &bought{id: "1"}
	orders := append(slices.Clone(m.orders), unknown)
	if len(m.orders) > 0 && rapid.Bool().Draw(rt, "newest") {
		orders = m.orders[len(m.orders)-1:]
	}
	o = rapid.SampledFrom(orders).Draw(rt, "order")
	u = rapid.SampledFrom([]*trader{o.buyer, o.buyer, o.buyer, m.traders[0]}).Draw(rt, "user")
	switch {
	case o == unknown:
		return m.traders[0], o, 100
	case u != o.buyer:
		return u, o, 101
	}
	return u, o, 0
}

// compare finds the database to hold what the model holds.
func (m *market) compare(rt *rapid.T) {
	want := standing{Wallets: map[string]int64{}, Products: map[int64][5]int64{}, Orders: map[string]string{}}
	for _, u := range m.traders {
		want.Wallets[u.id] = u.wallet
	}
	for _, p := range m.products {
		want.Products[p.id] = [5]int64{p.price, p.discount, p.status, p.sale, p.stock}
	}
	for _, o := range m.orders {
		want.Orders[o.id] = fmt.Sprint(o.buyer.id, o.state, o.product.id, o.pieces, o.price)
	}
	if diff := cmp.Diff(want, m.standing()); diff != "" {
		rt.Fatalf("(-model +database):\n%s", diff)
	}
}

// standing is where a market stands.
type standing struct {
	Wallets  map[string]int64
	Products map[int64][5]int64 // price, discount, status, sale, stock
	Orders   map[string]string
}

func (m *market) standing() standing {
	ctx := m.g.T.Context()
	s := standing{Wallets: map[string]int64{}, Products: map[int64][5]int64{}, Orders: map[string]string{}}
	for _, u := range m.traders {
		s.Wallets[u.id] = m.g.Wealth(u.id)
		orders, _, err := m.g.DB.Purchases(ctx, u.id, storage.Page{})
		handlerstest.Must(m.g.T, err)
		for _, o := range orders {
			s.Orders[o.PurchaseID] = fmt.Sprint(o.UserID, o.PurchaseState, o.ProductID, o.ProductNum, o.PurchasePrice)
		}
	}
	for _, p := range m.products {
		stored, err := m.g.DB.MarketDetail(ctx, p.id)
		handlerstest.Must(m.g.T, err)
		discount, stock := int64(0), int64(-1)
		if stored.Disprice != nil {
			discount = *stored.Disprice
		}
		if stored.Stock != nil {
			stock = *stored.Stock
		}
		s.Products[p.id] = [5]int64{stored.Price, discount, stored.Status, stored.Sale, stock}
	}
	return s
}
