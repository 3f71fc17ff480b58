package campus

import (
	"context"
	"fmt"
	"slices"

	"campusgate/storage"
)

// balances are what orders leave behind, which the rows of users and products say from the
// beginning or, of wallets, in the end.
type balances struct {
	sold, open []int64 // pieces and lines, of goods
	wealth     []int64 // of users
}

func newBalances(size int) balances {
	b := balances{make([]int64, Products(size)), make([]int64, Products(size)), make([]int64, Users(size))}
	for i := range b.wealth {
		b.wealth[i] = beginWealth
	}
	for i := range Orders(size) {
		state := PaymentState(OrderPayment(i))
		for _, product := range orderLines(i) {
			if state != Paying && state != Cancelled && state != Refunded {
				b.sold[product] += pieces(i)
			}
			if slices.Contains(openStates, state) {
				b.open[product]++
			}
		}
	}
	return b
}

// pieces are those of each line of an order.
func pieces(order int) int64 { return int64(1 + order%2) }

// purchases are rows of some payments.
type purchases struct {
	balances balances
	payments []storage.Payment
	orders   []storage.Order
	lines    []storage.OrderLine
	history  []storage.OrderStep
	refunds  []storage.OrderRefund
	ledger   []storage.LedgerRow
	jobs     []storage.Job
	attempts []storage.Attempt
	records  []storage.CouponRecord
}

// addOrders adds payments in the sequence of their making, which is that of their ids, with
// their orders and all that these have led to.
func (f *filling) addOrders() func(from, to int) adding {
	numbers := make([]int, Payments(f.size))
	for i := range numbers {
		numbers[i] = i
	}
	slices.SortFunc(numbers, func(a, b int) int { return int(paymentTime(a) - paymentTime(b)) })
	return func(from, to int) adding {
		p := purchases{balances: f.balances}
		for _, number := range numbers[from:to] {
			p.add(number, Orders(f.size))
		}
		return p.addTo
	}
}

// addTo adds the rows.
func (p *purchases) addTo(ctx context.Context, tx *storage.Tx) error {
	for _, add := range []func() error{
		func() error { return tx.AddPayments(ctx, p.payments) },
		func() error { return tx.InsertOrders(ctx, p.orders) },
		func() error { return tx.InsertOrderLines(ctx, p.lines) },
		func() error { return tx.AddOrderSteps(ctx, p.history) },
		func() error { return tx.AddOrderRefunds(ctx, p.refunds) },
		func() error { return tx.AddLedger(ctx, p.ledger) },
		func() error { return tx.AddJobs(ctx, p.jobs) },
		func() error { return tx.AddAttempts(ctx, p.attempts) },
		func() error { return tx.AddCouponRecords(ctx, 2, p.records) },
	} {
		if err := add(); err != nil {
			return err
		}
	}
	return nil
}

// add makes the rows of a payment with its orders.
func (p *purchases) add(number, orders int) {
	buyer, state, made := PaymentBuyer(number), PaymentState(number), paymentTime(number)
	payment := storage.Payment{
		PayID: PayID(number), Purpose: storage.PayOrders, UserID: UserID(buyer), State: storage.PaymentPaid, Method: payMethod,
		ExpireTime: made + payWithin, CreatTime: made, PayTime: made + payAfter,
	}
	if state == Paying {
		payment.State, payment.Method, payment.PayTime, payment.ExpireTime = storage.PaymentWaiting, "", 0, Later
		p.jobs = append(p.jobs, storage.Job{Kind: storage.PaymentExpireJob, Key: payment.PayID, Due: Later})
	}
	if state == Cancelled {
		payment.State, payment.Method, payment.PayTime = storage.PaymentClosed, "", 0
	}
	if number%20 == couponUsed {
		p.records = append(p.records, storage.CouponRecord{
			RecordID: usedRecord(number), UserID: payment.UserID, Coupon: storage.Coupon{CouponID: CouponID(0)},
			State: storage.RecordUsed, OrderID: payment.PayID, TakeTime: made, ValidEnd: Later,
		})
	}
	first := PaymentOrder(number)
	for i := first; i < orders && OrderPayment(i) == number; i++ {
		payment.Price += p.addOrder(i, buyer, state, made)
	}
	if payByChannel(number) {
		payment.Method = channel
		p.attempts = append(p.attempts, attempt(payment, "订单"))
	}
	p.payments = append(p.payments, payment)
}

