package price_test

import (
	"math/big"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"campusgate/handlers/trade/price"
)

// anyPaid draws an order of which nothing went back yet, mostly of few fen so that
// remainders are many.
var anyPaid = rapid.Custom(func(t *rapid.T) price.Refundable {
	fen := rapid.OneOf(rapid.Int64Range(0, 40), rapid.Int64Range(0, 1_000_000))
	return price.Refundable{
		Debt:   fen.Draw(t, "debt"),
		Ways:   rapid.SliceOfN(fen, 0, 3).Draw(t, "ways"),
		Market: fen.Draw(t, "market"),
		Beli:   rapid.Int64Range(0, 30).Draw(t, "beli"),
	}
})

// anyPart draws an amount that can be refunded.
func anyPart(t *rapid.T, left int64) int64 {
	return rapid.Int64Range(min(1, left), left).Draw(t, "part")
}

// judgeRefund divides a refund fen by fen, and shares by fractions of any size.
func judgeRefund(r price.Refundable, amount int64) price.Refund {
	refund := price.Refund{Ways: make([]int64, len(r.Ways))}
	left := slices.Clone(r.Ways)
	for range r.Before {
		left[latest(left)]--
	}
	for range amount {
		if r.Debt > refund.Debt {
			refund.Debt++
			continue
		}
		way := latest(left)
		left[way]--
		refund.Ways[way]++
	}
	refund.Whole = r.Debt == refund.Debt && latest(left) < 0
	if refund.Whole {
		refund.Market, refund.Beli = r.Market, r.Beli
		return refund
	}
	whole := r.Left()
	refund.Market = floor(new(big.Rat).Mul(rat(r.Market), big.NewRat(amount, whole)))
	refund.Beli = floor(new(big.Rat).Mul(rat(r.Beli), big.NewRat(amount, whole)))
	return refund
}

// latest is the latest payment of which something is left; without one it is -1.
func latest(left []int64) int {
	for i, fen := range slices.Backward(left) {
		if fen > 0 {
			return i
		}
	}
	return -1
}

// story refunds parts until nothing is left or it ends, and calls each for every one.
func story(t *rapid.T, r price.Refundable, each func(before price.Refundable, amount int64, refund price.Refund)) (end price.Refundable, parts int, whole bool) {
	for !whole && parts < 6 {
		amount := anyPart(t, r.Left())
		refund, err := r.Refund(amount)
		if err != nil {
			t.Fatalf("%d of %+v: %v", amount, r, err)
		}
		each(r, amount, refund)
		r, whole = after(r, refund), refund.Whole
		parts++
	}
	return r, parts, whole
}

// TestRefundJudgeAgrees compares every part of every story with the judge's.
func TestRefundJudgeAgrees(t *testing.T) {
	t.Parallel()
	parts, wholes := 0, 0
	check(t, 50, func(t *rapid.T) {
		story(t, anyPaid.Draw(t, "paid"), func(before price.Refundable, amount int64, refund price.Refund) {
			if diff := cmp.Diff(judgeRefund(before, amount), refund, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%d of %+v (-want +got):\n%s", amount, before, diff)
			}
			parts++
			if refund.Whole {
				wholes++
			}
		})
	})
	t.Logf("%d parts, %d of them the whole", parts, wholes)
	if parts >= 1000 && (wholes < parts/20 || wholes > parts/2) {
		t.Error("the stories have too few or too many wholes")
	}
}

