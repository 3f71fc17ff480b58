package market

import (
	"context"
	"errors"
	"fmt"

	"github.com/goccy/go-json"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
)

type categoryRow struct {
	CategoryID   int64  `json:"category_id"`
	CategoryName string `json:"category_name"`
	Kind         int64  `json:"kind" doc:"0 goods, 1 second-hand, 2 course"`
	Sort         int64  `json:"sort" doc:"the least comes first"`
}

func rowOfCategory(c storage.Category) categoryRow { return categoryRow(c) }

type createCategory struct {
	CategoryName string `json:"category_name" rule:"required max=20" doc:"unique within its kind"`
	Kind         int64  `json:"kind" rule:"required oneof=0|1|2" doc:"0 goods, 1 second-hand, 2 course; cannot be changed"`
	Sort         int64  `json:"sort" rule:"range=0..999999" doc:"lists begin with the least; 0 if absent"`
}

type createdCategory struct {
	CategoryID int64 `json:"category_id"`
}

func (createCategory) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "`category/create` is the same call.",
		Example:  `{"category_name": "教材", "kind": 1, "sort": 10}`,
		Statuses: []dispatch.Status{categoryNameUsed, dispatch.ContentRefused},
	}
}

func (c categoryCalls) create(ctx context.Context, in createCategory) (createdCategory, error) {
	if err := c.check(in.CategoryName); err != nil {
		return createdCategory{}, err
	}
	created := storage.Category{CategoryName: in.CategoryName, Kind: in.Kind, Sort: in.Sort}
	err := c.change(ctx, "category/creat", func(tx *storage.Tx) (before, after *storage.Category, err error) {
		created.CategoryID, err = tx.InsertCategory(ctx, created)
		return nil, &created, err
	})
	return createdCategory{CategoryID: created.CategoryID}, err
}

type updateCategory struct {
	CategoryID   int64   `json:"category_id" rule:"required range=any"`
	CategoryName *string `json:"category_name" rule:"filled max=20" doc:"unchanged if absent"`
	Sort         *int64  `json:"sort" rule:"range=0..999999" doc:"unchanged if absent"`
}

func (updateCategory) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "The kind cannot be changed: products of another type would be left in it.",
		Example:  `{"category_id": 9, "category_name": "乐器", "sort": 12}`,
		Statuses: []dispatch.Status{categoryNotExist, categoryNameUsed, dispatch.ContentRefused},
	}
}

func (c categoryCalls) update(ctx context.Context, in updateCategory) (wire.None, error) {
	if in.CategoryName != nil {
		if err := c.check(*in.CategoryName); err != nil {
			return wire.None{}, err
		}
	}
	return wire.None{}, c.change(ctx, "category/update", func(tx *storage.Tx) (before, after *storage.Category, err error) {
		stored, err := tx.LockCategory(ctx, in.CategoryID)
		changed := stored
		if in.CategoryName != nil {
			changed.CategoryName = *in.CategoryName
		}
		if in.Sort != nil {
			changed.Sort = *in.Sort
		}
		if err == nil {
			err = tx.UpdateCategory(ctx, changed)
		}
		return &stored, &changed, err
	})
}

type deleteCategory struct {
	CategoryID int64 `json:"category_id" rule:"required range=any"`
}

func (deleteCategory) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "A category is used while a product is in it, whatever the product's state.",
		Example:  `{"category_id": 9}`,
		Statuses: []dispatch.Status{categoryNotExist, categoryUsed},
	}
}

func (c categoryCalls) delete(ctx context.Context, in deleteCategory) (wire.None, error) {
	return wire.None{}, c.change(ctx, "category/delete", func(tx *storage.Tx) (before, after *storage.Category, err error) {
		stored, err := tx.LockCategory(ctx, in.CategoryID)
		if err != nil {
			return nil, nil, err
		}
		used, err := tx.CategoryUsed(ctx, in.CategoryID)
		if err != nil {
			return nil, nil, err
		}
		if used {
			return nil, nil, dispatch.Fail(categoryUsed, "category_id: products are in it")
		}
		return &stored, nil, tx.DeleteCategory(ctx, in.CategoryID)
	})
}

type listCategories struct {
	Kind *int64 `json:"kind" rule:"oneof=0|1|2" doc:"0 goods, 1 second-hand, 2 course; all if absent"`
	wire.ListPage
}

func (listCategories) Reference() dispatch.Reference {
	return dispatch.Reference{Notes: "By kind, then by `sort`, then the older first.", Example: `{"kind": 1}`}
}

func (c categoryCalls) list(ctx context.Context, in listCategories) (wire.List[categoryRow], error) {
	page, err := in.Rows()
	if err != nil {
		return wire.List[categoryRow]{}, err
	}
	categories, total, err := c.DB.Categories(ctx, in.Kind, page)
	if err != nil {
		return wire.List[categoryRow]{}, wire.DatabaseFailure(err)
	}
	return wire.ListOf(categories, total, rowOfCategory), nil
}

func (c categoryCalls) check(name string) error {
	return c.Words.Check(words.Text{Key: "category_name", Value: name})
}

// change is an admin's change of a category, in one transaction with its row of the
// audit. The category is nil before it is there, and after it is gone.
func (c categoryCalls) change(ctx context.Context, call string, change func(*storage.Tx) (before, after *storage.Category, err error)) error {
	err := c.DB.InTx(ctx, func(tx *storage.Tx) error {
		before, after, err := change(tx)
		switch {
		case errors.Is(err, storage.ErrNotFound):
			return dispatch.Fail(categoryNotExist, "category_id: no such category")
		case errors.Is(err, storage.ErrConflict):
			return dispatch.Fail(categoryNameUsed, "category_name: already taken")
		case err != nil:
			return err
		}
		return c.audit(ctx, tx, call, before, after)
	})
	return wire.KnownOrDatabase(err)
}

func (c categoryCalls) audit(ctx context.Context, tx *storage.Tx, call string, before, after *storage.Category) error {
	row := storage.Audit{Time: c.Clock.Unix(), UserID: dispatch.CallerFrom(ctx).User, Call: call}
	for text, category := range map[*string]*storage.Category{&row.Before: before, &row.After: after} {
		if category == nil {
			continue
		}
		row.Target = fmt.Sprint("category ", category.CategoryID)
		written, err := json.Marshal(rowOfCategory(*category))
		if err != nil {
			return fmt.Errorf("write audit: %w", err)
		}
		*text = string(written)
	}
	return tx.AddAudit(ctx, row)
}
