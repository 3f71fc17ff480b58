package storage

import (
	"context"

	"campusgate/storage/engine"
)

// A CreditFilter says which credits to list: all of its conditions must hold, empty ones
// and 0 are none.
type CreditFilter struct {
	Name, Phone string // parts
	Begin, End  int64  // of the last change; End is the first second after it
}

// Credits lists the profiles whose credit an admin has ever changed, the last change
// first; total counts all of them, whatever the page. They are few, and deleted accounts
// are not among them.
func (q *Queries) Credits(ctx context.Context, f CreditFilter, page Page) (list []Profile, total int64, err error) {
	const operation = "credits"
	filter := q.sql.Filter()
	filter.And("credit_time >= ?", max(f.Begin, 1))
	if f.End != 0 {
		filter.And("credit_time < ?", f.End)
	}
	filter.And("state < ?", ProfileDeleted)
	filter.Part("name", &f.Name)
	filter.Part("phone", &f.Phone)
	list, err = engine.Collect(ctx, q.sql, operation, engine.SQL("SELECT "+profileColumns+" FROM profiles").
		Where(filter).Then(" ORDER BY credit_time DESC, seq DESC").Page(page), (*Profile).fields)
	if err != nil {
		return nil, 0, err
	}
	err = q.sql.Get(ctx, operation, engine.SQL("SELECT COUNT(*) FROM profiles").Where(filter), &total)
	return list, total, err
}
