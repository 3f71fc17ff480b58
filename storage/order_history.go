package storage

import (
	"context"
	"strings"

	"campusgate/storage/engine"
)

// An OrderStep is one that was taken of an order.
type OrderStep struct {
	OrderID string
	Number  int64 // from 1
	Step    string
	State   OrderState // after it
	Time    int64      // Unix seconds
	Who     string     // buyer, seller, admin or clock
	UserID  string     // "" of a clock
	Note    string     // the reason given

	// What follows the step, once: Untold says that it has not yet.
	Title  string // of the notice to the sides that have not taken it; "" is none
	Sale   int64  // 1: the order's pieces are sold, -1: they are not any more
	Untold bool
}

const historyColumns = "order_id, number, step, state, step_time, who, user_id, note, title, sale, untold"

// fields are historyColumns.
func (s *OrderStep) fields() []any {
	return []any{&s.OrderID, &s.Number, &s.Step, &s.State, &s.Time, &s.Who, &s.UserID, &s.Note, &s.Title, &s.Sale, &s.Untold}
}

// AddOrderSteps writes steps into the history of orders.
func (tx *Tx) AddOrderSteps(ctx context.Context, steps []OrderStep) error {
	return engine.InsertRows(ctx, tx.sql, "add order steps", "order_history ("+historyColumns+")", steps, (*OrderStep).fields)
}

// OrderHistory is all that has happened to an order, the oldest first.
func (q *Queries) OrderHistory(ctx context.Context, orderID string) ([]OrderStep, error) {
	return engine.Collect(ctx, q.sql, "order history", engine.SQL(
		"SELECT "+historyColumns+" FROM order_history WHERE order_id = ? ORDER BY number", orderID).Indexed(), (*OrderStep).fields)
}

// An UntoldStep is one that nothing has followed yet, with the sides of its order.
type UntoldStep struct {
	OrderStep

	BuyerID, SellerID string
}

// UntoldSteps are steps that nothing has followed yet, by order and number.
func (q *Queries) UntoldSteps(ctx context.Context, limit int) ([]UntoldStep, error) {
	return engine.Collect(ctx, q.sql, "untold steps", engine.SQL("SELECT h."+strings.ReplaceAll(historyColumns, ", ", ", h.")+
		", o.user_id, o.seller_id FROM order_history h"+q.sql.JoinInOrder()+"orders o ON o.order_id = h.order_id"+
		" WHERE h.untold = TRUE ORDER BY h.order_id, h.number LIMIT ?", limit),
		func(s *UntoldStep) []any { return append(s.fields(), &s.BuyerID, &s.SellerID) })
}

// StepsTold writes that what follows steps, of which there are some, has happened.
// [ErrNotFound]: of one it had before.
func (tx *Tx) StepsTold(ctx context.Context, steps []UntoldStep) error {
	these := tx.sql.Filter()
	for i := range steps {
		these.And("order_id = ? AND number = ? AND untold = TRUE", steps[i].OrderID, steps[i].Number)
	}
	any := tx.sql.Filter()
	any.Any(these)
	told := engine.SQL("UPDATE order_history SET untold = FALSE").Where(any)
	if len(steps) > pageRows {
		told = told.Once()
	}
	return tx.sql.ChangeAll(ctx, "steps told", told, len(steps))
}

// pageRows is how long a list is as a rule: statements of so many values are prepared.
const pageRows = 20

// inTexts is a statement with a list of texts, of which there are some, behind it.
func inTexts(text string, values []string) engine.Statement {
	args := make([]any, len(values))
	for i, value := range values {
		args[i] = value
	}
	statement := engine.SQL(text).Then("(?"+strings.Repeat(", ?", len(values)-1)+")", args...)
	if len(values) > pageRows {
		return statement.Once()
	}
	return statement
}
