package storage

import (
	"context"

	"campusgate/storage/engine"
	"campusgate/storage/search"
)

// A MarketedProduct is a product with what the market knows of it, as it is added whole. The
// zero value beside Product is that of goods of a shop that the document alone knows.
type MarketedProduct struct {
	Product

	Type        int64  // [TypeGoods], [TypeSecondHand] or [TypeCourse]
	UserID      string // the seller of what no shop sells
	Stock       *int64 // nil is unlimited
	SellMethod  int64
	CategoryID  *int64
	ReviewState int64
	Sold        int64 // pieces in paid orders, whose rows the caller adds too
	OpenOrders  int64 // lines of orders that are not closed, the same
}

const marketedColumns = productColumns + ", product_type, user_id, product_stock, sell_method, category_id, review_state, product_sold, open_orders"

// fields are marketedColumns.
func (p *MarketedProduct) fields() []any {
	return append(p.Product.fields(), &p.Type, &p.UserID, &p.Stock, &p.SellMethod, &p.CategoryID, &p.ReviewState, &p.Sold, &p.OpenOrders)
}

// AddProducts adds products, all or none. [ErrConflict]: an id is taken.
func (q *Queries) AddProducts(ctx context.Context, products []Product) error {
	marketed := make([]MarketedProduct, len(products))
	for i, product := range products {
		marketed[i].Product = product
	}
	return q.AddMarketedProducts(ctx, marketed)
}

// AddMarketedProducts is [Queries.AddProducts] with what the market knows of them.
func (q *Queries) AddMarketedProducts(ctx context.Context, products []MarketedProduct) error {
	if len(products) == 0 {
		return nil
	}
	return q.inTx(ctx, func(tx *Tx) error {
		err := engine.InsertRows(ctx, tx.sql, "add products", "products ("+marketedColumns+")", products, (*MarketedProduct).fields)
		if err != nil {
			return err
		}
		filter := tx.sql.Filter()
		ids := make([]int64, len(products))
		var goods []int64 // the document's search finds no others
		for i, product := range products {
			ids[i] = product.ProductID
			if product.Type == TypeGoods {
				goods = append(goods, product.ProductID)
			}
		}
		if len(goods) > 0 {
			filter.In("product_id", goods)
			added, err := engine.Collect(ctx, tx.sql, "words of added products",
				engine.SQL("SELECT "+wordColumns+" FROM products").Where(filter).Once(), (*productWords).fields)
			if err != nil {
				return err
			}
			entries := make([]search.Entry, len(added))
			for i, words := range added {
				entries[i] = words.entry()
			}
			if err := productIndex.Add(ctx, tx.sql, entries...); err != nil {
				return err
			}
		}
		return tx.addTexts(ctx, ids...)
	})
}
