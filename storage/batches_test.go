package storage_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// readAll reads a list to its end, as an export does, and names what it finds.
func readAll[Row, Place any](t *testing.T, next func(after Place) ([]Row, Place, error), name func(Row) string) (names []string) {
	t.Helper()
	var after Place
	for batches := 0; ; batches++ {
		rows, last, err := next(after)
		must(t, err)
		if len(rows) == 0 {
			if batches < 2 {
				t.Errorf("%d batches: the list is too short to test them", batches)
			}
			return names
		}
		for _, row := range rows {
			names = append(names, name(row))
		}
		after = last
	}
}

// Lists that are read in batches have each row of the user once, in order, and no other's,
// whatever is equal in them.
func TestBatches(t *testing.T) {
	t.Parallel()
	const count = 120 // of each of two users
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		id := func(number int64) string { return strconv.FormatInt(number, 10) }
		var notices, answered, products, orders, named, coupons, taken []string
		for i := range 2 * count {
			user := strconv.Itoa(12 + i%2)
			p := storage.Property{Type: 1 + int64(i)%2, UserID: user, User2ID: strconv.Itoa(13 - i%2), Title: strconv.Itoa(i)}
			p = insertProperty(t, db, p)
			insertProduct(t, db, storage.Product{ProductID: int64(i), ShopID: int64(12 + i%2), ProductStatus: int64(i/2) % 2})
			order := fmt.Sprintf("%017d", 2*count-i)
			insertPurchase(t, db, storage.Purchase{PurchaseID: order, UserID: user, CreatTime: int64(i / 100)})
			source, name := []string{"product", "shop"}[i*2/(2*count)], fmt.Sprintf("%03d", i)
			_, err := db.ClaimPicture(ctx, source, name, user, true)
			must(t, err)
			coupon := addCoupon(t, db, func(c *storage.Coupon) { c.PayerID = user })
			record, err := takeCoupon(t, db, coupon.CouponID, user, couponNow)
			must(t, err)
			if user == "12" {
				coupons, taken = append(coupons, id(coupon.CouponID)), append(taken, id(record))
				notices, orders, named = append(notices, id(p.ID)), append(orders, order), append(named, source+name)
				if i/2%2 == 0 {
					products = append(products, strconv.Itoa(i))
				}
			} else {
				answered = append(answered, id(p.ID))
			}
		}
		property := func(p storage.Property) string { return id(p.ID) }
		for name, lists := range map[string][2][]string{
			"PropertiesAfter": {notices, readAll(t, func(after int64) ([]storage.Property, int64, error) {
				return db.PropertiesAfter(ctx, "12", after)
			}, property)},
			"AnsweredPropertiesAfter": {answered, readAll(t, func(after int64) ([]storage.Property, int64, error) {
				return db.AnsweredPropertiesAfter(ctx, "12", after)
			}, property)},
			"ProductsAfter": {products, readAll(t, func(after int64) ([]storage.Product, int64, error) {
				return db.ProductsAfter(ctx, 12, storage.ProductDown, after)
			}, func(p storage.Product) string { return id(p.ProductID) })},
			"PurchasesAfter": {orders, readAll(t, func(after storage.PurchaseCursor) ([]storage.Purchase, storage.PurchaseCursor, error) {
				return db.PurchasesAfter(ctx, "12", after)
			}, func(p storage.Purchase) string { return p.PurchaseID })},
			"PicturesAfter": {named, readAll(t, func(after storage.PictureName) ([]storage.PictureName, storage.PictureName, error) {
				return db.PicturesAfter(ctx, "12", after)
			}, func(p storage.PictureName) string { return p.Source + p.Name })},
			"CouponsAfter": {coupons, readAll(t, func(after int64) ([]storage.Coupon, int64, error) {
				return db.CouponsAfter(ctx, "12", after)
			}, func(c storage.Coupon) string { return id(c.CouponID) })},
			"CouponRecordsAfter": {taken, readAll(t, func(after int64) ([]storage.CouponRecord, int64, error) {
				return db.CouponRecordsAfter(ctx, "12", after)
			}, func(r storage.CouponRecord) string { return id(r.RecordID) })},
		} {
			if diff := cmp.Diff(lists[0], lists[1]); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}

// What a deleted account leaves to others is without its name and contact.
func TestEraseContact(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		full := storage.Property{
			Type: 1, Title: "card", UserID: "12", UserName: "Wang", UserPhone: "137", UserQQ: "893",
			User2ID: "13", User2Name: "Zhao", User2Phone: "138", User2QQ: "894",
		}
		turned := full
		turned.UserID, turned.User2ID = full.User2ID, full.UserID
		full, turned = insertProperty(t, db, full), insertProperty(t, db, turned)
		must(t, db.InTx(ctx, func(tx *storage.Tx) error { return tx.EraseContact(ctx, "12", "gone") }))
		full.UserName, full.UserPhone, full.UserQQ = "gone", "", ""
		turned.User2Name, turned.User2Phone, turned.User2QQ = "gone", "", ""
		got, err := db.Properties(ctx, storage.PropertyFilter{Type: 1}, storage.Page{})
		must(t, err)
		if diff := cmp.Diff([]storage.Property{turned, full}, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

// An order is open for its buyer and for the owner of its product's shop, until it is
// paid or cancelled.
func TestHasOpenPurchases(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		insertShop(t, db, storage.Shop{ShopID: 1, ShopName: "a", UserID: "12"})
		insertProduct(t, db, storage.Product{ProductID: 7, ShopID: 1, ProductStatus: storage.ProductUp})
		insertProduct(t, db, storage.Product{ProductID: 8, ShopID: 2, ProductStatus: storage.ProductUp})
		want := func(when string, open ...string) {
			t.Helper()
			for _, user := range []string{"12", "13", "14"} {
				got, err := db.HasOpenPurchases(ctx, user)
				must(t, err)
				if wanted := slices.Contains(open, user); got != wanted {
					t.Errorf("%s: user %s has open orders: %t, want %t", when, user, got, wanted)
				}
			}
		}
		want("no order")
		insertPurchase(t, db, storage.Purchase{PurchaseID: "1", UserID: "13", ProductID: 7, PurchaseState: storage.PurchasePaying})
		want("one that waits", "12", "13")
		must(t, db.SetPurchaseState(ctx, "1", storage.PurchasePaying, storage.PurchaseCancel, ""))
		insertPurchase(t, db, storage.Purchase{PurchaseID: "2", UserID: "14", ProductID: 7, PurchaseState: storage.PurchaseFinish})
		want("closed ones")
		insertPurchase(t, db, storage.Purchase{PurchaseID: "3", UserID: "14", ProductID: 8, PurchaseState: storage.PurchasePaying})
		want("one of another shop", "14")
	})
}

func TestWithdrawProducts(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		var want []int64
		for i, p := range []storage.Product{
			{ShopID: 1, ProductStatus: storage.ProductUp},
			{ShopID: 1, ProductStatus: storage.ProductDeleted},
			{ShopID: 1, ProductStatus: storage.ProductDown},
			{ShopID: 2, ProductStatus: storage.ProductUp},
		} {
			p.ProductID = int64(i)
			insertProduct(t, db, p)
			want = append(want, p.ProductStatus)
		}
		want[0] = storage.ProductDown
		must(t, db.InTx(ctx, func(tx *storage.Tx) error { return tx.WithdrawProducts(ctx, 1, 99) }))
		products, err := db.Products(ctx, storage.ProductFilter{}, nil, storage.Page{})
		must(t, err)
		for i, p := range products {
			if p.ProductStatus != want[i] || (p.UpdateTime == 99) != (i == 0) {
				t.Errorf("product %d has status %d, want %d; changed at %d", i, p.ProductStatus, want[i], p.UpdateTime)
			}
		}
	})
}

func TestFrozenPhone(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx, hash := t.Context(), []byte{1, 2, 3}
		for state, frozen := range []bool{storage.ProfileActive: false, storage.ProfileFrozen: false, storage.ProfileDeleted: false, storage.ProfileDeletedFrozen: true} {
			must(t, changeProfile(ctx, db, "12", func(p *storage.Profile) { p.State, p.PhoneHash = int64(state), hash }))
			if got, err := db.FrozenPhone(ctx, hash); got != frozen || err != nil {
				t.Errorf("state %d: frozen %t, %v", state, got, err)
			}
			if got, err := db.FrozenPhone(ctx, []byte{1, 2}); got || err != nil {
				t.Errorf("another phone in state %d: frozen %t, %v", state, got, err)
			}
		}
	})
}
