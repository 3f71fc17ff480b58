package campus_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"strconv"
	"testing"
	"time"

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
	words, err := db.MissingWords(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range words {
		if list.Missing > 0 {
			t.Errorf("%d of %s lack a word", list.Missing, list.List)
		}
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
		{"line of a cart", campus.Carts(size), func(ctx context.Context, i int) (string, error) {
			lines, err := db.CartLines(ctx, campus.UserID(campus.CartUser(i)), []int64{campus.CartID(i)})
			return one(lines, err, func(l storage.CartLine) int64 { return l.ProductID })
		}, func(i int) string { return strconv.FormatInt(campus.ProductID(campus.CartProduct(i)), 10) }},
		{"line of the full cart", campus.FullCart, func(ctx context.Context, i int) (string, error) {
			lines, err := db.CartLines(ctx, campus.UserID(0), []int64{campus.FullCartID(i)})
			return one(lines, err, func(l storage.CartLine) int64 { return l.ProductID })
		}, func(i int) string { return strconv.FormatInt(campus.ProductID(campus.FullCartProduct(i)), 10) }},
		{"address", campus.Users(size), func(ctx context.Context, i int) (string, error) {
			address, err := db.DefaultAddress(ctx, campus.UserID(i))
			return strconv.FormatInt(address.AddressID, 10), err
		}, func(i int) string { return strconv.FormatInt(campus.AddressID(i), 10) }},
		{"coupon", campus.Coupons(size), func(ctx context.Context, i int) (string, error) {
			coupon, err := db.Coupon(ctx, campus.CouponID(i))
			return strconv.FormatBool(coupon.ShopID == 0), err
		}, func(i int) string { return strconv.FormatBool(i%4 == 0) }},
		{"record", campus.Users(size), func(ctx context.Context, i int) (string, error) {
			state := int64(storage.RecordUsable)
			records, _, err := db.CouponRecords(ctx, campus.UserID(i), &state, campus.Now, storage.Page{})
			return one(records, err, func(r storage.CouponRecord) string { return fmt.Sprint(r.RecordID, r.Coupon.CouponID) })
		}, func(i int) string { return fmt.Sprint(campus.RecordID(i), campus.CouponID(i/10)) }},
		{"course", campus.Courses(size), func(ctx context.Context, i int) (string, error) {
			course, err := db.Course(ctx, campus.CourseID(i))
			return fmt.Sprint(course.ShopID, course.Sections, course.Students), err
		}, func(i int) string {
			return fmt.Sprint(campus.ShopID(i), campus.Chapters*campus.Sections, campus.Students)
		}},
		{"student", campus.Students, func(ctx context.Context, i int) (string, error) {
			owner, err := db.CourseOwner(ctx, campus.UserID(campus.CourseStudent(0, i)), campus.CourseID(0))
			if owner.OwnerID == 0 {
				return "", errors.Join(storage.ErrNotFound, err)
			}
			studied, err := db.CoursesStudied(ctx, owner.UserID, []int64{owner.ProductID})
			return one(studied, err, func(s storage.CourseStudied) int64 { return s.Opened })
		}, func(int) string { return strconv.Itoa(campus.Sections) }},
		{"report", campus.Reports(size), func(ctx context.Context, i int) (string, error) {
			reports, err := db.ReviewReports(ctx, campus.ProductID(campus.ReportedProduct(i)))
			return strconv.FormatInt(reports, 10), err
		}, func(int) string { return "1" }},
		{"conversation", campus.Conversations(size), func(ctx context.Context, i int) (string, error) {
			buyer, product := campus.ConversationBuyer(i), campus.ProductID(campus.ConversationProduct(i))
			messages, err := db.Messages(ctx, campus.UserID(buyer), campus.UserID(buyer+1), product, math.MaxInt64, 100)
			if err != nil || len(messages) == 0 {
				return "", errors.Join(storage.ErrNotFound, err)
			}
			if last, err := db.LastConversation(ctx, campus.UserID(buyer+1), campus.UserID(buyer)); err != nil || i%2 == 1 && last != product {
				return "", fmt.Errorf("the last is about %d: %w", last, err)
			}
			count, err := db.CountMessages(ctx, campus.UserID(buyer), campus.UserID(buyer+1), product)
			return fmt.Sprint(len(messages), count), err
		}, func(int) string { return fmt.Sprint(campus.ConversationMessages, campus.ConversationMessages) }},
		{"session", campus.Sessions(size), func(ctx context.Context, i int) (string, error) {
			hash := sha256.Sum256([]byte(campus.SessionToken(i)))
			bearer, err := db.SessionUser(ctx, hash[:], storage.SessionRules{Idle: time.Hour, Life: time.Hour}, campus.Now)
			return bearer.UserID, err
		}, campus.UserID},
		{"recharge", campus.Recharges(size), func(ctx context.Context, i int) (string, error) {
			payment, err := db.Payment(ctx, campus.RechargeID(i))
			return payment.UserID, err
		}, func(i int) string { return campus.UserID(10 * i) }},
	} {
		for _, i := range []int{0, min(7, kind.count-1), kind.count - 1} {
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

// one is what is asked of the only row of a list.
func one[Row, Value any](rows []Row, err error, value func(Row) Value) (string, error) {
	if err != nil {
		return "", err
	}
	if len(rows) != 1 {
		return "", fmt.Errorf("%w: %d rows", storage.ErrNotFound, len(rows))
	}
	return fmt.Sprint(value(rows[0])), nil
}

// TestAttempts: payments by the channel have their attempts, and no others have.
func TestAttempts(t *testing.T) {
	t.Parallel()
	db := storagetest.Open(t)
	if err := campus.Fill(t.Context(), db, size, nil); err != nil {
		t.Fatal(err)
	}
	for i := range campus.Payments(size) {
		payment, err := db.Payment(t.Context(), campus.PayID(i))
		if err != nil {
			t.Fatal(err)
		}
		attempt, err := db.Attempt(t.Context(), campus.AttemptID(i))
		if byChannel := i%20 >= 16; byChannel != (err == nil) || byChannel && attempt.Amount != payment.Price || byChannel != (payment.Method == attempt.Channel && payment.Method != "") {
			t.Fatalf("payment %d of %d fen by %q has an attempt of %d: %v", i, payment.Price, payment.Method, attempt.Amount, err)
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