// channel is the one by which not all is paid from wallets.
const channel = "alipay"

// payByChannel reports whether a payment, which is settled, came by the channel.
func payByChannel(payment int) bool { return payment%20 >= 16 }

// AttemptID is the id of the attempt to pay a payment of orders by the channel, which one with
// a remainder of 16 to 19 by twenty has.
func AttemptID(payment int) string { return PayID(payment) + "01" }

func attempt(p storage.Payment, subject string) storage.Attempt {
	return storage.Attempt{
		AttemptID: p.PayID + "01", PayID: p.PayID, Channel: channel, Client: "page", Subject: subject, Amount: p.Price, State: storage.AttemptPaid,
		TradeNo: "2026" + p.PayID, Action: []byte("{}"), CreatTime: p.CreatTime, ExpireTime: p.ExpireTime, EndTime: p.PayTime,
	}
}

// What happens after a payment was made, in seconds.
const (
	payMethod = "wallet"

	payAfter    = 60
	cancelAfter = 120
	shipAfter   = 3600
	finishAfter = 2 * 3600
	settleAfter = 10 * day
	payWithin   = 30 * 60
)

// An orderRow is an order in the making.
type orderRow struct {
	storage.Order

	seller    int
	byChannel bool
	all       *purchases
}

// addOrder makes the rows of an order, and returns what is paid for it.
func (p *purchases) addOrder(number, buyer int, state storage.OrderState, made int64) int64 {
	pay, seller := PayID(OrderPayment(number)), ShopOwner(OrderShop(number))
	o := orderRow{all: p, seller: seller, Order: storage.Order{
		OrderID: OrderID(number), PayID: pay, UserID: UserID(buyer), SellerID: UserID(seller), ShopID: ShopID(OrderShop(number)),
		Deliver: "express", CreatTime: made, ListBuyer: UserID(buyer), ListSeller: UserID(seller),
	}}
	for i, product := range orderLines(number) {
		price := ProductPrice(product)
		line := storage.OrderLine{
			OrderID: o.OrderID, Line: int64(i), UserID: o.UserID, ProductID: ProductID(product), ProductName: CommonWord + things[product%len(things)],
			PicURL: picture("product", product), Price: price, Pieces: pieces(number), LinePrice: price * pieces(number), PayPrice: price * pieces(number),
		}
		if state == Refunded {
			line.Returned = line.Pieces
		}
		o.GoodsPrice += line.LinePrice
		p.lines = append(p.lines, line)
	}
	o.PayPrice = o.GoodsPrice
	if payment := OrderPayment(number); payment%20 == couponUsed && number == PaymentOrder(payment) {
		line := &p.lines[len(p.lines)-len(orderLines(number))]
		line.MarketOff, line.PayPrice = couponOff, line.PayPrice-couponOff
		o.OffPrice, o.PayPrice, o.PromotionPrice, o.Records = couponOff, o.PayPrice-couponOff, couponOff, []int64{usedRecord(payment)}
	}
	o.byChannel = payByChannel(OrderPayment(number))
	o.live(buyer, state)
	p.orders = append(p.orders, o.Order)
	return o.PayPrice
}

