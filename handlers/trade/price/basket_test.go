package price_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"campusgate/handlers/trade/price"
)

// TestPiece: the policy's price, else the reduced one, else the price.
func TestPiece(t *testing.T) {
	t.Parallel()
	reduced, policy := int64(2_00), int64(0)
	for _, c := range []struct {
		reduced, policy *int64
		want            int64
	}{
		{nil, nil, 3_00},
		{&reduced, nil, 2_00},
		{nil, &policy, 0},
		{&reduced, &policy, 0},
	} {
		if got := price.Piece(3_00, c.reduced, c.policy); got != c.want {
			t.Errorf("a piece with %v and %v costs %d, want %d", c.reduced, c.policy, got, c.want)
		}
	}
}

// TestBounds: at its bounds every amount is exact.
func TestBounds(t *testing.T) {
	t.Parallel()
	line := goods(1, 1, price.MaxPrice, price.MaxPieces)
	line.Delivery, line.ShipPrice = price.Express, price.MaxShipPrice
	b := price.Basket{UseBeli: true, BeliPercent: 99}
	b.Buyer = price.Buyer{Beli: math.MaxInt64, CreditRemain: math.MaxInt64, Records: []price.Record{
		percent(10, 99, math.MaxInt64), from(math.MaxInt64, record(11, math.MaxInt64)), percent(100, 99, 0), record(1000, price.MaxPrice),
	}}
	b.ShopRecords, b.MarketRecord = []int64{100}, 1000
	for range price.MaxLines - 1 {
		b.Lines = append(b.Lines, line)
	}
	b.Lines[0] = with(line, 10)
	b.Lines = append(b.Lines, credit(line, 1, 1))
	got, err := b.Quote()
	want, _, failure := judge(b)
	wantSame(t, want, failure, got, err)
	wantSums(t, b, got)
	const all = price.MaxLines * price.MaxPieces * price.MaxPrice
	if goods := got.Orders[0].GoodsPrice; goods != all {
		t.Errorf("the goods cost %d, want %d", goods, int64(all))
	}
}

// TestBeyondBounds: such a basket has no price, and that is no client's fault.
func TestBeyondBounds(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*price.Basket){
		"price: 0 lines: must be 1 to 50":                                 func(b *price.Basket) { b.Lines = nil },
		"price: 51 lines: must be 1 to 50":                                func(b *price.Basket) { b.Lines = make([]price.Line, 51) },
		"price: line 1: a piece for -1 fen: must be 0 to 99999999":        func(b *price.Basket) { b.Lines[1].Price = -1 },
		"price: line 1: a piece for 100000000 fen: must be 0 to 99999999": func(b *price.Basket) { b.Lines[1].Price = price.MaxPrice + 1 },
		"price: line 1: 0 pieces: must be 1 to 999":                       func(b *price.Basket) { b.Lines[1].Pieces = 0 },
		"price: line 1: 1000 pieces: must be 1 to 999":                    func(b *price.Basket) { b.Lines[1].Pieces = 1000 },
		"price: line 1: shipping for -1 fen: must be 0 to 99999":          func(b *price.Basket) { b.Lines[1].ShipPrice = -1 },
		"price: line 1: shipping for 100000 fen: must be 0 to 99999":      func(b *price.Basket) { b.Lines[1].ShipPrice = price.MaxShipPrice + 1 },
		"price: line 1: a first price of -1 fen: must not be below 0":     func(b *price.Basket) { b.Lines[1] = credit(b.Lines[1], -1, -1) },
		"price: beli for -1 %: must be 0 to 100":                          func(b *price.Basket) { b.BeliPercent = -1 },
		"price: beli for 101 %: must be 0 to 100":                         func(b *price.Basket) { b.BeliPercent = 101 },
		"price: record 7: a coupon of type 3":                             func(b *price.Basket) { b.Buyer.Records[0].Type = 3 },
		"price: record 7: a coupon of type -1":                            func(b *price.Basket) { b.Buyer.Records[0].Type = -1 },
		"price: record 7: -1 fen off":                                     func(b *price.Basket) { b.Buyer.Records[0].Value = -1 },
		"price: record 7: at most -1 fen off":                             func(b *price.Basket) { b.Buyer.Records[0].MaxOff = -1 },
		"price: record 7: -1 % to pay: must be 0 to 100":                  func(b *price.Basket) { b.Buyer.Records[0].OffPercent = -1 },
		"price: record 7: 101 % to pay: must be 0 to 100":                 func(b *price.Basket) { b.Buyer.Records[0].OffPercent = 101 },
	} {
		b := lines(goods(1, 1, 1_00, 1), goods(2, 1, 1_00, 1))
		b.Buyer.Records = []price.Record{{ID: 7, Value: 1}}
		change(&b)
		_, err := b.Quote()
		if err == nil || err.Error() != want {
			t.Errorf("failed with %v, want %s", err, want)
		}
		if _, told := errors.AsType[price.Error](err); told {
			t.Errorf("%s would be told to a client", want)
		}
	}
}

// Three books by express, with a record of their shop's coupon and some beli.
func ExampleBasket_Quote() {
	books := price.Group{Seller: "u1", Shop: 7, Delivery: price.Express}
	quote, err := price.Basket{
		Lines: []price.Line{
			{Group: books, Product: 1, Price: 30_00, Pieces: 2, ShipPrice: 6_00},
			{Group: books, Product: 2, Price: 20_00, Pieces: 1, ShipPrice: 8_00},
		},
		ShopRecords: []int64{41},
		UseBeli:     true,
		BeliPercent: 100,
		Buyer: price.Buyer{
			Beli: 5,
			Records: []price.Record{
				{ID: 41, Shop: 7, Type: price.ValueOffFrom, Value: 10_00, MinimumConsume: 80_00},
				{ID: 42, Type: price.PercentOff, OffPercent: 79, MaxOff: 12_00},
			},
		},
	}.Quote()
	fmt.Println(strings.Join(written(quote, err), "\n"))
	// Output:
	// line 0: 60.00 shop 7.50 beli 0.40 pay 52.10
	// line 1: 20.00 shop 2.50 beli 0.10 pay 17.40
	// order u1 7 goods express: 80.00 off 10.50 ship 8.00 pay 77.50 usable 41 −10.00
	// beli 5 −0.50 pay 77.50 usable 42 −12.00
}
