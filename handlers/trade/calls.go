// Package trade is how a product is bought: carts, orders and their payment, and the
// coupons that lower a price.
package trade

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/sandbox"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
)

// Deps is what the calls stand on.
type Deps struct {
	DB       *storage.DB
	Pictures wire.Pictures
	Words    *words.Checker
	Limiter  wire.Limiter
	Clock    wire.Clock
	Logger   *slog.Logger

	// Text sends an SMS of a few words; nil where none are sent.
	Text func(ctx context.Context, phone string, words ...string) error

	// Counters are those of the metrics.
	Counters Counters

	// Channels are those by which users pay, beside the wallet.
	Channels channel.Set

	Settings Settings
}

// Settings are the operator's choices, named as their configuration keys.
type Settings struct {
	BeliPercent int64 // 0 to 100
	FeePercent  int64 // 0 to 100
	Periods     Periods
	Pay         PaySettings
	URLPrefix   string // before the paths of pictures
}

// purchaseCalls are those of orders, which are paid from a wallet.
type purchaseCalls struct{ Deps }

// week is how long the answers of calls are kept that move money.
const week = 7 * 24 * time.Hour

// Calls are all calls of trade.
func Calls(d Deps) []dispatch.Endpoint {
	var (
		purchase = purchaseCalls{d}
		coupon   = couponCalls{d}
		cart     = cartCalls{d}
		order    = orderCalls{d}
		pay      = payCalls{d}

		path       = dispatch.Path{Pattern: "/purchase"}
		couponPath = dispatch.Path{Pattern: "/coupon"}
		cartPath   = dispatch.Path{Pattern: "/cart"}
		orderPath  = dispatch.Path{Pattern: "/order"}
		payPath    = dispatch.Path{Pattern: "/pay"}
		walletPath = dispatch.Path{Pattern: "/wallet"}
		creditPath = dispatch.Path{Pattern: "/credit"}
		browsePath = dispatch.Path{Pattern: "/browse"}

		guest  = dispatch.Need{Token: dispatch.TokenOptional}
		active = dispatch.Need{Token: dispatch.TokenNeeded, Active: true}
		once   = dispatch.Need{Token: dispatch.TokenNeeded, Active: true, Once: 24 * time.Hour}
		paying = dispatch.Need{Token: dispatch.TokenNeeded, Active: true, Once: week}
		admins = dispatch.Need{Token: dispatch.TokenNeeded, Role: storage.RoleAdmin, Active: true}
	)
	calls := []dispatch.Endpoint{
		dispatch.Handle(path, dispatch.WithToken, "purchase", "apply", "Order a product", purchase.apply),
		dispatch.Handle(path, dispatch.WithToken, "purchase", "pay", "Pay your own order", purchase.pay),
		dispatch.Handle(path, dispatch.WithToken, "purchase", "cancel", "Cancel your own order", purchase.cancel),
		dispatch.Handle(path, dispatch.WithToken, "purchase", "info", "Show your own order", purchase.info),
		dispatch.Handle(path, dispatch.WithToken, "purchase", "list", "List your own orders", purchase.list),

		dispatch.Handle(couponPath, once, "coupon", "creat", "Make a coupon", coupon.create, dispatch.Alias("create")),
		dispatch.Handle(couponPath, active, "coupon", "update", "Change your own coupon", coupon.update),
		dispatch.Handle(browsePath, guest, "coupon", "list", "List the coupons that can be taken", coupon.list),
		dispatch.Handle(couponPath, once, "coupon", "take", "Take a coupon", coupon.take),
		dispatch.Handle(couponPath, dispatch.WithToken, "coupon", "mine", "List the coupons that you have taken", coupon.mine),

		dispatch.Handle(cartPath, active, "cart", "add", "Put a product into your cart", cart.add),
		dispatch.Handle(cartPath, active, "cart", "update", "Change a line of your cart", cart.update),
		dispatch.Handle(cartPath, active, "cart", "delete", "Take lines out of your cart", cart.delete),
		dispatch.Handle(cartPath, dispatch.WithToken, "cart", "list", "List your cart", cart.list),
		dispatch.Handle(cartPath, dispatch.WithToken, "cart", "count", "Count what is in your cart", cart.count),

		dispatch.Handle(orderPath, dispatch.WithToken, "order", "prepare", "Ask what an order would cost", order.prepare),
		dispatch.Handle(orderPath, paying, "order", "commit", "Order what is in items or in the cart", order.commit),
		dispatch.Handle(orderPath, dispatch.Need{Token: dispatch.TokenNeeded, Once: week}, "order", "pay", "Pay your own orders", order.pay),
		dispatch.Handle(orderPath, dispatch.WithToken, "order", "cancel", "Cancel your own orders that are to be paid", order.cancel),
		dispatch.Handle(orderPath, dispatch.WithToken, "order", "address", "Have your own order sent elsewhere", order.address),
		dispatch.Handle(orderPath, dispatch.WithToken, "order", "ship", "Say that an order is on its way", order.ship),
		dispatch.Handle(orderPath, dispatch.WithToken, "order", "confirm", "Say that you have got your order", order.confirm),
		dispatch.Handle(orderPath, dispatch.WithToken, "order", "extend", "Have more time to get your order", order.extend),
		dispatch.Handle(orderPath, dispatch.WithToken, "order", "decline", "Refund an order that you do not ship", order.decline),
		dispatch.Handle(orderPath, dispatch.Need{Token: dispatch.TokenNeeded, Once: week}, "order", "refund", "Ask for a refund", order.refundOrder),
		dispatch.Handle(orderPath, dispatch.WithToken, "order", "agree", "Agree to a refund", order.agree),
		dispatch.Handle(orderPath, dispatch.WithToken, "order", "refuse", "Refuse a refund", order.refuse),
		dispatch.Handle(orderPath, dispatch.WithToken, "order", "appeal", "Ask an admin to decide a refund that was refused", order.appeal),
		dispatch.Handle(orderPath, dispatch.WithToken, "order", "revoke", "Ask for a refund no more", order.revoke),
		dispatch.Handle(orderPath, dispatch.WithToken, "order", "return", "Say that goods are on their way back", order.sendBack),
		dispatch.Handle(orderPath, dispatch.WithToken, "order", "receive", "Say that goods have come back", order.receive),
		dispatch.Handle(orderPath, admins, "order", "arbitrate", "Decide a refund", order.arbitrate),
		dispatch.Handle(orderPath, dispatch.WithToken, "order", "delete", "Take an order out of your list", order.delete),
		dispatch.Handle(orderPath, admins, "order", "note", "Note something about an order", order.note),
		dispatch.Handle(orderPath, dispatch.WithToken, "order", "info", "Show an order of yours", order.info),
		dispatch.Handle(orderPath, dispatch.WithToken, "order", "list", "List your own orders, or an admin all", order.list),
		dispatch.Handle(browsePath, guest, "order", "states", "List the states of orders and the steps between them", order.states),

		dispatch.Handle(payPath, dispatch.WithToken, "pay", "info", "Show a payment of yours", pay.info),
		dispatch.Handle(payPath, admins, "pay", "anomalies", "List what channels say and does not fit", pay.anomalies),
		dispatch.Handle(payPath, admins, "pay", "settle", "Give to a wallet what a channel does not take back", pay.settle),
		dispatch.Handle(walletPath, paying, "wallet", "recharge", "Put money into your wallet", pay.recharge),
		dispatch.Handle(creditPath, dispatch.Need{Token: dispatch.TokenNeeded, Once: week}, "credit", "pay", "Pay back your debt of an order", pay.creditPay),
		pay.callback(),
		pay.cashier(),
	}
	if s, ok := d.Channels[channel.Sandbox].(*sandbox.Channel); ok {
		calls = append(calls, s.Page(d.fromSandbox))
	}
	return slices.Concat(calls, walletEndpoints(d), creditEndpoints(d))
}

