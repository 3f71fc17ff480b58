package storage

// SelectShops is the text of the query for shops without a condition.
func (q *Queries) SelectShops() string { return q.selectShops() }
