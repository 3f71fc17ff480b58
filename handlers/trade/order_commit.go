package trade

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"campusgate/dispatch"
	"campusgate/handlers/trade/price"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
)

// maxUnpaid is how many payments of orders a user has at once that are not paid.
const maxUnpaid = 5

type commitOrder struct {
	wish

	PayPrice dispatch.Fen `json:"pay_price" rule:"required range=0..99999999999.99" doc:"what the buyer saw; of all orders"`
	UserNote string       `json:"user_note" rule:"max=200" doc:"for the sellers"`
}

type committedOrder struct {
	PayID      string       `json:"pay_id" doc:"17 digits, as text: of the payment for all orders"`
	OrderIDs   []string     `json:"order_ids" doc:"17 digits each"`
	PayPrice   dispatch.Fen `json:"pay_price"`
	ExpireTime string       `json:"expire_time" doc:"when the orders are closed unless they are paid"`
}

func (commitOrder) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes: "One order for each seller, shop, courses or goods, and way of delivery, and one payment for all of them: until it is paid they have one fate. Stock, records, beli and credit are held, and what came from the cart is taken out of it. " +
			"Another pay_price than ours, dearer or cheaper, is 106, with the quote of order/prepare as data. What costs nothing is paid at once.",
		FailureData: map[dispatch.Status]any{priceChanged: orderQuote{}},
		Example:     `{"items": [{"product_id": 6000002, "product_num": 1}], "deliver": "face", "pay_price": 18, "user_note": "晚上七点后在"}`,
		Statuses: []dispatch.Status{
			orderNotOnSale, stockNotEnough, priceChanged, orderOwnProduct, orderNoAddress, orderPolicyError, orderAlreadyOwned, orderCouponError, orderBelowMinimum,
			creditNotEnough, orderNoCartLine, orderNoDelivery, orderFirstPriceError, debtOverdue, tooManyUnpaid, dispatch.ContentRefused,
		},
	}
}

// errStale says that what a basket was read from has changed before it was held.
var errStale = errors.New("what was wished has changed meanwhile")

// maxCommits bounds how often a commit begins anew because of that.
const maxCommits = 3

func (o orderCalls) commit(ctx context.Context, in commitOrder) (answer committedOrder, err error) {
	if err := o.Words.Check(words.Text{Key: "user_note", Value: in.UserNote}); err != nil {
		return committedOrder{}, err
	}
	for range maxCommits {
		answer, err = wire.Once(ctx, o.DB, o.Clock.Now(), func(tx *storage.Tx) (committedOrder, error) {
			return o.commitIn(ctx, tx, in)
		})
		if !errors.Is(err, errStale) {
			return answer, err
		}
	}
	return answer, dispatch.Fail(dispatch.StateChanged, "").Because(err)
}

// commitIn commits in a transaction. The lock of the buyer's profile keeps the buyer's other
// commits out; others may be quicker with the stock, which the guarded change of the
// product decides.
func (o orderCalls) commitIn(ctx context.Context, tx *storage.Tx, in commitOrder) (committedOrder, error) {
	user, now := dispatch.CallerFrom(ctx).User, o.Clock.Unix()
	profile, err := tx.LockProfile(ctx, user, now)
	if err != nil {
		return committedOrder{}, err
	}
	if profile.Deleted() { // meanwhile
		return committedOrder{}, dispatch.Fail(dispatch.ErrorToken, "")
	}
	unpaid, err := tx.CountWaiting(ctx, user, storage.PayOrders)
	if err != nil {
		return committedOrder{}, err
	}
	if unpaid >= maxUnpaid {
		return committedOrder{}, dispatch.Fail(tooManyUnpaid, "")
	}
	b, err := o.basket(ctx, &tx.Queries, user, in.wish, &profile)
	if err == nil {
		err = b.wantDelivery()
	}
	if err != nil {
		return committedOrder{}, err
	}
	quote, err := b.quote()
	if err != nil {
		return committedOrder{}, err
	}
	if quote.PayPrice != int64(in.PayPrice) {
		return committedOrder{}, o.changed(ctx, &tx.Queries, user, in.wish)
	}
	payment := storage.Payment{
		Purpose: storage.PayOrders, UserID: user, State: storage.PaymentWaiting, Price: quote.PayPrice,
		ExpireTime: now + seconds(o.Settings.Periods.PayWithin), CreatTime: now,
	}
	if err := wire.WithFreshID(func() error {
		payment.PayID = payNumber(now)
		return tx.InsertPayment(ctx, payment)
	}); err != nil {
		return committedOrder{}, err
	}
	orders, lines := b.made(quote, payment, in.UserNote)
	err = o.take(ctx, tx, taking{
		step: "commit", by: actor{buyer, user}, orders: orders, lines: lines, at: now, // as the payment, with which their clock ends
		jobs: []storage.Job{{Kind: paymentExpireJob, Key: payment.PayID, Due: payment.ExpireTime}},
	})
	if errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrBalance) {
		err = fmt.Errorf("%w: %w", errStale, err)
	}
	if err == nil {
		err = tx.DeleteCartLines(ctx, user, b.cart)
	}
	if err == nil && payment.Price == 0 {
		err = o.payOrders(ctx, tx, payment, orders, payByWallet, storage.UserAccount(user))
	}
	if err != nil {
		return committedOrder{}, err
	}
	answer := committedOrder{PayID: payment.PayID, PayPrice: dispatch.Fen(payment.Price), ExpireTime: o.Clock.Text(payment.ExpireTime)}
	for _, order := range orders {
		answer.OrderIDs = append(answer.OrderIDs, order.OrderID)
	}
	return answer, nil
}

