package search

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"campusgate/storage/engine"
)

const (
	// defaultFew rows are read and sorted sooner than a list in which more of
	// them are is read until a page is full.
	defaultFew = 1000
	// maxLeads bounds the grams of a long word that are counted.
	maxLeads = 16
)

// A Question asks for a page of the rows that pass a filter. Words and ids tell where
// to look for them.
type Question struct {
	Filter *engine.Filter
	Page   engine.Page
	// OrderBy is an ORDER BY other than that of the list, which is "".
	OrderBy string
	// Narrow says that the filter finds few rows by an index of its own.
	Narrow bool

	Within []any    // values of [List].Within, which all rows have
	Words  []string // which all rows contain
	IDPart string   // a part of one of [Entry].IDParts that all rows have; "" is none
	OrID   string   // rows that have this whole id may pass without the Words; "" is none
	Few    int      // rows that are worth sorting; 1000 when 0
}

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

// byWords returns leads to the rows that have all words, the ordered ones first; none
// for empty words.
func byWords(words ...string) []lead {
	var leads []lead
	for _, word := range words {
		for _, gram := range pairs(foldCase(word)) {
			leads = append(leads, byGram(gram))
		}
	}
	for _, word := range words {
		if utf8.RuneCountInString(word) == 1 {
			leads = append(leads, byStart(foldCase(word)))
		}
	}
	return leads[:min(len(leads), maxLeads)]
}

// within narrows leads to the rows that have the values of Within.
func (i *Index) within(leads []lead, values []any) []lead {
	for n := range leads {
		for _, column := range i.list.Within {
			leads[n].condition += " AND " + column + " = ?"
		}
		leads[n].args = append(leads[n].args, values...)
	}
	return leads
}

// Ask returns the statement that reads the rows of the answer: by the grams, or in the
// order of the list until the page is full, whichever reads fewer rows.
func (i *Index) Ask(ctx context.Context, q engine.Queries, ask Question) (engine.Statement, error) {
	leads := byWords(ask.Words...)
	if ask.IDPart != "" {
		leads = append(leads, byStart(idGram(ask.IDPart)))
	}
	if len(leads) == 0 {
		return i.whole(ask), nil
	}
	inOrder := ask.OrderBy == "" && !ask.Narrow
	best, few, err := i.rarest(ctx, q, i.within(leads, ask.Within), inOrder, ask.Few)
	if err != nil {
		return engine.Statement{}, err
	}
	var id []lead
	if ask.OrID != "" {
		id = i.within([]lead{byGram(idGram(ask.OrID))}, ask.Within)
	}
	switch {
	case best.ordered && inOrder && len(id) > 0:
		return i.either(q, best, id[0], ask), nil
	case best.ordered && inOrder:
		return i.led(q, i.list.Columns, best, ask.Filter).Page(ask.Page), nil
	case few: // all of them have to be read and sorted
		return i.sorted(q, append(id, best), ask), nil
	default:
		return i.whole(ask), nil
	}
}

// Count counts the rows of the answer, whatever its page, to limit at most.
func (i *Index) Count(ctx context.Context, q engine.Queries, ask Question, limit int64) (count int64, err error) {
	ask.Page = engine.Page{Limit: limit}
	rows, err := i.Ask(ctx, q, ask)
	if err != nil {
		return 0, err
	}
	err = q.Get(ctx, "count "+i.list.Table, engine.SQL("SELECT COUNT(*) FROM (").Append(rows).Then(") AS counted"), &count)
	return count, err
}

// rarest returns the lead to the fewest rows, the first if none has few. An only
// one is not counted where the list is in its order, as it is then taken anyway.
func (i *Index) rarest(ctx context.Context, q engine.Queries, leads []lead, inOrder bool, limit int) (rarest lead, few bool, err error) {
	if inOrder && len(leads) == 1 && leads[0].ordered {
		return leads[0], false, nil
	}
	if limit == 0 {
		limit = defaultFew
	}
	counts := make([]string, len(leads))
	var args []any
	for n, lead := range leads {
		counts[n] = fmt.Sprintf("SELECT %d AS place, COUNT(*) AS found FROM (SELECT 1 FROM %s WHERE %s LIMIT %d) AS counted",
			n, i.list.Grams, lead.condition, limit)
		args = append(args, lead.args...)
	}
	var place, found int
	count := engine.SQL("").Then(strings.Join(counts, " UNION ALL ")+" ORDER BY found, place LIMIT 1", args...)
	if err := q.Get(ctx, "rows of "+i.list.Grams, count, &place, &found); err != nil {
		return lead{}, false, err
	}
	return leads[place], found < limit, nil
}

func (i *Index) order(ask Question) string {
	if ask.OrderBy != "" {
		return ask.OrderBy
	}
	return i.orderBy
}

// whole reads the list in its order until the page is full.
func (i *Index) whole(ask Question) engine.Statement {
	return engine.SQL("SELECT " + i.list.Columns + " FROM " + i.list.Table).
		Where(ask.Filter).Then(i.order(ask)).Page(ask.Page)
}

// led reads the rows of an ordered lead, in the order of the list. A row is taken where
// it stands in this order, should it have an older place in the lead too.
func (i *Index) led(q engine.Queries, columns string, l lead, filter *engine.Filter) engine.Statement {
	return engine.SQL("SELECT "+columns+" FROM "+i.list.Grams+q.JoinInOrder()+i.list.Table+" ON "+i.onPlace).
		Then(" WHERE "+l.condition, l.args...).And(filter).Then(i.gramOrderBy)
}

// either reads the rows of two ordered leads.
func (i *Index) either(q engine.Queries, a, b lead, ask Question) engine.Statement {
	both := engine.Page{Limit: ask.Page.Offset + ask.Page.Limit} // what the page can be of
	if ask.Page.Limit <= 0 {
		both = engine.Page{}
	}
	return engine.SQL("SELECT " + i.list.Columns + " FROM (SELECT " + i.place + " FROM (").
		Append(i.led(q, i.place, a, ask.Filter).Page(both)).
		Then(") AS words UNION SELECT " + i.place + " FROM (").
		Append(i.led(q, i.place, b, ask.Filter).Page(both)).
		Then(") AS ids" + i.gramOrderBy).Page(ask.Page).
		Then(") AS found" + q.JoinInOrder() + i.list.Table + " ON " + i.onID + i.orderBy)
}

// sorted reads all rows of any of the leads, and sorts them.
func (i *Index) sorted(q engine.Queries, leads []lead, ask Question) engine.Statement {
	found := engine.SQL("SELECT " + i.list.Columns + " FROM (SELECT DISTINCT " + i.id.Grams + " FROM (")
	for n, lead := range leads {
		if n > 0 {
			found = found.Then(" UNION ALL ")
		}
		found = found.Then("SELECT "+i.id.Grams+" FROM "+i.list.Grams+" WHERE "+lead.condition, lead.args...)
	}
	return found.Then(") AS leads) AS found" + q.JoinInOrder() + i.list.Table + " ON " + i.onID).
		Where(ask.Filter).Then(i.order(ask)).Page(ask.Page)
}
