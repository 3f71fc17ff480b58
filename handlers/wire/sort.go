package wire

import (
	"slices"
	"strings"

	"campusgate/dispatch"
	"campusgate/storage"
)

// maxSort bounds the text of a sort in bytes; the longest that names every field
// of a row once is far below it.
const maxSort = 1000

// ParseSort reads the key order of a list:
//
//	sort = term { ("," | "AND" | "OR") term }
//	term = field [ "ASC" | "DESC" ] | "(" sort ")"
//
// A field may stand in any number of brackets before its direction. Each of the
// joining words means "then by". Only the given fields are accepted, each once; the
// result is a list of fields and never text for SQL.
func ParseSort(text string, fields []string) ([]storage.Sort, error) {
	if text == "" {
		return nil, nil
	}
	if len(text) <= maxSort {
		parser := sortParser{words: sortWords(text), fields: fields}
		if _, ok := parser.sort(); ok && len(parser.words) == 0 {
			return parser.sorted, nil
		}
	}
	return nil, dispatch.Fail(dispatch.ValueError, "order: must be fields of the row, each at most once, with ASC or DESC")
}

type sortParser struct {
	words  []string // in lower case, those that are not read yet
	fields []string
	sorted []storage.Sort
}

// sortWords splits at white space and makes brackets and commas words.
func sortWords(text string) []string {
	spaced := strings.NewReplacer("(", " ( ", ")", " ) ", ",", " , ").Replace(text)
	return strings.Fields(strings.ToLower(spaced))
}

// sort reads terms. It is bare when it is one field without a direction.
func (p *sortParser) sort() (bare, ok bool) {
	bare, ok = p.term()
	for ok && (p.take(",") || p.take("and") || p.take("or")) {
		bare = false
		_, ok = p.term()
	}
	return bare, ok
}

// term reads a field or a bracket. A direction may follow only what is bare.
func (p *sortParser) term() (bare, ok bool) {
	at := len(p.sorted)
	if p.take("(") {
		bare, ok = p.sort()
		ok = ok && p.take(")")
	} else {
		bare, ok = true, p.field()
	}
	if !ok || !bare {
		return false, ok
	}
	if p.take("desc") {
		p.sorted[at].Descending = true
		return false, true
	}
	return !p.take("asc"), true
}

func (p *sortParser) field() bool {
	if len(p.words) == 0 || !slices.Contains(p.fields, p.words[0]) {
		return false
	}
	field := p.words[0]
	p.words = p.words[1:]
	if slices.ContainsFunc(p.sorted, func(s storage.Sort) bool { return s.Field == field }) {
		return false
	}
	p.sorted = append(p.sorted, storage.Sort{Field: field})
	return true
}

// take consumes the next word if it is the wanted one.
func (p *sortParser) take(word string) bool {
	if len(p.words) == 0 || p.words[0] != word {
		return false
	}
	p.words = p.words[1:]
	return true
}
