package search

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"campusgate/storage/engine"
)

// A TextQuestion asks for a page of the rows of a list that have all words and marks.
type TextQuestion struct {
	Words []string // none is "", none has a blank
	Marks []string
	// Filter has conditions on the rows. None of them shall be answered by an index, which
	// could be preferred to the order of a sort: x + 0 > ?, not x > ?.
	Filter *engine.Filter
	// Range is those of the conditions that an index answers, written so that it does.
	Range *engine.Filter
	Sort  TextSort
	Page  engine.Page
	Few   int // rows that are worth sorting; 1000 when 0
	// Read reads the rows of a page that a statement finds, and returns how many there are. It
	// is called twice at most, for what follows each other. The statement has the columns
	// found_key and found_id, and its rows come in the order of these, the greatest first.
	Read func(ctx context.Context, page engine.Statement) (read int64, err error)
	// Count returns how many rows there are, as count counts them to MaxCount at most, or as
	// they were counted before.
	Count    func(count func() (int64, error)) (int64, error)
	MaxCount int64
	// Choose returns the choice of a lead, which it may keep by its name: it may be out of date.
	Choose func(name string, choose func() (Choice, error)) (Choice, error)
}

// A Choice is a lead of several, and to how many rows it leads, as far as that was counted.
type Choice struct{ Lead, Rows int64 }

// A TextSort is the order of the rows: the newest first where it is zero.
type TextSort struct {
	// Titles has those first whose titles have all words; then the newest.
	Titles bool
	// Column has those first whose value is the greatest; then the newest. There is an index
	// of the column, and InList is TextList.InList as a condition on the column alone.
	Column, InList string
}

// Find has the rows of a page read, in their order, and returns how many rows there are, to
// MaxCount at most. A word that few rows have leads to them, and they are sorted. Where all leads
// are common the list is read in the order of the sort until the page is full.
func (t *Texts) Find(ctx context.Context, q engine.Queries, ask TextQuestion) (total int64, err error) {
	words := make([]string, len(ask.Words))
	for i, word := range ask.Words {
		words[i] = Fold(word)
	}
	slices.Sort(words)
	ask.Words = slices.Compact(words)
	ask.Sort.Titles = ask.Sort.Titles && len(ask.Words) > 0
	all := &way{list: t.list, q: q, ask: ask, words: anywhere}
	if err := all.choose(ctx); err != nil {
		return 0, err
	}
	var read int64
	if ask.Sort.Titles && !all.few {
		read, err = t.byTitles(ctx, q, ask)
	} else {
		read, err = ask.Read(ctx, all.page())
	}
	if err != nil {
		return 0, err
	}
	if last := ask.Page.Limit == 0 || read < ask.Page.Limit; last && (read > 0 || ask.Page.Offset == 0) {
		return ask.Page.Offset + read, nil
	}
	return ask.Count(func() (int64, error) { return all.count(ctx, ask.MaxCount) })
}

// byTitles has the rows of a page read of which those come first whose titles have all words.
func (t *Texts) byTitles(ctx context.Context, q engine.Queries, ask TextQuestion) (read int64, err error) {
	first := &way{list: t.list, q: q, ask: ask, words: inTitle}
	if err := first.choose(ctx); err != nil {
		return 0, err
	}
	read, err = ask.Read(ctx, first.page())
	if err != nil || read == ask.Page.Limit && read > 0 {
		return read, err
	}
	before := ask.Page.Offset + read // rows whose titles have all words
	if read == 0 && ask.Page.Offset > 0 {
		if before, err = first.count(ctx, ask.Page.Offset); err != nil {
			return 0, err
		}
	}
	rest := &way{list: t.list, q: q, ask: ask, words: notInTitle}
	if ask.Page.Limit > 0 {
		rest.ask.Page = engine.Page{Limit: ask.Page.Limit - read, Offset: max(0, ask.Page.Offset-before)}
	}
	if err := rest.choose(ctx); err != nil {
		return 0, err
	}
	others, err := ask.Read(ctx, rest.page())
	return read + others, err
}

