package storage_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

func insertPurchase(t *testing.T, db *storage.DB, p storage.Purchase) {
	t.Helper()
	if err := db.InsertPurchase(t.Context(), p); err != nil {
		t.Fatal(err)
	}
}

func TestPurchase(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		want := storage.Purchase{
			PurchaseID: "05749511524517733", PurchaseState: storage.PurchasePaying, UserID: "12",
			PurchaseType: 1, PurchasePrice: 20300, CreatTime: 5, PayMethod: "m",
			ProductID: 1000001, ProductNum: 2, ProductUnitprice: 10150, ProductTotalprice: 20300,
		}
		insertPurchase(t, db, want)
		got, err := db.Purchase(ctx, want.PurchaseID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Purchase (-want +got):\n%s", diff)
		}
		if err := db.InsertPurchase(ctx, want); !errors.Is(err, storage.ErrConflict) {
			t.Errorf("the same id again: %v, want ErrConflict", err)
		}
		for _, id := range []string{"", "5749511524517733", want.PurchaseID + " ", "05749511524517734"} {
			if _, err := db.Purchase(ctx, id); !errors.Is(err, storage.ErrNotFound) {
				t.Errorf("Purchase(%q): %v, want ErrNotFound", id, err)
			}
		}
	})
}

func TestPurchaseChangesStateOnce(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		const id = "15749511524517733"
		insertPurchase(t, db, storage.Purchase{PurchaseID: id, PurchaseState: storage.PurchasePaying})
		if err := db.SetPurchaseState(ctx, id, storage.PurchasePaying, storage.PurchaseFinish, "wallet"); err != nil {
			t.Fatal(err)
		}
		if err := db.SetPurchaseState(ctx, id, storage.PurchasePaying, storage.PurchaseCancel, ""); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("cancel after the payment: %v, want ErrNotFound", err)
		}
		got, err := db.Purchase(ctx, id)
		if err != nil || got.PurchaseState != storage.PurchaseFinish || got.PayMethod != "wallet" {
			t.Errorf("Purchase = %+v, %v; want it finished by wallet", got, err)
		}
	})
}

func TestPurchases(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		for i, p := range []storage.Purchase{
			{UserID: "12", CreatTime: 10},
			{UserID: "12", CreatTime: 20},
			{UserID: "13", CreatTime: 30},
			{UserID: "12", CreatTime: 20},
			{UserID: "12", CreatTime: 15},
		} {
			p.PurchaseID = strconv.Itoa(i)
			insertPurchase(t, db, p)
		}
		tests := []struct {
			name   string
			userID string
			page   storage.Page
			want   []string
			total  int64
		}{
			{"newest first, then the later order", "12", storage.Page{}, []string{"3", "1", "4", "0"}, 4},
			{"first page", "12", storage.Page{Limit: 3}, []string{"3", "1", "4"}, 4},
			{"last page", "12", storage.Page{Limit: 3, Offset: 3}, []string{"0"}, 4},
			{"past the end", "12", storage.Page{Limit: 3, Offset: 6}, []string{}, 4},
			{"another user", "13", storage.Page{}, []string{"2"}, 1},
			{"no orders", "012", storage.Page{}, []string{}, 0},
			{"no orders, paged", "012", storage.Page{Limit: 3}, []string{}, 0},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				list, total, err := db.Purchases(t.Context(), test.userID, test.page)
				if err != nil {
					t.Fatal(err)
				}
				ids := []string{}
				for _, p := range list {
					ids = append(ids, p.PurchaseID)
				}
				if diff := cmp.Diff(test.want, ids); diff != "" || total != test.total {
					t.Errorf("total %d, want %d; ids (-want +got):\n%s", total, test.total, diff)
				}
			})
		}
	})
}

var errPoor = errors.New("balance is not enough")

// pay is what a handler does to pay an order of one piece.
func pay(ctx context.Context, db *storage.DB, id string) error {
	return db.InTx(ctx, func(tx *storage.Tx) error {
		order, err := tx.Purchase(ctx, id)
		if err != nil {
			return err
		}
		wealth, err := tx.LockWealth(ctx, order.UserID)
		if err != nil {
			return err
		}
		if wealth < order.PurchasePrice {
			return errPoor
		}
		if err := tx.SetWealth(ctx, order.UserID, wealth-order.PurchasePrice); err != nil {
			return err
		}
		if err := tx.SetPurchaseState(ctx, id, storage.PurchasePaying, storage.PurchaseFinish, "wallet"); err != nil {
			return err
		}
		return tx.AddSale(ctx, order.ProductID, order.ProductNum)
	})
}

func TestConcurrentPaymentsNeverOverdraw(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		const orders, price, affordable, change = 200, 123, 81, 37
		insertUser(t, db, storage.User{ID: "12", Wealth: affordable*price + change})
		bought := product()
		insertProduct(t, db, bought)
		for i := range orders {
			insertPurchase(t, db, storage.Purchase{
				PurchaseID: strconv.Itoa(i), PurchaseState: storage.PurchasePaying, UserID: "12",
				PurchasePrice: price, ProductID: bought.ProductID, ProductNum: 1,
			})
		}

		var paid atomic.Int64
		var group sync.WaitGroup
		for i := range orders {
			group.Go(func() {
				switch err := pay(ctx, db, strconv.Itoa(i)); {
				case err == nil:
					paid.Add(1)
				case !errors.Is(err, errPoor):
					t.Error(err)
				}
			})
		}
		group.Wait()

		if paid.Load() != affordable {
			t.Errorf("%d payments succeeded, want %d", paid.Load(), affordable)
		}
		if u, err := db.User(ctx, "12"); err != nil || u.Wealth != change {
			t.Errorf("%d fen left, %v; want %d", u.Wealth, err, change)
		}
		bought.ProductSale += affordable
		wantProduct(t, db, bought)
		list, _, err := db.Purchases(ctx, "12", storage.Page{})
		if err != nil {
			t.Fatal(err)
		}
		finished := 0
		for _, p := range list {
			if p.PurchaseState == storage.PurchaseFinish && p.PayMethod == "wallet" {
				finished++
			}
		}
		if finished != affordable {
			t.Errorf("%d orders are finished, want %d", finished, affordable)
		}
	})
}

func TestOneOrderIsPaidOnce(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		insertUser(t, db, storage.User{ID: "12", Wealth: 1000})
		insertPurchase(t, db, storage.Purchase{
			PurchaseID: "1", PurchaseState: storage.PurchasePaying, UserID: "12", PurchasePrice: 300,
		})
		var paid atomic.Int64
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				switch err := pay(ctx, db, "1"); {
				case err == nil:
					paid.Add(1)
				case !errors.Is(err, storage.ErrNotFound) && !errors.Is(err, errPoor):
					t.Error(err)
				}
			})
		}
		group.Wait()
		u, err := db.User(ctx, "12")
		if err != nil || paid.Load() != 1 || u.Wealth != 700 {
			t.Errorf("paid %d times, %d fen left, %v; want once, 700", paid.Load(), u.Wealth, err)
		}
	})
}
