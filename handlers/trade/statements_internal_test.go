package trade

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"testing"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// However long a cart or an order is, it is read in few statements: a database that is far
// away answers each in a millisecond.
func TestStatementsOfCartsAndOrders(t *testing.T) {
	t.Parallel()
	server := storagetest.StartMariaDB(t)
	db, err := storage.Open(t.Context(), storage.Options{Driver: "mysql", DSN: server.DSN})
	must(t, err)
	defer func() { must(t, db.Close()) }()
	must(t, db.Migrate(t.Context()))
	asked := selects(t, server.DSN)
	ctx := dispatch.WithCaller(t.Context(), dispatch.Caller{Account: dispatch.Account{User: "1"}})
	wished := fillCart(ctx, t, db)
	deps := Deps{DB: db, Clock: wire.Clock{Now: func() time.Time { return time.Unix(1_000_000, 0) }, Location: time.UTC}, Settings: Settings{BeliPercent: 100}}

	before := asked()
	list, err := cartCalls{deps}.list(ctx, listCart{wire.ListPage{Count: 100}})
	must(t, err)
	if got := asked() - before; got > 2 || len(list.List) != 100 {
		t.Errorf("cart/list: %d statements for %d lines", got, len(list.List))
	}
	before = asked()
	quote, err := orderCalls{deps}.prepare(ctx, prepareOrder{wished})
	must(t, err)
	if got, credit := asked()-before, quote.Orders[0].CreditPrice; got > 8 || len(quote.Orders) < 10 || quote.Beli == 0 || credit == 0 {
		t.Errorf("order/prepare: %d statements for %d orders, %d beli, %s of debt", got, len(quote.Orders), quote.Beli, credit)
	}
}

// selects returns how many statements read something, on the whole server.
func selects(t *testing.T, dsn string) func() (count int) {
	t.Helper()
	pool, err := sql.Open("mysql", dsn)
	must(t, err)
	t.Cleanup(func() { must(t, pool.Close()) })
	return func() (count int) {
		var name string
		must(t, pool.QueryRowContext(t.Context(), "SHOW GLOBAL STATUS LIKE 'Com_select'").Scan(&name, &count))
		return count
	}
}

// fillCart stores a cart of 100 lines from 10 sellers, every tenth of them a course, and a
// record for each shop and two for the market. It returns the wish for 50 of the lines with
// all that costs a statement.
func fillCart(ctx context.Context, t *testing.T, db *storage.DB) (w wish) {
	t.Helper()
	w = wish{UseBeli: true, Deliver: "express"}
	must(t, db.InsertUser(ctx, storage.User{ID: "1"}))
	for shop := range int64(10) {
		name := strconv.FormatInt(shop+2, 10)
		must(t, db.InsertUser(ctx, storage.User{ID: name}))
		must(t, db.InsertShop(ctx, storage.Shop{ShopID: shop + 1, ShopName: name, UserID: name}))
	}
	must(t, db.InTx(ctx, func(tx *storage.Tx) (err error) {
		if _, err = tx.LockProfile(ctx, "1", 1); err == nil {
			err = tx.Move(ctx,
				storage.Move{Kind: storage.LedgerGrant, Currency: storage.Beli, From: storage.PromotionAccount, To: storage.UserAccount("1"), Amount: 99, Time: 1},
				storage.Move{Kind: storage.LedgerCredit, Currency: storage.CNY, From: storage.OutsideAccount, To: storage.CreditAccount("1"), Amount: 1000_00, Time: 1})
		}
		if err == nil {
			w.AddressID, err = tx.InsertAddress(ctx, storage.Address{UserID: "1"})
		}
		for i := int64(0); err == nil && i < 100; i++ {
			err = fillLine(ctx, tx, i, &w)
		}
		return err
	}))
	for i := range int64(12) {
		c := storage.Coupon{CouponValue: 1, ShopID: (i + 1) % 11, Quantity: 1, PerUser: 1, CloseTime: 2_000_000, ValidEnd: 2_000_000}
		var err error
		c.CouponID, err = db.InsertCoupon(ctx, c)
		must(t, err)
		must(t, db.InTx(ctx, func(tx *storage.Tx) error {
			id, err := tx.TakeCoupon(ctx, storage.CouponRecord{UserID: "1", TakeTime: 1_000_000, ValidEnd: 2_000_000, Coupon: c})
			if c.ShopID == 0 {
				w.RecordID = id
			} else if i < 10 {
				w.ShopRecords = append(w.ShopRecords, id)
			}
			return err
		}))
	}
	return w
}