// TestRefundSums: a part is the debt it lowers and what goes back by the payments; never
// more comes back than came, by no payment and of no share; in the end all of it, however
// it was divided, and as much of the debt as if it had been one part.
func TestRefundSums(t *testing.T) {
	t.Parallel()
	check(t, 50, func(t *rapid.T) {
		paid := anyPaid.Draw(t, "paid")
		var sum price.Refund
		sum.Ways = make([]int64, len(paid.Ways))
		var asked int64
		end, parts, whole := story(t, paid, func(_ price.Refundable, amount int64, refund price.Refund) {
			back := refund.Debt
			for i, fen := range refund.Ways {
				if fen < 0 {
					t.Fatalf("%d fen by payment %d", fen, i)
				}
				back += fen
				sum.Ways[i] += fen
			}
			if back != amount || refund.Debt < 0 || refund.Market < 0 || refund.Beli < 0 {
				t.Fatalf("%d fen: %+v", amount, refund)
			}
			asked += amount
			sum.Debt += refund.Debt
			sum.Market += refund.Market
			sum.Beli += refund.Beli
		})
		for i, came := range paid.Ways {
			if sum.Ways[i] > came {
				t.Fatalf("%d fen came back of the %d of payment %d", sum.Ways[i], came, i)
			}
		}
		if sum.Debt != min(asked, paid.Debt) || sum.Market > paid.Market || sum.Beli > paid.Beli {
			t.Fatalf("%d fen of %+v: %+v", asked, paid, sum)
		}
		sum.Whole = true
		if want := (price.Refund{Debt: paid.Debt, Ways: paid.Ways, Market: paid.Market, Beli: paid.Beli, Whole: true}); whole && !cmp.Equal(want, sum, cmpopts.EquateEmpty()) {
			t.Fatalf("the whole of %+v: %+v", paid, sum)
		}
		// What is left of a share is never below its proportion: the seller loses nothing,
		// and gains less than a fen with each part.
		for _, share := range [][2]int64{{paid.Market, end.Market}, {paid.Beli, end.Beli}} {
			if paid.Left() == 0 {
				continue
			}
			more := new(big.Rat).Sub(rat(share[1]), new(big.Rat).Mul(rat(share[0]), big.NewRat(end.Left(), paid.Left())))
			if more.Sign() < 0 || more.Cmp(rat(int64(parts))) >= 0 {
				t.Fatalf("of a share of %d are %d left after %d parts, with %d of %d", share[0], share[1], parts, end.Left(), paid.Left())
			}
		}
	})
}

// TestRefundAfterRepayment: a repayment between two parts changes nothing but the way.
func TestRefundAfterRepayment(t *testing.T) {
	t.Parallel()
	check(t, 20, func(t *rapid.T) {
		paid := anyPaid.Filter(func(r price.Refundable) bool { return r.Debt > 1 }).Draw(t, "paid")
		first := rapid.Int64Range(1, paid.Debt-1).Draw(t, "first")
		refund, err := paid.Refund(first)
		if err != nil {
			t.Fatal(err)
		}
		owed := after(paid, refund)
		repaid := owed
		repaid.Debt, repaid.Ways = 0, append(slices.Clone(owed.Ways), owed.Debt)
		amount := anyPart(t, owed.Left())
		before, err := owed.Refund(amount)
		if err != nil {
			t.Fatal(err)
		}
		behind, err := repaid.Refund(amount)
		if err != nil {
			t.Fatal(err)
		}
		last := len(behind.Ways) - 1
		if want := (price.Refund{Debt: behind.Ways[last], Ways: behind.Ways[:last], Market: behind.Market, Beli: behind.Beli, Whole: behind.Whole}); !cmp.Equal(want, before, cmpopts.EquateEmpty()) {
			t.Fatalf("%d of %+v: %+v, and repaid %+v", amount, owed, before, behind)
		}
	})
}

// TestItemsSum: shares of pieces that are asked for one after the other are no more than
// the line, and less than a fen each below it.
func TestItemsSum(t *testing.T) {
	t.Parallel()
	check(t, 20, func(t *rapid.T) {
		line := price.Bought{Price: rapid.Int64Range(1, 10_000).Draw(t, "price"), Pieces: rapid.Int64Range(1, 20).Draw(t, "pieces")}
		left, asked, parts := paid(line.Price+rapid.Int64Range(0, 50).Draw(t, "shipping")), int64(0), int64(0)
		for line.Back < line.Pieces {
			pieces := rapid.Int64Range(1, line.Pieces-line.Back).Draw(t, "asked")
			amount, err := left.Amount(nil, []price.Bought{line}, []price.Item{{Line: 0, Pieces: pieces}})
			if err != nil {
				if line.Price*pieces/line.Pieces == 0 {
					return // for a share of nothing nothing comes back
				}
				t.Fatal(err)
			}
			if want := floor(new(big.Rat).Mul(rat(line.Price), big.NewRat(pieces, line.Pieces))); amount != want {
				t.Fatalf("%d of %+v: %d, want %d", pieces, line, amount, want)
			}
			asked += amount
			left.Before += amount
			line.Back += pieces
			parts++
		}
		if asked > line.Price || asked <= line.Price-parts {
			t.Fatalf("%d of %+v in %d parts", asked, line, parts)
		}
	})
}
