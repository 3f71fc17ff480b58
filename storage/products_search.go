package storage

import (
	"cmp"
	"context"
	"slices"

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
	asked, changes := f.countKey(), int64(0)
	list = []MarketProduct{}
	ask := search.TextQuestion{
		Words: f.Words, Marks: f.marks(), Sort: marketSorts[f.Sort], Page: page, Few: q.few, MaxCount: maxCounted,
		Filter: q.priceFilter("offer_price + 0", f), // no index may prefer the price to the sort
	}
	if f.PriceMin != nil || f.PriceMax != nil {
		ask.Range = q.priceFilter("offer_price", f)
	}
	ask.Read = func(ctx context.Context, page engine.Statement) (int64, error) {
		found, as, err := q.marketPage(ctx, page)
		if err == nil {
			list, changes = slices.Concat(list, found), as
			q.counts.changed(changes)
		}
		return int64(len(found)), err
	}
	ask.Choose = func(name string, choose func() (search.Choice, error)) (search.Choice, error) {
		return q.counts.choice(asked+" "+name, choose)
	}
	ask.Count = func(count func() (int64, error)) (int64, error) {
		return q.counts.count(asked, changes, count)
	}
	total, err = productTexts.Find(ctx, q.sql, ask)
	return list, total, err
}

// marketPage are the products of a page of a search, and the changes of offers as they were then.
func (q *Queries) marketPage(ctx context.Context, page engine.Statement) (list []MarketProduct, changes int64, err error) {
	type place struct {
		key, seq int64
		product  MarketProduct
	}
	const operation = "search products"
	found, err := engine.Collect(ctx, q.sql, operation, engine.SQL("SELECT "+marketColumns+", found_key, found_id, ("+offerChanges+") AS changes FROM (").
		Append(page).Then(") AS found"+q.sql.JoinInOrder()+"products p ON p.seq = found.found_id"+q.withSellers()),
		func(row *place) []any { return append(row.product.fields(), &row.key, &row.seq) }, &changes)
	if err == nil && len(found) == 0 {
		err = q.sql.Get(ctx, operation, engine.SQL(offerChanges), &changes)
	}
	slices.SortFunc(found, func(a, b place) int { return cmp.Or(cmp.Compare(b.key, a.key), cmp.Compare(b.seq, a.seq)) })
	list = make([]MarketProduct, len(found))
	for i, row := range found {
		list[i] = row.product
	}
	return list, changes, err
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
