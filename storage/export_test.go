package storage

import (
	"context"

	"campusgate/storage/engine"
)

// SelectShops is the text of the query for shops without a condition.
func (q *Queries) SelectShops() string { return q.selectShops() }

// SumsOfLedger counts the accounts that a check of the ledger keeps in memory.
func (q *Queries) SumsOfLedger(ctx context.Context) (int, error) {
	rows, _, err := q.checkRows(ctx)
	return len(rows.sums), err
}

// SetFew sets how many rows a search sorts, so that fewer rows are many.
func (db *DB) SetFew(rows int) { db.few = rows }

// Exec changes the database as only an accident does.
func (db *DB) Exec(ctx context.Context, text string) error {
	return db.sql.Exec(ctx, "exec", engine.SQL(text).Once())
}
