package storage

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func openInternal(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.Context(), Options{Driver: "sqlite", DSN: filepath.Join(t.TempDir(), "a.db"), MaxOpen: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// plans runs query on db and returns the steps of SQLite's plans for all
// statements that it ran.
func plans(t *testing.T, db *DB, query func() error) []string {
	t.Helper()
	db.reader.runners, db.writer.runners = map[string]runner{}, map[string]runner{}
	if err := query(); err != nil {
		t.Fatal(err)
	}
	var plans []string
	for _, text := range slices.Concat(slices.Collect(maps.Keys(db.reader.runners)), slices.Collect(maps.Keys(db.writer.runners))) {
		var steps []struct {
			ID, Parent, Notused int
			Detail              string
		}
		args := make([]any, strings.Count(text, "?"))
		if err := db.reader.db.SelectContext(t.Context(), &steps, "EXPLAIN QUERY PLAN "+text, args...); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for _, step := range steps {
			plans = append(plans, step.Detail)
		}
	}
	return plans
}

// Every query finds its rows by an index, and a list that has an order of its
// own comes out of the index in this order.
func TestQueriesUseIndexes(t *testing.T) {
	ctx := t.Context()
	db := openInternal(t)
	if err := db.InsertUser(ctx, User{ID: "12"}); err != nil {
		t.Fatal(err)
	}
	shop, one := int64(1), int64(1)
	if _, err := db.InsertProperty(ctx, Property{Type: 2, UserID: "12"}); err != nil {
		t.Fatal(err)
	}
	if err := db.InsertProduct(ctx, Product{ProductID: 1, ShopID: 1}); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		run  func() error
		want string // the index or key that some step must use
	}{
		{"TokenUser", func() error { return known(db.TokenUser(ctx, "t")) }, "tokens_1 (token=?)"},
		{"TokenUser, the user", func() error { return known(db.TokenUser(ctx, "t")) }, "u USING INTEGER PRIMARY KEY"},
		{"User", func() error { return known(db.User(ctx, "12")) }, "users USING INTEGER PRIMARY KEY"},
		{"Tokens", func() error { return known(db.Tokens(ctx, "12")) }, "tokens_2 (user_id=?)"},
		{"SetWealth", func() error {
			return db.InTx(ctx, func(tx *Tx) error { return tx.SetWealth(ctx, "12", 1) })
		}, "users USING INTEGER PRIMARY KEY"},
		{"UpdateProperty", func() error { return db.UpdateProperty(ctx, 1, "12", PropertyChange{}) }, "INTEGER PRIMARY KEY"},
		{"DeleteProperty", func() error { return db.DeleteProperty(ctx, 1, "12") }, "INTEGER PRIMARY KEY"},
		{"Properties", func() error {
			return known(db.Properties(ctx, PropertyFilter{Type: 1}, Page{}))
		}, "properties_type_update (type=?)"},
		{"Properties, a page", func() error {
			return known(db.Properties(ctx, PropertyFilter{Type: 1}, Page{Limit: 1}))
		}, "properties_type_update (type=?)"},
		{"Properties by a word", func() error {
			return known(db.Properties(ctx, PropertyFilter{Type: 1, Title: new("饭卡")}, Page{Limit: 1}))
		}, "property_grams USING PRIMARY KEY (gram=? AND property_type=?)"},
		{"Properties by a character", func() error {
			return known(db.Properties(ctx, PropertyFilter{Type: 1, Title: new("卡")}, Page{Limit: 1}))
		}, "property_grams USING PRIMARY KEY (gram>? AND gram<?)"},
		{"Properties by a long word", func() error {
			return known(db.Properties(ctx, PropertyFilter{Type: 1, Content: new("card")}, Page{Limit: 1}))
		}, "property_grams USING PRIMARY KEY (gram=? AND property_type=?)"},
		{"Properties by key", func() error {
			return known(db.Properties(ctx, PropertyFilter{Type: 1, Key: new("饭卡")}, Page{Limit: 1}))
		}, "property_grams USING PRIMARY KEY (gram=? AND property_type=?)"},
		{"Properties by a part of user_id", func() error {
			return known(db.Properties(ctx, PropertyFilter{Type: 1, UserID: new("2")}, Page{Limit: 1}))
		}, "property_grams USING PRIMARY KEY (gram>? AND gram<?)"},
		{"Properties by id", func() error {
			return known(db.Properties(ctx, PropertyFilter{Type: 1, ID: &one}, Page{}))
		}, "INTEGER PRIMARY KEY"},
		{"ShopNameTaken", func() error { return known(db.ShopNameTaken(ctx, "a")) }, "(shop_name=?)"},
		{"ShopCount", func() error { return known(db.ShopCount(ctx, "12")) }, "shops_user (user_id=?)"},
		{"UpdateShop", func() error { return db.UpdateShop(ctx, 1, "12", "", nil) }, "(shop_id=?)"},
		{"ShopByID", func() error { return known(db.ShopByID(ctx, 1)) }, "(shop_id=?)"},
		{"ShopByName", func() error { return known(db.ShopByName(ctx, "a")) }, "(shop_name=?)"},
		{"Shops of a user", func() error {
			return known(db.Shops(ctx, ShopFilter{UserID: "12"}, nil, Page{}))
		}, "shops_user (user_id=?)"},
		{"Product", func() error { return known(db.Product(ctx, 1)) }, "(product_id=?)"},
		{"Offer", func() error { return known(db.Offer(ctx, 1)) }, "(product_id=?)"},
		{"UpdateProduct", func() error {
			return db.UpdateProduct(ctx, 1, 1, ProductChange{Name: new("a"), Status: 1})
		}, "(product_id=?)"},
		{"AddSale", func() error { return db.AddSale(ctx, 1, 1) }, "(product_id=?)"},
		{"AddClicks", func() error { return db.AddClicks(ctx, map[int64]int64{1: 1}) }, "(product_id=?)"},
		{"Products of a shop", func() error {
			return known(db.Products(ctx, ProductFilter{ShopID: &shop, Statuses: []int64{1}}, nil, Page{}))
		}, "products_shop_status (shop_id=? AND product_status=?)"},
		{"Products on sale", func() error {
			return known(db.Products(ctx, ProductFilter{Statuses: []int64{1}}, nil, Page{}))
		}, "products_status (product_status=?)"},
		{"Products by a word", func() error {
			return known(db.Products(ctx, ProductFilter{Statuses: []int64{0, 1}, Name: "饭卡"}, nil, Page{Limit: 1}))
		}, "product_grams USING PRIMARY KEY (gram=?)"},
		{"Products by a long word, in another order", func() error {
			orders := []Order{{Field: "product_price", Descending: true}}
			return known(db.Products(ctx, ProductFilter{Key: "饭卡的"}, orders, Page{Limit: 1}))
		}, "product_grams USING PRIMARY KEY (gram=?)"},
		{"Purchase", func() error { return known(db.Purchase(ctx, "1")) }, "(purchase_id=?)"},
		{"SetPurchaseState", func() error { return db.SetPurchaseState(ctx, "1", "a", "b", "") }, "(purchase_id=?)"},
		{"Purchases", func() error {
			_, _, err := db.Purchases(ctx, "12", Page{})
			return err
		}, "purchases_user_creat (user_id=?)"},
		{"Purchases, past the end", func() error {
			_, _, err := db.Purchases(ctx, "12", Page{Limit: 1, Offset: 1})
			return err
		}, "COVERING INDEX purchases_user_creat (user_id=?)"},
		{"ClaimPicture", func() error { return claimTwice(db, t) }, "(source=? AND name=?)"},
		{"ReleasePicture", func() error { return db.ReleasePicture(ctx, "s", "n", "12") }, "(source=? AND name=?)"},
	}
	// These sort what they found: one page, or the rows of a part that few have.
	sorted := []string{
		"Properties by key", "Properties by a character", "Properties by a part of user_id",
		"Products by a long word, in another order",
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			steps := plans(t, db, func() error { return ignoreAbsence(test.run()) })
			uses := func(part string) bool {
				return slices.ContainsFunc(steps, func(step string) bool { return strings.Contains(step, part) })
			}
			if !uses(test.want) {
				t.Errorf("no step uses %q:\n%s", test.want, strings.Join(steps, "\n"))
			}
			for _, bad := range []string{"SCAN properties", "SCAN property_grams", "SCAN s", "SCAN u", "SCAN tokens", "SCAN products", "SCAN product_grams", "SCAN purchases", "SCAN pictures", "TEMP B-TREE", "AUTOMATIC"} {
				if uses(bad) && (bad != "TEMP B-TREE" || !slices.Contains(sorted, test.name)) {
					t.Errorf("a step is %q:\n%s", bad, strings.Join(steps, "\n"))
				}
			}
		})
	}
}

