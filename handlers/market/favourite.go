package market

import (
	"cmp"
	"context"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

type collectProduct struct {
	ProductID int64 `json:"product_id" rule:"required range=any"`
	Collected int64 `json:"collected" rule:"required oneof=0|1" doc:"1 makes it a favourite, 0 ends that"`
}

func (collectProduct) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "A product counts a user once. To end what is not, and to repeat what is, does nothing.",
		Example:  `{"product_id": 4517733, "collected": 1}`,
		Statuses: []dispatch.Status{productIDError},
	}
}

func (p productCalls) collect(ctx context.Context, in collectProduct) (wire.None, error) {
	user := dispatch.CallerFrom(ctx).User
	err := p.DB.InTx(ctx, func(tx *storage.Tx) error {
		product, err := lockProduct(ctx, tx, in.ProductID)
		if err != nil {
			return err
		}
		if in.Collected == 0 { // what is hidden by now can be given up too
			if was, err := tx.Uncollect(ctx, user, in.ProductID); err != nil || was {
				return err
			}
		}
		if sees, err := wire.SeesProduct(ctx, &tx.Queries, product.MarketProduct); err != nil || !sees {
			return cmp.Or(err, noProduct())
		}
		if in.Collected == 0 {
			return nil
		}
		return tx.Collect(ctx, user, in.ProductID)
	})
	return wire.None{}, wire.KnownOrDatabase(err)
}

type listFavourites struct{ wire.ListPage }

func (listFavourites) Reference() dispatch.Reference {
	return dispatch.Reference{Notes: "Your favourites, the last collected first. Those that are hidden are left out until they come back.", Example: `{}`}
}

func (p productCalls) collected(ctx context.Context, in listFavourites) (wire.List[marketRow], error) {
	page, err := in.Rows()
	if err != nil {
		return wire.List[marketRow]{}, err
	}
	products, total, err := p.DB.Favourites(ctx, dispatch.CallerFrom(ctx).User, page)
	if err != nil {
		return wire.List[marketRow]{}, wire.DatabaseFailure(err)
	}
	return wire.ListOf(products, total, p.marketRow), nil
}
