package storage

import (
	"context"

	"campusgate/storage/engine"
	"campusgate/storage/search"
)

// The sorts of a [MarketFilter]; "" is [SortNew]. In each the newest of equal ones is first.
const (
	SortNew       = "new"
	SortMatch     = "match" // names that have all words first
	SortPriceUp   = "price_up"
	SortPriceDown = "price_down"
	SortSale      = "sale" // the most pieces in paid orders first
)

// marketSorts are the sorts as the search knows them.
var marketSorts = map[string]search.TextSort{
	SortNew:       {},
	SortMatch:     {Titles: true},
	SortPriceUp:   {Column: "offer_cheap", InList: "offer_cheap <= 0"},
	SortPriceDown: {Column: "offer_price", InList: "offer_price >= 0"},
	SortSale:      {Column: "offer_sold", InList: "offer_sold >= 0"},
}

// A MarketFilter says which products to look for: all conditions must hold, nil and empty ones
// are none. Only what can be bought now is found.
type MarketFilter struct {
	// Words are texts without blanks, each of which the name, the keys or the first 2,000
	// characters of the content's text have, without regard to the case of A-Z and the width
	// of letters and digits.
	Words              []string
	CategoryID         *int64
	Type               *int64
	PriceMin, PriceMax *int64 // fen, of what a piece costs now
	SellMethod         *int64 // 1 and 2 also find 0, which is any
	ShopID             *int64
	UserID             string // the seller
	Sort               string
}

// SearchProducts lists a page of the products that can be bought now and pass a filter; total
// counts all of them, to 10,000.
func (q *Queries) SearchProducts(ctx context.Context, f MarketFilter, page Page) (list []MarketProduct, total int64, err error) {
	ask := search.TextQuestion{
		Words: f.Words, Marks: f.marks(), Sort: marketSorts[f.Sort], Page: page, Few: q.few, MaxCount: maxCounted,
		Filter: q.priceFilter("offer_price + 0", f), // no index may prefer the price to the sort
	}
	ask.Count = func(count func() (int64, error)) (int64, error) { return q.counts.count(ctx, q, f.countKey(), count) }
	if f.PriceMin != nil || f.PriceMax != nil {
		ask.Range = q.priceFilter("offer_price", f)
	}
	found, total, err := productTexts.Find(ctx, q.sql, ask)
	if err != nil || len(found) == 0 {
		return []MarketProduct{}, total, err
	}
	list, err = q.marketProducts(ctx, found)
	return list, total, err
}

func (f MarketFilter) marks() (marks []string) {
	for _, mark := range []struct {
		kind  string
		value *int64
	}{{shopMark, f.ShopID}, {categoryMark, f.CategoryID}, {methodMark, f.SellMethod}, {typeMark, f.Type}} {
		if mark.value != nil {
			marks = append(marks, numberMark(mark.kind, *mark.value))
		}
	}
	if f.UserID != "" {
		marks = append(marks, sellerMark+f.UserID)
	}
	return marks
}

func (q *Queries) priceFilter(price string, f MarketFilter) *engine.Filter {
	filter := q.sql.Filter()
	if f.PriceMin != nil {
		filter.And(price+" >= ?", *f.PriceMin)
	}
	if f.PriceMax != nil {
		filter.And(price+" <= ?", *f.PriceMax)
	}
	return filter
}

// marketProducts are products by their seq, in that order.
func (q *Queries) marketProducts(ctx context.Context, found []int64) ([]MarketProduct, error) {
	var seq int64
	place := make(map[int64]int, len(found))
	for i, seq := range found {
		place[seq] = i
	}
	filter := q.sql.Filter()
	filter.In("p.seq", found)
	var row MarketProduct
	list := make([]MarketProduct, len(found))
	err := q.sql.Each(ctx, "products of a page", engine.SQL("SELECT "+marketColumns+", p.seq FROM products p"+q.withSellers()).Where(filter),
		append(row.fields(), &seq), func() { list[place[seq]] = row })
	return list, err
}
