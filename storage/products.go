package storage

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"campusgate/storage/engine"
	"campusgate/storage/search"
)

// The states of a product.
const (
	ProductDown = iota // not on sale
	ProductUp
	ProductDeleted
)

// The types of products. The document's calls know goods only: [Queries.Product], [Queries.Offer],
// [Queries.Products] and [Queries.UpdateProduct] find no others.
const (
	TypeGoods      = iota // of a shop
	TypeSecondHand        // of anybody
	TypeCourse
)

// A Product is a row of the product lists, its fields in the wire's order.
// Prices are fen, times Unix seconds.
type Product struct {
	ProductID         int64
	ProductName       string
	ProductContent    string
	ProductKey        string
	ProductPrice      int64
	ProductDisprice   *int64 // nil: not reduced
	ProductSale       int64  // pieces sold
	ProductClick      int64
	ProductCollection int64
	ShopID            int64
	CreatTime         int64
	UpdateTime        int64
	PicURL            string
	ProductStatus     int64 // [ProductDown], [ProductUp] or [ProductDeleted]
}

// A ProductChange says what UpdateProduct sets: nil fields stay as they are,
// Status and UpdateTime are always set.
type ProductChange struct {
	Name, Content, Key      *string
	Price                   *int64
	Disprice                *int64 // 0 takes the reduced price away
	Sale, Click, Collection *int64
	PicURL                  *string
	Status, UpdateTime      int64
}

// A ProductFilter says which products to list; all conditions must hold, empty
// ones are none.
type ProductFilter struct {
	Name, Key string // parts of product_name and product_key
	ShopID    *int64
	Statuses  []int64 // any of these
}

// ProductFields are the fields that a [Sort] of products may name, in the
// row's order.
func ProductFields() []string { return productFields.Names() }

var productFields = func() (fields engine.Fields) {
	for column := range strings.SplitSeq(productColumns, ", ") {
		fields = append(fields, engine.Field{Name: column, Columns: []string{column}, Unique: column == "product_id"})
	}
	return fields
}()

// productIndex finds products by words of their names and keys, in the order of adding.
var productIndex = search.NewIndex(search.List{
	Table: "products", Columns: productColumns, Grams: "product_grams",
	Order: []search.Column{{Rows: "seq", Grams: "product_seq"}},
})

// productWords is what of a product is searched.
type productWords struct {
	Seq       int64
	Name, Key string
}

// wordColumns are what productWords are read from.
const wordColumns = "seq, product_name, product_key"

// fields are wordColumns.
func (w *productWords) fields() []any { return []any{&w.Seq, &w.Name, &w.Key} }

func (w productWords) entry() search.Entry {
	return search.Entry{Key: []any{w.Seq}, Words: []string{w.Name, w.Key}}
}

const productColumns = "product_id, product_name, product_content, product_key, product_price, product_disprice, " +
	"product_sale, product_click, product_collection, shop_id, creat_time, update_time, pic_url, product_status"

// fields are productColumns.
func (p *Product) fields() []any {
	return []any{
		&p.ProductID, &p.ProductName, &p.ProductContent, &p.ProductKey,
		&p.ProductPrice, &p.ProductDisprice, &p.ProductSale, &p.ProductClick, &p.ProductCollection,
		&p.ShopID, &p.CreatTime, &p.UpdateTime, &p.PicURL, &p.ProductStatus,
	}
}

// InsertProduct adds a product. [ErrConflict]: the id is taken.
func (q *Queries) InsertProduct(ctx context.Context, p Product) error {
	return q.inTx(ctx, func(tx *Tx) error {
		seq, err := tx.sql.Insert(ctx, "insert product", engine.SQL(
			"INSERT INTO products ("+productColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			p.ProductID, p.ProductName, p.ProductContent, p.ProductKey, p.ProductPrice, p.ProductDisprice,
			p.ProductSale, p.ProductClick, p.ProductCollection, p.ShopID, p.CreatTime, p.UpdateTime, p.PicURL, p.ProductStatus))
		if err != nil {
			return err
		}
		words := productWords{Seq: seq, Name: p.ProductName, Key: p.ProductKey}
		if err := productIndex.Add(ctx, tx.sql, words.entry()); err != nil {
			return err
		}
		return tx.addTexts(ctx, p.ProductID)
	})
}

// ProductOrigins returns the origins of all products by their ids.
func (q *Queries) ProductOrigins(ctx context.Context) (map[string]Origin, error) {
	return q.origins(ctx, "origins of products", "SELECT product_id, shop_id, creat_time, '' AS name FROM products")
}

// Product returns a product of any status, [ErrNotFound] if there is none.
func (q *Queries) Product(ctx context.Context, id int64) (Product, error) {
	var p Product
	err := q.sql.Get(ctx, "product", engine.SQL(
		"SELECT "+productColumns+" FROM products WHERE product_id = ? AND product_type = 0", id), p.fields()...)
	return p, err
}

