package storage

// SelectShops is the text of the query for shops without a condition.
func (q *Queries) SelectShops() string { return q.selectShops() }

// SetFew sets how many rows a search sorts, so that fewer rows are many.
func (db *DB) SetFew(rows int) { db.few = rows }
