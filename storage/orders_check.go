package storage

import (
	"context"
	"fmt"
	"maps"
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

	users   map[string]userHolds
	records map[int64]recordShare // that open orders have
	jobs    map[string]bool       // kind and key
	open    int
	escrow  int64 // of all
}

// userHolds is what the orders of a user hold and owe.
type userHolds struct{ beli, credit, debt int64 }

// recordShare is how a record of a coupon, of which an order has a share, must stand.
type recordShare struct {
	payID string
	state int64
}

// checkOrders holds each order against its rows and its clock.
func (q *Queries) checkOrders(ctx context.Context, rows ledgerRows) (*ordersCheck, error) {
	c := &ordersCheck{
		orders: LedgerCheck{Name: "orders"}, clocks: LedgerCheck{Name: "clocks"},
		users: map[string]userHolds{}, records: map[int64]recordShare{}, jobs: map[string]bool{},
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
		rows.days.order(&o)
		c.order(&o, rows)
	})
	if err != nil {
		return nil, err
	}
	for _, account := range rows.sums.begin(CNY, escrowPrefix) {
		c.orders.off("%s has no order", account)
	}
	c.orders.Figures = fmt.Sprintf("%d, of which %d open hold %s yuan", count, c.open, yuan(c.escrow))
	err = q.checkPayments(ctx, &c.orders)
	c.clocks.Figures = fmt.Sprintf("%d jobs of %d open orders", c.open-len(c.clocks.Off), c.open)
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
	c.hold(o, closed)
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

// hold counts what an order holds and owes.
func (c *ordersCheck) hold(o *Order, closed bool) {
	held, state := userHolds{debt: o.Debt}, int64(RecordUsed)
	if o.State == OrderPaying {
		held.beli, held.credit, state = o.BeliUsed, o.CreditPrice, RecordHeld
	}
	if held != (userHolds{}) {
		user := c.users[o.UserID]
		c.users[o.UserID] = userHolds{user.beli + held.beli, user.credit + held.credit, user.debt + held.debt}
	}
	if closed {
		return
	}
	for _, record := range o.Records {
		c.records[record] = recordShare{o.PayID, state}
	}
}

// checkPayments holds the payments of orders against these.
func (q *Queries) checkPayments(ctx context.Context, check *LedgerCheck) error {
	var id, state string
	var price, sum, orders, paying int64
	return q.sql.Each(ctx, "check payments", engine.SQL(`
		SELECT p.pay_id, MAX(p.pay_state), MAX(p.pay_price), COALESCE(SUM(o.pay_price), 0), COUNT(o.order_id),
			COALESCE(SUM(CASE WHEN o.state = ? THEN 1 ELSE 0 END), 0)
		FROM payments p LEFT JOIN orders o ON o.pay_id = p.pay_id WHERE p.purpose = ? GROUP BY p.pay_id`, OrderPaying, PayOrders).Once(),
		[]any{&id, &state, &price, &sum, &orders, &paying}, func() {
			if price != sum {
				check.off("payment %s is of %s yuan, its orders of %s", id, yuan(price), yuan(sum))
			}
			if waits := state == PaymentWaiting; waits && paying != orders || !waits && paying > 0 {
				check.off("payment %s is %s, and %d of its %d orders are to be paid", id, state, paying, orders)
			}
		})
}

// checkRecords holds the records of coupons that are held or used against the orders that
// have a share in them.
func (q *Queries) checkRecords(ctx context.Context, c *ordersCheck) (check LedgerCheck, err error) {
	check = LedgerCheck{Name: "records"}
	counts := map[int64]int{}
	var id, last int64
	var is, was recordShare
	var records idList
	var paying, paid, shared bool
	count := func() { // a record that was read with all orders of its payment
		switch {
		case last == 0:
		case !shared:
			check.off("record %d has the state %d by %q, of which no order has a share in it", last, was.state, was.payID)
		default:
			counts[was.state]++
		}
	}
	err = q.sql.Each(ctx, "check records", engine.SQL(`
		SELECT r.record_id, r.state, r.order_id, COALESCE(o.records, ''), COALESCE(o.state = ?, FALSE), COALESCE(o.pay_time > 0, FALSE)
		FROM coupon_records r LEFT JOIN orders o ON o.pay_id = r.order_id WHERE r.state IN (?, ?) ORDER BY r.record_id`,
		OrderPaying, RecordUsed, RecordHeld).Once(), []any{&id, &is.state, &is.payID, &records, &paying, &paid}, func() {
		if id != last {
			count()
			last, was, shared = id, is, false
		}
		shared = shared || (paying && is.state == RecordHeld || paid && is.state == RecordUsed) && slices.Contains(records, id)
		if c.records[id] == is {
			delete(c.records, id)
		}
	})
	count()
	for _, record := range slices.Sorted(maps.Keys(c.records)) {
		check.off("record %d is not that of %s, of which an order has a share in it", record, c.records[record].payID)
	}
	check.Figures = fmt.Sprintf("%d held and %d used", counts[RecordHeld], counts[RecordUsed])
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
