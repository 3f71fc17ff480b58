package storage_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// filled sets every field of a struct to another value than zero.
func filled(row any) {
	v := reflect.ValueOf(row).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			f.SetString(fmt.Sprint("text ", i))
		case reflect.Int64:
			f.SetInt(int64(1000 + i))
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Slice:
			if f.Type().Elem().Kind() == reflect.Int64 {
				f.Set(reflect.ValueOf([]int64{int64(i), 7}))
			} else {
				f.SetBytes([]byte{byte(i), 0})
			}
		default:
			panic(f.Kind())
		}
	}
}

// Every field of every table of orders is stored and read, and what an update writes is all
// that may change.
func TestOrderTables(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		var order storage.Order
		filled(&order)
		order.OrderID, order.PayID, order.State = "15749511520000101", "15749511520000100", "paying"
		var line storage.OrderLine
		filled(&line)
		line.OrderID = order.OrderID
		var step storage.OrderStep
		filled(&step)
		step.OrderID = order.OrderID
		var refund storage.OrderRefund
		filled(&refund)
		refund.OrderID = order.OrderID
		payment := storage.Payment{
			PayID: order.PayID, Purpose: storage.PayOrders, UserID: "12", OrderID: "o", State: storage.PaymentWaiting, Price: 1, Method: "m",
			CashierKeyHash: []byte("hash"), ExpireTime: 2, CreatTime: 3,
		}
		must(t, db.InTx(ctx, func(tx *storage.Tx) error {
			return errors.Join(tx.InsertPayment(ctx, payment), tx.InsertOrders(ctx, []storage.Order{order}),
				tx.InsertOrderLines(ctx, []storage.OrderLine{line}), tx.AddOrderSteps(ctx, []storage.OrderStep{step}), tx.AddOrderRefund(ctx, refund))
		}))
		want := func(what string, want, got any, err error) {
			t.Helper()
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
				t.Errorf("%s: %v (-want +got):\n%s", what, err, diff)
			}
		}
		gotOrder, err := db.Order(ctx, order.OrderID)
		want("order", order, gotOrder, err)
		gotLines, err := db.OrderLines(ctx, "1", order.OrderID)
		want("lines", []storage.OrderLine{line}, gotLines, err)
		gotSteps, err := db.OrderHistory(ctx, order.OrderID)
		want("history", []storage.OrderStep{step}, gotSteps, err)
		gotRefunds, err := db.OrderRefunds(ctx, order.OrderID)
		want("refunds", []storage.OrderRefund{refund}, gotRefunds, err)
		gotPayment, err := db.Payment(ctx, payment.PayID)
		want("payment", payment, gotPayment, err)

		agreed := order
		filled(&order)
		v, was := reflect.ValueOf(&order).Elem(), reflect.ValueOf(agreed)
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			switch f := v.Field(i); {
			case name == "State":
				f.SetString("paid")
			case f.Kind() == reflect.String:
				f.SetString("new " + f.String())
			case f.Kind() == reflect.Int64:
				f.SetInt(f.Int() + 1)
			case f.Kind() == reflect.Bool:
				f.SetBool(false)
			}
			if name == "State" {
				break
			}
		}
		for i := range v.NumField() { // what was agreed stays
			if v.Type().Field(i).Name == "State" {
				break
			}
			v.Field(i).Set(was.Field(i))
		}
		update := func(from storage.OrderState) error {
			return db.InTx(ctx, func(tx *storage.Tx) error { return tx.UpdateOrder(ctx, &order, from) })
		}
		if err := update("paid"); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("update from another state: %v", err)
		}
		must(t, update("paying"))
		gotOrder, err = db.Order(ctx, order.OrderID)
		want("order behind", order, gotOrder, err)

		payment.CashierKeyHash = []byte("another hash")
		must(t, db.SetCashierKey(ctx, payment.PayID, payment.CashierKeyHash))
		sellers, err := db.SellersOfPayment(ctx, payment.PayID)
		want("sellers", []storage.PaymentSeller{{OrderID: order.OrderID}}, sellers, err)
		payment.State, payment.Method, payment.PayTime = storage.PaymentPaid, "wallet", 9
		end := func() error {
			return db.InTx(ctx, func(tx *storage.Tx) error { return tx.EndPayment(ctx, payment) })
		}
		must(t, end())
		if err := end(); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("ended twice: %v", err)
		}
		if err := db.SetCashierKey(ctx, payment.PayID, []byte("late")); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("a key of what is paid: %v", err)
		}
		gotPayment, err = db.Payment(ctx, payment.PayID)
		want("payment behind", payment, gotPayment, err)
		must(t, db.InTx(ctx, func(tx *storage.Tx) error {
			p, orders, err := tx.LockPaymentOrders(ctx, payment.PayID)
			want("locked payment", payment, p, err)
			want("locked orders", []*storage.Order{&order}, orders, err)
			o, err := tx.LockOrder(ctx, order.OrderID)
			want("locked order", &order, o, err)
			p, err = tx.LockPayment(ctx, payment.PayID)
			want("payment alone", payment, p, err)
			if _, _, err := tx.LockPaymentOrders(ctx, "1"); !errors.Is(err, storage.ErrNotFound) {
				t.Errorf("no payment: %v", err)
			}
			return tx.ReturnPieces(ctx, line.OrderID, line.Line, line.Pieces-line.Returned-11)
		}))
	})
}

