package bench

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"github.com/goccy/go-json"
	"github.com/valyala/fasthttp"

	"campusgate/dispatch"
)

// floorOrders are order/commit of one line and order/pay from the wallet: the gateway's
// statements, written by hand, in one transaction each.
type floorOrders struct {
	*floorQueries
	numbers atomic.Int64

	profile, unpaid, offer, addPayment, addOrder, addLine, takeStock    *sql.Stmt
	payment, endPayment, addMove, updateOrder, addStep, addJob, addJobs *sql.Stmt
}

const (
	floorOfferColumns = `p.product_id, p.product_type, p.product_name, p.pic_url, p.product_price, p.product_disprice, p.original_price, p.product_sale,
		p.product_collection, p.sell_method, p.ship_price, p.category_id, p.shop_id, p.product_stock, p.product_status, p.review_state,
		p.creat_time, p.update_time, p.first_price, COALESCE(s.shop_name, ''), COALESCE(s.user_id, p.user_id), COALESCE(pr.state, 0)`
	floorAgreedColumns = `order_id, pay_id, user_id, seller_id, shop_id, is_course, deliver, goods_price, off_price, ship_price, credit_price,
		pay_price, promotion_price, beli_used, records, user_note, creat_time`
	floorStandingColumns = `state, list_state, list_buyer, list_seller, clock, clock_end, former_state, former_clock, clock_left, pay_method, pay_time,
		ship_time, finish_time, closed_time, escrow, debt, due_time, refunded, promotion, beli, address_name, address_phone, address,
		address_changed, logistics, logistics_id, ships, is_extended, requests, appeal_end, is_appealed, admin_note, steps`
)

func newFloorOrders(q *floorQueries, driver string) *floorOrders {
	f := &floorOrders{floorQueries: q}
	f.numbers.Store(rand.Int64N(1e13)) // there are two floors
	forUpdate := ""
	if driver == "mysql" {
		forUpdate = " FOR UPDATE"
	}
	prepare := func(text string) *sql.Stmt { return prepareFloor(q.writer, text) }
	insert := func(into string, columns, rows int) *sql.Stmt {
		row := ", (?" + strings.Repeat(", ?", columns-1) + ")"
		return prepare("INSERT INTO " + into + " VALUES " + strings.Repeat(row, rows)[2:])
	}
	f.profile = prepare(`SELECT user_id, name, phone, email, sex, role, state, password, beli, beli_held, credit_amount, credit_held, credit_debt
		FROM profiles WHERE user_id = ?` + forUpdate)
	f.unpaid = prepare(`SELECT COUNT(*) FROM payments WHERE user_id = ? AND pay_state = 'waiting' AND purpose = 'order'`)
	f.offer = prepare(`SELECT ` + floorOfferColumns + ` FROM products p LEFT JOIN shops s ON s.shop_id = p.shop_id
		LEFT JOIN profiles pr ON pr.user_id = COALESCE(s.user_id, p.user_id) WHERE p.product_id = ?`)
	f.addPayment = insert("payments (pay_id, purpose, user_id, order_id, pay_state, pay_price, method, cashier_key_hash, expire_time, creat_time)", 10, 1)
	f.addOrder = insert("orders ("+floorAgreedColumns+", "+floorStandingColumns+")", 50, 1)
	f.addLine = insert(`order_lines (order_id, line, user_id, product_id, price_policy_id, valid_period, product_name, pic_url, price, product_num,
		line_price, coupon_off, shop_off, market_off, beli_off, credit_price, pay_price, record_id, stock_held, returned)`, 20, 1)
	f.takeStock = prepare(`UPDATE products SET product_stock = product_stock - ?, open_orders = open_orders + 1
		WHERE product_id = ? AND product_stock >= ? AND product_status = 1`)
	f.addStep = insert("order_history (order_id, number, step, state, step_time, who, user_id, note, title, sale, untold)", 11, 1)
	f.addJob = insert("jobs (kind, job_key, data, run_time)", 4, 1)
	f.addJobs = insert("jobs (kind, job_key, data, run_time)", 4, 2)
	f.payment = prepare(`SELECT p.*, o.* FROM payments p JOIN orders o ON o.pay_id = p.pay_id WHERE p.pay_id = ? ORDER BY o.order_id` + forUpdate)
	f.endPayment = prepare(`UPDATE payments SET pay_state = 'paid', method = 'wallet', pay_time = ? WHERE pay_id = ? AND pay_state = 'waiting'`)
	f.addMove = insert("ledger (kind, currency, account_from, account_to, amount, order_id, pay_id, note, from_balance, to_balance, creat_time)", 11, 1)
	f.updateOrder = prepare(`UPDATE orders SET ` + strings.ReplaceAll(floorStandingColumns, ",", " = ?,") + ` = ? WHERE order_id = ? AND state = 'paying'`)
	return f
}

