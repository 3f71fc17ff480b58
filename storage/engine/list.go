package engine

import (
	"fmt"
	"strings"
)

// A Page is a part of a list: Limit rows after the first Offset. Limit 0 is
// all rows, whatever Offset is.
type Page struct {
	Limit, Offset int64
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
func (f Fields) OrderBy(sorts []Sort, last string) (string, error) {
	var terms []string
	for _, sort := range sorts {
		columns, err := f.columns(sort.Field)
		if err != nil {
			return "", err
		}
		for _, column := range columns {
			if sort.Descending {
				column += " DESC"
			}
			terms = append(terms, column)
		}
	}
	return " ORDER BY " + strings.Join(append(terms, last), ", "), nil
}

func (f Fields) columns(name string) ([]string, error) {
	for _, field := range f {
		if field.Name == name {
			return field.Columns, nil
		}
	}
	return nil, fmt.Errorf("sort by unknown field %q", name)
}
