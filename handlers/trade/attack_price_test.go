package trade_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/handlerstest"
)

// TestAttackPrices: orders at every price but the product's, in every writing of a
// number, are refused and nothing is stored; nobody's money moves.
func TestAttackPrices(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	sent := 0
	type price struct{ num, unit, total string }
	for _, c := range []struct {
		discount string // of the product, which costs 101.5
		bad      []price
	}{
		{"", []price{
			{"1", "0.01", "0.01"},
			{"1", "0", "0"},
			{"1", "-101.5", "-101.5"},
			{"-1", "101.5", "-101.5"},
			{"-1", "-101.5", "101.5"},
			{"0", "101.5", "0"},
			{"1", "101.5", "0.01"},
			{"1", "101.5", "0"},
			{"1", "101.5", "-0"},
			{"1", "101.5", "1e-3"},
			{"2", "101.5", "101.5"},
			{"1", "90", "90"},
			{"1", `""`, "101.5"},
			{"1", "null", "101.5"},
			{"1", "101.5", "null"},
			{"1", "101.505", "101.505"},
			{"1", "101.495", "101.495"},
			{"1", "101.4999", "101.4999"},
			{"1", "1.015e2", "1e-3"},
			{"0.5", "101.5", "50.75"},
			{"1.0", "101.5", "101.5"},
			{"1e0", "101.5", "101.5"},
			{`"1e0"`, "101.5", "101.5"},
			{`"0x1"`, "101.5", "101.5"},
			{`" 1"`, "101.5", "101.5"},
			{`"１"`, "101.5", "101.5"},
			{"1", `"NaN"`, `"NaN"`},
			{"1", `"Infinity"`, `"Infinity"`},
			{"1", `"-Infinity"`, "101.5"},
			{"1", `"nan"`, "101.5"},
			{"1", `"inf"`, "101.5"},
			{"1", "NaN", "NaN"},
			{"1", "101.5", "Infinity"},
			{"1", `"1.015e2"`, `"1.015e2"`},
			{"1", `"101,5"`, `"101,5"`},
			{"1", `"0x65"`, "101.5"},
			{"1", `"101.5 "`, "101.5"},
			{"1", `"+101.5"`, "101.5"},
			{"1", `"101.5'"`, "101.5"},
			{"1", `"１０１.５"`, "101.5"},
			{"1", "[101.5]", "[101.5]"},
			{"1", `{"valueOf":101.5}`, "101.5"},
			{"1", "true", "true"},
			{"1", "101.5", "1e400"},
			{"1", "1e400", "101.5"},
			{"1", "101.5", "1e-400"},
			{"9999", "101.5", "101.5"},
			{"10000", "101.5", "1015000"},
			{"9223372036854775807", "101.5", "101.5"},
			{"9223372036854775808", "101.5", "101.5"},
			{"-9223372036854775808", "101.5", "101.5"},
			{"184467440737095517", "101.5", "0.44"},
			{"18446744073709551617", "101.5", "101.5"},
			{"4294967297", "101.5", "101.5"},
			{"1", "184467440737095617.66", "101.5"},
			{"1", "101.5", "184467440737095617.66"},
			{"1", "92233720368547758.08", "92233720368547758.08"},
			{"9999", "999999.99", "9998999900.01"},
			{"9999", "1000000", "9999000000"},
			{"1", "101.5000001e0", "0"},
			{"1", "101.5", "101.51"},
			{"1", "101.5", "101.49"},
			{"3", "101.5", "304.49999"},
		}},
		{"90", []price{
			{"1", "90", "101.5"},
			{"1", "101.5", "90"},
			{"2", "90", "191.5"},
			{"1", "95.75", "95.75"},
			{"1", "89.99", "89.99"},
			{"1", "11.5", "11.5"},
			{"1", "0.9", "0.9"},
			{"1", "9000", "9000"},
			{"10", "90", "90"},
			{"1", "-90", "-90"},
		}},
	} {
		priced(g, "101.5", c.discount)
		before := g.EveryRow()
		for _, bad := range c.bad {
			sent++
			data := handlerstest.Fields{"product_id": "4517733", "product_num": bad.num, "product_unitprice": bad.unit, "product_totalprice": bad.total}
			// No JSON, absent, empty, of a wrong type, of a wrong value.
			if a := g.Call("purchase/apply", bobToken, data.String()); !slices.Contains([]int{-1, -3, -201, -203, -204}, a.Status) || string(a.Data) != "{}" {
				t.Errorf("%+v: %s", bad, a.Raw)
			}
		}
		if diff := cmp.Diff(before, g.EveryRow()); diff != "" {
			t.Errorf("changed: %s", diff)
		}
	}
	t.Logf("%d prices", sent)
}

// TestAttackPaidOrders: an order that is paid or cancelled is neither paid nor
// cancelled, whatever the product has become, and however often it is asked.
func TestAttackPaidOrders(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	paid, cancelled := apply(g, bobToken), apply(g, bobToken)
	g.OK("purchase/pay", bobToken, handlerstest.PayData(paid))
	g.OK("purchase/cancel", bobToken, `{"purchase_id":"`+cancelled+`"}`)
	priced(g, "0.01", "")
	before := g.EveryRow()
	for _, id := range []string{paid, cancelled} {
		for _, call := range []string{"purchase/pay", "purchase/cancel"} {
			for status := range handlerstest.Count(handlerstest.Together(8, func(int) handlerstest.Answer { return g.Call(call, bobToken, handlerstest.PayData(id)) })) {
				if status != "201 This purchase is not paying state" {
					t.Errorf("%s: %s", call, status)
				}
			}
		}
	}
	if diff := cmp.Diff(before, g.EveryRow()); diff != "" {
		t.Errorf("changed: %s", diff)
	}
}
