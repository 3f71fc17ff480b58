package trade_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// commitData is what order/commit is sent: what order/prepare is, with a price and more.
func commitData(data, price string, more ...string) string {
	return strings.TrimSuffix(data, "}") + `,"pay_price":` + price + strings.Join(append([]string{""}, more...), ",") + `}`
}

// TestCommitRefused: every status, and nothing is held.
func TestCommitRefused(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	record := f.take(alice, storage.Coupon{CouponType: storage.CouponOver, CouponValue: 1_00, MinimumConsume: 50_00, ProductID: tea})
	face := `,"deliver":"face"`
	for _, c := range []struct {
		data   string
		status int
		detail string
	}{
		{commitData(items(face, item(down, "")), "1"), 104, "items[0]: product_id: no such product, or not on sale"},
		{commitData(items(face, item(tea, `,"product_num":6`)), "60"), 105, "items[0]: product_num: more than are left"},
		{commitData(items(face, item(handlerstest.DocumentProduct, "")), "101.5"), 107, "items[0]: product_id: your own product"},
		{commitData(items(`,"deliver":"express"`, item(tea, "")), "13"), 108, "address_id: missing, and items go by express"},
		{commitData(items(`,"deliver":"express","address_id":99`, item(tea, "")), "13"), 108, "address_id: no such address, or another user's"},
		{commitData(items("", item(course, `,"price_policy_id":9`)), "30"), 109, "items[0]: price_policy_id: must be one of the course's price_policies"},
		{commitData(items(face, item(tea, `,"record_id":99`)), "10"), 110, "items[0]: record_id: no such record for this, or it cannot be used now"},
		{commitData(items(face, item(tea, fmt.Sprint(`,"record_id":`, record))), "10"), 111, "items[0]: record_id: the amount is below its minimum_consume"},
		{commitData(items(face, item(bike, `,"first_price":60`)), "60"), 113, ""},
		{commitData(`{"cart_items":[{"cart_id":99}],"deliver":"face"}`, "1"), 114, "cart_items[0]: no such line, or there twice"},
		{commitData(items("", item(tea, "")), "10"), 116, "items[0]: deliver: missing"},
		{commitData(items(face, item(bike, `,"first_price":1`)), "1"), 117, "items[0]: first_price: must be from the product's first_price to what a piece costs"},
		{commitData(items(face, item(tea, "")), "10", `"user_note":"`+handlerstest.RefusedWord+`"`), -305, "user_note: has a refused word"},
		{items(face, item(tea, "")), -3, "pay_price: missing"},
		{commitData(items(face, item(tea, "")), "10", `"user_note":"`+strings.Repeat("长", 201)+`"`), -204, "user_note: must be at most 200 characters"},
		{commitData(items(face, item(tea, "")), "-10"), -204, "pay_price: must be 0 to 99999999999.99 with at most two decimals"},
		{commitData(items(face, item(tea, "")), "10.001"), -204, "pay_price: must be 0 to 99999999999.99 with at most two decimals"},
	} {
		f.refusedAs(aliceToken, "order/commit", c.data, c.status, c.detail)
	}
	for _, price := range []string{"9.99", "10.01", "0", "99999999999.99"} { // dearer or cheaper
		before := f.Stored()
		a := f.Call("order/commit", aliceToken, commitData(items(face, item(tea, "")), price))
		want := f.OK("order/prepare", aliceToken, items(face, item(tea, "")))
		if a.Status != 106 || string(a.Data) != string(want.Data) || f.Stored() != before {
			t.Errorf("at %s: %s, want the quote %s", price, a.Raw, want.Data)
		}
	}
	f.SetProfile(alice, func(p *storage.Profile) { p.State = storage.ProfileFrozen })
	f.refusedAs(aliceToken, "order/commit", commitData(items(face, item(tea, "")), "10"), -301, "")
}

// A debt that is overdue allows no other.
func TestCommitWithDebt(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.give(alice, 0, 500_00)
	data := items(`,"deliver":"face"`, item(bike, `,"first_price":100`))
	made := f.paid(data)
	o := f.Order(made.OrderIDs[0])
	if o.Debt != 200_00 || f.Clock.Now().Location() == nil || o.DueTime != handlerstest.At(t, "2020-01-27 23:59:59") || o.Escrow != 300_00 {
		t.Errorf("%d owed until %d, %d in escrow", o.Debt, o.DueTime, o.Escrow)
	}
	profile, err := f.DB.Profile(t.Context(), alice)
	handlerstest.Must(t, err)
	if profile.CreditHeld != 0 || profile.CreditDebt != 200_00 || profile.CreditRemain() != 300_00 {
		t.Errorf("%d held, %d owed", profile.CreditHeld, profile.CreditDebt)
	}
	f.Clock.Advance(time.Duration(o.DueTime-f.Clock.Now().Unix()) * time.Second)
	f.OK("order/prepare", aliceToken, data)
	f.Clock.Advance(time.Second)
	f.refusedAs(aliceToken, "order/commit", commitData(data, "100"), 118, "")
}

