package storage_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// inCart adds lines and returns them with their ids.
func inCart(t *testing.T, db *storage.DB, lines ...storage.CartLine) []storage.CartLine {
	t.Helper()
	must(t, db.InTx(t.Context(), func(tx *storage.Tx) (err error) {
		for i := range lines {
			if lines[i].CartID, err = tx.InsertCartLine(t.Context(), lines[i]); err != nil {
				return err
			}
		}
		return nil
	}))
	return lines
}

func TestCartLines(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		lines := inCart(t, db,
			storage.CartLine{UserID: "12", ProductID: 7, Pieces: 2, AddedPrice: 10_00},
			storage.CartLine{UserID: "12", ProductID: 8, PolicyID: 1, Pieces: 1, FirstPrice: new(int64(5)), AddedPrice: 6},
			storage.CartLine{UserID: "12", ProductID: 8, PolicyID: 2, Pieces: 1},
			storage.CartLine{UserID: "012", ProductID: 7, Pieces: 999, AddedPrice: 9},
		)
		change := func(fn func(*storage.Tx) error) error { return db.InTx(ctx, fn) }
		want := func(user string, want ...storage.CartLine) {
			t.Helper()
			got, last, err := db.CartLinesAfter(ctx, user, 0)
			must(t, err)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("cart of %s (-want +got):\n%s", user, diff)
			}
			var pieces int64
			for _, line := range want {
				pieces += line.Pieces
				last -= line.CartID
			}
			if lines, counted, err := db.CartCount(ctx, user); err != nil || lines != int64(len(want)) || counted != pieces {
				t.Errorf("cart of %s: %d lines, %d pieces, %v", user, lines, counted, err)
			}
		}
		want("12", lines[:3]...)
		want("012", lines[3])
		want("13")
		for _, c := range []struct {
			user            string
			product, policy int64
			want            int
		}{{"12", 7, 0, 0}, {"12", 8, 2, 2}, {"012", 7, 0, 3}, {"12", 7, 1, -1}, {"12", 8, 0, -1}, {"13", 7, 0, -1}} {
			got, err := db.CartLineOf(ctx, c.user, c.product, c.policy)
			if c.want < 0 && !errors.Is(err, storage.ErrNotFound) || c.want >= 0 && !cmp.Equal(got, lines[c.want]) {
				t.Errorf("line of %v: %v, %v", c, got, err)
			}
		}
		found, err := db.CartLines(ctx, "12", []int64{lines[2].CartID, lines[3].CartID, lines[0].CartID, 99, lines[0].CartID})
		byID := cmpopts.SortSlices(func(a, b storage.CartLine) bool { return a.CartID < b.CartID })
		if diff := cmp.Diff([]storage.CartLine{lines[0], lines[2]}, found, byID); diff != "" || err != nil {
			t.Errorf("lines by ids: %v\n%s", err, diff)
		}

		again := change(func(tx *storage.Tx) error { _, err := tx.InsertCartLine(ctx, lines[1]); return err })
		if !errors.Is(again, storage.ErrConflict) {
			t.Errorf("a second line: %v", again)
		}
		moved := lines[1]
		moved.PolicyID = 2
		if err := change(func(tx *storage.Tx) error { return tx.UpdateCartLine(ctx, moved) }); !errors.Is(err, storage.ErrConflict) {
			t.Errorf("a second line by an update: %v", err)
		}
		lines[1].PolicyID, lines[1].FirstPrice, lines[1].Pieces, lines[1].AddedPrice = 3, nil, 4, 5
		must(t, change(func(tx *storage.Tx) error { return tx.UpdateCartLine(ctx, lines[1]) }))
		stolen := lines[3]
		stolen.UserID = "12"
		if err := change(func(tx *storage.Tx) error { return tx.UpdateCartLine(ctx, stolen) }); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("another's line: %v", err)
		}
		want("12", lines[:3]...)

		for _, ids := range [][]int64{{99}, {lines[3].CartID}, {lines[0].CartID, lines[3].CartID}, {lines[0].CartID, 99}} {
			if err := change(func(tx *storage.Tx) error { return tx.DeleteCartLines(ctx, "12", ids) }); !errors.Is(err, storage.ErrNotFound) {
				t.Errorf("delete %d: %v", ids, err)
			}
		}
		want("12", lines[:3]...)
		must(t, change(func(tx *storage.Tx) error { return tx.DeleteCartLines(ctx, "12", nil) }))
		must(t, change(func(tx *storage.Tx) error {
			return tx.DeleteCartLines(ctx, "12", []int64{lines[2].CartID, lines[0].CartID})
		}))
		want("12", lines[1])
		must(t, change(func(tx *storage.Tx) error { return tx.EraseCart(ctx, "12") }))
		want("12")
		want("012", lines[3])
	})
}

