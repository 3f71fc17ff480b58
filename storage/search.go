package storage

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	// defaultFew rows are read and sorted sooner than a list in which more of
	// them are is read until a page is full.
	defaultFew = 1000
	// maxLeads bounds the grams of a long word that are counted.
	maxLeads = 16
)

// A lead is a condition on a table of grams that holds for every row that is
// searched, and for some others.
type lead struct {
	condition string
	args      []any
	ordered   bool // its rows are in the table's order, each once
}

// byGram leads to the rows that have the gram.
func byGram(gram string) lead {
	return lead{condition: "gram = ?", args: []any{[]byte(gram)}, ordered: true}
}

// byStart leads to the rows with a gram that begins so.
func byStart(start string) lead {
	return lead{condition: "gram >= ? AND gram < ?", args: []any{[]byte(start), []byte(start + "\xff")}}
}

// byWords returns leads to the rows that have all words, none for empty words.
func byWords(words ...string) []lead {
	var leads []lead
	for _, word := range words {
		word = foldCase(word)
		for _, gram := range pairs(word) {
			leads = append(leads, byGram(gram))
		}
	}
	for _, word := range words {
		if word = foldCase(word); utf8.RuneCountInString(word) == 1 {
			leads = append(leads, byStart(word))
		}
	}
	return leads[:min(len(leads), maxLeads)]
}

// and adds a condition to all leads.
func and(leads []lead, condition string, arg any) {
	for i := range leads {
		leads[i].condition += " AND " + condition
		leads[i].args = append(leads[i].args, arg)
	}
}

// rarest returns the lead to the fewest rows, the first if none has few. An only
// one is not counted where the list is in its order, as it is then taken anyway.
func (q *Queries) rarest(ctx context.Context, table gramTable, leads []lead, inOrder bool) (rarest lead, few bool, err error) {
	if inOrder && len(leads) == 1 && leads[0].ordered {
		return leads[0], false, nil
	}
	counts := make([]string, len(leads))
	var args []any
	for i, lead := range leads {
		counts[i] = fmt.Sprintf("SELECT %d AS place, COUNT(*) AS found FROM (SELECT 1 FROM %s WHERE %s LIMIT %d) AS counted",
			i, table.name, lead.condition, q.few)
		args = append(args, lead.args...)
	}
	var place, found int
	text := strings.Join(counts, " UNION ALL ") + " ORDER BY found, place LIMIT 1"
	err = q.scan(ctx, "rows of "+table.name, query{text: text, composed: true}, args, []any{&place, &found}, func() {
		rarest, few = leads[place], found < q.few
	})
	return rarest, few, err
}

// propertyLeads lead to the notices that f may show, the ordered ones first.
func propertyLeads(f PropertyFilter) []lead {
	if f.ID != nil { // which finds it at once
		return nil
	}
	var words []string
	for _, word := range []*string{f.Key, f.Lab, f.Title, f.Content} {
		if word != nil {
			words = append(words, *word)
		}
	}
	leads := byWords(words...)
	if f.UserID != nil && *f.UserID != "" {
		leads = append(leads, byStart(idGram(*f.UserID)))
	}
	and(leads, "property_type = ?", f.Type)
	return leads
}

// propertySearch is the query for the page of the notices that pass f, which
// conditions ask for.
func (q *Queries) propertySearch(ctx context.Context, f PropertyFilter, conditions *filter, page Page) (part, error) {
	leads := propertyLeads(f)
	if len(leads) == 0 {
		return propertyList(conditions, page), nil
	}
	best, few, err := q.rarest(ctx, propertyGrams(), leads, true)
	if err != nil {
		return part{}, err
	}
	var id []lead // a notice may also be asked for by its key
	if f.Key != nil && *f.Key != "" {
		id = []lead{byGram(idGram(*f.Key))}
		and(id, "property_type = ?", f.Type)
	}
	switch {
	case best.ordered && len(id) > 0:
		return q.propertiesOfEither(best, id[0], conditions, page), nil
	case best.ordered:
		return q.ledProperties(propertyColumns, best, conditions, page), nil
	case few:
		return q.sortedProperties(append(id, best), conditions, page), nil
	default:
		return propertyList(conditions, page), nil
	}
}

