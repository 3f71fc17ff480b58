package trade_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"campusgate/handlers/handlerstest"
)

// sold is how many pieces of the document's product are sold.
func sold(g *handlerstest.Gateway) int64 {
	g.T.Helper()
	product, err := g.DB.Product(g.T.Context(), handlerstest.DocumentProduct)
	handlerstest.Must(g.T, err)
	return product.ProductSale
}

// wantOrder checks an order's state and its way of payment.
func wantOrder(g *handlerstest.Gateway, id, state, method string) {
	g.T.Helper()
	order, err := g.DB.Purchase(g.T.Context(), id)
	handlerstest.Must(g.T, err)
	if order.PurchaseState != state || order.PayMethod != method {
		g.T.Errorf("the order is %s by %q, want %s by %q", order.PurchaseState, order.PayMethod, state, method)
	}
}

func TestPurchasePayAsDocumented(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.Post("/purchase", aliceToken, `{
    "id":123456,
    "status":0,
    "type":"purchase",
    "subtype":"pay",
    "data":{
		"purchase_id":"15749511524517733",
        "method":"wallet"
    }
}`).WantRaw(t, `{"id":123456,"status":0,"message":"successful","data":{}}`)
	// The example of purchase/info, as it is after payment.
	g.OK("purchase/info", aliceToken, `{"purchase_id":"15749511524517733"}`).
		WantData(t, orderRow(handlerstest.DocumentPurchase, "purchase_state", `"finish"`, "pay_method", `"wallet"`))
	if g.Wealth(alice) != 398_50 || sold(g) != 1 {
		t.Errorf("%d fen are left, %d sold", g.Wealth(alice), sold(g))
	}
}

// Nobody is credited, and what is not the order's does not change.
func TestPurchasePayTakesFromTheBuyer(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	id := g.OK("purchase/apply", bobToken, handlerstest.NewOrder().With("product_num", "2").With("product_totalprice", "203").String()).Field("purchase_id")
	g.OK("purchase/pay", bobToken, handlerstest.PayData(id))
	if g.Wealth(bob) != 797_00 || g.Wealth(alice) != 500_00 || sold(g) != 2 {
		t.Errorf("bob has %d fen, alice %d, %d sold", g.Wealth(bob), g.Wealth(alice), sold(g))
	}
	wantOrder(g, id, "finish", "wallet")
	wantOrder(g, handlerstest.DocumentPurchase, "paying", "")
}

// Each row fails every later check too: 100, 101, 201, 200, 102.
func TestPurchasePayChecksInOrder(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.SQL("UPDATE users SET wealth = 101.49")
	paid, cancelled := apply(g, bobToken), apply(g, bobToken)
	g.OK("purchase/cancel", bobToken, `{"purchase_id":"`+cancelled+`"}`)
	g.SQL("UPDATE purchases SET purchase_state = 'finish', pay_method = 'wallet' WHERE purchase_id = '" + paid + "'")
	for _, c := range []struct {
		name, token, id, method string
		status                  int
		text                    string
	}{
		{"no such order", aliceToken, "1", "cash", 100, "Purchase id not exist"},
		{"another's paid order", aliceToken, paid, "cash", 101, "Have no right to operate"},
		{"another's order", bobToken, handlerstest.DocumentPurchase, "cash", 101, "Have no right to operate"},
		{"paid", bobToken, paid, "cash", 201, "This purchase is not paying state"},
		{"cancelled", bobToken, cancelled, "cash", 201, "This purchase is not paying state"},
		{"cancelled", bobToken, cancelled, "wallet", 201, "This purchase is not paying state"},
		{"wrong method", aliceToken, handlerstest.DocumentPurchase, "cash", 200, "Pay method not allow"},
		{"another spelling", aliceToken, handlerstest.DocumentPurchase, "Wallet", 200, "Pay method not allow"},
		{"not trimmed", aliceToken, handlerstest.DocumentPurchase, "wallet ", 200, "Pay method not allow"},
		{"a fen too little", aliceToken, handlerstest.DocumentPurchase, "wallet", 102, "Balance is not enough"},
	} {
		t.Run(c.name+" "+c.method, func(t *testing.T) {
			g.In(t).Refuses("purchase/pay", c.token, `{"purchase_id":"`+c.id+`","method":"`+c.method+`"}`, c.status, c.text)
		})
	}
	g.SQL("UPDATE users SET wealth = 101.50")
	g.OK("purchase/pay", aliceToken, handlerstest.PayData(handlerstest.DocumentPurchase))
	if g.Wealth(alice) != 0 {
		t.Errorf("%d fen are left", g.Wealth(alice))
	}
}

// Money that is NULL is none, and none is debited below it.
func TestPurchasePayWithoutMoney(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for _, wealth := range []string{"NULL", "0", "-5", "0.004"} {
		g.SQL("UPDATE users SET wealth = " + wealth)
		g.Refuses("purchase/pay", aliceToken, handlerstest.PayData(handlerstest.DocumentPurchase), 102, "Balance is not enough")
	}
	wantOrder(g, handlerstest.DocumentPurchase, "paying", "")
}

// Money is exact to the fen: 30 payments of 0.1 are 3.
func TestPurchasePayIsExact(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	priced(g, "0.1", "")
	g.SQL("UPDATE users SET wealth = 3.07")
	for range 30 {
		id := g.OK("purchase/apply", bobToken, handlerstest.NewOrder().With("product_unitprice", "0.1").With("product_totalprice", "0.1").String()).Field("purchase_id")
		g.OK("purchase/pay", bobToken, handlerstest.PayData(id))
	}
	if g.Wealth(bob) != 7 || sold(g) != 30 {
		t.Errorf("%d fen are left, %d sold", g.Wealth(bob), sold(g))
	}
}

