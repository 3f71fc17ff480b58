package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"campusgate/storage/engine"
)

// An OrderState is how far an order has come. Which there are, and how one follows from
// another, is in the table of steps of package trade alone.
type OrderState string

// OrderAppealed is the state of an order whose refund waits for an admin, by which they are
// indexed.
const OrderAppealed OrderState = "appealed"

// An Order is what a buyer bought of one seller at once, delivered in one way. What stands
// before State was agreed when it was made and never changes; the rest is how it stands now,
// and [Tx.UpdateOrder] writes it. Money is fen, times are Unix seconds, 0 and "" are none.
type Order struct {
	OrderID  string // 17 digits: PayID but for the last two, which count from 01
	PayID    string
	UserID   string // the buyer
	SellerID string
	ShopID   int64
	Course   bool
	Deliver  string // face, express; "" of courses

	GoodsPrice     int64
	OffPrice       int64
	ShipPrice      int64
	CreditPrice    int64 // what becomes debt
	PayPrice       int64
	PromotionPrice int64 // what of the coupons' share the market pays
	BeliUsed       int64
	Records        []int64 // ids of records of coupons with a share in it, which PayID holds
	UserNote       string
	CreatTime      int64

	State      OrderState
	ListState  string // the list in which it is shown
	ListBuyer  string // UserID; "" once the buyer has hidden it
	ListSeller string // SellerID; "" once the seller has

	Clock       string // what happens by itself, and when
	ClockEnd    int64
	FormerState OrderState // before a refund was asked for
	FormerClock string
	ClockLeft   int64 // seconds that were left of FormerClock then

	PayMethod  string
	PayTime    int64
	ShipTime   int64
	FinishTime int64
	ClosedTime int64 // since when nothing can happen to it any more

	Escrow    int64 // what it holds
	Debt      int64 // of CreditPrice what is owed now
	DueTime   int64 // the last second in which it is not overdue
	Refunded  int64 // of what the buyer gave
	Promotion int64 // of PromotionPrice what is left
	Beli      int64 // of BeliUsed what is left

	AddressName    string
	AddressPhone   string
	Address        string
	AddressChanged bool
	Logistics      string
	LogisticsID    string
	Ships          int64 // how often Logistics was given
	Extended       bool
	Requests       int64 // for a refund, so far
	AppealEnd      int64 // until when the last refusal can be appealed
	Appealed       bool  // once
	AdminNote      string
	Steps          int64 // rows of its history
}

const orderColumns = "o.order_id, o.pay_id, o.user_id, o.seller_id, o.shop_id, o.is_course, o.deliver, " +
	"o.goods_price, o.off_price, o.ship_price, o.credit_price, o.pay_price, o.promotion_price, o.beli_used, o.records, o.user_note, o.creat_time, " +
	"o.state, o.list_state, o.list_buyer, o.list_seller, o.clock, o.clock_end, o.former_state, o.former_clock, o.clock_left, " +
	"o.pay_method, o.pay_time, o.ship_time, o.finish_time, o.closed_time, o.escrow, o.debt, o.due_time, o.refunded, o.promotion, o.beli, " +
	"o.address_name, o.address_phone, o.address, o.address_changed, o.logistics, o.logistics_id, o.ships, o.is_extended, " +
	"o.requests, o.appeal_end, o.is_appealed, o.admin_note, o.steps"

// fields are orderColumns.
func (o *Order) fields() []any { return append(o.agreed(), o.now()...) }

// agreed are the columns that never change.
func (o *Order) agreed() []any {
	return []any{
		&o.OrderID, &o.PayID, &o.UserID, &o.SellerID, &o.ShopID, &o.Course, &o.Deliver,
		&o.GoodsPrice, &o.OffPrice, &o.ShipPrice, &o.CreditPrice, &o.PayPrice, &o.PromotionPrice, &o.BeliUsed,
		(*idList)(&o.Records), &o.UserNote, &o.CreatTime,
	}
}

// now are the columns of how it stands.
func (o *Order) now() []any {
	return []any{
		&o.State, &o.ListState, &o.ListBuyer, &o.ListSeller, &o.Clock, &o.ClockEnd, &o.FormerState, &o.FormerClock, &o.ClockLeft,
		&o.PayMethod, &o.PayTime, &o.ShipTime, &o.FinishTime, &o.ClosedTime, &o.Escrow, &o.Debt, &o.DueTime, &o.Refunded, &o.Promotion, &o.Beli,
		&o.AddressName, &o.AddressPhone, &o.Address, &o.AddressChanged, &o.Logistics, &o.LogisticsID, &o.Ships, &o.Extended,
		&o.Requests, &o.AppealEnd, &o.Appealed, &o.AdminNote, &o.Steps,
	}
}

// An idList is ids in one column, with commas between them.
type idList []int64

// Scan reads the column.
func (l *idList) Scan(value any) error {
	var text string
	switch v := value.(type) {
	case string:
		text = v
	case []byte:
		text = string(v)
	default:
		return fmt.Errorf("a list of ids is a %T", value)
	}
	*l = nil
	if text == "" {
		return nil
	}
	for one := range strings.SplitSeq(text, ",") {
		id, err := strconv.ParseInt(one, 10, 64)
		if err != nil {
			return fmt.Errorf("a list of ids: %w", err)
		}
		*l = append(*l, id)
	}
	return nil
}

