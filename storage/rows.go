package storage

import "context"

// A scanned row tells where its columns go, in the order in which a query names
// them.
type scanned[Row any] interface {
	*Row
	fields() []any
}

// firstRows are what a list has room for before it grows by its own length: append
// would let a long one grow by a quarter, and copy it often.
const firstRows = 16

// collect reads all rows of a query. Columns behind a row's own go to more.
func collect[Row any, Fields scanned[Row]](ctx context.Context, q *Queries, operation string, asked query, args []any, more ...any) ([]Row, error) {
	var row Row
	rows := []Row{}
	err := q.scan(ctx, operation, asked, args, append(Fields(&row).fields(), more...), func() {
		if len(rows) == cap(rows) {
			rows = append(make([]Row, 0, max(firstRows, 2*len(rows))), rows...)
		}
		rows = append(rows, row)
	})
	return rows, err
}

// scan scans every row of a query into dest and calls found after it.
func (q *Queries) scan(ctx context.Context, operation string, asked query, args, dest []any, found func()) error {
	return q.read(ctx, operation, asked, func(ctx context.Context, r runner) error {
		return r.each(ctx, args, dest, found)
	})
}
