package storage_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

func TestInTxIsAllOrNothing(t *testing.T) {
	t.Parallel()
	errStop := errors.New("stop")
	tests := []struct {
		name string
		end  func() error
		want int64 // shops
	}{
		{"nil commits", func() error { return nil }, 2},
		{"an error rolls back", func() error { return errStop }, 0},
		{"a panic rolls back", func() error { panic(errStop) }, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			storagetest.Each(t, func(t *testing.T, db *storage.DB) {
				ctx := t.Context()
				func() {
					defer func() {
						if value := recover(); value != nil && value != any(errStop) {
							panic(value)
						}
					}()
					err := db.InTx(ctx, func(tx *storage.Tx) error {
						for id, name := range map[int64]string{1: "a", 2: "b"} {
							if err := tx.InsertShop(ctx, storage.Shop{ShopID: id, ShopName: name, UserID: "12"}); err != nil {
								t.Error(err)
							}
						}
						if count, err := tx.ShopCount(ctx, "12"); err != nil || count != 2 {
							t.Errorf("inside: %d shops, %v; want its own 2", count, err)
						}
						if count, err := db.ShopCount(ctx, "12"); err != nil || count != 0 {
							t.Errorf("outside: %d shops, %v; want none yet", count, err)
						}
						return test.end()
					})
					if err != nil && !errors.Is(err, errStop) {
						t.Error(err)
					}
				}()
				if count, err := db.ShopCount(ctx, "12"); err != nil || count != test.want {
					t.Errorf("afterwards: %d shops, %v; want %d", count, err, test.want)
				}
			})
		})
	}
}

// A conflict ends the statement, not the transaction.
func TestInTxGoesOnAfterAConflict(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		insertShop(t, db, storage.Shop{ShopID: 1, ShopName: "a", UserID: "12"})
		err := db.InTx(ctx, func(tx *storage.Tx) error {
			if err := tx.InsertShop(ctx, storage.Shop{ShopID: 1, ShopName: "b"}); !errors.Is(err, storage.ErrConflict) {
				t.Errorf("a taken id: %v, want ErrConflict", err)
			}
			return tx.InsertShop(ctx, storage.Shop{ShopID: 2, ShopName: "b", UserID: "12"})
		})
		if count, countErr := db.ShopCount(ctx, "12"); err != nil || countErr != nil || count != 2 {
			t.Errorf("%d shops, %v, %v; want 2", count, err, countErr)
		}
	})
}

func TestQueriesThatAreTransactionsJoinOne(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		want := product()
		insertProduct(t, db, want)
		errStop := errors.New("stop")
		err := db.InTx(ctx, func(tx *storage.Tx) error {
			if err := tx.AddClicks(ctx, map[int64]int64{want.ProductID: 1}); err != nil {
				t.Error(err)
			}
			return errStop
		})
		if !errors.Is(err, errStop) {
			t.Error(err)
		}
		wantProduct(t, db, want)
	})
}

// The test's context has no deadline; the transaction ends all the same.
func TestTimeoutEndsATransaction(t *testing.T) {
	t.Parallel()
	for driver, dsn := range map[string]func(t testing.TB) string{
		"sqlite": func(t testing.TB) string { t.Helper(); return filepath.Join(t.TempDir(), "a.db") },
		"mysql":  storagetest.MariaDB,
	} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			options := storage.Options{Driver: driver, DSN: dsn(t)}
			openFile(t, options)
			options.Timeout = time.Second
			db := openOnly(t, options)
			ctx := t.Context()
			err := db.InTx(ctx, func(tx *storage.Tx) error {
				if err := tx.InsertShop(ctx, storage.Shop{ShopID: 1, ShopName: "a", UserID: "12"}); err != nil {
					return err
				}
				for {
					if _, err := tx.ShopCount(ctx, "12"); err != nil {
						return err
					}
				}
			})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("InTx: %v, want DeadlineExceeded", err)
			}
			if count, err := db.ShopCount(ctx, "12"); err != nil || count != 0 {
				t.Errorf("afterwards: %d shops, %v; want none", count, err)
			}
			insertShop(t, db, storage.Shop{ShopID: 2, ShopName: "b", UserID: "12"})
		})
	}
}

func TestCancelledContext(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := db.InsertProperty(ctx, notice()); !errors.Is(err, context.Canceled) {
			t.Errorf("InsertProperty: %v, want Canceled", err)
		}
		if _, err := db.ShopCount(ctx, "12"); !errors.Is(err, context.Canceled) {
			t.Errorf("ShopCount: %v, want Canceled", err)
		}
		err := db.InTx(ctx, func(*storage.Tx) error { t.Error("ran"); return nil })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("InTx: %v, want Canceled", err)
		}
	})
}
