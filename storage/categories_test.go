package storage_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// The nine of the second-hand document.
var secondHand = []storage.Category{
	{1, "手机", 1, 1},
	{2, "数码", 1, 2},
	{3, "租房", 1, 3},
	{4, "服装", 1, 4},
	{5, "居家", 1, 5},
	{6, "美妆", 1, 6},
	{7, "运动", 1, 7},
	{8, "家电", 1, 8},
	{9, "玩具乐器", 1, 9},
}

func wantCategories(t *testing.T, db *storage.DB, kind *int64, want []storage.Category) {
	t.Helper()
	got, total, err := db.Categories(t.Context(), kind, storage.Page{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" || total != int64(len(want)) {
		t.Errorf("%d categories (-want +got):\n%s", total, diff)
	}
}

func TestCategories(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		wantCategories(t, db, nil, secondHand)
		add := func(c storage.Category) storage.Category {
			t.Helper()
			id, err := db.InsertCategory(ctx, c)
			if err != nil {
				t.Fatal(err)
			}
			c.CategoryID = id
			return c
		}
		// The same name in another kind, in another case, with a blank: other names.
		late := add(storage.Category{CategoryName: "手机", Kind: storage.CategoryCourse, Sort: 2})
		early := add(storage.Category{CategoryName: "Go", Kind: storage.CategoryCourse, Sort: 1})
		lower := add(storage.Category{CategoryName: "go", Kind: storage.CategoryCourse, Sort: 2})
		blank := add(storage.Category{CategoryName: "go ", Kind: storage.CategoryGoods})
		wantCategories(t, db, new(int64(storage.CategoryCourse)), []storage.Category{early, late, lower})
		wantCategories(t, db, nil, append(append([]storage.Category{blank}, secondHand...), early, late, lower))
		wantCategories(t, db, new(int64(7)), []storage.Category{})

		conflict := func(what string, err error) {
			t.Helper()
			if !errors.Is(err, storage.ErrConflict) {
				t.Errorf("%s: %v, want ErrConflict", what, err)
			}
		}
		_, err := db.InsertCategory(ctx, storage.Category{CategoryName: "手机", Kind: storage.CategorySecondHand})
		conflict("a name that is taken", err)
		lower.CategoryName = "Go"
		conflict("an update to a name that is taken", db.UpdateCategory(ctx, lower))

		lower.CategoryName, lower.Sort = "rust", 0
		if err := errors.Join(db.UpdateCategory(ctx, lower), db.UpdateCategory(ctx, lower), db.DeleteCategory(ctx, late.CategoryID)); err != nil {
			t.Fatal(err)
		}
		wantCategories(t, db, new(int64(storage.CategoryCourse)), []storage.Category{lower, early})
		locked := storage.Category{}
		lock := func(id int64) error {
			return db.InTx(ctx, func(tx *storage.Tx) (err error) {
				locked, err = tx.LockCategory(ctx, id)
				return err
			})
		}
		if err := lock(lower.CategoryID); err != nil || locked != lower {
			t.Errorf("locked %+v, %v", locked, err)
		}
		for what, err := range map[string]error{
			"update": db.UpdateCategory(ctx, late), "delete": db.DeleteCategory(ctx, late.CategoryID), "lock": lock(late.CategoryID),
		} {
			if !errors.Is(err, storage.ErrNotFound) {
				t.Errorf("%s of a category that is gone: %v", what, err)
			}
		}
	})
}

// A product of any status uses its category.
func TestCategoryUsed(t *testing.T) {
	t.Parallel()
	for _, options := range []storage.Options{{Driver: "sqlite", DSN: t.TempDir() + "/a.db"}, {Driver: "mysql"}} {
		t.Run(options.Driver, func(t *testing.T) {
			if options.DSN == "" {
				options.DSN = storagetest.MariaDB(t)
			}
			db := openFile(t, options)
			insertProduct(t, db, storage.Product{ProductID: 1, ProductStatus: storage.ProductDeleted})
			used := func(want bool) {
				t.Helper()
				if got, err := db.CategoryUsed(t.Context(), 9); err != nil || got != want {
					t.Errorf("used %t, %v; want %t", got, err, want)
				}
			}
			used(false)
			execOn(t, options.Driver, options.DSN, "UPDATE products SET category_id = 9")
			used(true)
			execOn(t, options.Driver, options.DSN, "UPDATE products SET category_id = NULL")
			used(false)
		})
	}
}
