package handlers

import (
	"log/slog"
	"slices"

	"campusgate/dispatch"
	"campusgate/handlers/board"
	"campusgate/handlers/captcha"
	"campusgate/handlers/captcha/drawing"
	"campusgate/handlers/media"
	"campusgate/handlers/trade"
	"campusgate/handlers/wire"
	"campusgate/storage"
	"campusgate/storage/pictures"
)

// Deps is what the handlers stand on.
type Deps struct {
	DB       *storage.DB
	Captchas captcha.Store
	Limiter  captcha.Limiter
	Pictures media.Store
	Checker  *pictures.Checker
	Drawer   *drawing.Drawer
	SMS      captcha.Sender
	Clicks   *Clicks
	Clock    wire.Clock
	Logger   *slog.Logger
	Settings Settings
}

// Settings are the operator's choices, named as their configuration keys.
type Settings struct {
	Captcha      captcha.Settings
	Media        media.Settings
	ShopsPerUser int64
}

// All is the whole API. The spelling creat is the wire's, for ever.
func All(d Deps) []dispatch.Endpoint {
	var (
		shop    = shopCalls{d, storage.ShopFields()}
		product = productCalls{d, htmlPolicy(), storage.ProductFields()}

		shopPath       = dispatch.Path{Pattern: "/shop", Token: dispatch.TokenNeeded}
		getShopPath    = dispatch.Path{Pattern: "/get/shop", Token: dispatch.TokenNeeded}
		productPath    = dispatch.Path{Pattern: "/product", Token: dispatch.TokenNeeded, MissingKey: dispatch.MissingDataKey}
		getProductPath = dispatch.Path{Pattern: "/get/product", Token: dispatch.TokenNeeded, MissingKey: dispatch.MissingDataKey}
	)
	market := []dispatch.Endpoint{
		dispatch.Handle(shopPath, "shop", "creat", "Open a shop", shop.create, dispatch.Alias("create")),
		dispatch.Handle(shopPath, "shop", "update", "Change one's own shop", shop.update),
		dispatch.Handle(getShopPath, "shop", "list", "List shops", shop.list),
		dispatch.Handle(getShopPath, "shop", "info", "Show a shop", shop.info),

		dispatch.Handle(productPath, "product", "creat", "Put a product into one's own shop", product.create, dispatch.Alias("create")),
		dispatch.Handle(productPath, "product", "update", "Change a product of one's own shop", product.update),
		dispatch.Handle(getProductPath, "product", "list", "List products", product.list),
		dispatch.Handle(getProductPath, "product", "info", "Show a product and count a click", product.info),
	}
	return slices.Concat(
		captcha.Calls(captcha.Deps{
			Captchas: d.Captchas, Limiter: d.Limiter, Drawer: d.Drawer, SMS: d.SMS, Logger: d.Logger, Settings: d.Settings.Captcha,
		}),
		media.Calls(media.Deps{
			DB: d.DB, Pictures: d.Pictures, Checker: d.Checker, Logger: d.Logger, Settings: d.Settings.Media,
		}),
		board.Calls(board.Deps{DB: d.DB, Clock: d.Clock}),
		market,
		trade.Calls(trade.Deps{DB: d.DB, Clock: d.Clock}),
	)
}