// Pieces come back once.
func TestReturnPieces(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		must(t, db.InTx(ctx, func(tx *storage.Tx) error {
			return tx.InsertOrderLines(ctx, []storage.OrderLine{{OrderID: "1", UserID: "12", Line: 3, ProductID: 9, Pieces: 5}})
		}))
		back := func(pieces int64) error {
			return db.InTx(ctx, func(tx *storage.Tx) error { return tx.ReturnPieces(ctx, "1", 3, pieces) })
		}
		must(t, back(2))
		if err := back(4); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("6 of 5: %v", err)
		}
		must(t, back(3))
		for user, want := range map[string]bool{"12": true, "13": false} {
			if got, err := db.HasOrdered(ctx, user, 9); err != nil || got != want {
				t.Errorf("%s has ordered: %t, %v", user, got, err)
			}
		}
	})
}

// A stock is taken as it was seen, by who sees its price; it comes back.
func TestStockOfOrders(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		must(t, db.InsertProduct(ctx, storage.Product{ProductID: 1, ProductPrice: 500, ProductStatus: storage.ProductUp}))
		must(t, db.InsertProduct(ctx, storage.Product{ProductID: 2, ProductPrice: 500, ProductDisprice: new(int64(400)), ProductStatus: storage.ProductUp}))
		must(t, db.InsertProduct(ctx, storage.Product{ProductID: 3, ProductPrice: 500}))
		in := func(change func(tx *storage.Tx) error) error { return db.InTx(ctx, change) }
		must(t, in(func(tx *storage.Tx) error {
			return tx.SetProductTerms(ctx, 1, storage.ProductTerms{Stock: new(int64(5))})
		}))
		for _, c := range []struct {
			product, pieces, price int64
			held, want             bool
		}{
			{1, 2, 500, true, true},
			{1, 4, 500, true, false},  // 3 are left
			{1, 1, 499, true, false},  // costs another price
			{1, 1, 500, false, false}, // has a stock by now
			{2, 9, 400, false, true},
			{2, 9, 500, false, false}, // is reduced
			{2, 9, 400, true, false},  // has none any more
			{3, 1, 500, false, false}, // is down
			{4, 1, 500, false, false}, // is not there
		} {
			err := in(func(tx *storage.Tx) error { return tx.TakeStock(ctx, c.product, c.pieces, c.price, c.held) })
			if c.want != (err == nil) || err != nil && !errors.Is(err, storage.ErrNotFound) {
				t.Errorf("%+v: %v", c, err)
			}
		}
		want := func(id int64, stock string, open, sale int64) {
			t.Helper()
			d, err := db.MarketDetail(ctx, id)
			must(t, err)
			free := "∞"
			if d.Stock != nil {
				free = strconv.FormatInt(*d.Stock, 10)
			}
			if free != stock || d.OpenOrders != open || d.Sale != sale {
				t.Errorf("product %d: %s free, %d open, %d sold", id, free, d.OpenOrders, d.Sale)
			}
		}
		want(1, "3", 1, 0)
		want(2, "∞", 1, 0)
		must(t, in(func(tx *storage.Tx) error {
			return errors.Join(tx.GiveStock(ctx, 1, 2, 1), tx.GiveStock(ctx, 2, 9, 1), tx.GiveStock(ctx, 4, 1, 1),
				tx.AddSold(ctx, 1, 7), tx.AddSold(ctx, 1, -3), tx.AddSold(ctx, 2, -1), tx.AddSold(ctx, 4, 1))
		}))
		want(1, "5", 0, 4)
		want(2, "∞", 0, 0)
	})
}

