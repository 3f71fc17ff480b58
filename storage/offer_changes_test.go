package storage_test

import (
	"context"
	"errors"
	"testing"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// Counts are kept until something changes, and each statement that changes what is found says
// so: on this replica and on another.
func TestCountsFollowEveryChange(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		in := func(fn func(tx *storage.Tx) error) func() error {
			return func() error { return db.InTx(ctx, fn) }
		}
		goods := func(id int64) storage.Product {
			return storage.Product{ProductID: id, ShopID: 901, ProductName: "tea", ProductPrice: 500, ProductStatus: 1}
		}
		lamp := storage.ProductVersion{Name: "lamp", Content: "bright", Price: 300}
		if err := db.InsertShop(ctx, storage.Shop{ShopID: 901, ShopName: "a", UserID: "11"}); err != nil {
			t.Fatal(err)
		}
		freeze := func(user string, state int64) func() error {
			return in(func(tx *storage.Tx) error {
				profile, err := tx.LockProfile(ctx, user, 1)
				profile.State = state
				return errors.Join(err, tx.UpdateProfile(ctx, profile))
			})
		}
		for _, step := range []struct {
			name           string
			run            func() error
			all, tea, dear int64 // how many are found, with tea, and from 4.00
		}{
			{"nothing", func() error { return nil }, 0, 0, 0},
			{"InsertProduct", func() error { return errors.Join(db.InsertProduct(ctx, goods(1)), db.InsertProduct(ctx, goods(2))) }, 2, 2, 2},
			{"AddProducts", func() error { return db.AddProducts(ctx, []storage.Product{goods(3), goods(4)}) }, 4, 4, 4},
			{"InsertSecondHand", in(func(tx *storage.Tx) error {
				return errors.Join(tx.InsertSecondHand(ctx, 5, "12", lamp, storage.ReviewPassed, 1), tx.InsertSecondHand(ctx, 6, "12", lamp, storage.ReviewWaiting, 1))
			}), 5, 4, 4},
			{"UpdateProduct, the name", func() error { return db.UpdateProduct(ctx, 1, 901, storage.ProductChange{Name: new("cup"), Status: 1}) }, 5, 3, 4},
			{"UpdateProduct, the content", func() error {
				return db.UpdateProduct(ctx, 1, 901, storage.ProductChange{Content: new("for <i>TEA</i>"), Status: 1})
			}, 5, 4, 4},
			{"UpdateProduct, the price", func() error {
				return db.UpdateProduct(ctx, 1, 901, storage.ProductChange{Disprice: new(int64(399)), Status: 1})
			}, 5, 4, 3},
			{"UpdateProduct, the status", func() error { return db.UpdateProduct(ctx, 1, 901, storage.ProductChange{}) }, 4, 3, 3},
			{"SetProductTerms, the stock", in(func(tx *storage.Tx) error {
				return tx.SetProductTerms(ctx, 2, storage.ProductTerms{Stock: new(int64(0))})
			}), 3, 2, 2},
			{"SetProductTerms, more stock", in(func(tx *storage.Tx) error {
				return tx.SetProductTerms(ctx, 2, storage.ProductTerms{Stock: new(int64(2))})
			}), 4, 3, 3},
			{"AddSale of one of two", func() error { return db.AddSale(ctx, 2, 1) }, 4, 3, 3},
			{"AddSale of the last", func() error { return db.AddSale(ctx, 2, 1) }, 3, 2, 2},
			{"AddSale of too many", func() error {
				if err := db.AddSale(ctx, 2, 1); !errors.Is(err, storage.ErrConflict) {
					return errors.Join(errors.New("sold"), err)
				}
				return nil
			}, 3, 2, 2},
			{"SetReview", in(func(tx *storage.Tx) error { return tx.SetReview(ctx, 6, storage.ReviewPassed, "") }), 4, 2, 2},
			{"SetVersion", in(func(tx *storage.Tx) error {
				return tx.SetVersion(ctx, 6, storage.ProductVersion{Name: "ＴＥＡ", Price: 900}, storage.ReviewPassed, 1)
			}), 4, 3, 3},
			{"WithdrawProduct", in(func(tx *storage.Tx) error { return tx.WithdrawProduct(ctx, 6, 1) }), 3, 2, 2},
			{"PutOnSale", in(func(tx *storage.Tx) error { return tx.PutOnSale(ctx, 6, 1) }), 4, 3, 3},
			{"WithdrawProduct again", in(func(tx *storage.Tx) error { return tx.WithdrawProduct(ctx, 6, 1) }), 3, 2, 2},
			{"a seller is frozen", freeze("11", storage.ProfileFrozen), 1, 0, 0},
			{"InsertProduct of the frozen seller", func() error { return db.InsertProduct(ctx, goods(7)) }, 1, 0, 0},
			{"AddProducts of the frozen seller", func() error { return db.AddProducts(ctx, []storage.Product{goods(8)}) }, 1, 0, 0},
			{"a seller is not frozen any more", freeze("11", storage.ProfileActive), 5, 4, 4},
			{"a seller is deleted", freeze("12", storage.ProfileDeleted), 4, 4, 4},
			{"InsertSecondHand of the deleted seller", in(func(tx *storage.Tx) error { return tx.InsertSecondHand(ctx, 9, "12", lamp, storage.ReviewNone, 1) }), 4, 4, 4},
			{"the seller is back", freeze("12", storage.ProfileActive), 6, 4, 4},
			{"InsertCourse", in(func(tx *storage.Tx) error {
				return tx.InsertCourse(ctx, storage.Course{ProductID: 10, Name: "Tea for two", UserID: "13", Status: 1}, 1)
			}), 7, 5, 4},
			{"WithdrawSecondHand", in(func(tx *storage.Tx) error { return tx.WithdrawSecondHand(ctx, "12", 1) }), 5, 5, 4},
			{"WithdrawProducts", in(func(tx *storage.Tx) error { return tx.WithdrawProducts(ctx, 901, 1) }), 1, 1, 0},
		} {
			if err := step.run(); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			for range 2 { // counted, and as kept
				for _, ask := range []struct {
					filter storage.MarketFilter
					want   int64
				}{{storage.MarketFilter{}, step.all}, {storage.MarketFilter{Words: []string{"tea"}}, step.tea}, {storage.MarketFilter{PriceMin: new(int64(400))}, step.dear}} {
					if got := countOf(ctx, t, db, ask.filter); got != ask.want {
						t.Errorf("%s: %+v: %d are found, want %d", step.name, ask.filter, got, ask.want)
					}
				}
			}
		}
	})
}

