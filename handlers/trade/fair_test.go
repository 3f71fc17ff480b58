package trade_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// A fair is a gateway with things to buy: alice is the buyer, bob sells.
type fair struct{ *handlerstest.Gateway }

// What bob sells, beside the textbook, and what is not to be bought.
const (
	bobShop = 21
	tea     = 1001 // 10.00, 5 pieces, shipping 3.00
	cup     = 1002 // 8.00, reduced from 9.99, shipping 12.50
	bike    = 1003 // 300.00, at least 60.00 of it at once
	lamp    = 1004 // 35.00, face to face only
	stamps  = 1005 // 0.40, express only
	course  = 1006 // the policies 1, a week for 30.00, and 2, a month for 100.00
	hidden  = 1007 // was refused
	down    = 1008 // is off sale
	adminOf = 1009 // an admin's course, the policy 3, for ever and free
	own     = handlerstest.DocumentProduct
)

func startFair(t *testing.T, change ...func(*handlerstest.Options)) *fair {
	t.Helper()
	f := &fair{handlerstest.Start(t, change...)}
	f.Document()
	f.Textbook()
	ctx, now := t.Context(), f.Clock.Now().Unix()
	handlerstest.Must(t, f.DB.InsertShop(ctx, storage.Shop{ShopID: bobShop, ShopName: "bob's", UserID: bob, CreatTime: now}))
	for _, p := range []struct {
		id, price int64
		terms     storage.ProductTerms
		reduced   *int64
		status    int64
	}{
		{tea, 10_00, storage.ProductTerms{Stock: new(int64(5)), ShipPrice: new(int64(3_00))}, nil, 1},
		{cup, 9_99, storage.ProductTerms{ShipPrice: new(int64(12_50))}, new(int64(8_00)), 1},
		{bike, 300_00, storage.ProductTerms{FirstPrice: new(int64(60_00))}, nil, 1},
		{lamp, 35_00, storage.ProductTerms{SellMethod: new(int64(1))}, nil, 1},
		{stamps, 40, storage.ProductTerms{SellMethod: new(int64(2))}, nil, 1},
		{hidden, 1_00, storage.ProductTerms{}, nil, 1},
		{down, 1_00, storage.ProductTerms{}, nil, 0},
	} {
		handlerstest.Must(t, f.DB.InsertProduct(ctx, storage.Product{
			ProductID: p.id, ProductName: fmt.Sprint("product ", p.id), PicURL: fmt.Sprint("./", p.id), ProductPrice: p.price, ProductDisprice: p.reduced,
			ShopID: bobShop, CreatTime: now, UpdateTime: now, ProductStatus: p.status,
		}))
		f.inTx(func(tx *storage.Tx) error { return tx.SetProductTerms(ctx, p.id, p.terms) })
	}
	f.inTx(func(tx *storage.Tx) error { return tx.SetReview(ctx, hidden, storage.ReviewRefused, "") })
	f.addCourse(storage.Course{ProductID: course, ShopID: bobShop}, storage.PricePolicy{ValidPeriod: 7, Price: 30_00}, storage.PricePolicy{ValidPeriod: 30, Price: 100_00, Default: true})
	f.addCourse(storage.Course{ProductID: adminOf, UserID: handlerstest.Admin}, storage.PricePolicy{ValidPeriod: 36000})
	return f
}

// addCourse stores a course on sale with its policies.
func (f *fair) addCourse(c storage.Course, policies ...storage.PricePolicy) {
	f.T.Helper()
	ctx := f.T.Context()
	c.Name, c.PicURL, c.Status = fmt.Sprint("product ", c.ProductID), fmt.Sprint("./", c.ProductID), storage.ProductUp
	f.inTx(func(tx *storage.Tx) error {
		if err := tx.InsertCourse(ctx, c, f.Clock.Now().Unix()); err != nil {
			return err
		}
		return tx.SetPricePolicies(ctx, c.ProductID, policies)
	})
}

