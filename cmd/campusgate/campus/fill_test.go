package campus_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"campusgate/cmd/campusgate/campus"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// TestFill holds the books of a small campus, and looks for the first and the last row of each
// kind by its name.
func TestFill(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		if err := campus.Fill(t.Context(), db, size, nil); err != nil {
			t.Fatal(err)
		}
		checkBooks(t, db)
		checkNames(t, db)
		if err := campus.Fill(t.Context(), db, size, nil); err == nil {
			t.Error("a campus was filled twice")
		}
	})
}

const size = campus.Step

func checkBooks(t *testing.T, db *storage.DB) {
	t.Helper()
	report, err := db.CheckLedger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range report.Off() {
		t.Error(line)
	}
	if report.External != 0 {
		t.Errorf("wallets differ by %d fen from their rows", report.External)
	}
}

// checkNames looks for the first and the last row of each kind: who has it, or what it is of.
func checkNames(t *testing.T, db *storage.DB) {
	t.Helper()
	for _, kind := range []struct {
		name   string
		count  int
		stored func(ctx context.Context, i int) (string, error)
		want   func(i int) string
	}{
		{"user", campus.Users(size), func(ctx context.Context, i int) (string, error) {
			user, err := db.TokenUser(ctx, campus.Token(i))
			return user.UserID, err
		}, campus.UserID},
		{"shop", campus.Shops(size), func(ctx context.Context, i int) (string, error) {
			shop, err := db.ShopByID(ctx, campus.ShopID(i))
			return shop.UserID, err
		}, func(i int) string { return campus.UserID(campus.ShopOwner(i)) }},
		{"product", campus.Products(size), func(ctx context.Context, i int) (string, error) {
			product, err := db.MarketDetail(ctx, campus.ProductID(i))
			return product.UserID, err
		}, func(i int) string { return campus.UserID(campus.ShopOwner(campus.ProductShop(i))) }},
		{"second-hand product", campus.SecondHands(size), func(ctx context.Context, i int) (string, error) {
			product, err := db.MarketDetail(ctx, campus.SecondHandID(i))
			return product.UserID, err
		}, func(i int) string { return campus.UserID(campus.SecondHandSeller(i)) }},
		{"notice", campus.Notices(size), func(ctx context.Context, i int) (string, error) {
			notices, _, err := db.PropertiesAfter(ctx, campus.UserID(campus.NoticeUser(i)), campus.NoticeID(i)-1)
			if err != nil || len(notices) == 0 {
				return "", errors.Join(storage.ErrNotFound, err)
			}
			return fmt.Sprint(notices[0].ID, notices[0].Type), nil
		}, func(i int) string { return fmt.Sprint(campus.NoticeID(i), campus.NoticeType(i)) }},
		{"payment", campus.Payments(size), func(ctx context.Context, i int) (string, error) {
			payment, err := db.Payment(ctx, campus.PayID(i))
			return payment.UserID, err
		}, func(i int) string { return campus.UserID(campus.PaymentBuyer(i)) }},
		{"order", campus.Orders(size), func(ctx context.Context, i int) (string, error) {
			order, err := db.Order(ctx, campus.OrderID(i))
			return order.PayID + " " + string(order.State), err
		}, func(i int) string {
			payment := campus.OrderPayment(i)
			return campus.PayID(payment) + " " + string(campus.PaymentState(payment))
		}},
	} {
		for _, i := range []int{0, 7, kind.count - 1} {
			got, err := kind.stored(t.Context(), i)
			if err != nil || got != kind.want(i) {
				t.Errorf("%s %d is %q, %v, want %q", kind.name, i, got, err, kind.want(i))
			}
		}
		if _, err := kind.stored(t.Context(), kind.count); err == nil {
			t.Errorf("there is a %s %d", kind.name, kind.count)
		}
	}
}

// TestPaymentIn finds payments of every state.
func TestPaymentIn(t *testing.T) {
	t.Parallel()
	states := []storage.OrderState{
		campus.Paying, campus.Paid, campus.Shipped, campus.Finished, campus.Refunding, campus.Refunded, campus.Cancelled, campus.Settled,
	}
	found := map[int]bool{}
	for _, state := range states {
		for n := range 40 {
			i := campus.PaymentIn(state, n)
			if got := campus.PaymentState(i); got != state || found[i] {
				t.Errorf("payment %d of state %s is %d: it is %s, and was found before: %t", n, state, i, got, found[i])
			}
			found[i] = true
		}
	}
}

// TestNumbers: orders find their payments and back, and no payment is for one seller twice.
func TestNumbers(t *testing.T) {
	t.Parallel()
	for order := range campus.Orders(10 * size) {
		payment := campus.OrderPayment(order)
		first := campus.PaymentOrder(payment)
		switch {
		case first != order && first != order-1:
			t.Fatalf("order %d is of payment %d, whose first is %d", order, payment, first)
		case first != order && campus.OrderShop(first) == campus.OrderShop(order):
			t.Fatalf("orders %d and %d are of one shop", first, order)
		}
	}
}
