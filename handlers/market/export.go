package market

import (
	"context"

	"campusgate/handlers/wire"
	"campusgate/storage"
)

// Exported are the tables of the market that hold something of a user: the products are
// those of the user's shops.
func Exported(d Deps) []wire.ExportedTable {
	shop, product := shopCalls{Deps: d}, productCalls{Deps: d}
	return []wire.ExportedTable{{Name: "shops", Each: shop.export}, {Name: "products", Each: product.export}}
}

func (s shopCalls) export(ctx context.Context, user string, write func(any) error) error {
	return s.eachOf(ctx, user, func(shop storage.Shop) error { return write(s.row(shop)) })
}

// eachOf calls do with each shop of a user, who has few.
func (d Deps) eachOf(ctx context.Context, user string, do func(storage.Shop) error) error {
	shops, err := d.DB.Shops(ctx, storage.ShopFilter{UserID: user}, nil, storage.Page{})
	if err != nil {
		return err
	}
	for _, shop := range shops {
		if err := do(shop); err != nil {
			return err
		}
	}
	return nil
}

func (p productCalls) export(ctx context.Context, user string, write func(any) error) error {
	return p.eachOf(ctx, user, func(shop storage.Shop) error {
		for status := int64(storage.ProductDown); status <= storage.ProductDeleted; status++ {
			err := wire.EachAfter(
				func(after int64) ([]storage.Product, int64, error) {
					return p.DB.ProductsAfter(ctx, shop.ShopID, status, after)
				},
				func(product storage.Product) error {
					return write(p.row(product, p.Clicks.Waiting(product.ProductID)))
				})
			if err != nil {
				return err
			}
		}
		return nil
	})
}