func (f *fair) inTx(change func(*storage.Tx) error) {
	f.T.Helper()
	handlerstest.Must(f.T, f.DB.InTx(f.T.Context(), change))
}

// give gives a user beli and credit.
func (f *fair) give(user string, beli, credit int64) {
	f.T.Helper()
	ctx := f.T.Context()
	f.inTx(func(tx *storage.Tx) error {
		has, err := tx.LockProfile(ctx, user, 1)
		if err != nil {
			return err
		}
		return tx.Move(ctx,
			granted(storage.LedgerGrant, storage.Beli, storage.PromotionAccount, storage.UserAccount(user), beli-has.Beli),
			granted(storage.LedgerCredit, storage.CNY, storage.OutsideAccount, storage.CreditAccount(user), credit-has.CreditAmount))
	})
}

// granted is a move of an amount to an account, or back where it is below 0.
func granted(kind, currency string, from, to storage.Account, amount int64) storage.Move {
	if amount < 0 {
		from, to, amount = to, from, -amount
	}
	return storage.Move{Kind: kind, Currency: currency, From: from, To: to, Amount: amount, Time: 1}
}

// take stores a coupon, of which a user takes a record, which is valid in an hour from now
// unless the coupon says another time.
func (f *fair) take(user string, c storage.Coupon) (record int64) {
	f.T.Helper()
	ctx, now := f.T.Context(), f.Clock.Now().Unix()
	begin, end := c.ValidBegin, c.ValidEnd
	if end == 0 {
		begin, end = now, now+3600
	}
	c.ValidBegin, c.ValidEnd = now, now+3600 // of a record of now
	c.CouponName, c.Quantity, c.PerUser, c.OpenTime, c.CloseTime = "coupon", 9, 9, now, now+1
	var err error
	c.CouponID, err = f.DB.InsertCoupon(ctx, c)
	handlerstest.Must(f.T, err)
	f.inTx(func(tx *storage.Tx) error {
		record, err = tx.TakeCoupon(ctx, storage.CouponRecord{UserID: user, TakeTime: now, ValidBegin: begin, ValidEnd: end, Coupon: c})
		return err
	})
	return record
}

// items are the data of order/prepare: items without their braces, and what stands beside
// them.
func items(beside string, items ...string) string {
	return `{"items":[{` + strings.Join(items, "},{") + `}]` + beside + `}`
}

func item(product int64, more string) string { return fmt.Sprint(`"product_id":`, product, more) }

// refused calls as alice and wants a status with its detail, and nothing changed.
func (f *fair) refused(call, data string, status int, detail string) {
	f.T.Helper()
	before := f.Stored()
	a := f.Call(call, aliceToken, data)
	if a.Status != status || a.Detail != detail || string(a.Data) != "{}" {
		f.T.Errorf("%s %s: got %s, want %d %q", call, data, a.Raw, status, detail)
	}
	if f.Stored() != before {
		f.T.Errorf("%s %s: changed what is stored", call, data)
	}
}

// quote is what order/prepare answers, as far as tests look at it.
type quote struct {
	Orders []struct {
		UserID     int64 `json:"user_id"`
		ShopID     int64 `json:"shop_id"`
		Deliver    string
		Lines      []map[string]any
		Usable     []map[string]any
		GoodsPrice json.Number `json:"goods_price"`
		OffPrice   json.Number `json:"off_price"`
		ShipPrice  json.Number `json:"ship_price"`
		PayPrice   json.Number `json:"pay_price"`
	}
	Usable   []map[string]any
	Beli     int64
	PayPrice json.Number `json:"pay_price"`
}

// prepare asks for a quote as alice.
func (f *fair) prepare(data string) (q quote) {
	f.T.Helper()
	before := f.Stored()
	handlerstest.Must(f.T, json.Unmarshal(f.OK("order/prepare", aliceToken, data).Data, &q))
	if f.Stored() != before {
		f.T.Errorf("%s: changed what is stored", data)
	}
	return q
}

