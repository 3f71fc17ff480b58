package market

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// The length of a second-hand product's content in characters, sanitised.
const minDescription, maxDescription = 10, 20_000

type releaseProduct struct {
	ProductName    string       `json:"product_name" rule:"required min=2 max=100"`
	ProductContent string       `json:"product_content" rule:"required min=10 max=20000" doc:"HTML; sanitised"`
	ProductPrice   dispatch.Fen `json:"product_price" rule:"required range=0.01..999999.99"`
	OriginalPrice  dispatch.Fen `json:"original_price" rule:"required range=0.01..999999.99" doc:"at least product_price"`
	SellMethod     int64        `json:"sell_method" rule:"required oneof=0|1|2" doc:"0: any, 1: face to face, 2: express"`
	ShipPrice      dispatch.Fen `json:"ship_price" rule:"required range=0..999.99"`
	CategoryID     int64        `json:"category_id" rule:"required range=any" doc:"of kind 1"`
	Pics           []string     `json:"pics" rule:"required items=1..9 max=1024" doc:"URLs as pic/upload answers them, any host before; the first is the cover"`
}

func (releaseProduct) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Anybody may sell; no shop is needed. The product is one piece and waits for its review, which answers for refused words.",
		Example:  `{"product_name": "九成新台灯", "product_content": "用了一个学期，亮度三档可调，毕业了带不走。", "product_price": 35, "original_price": 99, "sell_method": 1, "ship_price": 0, "category_id": 3, "pics": ["./api/external/get/pic/product/lamp.png"]}`,
		Statuses: []dispatch.Status{priceError, pictureError, noSuchCategory},
	}
}

func (p productCalls) release(ctx context.Context, in releaseProduct) (createdProduct, error) {
	version := storage.ProductVersion{
		Name: in.ProductName, Content: in.ProductContent, Price: int64(in.ProductPrice), OriginalPrice: (*int64)(&in.OriginalPrice),
		SellMethod: in.SellMethod, ShipPrice: int64(in.ShipPrice), CategoryID: &in.CategoryID,
	}
	var err error
	if version.Content, err = p.description(in.ProductContent); err != nil {
		return createdProduct{}, err
	}
	if err := nameShows(version.Name); err != nil {
		return createdProduct{}, err
	}
	if err := priceFits(version); err != nil {
		return createdProduct{}, err
	}
	if version.Pics, err = wire.OwnPictures(ctx, p.Pictures, p.Settings.URLPrefix, in.Pics, pictureError); err != nil {
		return createdProduct{}, err
	}
	now := p.Clock.Now()
	return wire.Once(ctx, p.DB, now, func(tx *storage.Tx) (created createdProduct, err error) {
		if err := inCategory(ctx, tx, in.CategoryID, storage.CategorySecondHand); err != nil {
			return created, err
		}
		// A taken id has no effect in a transaction of its own, which joins this one.
		err = wire.WithFreshID(func() error {
			created.ProductID = wire.RandomID(7)
			return tx.InsertSecondHand(ctx, created.ProductID, dispatch.CallerFrom(ctx).User, version, p.Settings.Review.begin(), now.Unix())
		})
		if err == nil {
			err = p.askReview(ctx, tx, created.ProductID, now.Unix())
		}
		return created, err
	})
}

// description is a second-hand product's content as it is kept.
func (p productCalls) description(sent string) (string, error) {
	kept := p.cleanHTML(sent)
	if length := utf8.RuneCountInString(kept); length < minDescription || length > maxDescription {
		return "", dispatch.Fail(dispatch.ValueError, "product_content: must be 10 to 20,000 characters, before and after it is sanitised")
	}
	if shown := readContent(kept); isBlank(shown.text) && len(shown.pictures) == 0 {
		return "", dispatch.Fail(dispatch.ValueError, "product_content: must show something")
	}
	return kept, nil
}

// nameShows fails where a name has nothing that is seen: nobody could choose it in a list.
func nameShows(name string) error {
	if isBlank(name) {
		return dispatch.Fail(dispatch.ValueError, "product_name: must show something")
	}
	return nil
}

// isBlank reports whether a text has blanks and invisible characters only.
func isBlank(text string) bool {
	return strings.TrimFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.In(r, unicode.C, unicode.M, unicode.Other_Default_Ignorable_Code_Point)
	}) == ""
}

func priceFits(v storage.ProductVersion) error {
	if v.OriginalPrice != nil && *v.OriginalPrice < v.Price {
		return dispatch.Fail(priceError, "original_price: must not be below product_price")
	}
	return nil
}

type editProduct struct {
	ProductID      int64         `json:"product_id" rule:"required range=any" doc:"your own second-hand product"`
	ProductName    *string       `json:"product_name" rule:"filled min=2 max=100"`
	ProductContent *string       `json:"product_content" rule:"filled min=10 max=20000" doc:"HTML; sanitised"`
	ProductPrice   *dispatch.Fen `json:"product_price" rule:"filled range=0.01..999999.99"`
	OriginalPrice  *dispatch.Fen `json:"original_price" rule:"filled range=0.01..999999.99" doc:"at least product_price"`
	SellMethod     *int64        `json:"sell_method" rule:"filled oneof=0|1|2" doc:"0: any, 1: face to face, 2: express"`
	ShipPrice      *dispatch.Fen `json:"ship_price" rule:"filled range=0..999.99"`
	CategoryID     *int64        `json:"category_id" rule:"filled range=any" doc:"of kind 1"`
	Pics           []string      `json:"pics" rule:"filled items=1..9 max=1024" doc:"URLs as pic/upload answers them, any host before; the first is the cover"`
	ProductStock   *int64        `json:"product_stock" rule:"filled oneof=0|1" doc:"at once, without a review"`
}

