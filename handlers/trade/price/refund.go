package price

import (
	"math/bits"
	"slices"
)

// Refundable is what of an order can still go back to where it came from. Its escrow holds
// all of it, the debt too: that came from the buyer's credit.
type Refundable struct {
	Debt   int64   // fen: the open part of it
	Ways   []int64 // fen: what came by each payment, a repayment of the debt too; the latest last
	Before int64   // fen: what of Ways went back before
	Market int64   // fen: what is left of the market coupon's share
	Beli   int64   // what is left of the beli that were used
}

// A Refund is where a part of an order goes. Money is fen.
type Refund struct {
	Debt   int64   // lowers the open debt
	Ways   []int64 // back by each payment, as in [Refundable]
	Market int64   // of the market coupon's share, to the promotion account
	Beli   int64   // back to the buyer; FenPerBeli each go to the promotion account
	Whole  bool    // nothing is left
}

// Left is what the buyer gave, cash and debt, and did not get back.
func (r Refundable) Left() int64 {
	left := r.Debt - r.Before
	for _, came := range r.Ways {
		left += came
	}
	return left
}

// Refund divides amount, of what is left. It lowers the open debt first; the rest goes
// back by the payments, the latest first, and by each at most what came by it. The market
// coupon's share and the beli go in proportion, rounded down, but with the last of what is
// left goes all of them. An amount that is not above 0 or is more than what is left fails
// with an [Error]; where nothing is left it is 0.
func (r Refundable) Refund(amount int64) (Refund, error) {
	left := r.Left()
	if err := within(amount, left); err != nil {
		return Refund{}, err
	}
	refund := Refund{
		Debt:   min(amount, r.Debt),
		Ways:   make([]int64, len(r.Ways)),
		Market: r.Market,
		Beli:   r.Beli,
		Whole:  amount == left,
	}
	if left > 0 {
		refund.Market = proportion(r.Market, amount, left)
		refund.Beli = proportion(r.Beli, amount, left)
	}
	rest, before := amount-refund.Debt, r.Before
	for i, came := range slices.Backward(r.Ways) {
		gone := min(before, came)
		before -= gone
		refund.Ways[i] = min(rest, came-gone)
		rest -= refund.Ways[i]
	}
	return refund, nil
}

// Promotion is what goes to the promotion account, in fen.
func (r Refund) Promotion() int64 { return r.Market + r.Beli*FenPerBeli }

// A Bought is a line of an order that a refund may name.
type Bought struct {
	Price  int64 // fen: what its pieces cost, cash and debt, without shipping
	Pieces int64 // at least 1
	Back   int64 // those of them that a refund named before
}

// An Item is some pieces of a line of an order.
type Item struct {
	Line   int
	Pieces int64
}

// Amount is what a buyer gets back who asks for an amount, nil being the most there is:
// what is left, and with items at most their shares of it. A share is the price of the
// line × the pieces / those of the line, rounded down. It fails with an [Error] for another
// amount than [Refundable.Refund] takes or more than the shares, and for a line that does
// not exist or comes twice or has fewer pieces to give back.
func (r Refundable) Amount(asked *int64, lines []Bought, items []Item) (int64, error) {
	most := r.Left()
	if len(items) > 0 {
		shares, err := shares(lines, items)
		if err != nil {
			return 0, err
		}
		most = min(most, shares)
	}
	amount := most
	if asked != nil {
		amount = *asked
	}
	if amount > most {
		return 0, Error{Rule: WrongAmount}
	}
	return amount, within(amount, r.Left())
}

func within(amount, left int64) error {
	if amount < 0 || amount > left || amount == 0 && left > 0 {
		return Error{Rule: WrongAmount}
	}
	return nil
}

func shares(lines []Bought, items []Item) (sum int64, err error) {
	var named [MaxLines]bool
	for i, item := range items {
		switch {
		case item.Line < 0 || item.Line >= len(lines):
			return 0, Error{Rule: NoSuchLine, Place: InItem, Index: i}
		case named[item.Line]:
			return 0, Error{Rule: LineTwice, Place: InItem, Index: i}
		}
		named[item.Line] = true
		line := lines[item.Line]
		if item.Pieces < 1 || item.Pieces > line.Pieces-line.Back {
			return 0, Error{Rule: WrongPieces, Place: InItem, Index: i}
		}
		sum += proportion(line.Price, item.Pieces, line.Pieces)
	}
	return sum, nil
}

// proportion is floor(whole × part / of), for 0 ≤ part ≤ of and of > 0.
func proportion(whole, part, of int64) int64 {
	high, low := bits.Mul64(uint64(whole), uint64(part)) // beyond 64 bits for a dear order
	quotient, _ := bits.Div64(high, low, uint64(of))
	return int64(quotient)
}