// CategoryUsed reports whether a product of any status is in a category. In a transaction
// after [Tx.LockCategory] it holds until the transaction's end.
func (q *Queries) CategoryUsed(ctx context.Context, categoryID int64) (bool, error) {
	var used bool
	err := q.sql.Get(ctx, "category used", engine.SQL(
		`SELECT EXISTS (SELECT 1 FROM products WHERE category_id = ?) OR EXISTS (`+editInCategory+`)`, categoryID, categoryID), &used)
	return used, err
}

// UpdateProduct changes a product of a shop. [ErrNotFound]: the shop has none
// with that id.
func (q *Queries) UpdateProduct(ctx context.Context, id, shopID int64, c ProductChange) error {
	return q.inTx(ctx, func(tx *Tx) error {
		if c.Name != nil || c.Key != nil {
			if err := tx.changeProductWords(ctx, id, shopID, c); err != nil {
				return err
			}
		}
		if err := tx.updateProduct(ctx, id, shopID, c); err != nil {
			return err
		}
		if c.Name != nil || c.Key != nil || c.Content != nil {
			if err := tx.keepTexts(ctx, id); err != nil {
				return err
			}
		}
		return tx.OfferChanged(ctx, id)
	})
}

func (tx *Tx) changeProductWords(ctx context.Context, id, shopID int64, c ProductChange) error {
	var words productWords
	err := tx.sql.Get(ctx, "lock product's words", engine.SQL("SELECT "+wordColumns+
		" FROM products WHERE product_id = ? AND shop_id = ? AND product_type = 0"+tx.sql.ForUpdate(), id, shopID), words.fields()...)
	if err != nil {
		return err
	}
	if err := productIndex.Remove(ctx, tx.sql, words.entry()); err != nil {
		return err
	}
	if c.Name != nil {
		words.Name = *c.Name
	}
	if c.Key != nil {
		words.Key = *c.Key
	}
	return productIndex.Add(ctx, tx.sql, words.entry())
}

func (tx *Tx) updateProduct(ctx context.Context, id, shopID int64, c ProductChange) error {
	return tx.sql.Change(ctx, "update product", engine.SQL(`
		UPDATE products SET
			product_name = COALESCE(?, product_name),
			product_content = COALESCE(?, product_content),
			product_key = COALESCE(?, product_key),
			product_price = COALESCE(?, product_price),
			product_disprice = NULLIF(COALESCE(?, product_disprice), 0),
			product_sale = COALESCE(?, product_sale),
			product_click = COALESCE(?, product_click),
			product_collection = COALESCE(?, product_collection),
			pic_url = COALESCE(?, pic_url),
			product_status = ?,
			update_time = ?
		WHERE product_id = ? AND shop_id = ? AND product_type = 0`,
		c.Name, c.Content, c.Key, c.Price, c.Disprice, c.Sale, c.Click, c.Collection, c.PicURL,
		c.Status, c.UpdateTime, id, shopID))
}

// Products lists products by sorts in turn, then in the order of adding. A
// sort by a field that is not one of [ProductFields] is an error.
func (q *Queries) Products(ctx context.Context, f ProductFilter, sorts []Sort, page Page) ([]Product, error) {
	const operation = "products"
	filter := q.sql.Filter()
	if f.ShopID == nil {
		filter.And("product_type = 0")
	} else {
		filter.And("+product_type = 0") // SQLite knows not that the shop's index is the better one
	}
	filter.Equal("shop_id", f.ShopID)
	filter.In("product_status", f.Statuses)
	filter.Part("product_name", &f.Name)
	filter.Part("product_key", &f.Key)
	ask := search.Question{
		Filter: filter, Page: page, Narrow: f.ShopID != nil, Words: []string{f.Name, f.Key}, Few: q.few,
	}
	if len(sorts) > 0 {
		orderBy, err := productFields.OrderBy(sorts, "seq")
		if err != nil {
			return nil, fmt.Errorf("%s: %w", operation, err)
		}
		ask.OrderBy = orderBy
	}
	list, err := productIndex.Ask(ctx, q.sql, ask)
	if err != nil {
		return nil, err
	}
	return engine.Collect(ctx, q.sql, operation, list, (*Product).fields)
}

// AddClicks adds counts, not negative, to product_click by product id, in one
// transaction. It stops at the greatest int64; ids of no product are ignored.
func (q *Queries) AddClicks(ctx context.Context, clicks map[int64]int64) error {
	return q.inTx(ctx, func(tx *Tx) error {
		for _, id := range slices.Sorted(maps.Keys(clicks)) { // in this order two of us cannot deadlock
			err := tx.sql.Exec(ctx, "add clicks", engine.SQL(`
				UPDATE products SET product_click = CASE WHEN product_click > ? THEN ? ELSE product_click + ? END
				WHERE product_id = ?`, math.MaxInt64-clicks[id], int64(math.MaxInt64), clicks[id], id))
			if err != nil {
				return err
			}
		}
		return nil
	})
}
