package storage

import (
	"fmt"
	"slices"
	"strings"
)

// A Page is a part of a list: Limit rows after the first Offset. Limit 0 is
// all rows, whatever Offset is.
type Page struct {
	Limit, Offset int64
}

// clause is the page's end of a query and its parameters.
func (p Page) clause() (string, []any) {
	if p.Limit <= 0 {
		return "", nil
	}
	return " LIMIT ? OFFSET ?", []any{p.Limit, p.Offset}
}

// An Order sorts a list by a field of its rows, named as on the wire: one of
// [ShopFields] or [ProductFields].
type Order struct {
	Field      string
	Descending bool
}

// A sortable is a field and the columns that sort a list by it.
type sortable struct {
	field   string
	columns []string
}

func fieldNames(sortables []sortable) []string {
	names := make([]string, len(sortables))
	for i, s := range sortables {
		names[i] = s.field
	}
	return names
}

// orderBy composes the ORDER BY of a list: by orders in turn, and rows that
// are equal in these by last, in the order of adding.
func orderBy(orders []Order, sortables func() []sortable, last string) (string, error) {
	var terms []string
	for _, order := range orders {
		columns, err := columnsOf(order.Field, sortables())
		if err != nil {
			return "", err
		}
		for _, column := range columns {
			if order.Descending {
				column += " DESC"
			}
			terms = append(terms, column)
		}
	}
	return " ORDER BY " + strings.Join(append(terms, last), ", "), nil
}

func columnsOf(field string, sortables []sortable) ([]string, error) {
	for _, s := range sortables {
		if s.field == field {
			return s.columns, nil
		}
	}
	return nil, fmt.Errorf("order by unknown field %q", field)
}

// A filter collects the conditions of a list, all of which must hold.
type filter struct {
	contains   func(column, pattern string) (condition, parameter string) // dialect.contains
	conditions []string
	args       []any
	nothing    bool // some condition holds for no row
}

func (q *Queries) filter() *filter {
	return &filter{contains: q.dialect.contains}
}

func (f *filter) and(condition string, args ...any) {
	f.conditions = append(f.conditions, condition)
	f.args = append(f.args, args...)
}

// equal asks that column be value, if there is one.
func (f *filter) equal(column string, value *int64) {
	if value != nil {
		f.and(column+" = ?", *value)
	}
}

// in asks that column be one of values, if there are any.
func (f *filter) in(column string, values []int64) {
	if len(values) == 0 {
		return
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(values)), ", ")
	f.conditions = append(f.conditions, column+" IN ("+marks+")")
	for _, value := range values {
		f.args = append(f.args, value)
	}
}

// part asks that column contain needle, the case of A-Z aside. No needle and
// an empty one ask nothing.
func (f *filter) part(column string, needle *string) {
	if needle != nil && *needle != "" {
		condition, parameter := f.contains(column, f.pattern(*needle))
		f.and(condition, parameter)
	}
}

// pattern is the LIKE pattern of texts that contain needle; its %, _ and ! mean
// themselves.
func (f *filter) pattern(needle string) string {
	pattern := "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(needle) + "%"
	// SQLite's limit, beyond which it fails, and far longer than any text
	// that is searched.
	if len(pattern) > 50000 {
		f.nothing = true
	}
	return pattern
}

// where is the filter's WHERE clause, "" if it has no condition.
func (f *filter) where() string {
	if len(f.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(f.conditions, " AND ")
}

// A part of a query, and the values of its parameters.
type part struct {
	text string
	args []any
}

func (p part) then(text string, args []any) part {
	return part{p.text + text, slices.Concat(p.args, args)}
}

// query is the part as a whole query, which is made at run time.
func (p part) query() query { return query{text: p.text, composed: true} }
