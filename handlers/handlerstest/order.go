package handlerstest

import (
	"cmp"
	"strings"

	"campusgate/handlers/wire"
	"campusgate/storage"
)

// The payments of the reference's examples of orders, of which each has one order.
const (
	PayingPayment  = "15749511520000100" // alice's, waits
	FacePayment    = "15749511520000200" // alice's, paid, to be handed over
	ExpressPayment = "15749511520000300" // alice's, paid, to be shipped
	ShippedPayment = "15749511520000400" // alice's, shipped
	CancelPayment  = "15749511520000500" // alice's, cancelled
	SoldPayment    = "15749511520000600" // bob's of alice's shop, paid, to be shipped
)

// OrderOf is the first order of a payment.
func OrderOf(payID string) string { return payID[:len(payID)-1] + "1" }

// Orders stores what the examples of orders speak of: alice has bought bob's textbook, some
// copies of it, and bob has bought of alice's shop. See [Gateway.Document] and
// [Gateway.Textbook].
func (g *Gateway) Orders() {
	g.T.Helper()
	for _, o := range exampleOrders {
		g.AddOrder(o)
	}
}

var exampleOrders = []storage.Order{
	{PayID: PayingPayment, State: "paying", ListState: "need_pay", Deliver: "face", Clock: "pay_within"},
	{PayID: FacePayment, State: "paid", ListState: "need_send", Deliver: "face", Clock: "confirm_within"},
	{PayID: ExpressPayment, State: "paid", ListState: "need_send", Deliver: "express", Clock: "ship_within"},
	{PayID: ShippedPayment, State: "shipped", ListState: "need_receive", Deliver: "express", Clock: "confirm_within", Ships: 1},
	{PayID: CancelPayment, State: "cancel", ListState: "cancel", Deliver: "face", ClosedTime: 1},
	{PayID: SoldPayment, State: "paid", ListState: "need_send", Deliver: "express", Clock: "ship_within", UserID: Bob},
}

// ResetOrders has the examples' orders stand as at first.
func (g *Gateway) ResetOrders() {
	g.T.Helper()
	for _, first := range exampleOrders {
		g.SetOrder(OrderOf(first.PayID), func(o *storage.Order) {
			o.State, o.ListState, o.Clock, o.ClosedTime, o.Ships = first.State, first.ListState, first.Clock, first.ClosedTime, first.Ships
			o.ListBuyer, o.ListSeller, o.AddressChanged, o.Extended = o.UserID, o.SellerID, false, false
		})
	}
}

// AddOrder stores an order as it stands, with its payment and one line: bob's of alice's
// shop, or else of bob's textbook, alice's unless another buyer or seller is given. What is
// paid with a CreditPrice is owed so much of.
func (g *Gateway) AddOrder(o storage.Order) {
	g.T.Helper()
	ctx, now := g.T.Context(), g.Clock.Now().Unix()
	line := storage.OrderLine{ProductID: DocumentTextbook, ProductName: "高等数学（上册）", PicURL: LampURL, Price: 18_00, Pieces: 1}
	if o.UserID == Bob {
		o.SellerID, o.ShopID = Alice, DocumentShop
		line.ProductID, line.ProductName, line.PicURL, line.Price = DocumentProduct, "头秃生发水", "", 101_50
	} else {
		o.UserID, o.SellerID = cmp.Or(o.UserID, Alice), cmp.Or(o.SellerID, Bob)
	}
	o.OrderID, o.CreatTime, o.Steps = OrderOf(o.PayID), now, 1
	o.ListBuyer, o.ListSeller = o.UserID, o.SellerID
	o.GoodsPrice, o.PayPrice = line.Price, line.Price-o.CreditPrice
	line.OrderID, line.UserID, line.LinePrice, line.CreditPrice, line.PayPrice = o.OrderID, o.UserID, line.Price, o.CreditPrice, o.PayPrice
	if o.Clock != "" {
		o.ClockEnd = now + 30*60
	}
	payment := storage.Payment{PayID: o.PayID, Purpose: storage.PayOrders, UserID: o.UserID, Price: o.PayPrice, ExpireTime: now + 30*60, CreatTime: now}
	Must(g.T, g.DB.InTx(ctx, func(tx *storage.Tx) error {
		if err := tx.InsertPayment(ctx, payment); err != nil {
			return err
		}
		if o.State == "paid" || o.State == "shipped" {
			o.PayTime, o.PayMethod = now, "wallet"
			payment.State, payment.Method, payment.PayTime = storage.PaymentPaid, "wallet", now
			if err := tx.EndPayment(ctx, payment); err != nil {
				return err
			}
			err := tx.Move(ctx, storage.Move{
				Kind: storage.LedgerPay, Currency: storage.CNY, From: storage.OutsideAccount, To: storage.EscrowAccount(o.OrderID, &o.Escrow),
				Amount: o.PayPrice, OrderID: o.OrderID, PayID: o.PayID, Time: now,
			})
			if err != nil {
				return err
			}
			if o.CreditPrice > 0 {
				if err := g.owe(tx, &o); err != nil {
					return err
				}
			}
		}
		if o.ClosedTime != 0 {
			payment.State = storage.PaymentClosed
			if err := tx.EndPayment(ctx, payment); err != nil {
				return err
			}
		}
		if err := tx.InsertOrders(ctx, []storage.Order{o}); err != nil {
			return err
		}
		if err := g.addClock(tx, &o, line); err != nil {
			return err
		}
		if err := tx.InsertOrderLines(ctx, []storage.OrderLine{line}); err != nil {
			return err
		}
		return tx.AddOrderSteps(ctx, []storage.OrderStep{{
			OrderID: o.OrderID, Number: 1, Step: "commit", State: o.State, Time: now, Who: "buyer", UserID: o.UserID,
		}})
	}))
}

