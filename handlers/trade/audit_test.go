package trade_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

// The audit proves of orders what the contract says of them: each fault that an accident
// may leave is one line, which names what it is of.
func TestAuditOfOrders(t *testing.T) {
	t.Parallel()
	f := startFair(t)
	f.give(alice, 9, 1000_00)
	coupon := storage.Coupon{CouponType: storage.CouponOff, CouponValue: 1_00}
	used, held := f.take(alice, coupon), f.take(alice, coupon)
	const all = `,"use_beli":true,"deliver":"face","record_id":`
	paid := f.paid(items(fmt.Sprint(all, used), item(tea, ""), item(bike, `,"first_price":100`)))
	f.give(alice, 3, 1000_00)
	paying := f.commit(items(fmt.Sprint(all, held), item(cup, ""), item(bike, `,"first_price":60`)))
	closed := f.paid(items(`,"deliver":"face"`, item(lamp, "")))
	f.ok("decline", bobToken, closed.OrderIDs[0], `"reason":"没货"`)
	part := f.paid(items(`,"deliver":"face"`, item(cup, "")))
	f.ok("refund", aliceToken, part.OrderIDs[0], `"kind":"money","amount":3,"reason":"有划痕"`)
	f.ok("agree", bobToken, part.OrderIDs[0])

	report, err := f.DB.CheckLedger(t.Context())
	handlerstest.Must(t, err)
	var figures []string
	for _, check := range report.Checks {
		figures = append(figures, check.Name+": "+check.Figures)
	}
	if diff := cmp.Diff([]string{
		"rows: 13, which moved 2891.00 yuan and 21 beli",
		"wallets: 3 with 1386.90 yuan; external: 0.00 yuan in 0 of them",
		"beli: 0 free and 3 held of 2 users",
		"credits: 1 of 1000.00 yuan, of which 240.00 held and 200.00 owed",
		"orders: 4, of which 3 open hold 315.00 yuan",
		"clocks: 3 jobs of 3 open orders",
		"records: 1 held and 1 used",
		"stock: 5 lines of open orders, with 1 pieces out of a stock",
		"unclaimed: 0.00 yuan of 0 attempts",
		"days: 0 kept",
	}, figures); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}

	names := strings.NewReplacer("PAID", paid.OrderIDs[0], "PAYING", paying.OrderIDs[0], "CLOSED", closed.OrderIDs[0], "PARTS", part.PayID, "PART", part.OrderIDs[0],
		"PAYMENT", paid.PayID, "WAITING", paying.PayID, "ALICE", alice)
	for _, c := range []struct{ accident, undo, want string }{
		{
			"UPDATE orders SET escrow = escrow + 1 WHERE order_id = 'PAID'", "UPDATE orders SET escrow = escrow - 1 WHERE order_id = 'PAID'",
			"orders: order PAID holds 310.01 yuan, but the ledger says 310.00",
		},
		{
			"UPDATE orders SET promotion = 99 WHERE order_id = 'PAID'", "UPDATE orders SET promotion = 100 WHERE order_id = 'PAID'",
			"orders: order PAID holds 310.00 yuan, but 309.99 are left of what was paid",
		},
		{
			"UPDATE orders SET beli = 8 WHERE order_id = 'PAID'", "UPDATE orders SET beli = 9 WHERE order_id = 'PAID'",
			"orders: order PAID holds 310.00 yuan, but 309.90 are left of what was paid",
		},
		{
			"UPDATE orders SET closed_time = 1 WHERE order_id = 'PART'", "UPDATE orders SET closed_time = 0 WHERE order_id = 'PART'",
			"orders: order PART is closed and holds 5.00 yuan\nstock: product 1002 counts 2 lines of open orders, but there are 1",
		},
		{
			"UPDATE orders SET refunded = 400 WHERE order_id = 'PART'", "UPDATE orders SET refunded = 300 WHERE order_id = 'PART'",
			"orders: order PART holds 5.00 yuan, but 4.00 are left of what was paid\norders: order PART has refunded 4.00 yuan, but the ledger says 3.00",
		},
		{
			"UPDATE orders SET pay_price = 299 WHERE order_id = 'PART'", "UPDATE orders SET pay_price = 800 WHERE order_id = 'PART'",
			"orders: order PART holds 5.00 yuan, but -0.01 are left of what was paid\norders: order PART has refunded 3.00 of 2.99 yuan\n" +
				"orders: payment PARTS is of 8.00 yuan, its orders of 2.99",
		},
		{
			"UPDATE orders SET debt = 20001 WHERE order_id = 'PAID'", "UPDATE orders SET debt = 20000 WHERE order_id = 'PAID'",
			"credits: user ALICE has 240.00 yuan held and owes 200.00, but the orders hold 240.00 and owe 200.01\n" +
				"orders: order PAID has 200.01 yuan of debt, 1.00 of coupons and 9 beli, more than it had",
		},
		{
			"INSERT INTO ledger (kind, currency, account_from, account_to, amount, to_balance, creat_time) VALUES ('promotion', 'cny', 'promotion', 'escrow:9', 1, 1, 1)",
			"DELETE FROM ledger WHERE account_to = 'escrow:9'", "orders: escrow:9 has no order",
		},
		{
			"UPDATE payments SET pay_price = 6801 WHERE pay_id = 'WAITING'", "UPDATE payments SET pay_price = 6670 WHERE pay_id = 'WAITING'",
			"orders: payment WAITING is of 68.01 yuan, its orders of 66.70",
		},
		{
			"UPDATE payments SET pay_state = 'paid' WHERE pay_id = 'WAITING'", "UPDATE payments SET pay_state = 'waiting' WHERE pay_id = 'WAITING'",
			"orders: payment WAITING is paid, and 1 of its 1 orders are to be paid",
		},
		{
			"UPDATE payments SET pay_state = 'waiting' WHERE pay_id = 'PAYMENT'", "UPDATE payments SET pay_state = 'paid' WHERE pay_id = 'PAYMENT'",
			"orders: payment PAYMENT is waiting, and 0 of its 1 orders are to be paid",
		},
		{
			"UPDATE orders SET clock_end = clock_end + 1 WHERE order_id = 'PAID'", "UPDATE orders SET clock_end = clock_end - 1 WHERE order_id = 'PAID'",
			`clocks: order PAID has no job of its clock "confirm_within"`,
		},
		{
			"UPDATE jobs SET dead = TRUE WHERE kind = 'order.clock' AND job_key LIKE 'PAID/%'", "UPDATE jobs SET dead = FALSE",
			`clocks: order PAID has no job of its clock "confirm_within"`,
		},
		{
			"UPDATE jobs SET dead = TRUE WHERE kind = 'payment.expire' AND job_key = 'WAITING'", "UPDATE jobs SET dead = FALSE",
			`clocks: order PAYING has no job of its clock "pay_within"`,
		},
		{
			"UPDATE coupon_records SET state = 0 WHERE record_id = 1", "UPDATE coupon_records SET state = 1 WHERE record_id = 1",
			"records: record 1 is not that of PAYMENT, of which an order has a share in it",
		},
		{
			"UPDATE coupon_records SET state = 1 WHERE record_id = 2", "UPDATE coupon_records SET state = 3 WHERE record_id = 2",
			"records: record 2 has the state 1 by \"WAITING\", of which no order has a share in it\nrecords: record 2 is not that of WAITING, of which an order has a share in it",
		},
		{
			"UPDATE coupon_records SET state = 3 WHERE record_id = 1", "UPDATE coupon_records SET state = 1 WHERE record_id = 1",
			"records: record 1 has the state 3 by \"PAYMENT\", of which no order has a share in it\nrecords: record 1 is not that of PAYMENT, of which an order has a share in it",
		},
		{
			"UPDATE coupon_records SET state = 1, order_id = 'PAYMENT' WHERE record_id = 2", "UPDATE coupon_records SET state = 3, order_id = 'WAITING' WHERE record_id = 2",
			"records: record 2 has the state 1 by \"PAYMENT\", of which no order has a share in it\nrecords: record 2 is not that of WAITING, of which an order has a share in it",
		},
		{
			"UPDATE profiles SET beli = 1, beli_held = 2 WHERE user_id = 'ALICE'", "UPDATE profiles SET beli = 0, beli_held = 3 WHERE user_id = 'ALICE'",
			"beli: user ALICE has 2 held, but the orders hold 3",
		},
		{
			"UPDATE profiles SET credit_held = 0 WHERE user_id = 'ALICE'", "UPDATE profiles SET credit_held = 24000 WHERE user_id = 'ALICE'",
			"credits: user ALICE has 0.00 yuan held and owes 200.00, but the orders hold 240.00 and owe 200.00",
		},
		{
			"UPDATE products SET open_orders = 5 WHERE product_id = 1001", "UPDATE products SET open_orders = 1 WHERE product_id = 1001",
			"stock: product 1001 counts 5 lines of open orders, but there are 1",
		},
		{
			"UPDATE products SET product_stock = -1 WHERE product_id = 1001", "UPDATE products SET product_stock = 4 WHERE product_id = 1001",
			"stock: product 1001 has -1 pieces",
		},
	} {
		f.SQL(names.Replace(c.accident))
		report, err := f.DB.CheckLedger(t.Context())
		handlerstest.Must(t, err)
		if got, want := strings.Join(report.Off(), "\n"), names.Replace(c.want); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", c.accident, got, want)
		}
		f.SQL(names.Replace(c.undo))
	}
}
