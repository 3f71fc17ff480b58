package storage_test

import (
	"errors"
	"math"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// product has another value in every field.
func product() storage.Product {
	return storage.Product{
		ProductID: 1000001, ProductName: "Tea", ProductContent: "<p>green</p>", ProductKey: "drink|leaf",
		ProductPrice: 10050, ProductDisprice: new(int64(9999)), ProductSale: 1, ProductClick: 2, ProductCollection: 3,
		ShopID: 100000001, CreatTime: 4, UpdateTime: 5, PicURL: "p", ProductStatus: 1,
	}
}

func insertProduct(t *testing.T, db *storage.DB, p storage.Product) {
	t.Helper()
	if err := db.InsertProduct(t.Context(), p); err != nil {
		t.Fatal(err)
	}
}

func wantProduct(t *testing.T, db *storage.DB, want storage.Product) {
	t.Helper()
	got, err := db.Product(t.Context(), want.ProductID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Product (-want +got):\n%s", diff)
	}
	offer, err := db.Offer(t.Context(), want.ProductID)
	if diff := cmp.Diff(offerOf(want), offer); err != nil || diff != "" {
		t.Errorf("Offer: %v (-want +got):\n%s", err, diff)
	}
}

func offerOf(p storage.Product) storage.Offer {
	return storage.Offer{ShopID: p.ShopID, Price: p.ProductPrice, Disprice: p.ProductDisprice, Status: p.ProductStatus}
}

func TestProduct(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		reduced := product()
		insertProduct(t, db, reduced)
		deleted := storage.Product{ProductID: 1000002, ProductStatus: 2}
		insertProduct(t, db, deleted)

		wantProduct(t, db, reduced)
		wantProduct(t, db, deleted)
		if _, err := db.Product(ctx, 1); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("Product of no product: %v, want ErrNotFound", err)
		}
		if _, err := db.Offer(ctx, 1); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("Offer of no product: %v, want ErrNotFound", err)
		}
		if err := db.InsertProduct(ctx, reduced); !errors.Is(err, storage.ErrConflict) {
			t.Errorf("the same id again: %v, want ErrConflict", err)
		}
		err := db.InTx(ctx, func(tx *storage.Tx) error {
			locked, err := tx.LockOffer(ctx, reduced.ProductID)
			if diff := cmp.Diff(offerOf(reduced), locked); diff != "" {
				t.Errorf("LockOffer (-want +got):\n%s", diff)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestUpdateProduct(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		want := product()
		insertProduct(t, db, want)
		update := func(c storage.ProductChange) {
			t.Helper()
			if err := db.UpdateProduct(ctx, want.ProductID, want.ShopID, c); err != nil {
				t.Fatal(err)
			}
			wantProduct(t, db, want)
		}

		want.ProductStatus, want.UpdateTime = 0, 100
		update(storage.ProductChange{UpdateTime: 100})
		update(storage.ProductChange{UpdateTime: 100}) // changes nothing, and is no ErrNotFound

		want.ProductDisprice = nil
		update(storage.ProductChange{UpdateTime: 100, Disprice: new(int64(0))})
		update(storage.ProductChange{UpdateTime: 100})

		want.ProductName, want.ProductContent, want.ProductKey = "N", "", "K"
		want.ProductPrice, want.ProductDisprice = 1, new(int64(1))
		want.ProductSale, want.ProductClick, want.ProductCollection = 0, 7, 8
		want.PicURL, want.ProductStatus = "", 2
		update(storage.ProductChange{
			Name: new("N"), Content: new(""), Key: new("K"), Price: new(int64(1)), Disprice: new(int64(1)),
			Sale: new(int64(0)), Click: new(int64(7)), Collection: new(int64(8)), PicURL: new(""), Status: 2, UpdateTime: 100,
		})

		if err := db.UpdateProduct(ctx, want.ProductID, want.ShopID+1, storage.ProductChange{}); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("UpdateProduct in another shop: %v, want ErrNotFound", err)
		}
		if err := db.UpdateProduct(ctx, want.ProductID+1, want.ShopID, storage.ProductChange{}); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("UpdateProduct of no product: %v, want ErrNotFound", err)
		}
	})
}