// Where the words are.
type place int

const (
	anywhere   place = iota // of the body
	inTitle                 // all of them
	notInTitle              // in the body, but not all of them in the title
)

// A way is how the rows of a question are found: through a lead.
type way struct {
	list  TextList
	q     engine.Queries
	ask   TextQuestion
	words place
	lead  textLead
	few   bool // rows are led to
}

// A textLead is a condition that holds for every row that is searched, and for some others.
type textLead struct {
	from, id string // the table and its column of ids
	where    *engine.Filter
	gram     string // which the rows have; "" is a lead of another kind
}

func (w *way) byGram(gram string) textLead {
	where := w.q.Filter()
	where.And("l.gram = ?", []byte(gram))
	return textLead{from: w.list.Grams + " l", id: "l.gram_id", where: where, gram: gram}
}

// byRange leads to the rows of the question's range.
func (w *way) byRange() textLead {
	return textLead{from: w.list.Table, id: w.list.ID, where: w.ask.Range}
}

// byOrder leads to all rows of the list, in the order of a sort.
func (w *way) byOrder(sort TextSort) textLead {
	where := w.q.Filter()
	where.And(w.list.InList)
	if sort.Column != "" {
		where = w.q.Filter()
		where.And(sort.InList)
	}
	return textLead{from: w.list.Table, id: w.list.ID, where: where}
}

// exact are the grams that exactly the rows have whose words and marks are such, and the
// words of which no gram tells as much.
func (w *way) exact() (grams, long []string) {
	for _, word := range w.ask.Words {
		switch {
		case !isExact(word):
			long = append(long, word)
		case w.words == inTitle:
			grams = append(grams, titleGram(word))
		default:
			grams = append(grams, word)
		}
	}
	for _, mark := range w.ask.Marks {
		grams = append(grams, markGram(mark))
	}
	return grams, long
}

// leads are those of the question, at most so many as one statement counts.
func (w *way) leads() []textLead {
	var leads []textLead
	grams, long := w.exact()
	for _, gram := range grams {
		leads = append(leads, w.byGram(gram))
	}
	for _, word := range long {
		eachGram(word, func(gram string) {
			if length := utf8.RuneCountInString(gram); length == maxExact || length == maxExact-1 && !isASCII(gram) {
				if w.words == inTitle {
					gram = titleGram(gram)
				}
				leads = append(leads, w.byGram(gram))
			}
		})
	}
	leads = leads[:min(len(leads), maxLeads)]
	if w.ask.Range != nil {
		leads = append(leads, w.byRange())
	}
	return leads
}

// inOrder reports whether the newest row comes first, as the ids of a gram are.
func (w *way) inOrder() bool {
	return w.ask.Sort.Column == "" && (!w.ask.Sort.Titles || w.words != anywhere)
}

// choose chooses the lead to the fewest rows. An only gram is not counted where the rows are
// in its order, as it is then taken anyway.
func (w *way) choose(ctx context.Context) error {
	leads := w.leads()
	switch {
	case len(leads) == 0:
		w.lead = w.byOrder(TextSort{})
		return nil
	case len(leads) == 1 && leads[0].gram != "" && w.inOrder():
		w.lead = leads[0]
		return nil
	}
	limit := int64(w.ask.Few)
	if limit == 0 {
		limit = defaultFew
	}
	if !w.inOrder() { // a list that is read in order is read at least so far
		limit = max(limit, w.ask.Page.Offset+w.ask.Page.Limit)
	}
	chosen, err := w.ask.Choose(fmt.Sprint(w.words, " ", limit), func() (Choice, error) {
		chosen, err := w.rarest(ctx, leads, limit)
		if err == nil && chosen.Rows >= limit && len(leads) > 1 { // the rarest of common ones
			return w.rarest(ctx, leads, manyTimes*limit)
		}
		return chosen, err
	})
	if err == nil {
		w.lead, w.few = leads[chosen.Lead], chosen.Rows < limit
	}
	return err
}

// manyTimes few rows are not few, but worth telling from more.
const manyTimes = 10

