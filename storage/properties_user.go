package storage

import (
	"context"

	"campusgate/storage/engine"
)

// PropertiesAfter are a user's next notices behind an id, by id, and the last id; none are
// all of them.
func (q *Queries) PropertiesAfter(ctx context.Context, userID string, after int64) ([]Property, int64, error) {
	return q.propertiesAfter(ctx, "user_id", userID, after)
}

// AnsweredPropertiesAfter is [Queries.PropertiesAfter] of the notices that a user has
// answered.
func (q *Queries) AnsweredPropertiesAfter(ctx context.Context, userID string, after int64) ([]Property, int64, error) {
	return q.propertiesAfter(ctx, "user2_id", userID, after)
}

func (q *Queries) propertiesAfter(ctx context.Context, column, userID string, after int64) ([]Property, int64, error) {
	last := after
	list, err := engine.Collect(ctx, q.sql, "properties after", engine.SQL("SELECT "+propertyColumns+
		", id FROM properties WHERE "+column+" = ? AND id > ? ORDER BY id LIMIT ?", userID, after, batchRows),
		(*Property).fields, &last)
	return list, last, err
}

// EraseContact takes a user's phone and QQ out of the notices that the user has published
// or answered, and puts another name in place of the user's.
func (tx *Tx) EraseContact(ctx context.Context, userID, name string) error {
	const operation = "erase contact"
	err := tx.sql.Exec(ctx, operation, engine.SQL(
		`UPDATE properties SET user_name = ?, user_phone = '', user_qq = '' WHERE user_id = ?`, name, userID))
	if err != nil {
		return err
	}
	return tx.sql.Exec(ctx, operation, engine.SQL(
		`UPDATE properties SET user2_name = ?, user2_phone = '', user2_qq = '' WHERE user2_id = ?`, name, userID))
}