// A cart shows its lines with what they are of, the newest first, and whether the seller
// may sell.
func TestCartRows(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		for _, user := range []storage.User{{ID: "12", Name: "Zhao"}, {ID: "13", Name: "Qian"}} {
			insertUser(t, db, user)
		}
		must(t, db.InsertShop(ctx, storage.Shop{ShopID: 1, ShopName: "s", UserID: "13"}))
		must(t, db.InsertProduct(ctx, storage.Product{ProductID: 7, ProductName: "a", ProductPrice: 5, ShopID: 1, ProductStatus: 1}))
		must(t, db.InTx(ctx, func(tx *storage.Tx) error {
			if err := tx.SetProductTerms(ctx, 7, storage.ProductTerms{Stock: new(int64(3)), FirstPrice: new(int64(2))}); err != nil {
				return err
			}
			return tx.InsertCourse(ctx, storage.Course{ProductID: 8, Name: "b", UserID: "12", Status: storage.ProductUp}, 1)
		}))
		lines := inCart(t, db, storage.CartLine{UserID: "12", ProductID: 7, Pieces: 2}, storage.CartLine{UserID: "12", ProductID: 8, PolicyID: 1, Pieces: 1},
			storage.CartLine{UserID: "13", ProductID: 8, Pieces: 1})
		goods := storage.SaleProduct{
			MarketProduct: storage.MarketProduct{ProductID: 7, Name: "a", Price: 5, ShopID: 1, ShopName: "s", UserID: "13", UserName: "Qian", Stock: new(int64(3)), Status: 1},
			FirstPrice:    new(int64(2)), SellerActive: true,
		}
		course := storage.SaleProduct{
			MarketProduct: storage.MarketProduct{ProductID: 8, Type: storage.TypeCourse, Name: "b", UserID: "12", UserName: "Zhao", CreatTime: 1, UpdateTime: 1, Status: 1},
			SellerActive:  true,
		}
		want := func(user string, page storage.Page, total int64, want ...storage.CartRow) {
			t.Helper()
			got, counted, err := db.CartRows(ctx, user, page)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err != nil || counted != total {
				t.Errorf("cart of %s: %d, %v (-want +got):\n%s", user, counted, err, diff)
			}
		}
		all := []storage.CartRow{{Line: lines[1], Product: course}, {Line: lines[0], Product: goods}}
		want("12", storage.Page{Limit: 9}, 2, all...)
		want("12", storage.Page{Limit: 1, Offset: 1}, 2, all[1])
		want("12", storage.Page{Limit: 1, Offset: 2}, 2)
		want("14", storage.Page{Limit: 9}, 0)

		for state, active := range map[int64]bool{
			storage.ProfileActive: true, storage.ProfileFrozen: false, storage.ProfileDeleted: false, storage.ProfileDeletedFrozen: false,
		} {
			must(t, changeProfile(ctx, db, "13", func(p *storage.Profile) { p.State = state }))
			found, err := db.SaleProducts(ctx, []int64{7, 8, 99})
			must(t, err)
			for _, product := range found {
				if want := active || product.ProductID == 8; product.SellerActive != want || product.OnSale() != want {
					t.Errorf("product %d of a seller in state %d: on sale %t", product.ProductID, state, product.OnSale())
				}
			}
			if len(found) != 2 {
				t.Errorf("%d products", len(found))
			}
		}
	})
}