// The statuses that only these calls have.
var (
	productNotExist   = dispatch.Status{Number: 100, Text: "Product_id not exist"}
	purchaseNotExist  = dispatch.Status{Number: 100, Text: "Purchase id not exist"}
	purchaseForbidden = dispatch.Status{Number: 101, Text: "Have no right to operate"}
	balanceNotEnough  = dispatch.Status{Number: 102, Text: "Balance is not enough"}
	stockNotEnough    = dispatch.Status{Number: 105, Text: "Stock is not enough"}
	payMethodRefused  = dispatch.Status{Number: 200, Text: "Pay method not allow"}
	notPayingState    = dispatch.Status{Number: 201, Text: "This purchase is not paying state"}

	couponNotExist     = dispatch.Status{Number: 100, Text: "Coupon not exist"}
	noRightToOperate   = dispatch.Status{Number: 101, Text: "No right to operate"}
	couponNotInTime    = dispatch.Status{Number: 102, Text: "Not in time"}
	couponNoneLeft     = dispatch.Status{Number: 103, Text: "None left"}
	couponAlreadyTaken = dispatch.Status{Number: 104, Text: "Already taken"}
	couponCodeUsed     = dispatch.Status{Number: 105, Text: "The code was used"}

	cartNotOnSale       = dispatch.Status{Number: 100, Text: "Product is not on sale"}
	cartNoLine          = dispatch.Status{Number: 101, Text: "Cart line not exist"}
	cartFull            = dispatch.Status{Number: 102, Text: "The cart is full"}
	cartNumberError     = dispatch.Status{Number: 103, Text: "Number error"}
	cartPolicyError     = dispatch.Status{Number: 104, Text: "Price policy error"}
	cartFirstPriceError = dispatch.Status{Number: 105, Text: "First price error"}

	orderNotOnSale       = dispatch.Status{Number: 104, Text: "Product is not on sale"}
	orderOwnProduct      = dispatch.Status{Number: 107, Text: "Can not buy own product"}
	orderNoAddress       = dispatch.Status{Number: 108, Text: "Address not exist"}
	orderPolicyError     = dispatch.Status{Number: 109, Text: "Price policy error"}
	orderCouponError     = dispatch.Status{Number: 110, Text: "Coupon error"}
	orderBelowMinimum    = dispatch.Status{Number: 111, Text: "Below the minimum"}
	creditNotEnough      = dispatch.Status{Number: 113, Text: "Credit is not enough"}
	orderNoCartLine      = dispatch.Status{Number: 114, Text: "Cart line not exist"}
	orderAlreadyOwned    = dispatch.Status{Number: 115, Text: "Already owned"}
	orderNoDelivery      = dispatch.Status{Number: 116, Text: "Deliver not allowed"}
	orderFirstPriceError = dispatch.Status{Number: 117, Text: "First price error"}
	debtOverdue          = dispatch.Status{Number: 118, Text: "Debt is overdue"}
)
