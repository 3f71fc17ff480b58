package handlers_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
)

// wealth is a user's money in fen.
func (g *gateway) wealth(user string) int64 {
	g.t.Helper()
	found, err := g.db.User(g.t.Context(), user)
	must(g.t, err)
	return found.Wealth
}

// sold is how many pieces of the document's product are sold.
func (g *gateway) sold() int64 {
	g.t.Helper()
	product, err := g.db.Product(g.t.Context(), documentProduct)
	must(g.t, err)
	return product.ProductSale
}

// wantOrder checks an order's state and its way of payment.
func (g *gateway) wantOrder(id, state, method string) {
	g.t.Helper()
	order, err := g.db.Purchase(g.t.Context(), id)
	must(g.t, err)
	if order.PurchaseState != state || order.PayMethod != method {
		g.t.Errorf("the order is %s by %q, want %s by %q", order.PurchaseState, order.PayMethod, state, method)
	}
}

func pay(id string) string { return `{"purchase_id":"` + id + `","method":"wallet"}` }

func TestPurchasePayAsDocumented(t *testing.T) {
	g := start(t)
	g.document()
	g.post("/purchase", aliceToken, `{
    "id":123456,
    "status":0,
    "type":"purchase",
    "subtype":"pay",
    "data":{
		"purchase_id":"15749511524517733",
        "method":"wallet"
    }
}`).wantRaw(t, `{"id":123456,"status":0,"message":"successful","data":{}}`)
	// The example of purchase/info, as it is after payment.
	g.ok("purchase/info", aliceToken, `{"purchase_id":"15749511524517733"}`).
		wantData(t, orderRow(documentPurchase, "purchase_state", `"finish"`, "pay_method", `"wallet"`))
	if g.wealth(alice) != 398_50 || g.sold() != 1 {
		t.Errorf("%d fen are left, %d sold", g.wealth(alice), g.sold())
	}
}

// Nobody is credited, and what is not the order's does not change.
func TestPurchasePayTakesFromTheBuyer(t *testing.T) {
	g := start(t)
	g.document()
	id := g.ok("purchase/apply", bobToken, order().with("product_num", "2").with("product_totalprice", "203").String()).field("purchase_id")
	g.ok("purchase/pay", bobToken, pay(id))
	if g.wealth(bob) != 797_00 || g.wealth(alice) != 500_00 || g.sold() != 2 {
		t.Errorf("bob has %d fen, alice %d, %d sold", g.wealth(bob), g.wealth(alice), g.sold())
	}
	g.wantOrder(id, "finish", "wallet")
	g.wantOrder(documentPurchase, "paying", "")
}

// Each row fails every later check too: 100, 101, 201, 200, 102.
func TestPurchasePayChecksInOrder(t *testing.T) {
	g := start(t)
	g.document()
	g.sql("UPDATE users SET wealth = 101.49")
	paid, cancelled := g.apply(bobToken), g.apply(bobToken)
	g.ok("purchase/cancel", bobToken, `{"purchase_id":"`+cancelled+`"}`)
	g.sql("UPDATE purchases SET purchase_state = 'finish', pay_method = 'wallet' WHERE purchase_id = '" + paid + "'")
	for _, c := range []struct {
		name, token, id, method string
		status                  int
		text                    string
	}{
		{"no such order", aliceToken, "1", "cash", 100, "Purchase id not exist"},
		{"another's paid order", aliceToken, paid, "cash", 101, "Have no right to operate"},
		{"another's order", bobToken, documentPurchase, "cash", 101, "Have no right to operate"},
		{"paid", bobToken, paid, "cash", 201, "This purchase is not paying state"},
		{"cancelled", bobToken, cancelled, "cash", 201, "This purchase is not paying state"},
		{"cancelled", bobToken, cancelled, "wallet", 201, "This purchase is not paying state"},
		{"another method", aliceToken, documentPurchase, "cash", 200, "Pay method not allow"},
		{"another spelling", aliceToken, documentPurchase, "Wallet", 200, "Pay method not allow"},
		{"not trimmed", aliceToken, documentPurchase, "wallet ", 200, "Pay method not allow"},
		{"a fen too little", aliceToken, documentPurchase, "wallet", 102, "Balance is not enough"},
	} {
		t.Run(c.name+" "+c.method, func(t *testing.T) {
			g.in(t).refuses("purchase/pay", c.token, `{"purchase_id":"`+c.id+`","method":"`+c.method+`"}`, c.status, c.text)
		})
	}
	g.sql("UPDATE users SET wealth = 101.50")
	g.ok("purchase/pay", aliceToken, pay(documentPurchase))
	if g.wealth(alice) != 0 {
		t.Errorf("%d fen are left", g.wealth(alice))
	}
}

// Money that is NULL is none, and none is debited below it.
func TestPurchasePayWithoutMoney(t *testing.T) {
	g := start(t)
	g.document()
	for _, wealth := range []string{"NULL", "0", "-5", "0.004"} {
		g.sql("UPDATE users SET wealth = " + wealth)
		g.refuses("purchase/pay", aliceToken, pay(documentPurchase), 102, "Balance is not enough")
	}
	g.wantOrder(documentPurchase, "paying", "")
}

// Money is exact to the fen: 30 payments of 0.1 are 3.
func TestPurchasePayIsExact(t *testing.T) {
	g := start(t)
	g.document()
	g.priced("0.1", "")
	g.sql("UPDATE users SET wealth = 3.07")
	for range 30 {
		id := g.ok("purchase/apply", bobToken, order().with("product_unitprice", "0.1").with("product_totalprice", "0.1").String()).field("purchase_id")
		g.ok("purchase/pay", bobToken, pay(id))
	}
	if g.wealth(bob) != 7 || g.sold() != 30 {
		t.Errorf("%d fen are left, %d sold", g.wealth(bob), g.sold())
	}
}

