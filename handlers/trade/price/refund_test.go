package price_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"campusgate/handlers/trade/price"
)

// Refunds worked out by hand, every sentence of the contract's paragraph on refunds that
// divides money. Each asks for one amount after the other; of the payments the latest is
// the last.
func TestRefunds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		paid    price.Refundable
		amounts []int64
		want    []string
	}{
		// 0 < amount ≤ left, what the buyer gave (cash and debt) less what was refunded.
		"all of it":                     {paid(100_00), is(100_00), does("paid 100.00 whole")},
		"a fen":                         {paid(100_00), is(1), does("paid 0.01")},
		"left is cash and debt":         {debt(paid(100_00), 50_00), is(150_00), does("debt 50.00, paid 100.00 whole")},
		"more than cash and debt":       {debt(paid(100_00), 50_00), is(150_01), does("WRONG")},
		"less what was refunded":        {paid(100_00), is(40_00, 60_01, 60_00), does("paid 40.00", "WRONG", "paid 60.00 whole")},
		"nothing of something":          {paid(100_00), is(0), does("WRONG")},
		"below nothing":                 {paid(100_00), is(-1), does("WRONG")},
		"nothing is left: the amount 0": {withBeli(market(paid(), 30_00), 5), is(0), does("market 30.00, beli 5 whole")},
		"nothing is left: another":      {withBeli(market(paid(), 30_00), 5), is(1), does("WRONG")},
		"for nothing, bought for 0.00":  {paid(0), is(0), does("whole")},

		// The open debt first; the rest by the payments, the latest first, each at most what came.
		"the debt first":                {debt(paid(100_00), 50_00), is(30_00, 30_00, 90_00), does("debt 30.00", "debt 20.00, paid 10.00", "paid 90.00 whole")},
		"a repayment is a payment":      {paid(20_00, 80_00), is(30_00, 60_00, 10_00), does("repaid 30.00", "repaid 50.00, paid 10.00", "paid 10.00 whole")},
		"at most what came by it":       {paid(20_00, 80_00), is(100_00), does("repaid 80.00, paid 20.00 whole")},
		"lowered, then repaid":          {paid(20_00, 50_00), is(50_01), does("repaid 50.00, paid 0.01")},
		"debt alone":                    {debt(paid(0), 80_00), is(79_99, 1), does("debt 79.99", "debt 0.01 whole")},
		"before the part, the latest's": {price.Refundable{Ways: []int64{20_00, 80_00}, Before: 85_00}, is(15_00), does("paid 15.00 whole")},

		// floor(s × p / L) of the market coupon's share, floor(b × p / L) of the beli.
		"in proportion": {withBeli(market(paid(60_00), 30_00), 100), is(20_00), does("market 10.00, beli 33, paid 20.00")},
		// 10.00 × 1 / 3 = 3.33; then (10.00 − 3.33) × 1 / 2 = 3.335; the last takes all.
		"of what is left of the share, rounded down": {market(paid(3), 10_00), is(1, 1, 1), does("market 3.33, paid 0.01", "market 3.33, paid 0.01", "market 3.34, paid 0.01 whole")},
		// 7 × 40 / 100 = 2.8; then 5 × 30 / 60 = 2.5; then 3.
		"of the beli that are left, rounded down": {withBeli(paid(100_00), 7), is(40_00, 30_00, 30_00), does("beli 2, paid 40.00", "beli 2, paid 30.00", "beli 3, paid 30.00 whole")},
		// The debt counts in p and L: 9.00 × 50 / 150.
		"a part that is debt": {market(debt(paid(100_00), 50_00), 9_00), is(50_00), does("debt 50.00, market 3.00")},
		"too small a part":    {withBeli(market(paid(100_00), 99), 9), is(1_00), does("paid 1.00")},

		// A part that makes left 0 is the whole.
		"the whole in two": {withBeli(market(debt(paid(10_00), 10_00), 4_99), 3), is(19_99, 1), does("debt 10.00, market 4.98, beli 2, paid 9.99", "market 0.01, beli 1, paid 0.01 whole")},

		// The dearest order that there is: no product overflows.
		"the dearest": {market(paid(4_994_999_950_050), 4_994_999_950_050), is(4_994_999_950_049, 1), does("market 49949999500.49, paid 49949999500.49", "market 0.01, paid 0.01 whole")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			left := c.paid
			for i, amount := range c.amounts {
				refund, err := left.Refund(amount)
				if got := refunded(refund, err); got != c.want[i] {
					t.Errorf("%s of %+v: %s, want %s", yuan(amount), left, got, c.want[i])
				}
				if err == nil {
					left = after(left, refund)
				}
			}
		})
	}
}

