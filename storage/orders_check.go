package storage

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"campusgate/storage/engine"
)

// The kinds of the jobs without which an order stands still.
const (
	OrderClockJob    = "order.clock"    // key [Order.ClockKey]
	PaymentExpireJob = "payment.expire" // key the payment
)

// OrderPaying is the state of an order that is to be paid.
const OrderPaying OrderState = "paying"

// FenPerBeli is what the market pays of an order for each of the beli that it has spent.
const FenPerBeli = 10

// ClockKey names one run of an order's clock: when its job comes, the order may have
// another.
func (o *Order) ClockKey() string {
	return o.OrderID + "/" + o.Clock + "/" + strconv.FormatInt(o.ClockEnd, 10)
}

// ordersCheck is what the check of orders has found, for the checks of what they hold.
type ordersCheck struct {
	orders, clocks LedgerCheck

	users    map[string]userHolds
	payments map[string]paymentHolds
	jobs     map[string]bool // kind and key
	open     int
	escrow   int64 // of all
}

// userHolds is what the orders of a user hold and owe.
type userHolds struct{ beli, credit, debt int64 }

// paymentHolds is what the orders of a payment are and hold.
type paymentHolds struct {
	price          int64
	orders, paying int
	held, used     []int64 // records of coupons, of orders that are paying and that were paid
	open           []int64 // those used of orders that are not closed
}

// checkOrders holds each order against its rows and its clock.
func (q *Queries) checkOrders(ctx context.Context, rows ledgerRows) (*ordersCheck, error) {
	c := &ordersCheck{
		orders: LedgerCheck{Name: "orders"}, clocks: LedgerCheck{Name: "clocks"},
		users: map[string]userHolds{}, payments: map[string]paymentHolds{}, jobs: map[string]bool{},
	}
	var kind, key string
	err := q.sql.Each(ctx, "check jobs", engine.SQL("SELECT kind, job_key FROM jobs WHERE kind IN (?, ?) AND dead = FALSE",
		OrderClockJob, PaymentExpireJob).Once(), []any{&kind, &key}, func() { c.jobs[kind+" "+key] = true })
	if err != nil {
		return nil, err
	}
	var o Order
	count := 0
	err = q.sql.Each(ctx, "check orders", engine.SQL("SELECT "+orderColumns+" FROM orders o").Once(), o.fields(), func() {
		count++
		c.order(&o, rows)
	})
	if err != nil {
		return nil, err
	}
	for _, account := range rows.sums.begin(CNY, escrowPrefix) {
		c.orders.off("%s has no order", account)
	}
	c.orders.Figures = fmt.Sprintf("%d, of which %d open hold %s yuan", count, c.open, yuan(c.escrow))
	err = q.checkPayments(ctx, c)
	c.clocks.Figures = fmt.Sprintf("%d jobs of %d open orders", len(c.jobs), c.open)
	return c, err
}

// order looks at one order, and counts what it holds.
func (c *ordersCheck) order(o *Order, rows ledgerRows) {
	off := func(format string, args ...any) { c.orders.off("order "+o.OrderID+" "+format, args...) }
	sum := rows.sums.take(CNY, EscrowAccount(o.OrderID, nil))
	given, closed, paid := o.PayPrice+o.CreditPrice, o.ClosedTime != 0, o.PayTime != 0
	left := given - o.Refunded + o.Promotion + o.Beli*FenPerBeli
	if !paid {
		left = 0
	}
	switch {
	case o.Escrow != sum:
		off("holds %s yuan, but the ledger says %s", yuan(o.Escrow), yuan(sum))
	case closed && o.Escrow != 0:
		off("is closed and holds %s yuan", yuan(o.Escrow))
	case !closed && o.Escrow != left:
		off("holds %s yuan, but %s are left of what was paid", yuan(o.Escrow), yuan(left))
	}
	if back := rows.refunded[o.OrderID]; back != o.Refunded {
		off("has refunded %s yuan, but the ledger says %s", yuan(o.Refunded), yuan(back))
	}
	if o.Refunded < 0 || o.Refunded > given {
		off("has refunded %s of %s yuan", yuan(o.Refunded), yuan(given))
	}
	if min(o.Debt, o.Promotion, o.Beli) < 0 || o.Debt > o.CreditPrice || o.Promotion > o.PromotionPrice || o.Beli > o.BeliUsed {
		off("has %s yuan of debt, %s of coupons and %d beli, more than it had", yuan(o.Debt), yuan(o.Promotion), o.Beli)
	}
	c.hold(o, closed, paid)
	if closed {
		return
	}
	c.open, c.escrow = c.open+1, c.escrow+o.Escrow
	clock := OrderClockJob + " " + o.ClockKey()
	if o.State == OrderPaying {
		clock = PaymentExpireJob + " " + o.PayID
	}
	if o.Clock == "" || !c.jobs[clock] {
		c.clocks.off("order %s has no job of its clock %q", o.OrderID, o.Clock)
	}
}