// Value writes it.
func (l *idList) Value() (driver.Value, error) {
	texts := make([]string, len(*l))
	for i, id := range *l {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(texts, ","), nil
}

// InsertOrders adds orders. [ErrConflict]: an id is taken.
func (tx *Tx) InsertOrders(ctx context.Context, orders []Order) error {
	return engine.InsertRows(ctx, tx.sql, "insert orders", "orders ("+strings.ReplaceAll(orderColumns, "o.", "")+")", orders, (*Order).fields)
}

// joinOrders joins its orders o to a payment p.
const joinOrders = "orders o ON o.pay_id = p.pay_id"

// Order returns an order. [ErrNotFound]: there is none.
func (q *Queries) Order(ctx context.Context, orderID string) (Order, error) {
	return q.order(ctx, "order", orderID, "")
}

// LockOrder is [Queries.Order]; it stays so until the transaction's end. An order that is to
// be paid is changed by who has locked its payment: [Tx.LockPaymentOrders].
func (tx *Tx) LockOrder(ctx context.Context, orderID string) (*Order, error) {
	o, err := tx.order(ctx, "lock order", orderID, tx.sql.ForUpdate())
	return &o, err
}

func (q *Queries) order(ctx context.Context, operation, orderID, lock string) (Order, error) {
	var o Order
	err := q.sql.Get(ctx, operation, engine.SQL("SELECT "+orderColumns+" FROM orders o WHERE o.order_id = ?"+lock, orderID), o.fields()...)
	return o, err
}

// OrdersOfPayment are the orders of a payment, by id.
func (q *Queries) OrdersOfPayment(ctx context.Context, payID string) ([]Order, error) {
	return engine.Collect(ctx, q.sql, "orders of a payment", engine.SQL(
		"SELECT "+orderColumns+" FROM orders o WHERE o.pay_id = ? ORDER BY o.order_id", payID).Indexed(), (*Order).fields)
}

// A PaymentSeller is who sells in an order of a payment: the shop's name, or the seller's
// where it is no shop's.
type PaymentSeller struct{ OrderID, Name string }

// SellersOfPayment are those of a payment's orders, by the orders' ids.
func (q *Queries) SellersOfPayment(ctx context.Context, payID string) ([]PaymentSeller, error) {
	return engine.Collect(ctx, q.sql, "sellers of a payment", engine.SQL(
		"SELECT o.order_id, COALESCE(s.shop_name, u.name, '') FROM orders o LEFT JOIN "+joinOrderShops+
			" LEFT JOIN users u ON "+q.orderSeller+" WHERE o.pay_id = ? ORDER BY o.order_id", payID).Indexed(),
		func(p *PaymentSeller) []any { return []any{&p.OrderID, &p.Name} })
}

// updateOrder sets what [Order.now] lists.
var updateOrder = func() string {
	_, now, _ := strings.Cut(strings.ReplaceAll(orderColumns, "o.", ""), "creat_time, ")
	return "UPDATE orders SET " + strings.ReplaceAll(now, ", ", " = ?, ") + " = ? WHERE order_id = ? AND state = ?"
}()

// UpdateOrder writes how an order stands, which was in the state from. [ErrNotFound]: it is
// in another; so of several that try, one succeeds.
func (tx *Tx) UpdateOrder(ctx context.Context, o *Order, from OrderState) error {
	return tx.sql.Change(ctx, "update order", engine.SQL(updateOrder, append(o.now(), o.OrderID, from)...))
}

// HasOpenOrders reports whether orders of a user are not closed, as the buyer or as the
// seller.
func (q *Queries) HasOpenOrders(ctx context.Context, userID string) (open bool, err error) {
	err = q.sql.Get(ctx, "open orders", engine.SQL(`
		SELECT EXISTS (SELECT 1 FROM orders WHERE user_id = ? AND closed_time = 0)
			OR EXISTS (SELECT 1 FROM orders WHERE seller_id = ? AND closed_time = 0)`, userID, userID), &open)
	return open, err
}

// HasOverdueDebt reports whether a user owes what was due before now.
func (q *Queries) HasOverdueDebt(ctx context.Context, userID string, now int64) (overdue bool, err error) {
	err = q.sql.Get(ctx, "overdue debt", engine.SQL(
		`SELECT EXISTS (SELECT 1 FROM orders WHERE user_id = ? AND due_time > 0 AND due_time < ? AND debt > 0)`, userID, now), &overdue)
	return overdue, err
}

// EraseOrderAddress removes from an order where it went.
func (q *Queries) EraseOrderAddress(ctx context.Context, orderID string) error {
	return q.sql.Exec(ctx, "erase order's address", engine.SQL(
		`UPDATE orders SET address_name = '', address_phone = '', address = '' WHERE order_id = ?`, orderID))
}

// maxOrders bounds how many orders of a list are counted: nobody reads beyond.
const maxOrders = 10_000

// An OrderFilter says which orders to list; all conditions must hold, "" and 0 are none.
type OrderFilter struct {
	Buyer, Seller string // who sees the list: what they have hidden is not in it
	State         string // the orders' ListState
	// Of admins' lists:
	UserID  string // the buyer
	OrderID string
	// Appealed are those that are [OrderAppealed].
	Appealed bool
	// From and Before bound the ids of orders, which begin with the second of making.
	From, Before string
}

func (f OrderFilter) where(q engine.Queries) *engine.Filter {
	filter := q.Filter()
	for _, c := range []struct{ condition, value string }{
		{"o.list_buyer = ?", f.Buyer},
		{"o.list_seller = ?", f.Seller},
		{"o.list_state = ?", f.State},
		{"o.user_id = ?", f.UserID},
		{"o.order_id = ?", f.OrderID},
		{"o.order_id >= ?", f.From},
		{"o.order_id < ?", f.Before},
	} {
		if c.value != "" {
			filter.And(c.condition, c.value)
		}
	}
	if f.Appealed { // as the index of SQLite says it
		filter.And("o.state = 'appealed'")
	}
	return filter
}

// index is that of a side's list, which is read in its order: MariaDB may take that of all
// orders of a state instead, and read those of every shop; or that of all orders for the few
// that are appealed.
func (f OrderFilter) index(q engine.Queries) string {
	var side string
	switch {
	case f.Appealed:
		return q.ForceIndex("orders_appealed")
	case f.Buyer != "":
		side = "orders_buyer"
	case f.Seller != "":
		side = "orders_seller"
	default:
		return ""
	}
	if f.State != "" {
		side += "_list"
	}
	return q.ForceIndex(side)
}

// OrderNames are those of an order's sides.
type OrderNames struct{ User, Shop, Seller string }

// OrderNames returns the names of an order's sides, "" of who is no more.
func (q *Queries) OrderNames(ctx context.Context, o *Order) (names OrderNames, err error) {
	for user, name := range map[string]*string{o.UserID: &names.User, o.SellerID: &names.Seller} {
		found, err := q.User(ctx, user)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return names, err
		}
		*name = found.Name
	}
	if o.ShopID != 0 {
		shop, err := q.ShopByID(ctx, o.ShopID)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return names, err
		}
		names.Shop = shop.ShopName
	}
	return names, nil
}