// An account that was deleted on another replica a moment ago commits to nothing here.
func TestCommitOfADeletedAccount(t *testing.T) {
	t.Parallel()
	f := startFair(t, func(o *handlerstest.Options) { o.AuthTTL = time.Minute })
	wish := items(`,"deliver":"face"`, item(tea, ""))
	f.OK("order/prepare", aliceToken, wish) // the token is remembered
	f.SetProfile(alice, func(p *storage.Profile) { p.State = storage.ProfileDeleted })
	f.refusedAs(aliceToken, "order/commit", commitData(wish, "10"), -101, "")
}

// Of five payments that wait a sixth is refused, whatever it costs.
func TestTooManyUnpaid(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	data := items(`,"deliver":"face"`, item(cup, ""))
	var made commitment
	for range 5 {
		made = f.commit(data)
	}
	f.refusedAs(aliceToken, "order/commit", commitData(data, "0.01"), 119, "")
	f.ok("cancel", aliceToken, made.OrderIDs[0])
	f.commit(data)
}

// What costs nothing is paid at once, and a course is open then.
func TestCommitForNothing(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	made := f.commit(items("", item(adminOf, `,"price_policy_id":3`)))
	f.wantStates(made, "finish")
	history, err := f.DB.OrderHistory(t.Context(), made.OrderIDs[0])
	handlerstest.Must(t, err)
	var steps []string
	for _, step := range history {
		steps = append(steps, fmt.Sprint(step.Step, " ", step.State, " ", step.Who))
	}
	if got := strings.Join(steps, ", "); got != "commit paying buyer, pay paid buyer, open finish clock" {
		t.Errorf("history: %s", got)
	}
	f.give(alice, 100, 0)
	f.wantStates(f.commit(items(`,"deliver":"face","use_beli":true`, item(cup, ""))), "paid")
	f.refusedAs(aliceToken, "order/pay", `{"pay_id":"`+made.PayID+`","method":"wallet"}`, 103, "pay_id: is paid")
}

// What came from the cart is taken out of it.
func TestCommitFromCart(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	line := f.OK("cart/add", aliceToken, fmt.Sprintf(`{"product_id":%d,"product_num":2}`, tea)).Field("cart_id")
	f.OK("cart/add", aliceToken, fmt.Sprintf(`{"product_id":%d}`, cup))
	f.commit(`{"cart_items":[{"cart_id":` + line + `}],"deliver":"face"}`)
	if got := f.OK("cart/list", aliceToken, `{}`).Rows(t, "product_id"); got != strconv.Itoa(cup) {
		t.Errorf("left in the cart: %s", got)
	}
	f.wantStock(tea, "3 free, 1 open, 0 sold")
}

// A commit that is sent again by its request_key has one effect.
func TestCommitAgain(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	data := commitData(items(`,"deliver":"face"`, item(tea, "")), "10", `"request_key":"commit-0001"`)
	first := f.OK("order/commit", aliceToken, data)
	if again := f.OK("order/commit", aliceToken, data); again.Raw != first.Raw {
		t.Errorf("got %s, then %s", first.Raw, again.Raw)
	}
	f.wantStock(tea, "4 free, 1 open, 0 sold")
	pay := `{"pay_id":"` + first.Field("pay_id") + `","method":"wallet","request_key":"pay-00001"}`
	before := f.Wealth(alice)
	f.OK("order/pay", aliceToken, pay)
	f.OK("order/pay", aliceToken, pay)
	if got := before - f.Wealth(alice); got != 10_00 {
		t.Errorf("paid %d", got)
	}
}

