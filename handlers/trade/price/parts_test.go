package price_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"campusgate/handlers/trade/price"
)

// The parts of which the contract's baskets are made. Product n stands mostly on the line
// of that number, from 1; the records of its coupons have the numbers 10 × n and on, those
// of shops 100 × shop and on, those of the market 1000 and on.

func goods(product, shop, cost, pieces int64) price.Line {
	return price.Line{Group: price.Group{Seller: fmt.Sprint("s", shop), Shop: shop}, Product: product, Price: cost, Pieces: pieces}
}

func with(l price.Line, record int64) price.Line {
	l.Record = record
	return l
}

func by(l price.Line, way price.Delivery, ship int64) price.Line {
	l.Delivery, l.ShipPrice = way, ship
	return l
}

func course(l price.Line) price.Line {
	l.Course = true
	return l
}

// credit makes a line of credit: f a piece are paid now, of which least is the product's.
func credit(l price.Line, least, f int64) price.Line {
	l.LeastFirst, l.FirstPrice = &least, &f
	return l
}

// record has the number of its scope, as above.
func record(id, value int64) price.Record {
	r := price.Record{ID: id, Value: value}
	switch {
	case id < 100:
		r.Product = id / 10
	case id < 1000:
		r.Shop = id / 100
	}
	return r
}

func from(minimum int64, r price.Record) price.Record {
	r.Type, r.MinimumConsume = cmp.Or(r.Type, price.ValueOffFrom), minimum
	return r
}

func percent(id, offPercent, maxOff int64) price.Record {
	r := record(id, 0)
	r.Type, r.OffPercent, r.MaxOff = price.PercentOff, offPercent, maxOff
	return r
}

func lines(lines ...price.Line) price.Basket { return price.Basket{Lines: lines, BeliPercent: 100} }

// records gives the buyer records, and asks for those of shops and the market.
func records(b price.Basket, records ...price.Record) price.Basket {
	b.Buyer.Records = records
	for _, r := range records {
		switch {
		case r.ID >= 1000:
			b.MarketRecord = r.ID
		case r.ID >= 100:
			b.ShopRecords = append(b.ShopRecords, r.ID)
		}
	}
	return b
}

func beli(b price.Basket, beli, percent int64) price.Basket {
	b.UseBeli, b.Buyer.Beli, b.BeliPercent = true, beli, percent
	return b
}

func remaining(b price.Basket, credit int64) price.Basket {
	b.Buyer.CreditRemain = credit
	return b
}

func noCredit(l price.Line) price.Line {
	l.LeastFirst = nil
	return l
}

func overdue(b price.Basket) price.Basket {
	b.Buyer.Overdue = true
	return b
}

func unused(b price.Basket) price.Basket {
	b.UseBeli = false
	return b
}

func marketless(b price.Basket) price.Basket {
	b.MarketRecord = 0
	return b
}

// unasked asks for no record of a shop or the market.
func unasked(b price.Basket) price.Basket {
	b.ShopRecords, b.MarketRecord = nil, 0
	return b
}

func asShops(b price.Basket, ids ...int64) price.Basket {
	b.ShopRecords = ids
	return b
}

func asMarkets(b price.Basket, r price.Record) price.Basket {
	b.Buyer.Records, b.MarketRecord = []price.Record{r}, r.ID
	return b
}

// written writes a quote, or why there is none.
func written(q price.Quote, err error) (text []string) {
	if err != nil {
		return []string{err.Error()}
	}
	for _, o := range q.Orders {
		for _, l := range o.Lines {
			text = append(text, fmt.Sprintf("line %d: %s", l.Index, yuan(l.LinePrice))+
				parts("coupon", l.CouponOff, "shop", l.ShopOff, "market", l.MarketOff, "beli", l.BeliOff, "credit", l.CreditPrice)+
				" pay "+yuan(l.PayPrice)+usable(l.Usable))
		}
		kind := "goods"
		if o.Course {
			kind = "course"
		}
		group := strings.TrimSpace(fmt.Sprint(o.Seller, " ", o.Shop, " ", kind, " ", o.Delivery))
		text = append(text, "order "+group+": "+yuan(o.GoodsPrice)+
			parts("off", o.OffPrice, "ship", o.ShipPrice, "credit", o.CreditPrice)+" pay "+yuan(o.PayPrice)+usable(o.Usable))
	}
	whole := "pay " + yuan(q.PayPrice) + usable(q.Usable)
	if q.Beli != 0 || q.BeliOff != 0 {
		whole = fmt.Sprintf("beli %d −%s %s", q.Beli, yuan(q.BeliOff), whole)
	}
	return append(text, whole)
}

func yuan(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }

// parts writes those that are not 0, each after its name.
func parts(namesAndFen ...any) string {
	var text strings.Builder
	for pair := range slices.Chunk(namesAndFen, 2) {
		if fen, _ := pair[1].(int64); fen != 0 {
			fmt.Fprintf(&text, " %s %s", pair[0], yuan(fen))
		}
	}
	return text.String()
}

func usable(usable []price.Usable) string {
	if len(usable) == 0 {
		return ""
	}
	var each []string
	for _, u := range usable {
		each = append(each, fmt.Sprintf("%d −%s", u.Record, yuan(u.Off)))
	}
	return " usable " + strings.Join(each, ", ")
}