func (editProduct) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "An absent key leaves its field as the newest version has it. The product is reviewed again; where it is in sight, it stays so as it was until the new version has passed. A withdrawn one comes back. 102 while an order of it is open.",
		Example:  `{"product_id": 6000001, "product_price": 30}`,
		Statuses: []dispatch.Status{productIDError, priceError, stateNotAllowed, pictureError, noSuchCategory},
	}
}

func (p productCalls) edit(ctx context.Context, in editProduct) (wire.None, error) {
	if in.ProductContent != nil {
		content, err := p.description(*in.ProductContent)
		if err != nil {
			return wire.None{}, err
		}
		in.ProductContent = &content
	}
	if in.ProductName != nil {
		if err := nameShows(*in.ProductName); err != nil {
			return wire.None{}, err
		}
	}
	if err := p.ownSecondHand(ctx, in.ProductID); err != nil { // first of all whose it is
		return wire.None{}, err
	}
	var err error
	if in.Pics, err = wire.OwnPictures(ctx, p.Pictures, p.Settings.URLPrefix, in.Pics, pictureError); err != nil {
		return wire.None{}, err
	}
	err = p.DB.InTx(ctx, func(tx *storage.Tx) error {
		product, err := p.lockOwn(ctx, tx, in.ProductID)
		if err != nil {
			return err
		}
		shown := product
		if err := withEdit(ctx, &tx.Queries, &shown); err != nil {
			return err
		}
		version := in.change(shown.Version())
		if err := priceFits(version); err != nil {
			return err
		}
		if in.CategoryID != nil {
			if err := inCategory(ctx, tx, *in.CategoryID, storage.CategorySecondHand); err != nil {
				return err
			}
		}
		if err := tx.SetProductTerms(ctx, in.ProductID, storage.ProductTerms{Stock: in.ProductStock}); err != nil {
			return err
		}
		return p.renew(ctx, tx, product, version)
	})
	return wire.None{}, wire.KnownOrDatabase(err)
}

// change is a version with what the call sets.
func (in editProduct) change(v storage.ProductVersion) storage.ProductVersion {
	set(&v.Name, in.ProductName)
	set(&v.Content, in.ProductContent)
	set(&v.Price, (*int64)(in.ProductPrice))
	set(&v.SellMethod, in.SellMethod)
	set(&v.ShipPrice, (*int64)(in.ShipPrice))
	if in.OriginalPrice != nil {
		v.OriginalPrice = (*int64)(in.OriginalPrice)
	}
	if in.CategoryID != nil {
		v.CategoryID = in.CategoryID
	}
	if in.Pics != nil {
		v.Pics = in.Pics
	}
	return v
}

// set sets a value that is given.
func set[Value any](value *Value, given *Value) {
	if given != nil {
		*value = *given
	}
}

// renew has a new version of a product reviewed. One that is in sight stays as it is until
// the version has passed.
func (p productCalls) renew(ctx context.Context, tx *storage.Tx, product storage.MarketDetail, version storage.ProductVersion) error {
	state, now := p.Settings.Review.begin(), p.Clock.Unix()
	if product.InSight() && state == storage.ReviewWaiting {
		edit := storage.ProductEdit{ProductVersion: version, ReviewState: state}
		if err := tx.SetProductEdit(ctx, product.ProductID, edit); err != nil {
			return err
		}
		return p.askReview(ctx, tx, product.ProductID, now)
	}
	if err := tx.DeleteProductEdit(ctx, product.ProductID); err != nil {
		return err
	}
	if err := tx.SetVersion(ctx, product.ProductID, version, state, now); err != nil {
		return err
	}
	return p.askReview(ctx, tx, product.ProductID, now)
}

type withdrawProduct struct {
	ProductID int64 `json:"product_id" rule:"required range=any" doc:"your own second-hand product"`
}

func (withdrawProduct) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "The product is in no list but its seller's, until it is edited. 102 while an order of it is open.",
		Example:  `{"product_id": 6000001}`,
		Statuses: []dispatch.Status{productIDError, stateNotAllowed},
	}
}

func (p productCalls) withdraw(ctx context.Context, in withdrawProduct) (wire.None, error) {
	err := p.DB.InTx(ctx, func(tx *storage.Tx) error {
		if _, err := p.lockOwn(ctx, tx, in.ProductID); err != nil {
			return err
		}
		if err := tx.DeleteProductEdit(ctx, in.ProductID); err != nil {
			return err
		}
		if err := tx.EndReview(ctx, in.ProductID, false); err != nil { // what was reported waits until it is back
			return err
		}
		return tx.WithdrawProduct(ctx, in.ProductID, p.Clock.Unix())
	})
	return wire.None{}, wire.KnownOrDatabase(err)
}

// ownSecondHand fails with 100 unless a product is the caller's second-hand one.
func (p productCalls) ownSecondHand(ctx context.Context, id int64) error {
	product, err := p.visible(ctx, id)
	if err == nil && !isOwn(ctx, product) {
		err = noProduct()
	}
	return err
}

// lockOwn locks a second-hand product of the caller's that no open order is of.
func (p productCalls) lockOwn(ctx context.Context, tx *storage.Tx, id int64) (storage.MarketDetail, error) {
	product, err := lockProduct(ctx, tx, id)
	switch {
	case err == nil && !isOwn(ctx, product):
		err = noProduct()
	case err == nil && product.OpenOrders > 0:
		err = dispatch.Fail(stateNotAllowed, "product_id: an order of it is open")
	}
	return product, err
}

func isOwn(ctx context.Context, product storage.MarketDetail) bool {
	return product.Type == storage.TypeSecondHand && product.UserID == dispatch.CallerFrom(ctx).User
}

// onceFor is how long the answers of release and report are kept.
const onceFor = 24 * time.Hour