func TestProducts(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		for _, p := range []storage.Product{
			{ProductID: 3, ProductName: "Green Tea", ProductKey: "drink", ShopID: 1, ProductStatus: 1, ProductPrice: 300},
			{ProductID: 1, ProductName: "tea pot", ProductKey: "thing", ShopID: 1, ProductStatus: 0, ProductPrice: 1000, ProductDisprice: new(int64(900))},
			{ProductID: 2, ProductName: "book", ProductKey: "thing", ShopID: 2, ProductStatus: 1, ProductPrice: 300},
			{ProductID: 4, ProductName: "old tea", ProductKey: "drink", ShopID: 2, ProductStatus: 2, ProductPrice: 1},
		} {
			insertProduct(t, db, p)
		}
		tests := []struct {
			name   string
			filter storage.ProductFilter
			orders []storage.Sort
			page   storage.Page
			want   []int64 // product ids
		}{
			{name: "all, in the order of adding", want: []int64{3, 1, 2, 4}},
			{name: "on sale", filter: storage.ProductFilter{Statuses: []int64{1}}, want: []int64{3, 2}},
			{name: "not deleted", filter: storage.ProductFilter{Statuses: []int64{0, 1}}, want: []int64{3, 1, 2}},
			{name: "name part", filter: storage.ProductFilter{Name: "TEA"}, want: []int64{3, 1, 4}},
			{name: "key part", filter: storage.ProductFilter{Key: "hin"}, want: []int64{1, 2}},
			{name: "name and key", filter: storage.ProductFilter{Name: "tea", Key: "drink"}, want: []int64{3, 4}},
			{name: "shop", filter: storage.ProductFilter{ShopID: new(int64(2))}, want: []int64{2, 4}},
			{
				name:   "shop, not deleted",
				filter: storage.ProductFilter{ShopID: new(int64(1)), Statuses: []int64{1, 0}},
				want:   []int64{3, 1},
			},
			{name: "no such shop", filter: storage.ProductFilter{ShopID: new(int64(0))}, want: []int64{}},
			{name: "page", page: storage.Page{Limit: 2, Offset: 1}, want: []int64{1, 2}},
			{name: "by price, a number", orders: []storage.Sort{{Field: "product_price"}}, want: []int64{4, 3, 2, 1}},
			{
				name:   "by price, then id",
				orders: []storage.Sort{{Field: "product_price", Descending: true}, {Field: "product_id"}},
				want:   []int64{1, 2, 3, 4},
			},
			{name: "by disprice, none first", orders: []storage.Sort{{Field: "product_disprice"}}, want: []int64{3, 2, 4, 1}},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				products, err := db.Products(t.Context(), test.filter, test.orders, test.page)
				if err != nil {
					t.Fatal(err)
				}
				ids := []int64{}
				for _, p := range products {
					ids = append(ids, p.ProductID)
				}
				if diff := cmp.Diff(test.want, ids); diff != "" {
					t.Errorf("product ids (-want +got):\n%s", diff)
				}
			})
		}
	})
}

func TestProductsOrdersByEveryFieldAndNoOther(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		fields := storage.ProductFields()
		if len(fields) != 14 {
			t.Errorf("%d fields, want the row's 14", len(fields))
		}
		for _, field := range fields {
			if _, err := db.Products(t.Context(), storage.ProductFilter{}, []storage.Sort{{Field: field}}, storage.Page{}); err != nil {
				t.Errorf("order by %s: %v", field, err)
			}
		}
		if _, err := db.Products(t.Context(), storage.ProductFilter{}, []storage.Sort{{Field: "seq"}}, storage.Page{}); err == nil {
			t.Error("order by seq was taken")
		}
	})
}

func TestSalesAndClicksAreAdded(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		want := product()
		insertProduct(t, db, want)
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				if err := db.AddSale(ctx, want.ProductID, 2); err != nil {
					t.Error(err)
				}
				if err := db.AddClicks(ctx, map[int64]int64{want.ProductID: 3, 1: 1, 9999999: 1}); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		want.ProductSale += 40
		want.ProductClick += 60
		wantProduct(t, db, want)

		if err := db.AddSale(ctx, 1, 1); err != nil {
			t.Errorf("AddSale to a product that is gone: %v", err)
		}
		if err := db.AddClicks(ctx, nil); err != nil {
			t.Errorf("AddClicks of nothing: %v", err)
		}
	})
}

// An owner may set any number; SQLite would go on with a float beyond int64.
func TestCountersStopAtTheirEnd(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		want := product()
		want.ProductSale, want.ProductClick = math.MaxInt64-1, math.MaxInt64-1
		insertProduct(t, db, want)
		for range 2 {
			if err := db.AddSale(ctx, want.ProductID, 1); err != nil {
				t.Fatal(err)
			}
			if err := db.AddClicks(ctx, map[int64]int64{want.ProductID: 5}); err != nil {
				t.Fatal(err)
			}
			want.ProductSale, want.ProductClick = math.MaxInt64, math.MaxInt64
			wantProduct(t, db, want)
		}
	})
}
