package storage

import "context"

// A Credit is what a user may owe, and owes. Money is fen.
type Credit struct {
	Amount  int64 // as an admin has set it
	Held    int64 // by orders that are not paid yet
	Debt    int64 // of orders, what is left to repay
	Overdue bool  // a debt was due before
}

// Remain is what the user can still come to owe, which is below 0 where the amount was
// lowered.
func (c Credit) Remain() int64 { return c.Amount - c.Held - c.Debt }

// Credit returns a user's credit at now. Nothing holds any of it yet, and nobody owes.
func (q *Queries) Credit(ctx context.Context, userID string, _ int64) (Credit, error) {
	p, err := q.Profile(ctx, userID)
	return Credit{Amount: p.CreditAmount}, err
}
