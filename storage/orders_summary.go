package storage

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"campusgate/storage/engine"
)

// secondDigits are those with which an order's id begins: the second of making.
const secondDigits = 10

// orderIDAt is before the ids of all orders of a second, and behind those before it.
func orderIDAt(unix int64) string {
	return fmt.Sprintf("%0*d", secondDigits, min(max(unix, 0), 9_999_999_999))
}

// ordersMade counts the orders that were made from a time to before another.
func (q *Queries) ordersMade(ctx context.Context, from, before int64) (count int64, err error) {
	err = q.sql.Get(ctx, "orders made", engine.SQL(
		`SELECT COUNT(*) FROM orders WHERE order_id >= ? AND order_id < ?`, orderIDAt(from), orderIDAt(before)), &count)
	return count, err
}

// ordersPaid counts and sums the orders that were paid from a time to before another. SQLite
// begins in the index at the first of two lower bounds, and that above 0 is of all orders.
func (q *Queries) ordersPaid(ctx context.Context, from, before int64) (count, fen int64, err error) {
	err = q.sql.Get(ctx, "orders paid", engine.SQL(
		`SELECT COUNT(*), COALESCE(SUM(pay_price), 0) FROM orders WHERE pay_time >= ? AND pay_time < ? AND pay_time > 0`, from, before),
		&count, &fen)
	return count, fen, err
}

// A NamedOrder is an order with the names of its sides and its lines.
type NamedOrder struct {
	OrderRow

	Lines []OrderLine
}

// exportRows bounds the orders that are read at once of a list of all.
const exportRows = 200

// NamedOrders are the next orders behind an id that were made from a time to before another,
// by id: the oldest first.
func (q *Queries) NamedOrders(ctx context.Context, after string, from, before int64) ([]NamedOrder, error) {
	after = max(after, orderIDAt(from))
	orders, err := engine.Collect(ctx, q.sql, "named orders", engine.SQL(
		"SELECT "+orderColumns+", COALESCE(s.shop_name, ''), COALESCE(u.name, ''), COALESCE(v.name, '') FROM orders o LEFT JOIN "+joinOrderShops+
			" LEFT JOIN users u ON "+q.buyer+" LEFT JOIN users v ON "+strings.ReplaceAll(q.orderSeller, "u.id", "v.id")+
			" WHERE o.order_id > ? AND o.order_id < ? ORDER BY o.order_id LIMIT ?", after, orderIDAt(before), exportRows),
		func(o *NamedOrder) []any { return append(o.fields(), &o.Names.Seller) })
	if err != nil || len(orders) == 0 {
		return nil, err
	}
	lines, err := q.orderLinesBetween(ctx, orders[0].Order.OrderID, orders[len(orders)-1].Order.OrderID)
	if err != nil {
		return nil, err
	}
	for i := range orders {
		own := 0
		for own < len(lines) && lines[own].OrderID == orders[i].Order.OrderID {
			own++
		}
		orders[i].Lines, lines = lines[:own], lines[own:]
	}
	return orders, nil
}

// nextPaid is when the first order was paid from a time on, 0 where none was.
func (q *Queries) nextPaid(ctx context.Context, from int64) (unix int64, err error) {
	err = q.sql.Get(ctx, "next order paid", engine.SQL(
		`SELECT COALESCE(MIN(pay_time), 0) FROM orders WHERE pay_time >= ? AND pay_time > 0`, from), &unix)
	return unix, err
}

// nextOrder is when the first order was made from a time on, 0 where none was.
func (q *Queries) nextOrder(ctx context.Context, from int64) (unix int64, err error) {
	var id string
	err = q.sql.Get(ctx, "next order", engine.SQL(`SELECT COALESCE(MIN(order_id), '') FROM orders WHERE order_id >= ?`, orderIDAt(from)), &id)
	if err != nil || id == "" {
		return 0, err
	}
	unix, err = strconv.ParseInt(id[:min(len(id), secondDigits)], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("next order: the id %q does not begin with a time", id)
	}
	return unix, nil
}