// owe has the buyer of an order that is paid owe its CreditPrice.
func (g *Gateway) owe(tx *storage.Tx, o *storage.Order) error {
	ctx, now := g.T.Context(), g.Clock.Now().Unix()
	if _, err := tx.LockProfile(ctx, o.UserID, now); err != nil {
		return err
	}
	o.Debt, o.DueTime = o.CreditPrice, now+int64(Periods.CreditWithin.Seconds())
	credit := storage.CreditAccount(o.UserID)
	for _, move := range []storage.Move{
		{Kind: storage.LedgerCredit, From: storage.OutsideAccount, To: credit},
		{Kind: storage.LedgerDebt, From: credit, To: storage.EscrowAccount(o.OrderID, &o.Escrow), OrderID: o.OrderID, PayID: o.PayID},
	} {
		move.Currency, move.Amount, move.Time = storage.CNY, o.Debt, now
		if err := tx.Move(ctx, move); err != nil {
			return err
		}
	}
	return nil
}

// addClock adds the job of an open order's clock, and counts the order as open. One without
// a clock is no order that steps have made.
func (g *Gateway) addClock(tx *storage.Tx, o *storage.Order, line storage.OrderLine) error {
	if o.ClosedTime != 0 {
		return nil
	}
	if o.Clock == "" {
		g.Invent()
		return nil
	}
	job := storage.Job{Kind: storage.OrderClockJob, Key: o.ClockKey(), Due: o.ClockEnd}
	if o.State == storage.OrderPaying {
		job.Kind, job.Key = storage.PaymentExpireJob, o.PayID
	}
	if err := tx.AddJob(g.T.Context(), job); err != nil {
		return err
	}
	return tx.GiveStock(g.T.Context(), line.ProductID, 0, -1)
}

// SetOrder changes how an order stands, as no step does: see [Gateway.Invent].
func (g *Gateway) SetOrder(id string, change func(*storage.Order)) {
	g.T.Helper()
	g.Invent()
	ctx := g.T.Context()
	Must(g.T, g.DB.InTx(ctx, func(tx *storage.Tx) error {
		o, err := tx.LockOrder(ctx, id)
		if err != nil {
			return err
		}
		from := o.State
		change(o)
		return tx.UpdateOrder(ctx, o, from)
	}))
}

// Order is an order as it is stored.
func (g *Gateway) Order(id string) storage.Order {
	g.T.Helper()
	o, err := g.DB.Order(g.T.Context(), id)
	Must(g.T, err)
	return o
}

// attempt is one to pay, with its action as text, whichever port it leads to.
type attempt struct {
	storage.Attempt
	Action string
}

// payments are all of a user's with their attempts and what goes back by these, by their ids.
func (g *Gateway) payments(user string) map[string]any {
	g.T.Helper()
	ctx, rows := g.T.Context(), map[string]any{}
	Must(g.T, wire.EachAfter(func(after string) ([]storage.Payment, string, error) {
		return g.DB.PaymentsAfter(ctx, user, after)
	}, func(p storage.Payment) error {
		attempts, err := g.DB.Attempts(ctx, p.PayID)
		if err != nil {
			return err
		}
		var (
			refunds []storage.ChannelRefund
			shown   []attempt
		)
		for _, a := range attempts {
			shown = append(shown, attempt{a, strings.ReplaceAll(string(a.Action), g.URL, "")})
			of, err := g.DB.ChannelRefunds(ctx, a.AttemptID)
			if err != nil {
				return err
			}
			refunds = append(refunds, of...)
		}
		rows["payment "+p.PayID] = []any{p, shown, refunds}
		return nil
	}))
	return rows
}

// orders are all orders with all that belongs to them, by their kinds and ids.
func (g *Gateway) orders() map[string]any {
	g.T.Helper()
	ctx, rows := g.T.Context(), map[string]any{}
	list, _, err := g.DB.Orders(ctx, storage.OrderFilter{}, storage.Page{})
	Must(g.T, err)
	for _, row := range list {
		id := row.Order.OrderID
		lines, err := g.DB.OrderLines(ctx, id)
		Must(g.T, err)
		history, err := g.DB.OrderHistory(ctx, id)
		Must(g.T, err)
		refunds, err := g.DB.OrderRefunds(ctx, id)
		Must(g.T, err)
		rows["order "+id] = []any{row, lines, history, refunds}
	}
	return rows
}
