// Package trade is how a product is bought: orders and their payment.
package trade

import (
	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// Deps is what the calls stand on.
type Deps struct {
	DB    *storage.DB
	Clock wire.Clock
}

// purchaseCalls are those of orders, which are paid from a wallet.
type purchaseCalls struct{ Deps }

// Calls are all calls of trade.
func Calls(d Deps) []dispatch.Endpoint {
	var (
		purchase = purchaseCalls{d}

		path = dispatch.Path{Pattern: "/purchase"}
	)
	return []dispatch.Endpoint{
		dispatch.Handle(path, dispatch.WithToken, "purchase", "apply", "Order a product", purchase.apply),
		dispatch.Handle(path, dispatch.WithToken, "purchase", "pay", "Pay your own order", purchase.pay),
		dispatch.Handle(path, dispatch.WithToken, "purchase", "cancel", "Cancel your own order", purchase.cancel),
		dispatch.Handle(path, dispatch.WithToken, "purchase", "info", "Show your own order", purchase.info),
		dispatch.Handle(path, dispatch.WithToken, "purchase", "list", "List your own orders", purchase.list),
	}
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
)
