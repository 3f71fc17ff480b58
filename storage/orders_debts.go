package storage

import (
	"context"

	"campusgate/storage/engine"
)

// A Debt is what an order has taken from its buyer's credit. Money is fen.
type Debt struct {
	OrderID string
	Price   int64 // all of it
	Owed    int64 // what of it is owed
	DueTime int64 // the last second in which it is not overdue
}

// The kinds of debts.
const (
	DebtsAll     = "all"
	DebtsOwed    = "need_pay"
	DebtsOverdue = "over_time"
	DebtsPaid    = "has_pay" // or taken off by refunds
)

// debtsOfUser lists the debts of a user that meet a condition: an order has a due time if
// it has ever had a debt.
func debtsOfUser(condition string) engine.PagedList {
	return engine.NewPagedList("order_id, credit_price, debt, due_time",
		"orders WHERE user_id = ? AND due_time > ?"+condition, "due_time DESC, order_id DESC")
}

var debtsOfKind = map[string]engine.PagedList{
	DebtsAll:     debtsOfUser(""),
	DebtsOwed:    debtsOfUser(" AND debt > 0"),
	DebtsOverdue: debtsOfUser(" AND debt > 0 AND due_time < ?"),
	DebtsPaid:    debtsOfUser(" AND debt = 0"),
}

// Debts lists the debts of a user of a kind at now, the latest due first; total counts all
// of them, whatever the page.
func (q *Queries) Debts(ctx context.Context, userID, kind string, now int64, page Page) ([]Debt, int64, error) {
	args := []any{userID, 0}
	if kind == DebtsOverdue {
		args = append(args, now)
	}
	return engine.CollectPage(ctx, q.sql, "debts", debtsOfKind[kind], args, page,
		func(d *Debt) []any { return []any{&d.OrderID, &d.Price, &d.Owed, &d.DueTime} })
}

// OwedOf is what a user owes of what was due before now, and when the first of all that is
// owed is or was due; 0 is never.
func (q *Queries) OwedOf(ctx context.Context, userID string, now int64) (overdue, firstDue int64, err error) {
	err = q.sql.Get(ctx, "what is owed", engine.SQL(`
		SELECT COALESCE(SUM(CASE WHEN due_time < ? THEN debt ELSE 0 END), 0), COALESCE(MIN(due_time), 0)
		FROM orders WHERE user_id = ? AND due_time > 0 AND debt > 0`, now, userID), &overdue, &firstDue)
	return overdue, firstDue, err
}

// IncomeWaiting is what the open orders of a seller hold.
func (q *Queries) IncomeWaiting(ctx context.Context, sellerID string) (fen int64, err error) {
	err = q.sql.Get(ctx, "income that waits", engine.SQL(
		`SELECT COALESCE(SUM(escrow), 0) FROM orders WHERE seller_id = ? AND closed_time = 0`, sellerID), &fen)
	return fen, err
}
