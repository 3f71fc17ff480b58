package trade

import (
	"context"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// Exported are the tables of trade that hold something of a user: orders are the buyer's,
// coupons those of who pays for them. What a cart's products are now is other users'.
func Exported(d Deps) []wire.ExportedTable {
	purchase, coupon, wallet := purchaseCalls{d}, couponCalls{d}, walletCalls{d}
	return []wire.ExportedTable{
		wire.Exported("purchases", d.DB, (*storage.Queries).PurchasesAfter, purchase.detail),
		wire.Exported("coupons", d.DB, (*storage.Queries).CouponsAfter, coupon.exported),
		wire.Exported("coupon_records", d.DB, (*storage.Queries).CouponRecordsAfter, coupon.recordRow),
		wire.Exported("payments", d.DB, (*storage.Queries).PaymentsAfter, orderCalls{d}.exportPayment),
		{Name: "orders", Each: orderCalls{d}.exportOrders},
		wire.Exported("cart_lines", d.DB, (*storage.Queries).CartLinesAfter, exportCartLine),
		wire.Exported("ledger", d.DB, (*storage.Queries).LedgerOf, wallet.exported),
	}
}

// exportedPayment is a payment as it is kept.
type exportedPayment struct {
	PayID      string       `json:"pay_id"`
	Purpose    string       `json:"purpose"`
	OrderID    string       `json:"order_id"`
	PayState   string       `json:"pay_state"`
	PayPrice   dispatch.Fen `json:"pay_price"`
	Method     string       `json:"method"`
	ExpireTime string       `json:"expire_time"`
	CreatTime  string       `json:"creat_time"`
	PayTime    string       `json:"pay_time"`
}

func (o orderCalls) exportPayment(p storage.Payment) exportedPayment {
	return exportedPayment{
		p.PayID, p.Purpose, p.OrderID, p.State, dispatch.Fen(p.Price), p.Method,
		o.Clock.Text(p.ExpireTime), o.Clock.Text(p.CreatTime), o.time(p.PayTime),
	}
}

// exportOrders writes the orders that a user has bought, as order/info answers them, but
// for the names of others.
func (o orderCalls) exportOrders(ctx context.Context, user string, write func(any) error) error {
	return wire.EachAfter(func(after storage.OrderPlace) ([]storage.Order, storage.OrderPlace, error) {
		return o.DB.OrdersAfter(ctx, user, after)
	},
		func(order storage.Order) error {
			detail, err := o.whole(ctx, &order, buyer, storage.OrderNames{})
			if err != nil {
				return err
			}
			detail.Actions = []orderAction{}
			return write(detail)
		})
}

// exportedCoupon is a coupon with its code, which is for its owner alone.
type exportedCoupon struct {
	couponRow

	Code string `json:"code"`
}

func (c couponCalls) exported(coupon storage.Coupon) exportedCoupon {
	return exportedCoupon{c.row(coupon), coupon.Code}
}

// exportedCartLine is a line of a cart as it is kept.
type exportedCartLine struct {
	CartID        int64         `json:"cart_id"`
	ProductID     int64         `json:"product_id"`
	PricePolicyID int64         `json:"price_policy_id"`
	ProductNum    int64         `json:"product_num"`
	FirstPrice    *dispatch.Fen `json:"first_price"`
	AddedPrice    dispatch.Fen  `json:"added_price"`
}

func exportCartLine(l storage.CartLine) exportedCartLine {
	return exportedCartLine{l.CartID, l.ProductID, l.PolicyID, l.Pieces, (*dispatch.Fen)(l.FirstPrice), dispatch.Fen(l.AddedPrice)}
}

// exportedMove is a row of the ledger as a user's account sees it, with the account.
type exportedMove struct {
	Currency string `json:"currency"`
	walletRow
}

func (w walletCalls) exported(row storage.SeenRow) exportedMove {
	currency := row.Currency
	if row.Credit {
		currency = creditCurrency
	}
	return exportedMove{currency, w.row(row.LedgerRow, row.Account)}
}
