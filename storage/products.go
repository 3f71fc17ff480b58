package storage

import (
	"context"
	"maps"
	"math"
	"slices"
	"strings"
)

// The states of a product.
const (
	ProductDown = iota // not on sale
	ProductUp
	ProductDeleted
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

// An Offer is how a product is sold. Orders and changes of a price look at nothing
// else of it: its content may be a megabyte.
type Offer struct {
	ShopID   int64
	Price    int64  // fen
	Disprice *int64 // fen; nil: not reduced
	Status   int64  // as [Product]'s
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

// ProductFields are the fields that an [Order] of products may name, in the
// row's order.
func ProductFields() []string { return fieldNames(productSortables()) }

func productSortables() []sortable {
	var sortables []sortable
	for column := range strings.SplitSeq(productColumns, ", ") {
		sortables = append(sortables, sortable{field: column, columns: []string{column}})
	}
	return sortables
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
	const operation = "insert product"
	return q.inTx(ctx, func(tx *Tx) error {
		result, err := tx.exec(ctx, operation,
			"INSERT INTO products ("+productColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			p.ProductID, p.ProductName, p.ProductContent, p.ProductKey, p.ProductPrice, p.ProductDisprice,
			p.ProductSale, p.ProductClick, p.ProductCollection, p.ShopID, p.CreatTime, p.UpdateTime, p.PicURL, p.ProductStatus)
		if err != nil {
			return err
		}
		seq, err := result.LastInsertId()
		if err != nil {
			return tx.wrap(operation, err)
		}
		words := productWords{Seq: seq, Name: p.ProductName, Key: p.ProductKey}
		return productGrams().add(ctx, tx, gramRows(words.grams(), words.gramKey()))
	})
}

// Product returns a product of any status, [ErrNotFound] if there is none.
func (q *Queries) Product(ctx context.Context, id int64) (Product, error) {
	var p Product
	err := q.one(ctx, "product", "SELECT "+productColumns+" FROM products WHERE product_id = ?", []any{id}, p.fields())
	return p, err
}

// Offer returns how a product of any status is sold, [ErrNotFound] if there is none.
func (q *Queries) Offer(ctx context.Context, id int64) (Offer, error) {
	return q.offer(ctx, "offer", id, "")
}

// LockOffer is [Queries.Offer]; the product stays so until the transaction's end.
func (tx *Tx) LockOffer(ctx context.Context, id int64) (Offer, error) {
	return tx.offer(ctx, "lock offer", id, tx.dialect.forUpdate)
}

func (q *Queries) offer(ctx context.Context, operation string, id int64, lock string) (Offer, error) {
	var o Offer
	err := q.one(ctx, operation,
		"SELECT shop_id, product_price, product_disprice, product_status FROM products WHERE product_id = ?"+lock,
		[]any{id}, []any{&o.ShopID, &o.Price, &o.Disprice, &o.Status})
	return o, err
}

// UpdateProduct changes a product of a shop. [ErrNotFound]: the shop has none
// with that id.
func (q *Queries) UpdateProduct(ctx context.Context, id, shopID int64, c ProductChange) error {
	return q.inTx(ctx, func(tx *Tx) error {
		if c.Name != nil || c.Key != nil {
			if err := tx.changeProductGrams(ctx, id, shopID, c); err != nil {
				return err
			}
		}
		return tx.updateProduct(ctx, id, shopID, c)
	})
}

func (tx *Tx) changeProductGrams(ctx context.Context, id, shopID int64, c ProductChange) error {
	var words productWords
	err := tx.one(ctx, "lock product's words", "SELECT "+wordColumns+
		" FROM products WHERE product_id = ? AND shop_id = ?"+tx.dialect.forUpdate, []any{id, shopID}, words.fields())
	if err != nil {
		return err
	}
	if err := productGrams().remove(ctx, tx, words.grams(), words.gramKey()); err != nil {
		return err
	}
	if c.Name != nil {
		words.Name = *c.Name
	}
	if c.Key != nil {
		words.Key = *c.Key
	}
	return productGrams().add(ctx, tx, gramRows(words.grams(), words.gramKey()))
}

func (tx *Tx) updateProduct(ctx context.Context, id, shopID int64, c ProductChange) error {
	return tx.change(ctx, "update product", `
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
		WHERE product_id = ? AND shop_id = ?`,
		c.Name, c.Content, c.Key, c.Price, c.Disprice, c.Sale, c.Click, c.Collection, c.PicURL,
		c.Status, c.UpdateTime, id, shopID)
}

// Products lists products by orders in turn, then in the order of adding. An
// order by a field that is not one of [ProductFields] is an error.
func (q *Queries) Products(ctx context.Context, f ProductFilter, orders []Order, page Page) ([]Product, error) {
	conditions := q.filter()
	conditions.equal("shop_id", f.ShopID)
	conditions.in("product_status", f.Statuses)
	conditions.part("product_name", &f.Name)
	conditions.part("product_key", &f.Key)
	if conditions.nothing {
		return []Product{}, nil
	}
	asked, err := q.productSearch(ctx, f, conditions, orders, page)
	if err != nil {
		return nil, err
	}
	return collect[Product](ctx, q, "products", asked.query(), asked.args)
}

// AddSale adds sold pieces, not negative, to product_sale, which stops at the greatest int64.
// A product that is gone is no error: its orders live on.
func (q *Queries) AddSale(ctx context.Context, productID, pieces int64) error {
	_, err := q.exec(ctx, "add sale", `
		UPDATE products SET product_sale = CASE WHEN product_sale > ? THEN ? ELSE product_sale + ? END
		WHERE product_id = ?`, math.MaxInt64-pieces, int64(math.MaxInt64), pieces, productID)
	return err
}

// AddClicks adds counts, not negative, to product_click by product id, in one
// transaction. It stops at the greatest int64; ids of no product are ignored.
func (q *Queries) AddClicks(ctx context.Context, clicks map[int64]int64) error {
	return q.inTx(ctx, func(tx *Tx) error {
		for _, id := range slices.Sorted(maps.Keys(clicks)) { // in this order two of us cannot deadlock
			_, err := tx.exec(ctx, "add clicks", `
				UPDATE products SET product_click = CASE WHEN product_click > ? THEN ? ELSE product_click + ? END
				WHERE product_id = ?`, math.MaxInt64-clicks[id], int64(math.MaxInt64), clicks[id], id)
			if err != nil {
				return err
			}
		}
		return nil
	})
}
