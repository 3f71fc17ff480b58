package importing_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/importing"
	"campusgate/handlers/market"
	"campusgate/storage"
	"campusgate/storage/olddatabase"
	"campusgate/storage/olddatabase/olddatabasetest"
	"campusgate/storage/storagetest"
)

// An import that ends in the middle is begun again and doubles nothing; after it, it finds
// nothing to do.
func TestImportGoesOnAfterAnAbort(t *testing.T) {
	t.Parallel()
	size := olddatabasetest.Size{Notices: 1020, Products: 30, Orders: 40}
	olddatabasetest.Each(t, func(t *testing.T, old *olddatabasetest.Database) {
		old.Fill(t, size)
		storagetest.Each(t, func(t *testing.T, db *storage.DB) {
			first := abortAfterABatch(t, old, db)
			if got := first[0]; got.Added != 1000 || len(first) != 1 {
				t.Fatalf("before the abort %+v, want a batch of 1000 notices", first)
			}
			summaries, _, err := run(t, old, db, importing.Options{})
			must(t, err)
			if got, want := summaries[0], (importing.Summary{Table: "property", Read: 1020, Added: 20, There: 1000}); got != want {
				t.Errorf("after it %+v, want %+v", got, want)
			}
			checkNotices(t, db, size.Notices)
			checkProducts(t, db, size.Products)
			checkOrders(t, db, size)

			summaries, _, err = run(t, old, db, importing.Options{})
			must(t, err)
			for _, s := range summaries[:4] {
				if s.Added != 0 || s.There != s.Read {
					t.Errorf("once more %+v, want all there", s)
				}
			}
			checkNotices(t, db, size.Notices)
			checkOrders(t, db, size)
		})
	})
}

// abortAfterABatch begins an import, and ends it when a batch is written.
func abortAfterABatch(t *testing.T, old *olddatabasetest.Database, db *storage.DB) []importing.Summary {
	t.Helper()
	ctx, abort := context.WithCancel(t.Context())
	defer abort()
	from, err := olddatabase.Open(ctx, old.DSN)
	must(t, err)
	defer from.Close()
	summaries, err := importing.Run(ctx, importing.Options{
		From: from, To: db.Within(10 * time.Minute), Location: shanghai, Clean: market.ContentCleaner(), Report: &strings.Builder{},
		Progress: func(string, int, int) { abort() },
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("an import that was aborted ends with %v", err)
	}
	return summaries
}

// What users did since an import stays as it is.
func TestImportLeavesWhatIsThere(t *testing.T) {
	t.Parallel()
	old, db := olddatabasetest.PostgreSQL(t), storagetest.Open(t)
	old.Fill(t, olddatabasetest.Small)
	old.Insert(t, olddatabase.Users, []any{1180310000, "王凌超", "12.34"})
	all := importing.Options{Accounts: true}
	_, _, err := run(t, old, db, all)
	must(t, err)
	ctx, id := t.Context(), olddatabasetest.OrderID(0)
	must(t, db.SetPurchaseState(ctx, id, storage.PurchasePaying, storage.PurchaseFinish, "wallet"))
	must(t, db.UpdateProperty(ctx, olddatabasetest.NoticeID(0), olddatabasetest.UserID(0), storage.PropertyChange{Title: new("找到了"), UpdateTime: 1}))
	must(t, db.InTx(ctx, func(tx *storage.Tx) error { return tx.SetWealth(ctx, "1180310000", 7) }))

	summaries, report, err := run(t, old, db, all)
	must(t, err)
	if report != "" || slices.ContainsFunc(summaries, func(s importing.Summary) bool { return s.Added != 0 || s.LeftOut != 0 }) {
		t.Errorf("%+v, report %s", summaries, report)
	}
	order, err := db.Purchase(ctx, id)
	must(t, err)
	notices, err := db.Properties(ctx, storage.PropertyFilter{Type: 1, Title: new("找到了")}, storage.Page{})
	must(t, err)
	user, err := db.User(ctx, "1180310000")
	must(t, err)
	if order.PurchaseState != storage.PurchaseFinish || len(notices) != 1 || user.Wealth != 7 {
		t.Errorf("order %+v, notices %+v, user %+v", order, notices, user)
	}
}

// A database with rows of its own is refused, and with Merge they stay as they are.
func TestOtherRowsNeedMerge(t *testing.T) {
	t.Parallel()
	for name, add := range map[string]func(*testing.T, *storage.DB){
		"notice": func(t *testing.T, db *storage.DB) {
			_, err := db.InsertProperty(t.Context(), storage.Property{Type: 1, Title: "自己的"})
			must(t, err)
		},
		"shop": func(t *testing.T, db *storage.DB) {
			must(t, db.InsertShop(t.Context(), storage.Shop{ShopID: 7, ShopName: "店铺0"}))
		},
		"product": func(t *testing.T, db *storage.DB) {
			must(t, db.InsertProduct(t.Context(), storage.Product{ProductID: 7, ProductName: "自己的"}))
		},
		"order": func(t *testing.T, db *storage.DB) {
			must(t, db.InsertPurchase(t.Context(), storage.Purchase{PurchaseID: "7"}))
		},
		"account": func(t *testing.T, db *storage.DB) { must(t, db.InsertUser(t.Context(), storage.User{ID: "7"})) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old, db := olddatabasetest.MariaDB(t), storagetest.Open(t)
			old.Fill(t, olddatabasetest.Small)
			add(t, db)
			_, _, err := run(t, old, db, importing.Options{Accounts: true})
			if !errors.Is(err, importing.ErrOtherRows) {
				t.Fatalf("without merge: %v", err)
			}
			if left, err := db.PurchaseOrigins(t.Context()); err != nil || len(left) > 1 {
				t.Errorf("the refused import left %d orders, %v", len(left), err)
			}
			summaries, report, err := run(t, old, db, importing.Options{Accounts: true, Merge: true})
			must(t, err)
			wantLeftOut := 0
			if name == "shop" {
				wantLeftOut = 1
				diff(t, []string{"shop is left out: shop_name: shop 7 has this name"}, entries(t, report)[10:])
			}
			for _, s := range summaries[:5] {
				if s.Added+s.LeftOut != s.Read || s.Table == "shop" && s.LeftOut != wantLeftOut {
					t.Errorf("with merge %+v", s)
				}
			}
		})
	}
}

