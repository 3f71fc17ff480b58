package price

import "fmt"

// The bounds of a [Basket]. With them no sum and no quotient is near the end of int64.
const (
	MaxLines     = 50
	MaxPieces    = 999        // of a line
	MaxPrice     = 999_999_99 // fen, of a piece
	MaxShipPrice = 999_99     // fen, of a line
)

// A Basket is what somebody asks the price of.
type Basket struct {
	Lines        []Line  // 1 to [MaxLines]
	ShopRecords  []int64 // ids of records of shops' coupons, one a shop
	MarketRecord int64   // the id of a record of a market's coupon; 0 is none
	UseBeli      bool
	BeliPercent  int64 // of what beli could pay, what they may: 0 to 100
	Buyer        Buyer
}

// A Line is some pieces of one product, and for a course of one price policy.
type Line struct {
	Group

	Product    int64  // its id
	Price      int64  // fen a piece: see [Piece]
	Pieces     int64  // 1 to [MaxPieces]
	FirstPrice *int64 // fen a piece to pay now, the rest being debt; nil: no credit line
	LeastFirst *int64 // fen: the product's own first price, the least allowed; nil: no credit
	Record     int64  // the id of a record of a product's coupon; 0 is none
	ShipPrice  int64  // fen, 0 to [MaxShipPrice]
}

// A Group is what the lines of one order have in common.
type Group struct {
	Seller   string // the user
	Shop     int64  // 0 is none
	Course   bool   // else goods
	Delivery Delivery
}

// A Delivery is the way by which goods come to the buyer, as on the wire.
type Delivery string

// The ways of delivery. Courses need none, and for goods it may not be chosen yet.
const (
	NoDelivery Delivery = ""
	FaceToFace Delivery = "face"
	Express    Delivery = "express"
)

// A Buyer is what the buyer has.
type Buyer struct {
	Records      []Record // that can be used now: free and in time
	Beli         int64    // free
	CreditRemain int64    // fen
	Overdue      bool     // a debt is
}

// Piece is what a piece costs: the policy's price of a course, else the product's reduced
// price, else its price. All are fen, and nil is none.
func Piece(price int64, reduced, policy *int64) int64 {
	switch {
	case policy != nil:
		return *policy
	case reduced != nil:
		return *reduced
	default:
		return price
	}
}

// check holds the bounds. What a client may send is bounded before it comes here, so
// that an error is a fault of ours.
func (b *Basket) check() error {
	if n := len(b.Lines); n < 1 || n > MaxLines {
		return fmt.Errorf("price: %d lines: must be 1 to %d", n, MaxLines)
	}
	if b.BeliPercent < 0 || b.BeliPercent > 100 {
		return fmt.Errorf("price: beli for %d %%: must be 0 to 100", b.BeliPercent)
	}
	for i := range b.Lines {
		switch l := &b.Lines[i]; {
		case l.Price < 0 || l.Price > MaxPrice:
			return fmt.Errorf("price: line %d: a piece for %d fen: must be 0 to %d", i, l.Price, MaxPrice)
		case l.Pieces < 1 || l.Pieces > MaxPieces:
			return fmt.Errorf("price: line %d: %d pieces: must be 1 to %d", i, l.Pieces, MaxPieces)
		case l.ShipPrice < 0 || l.ShipPrice > MaxShipPrice:
			return fmt.Errorf("price: line %d: shipping for %d fen: must be 0 to %d", i, l.ShipPrice, MaxShipPrice)
		case l.FirstPrice != nil && *l.FirstPrice < 0:
			return fmt.Errorf("price: line %d: a first price of %d fen: must not be below 0", i, *l.FirstPrice)
		}
	}
	for i := range b.Buyer.Records {
		if err := b.Buyer.Records[i].check(); err != nil {
			return err
		}
	}
	return nil
}