// live takes the steps that lead an order to a state.
func (o *orderRow) live(buyer int, state storage.OrderState) {
	o.step("commit", Paying, o.CreatTime, "buyer", "新订单，等待买家付款", 0)
	o.wait("pay_within")
	if state == Paying {
		return
	}
	if state == Cancelled {
		o.step("cancel", Cancelled, o.CreatTime+cancelAfter, "buyer", "买家已取消订单", 0)
		return
	}
	o.PayMethod, o.PayTime, o.Promotion = payMethod, o.CreatTime+payAfter, o.PromotionPrice
	o.step("pay", Paid, o.PayTime, "buyer", "买家已付款", 1)
	o.Escrow = o.PayPrice
	if o.byChannel {
		o.PayMethod = channel
		o.post(storage.LedgerPay, o.PayTime, storage.ChannelAccount(channel), storage.EscrowAccount(o.OrderID, nil), o.PayPrice)
	} else {
		o.move(storage.LedgerPay, o.PayTime, o.PayPrice, buyer, -1)
	}
	if o.Promotion > 0 {
		o.Escrow += o.Promotion
		o.post(storage.LedgerPromotion, o.PayTime, storage.PromotionAccount, storage.EscrowAccount(o.OrderID, nil), o.Promotion)
	}
	if state == Refunded {
		o.refund("seller", "refunded", o.PayTime+cancelAfter)
		o.step("decline", Refunded, o.PayTime+cancelAfter, "seller", "订单已被取消并全额退款", -1)
		o.Escrow, o.Refunded = 0, o.PayPrice
		o.move(storage.LedgerRefund, o.ClosedTime, o.PayPrice, buyer, 1)
		return
	}
	if state == Paid {
		o.wait("ship_within")
		return
	}
	if state == Refunding {
		o.FormerState, o.FormerClock, o.ClockLeft, o.Requests = Paid, "ship_within", 5*day, 1
		o.refund("buyer", "open", o.PayTime+cancelAfter)
		o.step("refund", Refunding, o.PayTime+cancelAfter, "buyer", "买家申请退款", 0)
		o.wait("answer_within")
		return
	}
	o.ShipTime, o.Ships, o.Logistics, o.LogisticsID = o.PayTime+shipAfter, 1, "顺丰", "SF"+o.OrderID
	o.step("ship", Shipped, o.ShipTime, "seller", "卖家已发货", 0)
	if state == Shipped {
		o.wait("confirm_within")
		return
	}
	o.FinishTime = o.PayTime + finishAfter
	o.step("confirm", Finished, o.FinishTime, "buyer", "买家已确认收货", 0)
	if state == Finished {
		o.wait("settle_after")
		return
	}
	o.step("settle_after", Settled, o.CreatTime+settleAfter, "clock", "订单已结算", 0)
	all, fee := o.Escrow, o.Escrow/100
	o.Escrow = all - fee
	o.post(storage.LedgerFee, o.ClosedTime, storage.EscrowAccount(o.OrderID, nil), storage.MarketAccount, fee)
	o.Escrow = 0
	o.move(storage.LedgerSettle, o.ClosedTime, all-fee, o.seller, 1)
}

// post moves money between the order's escrow, which the caller sets, and an account without a
// balance.
func (o *orderRow) post(kind string, at int64, from, to storage.Account, amount int64) {
	row := storage.LedgerRow{
		Kind: kind, Currency: storage.CNY, From: from.String(), To: to.String(), Amount: amount, OrderID: o.OrderID, PayID: o.PayID, CreatTime: at,
	}
	if to == storage.EscrowAccount(o.OrderID, nil) {
		row.ToBalance = new(o.Escrow)
	} else {
		row.FromBalance = new(o.Escrow)
	}
	o.all.ledger = append(o.all.ledger, row)
}

// lists are those in which orders of the states are shown.
var lists = map[storage.OrderState]string{
	Paying: "need_pay", Paid: "need_send", Shipped: "need_receive", Finished: "complete", Settled: "complete",
	Refunding: "refund", Refunded: "refund", Cancelled: "cancel",
}

// step brings the order to a state, and writes that down.
func (o *orderRow) step(name string, state storage.OrderState, at int64, who, title string, sale int64) {
	o.Steps++
	o.State, o.ListState, o.Clock, o.ClockEnd = state, lists[state], "", 0
	if state == Settled || state == Refunded || state == Cancelled {
		o.ClosedTime = at
	}
	user := map[string]string{"buyer": o.UserID, "seller": o.SellerID}[who]
	o.all.history = append(o.all.history, storage.OrderStep{
		OrderID: o.OrderID, Number: o.Steps, Step: name, State: state, Time: at, Who: who, UserID: user, Title: title, Sale: sale,
	})
}

