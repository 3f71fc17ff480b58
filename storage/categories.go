package storage

import (
	"context"

	"campusgate/storage/engine"
)

// The kinds of categories, each a type of product.
const (
	CategoryGoods = iota
	CategorySecondHand
	CategoryCourse
)

// A Category is what products of its kind are sorted into, its fields in the wire's order.
type Category struct {
	CategoryID   int64
	CategoryName string // unique within its kind
	Kind         int64  // [CategoryGoods], [CategorySecondHand] or [CategoryCourse]; it never changes
	Sort         int64  // lists begin with the least
}

const categoryColumns = "category_id, category_name, kind, sort"

// fields are categoryColumns.
func (c *Category) fields() []any {
	return []any{&c.CategoryID, &c.CategoryName, &c.Kind, &c.Sort}
}

var (
	allCategories    = engine.NewPagedList(categoryColumns, "categories", "kind, sort, category_id")
	categoriesOfKind = engine.NewPagedList(categoryColumns, "categories WHERE kind = ?", "sort, category_id")
)

// Categories lists the categories of a kind, nil being all, by kind, sort and age; total
// counts all of them, whatever the page.
func (q *Queries) Categories(ctx context.Context, kind *int64, page Page) (list []Category, total int64, err error) {
	const operation = "categories"
	if kind == nil {
		return engine.CollectPage(ctx, q.sql, operation, allCategories, nil, page, (*Category).fields)
	}
	return engine.CollectPage(ctx, q.sql, operation, categoriesOfKind, []any{*kind}, page, (*Category).fields)
}

// InsertCategory adds a category, whose CategoryID is ignored, and returns its id.
// [ErrConflict]: the name is taken within the kind.
func (q *Queries) InsertCategory(ctx context.Context, c Category) (id int64, err error) {
	return q.sql.Insert(ctx, "insert category", engine.SQL(
		`INSERT INTO categories (category_name, kind, sort) VALUES (?, ?, ?)`, c.CategoryName, c.Kind, c.Sort))
}

// LockCategory returns a category, which stays so until the transaction's end: what is put
// into it locks it first. [ErrNotFound]: there is none.
func (tx *Tx) LockCategory(ctx context.Context, id int64) (Category, error) {
	var c Category
	err := tx.sql.Get(ctx, "lock category", engine.SQL(
		"SELECT "+categoryColumns+" FROM categories WHERE category_id = ?"+tx.sql.ForUpdate(), id), c.fields()...)
	return c, err
}

// UpdateCategory sets the name and the sort of a category. [ErrNotFound]: there is none.
// [ErrConflict]: the name is taken within the kind.
func (q *Queries) UpdateCategory(ctx context.Context, c Category) error {
	return q.sql.Change(ctx, "update category", engine.SQL(
		`UPDATE categories SET category_name = ?, sort = ? WHERE category_id = ?`, c.CategoryName, c.Sort, c.CategoryID))
}

// DeleteCategory removes a category. [ErrNotFound]: there is none.
func (q *Queries) DeleteCategory(ctx context.Context, id int64) error {
	return q.sql.Change(ctx, "delete category", engine.SQL(`DELETE FROM categories WHERE category_id = ?`, id))
}
