package engine

import (
	"context"
	"slices"
	"strings"
)

// rowsOfInsert bounds the rows of one INSERT: SQLite has 32766 parameters, and more rows
// gain little.
const rowsOfInsert = 200

// fewRows is how many rows are added by prepared statements: an order has one line as a
// rule, and a step few jobs.
const fewRows = 4

// InsertRows adds rows to a table, into being its name with the columns between brackets;
// fields are pointers to the values of a row, as [Collect] wants them. Only in a
// transaction either all rows are added or none.
func InsertRows[Row any](ctx context.Context, q Queries, operation, into string, rows []Row, fields func(*Row) []any) error {
	for chunk := range slices.Chunk(rows, rowsOfInsert) {
		var args []any
		for i := range chunk {
			args = append(args, fields(&chunk[i])...)
		}
		values := ", (?" + strings.Repeat(", ?", len(args)/len(chunk)-1) + ")"
		insert := SQL("INSERT INTO "+into+" VALUES "+strings.Repeat(values, len(chunk))[len(", "):], args...)
		if len(chunk) > fewRows && len(chunk) < rowsOfInsert {
			insert = insert.Once()
		}
		if err := q.Exec(ctx, operation, insert); err != nil {
			return err
		}
	}
	return nil
}