func TestOrderLists(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := context.WithoutCancel(t.Context())
		must(t, db.InsertUser(ctx, storage.User{ID: "12", Name: "buyer"}))
		must(t, db.InsertShop(ctx, storage.Shop{ShopID: 5, ShopName: "shop", UserID: "13"}))
		must(t, db.InTx(ctx, func(tx *storage.Tx) error {
			var orders []storage.Order
			for i, state := range []string{"need_pay", "need_send", "need_pay"} {
				orders = append(orders, storage.Order{
					OrderID: fmt.Sprintf("157495115%d0000101", i), UserID: "12", SellerID: "13", ShopID: 5, ListBuyer: "12", ListSeller: "13", ListState: state,
				})
			}
			orders[1].State = storage.OrderAppealed
			orders[2].ListBuyer, orders[2].ClosedTime, orders[1].Debt, orders[1].DueTime = "", 9, 100, 50
			return tx.InsertOrders(ctx, orders)
		}))
		for _, c := range []struct {
			filter storage.OrderFilter
			page   storage.Page
			want   string // the tenth digits of the ids
			total  int64
		}{
			{storage.OrderFilter{}, storage.Page{}, "210", 3},
			{storage.OrderFilter{}, storage.Page{Limit: 2}, "21", 3},
			{storage.OrderFilter{}, storage.Page{Limit: 2, Offset: 2}, "0", 3},
			{storage.OrderFilter{}, storage.Page{Limit: 2, Offset: 8}, "", 3},
			{storage.OrderFilter{Buyer: "12"}, storage.Page{Limit: 9}, "10", 2},
			{storage.OrderFilter{Seller: "13"}, storage.Page{Limit: 9}, "210", 3},
			{storage.OrderFilter{Seller: "13", State: "need_pay"}, storage.Page{Limit: 9}, "20", 2},
			{storage.OrderFilter{Seller: "12"}, storage.Page{Limit: 9}, "", 0},
			{storage.OrderFilter{UserID: "12"}, storage.Page{Limit: 9}, "210", 3},
			{storage.OrderFilter{OrderID: "15749511510000101"}, storage.Page{Limit: 9}, "1", 1},
			{storage.OrderFilter{Appealed: true}, storage.Page{Limit: 1}, "1", 1},
			{storage.OrderFilter{Appealed: true, OrderID: "15749511520000101"}, storage.Page{Limit: 1}, "", 0},
			{storage.OrderFilter{From: "1574951151"}, storage.Page{Limit: 9}, "21", 2},
			{storage.OrderFilter{From: "1574951151", Before: "1574951152"}, storage.Page{Limit: 9}, "1", 1},
		} {
			rows, total, err := db.Orders(ctx, c.filter, c.page)
			must(t, err)
			var got strings.Builder
			for _, row := range rows {
				got.WriteString(row.Order.OrderID[9:10])
				if row.Names != (storage.OrderNames{User: "buyer", Shop: "shop"}) {
					t.Errorf("names %+v", row.Names)
				}
			}
			if got.String() != c.want || total != c.total {
				t.Errorf("%+v %+v: %q of %d, want %q of %d", c.filter, c.page, got.String(), total, c.want, c.total)
			}
		}
		for user, want := range map[string]bool{"12": true, "13": true, "14": false} {
			if got, err := db.HasOpenOrders(ctx, user); err != nil || got != want {
				t.Errorf("%s has open orders: %t, %v", user, got, err)
			}
		}
		for now, want := range map[int64]bool{50: false, 51: true} {
			if got, err := db.HasOverdueDebt(ctx, "12", now); err != nil || got != want {
				t.Errorf("overdue at %d: %t, %v", now, got, err)
			}
		}
		var read []string
		for after := (storage.OrderPlace{}); ; {
			list, last, err := db.OrdersAfter(ctx, "12", after)
			must(t, err)
			if len(list) == 0 {
				break
			}
			for _, o := range list {
				read = append(read, o.OrderID[9:10])
			}
			after = last
		}
		if got := strings.Join(read, ""); got != "021" {
			t.Errorf("one after the other: %s", got)
		}
	})
}

// Jobs are added at once; one that is there stays as it is.
func TestAddJobs(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		add := func(jobs ...storage.Job) {
			t.Helper()
			must(t, db.InTx(ctx, func(tx *storage.Tx) error { return tx.AddJobs(ctx, jobs) }))
		}
		add()
		add(storage.Job{Kind: "a", Key: "1", Due: 5}, storage.Job{Kind: "a", Key: "2", Data: "d", Due: 6})
		add(storage.Job{Kind: "a", Key: "3", Due: 7}, storage.Job{Kind: "a", Key: "2", Due: 8})
		list, err := db.Jobs(ctx, storage.JobFilter{})
		must(t, err)
		var got []string
		for _, job := range list {
			got = append(got, fmt.Sprint(job.Key, " ", job.Data, " ", job.Due, " ", job.Wishes))
		}
		if diff := cmp.Diff([]string{"1  5 1", "2 d 6 2", "3  7 1"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