// countOf is how many products a search counts. Its page is full, or behind the end: else the
// page would tell.
func countOf(ctx context.Context, t *testing.T, db *storage.DB, f storage.MarketFilter) int64 {
	t.Helper()
	_, total, err := db.SearchProducts(ctx, f, storage.Page{Limit: 1, Offset: 9000})
	if err != nil {
		t.Fatal(err)
	}
	return total
}

// A count is exact to 10,000, and 10,000 above.
func TestCountStopsAtTenThousand(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		add := func(from, to int64) {
			var products []storage.Product
			for id := from; id < to; id++ {
				products = append(products, storage.Product{ProductID: id, ProductName: "茶", ProductPrice: id, ProductStatus: 1})
			}
			if err := db.AddProducts(t.Context(), products); err != nil {
				t.Fatal(err)
			}
		}
		add(1, 9_999)
		for count := int64(9_999); count < 10_002; count++ {
			add(count, count+1)
			want := min(count, 10_000)
			for _, f := range []storage.MarketFilter{{}, {Words: []string{"茶"}}, {Words: []string{"茶"}, Sort: storage.SortMatch}, {PriceMin: new(int64(0)), Sort: storage.SortPriceUp}} {
				if got := countOf(t.Context(), t, db, f); got != want {
					t.Errorf("%+v: %d, want %d", f, got, want)
				}
				list, _, err := db.SearchProducts(t.Context(), f, storage.Page{Limit: 3, Offset: 9998})
				if err != nil || int64(len(list)) != count-9998 {
					t.Errorf("%+v: %d rows, %v", f, len(list), err)
				}
			}
		}
	})
}