// What buyers ask for with items, worked out by hand.
func TestAmounts(t *testing.T) {
	t.Parallel()
	// 10.00 for 3 pieces, 0.99 for 1, nothing for 2; with 5.00 of shipping 15.99 are left.
	order, left := []price.Bought{{Price: 10_00, Pieces: 3}, {Price: 99, Pieces: 1}, {Pieces: 2}}, paid(15_99)
	given := []price.Bought{{Price: 10_00, Pieces: 3, Back: 2}}
	for name, c := range map[string]struct {
		paid  price.Refundable
		lines []price.Bought
		items []price.Item
		asked *int64
		want  string
	}{
		"absent: all":                     {left, order, nil, nil, "15.99"},
		"all and a fen":                   {left, order, nil, new(int64(16_00)), "the amount is not above 0, or more than can go back"},
		"nothing":                         {left, order, nil, new(int64(0)), "the amount is not above 0, or more than can go back"},
		"a piece: 10.00 × 1 / 3":          {left, order, []price.Item{item(0, 1)}, nil, "3.33"},
		"two pieces: 10.00 × 2 / 3":       {left, order, []price.Item{item(0, 2)}, nil, "6.66"},
		"each line's is rounded":          {left, order, []price.Item{item(0, 2), item(1, 1)}, nil, "7.65"},
		"all lines, without shipping":     {left, order, []price.Item{item(2, 2), item(1, 1), item(0, 3)}, nil, "10.99"},
		"less than the share":             {left, order, []price.Item{item(0, 1)}, new(int64(3_32)), "3.32"},
		"more than the share":             {left, order, []price.Item{item(0, 1)}, new(int64(3_34)), "the amount is not above 0, or more than can go back"},
		"a share of nothing":              {left, order, []price.Item{item(2, 2)}, nil, "the amount is not above 0, or more than can go back"},
		"at most what is left":            {paid(2_00), order, []price.Item{item(0, 1)}, nil, "2.00"},
		"more than is left":               {paid(2_00), order, []price.Item{item(0, 1)}, new(int64(2_01)), "the amount is not above 0, or more than can go back"},
		"nothing is left":                 {withBeli(paid(), 3), []price.Bought{{Pieces: 2}}, []price.Item{item(0, 2)}, nil, "0.00"},
		"nothing is left, and 0 is asked": {withBeli(paid(), 3), []price.Bought{{Pieces: 2}}, nil, new(int64(0)), "0.00"},
		"nothing is left, and a fen":      {withBeli(paid(), 3), []price.Bought{{Pieces: 2}}, nil, new(int64(1)), "the amount is not above 0, or more than can go back"},
		"not there":                       {left, order, []price.Item{item(0, 1), item(3, 1)}, nil, "item 1: the order has no such line"},
		"not there, below":                {left, order, []price.Item{item(-1, 1)}, nil, "item 0: the order has no such line"},
		"twice":                           {left, order, []price.Item{item(0, 1), item(1, 1), item(0, 1)}, nil, "item 2: the line is named twice"},
		"too many":                        {left, order, []price.Item{item(0, 4)}, nil, "item 0: not one piece, or more than are there to go back"},
		"none":                            {left, order, []price.Item{item(0, 0)}, nil, "item 0: not one piece, or more than are there to go back"},
		"the last that is there":          {paid(10_00), given, []price.Item{item(0, 1)}, nil, "3.33"},
		"more than have not gone back":    {paid(10_00), given, []price.Item{item(0, 2)}, nil, "item 0: not one piece, or more than are there to go back"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			amount, err := c.paid.Amount(c.asked, c.lines, c.items)
			got := yuan(amount)
			if err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func paid(ways ...int64) price.Refundable { return price.Refundable{Ways: ways} }

func debt(r price.Refundable, fen int64) price.Refundable {
	r.Debt = fen
	return r
}

func market(r price.Refundable, fen int64) price.Refundable {
	r.Market = fen
	return r
}

func withBeli(r price.Refundable, beli int64) price.Refundable {
	r.Beli = beli
	return r
}

func item(line int, pieces int64) price.Item { return price.Item{Line: line, Pieces: pieces} }

func is(amounts ...int64) []int64  { return amounts }
func does(want ...string) []string { return want }

// after is what is left after a refund.
func after(r price.Refundable, back price.Refund) price.Refundable {
	r.Debt -= back.Debt
	r.Market -= back.Market
	r.Beli -= back.Beli
	for _, fen := range back.Ways {
		r.Before += fen
	}
	return r
}

// refunded writes where a refund goes, without what is 0; the second payment is a repayment.
func refunded(r price.Refund, err error) string {
	if err != nil {
		return "WRONG"
	}
	var parts []string
	add := func(name string, amount int64, text string) {
		if amount != 0 {
			parts = append(parts, name+" "+text)
		}
	}
	add("debt", r.Debt, yuan(r.Debt))
	add("market", r.Market, yuan(r.Market))
	add("beli", r.Beli, strconv.FormatInt(r.Beli, 10))
	for i, fen := range slices.Backward(r.Ways) {
		add([]string{"paid", "repaid"}[i], fen, yuan(fen))
	}
	text := strings.Join(parts, ", ")
	if r.Whole {
		text = strings.TrimSpace(text + " whole")
	}
	return text
}
