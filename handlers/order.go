package handlers

import (
	"slices"
	"strings"

	"campusgate/dispatch"
	"campusgate/storage"
)

// maxOrder bounds an order's text in bytes; the longest that names every field of
// a row once is far below it.
const maxOrder = 1000

// parseOrder reads the order of a list:
//
//	order = term { ("," | "AND" | "OR") term }
//	term  = field [ "ASC" | "DESC" ] | "(" order ")"
//
// where a field may stand in brackets, as many as it likes, before its direction.
// All of the joining words mean: then by. Only fields are accepted, each once; what is
// accepted is a list of fields and never text for SQL.
func parseOrder(text string, fields []string) ([]storage.Sort, error) {
	if text == "" {
		return nil, nil
	}
	if len(text) <= maxOrder {
		parser := orderParser{words: orderWords(text), fields: fields}
		if _, ok := parser.order(); ok && len(parser.words) == 0 {
			return parser.orders, nil
		}
	}
	return nil, dispatch.Fail(dispatch.ValueError, "order: must be fields of the row, each once, with ASC or DESC")
}

type orderParser struct {
	words  []string // lower case, what is left
	fields []string
	orders []storage.Sort
}

// orderWords splits at white space and makes brackets and commas words.
func orderWords(text string) []string {
	spaced := strings.NewReplacer("(", " ( ", ")", " ) ", ",", " , ").Replace(text)
	return strings.Fields(strings.ToLower(spaced))
}

// order reads terms. It is bare when it is one field without a direction.
func (p *orderParser) order() (bare, ok bool) {
	bare, ok = p.term()
	for ok && (p.take(",") || p.take("and") || p.take("or")) {
		bare = false
		_, ok = p.term()
	}
	return bare, ok
}

// term reads a field or a bracket. Only behind what is bare may a direction stand.
func (p *orderParser) term() (bare, ok bool) {
	at := len(p.orders)
	if p.take("(") {
		bare, ok = p.order()
		ok = ok && p.take(")")
	} else {
		bare, ok = true, p.field()
	}
	if !ok || !bare {
		return false, ok
	}
	if p.take("desc") {
		p.orders[at].Descending = true
		return false, true
	}
	return !p.take("asc"), true
}

func (p *orderParser) field() bool {
	if len(p.words) == 0 || !slices.Contains(p.fields, p.words[0]) {
		return false
	}
	field := p.words[0]
	p.words = p.words[1:]
	if slices.ContainsFunc(p.orders, func(o storage.Sort) bool { return o.Field == field }) {
		return false
	}
	p.orders = append(p.orders, storage.Sort{Field: field})
	return true
}

// take consumes the next word if it is the wanted one.
func (p *orderParser) take(word string) bool {
	if len(p.words) == 0 || p.words[0] != word {
		return false
	}
	p.words = p.words[1:]
	return true
}