// rarest returns which lead leads to the fewest rows, the first if all lead to limit.
func (w *way) rarest(ctx context.Context, leads []textLead, limit int64) (chosen Choice, err error) {
	count := engine.SQL("")
	for i, lead := range leads {
		if i > 0 {
			count = count.Then(" UNION ALL ")
		}
		count = count.Then(fmt.Sprintf("SELECT %d AS place, COUNT(*) AS found FROM (SELECT 1 FROM %s", i, lead.from)).
			Where(lead.where).Then(" LIMIT ?) AS counted", limit)
	}
	err = w.q.Get(ctx, "rows of "+w.list.Grams, count.Then(" ORDER BY found, place LIMIT 1"), &chosen.Lead, &chosen.Rows)
	return chosen, err
}

// page finds the rows of the page.
func (w *way) page() engine.Statement {
	lead, key, order := w.lead, engine.SQL("0"), engine.SQL("")
	switch sort := w.ask.Sort; {
	case sort.Column != "":
		key, order = engine.SQL(sort.Column), engine.SQL(sort.Column)
	case !w.inOrder():
		key, order = w.titleHasAll(), engine.SQL("found_key")
	}
	newest := w.list.ID
	switch {
	case w.few && (!w.inOrder() || lead.gram == ""): // all are read, and sorted by values that no index has
		newest += " + 0"
		order = order.Then(" + 0")
	case w.inOrder() && lead.gram != "":
		newest = lead.id
	default:
		lead = w.byOrder(w.ask.Sort)
	}
	begin := engine.SQL("SELECT ").Append(key).Then(" AS found_key, " + lead.id + " AS found_id FROM ")
	if w.inOrder() {
		order = engine.SQL(newest)
	} else {
		order = order.Then(" DESC, " + newest)
	}
	return w.rows(begin, lead).Then(" ORDER BY ").Append(order).Then(" DESC").Page(w.ask.Page)
}

// titleHasAll is a condition of the rows whose titles have all words.
func (w *way) titleHasAll() engine.Statement {
	s := engine.SQL("")
	for i, word := range w.ask.Words {
		s = s.Then(map[bool]string{true: "(", false: " AND "}[i == 0]+"INSTR(title, ?) > 0", []byte(word))
	}
	return s.Then(")")
}

// count counts the rows, to limit at most.
func (w *way) count(ctx context.Context, limit int64) (total int64, err error) {
	counted, err := engine.Collect(ctx, w.q, "count "+w.list.Table,
		w.rows(engine.SQL("SELECT COUNT(*) FROM (SELECT 1 FROM "), w.lead).Then(" LIMIT ?) AS counted", limit),
		func(total *int64) []any { return []any{total} })
	if err == nil {
		total = counted[0]
	}
	return total, err
}

// rows are the rows that a lead leads to and that answer the question, without an order.
func (w *way) rows(begin engine.Statement, lead textLead) engine.Statement {
	next := w.q.JoinInOrder()
	s := begin.Then(lead.from)
	grams, long := w.exact()
	for i, gram := range grams {
		if gram != lead.gram {
			other := fmt.Sprint("g", i)
			s = s.Then(next+w.list.Grams+" "+other+" ON "+other+".gram = ? AND "+other+".gram_id = "+lead.id, []byte(gram))
		}
	}
	where := w.q.Filter()
	if lead.gram != "" {
		s = s.Then(next + w.list.Table + " ON " + w.list.ID + " = " + lead.id)
		where.And(w.list.InList)
	}
	if titles := w.words == notInTitle || !w.inOrder() && w.ask.Sort.Titles; titles || len(long) > 0 {
		s = s.Then(next + w.list.Texts + " ON text_id = " + lead.id)
	}
	column := "body"
	if w.words == inTitle {
		column = "title"
	}
	for _, word := range long {
		where.And("INSTR("+column+", ?) > 0", []byte(word))
	}
	s = s.Where(lead.where).And(where).And(w.ask.Filter)
	if w.words == notInTitle {
		s = s.Then(" AND NOT ").Append(w.titleHasAll())
	}
	return s
}