// The order's own price counts, whatever became of the product.
func TestPurchasePayOfAChangedProduct(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	priced(g, "400", "")
	g.OK("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":2}`)
	g.OK("purchase/pay", aliceToken, handlerstest.PayData(handlerstest.DocumentPurchase))
	if g.Wealth(alice) != 398_50 || sold(g) != 1 {
		t.Errorf("%d fen are left, %d sold", g.Wealth(alice), sold(g))
	}
	gone := g.OK("purchase/apply", bobToken, handlerstest.NewOrder().With("product_id", g.AddProduct("x", "101.5", "")).String()).Field("purchase_id")
	g.SQL("DELETE FROM products")
	g.OK("purchase/pay", bobToken, handlerstest.PayData(gone))
	if g.Wealth(bob) != 898_50 {
		t.Errorf("%d fen are left", g.Wealth(bob))
	}
}

// Of many payments of one order at once one is taken.
func TestPurchasePaidOnce(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	got := handlerstest.Count(handlerstest.Together(16, func(int) handlerstest.Answer {
		return g.Call("purchase/pay", aliceToken, handlerstest.PayData(handlerstest.DocumentPurchase))
	}))
	if want := map[string]int{"0 successful": 1, "201 This purchase is not paying state": 15}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if g.Wealth(alice) != 398_50 || sold(g) != 1 {
		t.Errorf("%d fen are left, %d sold", g.Wealth(alice), sold(g))
	}
	wantOrder(g, handlerstest.DocumentPurchase, "finish", "wallet")
}

// Many orders at once take no more than there is.
func TestPurchaseWalletsHoldAtOnce(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	var ids []string
	for range 16 {
		ids = append(ids, apply(g, bobToken)) // 9 of 101.5 fit into 1000
	}
	got := handlerstest.Count(handlerstest.Together(16, func(i int) handlerstest.Answer { return g.Call("purchase/pay", bobToken, handlerstest.PayData(ids[i])) }))
	if want := map[string]int{"0 successful": 9, "102 Balance is not enough": 7}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if g.Wealth(bob) != 1000_00-9*101_50 || sold(g) != 9 {
		t.Errorf("%d fen are left, %d sold", g.Wealth(bob), sold(g))
	}
	finished := strings.Count(g.OK("purchase/list", bobToken, `{}`).Raw, `"purchase_state":"finish"`)
	if finished != 9 {
		t.Errorf("%d orders are paid", finished)
	}
}

// An order is paid or cancelled, never both.
func TestPurchasePaidOrCancelled(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for range 8 {
		id := apply(g, bobToken)
		before := g.Wealth(bob)
		answers := handlerstest.Together(2, func(i int) handlerstest.Answer {
			if i == 0 {
				return g.Call("purchase/pay", bobToken, handlerstest.PayData(id))
			}
			return g.Call("purchase/cancel", bobToken, `{"purchase_id":"`+id+`"}`)
		})
		if statuses := [2]int{answers[0].Status, answers[1].Status}; statuses == [2]int{0, 201} {
			wantOrder(g, id, "finish", "wallet")
			before -= 101_50
		} else if statuses == [2]int{201, 0} {
			wantOrder(g, id, "cancel", "")
		} else {
			t.Errorf("pay and cancel answer %v", statuses)
		}
		if g.Wealth(bob) != before {
			t.Errorf("%d fen are left, want %d", g.Wealth(bob), before)
		}
	}
}

// Taking the money, finishing the order and counting the sale happen together or
// not at all.
func TestPurchasePayIsWhole(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for _, table := range []string{"products", "users"} {
		t.Run("without "+table, func(t *testing.T) {
			g := g.In(t)
			// The table can be read, but not written.
			g.SQL(fmt.Sprintf("CREATE TRIGGER broken BEFORE UPDATE ON %s BEGIN SELECT RAISE(ABORT, 'disk full'); END", table))
			g.Refuses("purchase/pay", aliceToken, handlerstest.PayData(handlerstest.DocumentPurchase), -200, "Failure to operate database")
			g.SQL("DROP TRIGGER broken")
		})
	}
	g.OK("purchase/pay", aliceToken, handlerstest.PayData(handlerstest.DocumentPurchase))
}

func TestPurchaseCancelAsDocumented(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.Post("/purchase", aliceToken, `{
    "id":123456,
    "status":0,
    "type":"purchase",
    "subtype":"cancel",
    "data":{
		"purchase_id":"15749511524517733"
    }
}`).WantRaw(t, `{"id":123456,"status":0,"message":"successful","data":{}}`)
	g.OK("purchase/info", aliceToken, `{"purchase_id":"15749511524517733"}`).WantData(t, orderRow(handlerstest.DocumentPurchase, "purchase_state", `"cancel"`))
	if g.Wealth(alice) != 500_00 || sold(g) != 0 {
		t.Errorf("%d fen are left, %d sold", g.Wealth(alice), sold(g))
	}
}

// Each row fails every later check too: 100, 101, 201.
func TestPurchaseCancelChecksInOrder(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.OK("purchase/pay", aliceToken, handlerstest.PayData(handlerstest.DocumentPurchase))
	cancelled := apply(g, aliceToken)
	g.OK("purchase/cancel", aliceToken, `{"purchase_id":"`+cancelled+`"}`)
	g.Refuses("purchase/cancel", aliceToken, `{"purchase_id":"1"}`, 100, "Purchase id not exist")
	for _, id := range []string{handlerstest.DocumentPurchase, cancelled} {
		g.Refuses("purchase/cancel", bobToken, `{"purchase_id":"`+id+`"}`, 101, "Have no right to operate")
		g.Refuses("purchase/cancel", aliceToken, `{"purchase_id":"`+id+`"}`, 201, "This purchase is not paying state")
	}
}
