package storage

import (
	"context"

	"campusgate/storage/engine"
)

// An Origin is what never changes of a row: two rows with one id are the same row where
// their origins are equal.
type Origin struct {
	Owner string // its user, a product's shop; "" for accounts
	Added int64  // Unix seconds; 0 for accounts and tokens
	Name  string // a shop's; "" for all others
}

// origins returns those of a table's rows by their ids. The text selects id, owner, time
// and name.
func (q *Queries) origins(ctx context.Context, operation, text string) (map[string]Origin, error) {
	var id string
	var row Origin
	found := map[string]Origin{}
	err := q.sql.Each(ctx, operation, engine.SQL(text).Once(), []any{&id, &row.Owner, &row.Added, &row.Name},
		func() { found[id] = row })
	return found, err
}
