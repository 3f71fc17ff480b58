package market

import (
	"context"

	"campusgate/handlers/wire"
	"campusgate/storage"
)

// Exported are the tables of the market that hold something of a user: the products are
// those of the user's shops, and then what the user sells second-hand.
func Exported(d Deps) []wire.ExportedTable {
	shop, product := shopCalls{Deps: d}, productCalls{Deps: d}
	return []wire.ExportedTable{
		{Name: "shops", Each: shop.export},
		{Name: "products", Each: product.export},
		wire.Exported("favourites", d.DB, (*storage.Queries).FavouritesAfter, func(product int64) detailProduct { return detailProduct{product} }),
		wire.Exported("product_reports", d.DB, (*storage.Queries).ProductReportsAfter, func(r storage.ProductReport) exportedReport {
			return exportedReport{r.ProductID, r.Reason, d.Clock.Text(r.Time)}
		}),
	}
}

// exportedReport is a user's report of a product.
type exportedReport struct {
	ProductID  int64  `json:"product_id"`
	Reason     string `json:"reason"`
	ReportTime string `json:"report_time"`
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
	if err := p.exportGoods(ctx, user, write); err != nil {
		return err
	}
	return wire.EachAfter(
		func(after int64) ([]int64, int64, error) { return p.DB.SecondHandAfter(ctx, user, after) },
		func(id int64) error {
			product, err := p.DB.MarketDetail(ctx, id)
			if err == nil {
				err = withEdit(ctx, &p.DB.Queries, &product)
			}
			if err != nil {
				return err
			}
			return write(p.detailOf(product, p.Clicks.Waiting(id)))
		})
}

func (p productCalls) exportGoods(ctx context.Context, user string, write func(any) error) error {
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