// The order's own price counts, whatever became of the product.
func TestPurchasePayOfAChangedProduct(t *testing.T) {
	g := start(t)
	g.document()
	g.priced("400", "")
	g.ok("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":2}`)
	g.ok("purchase/pay", aliceToken, pay(documentPurchase))
	if g.wealth(alice) != 398_50 || g.sold() != 1 {
		t.Errorf("%d fen are left, %d sold", g.wealth(alice), g.sold())
	}
	gone := g.ok("purchase/apply", bobToken, order().with("product_id", g.addProduct("x", "101.5", "")).String()).field("purchase_id")
	g.sql("DELETE FROM products")
	g.ok("purchase/pay", bobToken, pay(gone))
	if g.wealth(bob) != 898_50 {
		t.Errorf("%d fen are left", g.wealth(bob))
	}
}

// Of many payments of one order at once one is taken.
func TestPurchasePaidOnce(t *testing.T) {
	g := start(t)
	g.document()
	got := count(together(16, func(int) answer { return g.call("purchase/pay", aliceToken, pay(documentPurchase)) }))
	if want := map[string]int{"0 successful": 1, "201 This purchase is not paying state": 15}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if g.wealth(alice) != 398_50 || g.sold() != 1 {
		t.Errorf("%d fen are left, %d sold", g.wealth(alice), g.sold())
	}
	g.wantOrder(documentPurchase, "finish", "wallet")
}

// Many orders at once take no more than there is.
func TestPurchasePursesHoldAtOnce(t *testing.T) {
	g := start(t)
	g.document()
	var ids []string
	for range 16 {
		ids = append(ids, g.apply(bobToken)) // 9 of 101.5 fit into 1000
	}
	got := count(together(16, func(i int) answer { return g.call("purchase/pay", bobToken, pay(ids[i])) }))
	if want := map[string]int{"0 successful": 9, "102 Balance is not enough": 7}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if g.wealth(bob) != 1000_00-9*101_50 || g.sold() != 9 {
		t.Errorf("%d fen are left, %d sold", g.wealth(bob), g.sold())
	}
	finished := strings.Count(g.ok("purchase/list", bobToken, `{}`).Raw, `"purchase_state":"finish"`)
	if finished != 9 {
		t.Errorf("%d orders are paid", finished)
	}
}

// An order is paid or cancelled, never both.
func TestPurchasePaidOrCancelled(t *testing.T) {
	g := start(t)
	g.document()
	for range 8 {
		id := g.apply(bobToken)
		before := g.wealth(bob)
		answers := together(2, func(i int) answer {
			if i == 0 {
				return g.call("purchase/pay", bobToken, pay(id))
			}
			return g.call("purchase/cancel", bobToken, `{"purchase_id":"`+id+`"}`)
		})
		if statuses := [2]int{answers[0].Status, answers[1].Status}; statuses == [2]int{0, 201} {
			g.wantOrder(id, "finish", "wallet")
			before -= 101_50
		} else if statuses == [2]int{201, 0} {
			g.wantOrder(id, "cancel", "")
		} else {
			t.Errorf("pay and cancel answer %v", statuses)
		}
		if g.wealth(bob) != before {
			t.Errorf("%d fen are left, want %d", g.wealth(bob), before)
		}
	}
}

// Taking the money, finishing the order and counting the sale happen together or
// not at all.
func TestPurchasePayIsWhole(t *testing.T) {
	g := start(t)
	g.document()
	for _, table := range []string{"products", "users"} {
		t.Run("without "+table, func(t *testing.T) {
			g := g.in(t)
			// The table can be read, but not written.
			g.sql(fmt.Sprintf("CREATE TRIGGER broken BEFORE UPDATE ON %s BEGIN SELECT RAISE(ABORT, 'disk full'); END", table))
			g.refuses("purchase/pay", aliceToken, pay(documentPurchase), -200, "Failure to operate database")
			g.sql("DROP TRIGGER broken")
		})
	}
	g.ok("purchase/pay", aliceToken, pay(documentPurchase))
}

func TestPurchaseCancelAsDocumented(t *testing.T) {
	g := start(t)
	g.document()
	g.post("/purchase", aliceToken, `{
    "id":123456,
    "status":0,
    "type":"purchase",
    "subtype":"cancel",
    "data":{
		"purchase_id":"15749511524517733"
    }
}`).wantRaw(t, `{"id":123456,"status":0,"message":"successful","data":{}}`)
	g.ok("purchase/info", aliceToken, `{"purchase_id":"15749511524517733"}`).wantData(t, orderRow(documentPurchase, "purchase_state", `"cancel"`))
	if g.wealth(alice) != 500_00 || g.sold() != 0 {
		t.Errorf("%d fen are left, %d sold", g.wealth(alice), g.sold())
	}
}

// Each row fails every later check too: 100, 101, 201.
func TestPurchaseCancelChecksInOrder(t *testing.T) {
	g := start(t)
	g.document()
	g.ok("purchase/pay", aliceToken, pay(documentPurchase))
	cancelled := g.apply(aliceToken)
	g.ok("purchase/cancel", aliceToken, `{"purchase_id":"`+cancelled+`"}`)
	g.refuses("purchase/cancel", aliceToken, `{"purchase_id":"1"}`, 100, "Purchase id not exist")
	for _, id := range []string{documentPurchase, cancelled} {
		g.refuses("purchase/cancel", bobToken, `{"purchase_id":"`+id+`"}`, 101, "Have no right to operate")
		g.refuses("purchase/cancel", aliceToken, `{"purchase_id":"`+id+`"}`, 201, "This purchase is not paying state")
	}
}