func (f *floorOrders) serveOrder(request *fasthttp.RequestCtx) {
	var asked struct {
		ID            int64 `json:"id"`
		Type, Subtype string
		Data          struct {
			Items []struct {
				ProductID int64 `json:"product_id"`
			} `json:"items"`
			PayID string `json:"pay_id"`
		} `json:"data"`
	}
	floorMust(json.Unmarshal(request.PostBody(), &asked))
	if asked.Subtype == "prepare" {
		f.orderPrepare(request)
		return
	}
	user := f.caller(request)
	if asked.Subtype == "pay" {
		f.payOrder(user, asked.Data.PayID)
		answerFloor(request, dispatch.Response{ID: asked.ID, Message: "successful", Data: struct {
			PayState string `json:"pay_state"`
		}{"paid"}})
		return
	}
	id, expires := f.commit(user, asked.Data.Items[0].ProductID)
	answerFloor(request, dispatch.Response{ID: asked.ID, Message: "successful", Data: struct {
		PayID      string   `json:"pay_id"`
		OrderIDs   []string `json:"order_ids"`
		PayPrice   float64  `json:"pay_price"`
		ExpireTime string   `json:"expire_time"`
	}{id, []string{orderOf(id)}, 10, f.time(expires)}})
}

func orderOf(payID string) string { return payID[:len(payID)-1] + "1" }

// A floorTx is a transaction in which nothing fails.
type floorTx struct{ *sql.Tx }

func (f *floorOrders) inTx(do func(floorTx)) {
	tx, err := f.writer.BeginTx(context.Background(), &sql.TxOptions{Isolation: f.isolation})
	floorMust(err)
	do(floorTx{tx})
	floorMust(tx.Commit())
}

func (tx floorTx) exec(statement *sql.Stmt, args ...any) {
	_, err := tx.StmtContext(context.Background(), statement).ExecContext(context.Background(), args...) //nolint:sqlclosecheck // the transaction's end closes it
	floorMust(err)
}

// read reads all columns of all rows.
func (tx floorTx) read(statement *sql.Stmt, args ...any) {
	rows, err := tx.StmtContext(context.Background(), statement).QueryContext(context.Background(), args...) //nolint:sqlclosecheck // the transaction's end closes it
	floorMust(err)
	defer rows.Close()
	names, err := rows.Columns()
	floorMust(err)
	values, into := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		floorMust(rows.Scan(into...))
	}
	floorMust(rows.Err())
}

// standing is how an order stands when it is new, and when it is paid.
func standing(state, list, user, seller, clock string, end int64, method string, paid, escrow, steps int64) []any {
	return []any{
		state, list, user, seller, clock, end, "", "", 0, method, paid, 0, 0, 0, escrow, 0, 0, 0, 0, 0, "", "", "", false, "", "", 0, false, 0, 0, false, "", steps,
	}
}

const floorOrderSeller = "1180310000"

func (f *floorOrders) commit(user string, product int64) (payID string, expires int64) {
	now := time.Now().Unix()
	payID, expires = fmt.Sprintf("9%014d00", f.numbers.Add(1)), now+1800 // never one of the gateway's
	id := orderOf(payID)
	f.inTx(func(tx floorTx) {
		tx.read(f.profile, user)
		tx.read(f.unpaid, user)
		tx.read(f.offer, product)
		tx.exec(f.addPayment, payID, "order", user, "", "waiting", 10_00, "", []byte{}, expires, now)
		tx.exec(f.addOrder, append([]any{id, payID, user, floorOrderSeller, 0, false, "face", 10_00, 0, 0, 0, 10_00, 0, 0, "", "", now},
			standing("paying", "need_pay", user, floorOrderSeller, "pay_within", expires, "", 0, 0, 1)...)...)
		tx.exec(f.addLine, id, 0, user, product, 0, 0, "高等数学", "", 10_00, 1, 10_00, 0, 0, 0, 0, 0, 10_00, 0, true, 0)
		tx.exec(f.takeStock, 1, product, 1)
		tx.exec(f.addStep, id, 1, "commit", "paying", now, "buyer", user, "", "新订单，等待买家付款", 0, true)
		tx.exec(f.addJob, "payment.expire", payID, "", expires)
	})
	return payID, expires
}

func (f *floorOrders) payOrder(user, payID string) {
	now, id := time.Now().Unix(), orderOf(payID)
	ends := now + 10*24*3600
	f.inTx(func(tx floorTx) {
		tx.read(f.payment, payID)
		tx.exec(f.endPayment, now, payID)
		tx.read(f.wealth, user)
		tx.exec(f.setWealth, "999999999.00", user, user)
		tx.exec(f.addMove, "pay", "cny", "user:"+user, "escrow:"+id, 10_00, id, payID, "", 99999999900, 10_00, now)
		tx.exec(f.updateOrder, append(standing("paid", "need_send", user, floorOrderSeller, "confirm_within", ends, "wallet", now, 10_00, 2), id)...)
		tx.exec(f.addStep, id, 2, "pay", "paid", now, "buyer", user, "", "买家已付款", 1, true)
		clock := fmt.Sprintf("%s/confirm_within/%d", id, ends)
		tx.exec(f.addJobs, "order.clock", clock, "", ends, "order.reminder", clock, "", ends-2*24*3600)
	})
}
