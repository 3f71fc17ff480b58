package handlers

import (
	"context"
	"log/slog"
	"slices"

	"campusgate/dispatch"
	"campusgate/handlers/board"
	"campusgate/handlers/captcha"
	"campusgate/handlers/captcha/drawing"
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
	Pictures Pictures
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
	Captcha            captcha.Settings
	AllowReferers      []string
	AllowEmptyReferer  bool
	AnonymousPortraits bool
	URLPrefix          string
	ShopsPerUser       int64
}

// Pictures keeps uploaded pictures under <from>/<name>.
type Pictures interface {
	Put(ctx context.Context, key string, picture []byte) error
	Get(ctx context.Context, key string) (pictures.Picture, error)
}

// All is the whole API. The spelling creat is the wire's, for ever.
func All(d Deps) []dispatch.Endpoint {
	var (
		picture = pictureCalls{d}
		shop    = shopCalls{d, storage.ShopFields()}
		product = productCalls{d, htmlPolicy(), storage.ProductFields()}

		portraitPath    = dispatch.Path{Pattern: "/portrait", Token: portraitToken(d.Settings)}
		picPath         = dispatch.Path{Pattern: "/pic", Token: dispatch.TokenNeeded}
		shopPath        = dispatch.Path{Pattern: "/shop", Token: dispatch.TokenNeeded}
		getShopPath     = dispatch.Path{Pattern: "/get/shop", Token: dispatch.TokenNeeded}
		productPath     = dispatch.Path{Pattern: "/product", Token: dispatch.TokenNeeded, MissingKey: dispatch.MissingDataKey}
		getProductPath  = dispatch.Path{Pattern: "/get/product", Token: dispatch.TokenNeeded, MissingKey: dispatch.MissingDataKey}
		getPortraitPath = dispatch.Path{Pattern: "/get/portrait"}
		getPicPath      = dispatch.Path{Pattern: "/get/pic"}
	)
	media := []dispatch.Endpoint{
		dispatch.Handle(portraitPath, "portrait", "upload", "Upload a portrait", picture.uploadPortrait, dispatch.Upload()),
		dispatch.Handle(picPath, "pic", "upload", "Upload a picture", picture.upload, dispatch.Upload()),
		dispatch.Picture(getPortraitPath, "Show a portrait", picture.showPortrait, dispatch.Notes(showPortraitNotes), portraitSegments()),
		dispatch.Picture(getPicPath, "Show a picture", picture.show, dispatch.Notes(showNotes), pictureSegments()),
	}
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
		media,
		board.Calls(board.Deps{DB: d.DB, Clock: d.Clock}),
		market,
		trade.Calls(trade.Deps{DB: d.DB, Clock: d.Clock}),
	)
}
