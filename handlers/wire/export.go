package wire

import (
	"context"

	"campusgate/storage"
)

// An ExportedTable is a table of which user/export gives a user what is kept of the user:
// nothing of anybody else. Each domain declares its own.
type ExportedTable struct {
	Name string // as in the database
	// Each calls write with each row of a user. It keeps few rows in memory and no
	// transaction open, because the reader may be slow.
	Each func(ctx context.Context, user string, write func(row any) error) error
}

// Exported is a table that is read in batches, as EachAfter wants them.
func Exported[Stored, Row, Place any](name string, db *storage.DB,
	next func(q *storage.Queries, ctx context.Context, user string, after Place) ([]Stored, Place, error), row func(Stored) Row,
) ExportedTable {
	return ExportedTable{name, func(ctx context.Context, user string, write func(any) error) error {
		return EachAfter(func(after Place) ([]Stored, Place, error) { return next(&db.Queries, ctx, user, after) },
			func(stored Stored) error { return write(row(stored)) })
	}}
}

// EachAfter calls do with the rows of all batches: next returns those that follow a place,
// the zero Place being before the first, and the place of the last of them. None are all
// of them.
func EachAfter[Stored, Place any](next func(after Place) ([]Stored, Place, error), do func(Stored) error) error {
	var after Place
	for {
		batch, last, err := next(after)
		if err != nil || len(batch) == 0 {
			return err
		}
		for _, stored := range batch {
			if err := do(stored); err != nil {
				return err
			}
		}
		after = last
	}
}