// Of 12 who want the last 5 pieces at once, 5 get them.
func TestCommitTogether(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	data, statuses := commitData(items(`,"deliver":"face"`, item(tea, "")), "10"), map[int]int{}
	var wait sync.WaitGroup
	var mutex sync.Mutex
	for i := range 12 {
		user := strconv.Itoa(70 + i)
		handlerstest.Must(t, f.DB.InsertUser(t.Context(), storage.User{ID: user, Name: "u" + user}))
		handlerstest.Must(t, f.DB.InsertToken(t.Context(), "token-"+user, user))
		wait.Go(func() {
			a := f.Call("order/commit", "token-"+user, data)
			mutex.Lock()
			defer mutex.Unlock()
			statuses[a.Status]++
		})
	}
	wait.Wait()
	if statuses[0] != 5 || statuses[105]+statuses[-304] != 7 {
		t.Errorf("statuses %v", statuses)
	}
	f.wantStock(tea, "0 free, 5 open, 0 sold")
}

// Two commits of one user at once do not use the same record, beli or credit.
func TestOneBuyerTwice(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.give(alice, 10, 240_00)
	record := f.take(alice, storage.Coupon{CouponType: storage.CouponOff, CouponValue: 1_00, ProductID: tea})
	data := commitData(items(`,"deliver":"face","use_beli":true`, item(tea, fmt.Sprint(`,"record_id":`, record)), item(bike, `,"first_price":60`)), "68")
	statuses := map[int]int{}
	var wait sync.WaitGroup
	var mutex sync.Mutex
	for range 2 {
		wait.Go(func() {
			a := f.Call("order/commit", aliceToken, data)
			mutex.Lock()
			defer mutex.Unlock()
			statuses[a.Status]++
		})
	}
	wait.Wait()
	if statuses[0] != 1 || statuses[110]+statuses[113] != 1 {
		t.Errorf("statuses %v", statuses)
	}
	profile, err := f.DB.Profile(t.Context(), alice)
	handlerstest.Must(t, err)
	if profile.Beli != 0 || profile.BeliHeld != 10 || profile.CreditHeld != 240_00 {
		t.Errorf("%d beli, %d held, %d credit held", profile.Beli, profile.BeliHeld, profile.CreditHeld)
	}
}

// TestPayRefused: every status of a payment by the wallet.
func TestPayRefused(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	made := f.commit(items(`,"deliver":"face"`, item(cup, "")))
	data := func(method string) string { return `{"pay_id":"` + made.PayID + `","method":"` + method + `"}` }
	f.refusedAs(bobToken, "order/pay", data("wallet"), 100, "pay_id: no such payment")
	f.refusedAs(adminToken, "order/pay", data("wallet"), 100, "pay_id: no such payment")
	f.refusedAs(aliceToken, "order/pay", `{"pay_id":"1","method":"wallet"}`, 100, "pay_id: no such payment")
	f.refusedAs(aliceToken, "order/pay", data("card"), 200, "method: no such method")
	f.SetWealth(alice, 7_99)
	f.refusedAs(aliceToken, "order/pay", data("wallet"), 102, "")
	f.SetWealth(alice, 500_00)
	f.Clock.Advance(30 * time.Minute)
	f.refusedAs(aliceToken, "order/pay", data("wallet"), 206, "")
	f.RunJobs()
	f.refusedAs(aliceToken, "order/pay", data("wallet"), 201, "pay_id: is closed")
}

// What the market's coupons and beli take off comes from the market, what a shop's takes off
// from nobody.
func TestWhoPaysCoupons(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.give(alice, 10, 0)
	ofShop := f.take(alice, storage.Coupon{CouponType: storage.CouponOff, CouponValue: 1_00, ShopID: bobShop, PayerID: bob})
	ofMarket := f.take(alice, storage.Coupon{CouponType: storage.CouponOff, CouponValue: 2_00})
	made := f.paid(items(fmt.Sprintf(`,"deliver":"face","use_beli":true,"shop_records":[%d],"record_id":%d`, ofShop, ofMarket), item(cup, "")))
	o := f.Order(made.OrderIDs[0])
	if o.PayPrice != 4_00 || o.Escrow != 7_00 || o.Promotion != 2_00 || o.Beli != 10 || o.BeliUsed != 10 {
		t.Errorf("paid %d, in escrow %d, promotion %d, beli %d", o.PayPrice, o.Escrow, o.Promotion, o.Beli)
	}
	if fmt.Sprint(o.Records) != fmt.Sprint([]int64{ofShop, ofMarket}) {
		t.Errorf("records %v", o.Records)
	}
	if got := f.OK("coupon/mine", aliceToken, `{"state":1}`).Rows(t, "record_id"); got != fmt.Sprint(ofMarket, " ", ofShop) {
		t.Errorf("used: %s", got)
	}
}
