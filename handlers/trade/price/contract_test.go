package price_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/trade/price"
)

// Every sentence of the contract's section on prices, with its borders. A price is
// written as its lines, its orders and the whole, without what is 0.
func TestContract(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		basket price.Basket
		want   string
	}{
		// 1. line = price × pieces.
		"a line": {lines(goods(1, 1, 19_90, 3)), `
			line 0: 59.70 pay 59.70
			order s1 1 goods: 59.70 pay 59.70
			pay 59.70`},
		"a line for nothing": {lines(course(goods(1, 0, 0, 1))), `
			line 0: 0.00 pay 0.00
			order s0 0 course: 0.00 pay 0.00
			pay 0.00`},

		// Orders by seller, shop, courses or goods, way of delivery.
		"orders": {lines(
			by(goods(1, 1, 1_00, 1), price.Express, 0), by(goods(2, 2, 2_00, 1), price.Express, 0),
			by(goods(3, 1, 4_00, 1), price.FaceToFace, 0), course(by(goods(4, 1, 8_00, 1), price.Express, 5_00)),
			by(goods(5, 1, 16_00, 1), price.Express, 0), course(goods(6, 1, 32_00, 1)),
		), `
			line 0: 1.00 pay 1.00
			line 4: 16.00 pay 16.00
			order s1 1 goods express: 17.00 pay 17.00
			line 1: 2.00 pay 2.00
			order s2 2 goods express: 2.00 pay 2.00
			line 2: 4.00 pay 4.00
			order s1 1 goods face: 4.00 pay 4.00
			line 3: 8.00 pay 8.00
			line 5: 32.00 pay 32.00
			order s1 1 course: 40.00 pay 40.00
			pay 63.00`},

		// 2. Credit lines.
		"credit: f a piece is paid, the rest is debt": {remaining(lines(credit(goods(1, 1, 100_00, 3), 20_00, 30_00)), 210_00), `
			line 0: 300.00 credit 210.00 pay 90.00
			order s1 1 goods: 300.00 credit 210.00 pay 90.00
			pay 90.00`},
		"credit: from the product's first price":      {remaining(lines(credit(goods(1, 1, 1_00, 1), 20, 20)), 80), "line 0: 1.00 credit 0.80 pay 0.20\norder s1 1 goods: 1.00 credit 0.80 pay 0.20\npay 0.20"},
		"credit: to the price":                        {lines(credit(goods(1, 1, 1_00, 1), 20, 1_00)), "line 0: 1.00 pay 1.00\norder s1 1 goods: 1.00 pay 1.00\npay 1.00"},
		"credit: below the product's first price":     {remaining(lines(goods(1, 1, 1_00, 1), credit(goods(2, 1, 1_00, 1), 20, 19)), 80), "line 1: the first price is not from the product's to the price"},
		"credit: above the price":                     {lines(credit(goods(1, 1, 1_00, 1), 20, 1_01)), "line 0: the first price is not from the product's to the price"},
		"credit: the product has no first price":      {remaining(lines(noCredit(credit(goods(1, 1, 1_00, 1), 20, 20))), 80), "line 0: the first price is not from the product's to the price"},
		"credit: a record on one":                     {records(remaining(lines(with(credit(goods(1, 1, 1_00, 1), 20, 20), 10)), 80), record(10, 5)), "line 0: a record on a credit line"},
		"credit: covers all debts of all lines":       {remaining(lines(credit(goods(1, 1, 1_00, 1), 20, 20), credit(goods(2, 2, 1_00, 1), 20, 20)), 1_59), "the credit does not cover the debts"},
		"credit: nothing may be overdue":              {overdue(lines(credit(goods(1, 1, 1_00, 1), 20, 1_00))), "a debt is overdue"},
		"credit: what is overdue hinders no purchase": {overdue(lines(goods(1, 1, 1_00, 1))), "line 0: 1.00 pay 1.00\norder s1 1 goods: 1.00 pay 1.00\npay 1.00"},
		"credit: outside coupons and beli": {beli(records(remaining(lines(
			credit(goods(1, 1, 100_00, 1), 20_00, 20_00), goods(2, 1, 10_00, 1)), 80_00,
		), from(10_00, record(100, 1_00)), from(9_00, record(1000, 2_00))), 1000, 100), `
			line 0: 100.00 credit 80.00 pay 20.00
			line 1: 10.00 shop 1.00 market 2.00 beli 7.00 pay 0.00
			order s1 1 goods: 110.00 off 10.00 credit 80.00 pay 20.00 usable 100 −1.00
			beli 70 −7.00 pay 20.00 usable 1000 −2.00`},
		"credit: counts for no minimum": {records(remaining(lines(
			credit(goods(1, 1, 100_00, 1), 20_00, 20_00), goods(2, 1, 10_00, 1)), 80_00,
		), from(10_01, record(100, 1_00))), "shop record 0: the amount is below the record's minimum"},

		// 3. Records.
		"a product's record: once a line and not a piece": {records(lines(with(goods(1, 1, 10_00, 3), 10)), record(10, 4_00)), `
			line 0: 30.00 coupon 4.00 pay 26.00 usable 10 −4.00
			order s1 1 goods: 30.00 off 4.00 pay 26.00
			pay 26.00`},
		"value off: no more than there is": {records(lines(with(goods(1, 1, 10_00, 1), 10)), record(10, 12_00)), `
			line 0: 10.00 coupon 10.00 pay 0.00 usable 10 −10.00
			order s1 1 goods: 10.00 off 10.00 pay 0.00
			pay 0.00`},
		"minimum: equal is enough": {records(lines(with(goods(1, 1, 10_00, 1), 10)), from(10_00, record(10, 1_00))), `
			line 0: 10.00 coupon 1.00 pay 9.00 usable 10 −1.00
			order s1 1 goods: 10.00 off 1.00 pay 9.00
			pay 9.00`},
		"minimum: a fen is missing": {records(lines(with(goods(1, 1, 10_00, 1), 10)), from(10_01, record(10, 1_00))), "line 0: the amount is below the record's minimum"},
		"minimum: of what is left by the product's records": {records(lines(with(goods(1, 1, 10_00, 1), 10), goods(2, 1, 5_00, 1)),
			record(10, 1_00), from(14_01, record(100, 1_00))), "shop record 0: the amount is below the record's minimum"},
		"minimum: of what is left by the shops' records": {records(lines(goods(1, 1, 10_00, 1), goods(2, 2, 5_00, 1)),
			record(100, 1_00), from(14_01, record(1000, 1_00))), "market record: the amount is below the record's minimum"},
		"product, shop and market, each of what is left": {records(lines(with(goods(1, 1, 100_00, 1), 10), goods(2, 2, 100_00, 1)),
			percent(10, 90, 0), percent(100, 90, 0), percent(1000, 90, 0)), `
			line 0: 100.00 coupon 10.00 shop 9.00 market 8.10 pay 72.90 usable 10 −10.00
			order s1 1 goods: 100.00 off 27.10 pay 72.90 usable 100 −9.00
			line 1: 100.00 market 10.00 pay 90.00
			order s2 2 goods: 100.00 off 10.00 pay 90.00
			pay 162.90 usable 1000 −18.10`},
		"a shop's record: all of its orders, and no other's": {records(lines(
			by(goods(1, 1, 1_00, 1), price.Express, 0), by(goods(2, 1, 3_00, 1), price.FaceToFace, 0), goods(3, 2, 1_00, 1)), record(100, 1_00)), `
			line 0: 1.00 shop 0.25 pay 0.75
			order s1 1 goods express: 1.00 off 0.25 pay 0.75 usable 100 −1.00
			line 1: 3.00 shop 0.75 pay 2.25
			order s1 1 goods face: 3.00 off 0.75 pay 2.25 usable 100 −1.00
			line 2: 1.00 pay 1.00
			order s2 2 goods: 1.00 pay 1.00
			pay 4.00`},
		"percent: 7.9 折": {records(lines(with(goods(1, 1, 100_00, 1), 10)), percent(10, 79, 0)), `
			line 0: 100.00 coupon 21.00 pay 79.00 usable 10 −21.00
			order s1 1 goods: 100.00 off 21.00 pay 79.00
			pay 79.00`},
		"percent: half a fen of the rest is rounded up": {records(lines(with(goods(1, 1, 50, 1), 10)), percent(10, 99, 0)), "line 0: the record takes nothing off"},
		"percent: less than half is rounded down": {records(lines(with(goods(1, 1, 51, 1), 10)), percent(10, 99, 0)), `
			line 0: 0.51 coupon 0.01 pay 0.50 usable 10 −0.01
			order s1 1 goods: 0.51 off 0.01 pay 0.50
			pay 0.50`},
		"percent: at most max_off": {records(lines(with(goods(1, 1, 100_00, 1), 10)), percent(10, 50, 30_00)), `
			line 0: 100.00 coupon 30.00 pay 70.00 usable 10 −30.00
			order s1 1 goods: 100.00 off 30.00 pay 70.00
			pay 70.00`},
		"percent: a minimum holds too":              {records(lines(with(goods(1, 1, 10_00, 1), 10)), from(10_01, percent(10, 50, 0))), "line 0: the amount is below the record's minimum"},
		"nothing off: value":                        {records(lines(with(goods(1, 1, 10_00, 1), 10)), record(10, 0)), "line 0: the record takes nothing off"},
		"nothing off: nothing is left":              {records(lines(with(goods(1, 1, 10_00, 1), 10)), record(10, 10_00), record(1000, 1)), "market record: the record takes nothing off"},
		"record: not the buyer's, used, held, late": {lines(with(goods(1, 1, 10_00, 1), 10)), "line 0: the record is not one that the buyer can use now"},
		"record: of another product":                {records(lines(goods(1, 1, 10_00, 1), with(goods(2, 1, 10_00, 1), 10)), record(10, 1)), "line 1: the record is not for this"},
		"record: of the shop for a line":            {records(lines(with(goods(1, 1, 10_00, 1), 100)), record(100, 1)), "line 0: the record is not for this"},
		"record: of the market for a line":          {marketless(records(lines(with(goods(0, 1, 10_00, 1), 1000)), record(1000, 1))), "line 0: the record is not for this"},
		"record: of another shop":                   {records(lines(goods(1, 1, 10_00, 1)), record(200, 1)), "shop record 0: the record is not for this"},
		"record: of a product for a shop":           {asShops(records(lines(goods(1, 1, 10_00, 1)), record(10, 1)), 10), "shop record 0: the record is not for this"},
		"record: of the market for no shop":         {asShops(marketless(records(lines(goods(1, 0, 10_00, 1)), record(1000, 1))), 1000), "shop record 0: the record is not for this"},
		"record: of a shop for the market":          {asMarkets(lines(goods(1, 1, 10_00, 1)), record(100, 1)), "market record: the record is not for this"},
		"record: of a product for the market":       {asMarkets(lines(goods(1, 1, 10_00, 1)), record(10, 1)), "market record: the record is not for this"},
		"record: on two lines":                      {records(lines(with(goods(1, 1, 10_00, 1), 10), with(goods(1, 1, 10_00, 1), 10)), record(10, 1)), "line 1: the record is used twice"},
		"record: twice for a shop":                  {asShops(records(lines(goods(1, 1, 10_00, 1)), record(100, 1)), 100, 100), "shop record 1: the record is used twice"},
		"record: two of a shop":                     {records(lines(goods(1, 1, 10_00, 1)), record(100, 1), record(101, 1)), "shop record 1: a second record of the shop"},
		"records: one of each of two shops": {records(lines(goods(1, 1, 10_00, 1), goods(2, 2, 10_00, 1)), record(200, 2_00), record(100, 1_00)), `
			line 0: 10.00 shop 1.00 pay 9.00
			order s1 1 goods: 10.00 off 1.00 pay 9.00 usable 100 −1.00
			line 1: 10.00 shop 2.00 pay 8.00
			order s2 2 goods: 10.00 off 2.00 pay 8.00 usable 200 −2.00
			pay 17.00`},

		// 4. Shares.
		"shares: ties to the earlier line": {records(lines(goods(1, 1, 10_00, 1), goods(2, 1, 10_00, 1), goods(3, 1, 10_00, 1)), record(100, 1_00)), `
			line 0: 10.00 shop 0.34 pay 9.66
			line 1: 10.00 shop 0.33 pay 9.67
			line 2: 10.00 shop 0.33 pay 9.67
			order s1 1 goods: 30.00 off 1.00 pay 29.00 usable 100 −1.00
			pay 29.00`},
		"shares: the largest remainder": {records(lines(goods(1, 1, 1_00, 1), goods(2, 1, 1_00, 1), goods(3, 2, 1_01, 1)), record(1000, 1_00)), `
			line 0: 1.00 market 0.33 pay 0.67
			line 1: 1.00 market 0.33 pay 0.67
			order s1 1 goods: 2.00 off 0.66 pay 1.34
			line 2: 1.01 market 0.34 pay 0.67
			order s2 2 goods: 1.01 off 0.34 pay 0.67
			pay 2.01 usable 1000 −1.00`},
		"shares: of what is left, not of the price": {records(lines(with(goods(1, 1, 10_00, 1), 10), goods(2, 1, 10_00, 1)), record(10, 10_00), record(100, 1_00)), `
			line 0: 10.00 coupon 10.00 pay 0.00 usable 10 −10.00
			line 1: 10.00 shop 1.00 pay 9.00
			order s1 1 goods: 20.00 off 11.00 pay 9.00 usable 100 −1.00
			pay 9.00`},

		// 5. Beli.
		"beli: each line floor(left / 10)": {beli(lines(goods(1, 1, 19, 1), goods(2, 1, 29, 1)), 100, 100), `
			line 0: 0.19 beli 0.10 pay 0.09
			line 1: 0.29 beli 0.20 pay 0.09
			order s1 1 goods: 0.48 off 0.30 pay 0.18
			beli 3 −0.30 pay 0.18`},
		"beli: no more than the buyer has, by the largest remainder": {beli(lines(goods(1, 1, 10_00, 1), goods(2, 1, 20_00, 1)), 100, 100), `
			line 0: 10.00 beli 3.30 pay 6.70
			line 1: 20.00 beli 6.70 pay 13.30
			order s1 1 goods: 30.00 off 10.00 pay 20.00
			beli 100 −10.00 pay 20.00`},
		"beli: ties to the earlier line": {beli(lines(goods(1, 1, 10_00, 1), goods(2, 2, 10_00, 1)), 1, 100), `
			line 0: 10.00 beli 0.10 pay 9.90
			order s1 1 goods: 10.00 off 0.10 pay 9.90
			line 1: 10.00 pay 10.00
			order s2 2 goods: 10.00 pay 10.00
			beli 1 −0.10 pay 19.90`},
		"beli: percent, rounded down": {beli(lines(goods(1, 1, 50, 1)), 100, 50), `
			line 0: 0.50 beli 0.20 pay 0.30
			order s1 1 goods: 0.50 off 0.20 pay 0.30
			beli 2 −0.20 pay 0.30`},
		"beli: not where there is a debt of them": {beli(lines(goods(1, 1, 50, 1)), -1, 100), "line 0: 0.50 pay 0.50\norder s1 1 goods: 0.50 pay 0.50\npay 0.50"},
		"beli: only where asked for":              {unused(beli(lines(goods(1, 1, 50, 1)), 100, 100)), "line 0: 0.50 pay 0.50\norder s1 1 goods: 0.50 pay 0.50\npay 0.50"},

		// 6. Shipping.
		"shipping: the dearest line's, by express; nothing lowers it": {beli(records(lines(
			by(goods(1, 1, 10_00, 5), price.Express, 6_00), by(goods(2, 1, 10_00, 1), price.Express, 8_00), by(goods(3, 1, 1_00, 1), price.FaceToFace, 9_00),
		), record(1000, 999_00)), 999, 100), `
			line 0: 50.00 market 50.00 pay 0.00
			line 1: 10.00 market 10.00 pay 0.00
			order s1 1 goods express: 60.00 off 60.00 ship 8.00 pay 8.00
			line 2: 1.00 market 1.00 pay 0.00
			order s1 1 goods face: 1.00 off 1.00 pay 0.00
			pay 8.00 usable 1000 −61.00`},
		"shipping: no way is chosen": {lines(by(goods(1, 1, 10_00, 1), price.NoDelivery, 6_00)), "line 0: 10.00 pay 10.00\norder s1 1 goods: 10.00 pay 10.00\npay 10.00"},
		"shipping: of a credit line": {remaining(lines(by(credit(goods(1, 1, 10_00, 1), 1_00, 1_00), price.Express, 6_00)), 9_00), `
			line 0: 10.00 credit 9.00 pay 1.00
			order s1 1 goods express: 10.00 ship 6.00 credit 9.00 pay 7.00
			pay 7.00`},

		// What is usable: what takes most off first, then by id.
		"usable": {unasked(records(lines(with(goods(1, 1, 10_00, 1), 10), goods(1, 1, 20_00, 1)),
			record(10, 1_00), record(12, 2_00), record(11, 2_00), record(13, 0), from(15_00, record(14, 5_00)),
			record(100, 1_00), from(29_01, record(101, 1_00)), from(29_00, record(102, 3_00)),
			record(1000, 1), percent(1001, 99, 0))), `
			line 0: 10.00 coupon 1.00 pay 9.00 usable 11 −2.00, 12 −2.00, 10 −1.00
			line 1: 20.00 pay 20.00 usable 14 −5.00, 11 −2.00, 12 −2.00
			order s1 1 goods: 30.00 off 1.00 pay 29.00 usable 102 −3.00, 100 −1.00
			pay 29.00 usable 1001 −0.29, 1000 −0.01`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want []string
			for line := range strings.Lines(c.want) {
				if line = strings.TrimSpace(line); line != "" {
					want = append(want, line)
				}
			}
			if diff := cmp.Diff(want, written(c.basket.Quote())); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