// A commitment is what order/commit answers.
type commitment struct {
	PayID    string   `json:"pay_id"`
	OrderIDs []string `json:"order_ids"`
}

// commit commits as alice to what a request of order/prepare asks for, at its price.
func (f *fair) commit(data string) (made commitment) {
	f.T.Helper()
	price := f.prepare(data).PayPrice
	a := f.OK("order/commit", aliceToken, strings.TrimSuffix(data, "}")+`,"pay_price":`+price.String()+`}`)
	handlerstest.Must(f.T, json.Unmarshal(a.Data, &made))
	return made
}

// paid commits and pays by the wallet.
func (f *fair) paid(data string) commitment {
	f.T.Helper()
	made := f.commit(data)
	f.OK("order/pay", aliceToken, `{"pay_id":"`+made.PayID+`","method":"wallet"}`)
	return made
}

// step calls with the id of an order as data, and more.
func (f *fair) step(call, token, id string, more ...string) handlerstest.Answer {
	f.T.Helper()
	return f.Call("order/"+call, token, orderData(id, more...))
}

func orderData(id string, more ...string) string {
	return `{"order_id":"` + id + `"` + strings.Join(append([]string{""}, more...), ",") + `}`
}

const shipping = `"logistics":"顺丰","logistics_id":"SF1"`

// ok is a step that must succeed.
func (f *fair) ok(call, token, id string, more ...string) handlerstest.Answer {
	f.T.Helper()
	return f.OK("order/"+call, token, orderData(id, more...))
}

// express has alice's address, to which goods go.
const express = `,"deliver":"express","address_id":1`

// wantStates checks the states of orders as they are stored.
func (f *fair) wantStates(made commitment, want string) {
	f.T.Helper()
	var states []string
	for _, id := range made.OrderIDs {
		states = append(states, string(f.Order(id).State))
	}
	if got := strings.Join(states, " "); got != want {
		f.T.Errorf("states %s, want %s", got, want)
	}
}

// stock is a product's free pieces, and how many orders of it are open and pieces sold.
func (f *fair) stock(product int64) string {
	f.T.Helper()
	d, err := f.DB.MarketDetail(f.T.Context(), product)
	handlerstest.Must(f.T, err)
	free := "∞"
	if d.Stock != nil {
		free = strconv.FormatInt(*d.Stock, 10)
	}
	return fmt.Sprintf("%s free, %d open, %d sold", free, d.OpenOrders, d.Sale)
}

func (f *fair) wantStock(product int64, want string) {
	f.T.Helper()
	if got := f.stock(product); got != want {
		f.T.Errorf("product %d: %s, want %s", product, got, want)
	}
}

// told are the titles of a user's notices, the newest first.
func (f *fair) told(user string) string {
	f.T.Helper()
	notices, _, err := f.DB.Notices(f.T.Context(), user, false, storage.Page{})
	handlerstest.Must(f.T, err)
	var titles []string
	for _, n := range notices {
		titles = append(titles, n.Title)
	}
	return strings.Join(titles, " ")
}

func (f *fair) wantTold(user, want string) {
	f.T.Helper()
	if got := f.told(user); got != want {
		f.T.Errorf("%s was told %q, want %q", user, got, want)
	}
}

// refusedAs is refused of another caller than alice.
func (f *fair) refusedAs(token, call, data string, status int, detail string) {
	f.T.Helper()
	before := f.Stored()
	a := f.Call(call, token, data)
	if a.Status != status || a.Detail != detail || string(a.Data) != "{}" {
		f.T.Errorf("%s %s: got %s, want %d %q", call, data, a.Raw, status, detail)
	}
	if f.Stored() != before {
		f.T.Errorf("%s %s: changed what is stored", call, data)
	}
}
