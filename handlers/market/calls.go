// Package market is what the students sell: their shops and the products in them.
package market

import (
	"github.com/microcosm-cc/bluemonday"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// Deps is what the calls stand on.
type Deps struct {
	DB       *storage.DB
	Clicks   *Clicks
	Clock    wire.Clock
	Settings Settings
}

// Settings are the operator's choices, named as their configuration keys.
type Settings struct {
	ShopsPerUser int64
}

type shopCalls struct {
	Deps
	sortable []string // the fields by which a list may be sorted
}

type productCalls struct {
	Deps
	policy   *bluemonday.Policy
	sortable []string // the fields by which a list may be sorted
}

// Calls are all calls of the market. The spelling creat is the wire's, for ever.
func Calls(d Deps) []dispatch.Endpoint {
	var (
		shop    = shopCalls{d, storage.ShopFields()}
		product = productCalls{d, htmlPolicy(), storage.ProductFields()}

		shopPath       = dispatch.Path{Pattern: "/shop", Token: dispatch.TokenNeeded}
		getShopPath    = dispatch.Path{Pattern: "/get/shop", Token: dispatch.TokenNeeded}
		productPath    = dispatch.Path{Pattern: "/product", Token: dispatch.TokenNeeded, MissingKey: dispatch.MissingDataKey}
		getProductPath = dispatch.Path{Pattern: "/get/product", Token: dispatch.TokenNeeded, MissingKey: dispatch.MissingDataKey}
	)
	return []dispatch.Endpoint{
		dispatch.Handle(shopPath, "shop", "creat", "Open a shop", shop.create, dispatch.Alias("create")),
		dispatch.Handle(shopPath, "shop", "update", "Change one's own shop", shop.update),
		dispatch.Handle(getShopPath, "shop", "list", "List shops", shop.list),
		dispatch.Handle(getShopPath, "shop", "info", "Show a shop", shop.info),

		dispatch.Handle(productPath, "product", "creat", "Put a product into one's own shop", product.create, dispatch.Alias("create")),
		dispatch.Handle(productPath, "product", "update", "Change a product of one's own shop", product.update),
		dispatch.Handle(getProductPath, "product", "list", "List products", product.list),
		dispatch.Handle(getProductPath, "product", "info", "Show a product and count a click", product.info),
	}
}

// The statuses that only these calls have.
var (
	emptyRecords     = dispatch.Status{Number: 1, Text: "Empty records"}
	shopNameUsed     = dispatch.Status{Number: 100, Text: "The shop name was used"}
	shopsCapped      = dispatch.Status{Number: 101, Text: "The number of shops has been capped"}
	noRightToUpdate  = dispatch.Status{Number: 100, Text: "No right to update"}
	noRightToOperate = dispatch.Status{Number: 100, Text: "No right to operate"}
	productIDError   = dispatch.Status{Number: 100, Text: "Error Product id"}
)
