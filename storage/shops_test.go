package storage_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

func insertShop(t *testing.T, db *storage.DB, s storage.Shop) {
	t.Helper()
	if err := db.InsertShop(t.Context(), s); err != nil {
		t.Fatal(err)
	}
}

func TestShop(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		insertUser(t, db, storage.User{ID: "12", Name: "Zhao"})
		want := storage.Shop{
			ShopID: 100000001, ShopName: "Tea", ShopContent: "green", UserID: "12", UserName: "Zhao", CreatTime: 5, PicURL: "p",
		}
		insertShop(t, db, want)
		orphan := storage.Shop{ShopID: 100000002, ShopName: "Gone", UserID: "13"}
		insertShop(t, db, orphan)

		for _, want := range []storage.Shop{want, orphan} {
			byID, err := db.ShopByID(ctx, want.ShopID)
			if err != nil {
				t.Fatal(err)
			}
			byName, err := db.ShopByName(ctx, want.ShopName)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]storage.Shop{want, want}, []storage.Shop{byID, byName}); diff != "" {
				t.Errorf("shop by id and by name (-want +got):\n%s", diff)
			}
		}
		if _, err := db.ShopByID(ctx, 1); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("ShopByID of no shop: %v, want ErrNotFound", err)
		}
	})
}

func TestShopNamesAreExact(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		insertShop(t, db, storage.Shop{ShopID: 1, ShopName: "Tea"})
		for i, name := range []string{"tea", "Tea ", " Tea", "Te", "Téa", "Te_", "Te%"} {
			if taken, err := db.ShopNameTaken(ctx, name); err != nil || taken {
				t.Errorf("ShopNameTaken(%q) = %v, %v beside Tea", name, taken, err)
			}
			if _, err := db.ShopByName(ctx, name); !errors.Is(err, storage.ErrNotFound) {
				t.Errorf("ShopByName(%q): %v, want ErrNotFound", name, err)
			}
			if err := db.InsertShop(ctx, storage.Shop{ShopID: int64(i + 2), ShopName: name}); err != nil {
				t.Errorf("InsertShop(%q) beside Tea: %v", name, err)
			}
		}
		if taken, err := db.ShopNameTaken(ctx, "Tea"); err != nil || !taken {
			t.Errorf("ShopNameTaken(Tea) = %v, %v", taken, err)
		}
		for name, shop := range map[string]storage.Shop{
			"the same name": {ShopID: 99, ShopName: "Tea"},
			"the same id":   {ShopID: 1, ShopName: "Coffee"},
		} {
			if err := db.InsertShop(ctx, shop); !errors.Is(err, storage.ErrConflict) {
				t.Errorf("%s: %v, want ErrConflict", name, err)
			}
		}
	})
}

func TestUpdateShop(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		want := storage.Shop{ShopID: 1, ShopName: "Tea", UserID: "12", ShopContent: "old", PicURL: "old.png"}
		insertShop(t, db, want)
		for _, change := range []struct {
			content string
			picURL  *string
		}{
			{"new", nil},
			{"new", nil}, // changes nothing, and is no ErrNotFound
			{"", new("new.png")},
			{"", new("")},
		} {
			want.ShopContent = change.content
			if change.picURL != nil {
				want.PicURL = *change.picURL
			}
			if err := db.UpdateShop(ctx, 1, "12", change.content, change.picURL); err != nil {
				t.Fatal(err)
			}
			got, err := db.ShopByID(ctx, 1)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("after UpdateShop (-want +got):\n%s", diff)
			}
		}
		if err := db.UpdateShop(ctx, 1, "13", "", nil); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("UpdateShop of another user's: %v, want ErrNotFound", err)
		}
		if err := db.UpdateShop(ctx, 2, "12", "", nil); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("UpdateShop of no shop: %v, want ErrNotFound", err)
		}
	})
}

