package market

import (
	"context"
	"errors"
	"strings"

	"campusgate/dispatch"
	"campusgate/storage"
)

// productTerms are how a product of a shop is offered, beside what the document knows.
type productTerms struct {
	ProductStock  *int64        `json:"product_stock" rule:"clearable=-1 range=0..999999" doc:"free pieces; unlimited unless set"`
	OriginalPrice *dispatch.Fen `json:"original_price" rule:"filled range=0.01..999999.99" doc:"what it once cost, for the buyers to see"`
	ShipPrice     *dispatch.Fen `json:"ship_price" rule:"filled range=0..999.99"`
	SellMethod    *int64        `json:"sell_method" rule:"filled oneof=0|1|2" doc:"0: any, 1: face to face, 2: express"`
	CategoryID    *int64        `json:"category_id" rule:"clearable range=1..9007199254740991" doc:"of kind 0"`
	Pics          []string      `json:"pics" rule:"items=0..9 max=1024" doc:"URLs as pic/upload answers them, any host before; the first is the pic_url where that is absent"`
	FirstPrice    *dispatch.Fen `json:"first_price" rule:"clearable range=0.01..999999.99" doc:"the least down payment a piece, at most what a piece costs"`
}

// termsStatuses are those that the terms add to a call.
var termsStatuses = []dispatch.Status{priceError, pictureError, noSuchCategory}

// given reports whether any of the terms is: most calls have none, and nothing is written.
func (t *productTerms) given() bool {
	return t.ProductStock != nil || t.OriginalPrice != nil || t.ShipPrice != nil || t.SellMethod != nil ||
		t.CategoryID != nil || t.Pics != nil || t.FirstPrice != nil
}

// set writes the terms of goods in the transaction that writes the goods.
func (t *productTerms) set(ctx context.Context, tx *storage.Tx, productID int64) error {
	if !t.given() {
		return nil
	}
	if t.CategoryID != nil && *t.CategoryID != 0 {
		if err := inCategory(ctx, tx, *t.CategoryID, storage.CategoryGoods); err != nil {
			return err
		}
	}
	return tx.SetProductTerms(ctx, productID, storage.ProductTerms{
		Stock: t.ProductStock, OriginalPrice: (*int64)(t.OriginalPrice), ShipPrice: (*int64)(t.ShipPrice),
		SellMethod: t.SellMethod, CategoryID: t.CategoryID, FirstPrice: (*int64)(t.FirstPrice), Pics: joinedPics(t.Pics),
	})
}

// cover is the pic_url of goods whose pictures are given without it.
func (t *productTerms) cover(picURL string) string {
	if picURL == "" && len(t.Pics) > 0 {
		return t.Pics[0]
	}
	return picURL
}

// joinedPics are pictures as they are stored; nil stays nil.
func joinedPics(pics []string) *string {
	if pics == nil {
		return nil
	}
	return new(strings.Join(pics, "\n"))
}

// inCategory locks a category of a kind, which stays while something is put into it.
func inCategory(ctx context.Context, tx *storage.Tx, id, kind int64) error {
	category, err := tx.LockCategory(ctx, id)
	if errors.Is(err, storage.ErrNotFound) || err == nil && category.Kind != kind {
		return dispatch.Fail(noSuchCategory, "category_id: no such category of this kind of product")
	}
	return err
}

// firstPriceFits fails where the down payment is more than a piece costs; nil is none.
func firstPriceFits(first *int64, price int64, reduced *int64) error {
	if reduced != nil && *reduced != 0 {
		price = *reduced
	}
	if first != nil && *first > price {
		return dispatch.Fail(priceError, "first_price: must not be above what a piece costs")
	}
	return nil
}