func fillLine(ctx context.Context, tx *storage.Tx, i int64, w *wish) (err error) {
	line := storage.CartLine{UserID: "1", ProductID: 1000 + i, Pieces: 1 + i%9}
	if i%10 == 9 {
		line.Pieces = 1
		if err := tx.InsertCourse(ctx, storage.Course{ProductID: line.ProductID, ShopID: 1 + i%10, Status: storage.ProductUp}, 1); err != nil {
			return err
		}
		if err := tx.SetPricePolicies(ctx, line.ProductID, []storage.PricePolicy{{ValidPeriod: 7, Price: 50_00}}); err != nil {
			return err
		}
		policies, err := tx.PricePolicies(ctx, []int64{line.ProductID})
		if err != nil {
			return err
		}
		line.PolicyID = policies[0].PolicyID
	} else if err := tx.InsertProduct(ctx, storage.Product{ProductID: line.ProductID, ProductPrice: 10_00 + i, ShopID: 1 + i%10, ProductStatus: 1}); err != nil {
		return err
	}
	if i == 0 {
		line.FirstPrice = new(int64(5_00))
		if err := tx.SetProductTerms(ctx, line.ProductID, storage.ProductTerms{FirstPrice: line.FirstPrice}); err != nil {
			return err
		}
	}
	if line.CartID, err = tx.InsertCartLine(ctx, line); err == nil && i < 50 {
		w.CartItems = append(w.CartItems, wishedLine{CartID: line.CartID})
	}
	return err
}

// A commit and a payment are few statements: a database that is far away answers each in a
// millisecond.
func TestStatementsOfOrders(t *testing.T) {
	t.Parallel()
	server := storagetest.StartMariaDB(t)
	db, err := storage.Open(t.Context(), storage.Options{Driver: "mysql", DSN: server.DSN})
	must(t, err)
	defer func() { must(t, db.Close()) }()
	must(t, db.Migrate(t.Context()))
	checker, err := words.New("", strings.NewReader(""))
	must(t, err)
	o := orderCalls{Deps{
		DB: db, Words: checker, Settings: Settings{BeliPercent: 100, Periods: testPeriods},
		Clock: wire.Clock{Now: func() time.Time { return time.Unix(1_000_000, 0) }, Location: time.UTC},
	}}
	ctx := dispatch.WithCaller(t.Context(), dispatch.Caller{Account: dispatch.Account{User: "1"}})
	fillOffer(ctx, t, db)
	count := statements(t, server.DSN)
	for _, c := range []struct {
		name, deliver string
		commit        int
	}{
		{"the first, which makes the profile with 5", "face", 14},
		{"to be handed over", "face", 9},
		{"by express", "express", 10},
	} {
		w := wish{Items: []wishedItem{{ProductID: 7, ProductNum: 1}}, Deliver: c.deliver}
		if c.deliver == "express" {
			w.AddressID = 1
		}
		var made committedOrder
		if got := count(func() { made, err = o.commit(ctx, commitOrder{wish: w, PayPrice: 10_00}) }); err != nil || got > c.commit {
			t.Errorf("%s: order/commit: %d statements, want at most %d; %v", c.name, got, c.commit, err)
		}
		paid := payOrder{PayID: made.PayID, payWay: payWay{Method: payByWallet}}
		if got := count(func() { _, err = o.pay(ctx, paid) }); err != nil || got > 8 {
			t.Errorf("%s: order/pay: %d statements, want at most 8; %v", c.name, got, err)
		}
	}
}

// statements returns how many statements something takes that read or write rows, on the
// whole server.
func statements(t *testing.T, dsn string) func(do func()) int {
	t.Helper()
	pool, err := sql.Open("mysql", dsn)
	must(t, err)
	t.Cleanup(func() { must(t, pool.Close()) })
	read := func() (sum int) {
		rows, err := pool.QueryContext(t.Context(), "SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_select', 'Com_insert', 'Com_update', 'Com_delete', 'Com_replace')")
		must(t, err)
		defer func() { must(t, rows.Close()) }()
		for rows.Next() {
			var name string
			var count int
			must(t, rows.Scan(&name, &count))
			sum += count
		}
		must(t, rows.Err())
		return sum
	}
	return func(do func()) int {
		before := read()
		do()
		return read() - before
	}
}

// fillOffer stores the user 1, who has an address and money, and goods of the user 2.
func fillOffer(ctx context.Context, t *testing.T, db *storage.DB) {
	t.Helper()
	must(t, db.InsertUser(ctx, storage.User{ID: "1", Wealth: 1000_00}))
	must(t, db.InsertUser(ctx, storage.User{ID: "2"}))
	must(t, db.InsertShop(ctx, storage.Shop{ShopID: 3, ShopName: "shop", UserID: "2"}))
	must(t, db.InsertProduct(ctx, storage.Product{ProductID: 7, ProductPrice: 10_00, ShopID: 3, ProductStatus: 1}))
	must(t, db.InTx(ctx, func(tx *storage.Tx) error {
		if err := tx.SetProductTerms(ctx, 7, storage.ProductTerms{Stock: new(int64(9))}); err != nil {
			return err
		}
		_, err := tx.InsertAddress(ctx, storage.Address{UserID: "1"})
		return err
	}))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
