package storage_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

func setTerms(t *testing.T, db *storage.DB, id int64, terms storage.ProductTerms) {
	t.Helper()
	err := db.InTx(t.Context(), func(tx *storage.Tx) error { return tx.SetProductTerms(t.Context(), id, terms) })
	if err != nil {
		t.Fatal(err)
	}
}

// detailOf is how the market shows the goods of a shop.
func detailOf(p storage.Product, shop storage.Shop) storage.MarketDetail {
	return storage.MarketDetail{
		MarketProduct: storage.MarketProduct{
			ProductID: p.ProductID, Name: p.ProductName, PicURL: p.PicURL, Price: p.ProductPrice, Disprice: p.ProductDisprice,
			Sale: p.ProductSale, Collection: p.ProductCollection, ShopID: p.ShopID, ShopName: shop.ShopName,
			UserID: shop.UserID, UserName: shop.UserName, CreatTime: p.CreatTime, UpdateTime: p.UpdateTime, Status: p.ProductStatus,
		},
		Content: p.ProductContent, Key: p.ProductKey, Click: p.ProductClick, Pics: []string{},
	}
}

func wantDetail(t *testing.T, db *storage.DB, want storage.MarketDetail) {
	t.Helper()
	got, err := db.MarketDetail(t.Context(), want.ProductID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("MarketDetail (-want +got):\n%s", diff)
	}
}

// Terms are set and unset one by one, and the document's fields stay as they are.
func TestProductTerms(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		p := product()
		insertUser(t, db, storage.User{ID: "12", Name: "王凌超"})
		shop := storage.Shop{ShopID: p.ShopID, ShopName: "小码", UserID: "12", UserName: "王凌超"}
		if err := db.InsertShop(t.Context(), shop); err != nil {
			t.Fatal(err)
		}
		insertProduct(t, db, p)
		want := detailOf(p, shop)
		wantDetail(t, db, want)

		setTerms(t, db, p.ProductID, storage.ProductTerms{
			Stock: new(int64(0)), OriginalPrice: new(int64(2)), ShipPrice: new(int64(3)), SellMethod: new(int64(1)),
			CategoryID: new(int64(4)), FirstPrice: new(int64(5)), Pics: new("a\nb"),
		})
		want.Stock, want.OriginalPrice, want.ShipPrice, want.SellMethod = new(int64(0)), new(int64(2)), 3, 1
		want.CategoryID, want.FirstPrice, want.Pics = new(int64(4)), new(int64(5)), []string{"a", "b"}
		wantDetail(t, db, want)
		setTerms(t, db, p.ProductID, storage.ProductTerms{})
		wantDetail(t, db, want)
		err := db.InTx(t.Context(), func(tx *storage.Tx) error {
			offer, err := tx.LockOffer(t.Context(), p.ProductID)
			if err == nil && (*offer.Stock != 0 || *offer.FirstPrice != 5) {
				t.Errorf("LockOffer %+v", offer)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}

		setTerms(t, db, p.ProductID, storage.ProductTerms{
			Stock: new(int64(storage.Unlimited)), CategoryID: new(int64(0)), FirstPrice: new(int64(0)), Pics: new(""),
		})
		want.Stock, want.CategoryID, want.FirstPrice, want.Pics = nil, nil, nil, []string{}
		wantDetail(t, db, want)
		wantProduct(t, db, p)
		err = db.InTx(t.Context(), func(tx *storage.Tx) error { return tx.SetProductTerms(t.Context(), 1, storage.ProductTerms{}) })
		if !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("terms of no product: %v", err)
		}
	})
}

// Of many that buy at once, as many succeed as there are pieces.
func TestStockIsSoldOnce(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		p := product()
		insertProduct(t, db, p)
		setTerms(t, db, p.ProductID, storage.ProductTerms{Stock: new(int64(7))})
		var buyers sync.WaitGroup
		var sold atomic.Int64
		for range 12 {
			buyers.Go(func() {
				err := db.InTx(t.Context(), func(tx *storage.Tx) error { return tx.AddSale(t.Context(), p.ProductID, 2) })
				switch {
				case err == nil:
					sold.Add(2)
				case !errors.Is(err, storage.ErrConflict):
					t.Error(err)
				}
			})
		}
		buyers.Wait()
		got, err := db.MarketDetail(t.Context(), p.ProductID)
		if err != nil || sold.Load() != 6 || *got.Stock != 1 || got.Sale != p.ProductSale+6 {
			t.Errorf("%d sold, stock and sale %+v, %v", sold.Load(), got, err)
		}
	})
}

// The queries of the document know goods only.
func TestDocumentKnowsGoodsOnly(t *testing.T) {
	t.Parallel()
	for _, options := range []storage.Options{{Driver: "sqlite", DSN: t.TempDir() + "/a.db"}, {Driver: "mysql"}} {
		t.Run(options.Driver, func(t *testing.T) {
			if options.DSN == "" {
				options.DSN = storagetest.MariaDB(t)
			}
			db := openFile(t, options)
			goods, course := product(), product()
			course.ProductID++
			insertProduct(t, db, goods)
			insertProduct(t, db, course)
			execOn(t, options.Driver, options.DSN, "UPDATE products SET product_type = 2 WHERE product_id = 1000002")
			_, product := db.Product(t.Context(), course.ProductID)
			_, offer := db.Offer(t.Context(), course.ProductID)
			update := db.UpdateProduct(t.Context(), course.ProductID, course.ShopID, storage.ProductChange{})
			rename := db.UpdateProduct(t.Context(), course.ProductID, course.ShopID, storage.ProductChange{Name: new("a")})
			for what, err := range map[string]error{"product": product, "offer": offer, "update": update, "rename": rename} {
				if !errors.Is(err, storage.ErrNotFound) {
					t.Errorf("%s of a course: %v", what, err)
				}
			}
			for _, filter := range []storage.ProductFilter{
				{}, {Name: "Tea"}, {ShopID: &goods.ShopID}, {Statuses: []int64{1}}, {ShopID: &goods.ShopID, Statuses: []int64{1}, Key: "leaf"},
			} {
				list, err := db.Products(t.Context(), filter, nil, storage.Page{})
				if err != nil || len(list) != 1 || list[0].ProductID != goods.ProductID {
					t.Errorf("%+v: %+v, %v", filter, list, err)
				}
			}
		})
	}
}
