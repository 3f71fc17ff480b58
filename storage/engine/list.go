package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// A Page is a part of a list: Limit rows after the first Offset. Limit 0 is
// all rows, whatever Offset is.
type Page struct {
	Limit, Offset int64
}

// A PagedList is a list that is shown by pages and counted as a whole.
type PagedList struct{ rows, count string }

// NewPagedList makes a list of texts that are written down in the source: its columns, the
// tables with their conditions, and the columns that sort it.
func NewPagedList(columns, from, orderBy string) PagedList {
	count := "SELECT COUNT(*) FROM " + from
	// The count is part of the query, so that both see the same rows.
	return PagedList{"SELECT " + columns + ", (" + count + ") AS total FROM " + from + " ORDER BY " + orderBy, count}
}

// CollectPage reads a page of a list, whose conditions have the parameters args; total
// counts all of its rows, whatever the page. fields tells where the columns of a row go.
func CollectPage[Row any](ctx context.Context, q Queries, operation string, list PagedList, args []any, page Page, fields func(*Row) []any) (rows []Row, total int64, err error) {
	rows, err = Collect(ctx, q, operation, SQL(list.rows, slices.Concat(args, args)...).Page(page), fields, &total)
	if err == nil && len(rows) == 0 && page.Limit > 0 { // past the end
		err = q.Get(ctx, operation, SQL(list.count, args...), &total)
	}
	return rows, total, err
}

// A Sort sorts a list by a field of its rows, named as on the wire.
type Sort struct {
	Field      string
	Descending bool
}

// Fields are those that a list can be sorted by.
type Fields []Field

// A Field is one of a list's, and the columns that sort the list by it.
type Field struct {
	Name    string
	Columns []string
	Unique  bool // no two rows are equal in it: what follows it in a sort is nothing
}

// Names are the fields' names, in their order.
func (f Fields) Names() []string {
	names := make([]string, len(f))
	for i, field := range f {
		names[i] = field.Name
	}
	return names
}

// OrderBy composes the ORDER BY of a list: by sorts in turn, and rows that are equal
// in these by the column last. A sort by a field that is not one of these is an error.
// Behind a unique one there is nothing, so that an index of it serves: MySQL would sort all rows.
func (f Fields) OrderBy(sorts []Sort, last string) (string, error) {
	var terms []string
	unique := false
	for _, sort := range sorts {
		field, err := f.field(sort.Field)
		if err != nil {
			return "", err
		}
		if unique {
			continue
		}
		unique = field.Unique
		for _, column := range field.Columns {
			if sort.Descending {
				column += " DESC"
			}
			terms = append(terms, column)
		}
	}
	if !unique {
		terms = append(terms, last)
	}
	return " ORDER BY " + strings.Join(terms, ", "), nil
}

func (f Fields) field(name string) (Field, error) {
	for _, field := range f {
		if field.Name == name {
			return field, nil
		}
	}
	return Field{}, fmt.Errorf("sort by unknown field %q", name)
}
