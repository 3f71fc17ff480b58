package trade

import (
	"errors"
	"testing"

	"campusgate/dispatch"
	"campusgate/handlers/trade/price"
	"campusgate/storage"
)

// An order wants a way for all goods, and an address where one of them goes by express.
func TestWantDelivery(t *testing.T) {
	line := func(course bool, way price.Delivery) price.Line {
		return price.Line{Group: price.Group{Course: course, Delivery: way}}
	}
	face, express, open, course := line(false, price.FaceToFace), line(false, price.Express), line(false, price.NoDelivery), line(true, price.NoDelivery)
	for i, c := range []struct {
		lines   []price.Line
		address int64
		status  int
		detail  string
	}{
		{[]price.Line{face, course}, 0, 0, ""},
		{[]price.Line{express, course, face}, 1, 0, ""},
		{[]price.Line{course, express}, 0, 108, "address_id: missing, and items go by express"},
		{[]price.Line{course, open}, 1, 116, "items[1]: deliver: missing"},
		{[]price.Line{express, open}, 0, 116, "items[1]: deliver: missing"},
	} {
		b := basket{key: "items", address: storage.Address{AddressID: c.address}}
		b.Lines = c.lines
		failure := &dispatch.Error{}
		if err := b.wantDelivery(); err != nil && !errors.As(err, &failure) || failure.Status.Number != c.status || failure.Detail != c.detail {
			t.Errorf("%d: %v, want %d %q", i, err, c.status, c.detail)
		}
	}
}

// Who has a debt overdue makes no other: that comes after what the credit covers.
func TestQuoteOfOverdue(t *testing.T) {
	for _, c := range []struct {
		first  *int64
		remain int64
		status int
	}{
		{new(int64(60_00)), 40_00, 118},
		{new(int64(100_00)), 0, 118}, // a credit line even so
		{new(int64(60_00)), 39_99, 113},
		{nil, 0, 0},
	} {
		b := basket{key: "items", Basket: price.Basket{
			Lines: []price.Line{{Price: 100_00, Pieces: 1, FirstPrice: c.first, LeastFirst: new(int64(1_00))}},
			Buyer: price.Buyer{CreditRemain: c.remain, Overdue: true},
		}}
		failure := &dispatch.Error{}
		if _, err := b.quote(); err != nil && !errors.As(err, &failure) || failure.Status.Number != c.status {
			t.Errorf("%+v: %v, want %d", c, err, c.status)
		}
	}
}