// An OrderRow is an order of a list, with names but the seller's.
type OrderRow struct {
	Order Order
	Names OrderNames
}

func (r *OrderRow) fields() []any { return append(r.Order.fields(), &r.Names.Shop, &r.Names.User) }

// Orders lists orders, the newest first. total counts all of them up to 10,000, whatever the
// page; from 1,000 on it may be 2 s old.
func (q *Queries) Orders(ctx context.Context, f OrderFilter, page Page) (orders []OrderRow, total int64, err error) {
	where := f.where(q.sql)
	list := engine.SQL("SELECT " + orderColumns + ", COALESCE(s.shop_name, ''), COALESCE(u.name, '')" +
		" FROM orders o" + f.index(q.sql) + " LEFT JOIN " + joinOrderShops + " LEFT JOIN users u ON " + q.buyer).
		Where(where).Then(" ORDER BY o.order_id DESC").Page(page)
	if f.Buyer != "" || f.Seller != "" {
		list = list.Indexed()
	}
	orders, err = engine.Collect(ctx, q.sql, "orders", list, (*OrderRow).fields)
	if err != nil {
		return nil, 0, err
	}
	if n := int64(len(orders)); page.Limit > 0 && (n == page.Limit || n == 0 && page.Offset > 0) {
		total, err = q.orders.count(f, func() (total int64, err error) {
			err = q.sql.Get(ctx, "count orders", engine.SQL("SELECT COUNT(*) FROM (SELECT 1 FROM orders o"+f.index(q.sql)).
				Where(where).Then(" LIMIT ?) counted", maxOrders), &total)
			return total, err
		})
		return orders, total, err
	}
	return orders, page.Offset + int64(len(orders)), nil
}

// An OrderPlace is where an order stands among those of its buyer: by when its debt is due,
// which most have none of, and by id.
type OrderPlace struct {
	DueTime int64
	OrderID string
}

// OrdersAfter are a buyer's next orders behind a place, and that of the last; none are all
// of them.
func (q *Queries) OrdersAfter(ctx context.Context, userID string, after OrderPlace) ([]Order, OrderPlace, error) {
	list, err := engine.Collect(ctx, q.sql, "orders after", engine.SQL("SELECT "+orderColumns+
		" FROM orders o WHERE o.user_id = ? AND o.due_time >= ? AND (o.due_time > ? OR o.order_id > ?) ORDER BY o.due_time, o.order_id LIMIT ?",
		userID, after.DueTime, after.DueTime, after.OrderID, batchRows), (*Order).fields)
	if len(list) > 0 {
		last := &list[len(list)-1]
		after = OrderPlace{last.DueTime, last.OrderID}
	}
	return list, after, err
}
