package handlers

import (
	"context"
	"log/slog"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/drawing"
	"campusgate/storage"
	"campusgate/storage/captchas"
	"campusgate/storage/limits"
	"campusgate/storage/pictures"
)

// Deps is what the handlers stand on.
type Deps struct {
	DB       *storage.DB
	Captchas Captchas
	Limiter  Limiter
	Pictures Pictures
	Checker  *pictures.Checker
	Drawer   *drawing.Drawer
	SMS      Sender
	Clicks   *Clicks
	Clock    Clock
	Logger   *slog.Logger
	Settings Settings
}

// Settings are the operator's choices, named as their configuration keys.
type Settings struct {
	LogCodes           bool
	GuessesPerMinute   int
	AllowReferers      []string
	AllowEmptyReferer  bool
	AnonymousPortraits bool
	URLPrefix          string
	ShopsPerUser       int64
}

// Captchas keeps the hashes of pictures and of SMS codes until they run out.
type Captchas interface {
	Add(ctx context.Context, hash string, code captchas.Code) error
	Check(ctx context.Context, query captchas.Query) (bool, error)
	Reserve(ctx context.Context, hash, phone string) (bool, error)
	Release(ctx context.Context, hash, phone string) error
}

// Limiter counts events of a key in sliding windows.
type Limiter interface {
	Take(ctx context.Context, key string, windows []limits.Window) (refused int, retryAfter time.Duration, err error)
	Return(ctx context.Context, key string) error
}

// Pictures keeps uploaded pictures.
type Pictures interface {
	Put(ctx context.Context, key pictures.Key, picture []byte) error
	Get(ctx context.Context, key pictures.Key) (pictures.Picture, error)
}

// Sender sends an SMS with a code. A provider's refusal is an *sms.RefusedError.
type Sender interface {
	Send(ctx context.Context, phone, code string) error
}

// All is the whole API. The spelling creat is the wire's, for ever.
func All(d Deps) []dispatch.Endpoint {
	var (
		captcha  = captchaCalls{d}
		picture  = pictureCalls{d}
		property = propertyCalls{d}
		shop     = shopCalls{d, storage.ShopFields()}
		product  = productCalls{d, htmlPolicy(), storage.ProductFields()}
		purchase = purchaseCalls{d}

		captchaPath     = dispatch.Path{Pattern: "/captcha"}
		portraitPath    = dispatch.Path{Pattern: "/portrait", Token: portraitToken(d.Settings)}
		picPath         = dispatch.Path{Pattern: "/pic", Token: dispatch.TokenNeeded}
		propertyPath    = dispatch.Path{Pattern: "/property", Token: dispatch.TokenNeeded, MissingKey: dispatch.MissingDataKey}
		getPropertyPath = dispatch.Path{Pattern: "/get/property", Token: dispatch.TokenNeeded}
		shopPath        = dispatch.Path{Pattern: "/shop", Token: dispatch.TokenNeeded}
		getShopPath     = dispatch.Path{Pattern: "/get/shop", Token: dispatch.TokenNeeded}
		productPath     = dispatch.Path{Pattern: "/product", Token: dispatch.TokenNeeded, MissingKey: dispatch.MissingDataKey}
		getProductPath  = dispatch.Path{Pattern: "/get/product", Token: dispatch.TokenNeeded, MissingKey: dispatch.MissingDataKey}
		purchasePath    = dispatch.Path{Pattern: "/purchase", Token: dispatch.TokenNeeded}
		getPortraitPath = dispatch.Path{Pattern: "/get/portrait"}
		getPicPath      = dispatch.Path{Pattern: "/get/pic"}
	)
	return []dispatch.Endpoint{
		dispatch.Handle(captchaPath, "img", "generate", "Draw a captcha", captcha.generateImage),
		dispatch.Handle(captchaPath, "img", "validate", "Ask whether a hash is right", captcha.validateImage),
		dispatch.Handle(captchaPath, "sms", "generate", "Send a code by SMS", captcha.generateSMS),
		dispatch.Handle(captchaPath, "sms", "validate", "Ask whether the hash of an SMS code is right", captcha.validateSMS),

		dispatch.Handle(portraitPath, "portrait", "upload", "Upload a portrait", picture.uploadPortrait, dispatch.Upload()),
		dispatch.Handle(picPath, "pic", "upload", "Upload a picture", picture.upload, dispatch.Upload()),
		dispatch.Picture(getPortraitPath, "Show a portrait", picture.showPortrait, dispatch.Notes(showPortraitNotes), portraitSegments()),
		dispatch.Picture(getPicPath, "Show a picture", picture.show, dispatch.Notes(showNotes), pictureSegments()),

		dispatch.Handle(propertyPath, "property", "add", "Publish a notice", property.add),
		dispatch.Handle(propertyPath, "property", "update", "Change one's own notice", property.update),
		dispatch.Handle(propertyPath, "property", "delete", "Delete one's own notice", property.delete),
		dispatch.Query(getPropertyPath, "property", "list", "Search notices", property.list, dispatch.Alone("key", "page", "count")),

		dispatch.Handle(shopPath, "shop", "creat", "Open a shop", shop.create, dispatch.Alias("create")),
		dispatch.Handle(shopPath, "shop", "update", "Change one's own shop", shop.update),
		dispatch.Handle(getShopPath, "shop", "list", "List shops", shop.list),
		dispatch.Handle(getShopPath, "shop", "info", "Show a shop", shop.info),

		dispatch.Handle(productPath, "product", "creat", "Put a product into one's own shop", product.create, dispatch.Alias("create")),
		dispatch.Handle(productPath, "product", "update", "Change a product of one's own shop", product.update),
		dispatch.Handle(getProductPath, "product", "list", "List products", product.list),
		dispatch.Handle(getProductPath, "product", "info", "Show a product and count a click", product.info),

		dispatch.Handle(purchasePath, "purchase", "apply", "Order a product", purchase.apply),
		dispatch.Handle(purchasePath, "purchase", "pay", "Pay one's own order", purchase.pay),
		dispatch.Handle(purchasePath, "purchase", "cancel", "Cancel one's own order", purchase.cancel),
		dispatch.Handle(purchasePath, "purchase", "info", "Show one's own order", purchase.info),
		dispatch.Handle(purchasePath, "purchase", "list", "List one's own orders", purchase.list),
	}
}

// none is the data of a request or an answer that has none.
type none struct{}