// wait has a clock run, for very long, and the address of an open order stay.
func (o *orderRow) wait(clock string) {
	o.Clock, o.ClockEnd = clock, Later
	o.AddressName, o.AddressPhone, o.Address = "王凌超", "13700000000", "浙江科技学院"
	if o.State != Paying {
		o.all.jobs = append(o.all.jobs, storage.Job{Kind: storage.OrderClockJob, Key: o.ClockKey(), Due: Later})
	}
}

// move moves money between a wallet and the order's escrow, which the caller sets: into it
// where the sign is -1, out of it where that is 1.
func (o *orderRow) move(kind string, at, amount int64, user int, sign int64) {
	wealth := &o.all.balances.wealth[user]
	*wealth += sign * amount
	row := storage.LedgerRow{
		Kind: kind, Currency: storage.CNY, From: storage.EscrowAccount(o.OrderID, nil).String(), To: storage.UserAccount(UserID(user)).String(),
		Amount: amount, OrderID: o.OrderID, PayID: o.PayID, FromBalance: new(o.Escrow), ToBalance: new(*wealth), CreatTime: at,
	}
	if sign < 0 {
		row.From, row.To = row.To, row.From
		row.FromBalance, row.ToBalance = row.ToBalance, row.FromBalance
	}
	o.all.ledger = append(o.all.ledger, row)
}

// refund writes that money is asked or given back.
func (o *orderRow) refund(who, state string, at int64) {
	r := storage.OrderRefund{
		OrderID: o.OrderID, Number: 1, Kind: "money", State: state, Amount: o.PayPrice, Reason: "不想要了", Who: who, UserID: o.UserID, CreatTime: at,
	}
	if who == "seller" {
		r.UserID, r.Arrived, r.DecideTime = o.SellerID, true, at
	}
	o.all.refunds = append(o.all.refunds, r)
}

// setWallets sets what orders have left in wallets.
func (f *filling) setWallets(from, to int) adding {
	return func(ctx context.Context, tx *storage.Tx) error {
		for i := from; i < to; i++ {
			if f.balances.wealth[i] == beginWealth {
				continue
			}
			if err := tx.SetWealth(ctx, UserID(i), f.balances.wealth[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

// Recharges counts payments into wallets, by the channel.
func Recharges(size int) int { return size / 50 }

// RechargeID is the id of a payment into the wallet of the user with ten times its number.
func RechargeID(i int) string { return fmt.Sprintf("%010d%05d00", rechargeTime(i), i%100_000) }

func rechargeTime(i int) int64 {
	const begin, spread = 25 * day, 15 * day // between the orders that are closed and those that are open
	return Now - begin + int64(i)*61%spread
}

const recharged = 100_00

func (f *filling) addRecharges(from, to int) adding {
	var payments []storage.Payment
	var attempts []storage.Attempt
	var rows []storage.LedgerRow
	for i := from; i < to; i++ {
		user, at := 10*i, rechargeTime(i)
		p := storage.Payment{
			PayID: RechargeID(i), Purpose: storage.PayRecharge, UserID: UserID(user), State: storage.PaymentPaid, Price: recharged, Method: channel,
			CreatTime: at, PayTime: at + payAfter, ExpireTime: at + payWithin,
		}
		f.balances.wealth[user] += recharged
		payments, attempts = append(payments, p), append(attempts, attempt(p, "充值"))
		rows = append(rows, storage.LedgerRow{
			Kind: storage.LedgerRecharge, Currency: storage.CNY, From: storage.ChannelAccount(channel).String(), To: storage.UserAccount(p.UserID).String(),
			Amount: recharged, PayID: p.PayID, ToBalance: new(f.balances.wealth[user]), CreatTime: p.PayTime,
		})
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.AddPayments(ctx, payments); err != nil {
			return err
		}
		if err := tx.AddAttempts(ctx, attempts); err != nil {
			return err
		}
		return tx.AddLedger(ctx, rows)
	}
}