func TestShops(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		insertUser(t, db, storage.User{ID: "9", Name: "Qian"})
		insertUser(t, db, storage.User{ID: "12", Name: "Zhao"})
		for _, s := range []storage.Shop{
			{ShopID: 3, ShopName: "Tea", UserID: "12", CreatTime: 10, ShopContent: "x", PicURL: "1"},
			{ShopID: 1, ShopName: "tea house", UserID: "9", CreatTime: 10, ShopContent: "y", PicURL: "3"},
			{ShopID: 2, ShopName: "Books", UserID: "12", CreatTime: 9, ShopContent: "x", PicURL: "2"},
		} {
			insertShop(t, db, s)
		}
		tests := []struct {
			name   string
			filter storage.ShopFilter
			orders []storage.Sort
			page   storage.Page
			want   []int64 // shop ids
		}{
			{name: "all, in the order of adding", want: []int64{3, 1, 2}},
			{name: "name part", filter: storage.ShopFilter{Name: "TEA"}, want: []int64{3, 1}},
			{name: "no such name", filter: storage.ShopFilter{Name: "%"}, want: []int64{}},
			{name: "owner", filter: storage.ShopFilter{UserID: "12"}, want: []int64{3, 2}},
			{name: "owner, exactly", filter: storage.ShopFilter{UserID: "1"}, want: []int64{}},
			{name: "name and owner", filter: storage.ShopFilter{Name: "tea", UserID: "9"}, want: []int64{1}},
			{name: "page", page: storage.Page{Limit: 1, Offset: 1}, want: []int64{1}},
			{name: "by shop_id", orders: []storage.Sort{{Field: "shop_id"}}, want: []int64{1, 2, 3}},
			{name: "by shop_id, descending", orders: []storage.Sort{{Field: "shop_id", Descending: true}}, want: []int64{3, 2, 1}},
			{name: "by shop_name", orders: []storage.Sort{{Field: "shop_name"}}, want: []int64{2, 3, 1}},
			{name: "by user_id, a number", orders: []storage.Sort{{Field: "user_id"}}, want: []int64{1, 3, 2}},
			{name: "by user_id, descending", orders: []storage.Sort{{Field: "user_id", Descending: true}}, want: []int64{3, 2, 1}},
			{name: "by user_name", orders: []storage.Sort{{Field: "user_name"}}, want: []int64{1, 3, 2}},
			{name: "by pic_url", orders: []storage.Sort{{Field: "pic_url", Descending: true}}, want: []int64{1, 2, 3}},
			{name: "equal rows keep the order of adding", orders: []storage.Sort{{Field: "creat_time", Descending: true}}, want: []int64{3, 1, 2}},
			{
				name:   "by two fields",
				orders: []storage.Sort{{Field: "shop_content", Descending: true}, {Field: "creat_time"}},
				want:   []int64{1, 2, 3},
			},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				shops, err := db.Shops(t.Context(), test.filter, test.orders, test.page)
				if err != nil {
					t.Fatal(err)
				}
				ids := []int64{}
				for _, s := range shops {
					ids = append(ids, s.ShopID)
				}
				if diff := cmp.Diff(test.want, ids); diff != "" {
					t.Errorf("shop ids (-want +got):\n%s", diff)
				}
			})
		}
	})
}

func TestShopsOrdersByEveryFieldAndNoOther(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		for _, field := range storage.ShopFields() {
			if _, err := db.Shops(t.Context(), storage.ShopFilter{}, []storage.Sort{{Field: field}}, storage.Page{}); err != nil {
				t.Errorf("order by %s: %v", field, err)
			}
		}
		for _, field := range []string{"", "seq", "SHOP_ID", "shop_id; DROP TABLE shops", "1"} {
			if _, err := db.Shops(t.Context(), storage.ShopFilter{}, []storage.Sort{{Field: field}}, storage.Page{}); err == nil {
				t.Errorf("order by %q was taken", field)
			}
		}
	})
}

// The check that a handler makes when it creates a shop.
func TestAtMostThreeShopsAUser(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		insertUser(t, db, storage.User{ID: "12"})
		errCapped := errors.New("capped")
		var created atomic.Int64
		var group sync.WaitGroup
		for i := range int64(20) {
			group.Go(func() {
				err := db.InTx(ctx, func(tx *storage.Tx) error {
					if err := tx.LockUser(ctx, "12"); err != nil {
						return err
					}
					count, err := tx.ShopCount(ctx, "12")
					if err != nil {
						return err
					}
					if count >= 3 {
						return errCapped
					}
					return tx.InsertShop(ctx, storage.Shop{ShopID: i, ShopName: fmt.Sprint("shop ", i), UserID: "12"})
				})
				switch {
				case err == nil:
					created.Add(1)
				case !errors.Is(err, errCapped):
					t.Error(err)
				}
			})
		}
		group.Wait()
		count, err := db.ShopCount(ctx, "12")
		if err != nil || count != 3 || created.Load() != 3 {
			t.Errorf("%d shops, %d created, %v; want 3", count, created.Load(), err)
		}
	})
}

// Of several shops that want one name, the unique index lets one have it.
func TestOneOfManyGetsTheName(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		errs := make([]error, 20)
		var group sync.WaitGroup
		for i := range errs {
			group.Go(func() {
				errs[i] = db.InsertShop(t.Context(), storage.Shop{ShopID: int64(i), ShopName: "Tea"})
			})
		}
		group.Wait()
		errs = slices.DeleteFunc(errs, func(err error) bool { return errors.Is(err, storage.ErrConflict) })
		if len(errs) != 1 || errs[0] != nil {
			t.Errorf("beside ErrConflict: %v, want one nil", errs)
		}
	})
}
