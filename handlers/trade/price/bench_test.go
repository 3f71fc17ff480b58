package price_test

import (
	"fmt"
	"strconv"
	"testing"

	"campusgate/handlers/trade/price"
)

// largest is a basket of 50 lines with a record on each, from a number of shops with a
// record of each, a market's record and beli; others of the buyer's records are usable.
func largest(shops int64) price.Basket {
	b := price.Basket{UseBeli: true, BeliPercent: 100, Buyer: price.Buyer{Beli: 1_000_000}, MarketRecord: 1000}
	for i := range int64(price.MaxLines) {
		shop := i%shops + 1
		b.Lines = append(b.Lines, price.Line{
			Group:   price.Group{Seller: strconv.FormatInt(shop, 10), Shop: shop, Delivery: price.Express},
			Product: i + 1, Price: 19_99 + i*37, Pieces: i%7 + 1, ShipPrice: 6_00, Record: i + 1,
		})
		b.Buyer.Records = append(b.Buyer.Records, price.Record{ID: i + 1, Product: i + 1, Type: price.PercentOff, OffPercent: 88})
	}
	for shop := range shops {
		b.ShopRecords = append(b.ShopRecords, 101+shop)
		for more := range int64(2) {
			b.Buyer.Records = append(b.Buyer.Records, price.Record{ID: 101 + shop + 100*more, Shop: shop + 1, Value: 1_23})
		}
	}
	for more := range int64(10) {
		b.Buyer.Records = append(b.Buyer.Records, price.Record{ID: 1000 + more, Type: price.ValueOffFrom, Value: 10_01 + more, MinimumConsume: 100_00})
	}
	return b
}

// A quote of the largest basket is to take less than 100 µs.
func BenchmarkQuote(b *testing.B) {
	for _, shops := range []int64{1, 10, 50} {
		b.Run(fmt.Sprintf("%d lines from %d shops", price.MaxLines, shops), func(b *testing.B) {
			basket := largest(shops)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := basket.Quote(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestQuoteAllocations: the lines, the orders, the chosen records and the usable ones.
func TestQuoteAllocations(t *testing.T) {
	basket := largest(10)
	if allocations := testing.AllocsPerRun(10, func() { quoted(t, basket) }); allocations > 4 {
		t.Errorf("a quote of %d lines from 10 shops allocates %v times", price.MaxLines, allocations)
	}
}