// An id that another row has is not taken, and neither is its row touched.
func TestAnotherRowWithTheID(t *testing.T) {
	t.Parallel()
	old, db := olddatabasetest.PostgreSQL(t), storagetest.Open(t)
	old.Insert(t, olddatabase.Property, notice(77, 1, "卡", "旧的", "x"))
	must(t, db.AddProperties(t.Context(), []storage.Property{{ID: 77, Type: 1, Title: "新的"}}))
	_, report, err := run(t, old, db, importing.Options{Merge: true})
	must(t, err)
	diff(t, []string{"property is left out: the new database has another row with this id"}, entries(t, report))
	notices, err := db.Properties(t.Context(), storage.PropertyFilter{Type: 1}, storage.Page{})
	must(t, err)
	if len(notices) != 1 || notices[0].Title != "新的" {
		t.Errorf("notices %+v", notices)
	}
}

// A dry run says what an import would do, and does nothing.
func TestDryRunWritesNothing(t *testing.T) {
	t.Parallel()
	old, db := olddatabasetest.MariaDB(t), storagetest.Open(t)
	for _, row := range slices.Concat(nastyNotices(), nastyShops(), nastyProducts(), nastyOrders(), nastyAccounts()) {
		old.Insert(t, row.table, row.row)
	}
	said, report, err := run(t, old, db, importing.Options{Accounts: true, DryRun: true})
	must(t, err)
	if empty, err := db.Empty(t.Context()); err != nil || !empty {
		t.Errorf("empty %t, %v", empty, err)
	}
	done, reportDone, err := run(t, old, db, importing.Options{Accounts: true})
	must(t, err)
	diff(t, said, done)
	diff(t, report, reportDone)
}

// A notice that is added to the running gateway between two batches takes no id that is
// still to come.
func TestIDsOfNoticesAddedMeanwhile(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		old := olddatabasetest.PostgreSQL(t)
		var rows [][]any
		for id := range 1010 { // ids without a gap
			rows = append(rows, notice(1_500_000_000+id, 1, "卡", "旧的", "x"))
		}
		old.Insert(t, olddatabase.Property, rows...)
		added := false
		summaries, _, err := run(t, old, db, importing.Options{Merge: true, Progress: func(string, int, int) {
			if !added {
				id, err := db.InsertProperty(t.Context(), storage.Property{Type: 2})
				must(t, err)
				added = id > 1_500_001_009
			}
		}})
		must(t, err)
		if !added || summaries[0].Added != 1010 {
			t.Errorf("a notice took an id of the import: %+v", summaries)
		}
	})
}
