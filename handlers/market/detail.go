package market

import (
	"context"
	"errors"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

type detailProduct struct {
	ProductID int64 `json:"product_id" rule:"required range=any"`
}

// marketDetail is all of a product.
type marketDetail struct {
	marketRow

	ProductContent string             `json:"product_content" doc:"HTML, sanitised"`
	Pics           []string           `json:"pics" doc:"the first is the cover"`
	ProductKey     string             `json:"product_key" doc:"keywords, separated by |"`
	ProductClick   int64              `json:"product_click"`
	FirstPrice     *dispatch.Fen      `json:"first_price" doc:"the least down payment a piece"`
	PricePolicies  []wire.PricePolicy `json:"price_policies" doc:"of a course"`
	Collected      bool               `json:"collected" doc:"a favourite of the caller"`
	ReviewState    *int64             `json:"review_state" doc:"0: none needed, 1: waiting, 2: passed, 3: refused; null to all but the seller and admins"`
	ReviewNote     *string            `json:"review_note" doc:"null to all but the seller and admins"`
}

func (detailProduct) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "What has not passed its review or is withdrawn exists for its seller, its buyers and admins only. The seller and admins see the newest version, which may wait for its review while others see the one before. The click is counted after the answer.",
		Example:  `{"product_id": 4517733}`,
		Statuses: []dispatch.Status{productIDError},
	}
}

func (p productCalls) detail(ctx context.Context, in detailProduct) (marketDetail, error) {
	caller := dispatch.CallerFrom(ctx)
	product, err := p.visible(ctx, in.ProductID)
	if err != nil {
		return marketDetail{}, err
	}
	known := caller.User != "" && caller.User == product.UserID || caller.Role == storage.RoleAdmin
	if known {
		if err := withEdit(ctx, &p.DB.Queries, &product); err != nil {
			return marketDetail{}, wire.DatabaseFailure(err)
		}
	}
	detail := p.detailOf(product, p.Clicks.Count(product.ProductID))
	if product.Type == storage.TypeCourse {
		policies, err := p.DB.PricePolicies(ctx, []int64{product.ProductID})
		if err != nil {
			return marketDetail{}, wire.DatabaseFailure(err)
		}
		detail.PricePolicies = wire.PricePolicies(policies, product.ProductID)
	}
	if !known {
		detail.ReviewState, detail.ReviewNote = nil, nil
	}
	return detail, nil
}

// detailOf shows a product with the clicks that wait to be written.
func (d Deps) detailOf(product storage.MarketDetail, clicks int64) marketDetail {
	return marketDetail{
		marketRow: d.marketRow(product.MarketProduct), ProductContent: product.Content, Pics: product.Pics, ProductKey: product.Key,
		ProductClick: product.Click + clicks, FirstPrice: (*dispatch.Fen)(product.FirstPrice), PricePolicies: []wire.PricePolicy{},
		Collected:   product.Collected,
		ReviewState: &product.ReviewState, ReviewNote: &product.ReviewNote,
	}
}

// visible returns a product that exists for the caller, else 100.
func (d Deps) visible(ctx context.Context, id int64) (storage.MarketDetail, error) {
	product, err := d.DB.MarketDetailFor(ctx, id, dispatch.CallerFrom(ctx).User)
	exists := false
	if err == nil {
		exists, err = wire.SeesProduct(ctx, &d.DB.Queries, product.MarketProduct)
	}
	switch {
	case errors.Is(err, storage.ErrNotFound), err == nil && !exists:
		return product, noProduct()
	case err != nil:
		return product, wire.DatabaseFailure(err)
	}
	return product, nil
}

// lockProduct locks a product of any type, which may be hidden, else 100.
func lockProduct(ctx context.Context, tx *storage.Tx, id int64) (storage.MarketDetail, error) {
	product, err := tx.LockProduct(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return product, noProduct()
	}
	return product, err
}

func noProduct() error { return dispatch.Fail(productIDError, "product_id: no such product") }

// withEdit shows a product's newest version, where an older one is in sight.
func withEdit(ctx context.Context, q *storage.Queries, product *storage.MarketDetail) error {
	edit, err := q.ProductEdit(ctx, product.ProductID)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	product.SetVersion(edit.ProductVersion)
	product.ReviewState, product.ReviewNote = edit.ReviewState, edit.ReviewNote
	return nil
}

type listOwnProducts struct{ wire.ListPage }

func (listOwnProducts) Reference() dispatch.Reference {
	return dispatch.Reference{Notes: "Your own products and those of your shops, the newest first.", Example: `{}`}
}

func (p productCalls) mine(ctx context.Context, in listOwnProducts) (wire.List[ownRow], error) {
	page, err := in.Rows()
	if err != nil {
		return wire.List[ownRow]{}, err
	}
	user := dispatch.CallerFrom(ctx).User
	var shops []int64
	err = p.eachOf(ctx, user, func(shop storage.Shop) error {
		shops = append(shops, shop.ShopID)
		return nil
	})
	if err != nil {
		return wire.List[ownRow]{}, wire.DatabaseFailure(err)
	}
	products, total, err := p.DB.ProductsOf(ctx, user, shops, page)
	if err != nil {
		return wire.List[ownRow]{}, wire.DatabaseFailure(err)
	}
	return wire.ListOf(products, total, p.ownRow), nil
}
