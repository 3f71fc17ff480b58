package storage

import (
	"context"

	"campusgate/storage/engine"
)

// A SaleProduct is a product of any type with all that decides whether it is sold now, and
// how.
type SaleProduct struct {
	MarketProduct

	FirstPrice   *int64 // the least down payment a piece, in fen; nil: none
	SellerActive bool   // the seller's account is neither frozen nor deleted
}

const saleColumns = marketColumns + ", p.first_price, " + profileActive

// fields are saleColumns.
func (p *SaleProduct) fields() []any {
	return append(p.MarketProduct.fields(), &p.FirstPrice, &p.SellerActive)
}

// OnSale reports whether the product is sold now, as far as there is stock.
func (p *SaleProduct) OnSale() bool { return p.SellerActive && p.InSight() }

// withActiveSellers is withSellers, and joins what profileActive looks at.
func (q *Queries) withActiveSellers() string {
	return q.withSellers() + " LEFT JOIN " + joinProfiles + sellerOfP
}

// SaleProducts are products of any type by their ids, in no order; those that are not there
// are left out.
func (q *Queries) SaleProducts(ctx context.Context, ids []int64) ([]SaleProduct, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	filter := q.sql.Filter()
	filter.In("p.product_id", ids)
	return engine.Collect(ctx, q.sql, "products for sale", engine.SQL("SELECT "+saleColumns+" FROM products p"+q.withActiveSellers()).
		Where(filter).Rows(len(ids)).Indexed(), (*SaleProduct).fields)
}
