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
}

const historyColumns = "order_id, number, step, state, step_time, who, user_id, note"

// fields are historyColumns.
func (s *OrderStep) fields() []any {
	return []any{&s.OrderID, &s.Number, &s.Step, &s.State, &s.Time, &s.Who, &s.UserID, &s.Note}
}

// AddOrderSteps writes steps into the history of orders.
func (tx *Tx) AddOrderSteps(ctx context.Context, steps []OrderStep) error {
	return engine.InsertRows(ctx, tx.sql, "add order steps", "order_history ("+historyColumns+")", steps, (*OrderStep).fields)
}

// OrderHistory is all that has happened to an order, the oldest first.
func (q *Queries) OrderHistory(ctx context.Context, orderID string) ([]OrderStep, error) {
	return engine.Collect(ctx, q.sql, "order history", engine.SQL(
		"SELECT "+historyColumns+" FROM order_history WHERE order_id = ? ORDER BY number", orderID), (*OrderStep).fields)
}

// OrderStep is one step of an order's history. [ErrNotFound]: there is none of that number.
func (q *Queries) OrderStep(ctx context.Context, orderID string, number int64) (OrderStep, error) {
	var s OrderStep
	err := q.sql.Get(ctx, "order step", engine.SQL(
		"SELECT "+historyColumns+" FROM order_history WHERE order_id = ? AND number = ?", orderID, number), s.fields()...)
	return s, err
}

// inTexts is a statement with a list of texts, of which there are some, behind it.
func inTexts(text string, values []string) engine.Statement {
	args := make([]any, len(values))
	for i, value := range values {
		args[i] = value
	}
	return engine.SQL(text).Then("(?"+strings.Repeat(", ?", len(values)-1)+")", args...)
}
