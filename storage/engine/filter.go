package engine

import "strings"

// A Filter collects the conditions of a list, all of which must hold.
type Filter struct {
	contains   func(column, pattern string) (condition, parameter string) // dialect.contains
	conditions []string
	args       []any
}

// Filter returns one without a condition.
func (q Queries) Filter() *Filter {
	return &Filter{contains: q.db.dialect.contains}
}

// And asks for one more condition.
func (f *Filter) And(condition string, args ...any) {
	f.conditions = append(f.conditions, condition)
	f.args = append(f.args, args...)
}

// Any asks that any of other's conditions hold, of which there are some.
func (f *Filter) Any(other *Filter) {
	f.And("("+strings.Join(other.conditions, " OR ")+")", other.args...)
}

// Equal asks that column be value, if there is one.
func (f *Filter) Equal(column string, value *int64) {
	if value != nil {
		f.And(column+" = ?", *value)
	}
}

// In asks that column be one of values, if there are any.
func (f *Filter) In(column string, values []int64) {
	if len(values) == 0 {
		return
	}
	condition, args := Among(column, values)
	f.And(condition, args...)
}

// Among is the condition that column be one of values, of which there is at least one.
func Among[T any](column string, values []T) (condition string, args []any) {
	args = make([]any, len(values))
	for i, value := range values {
		args[i] = value
	}
	return column + " IN (?" + strings.Repeat(", ?", len(values)-1) + ")", args
}

// maxPattern is SQLite's limit of a pattern in bytes, beyond which it fails, and far
// longer than any text that is searched.
const maxPattern = 50_000

// Part asks that column contain needle, the case of A-Z aside. No needle and
// an empty one ask nothing.
func (f *Filter) Part(column string, needle *string) {
	if needle == nil || *needle == "" {
		return
	}
	pattern := "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(*needle) + "%"
	if len(pattern) > maxPattern {
		f.And("0 = 1")
		return
	}
	condition, parameter := f.contains(column, pattern)
	f.And(condition, parameter)
}

// Where is s with the filter's conditions, if it has some.
func (s Statement) Where(f *Filter) Statement { return s.filtered(" WHERE ", f) }

// And is s, which has conditions, with the filter's too.
func (s Statement) And(f *Filter) Statement { return s.filtered(" AND ", f) }

func (s Statement) filtered(word string, f *Filter) Statement {
	if len(f.conditions) == 0 {
		return s.Then("")
	}
	return s.Then(word+strings.Join(f.conditions, " AND "), f.args...)
}
