package storage_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// A database counts on from the greatest id; where that is the last one, free ids below
// are found.
func TestPropertyIDsAfterTheLast(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		last := notice()
		last.ID = 1<<31 - 2
		if err := db.AddProperties(t.Context(), []storage.Property{last}); err != nil {
			t.Fatal(err)
		}
		if got := insertProperty(t, db, notice()); got.ID != 1<<31-1 {
			t.Errorf("the last id is %d", got.ID)
		}
		seen := map[int64]bool{}
		for range 20 {
			got := insertProperty(t, db, notice())
			if got.ID < 1 || got.ID > 1<<31-1 || seen[got.ID] {
				t.Errorf("after the last id came %d", got.ID)
			}
			seen[got.ID] = true
		}
		if found := properties(t, db, storage.PropertyFilter{Type: 1, Key: new("title")}); len(found) != 22 {
			t.Errorf("%d notices are found by a word, want 22", len(found))
		}
	})
}

// Rows that come from elsewhere keep their ids, more of them than one statement holds, and
// are found by their words.
func TestAddKeepsEveryField(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		var notices []storage.Property
		var products []storage.Product
		for i := range int64(450) {
			n := notice()
			n.ID, n.UpdateTime = 1000-i, 1000-i // as they are listed
			notices = append(notices, n)
			p := product()
			p.ProductID = i + 1
			products = append(products, p)
		}
		shops := []storage.Shop{{ShopID: 1, ShopName: "a", ShopContent: "b", UserID: "12", CreatTime: 3, PicURL: "c"}}
		orders := []storage.Purchase{{
			PurchaseID: "05749511524517733", PurchaseState: storage.PurchasePaying, UserID: "12", PurchaseType: 1, PurchasePrice: 2,
			CreatTime: 5, PayMethod: "m", ProductID: 1, ProductNum: 2, ProductUnitprice: 3, ProductTotalprice: 4,
		}}
		users, tokens := []storage.User{{ID: "12", Name: "Zhao", Wealth: -1234}}, []storage.Token{{Token: "t", UserID: "12"}}
		for range 2 { // the second time all of it is there
			for name, err := range map[string]error{
				"notices": db.AddProperties(ctx, notices), "shops": db.AddShops(ctx, shops), "products": db.AddProducts(ctx, products),
				"orders": db.AddPurchases(ctx, orders), "users": db.AddUsers(ctx, users), "tokens": db.AddTokens(ctx, tokens),
			} {
				if err != nil && !errors.Is(err, storage.ErrConflict) {
					t.Fatal(name, err)
				}
			}
		}
		same := func(what string, want, got any, err error) {
			t.Helper()
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%s: %v (-want +got):\n%s", what, err, diff)
			}
		}
		same("notices", notices, properties(t, db, storage.PropertyFilter{Type: 1, Content: new("content")}), nil)
		gotProducts, err := db.Products(ctx, storage.ProductFilter{Name: products[0].ProductName}, nil, storage.Page{})
		same("products", products, gotProducts, err)
		gotShops, err := db.Shops(ctx, storage.ShopFilter{}, nil, storage.Page{})
		shops[0].UserName = "Zhao"
		same("shops", shops, gotShops, err)
		gotOrders, _, err := db.Purchases(ctx, "12", storage.Page{})
		same("orders", orders, gotOrders, err)
		gotUser, err := db.User(ctx, "12")
		same("user", users[0], gotUser, err)
		gotUser12, err := db.TokenUser(ctx, "t")
		same("token", storage.Bearer{UserID: "12"}, gotUser12, err)
		wantOrigins(t, db)
	})
}

// wantOrigins checks what tells the rows of TestAddKeepsEveryField from others.
func wantOrigins(t *testing.T, db *storage.DB) {
	t.Helper()
	ctx := t.Context()
	for _, c := range []struct {
		id   string
		want storage.Origin
		rows int
		read func() (map[string]storage.Origin, error)
	}{
		{"1000", storage.Origin{Owner: "012", Added: 4}, 450, func() (map[string]storage.Origin, error) { return db.PropertyOrigins(ctx) }},
		{"1", storage.Origin{Owner: "12", Added: 3, Name: "a"}, 1, func() (map[string]storage.Origin, error) { return db.ShopOrigins(ctx) }},
		{"05749511524517733", storage.Origin{Owner: "12", Added: 5}, 1, func() (map[string]storage.Origin, error) { return db.PurchaseOrigins(ctx) }},
		{"12", storage.Origin{}, 1, func() (map[string]storage.Origin, error) { return db.UserOrigins(ctx) }},
		{"t", storage.Origin{Owner: "12"}, 1, func() (map[string]storage.Origin, error) { return db.TokenOrigins(ctx) }},
	} {
		got, err := c.read()
		if err != nil || got[c.id] != c.want || len(got) != c.rows {
			t.Errorf("%d origins, that of %s is %+v, %v, want %d and %+v", len(got), c.id, got[c.id], err, c.rows, c.want)
		}
	}
}

// One row that cannot be added keeps its whole batch out, and its grams.
func TestAddIsAllOrNothing(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		taken := insertProperty(t, db, notice())
		fresh := notice()
		fresh.ID = taken.ID + 1
		if err := db.AddProperties(t.Context(), []storage.Property{fresh, taken}); !errors.Is(err, storage.ErrConflict) {
			t.Errorf("AddProperties = %v, want ErrConflict", err)
		}
		list := properties(t, db, storage.PropertyFilter{Type: 1})
		if !slices.Equal(list, []storage.Property{taken}) {
			t.Errorf("notices %+v", list)
		}
	})
}
