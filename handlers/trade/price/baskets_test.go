package price_test

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"campusgate/handlers/trade/price"
)

// Products and shops are few, so that lines and records meet.
const (
	productsDrawn = 6
	shopsDrawn    = 3
	recordsDrawn  = 8
)

// anyBasket draws a basket within its bounds. In most of them every record fits.
var anyBasket = rapid.Custom(func(t *rapid.T) price.Basket {
	b := price.Basket{
		UseBeli:     oneIn(t, 2, "use beli"),
		BeliPercent: rapid.SampledFrom([]int64{100, 100, 0, 1, 33, 50, 99}).Draw(t, "beli percent"),
		Buyer: price.Buyer{
			Beli:         rapid.OneOf(rapid.Int64Range(0, 50), rapid.Int64Range(0, 1e14)).Draw(t, "beli"),
			CreditRemain: rapid.SampledFrom([]int64{1e14, 1e14, 1e14, 1e14, 1e14, 1e14, 1e14, 100, 0, -1}).Draw(t, "credit"),
			Overdue:      oneIn(t, 12, "overdue"),
		},
	}
	for id := range rapid.Int64Range(0, recordsDrawn).Draw(t, "records") {
		b.Buyer.Records = append(b.Buyer.Records, anyRecord(t, id+1))
	}
	var products []price.Line
	costs := rapid.SliceOfN(anyFen(price.MaxPrice), 1, 3).Draw(t, "prices")
	for id := range int64(productsDrawn) {
		products = append(products, anyProduct(t, id+1, rapid.SampledFrom(costs).Draw(t, "price")))
	}
	size := rapid.IntRange(1, 6)
	if oneIn(t, 50, "large") {
		size = rapid.IntRange(1, price.MaxLines)
	}
	free := slices.Clone(b.Buyer.Records)
	for range size.Draw(t, "lines") {
		b.Lines = append(b.Lines, anyLine(t, rapid.SampledFrom(products).Draw(t, "product"), &free))
	}
	for shop := range int64(shopsDrawn) {
		inBasket := slices.ContainsFunc(b.Lines, func(l price.Line) bool { return l.Shop == shop && l.FirstPrice == nil })
		fits := func(r price.Record) bool { return inBasket && r.Product == 0 && r.Shop == shop && shop > 0 }
		id := anyOf(t, &free, fits)
		if id != 0 {
			b.ShopRecords = append(b.ShopRecords, id)
		}
		if second := anyOf(t, &free, fits); id != 0 && second != 0 && oneIn(t, 2, "a second shop record") {
			b.ShopRecords = append(b.ShopRecords, second)
		}
	}
	b.ShopRecords = rapid.Permutation(b.ShopRecords).Draw(t, "shop records")
	b.MarketRecord = anyOf(t, &free, func(r price.Record) bool { return r.Product == 0 && r.Shop == 0 })
	return b
})

// anyFen draws much that is small, where rounding shows, and some that is at the bound.
func anyFen(most int64) *rapid.Generator[int64] {
	return rapid.OneOf(
		rapid.Int64Range(0, 30), rapid.Int64Range(0, min(100_00, most)), rapid.Int64Range(0, min(100_00, most)),
		rapid.Int64Range(0, most), rapid.Just(most),
	)
}

func anyRecord(t *rapid.T, id int64) price.Record {
	r := price.Record{ID: id, Type: price.CouponType(rapid.IntRange(0, 2).Draw(t, "coupon type"))}
	switch rapid.IntRange(0, 4).Draw(t, "scope") {
	case 0, 1:
		r.Product = rapid.Int64Range(1, productsDrawn).Draw(t, "coupon's product")
		r.Shop = rapid.Int64Range(0, 1).Draw(t, "coupon's shop beside")
	case 2, 3:
		r.Shop = rapid.Int64Range(1, shopsDrawn).Draw(t, "coupon's shop")
	}
	if r.Type == price.PercentOff {
		r.OffPercent = rapid.Int64Range(1, 99).Draw(t, "off percent")
		if oneIn(t, 3, "max off") {
			r.MaxOff = anyFen(price.MaxPrice).Draw(t, "max off")
		}
	} else {
		r.Value = anyFen(price.MaxPrice).Draw(t, "value")
	}
	if r.Type == price.ValueOffFrom || oneIn(t, 4, "minimum") {
		r.MinimumConsume = rapid.Int64Range(1, 60).Draw(t, "minimum")
	}
	return r
}

// anyProduct draws what the lines of one product have in common.
func anyProduct(t *rapid.T, id, cost int64) price.Line {
	shop := rapid.Int64Range(0, shopsDrawn-1).Draw(t, "shop")
	l := price.Line{
		Group:     price.Group{Seller: fmt.Sprint("seller ", shop), Shop: shop, Course: oneIn(t, 4, "course")},
		Product:   id,
		Price:     cost,
		ShipPrice: anyFen(price.MaxShipPrice).Draw(t, "ship price"),
	}
	if l.Price > 0 && oneIn(t, 2, "on credit") {
		l.LeastFirst = new(rapid.Int64Range(1, l.Price).Draw(t, "least first price"))
	}
	return l
}

func anyLine(t *rapid.T, l price.Line, free *[]price.Record) price.Line {
	l.Pieces = rapid.OneOf(rapid.Just(int64(1)), rapid.Int64Range(1, 3), rapid.Int64Range(1, price.MaxPieces)).Draw(t, "pieces")
	l.Delivery = rapid.SampledFrom([]price.Delivery{price.FaceToFace, price.Express, price.NoDelivery}).Draw(t, "delivery")
	switch {
	case l.LeastFirst != nil && oneIn(t, 3, "first price"):
		l.FirstPrice = new(rapid.Int64Range(*l.LeastFirst, l.Price).Draw(t, "first price"))
	case oneIn(t, 40, "any first price"):
		l.FirstPrice = new(anyFen(price.MaxPrice).Draw(t, "first price"))
	}
	l.Record = anyOf(t, free, func(r price.Record) bool { return l.FirstPrice == nil && r.Product == l.Product })
	return l
}

// anyOf draws a free record that fits, or none, or rarely any that there may be.
func anyOf(t *rapid.T, free *[]price.Record, fits func(price.Record) bool) int64 {
	if oneIn(t, 25, "any record") {
		return rapid.Int64Range(0, recordsDrawn+1).Draw(t, "record")
	}
	i := slices.IndexFunc(*free, fits)
	if i < 0 || !oneIn(t, 2, "a record") {
		return 0
	}
	id := (*free)[i].ID
	if !oneIn(t, 4, "again") {
		*free = slices.Delete(*free, i, i+1)
	}
	return id
}

// oneIn asks for a number that is no end of the range: rapid draws the ends more often.
func oneIn(t *rapid.T, n int, label string) bool {
	return rapid.IntRange(0, n-1).Draw(t, label) == n*3/4
}