// changed is the failure of a commit to another price than ours, with the quote as
// order/prepare answers it.
func (o orderCalls) changed(ctx context.Context, q *storage.Queries, user string, w wish) error {
	b, err := o.basket(ctx, q, user, w, nil)
	if err != nil {
		return err
	}
	quote, err := b.quote()
	if err != nil {
		return err
	}
	return dispatch.Fail(priceChanged, "pay_price: see data").With(b.answer(quote))
}

// payNumber is a number for a payment made now: the Unix second, five digits at random, and
// 00 where its orders count from 01. Sorted as texts they are sorted by time.
func payNumber(now int64) string { return fmt.Sprintf("%010d%05d00", now, rand.IntN(100_000)) }

// orderNumber is that of a payment's order, which counts from 1.
func orderNumber(payID string, order int) string {
	return fmt.Sprintf("%s%02d", payID[:len(payID)-2], order)
}

// made are the orders of a quote and their lines.
func (b *basket) made(quote price.Quote, p storage.Payment, note string) (orders []*storage.Order, lines []storage.OrderLine) {
	for i, quoted := range quote.Orders {
		order := &storage.Order{
			OrderID: orderNumber(p.PayID, i+1), PayID: p.PayID, UserID: p.UserID, SellerID: quoted.Seller, ShopID: quoted.Shop,
			Course: quoted.Course, Deliver: string(quoted.Delivery),
			GoodsPrice: quoted.GoodsPrice, OffPrice: quoted.OffPrice, ShipPrice: quoted.ShipPrice,
			CreditPrice: quoted.CreditPrice, PayPrice: quoted.PayPrice, UserNote: note, CreatTime: p.CreatTime,
			ListBuyer: p.UserID, ListSeller: quoted.Seller,
		}
		if quoted.Delivery == price.Express {
			order.AddressName, order.AddressPhone, order.Address = b.address.Name, b.address.Phone, b.address.Address
		}
		for j, quotedLine := range quoted.Lines {
			line := b.orderLine(order, int64(j), quotedLine)
			b.share(order, line.RecordID, line.CouponOff)
			b.share(order, b.shopRecord(quoted.Shop), line.ShopOff)
			b.share(order, b.MarketRecord, line.MarketOff)
			order.BeliUsed += line.BeliOff / price.FenPerBeli
			lines = append(lines, line)
		}
		orders = append(orders, order)
	}
	return orders, lines
}

func (b *basket) orderLine(order *storage.Order, number int64, l price.LinePrice) storage.OrderLine {
	wished, sold := &b.Lines[l.Index], &b.offers[l.Index]
	return storage.OrderLine{
		OrderID: order.OrderID, Line: number, UserID: order.UserID, ProductID: wished.Product,
		PolicyID: sold.policy.PolicyID, ValidPeriod: sold.policy.ValidPeriod,
		ProductName: sold.product.Name, PicURL: sold.product.PicURL, Price: l.Price, Pieces: wished.Pieces, LinePrice: l.LinePrice,
		CouponOff: l.CouponOff, ShopOff: l.ShopOff, MarketOff: l.MarketOff, BeliOff: l.BeliOff, CreditPrice: l.CreditPrice, PayPrice: l.PayPrice,
		RecordID: wished.Record, StockHeld: sold.product.Stock != nil,
	}
}

// share notes what a record takes off an order: one that takes off nothing is not kept.
func (b *basket) share(order *storage.Order, record, off int64) {
	if off == 0 {
		return
	}
	if !slices.Contains(order.Records, record) {
		order.Records = append(order.Records, record)
	}
	if b.records[record].Coupon.PayerID == "" {
		order.PromotionPrice += off
	}
}

// shopRecord is the one of a shop's coupon; 0 is none.
func (b *basket) shopRecord(shop int64) int64 {
	i := slices.IndexFunc(b.ShopRecords, func(id int64) bool { return b.records[id].Coupon.ShopID == shop })
	if i < 0 {
		return 0
	}
	return b.ShopRecords[i]
}
