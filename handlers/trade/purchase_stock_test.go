package trade_test

import (
	"maps"
	"testing"

	"campusgate/handlers/handlerstest"
)

// stocked sets how many pieces of the document's product there are; "" is no limit.
func stocked(g *handlerstest.Gateway, stock string) {
	g.T.Helper()
	g.OK("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":1,"product_stock":`+stock+`}`)
}

// left is the stock that is stored, -1 being no limit.
func left(g *handlerstest.Gateway) int64 {
	g.T.Helper()
	if stock := g.Products()[0].Stock; stock != nil {
		return *stock
	}
	return -1
}

func TestPurchaseTakesStock(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	const notEnough = "Stock is not enough"
	two := handlerstest.NewOrder().With("product_num", "2").With("product_totalprice", "203").String()

	stocked(g, "1")
	g.Refuses("purchase/apply", bobToken, two, 105, notEnough)
	g.RefusesValue("purchase/apply", bobToken, handlerstest.NewOrder().With("product_totalprice", "1"), "product_totalprice", -204)
	one, late := apply(g, bobToken), apply(g, bobToken) // an order takes none
	if left(g) != 1 {
		t.Errorf("%d are left", left(g))
	}
	g.OK("purchase/pay", bobToken, handlerstest.PayData(one))
	g.Refuses("purchase/apply", bobToken, handlerstest.NewOrder().String(), 105, notEnough)
	g.Refuses("purchase/pay", bobToken, handlerstest.PayData(late), 105, notEnough)
	if left(g) != 0 || sold(g) != 1 || g.Wealth(bob) != 898_50 {
		t.Errorf("%d are left, %d sold, %d fen", left(g), sold(g), g.Wealth(bob))
	}
	wantOrder(g, late, "paying", "")
	stocked(g, "2") // more has come
	g.OK("purchase/pay", bobToken, handlerstest.PayData(late))
	if left(g) != 1 || sold(g) != 2 {
		t.Errorf("%d are left, %d sold", left(g), sold(g))
	}
	stocked(g, `""`)
	g.OK("purchase/pay", bobToken, handlerstest.PayData(g.OK("purchase/apply", bobToken, two).Field("purchase_id")))
	if left(g) != -1 || sold(g) != 4 {
		t.Errorf("%d are left, %d sold", left(g), sold(g))
	}
}

// Whose wallet is short learns that first.
func TestPurchaseBalanceComesBeforeStock(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	id := g.OK("purchase/apply", bobToken, handlerstest.NewOrder().With("product_num", "10").With("product_totalprice", "1015").String()).Field("purchase_id")
	stocked(g, "0")
	g.Refuses("purchase/pay", bobToken, handlerstest.PayData(id), 102, "Balance is not enough")
}

// Of many orders that are paid at once, as many succeed as there are pieces.
func TestPurchaseStockHoldsAtOnce(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	var ids []string
	for range 12 {
		ids = append(ids, apply(g, bobToken))
	}
	stocked(g, "5")
	got := handlerstest.Count(handlerstest.Together(len(ids), func(i int) handlerstest.Answer {
		return g.Call("purchase/pay", bobToken, handlerstest.PayData(ids[i]))
	}))
	if want := map[string]int{"0 successful": 5, "105 Stock is not enough": 7}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if left(g) != 0 || sold(g) != 5 || g.Wealth(bob) != 1000_00-5*101_50 {
		t.Errorf("%d are left, %d sold, %d fen", left(g), sold(g), g.Wealth(bob))
	}
}
