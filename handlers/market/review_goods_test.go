package market_test

import (
	"strings"
	"testing"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/market"
	"campusgate/storage"
)

// goodsOnSale are the goods that the document's list shows.
func goodsOnSale(g *handlerstest.Gateway) string {
	g.T.Helper()
	a := g.Call("product/list", bobToken, `{"shop_id":811729970}`)
	if a.Status == 1 {
		return ""
	}
	return a.Want(g.T, 0, "successful").Rows(g.T.(*testing.T), "product_id")
}

// What an admin takes down is down everywhere, and comes back when its owner's change has
// passed the review.
func TestGoodsTakenDownComeBack(t *testing.T) {
	t.Parallel()
	const id = "4517733"
	word := `,"product_name":"` + handlerstest.RefusedWord + `"`
	for _, c := range []struct {
		way  market.Review
		name string // of the change
		then string // after the job
	}{
		{market.ReviewAuto, "", "on_sale"},
		{market.ReviewAuto, word, "refused"},
		{market.ReviewManual, "", "waiting"},
		{market.ReviewManual, word, "refused"},
		{market.ReviewOff, word, "on_sale"},
	} {
		g := handlerstest.Start(t, reviewedBy(c.way))
		g.Document()
		want := func(what, wantState string) {
			t.Helper()
			shown := wantState == "on_sale"
			if got := state(g, aliceToken, id); got != wantState || hidden(g, "", id) == shown || (goodsOnSale(g) == id) != shown {
				t.Errorf("%s%s, %s: %s, hidden %t, listed %q; want %s", c.way, c.name, what, got, hidden(g, "", id), goodsOnSale(g), wantState)
			}
		}
		update := func(status, more string) {
			t.Helper()
			g.OK("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":`+status+more+`}`)
		}
		want("before", "on_sale")
		decide(g, id, "0")
		want("taken down", "refused")
		if told := g.OK("notice/list", aliceToken, `{}`).Rows(t, "title"); told != "商品未通过审核" {
			t.Errorf("alice is told %s", told)
		}
		order := handlerstest.NewOrder()
		if a := g.Call("purchase/apply", bobToken, order.String()); a.Status == 0 {
			t.Errorf("what is taken down is sold: %s", a.Raw)
		}
		g.Refuses("product/review", adminToken, `{"product_id":4517733,"pass":1}`, 105, "Nothing to review")
		update("0", `,"product_price":100`) // not yet
		g.RunJobs()
		want("changed off sale", "refused")
		update("1", c.name)
		if c.way != market.ReviewOff {
			want("before the job", "waiting")
			if waits := g.OK("product/reviews", adminToken, `{}`).Rows(t, "product_id"); waits != id {
				t.Errorf("admins see %q", waits)
			}
		}
		g.RunJobs()
		want("reviewed", c.then)
		switch c.then {
		case "waiting":
			decide(g, id, "1")
			want("passed by an admin", "on_sale")
		case "refused":
			update("1", `,"product_name":"好茶"`)
			g.RunJobs()
			if c.way == market.ReviewManual {
				decide(g, id, "1")
			}
			want("mended", "on_sale")
		}
		if waits := g.OK("product/reviews", adminToken, `{}`).Rows(t, "product_id"); waits != "" {
			t.Errorf("%s: admins still see %q", c.way, waits)
		}
		update("1", `,"product_name":"`+handlerstest.RefusedWord+`"`) // as ever: it was not taken down again
		want("changed later", "on_sale")
	}
}

// Whoever takes goods that wait off sale, or deletes them, asks for no review any more.
func TestGoodsThatWaitAreTakenBack(t *testing.T) {
	t.Parallel()
	for status, wantState := range map[string]string{"0": "refused", "2": "withdrawn"} {
		g := handlerstest.Start(t, reviewedBy(market.ReviewManual))
		g.Document()
		decide(g, "4517733", "0")
		update := func(status string) {
			g.OK("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":`+status+`}`)
		}
		update("1")
		g.RunJobs()
		update(status)
		g.RunJobs()
		if got := state(g, aliceToken, "4517733"); got != wantState || goodsOnSale(g) != "" {
			t.Errorf("%s: %s", status, got)
		}
		g.OK("product/reviews", adminToken, `{}`).WantData(t, `{"num":0,"list":[]}`)
		g.Refuses("product/review", adminToken, `{"product_id":4517733,"pass":1}`, 105, "Nothing to review")
		decide(g, "4517733", "0") // harmless
		if got := state(g, aliceToken, "4517733"); got != wantState {
			t.Errorf("%s and refused again: %s", status, got)
		}
	}
}

// Goods that wait stay off sale when their shop is given up.
func TestGoodsThatWaitGoWithTheirShop(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	decide(g, "4517733", "0")
	g.OK("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":1}`)
	handlerstest.Must(t, g.DB.InTx(t.Context(), func(tx *storage.Tx) error {
		return tx.WithdrawProducts(t.Context(), 811729970, g.Clock.Now().Unix())
	}))
	g.RunJobs()
	if goodsOnSale(g) != "" || state(g, aliceToken, "4517733") != "refused" {
		t.Errorf("on sale %q, %s", goodsOnSale(g), state(g, aliceToken, "4517733"))
	}
	g.OK("product/reviews", adminToken, `{}`).WantData(t, `{"num":0,"list":[]}`)
}

// An admin who was wrong passes what was reported once more, also a second-hand product;
// a report of what is in sight does not pass what was refused beside it.
func TestPassOfWhatWasTakenDown(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.SecondHand()
	for _, id := range []string{"4517733", "6000001"} {
		decide(g, id, "0")
		g.OK("product/report", adminToken, `{"product_id":`+id+`,"reason":"误判"}`)
		decide(g, id, "1")
		if got := state(g, aliceToken, id); got != "on_sale" || hidden(g, "", id) {
			t.Errorf("%s: %s", id, got)
		}
	}
	g.OK("product/edit", aliceToken, `{"product_id":6000001,"product_name":"`+handlerstest.RefusedWord+`"}`)
	g.RunJobs()
	g.OK("product/report", bobToken, `{"product_id":6000001,"reason":"假的"}`)
	decide(g, "6000001", "1")
	if name := g.OK("product/detail", bobToken, idData("6000001")).Field("product_name"); strings.Contains(name, handlerstest.RefusedWord) {
		t.Errorf("a refused version was passed with a report: %s", name)
	}
}