func TestPricePolicies(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		insertCourse(t, db, 7, "12", storage.CourseUp)
		insertCourse(t, db, 6, "12", storage.CourseUp)
		set := func(product int64, policies ...storage.PricePolicy) {
			t.Helper()
			must(t, db.InTx(ctx, func(tx *storage.Tx) error { return tx.SetPricePolicies(ctx, product, policies) }))
		}
		want := func(products []int64, want ...storage.PricePolicy) {
			t.Helper()
			got, err := db.PricePolicies(ctx, products)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
				t.Errorf("policies of %d: %v (-want +got):\n%s", products, err, diff)
			}
		}
		set(7, storage.PricePolicy{ValidPeriod: 30, Price: 100, Default: true}, storage.PricePolicy{ValidPeriod: 7, Price: 0})
		set(6, storage.PricePolicy{ValidPeriod: 7, Price: 1})
		month, week := storage.PricePolicy{PolicyID: 1, ProductID: 7, ValidPeriod: 30, Price: 100, Default: true}, storage.PricePolicy{PolicyID: 2, ProductID: 7, ValidPeriod: 7}
		other := storage.PricePolicy{PolicyID: 3, ProductID: 6, ValidPeriod: 7, Price: 1}
		want([]int64{7, 6, 5}, other, week, month)
		want(nil)
		want([]int64{5})
		set(7, storage.PricePolicy{ValidPeriod: 1, Price: 9}, storage.PricePolicy{ValidPeriod: 30, Price: 90})
		month.Price, month.Default = 90, false
		want([]int64{7}, storage.PricePolicy{PolicyID: 4, ProductID: 7, ValidPeriod: 1, Price: 9}, month)
		set(7)
		want([]int64{7, 6}, other)
	})
}

// Records for a basket are the user's that can be used now, for what is in it.
func TestRecordsFor(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		take := func(user string, product, shop int64) int64 {
			t.Helper()
			c := addCoupon(t, db, func(c *storage.Coupon) { c.ProductID, c.ShopID, c.PerUser = product, shop, 9 })
			id, err := takeCoupon(t, db, c.CouponID, user, couponNow)
			must(t, err)
			return id
		}
		market, ofProduct, ofShop := take("1", 0, 0), take("1", 7, 0), take("1", 0, 3)
		take("1", 8, 0)
		take("1", 0, 4)
		hers, held := take("01", 0, 0), take("1", 0, 0)
		must(t, db.InTx(ctx, func(tx *storage.Tx) error { return tx.HoldRecords(ctx, "1", []int64{held}, "A", couponNow) }))
		records, err := db.RecordsFor(ctx, "1", nil, nil, couponNow)
		must(t, err)
		begin, end := records[0].ValidBegin, records[0].ValidEnd
		for _, c := range []struct {
			user            string
			products, shops []int64
			now             int64
			want            []int64
		}{
			{"1", []int64{7, 9}, []int64{3}, couponNow, []int64{market, ofProduct, ofShop}},
			{"1", []int64{7}, nil, couponNow, []int64{market, ofProduct}},
			{"1", nil, []int64{3}, begin, []int64{market, ofShop}},
			{"1", nil, nil, end - 1, []int64{market}},
			{"1", []int64{7}, []int64{3}, begin - 1, nil},
			{"1", []int64{7}, []int64{3}, end, nil},
			{"01", []int64{7}, []int64{3}, couponNow, []int64{hers}},
			{"2", []int64{7}, []int64{3}, couponNow, nil},
		} {
			records, err := db.RecordsFor(ctx, c.user, c.products, c.shops, c.now)
			must(t, err)
			var got []int64
			for _, record := range records {
				got = append(got, record.RecordID)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%v (-want +got):\n%s", c, diff)
			}
		}
	})
}

func TestAddress(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := context.WithoutCancel(t.Context())
		want := storage.Address{UserID: "12", Name: "n", Phone: "13700007010", Address: "a"}
		must(t, db.InTx(ctx, func(tx *storage.Tx) (err error) {
			want.AddressID, err = tx.InsertAddress(ctx, want)
			return err
		}))
		if got, err := db.Address(ctx, want.AddressID, "12"); err != nil || got != want {
			t.Errorf("%+v, %v", got, err)
		}
		for user, id := range map[string]int64{"012": want.AddressID, "12": want.AddressID + 1} {
			if _, err := db.Address(ctx, id, user); !errors.Is(err, storage.ErrNotFound) {
				t.Errorf("address %d of %s: %v", id, user, err)
			}
		}
	})
}
