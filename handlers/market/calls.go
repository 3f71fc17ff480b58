// Package market is what the students sell: their shops, the products in them, and the
// categories of these.
package market

import (
	"context"
	"log/slog"

	"github.com/microcosm-cc/bluemonday"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
	"campusgate/storage/pictures"
)

// Deps is what the calls stand on.
type Deps struct {
	DB       *storage.DB
	Clicks   *Clicks
	Pictures wire.Pictures
	// AuditPicture looks at what a stored picture shows; nil: market.picture_checker is off.
	AuditPicture func(context.Context, pictures.Key) (pictures.Verdict, error)
	Words        *words.Checker
	// DocumentWords are those that the document's calls refuse; nil: market.review_goods is false.
	DocumentWords *words.Checker
	Clock         wire.Clock
	Logger        *slog.Logger
	Settings      Settings
}

// Settings are the operator's choices, named as their configuration keys.
type Settings struct {
	ShopsPerUser int64
	Review       Review
	URLPrefix    string // before the paths of pictures
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

// categoryCalls are those of the categories.
type categoryCalls struct{ Deps }

// Calls are all calls of the market. The spelling creat is the wire's, for ever.
func Calls(d Deps) []dispatch.Endpoint {
	var (
		shop     = shopCalls{d, storage.ShopFields()}
		product  = productCalls{d, htmlPolicy(), storage.ProductFields()}
		category = categoryCalls{d}

		shopPath       = dispatch.Path{Pattern: "/shop"}
		getShopPath    = dispatch.Path{Pattern: "/get/shop"}
		productPath    = dispatch.Path{Pattern: "/product", MissingKey: dispatch.MissingDataKey}
		getProductPath = dispatch.Path{Pattern: "/get/product", MissingKey: dispatch.MissingDataKey}
		categoryPath   = dispatch.Path{Pattern: "/category"}
		browsePath     = dispatch.Path{Pattern: "/browse"}

		// A product's calls have one status of an absent key, whatever path they share.
		missing = dispatch.MissingKey(dispatch.MissingDataKey)

		active = dispatch.Need{Token: dispatch.TokenNeeded, Active: true}
		once   = dispatch.Need{Token: dispatch.TokenNeeded, Active: true, Once: onceFor}
		guest  = dispatch.Need{Token: dispatch.TokenOptional}
		admin  = dispatch.Need{Token: dispatch.TokenNeeded, Role: storage.RoleAdmin, Active: true}
	)
	return []dispatch.Endpoint{
		dispatch.Handle(shopPath, dispatch.WithToken, "shop", "creat", "Open a shop", shop.create, dispatch.Alias("create")),
		dispatch.Handle(shopPath, dispatch.WithToken, "shop", "update", "Change your own shop", shop.update),
		dispatch.Handle(getShopPath, dispatch.WithToken, "shop", "list", "List shops", shop.list),
		dispatch.Handle(getShopPath, dispatch.WithToken, "shop", "info", "Show a shop", shop.info),

		dispatch.Handle(productPath, dispatch.WithToken, "product", "creat", "Put a product into your own shop", product.create, dispatch.Alias("create")),
		dispatch.Handle(productPath, dispatch.WithToken, "product", "update", "Change a product of your own shop", product.update),
		dispatch.Handle(getProductPath, dispatch.WithToken, "product", "list", "List products", product.list),
		dispatch.Handle(getProductPath, dispatch.WithToken, "product", "info", "Show a product and count a click", product.info),

		dispatch.Handle(productPath, once, "product", "release", "Offer something second-hand", product.release),
		dispatch.Handle(productPath, active, "product", "edit", "Change your own second-hand product", product.edit),
		dispatch.Handle(productPath, active, "product", "withdraw", "Take your own second-hand product off sale", product.withdraw),
		dispatch.Handle(productPath, dispatch.WithToken, "product", "mine", "List your own products", product.mine),
		dispatch.Handle(browsePath, guest, "product", "search", "Find what can be bought now", product.search, missing),
		dispatch.Handle(browsePath, guest, "product", "detail", "Show all of a product and count a click", product.detail, missing),
		dispatch.Handle(productPath, active, "product", "collect", "Make a product a favourite", product.collect),
		dispatch.Handle(productPath, dispatch.WithToken, "product", "collected", "List your favourites", product.collected),
		dispatch.Handle(productPath, once, "product", "report", "Report a product to the admins", product.report),
		dispatch.Handle(productPath, admin, "product", "reviews", "List what waits for a review and what was reported", product.reviews),
		dispatch.Handle(productPath, admin, "product", "review", "Decide about a product", product.review),

		dispatch.Handle(categoryPath, admin, "category", "creat", "Add a category", category.create, dispatch.Alias("create")),
		dispatch.Handle(categoryPath, admin, "category", "update", "Change a category", category.update),
		dispatch.Handle(categoryPath, admin, "category", "delete", "Delete a category that nothing is in", category.delete),
		dispatch.Handle(browsePath, guest, "category", "list", "List categories", category.list),
	}
}

// The statuses that only these calls have.
var (
	emptyRecords     = dispatch.Status{Number: 1, Text: "Empty records"}
	shopNameUsed     = dispatch.Status{Number: 100, Text: "The shop name was used"}
	shopsCapped      = dispatch.Status{Number: 101, Text: "The number of shops has been capped"}
	noRightToUpdate  = dispatch.Status{Number: 100, Text: "No right to update"}
	noRightToOperate = dispatch.Status{Number: 100, Text: "No right to operate"}
	priceError       = dispatch.Status{Number: 101, Text: "Price error"}
	stateNotAllowed  = dispatch.Status{Number: 102, Text: "State not allowed"}
	nothingToReview  = dispatch.Status{Number: 105, Text: "Nothing to review"}
	pictureError     = dispatch.Status{Number: 103, Text: "Picture error"}
	noSuchCategory   = dispatch.Status{Number: 104, Text: "Category not exist"} // of a product's call
	productIDError   = dispatch.Status{Number: 100, Text: "Error Product id"}
	categoryNotExist = dispatch.Status{Number: 100, Text: "Category not exist"}
	categoryUsed     = dispatch.Status{Number: 101, Text: "Category is used"}
	categoryNameUsed = dispatch.Status{Number: 102, Text: "The category name was used"}
)
