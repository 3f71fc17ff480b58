package storage

// A Push is what somebody is told at once where they are listening (GET /live). It is a
// hint: what it tells is in a list too.
type Push struct {
	UserID string
	// Data is what has happened: a value of a type that contact knows how to show, such as a
	// [Notice] or an [OrderStep]; nil says that tokens of the user may have ended.
	Data any
}

// OnPush has tell told what transactions push, once they are committed. It must not wait:
// whoever has committed waits for it. It is called before the first query, if at all.
func (db *DB) OnPush(tell func([]Push)) { db.tell = tell }

// Push has a user told something once the transaction is committed, and nothing where it
// is not.
func (tx *Tx) Push(userID string, data any) {
	if tx.tell != nil {
		*tx.pushes = append(*tx.pushes, Push{userID, data})
	}
}

// A Counter counts what has happened, for whoever watches the server.
type Counter interface{ Inc() }

// Count has what a transaction does counted once it is committed, and not where it is not.
func (tx *Tx) Count(counter Counter) { *tx.counters = append(*tx.counters, counter) }