const (
	propertyOrder     = " ORDER BY update_time DESC, id DESC"
	propertyGramOrder = " ORDER BY property_update_time DESC, property_id DESC"
)

// propertyList reads the list in its order until the page is full.
func propertyList(conditions *filter, page Page) part {
	return part{text: "SELECT " + propertyColumns + " FROM properties"}.
		then(conditions.where(), conditions.args).
		then(propertyOrder, nil).
		then(page.clause())
}

// ledProperties reads the rows of an ordered lead until the page is full. A row is
// taken where its update_time stands, should it have an older one in the lead too.
func (q *Queries) ledProperties(columns string, l lead, conditions *filter, page Page) part {
	return part{text: "SELECT " + columns + " FROM property_grams" + q.dialect.joinInOrder +
		"properties ON id = property_id AND update_time = property_update_time"}.
		then(conditions.where(), conditions.args).
		then(" AND "+l.condition, l.args).
		then(propertyGramOrder, nil).
		then(page.clause())
}

// propertiesOfEither reads the rows of two ordered leads.
func (q *Queries) propertiesOfEither(a, b lead, conditions *filter, page Page) part {
	const place = "property_update_time, property_id"
	both := page
	both.Limit, both.Offset = page.Offset+page.Limit, 0
	if page.Limit <= 0 {
		both = Page{}
	}
	first, second := q.ledProperties(place, a, conditions, both), q.ledProperties(place, b, conditions, both)
	return part{text: "SELECT " + propertyColumns + " FROM (SELECT " + place + " FROM ("}.
		then(first.text, first.args).
		then(") AS words UNION SELECT "+place+" FROM (", nil).
		then(second.text, second.args).
		then(") AS ids"+propertyGramOrder, nil).
		then(page.clause()).
		then(") AS found"+q.dialect.joinInOrder+"properties ON id = property_id"+propertyOrder, nil)
}

// sortedProperties reads and sorts all rows of any of the leads.
func (q *Queries) sortedProperties(leads []lead, conditions *filter, page Page) part {
	found := part{}
	for i, lead := range leads {
		if i > 0 {
			found = found.then(" UNION ", nil)
		}
		found = found.then("SELECT property_id FROM property_grams WHERE "+lead.condition, lead.args)
	}
	return part{text: "SELECT " + propertyColumns + " FROM (SELECT DISTINCT property_id FROM ("}.
		then(found.text, found.args).
		then(") AS leads) AS found"+q.dialect.joinInOrder+"properties ON id = property_id", nil).
		then(conditions.where(), conditions.args).
		then(propertyOrder, nil).
		then(page.clause())
}

// productSearch is the query for the page of the products that pass f, which
// conditions ask for.
func (q *Queries) productSearch(ctx context.Context, f ProductFilter, conditions *filter, orders []Order, page Page) (part, error) {
	leads := byWords(f.Name, f.Key)
	from, last := part{text: "products"}, "seq"
	if len(leads) > 0 {
		inOrder := len(orders) == 0 && f.ShopID == nil
		best, few, err := q.rarest(ctx, productGrams(), leads, inOrder)
		switch {
		case err != nil:
			return part{}, err
		case best.ordered && inOrder:
			from = part{text: "product_grams" + q.dialect.joinInOrder + "products ON seq = product_seq"}
			last = "product_seq"
			conditions.and(best.condition, best.args...)
		case few: // in another order, or in a shop, all of them have to be read
			from = part{"(SELECT DISTINCT product_seq FROM product_grams WHERE " + best.condition, best.args}.
				then(") AS found"+q.dialect.joinInOrder+"products ON seq = product_seq", nil)
		}
	}
	order, err := orderBy(orders, productSortables, last)
	if err != nil {
		return part{}, err
	}
	return part{"SELECT " + productColumns + " FROM " + from.text, from.args}.
		then(conditions.where(), conditions.args).
		then(order, nil).
		then(page.clause()), nil
}