// hold counts what an order holds.
func (c *ordersCheck) hold(o *Order, closed, paid bool) {
	user, payment := c.users[o.UserID], c.payments[o.PayID]
	user.debt += o.Debt
	payment.orders, payment.price = payment.orders+1, payment.price+o.PayPrice
	switch {
	case o.State == OrderPaying:
		user.beli, user.credit = user.beli+o.BeliUsed, user.credit+o.CreditPrice
		payment.paying++
		payment.held = append(payment.held, o.Records...)
	case paid:
		payment.used = append(payment.used, o.Records...)
		if !closed {
			payment.open = append(payment.open, o.Records...)
		}
	}
	c.users[o.UserID], c.payments[o.PayID] = user, payment
}

// checkPayments holds the payments of orders against these.
func (q *Queries) checkPayments(ctx context.Context, c *ordersCheck) error {
	var id, state string
	var price int64
	return q.sql.Each(ctx, "check payments", engine.SQL("SELECT pay_id, pay_state, pay_price FROM payments WHERE purpose = ?", PayOrders).Once(),
		[]any{&id, &state, &price}, func() {
			p := c.payments[id]
			if p.price != price {
				c.orders.off("payment %s is of %s yuan, its orders of %s", id, yuan(price), yuan(p.price))
			}
			if waits := state == PaymentWaiting; waits && p.paying != p.orders || !waits && p.paying > 0 {
				c.orders.off("payment %s is %s, and %d of its %d orders are to be paid", id, state, p.paying, p.orders)
			}
		})
}

// checkRecords holds the records of coupons that are held or used against the orders that
// have a share in them.
func (q *Queries) checkRecords(ctx context.Context, c *ordersCheck) (check LedgerCheck, err error) {
	check = LedgerCheck{Name: "records"}
	var id, state int64
	var payID string
	held, used := 0, 0
	err = q.sql.Each(ctx, "check records", engine.SQL("SELECT record_id, state, order_id FROM coupon_records WHERE state IN (?, ?)",
		RecordUsed, RecordHeld).Once(), []any{&id, &state, &payID}, func() {
		p := c.payments[payID]
		switch {
		case state == RecordHeld && slices.Contains(p.held, id):
			held++
		case state == RecordUsed && slices.Contains(p.used, id):
			used++
		default:
			check.off("record %d has the state %d by %q, of which no order has a share in it", id, state, payID)
		}
		without := func(records []int64) []int64 {
			return slices.DeleteFunc(slices.Clone(records), func(other int64) bool { return other == id })
		}
		p.held, p.open = without(p.held), without(p.open)
		c.payments[payID] = p
	})
	for payID, p := range c.payments {
		for _, record := range slices.Concat(p.held, p.open) {
			check.off("record %d is not that of %s, of which an order has a share in it", record, payID)
		}
	}
	slices.Sort(check.Off)
	check.Figures = fmt.Sprintf("%d held and %d used", held, used)
	return check, err
}

// checkStock holds the products' counts of open orders against these. What was taken out
// of a stock for them is not there to be compared.
func (q *Queries) checkStock(ctx context.Context) (check LedgerCheck, err error) {
	check = LedgerCheck{Name: "stock"}
	open := map[int64]int64{}
	var product, lines, pieces, held, total int64
	err = q.sql.Each(ctx, "check lines", engine.SQL(`
		SELECT l.product_id, COUNT(*), SUM(CASE WHEN l.stock_held THEN l.product_num ELSE 0 END)
		FROM order_lines l JOIN orders o ON o.order_id = l.order_id WHERE o.closed_time = 0 GROUP BY l.product_id`).Once(),
		[]any{&product, &lines, &pieces}, func() { open[product], total, held = lines, total+lines, held+pieces })
	if err != nil {
		return check, err
	}
	var orders, stock int64
	err = q.sql.Each(ctx, "check stock", engine.SQL("SELECT product_id, open_orders, COALESCE(product_stock, 0) FROM products").Once(),
		[]any{&product, &orders, &stock}, func() {
			if orders != open[product] {
				check.off("product %d counts %d lines of open orders, but there are %d", product, orders, open[product])
			}
			if stock < 0 {
				check.off("product %d has %d pieces", product, stock)
			}
		})
	check.Figures = fmt.Sprintf("%d lines of open orders, with %d pieces out of a stock", total, held)
	return check, err
}