// An account service's ids may be text in one of its tables and numbers in the
// other: the user is found by an index all the same.
func TestTokenUserUsesTheIndexOfTextIDs(t *testing.T) {
	db := openInternal(t)
	for _, statement := range []string{
		"DROP TABLE users", "CREATE TABLE users (id VARCHAR(15) PRIMARY KEY)",
		"DROP TABLE tokens", "CREATE TABLE tokens (token TEXT PRIMARY KEY, user_id INTEGER)",
	} {
		if _, err := db.writer.db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	steps := plans(t, db, func() error { return ignoreAbsence(known(db.TokenUser(t.Context(), "t"))) })
	if !slices.ContainsFunc(steps, func(step string) bool { return strings.Contains(step, "u USING COVERING INDEX") }) {
		t.Errorf("no step uses the index of users:\n%s", strings.Join(steps, "\n"))
	}
}

// known drops a query's result.
func known[T any](_ T, err error) error { return err }

// ignoreAbsence is nil for an update of the empty database.
func ignoreAbsence(err error) error {
	if err != nil && strings.Contains(err.Error(), ErrNotFound.Error()) {
		return nil
	}
	return err
}

func claimTwice(db *DB, t *testing.T) error {
	t.Helper()
	for range 2 {
		if _, err := db.ClaimPicture(t.Context(), "s", "n", "12", true); err != nil {
			return err
		}
	}
	return nil
}

// Filters and orders have more combinations than there is room for.
func TestComposedStatementsAreBounded(t *testing.T) {
	db := openInternal(t)
	before := len(db.reader.runners)
	for i := range maxComposed + 10 {
		statuses := make([]int64, i+1)
		if _, err := db.Products(t.Context(), ProductFilter{Statuses: statuses}, nil, Page{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Product(t.Context(), 1); err == nil {
		t.Error("found a product")
	}
	if got, want := len(db.reader.runners)-before, maxComposed+1; got != want {
		t.Errorf("%d statements are prepared, want %d", got, want)
	}
}

// A statement that first runs in a transaction is prepared after it, once.
func TestStatementsOfTransactionsArePrepared(t *testing.T) {
	db := openInternal(t)
	before := len(db.writer.runners)
	for i := range 3 {
		err := db.InTx(t.Context(), func(tx *Tx) error {
			if err := tx.AddSale(t.Context(), int64(i), 1); err != nil {
				return err
			}
			if want := before + min(i, 1); len(db.writer.runners) != want {
				return fmt.Errorf("%d statements are prepared, want %d", len(db.writer.runners), want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
