package price_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"campusgate/handlers/trade/price"
)

// check checks a property of times × RAPID_CHECKS baskets: that counts the cases of slower
// tests, of which make test has 20.
func check(t *testing.T, times int, property func(*rapid.T)) {
	t.Helper()
	for range times {
		rapid.Check(t, property)
	}
}

// TestJudgeAgrees compares every price with that of the judge.
func TestJudgeAgrees(t *testing.T) {
	t.Parallel()
	quotes, ties, failures := 0, 0, map[price.Rule]int{}
	check(t, 100, func(t *rapid.T) {
		b := anyBasket.Draw(t, "basket")
		want, tied, failure := judge(b)
		got, err := b.Quote()
		wantSame(t, want, failure, got, err)
		quotes++
		if tied {
			ties++
		}
		if broken, ok := errors.AsType[price.Error](err); ok {
			failures[broken.Rule]++
		}
	})
	failed := 0
	for _, count := range failures {
		failed += count
	}
	t.Logf("%d baskets, %d of them with ties, %d that fail: %v", quotes, ties, failed, failures)
	if quotes >= 2000 && (failed > quotes/2 || ties == 0 || len(failures) < int(price.TakesNothingOff)-1) {
		t.Error("the baskets have too few of something")
	}
}

func wantSame(t rapid.TB, want price.Quote, failure error, got price.Quote, err error) {
	t.Helper()
	if diff := cmp.Diff(failure, err); diff != "" {
		t.Fatalf("error (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("quote (-want +got):\n%s", diff)
	}
}

// anyQuote draws a basket that has a price.
func anyQuote(t *rapid.T) (price.Basket, price.Quote) {
	b := rapid.Custom(func(t *rapid.T) price.Basket {
		return anyBasket.Filter(func(b price.Basket) bool { _, err := b.Quote(); return err == nil }).Draw(t, "with a price")
	}).Draw(t, "basket")
	return b, quoted(t, b)
}

func quoted(t rapid.TB, b price.Basket) price.Quote {
	t.Helper()
	q, err := b.Quote()
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// TestSums adds shares to lines, lines to orders and orders to the whole, to the fen.
func TestSums(t *testing.T) {
	t.Parallel()
	check(t, 20, func(t *rapid.T) {
		b, q := anyQuote(t)
		wantSums(t, b, q)
	})
}

func wantSums(t rapid.TB, b price.Basket, q price.Quote) {
	t.Helper()
	var whole, beliOff int64
	seen := make([]bool, len(b.Lines))
	for _, o := range q.Orders {
		var goods, off, credit, pay int64
		for _, l := range o.Lines {
			wantLine(t, b.Lines[l.Index], l)
			if seen[l.Index] || b.Lines[l.Index].Seller != o.Seller || b.Lines[l.Index].Shop != o.Shop {
				t.Fatalf("line %d is twice, or not in its order", l.Index)
			}
			seen[l.Index] = true
			goods += l.LinePrice
			off += l.CouponOff + l.ShopOff + l.MarketOff + l.BeliOff
			credit += l.CreditPrice
			pay += l.PayPrice
			beliOff += l.BeliOff
		}
		if goods != o.GoodsPrice || off != o.OffPrice || credit != o.CreditPrice || pay+o.ShipPrice != o.PayPrice {
			t.Fatalf("the lines make goods %d, off %d, credit %d, pay %d of the order %+v", goods, off, credit, pay, o)
		}
		whole += o.PayPrice
	}
	if whole != q.PayPrice || beliOff != q.BeliOff || q.Beli*price.FenPerBeli != beliOff || slices.Contains(seen, false) {
		t.Fatalf("the orders make pay %d, beli off %d of %+v, with lines %v", whole, beliOff, q, seen)
	}
	if q.Beli > max(b.Buyer.Beli, 0) || !b.UseBeli && q.Beli != 0 {
		t.Fatalf("%d beli are used of %d", q.Beli, b.Buyer.Beli)
	}
}

// wantLine: no share is above its line, nor below 0, and all of them are the line.
func wantLine(t rapid.TB, asked price.Line, l price.LinePrice) {
	t.Helper()
	left := asked.Price * asked.Pieces
	for _, share := range []int64{l.CouponOff, l.ShopOff, l.MarketOff, l.BeliOff, l.CreditPrice, l.PayPrice} {
		if share < 0 || share > left {
			t.Fatalf("a share of %d of the %d that are left: %+v", share, left, l)
		}
		left -= share
	}
	if left != 0 || l.BeliOff%price.FenPerBeli != 0 {
		t.Fatalf("%d are missing: %+v", left, l)
	}
	if asked.FirstPrice != nil && (l.CouponOff+l.ShopOff+l.MarketOff+l.BeliOff != 0 || l.PayPrice != *asked.FirstPrice*asked.Pieces) {
		t.Fatalf("a credit line has a share: %+v", l)
	}
}

// TestTakenOff: the shares of a record are what it takes off the amount before it.
func TestTakenOff(t *testing.T) {
	t.Parallel()
	check(t, 20, func(t *rapid.T) {
		b, q := anyQuote(t)
		shops, market := map[int64]int64{}, int64(0)
		for _, o := range q.Orders {
			for _, l := range o.Lines {
				shops[o.Shop] += l.ShopOff
				market += l.MarketOff
				if offOf(b.Lines[l.Index].Record, l.Usable) != l.CouponOff {
					t.Errorf("line %d has %d off, of %v", l.Index, l.CouponOff, l.Usable)
				}
			}
		}
		for _, o := range q.Orders {
			var off int64
			for _, id := range b.ShopRecords {
				off += offOf(id, o.Usable)
			}
			if off != shops[o.Shop] {
				t.Errorf("shop %d has %d off, of %v", o.Shop, shops[o.Shop], o.Usable)
			}
		}
		if offOf(b.MarketRecord, q.Usable) != market {
			t.Errorf("the market has %d off, of %v", market, q.Usable)
		}
	})
}

// offOf is what a record takes off, 0 where it is not usable.
func offOf(record int64, usable []price.Usable) int64 {
	for _, u := range usable {
		if u.Record == record {
			return u.Off
		}
	}
	return 0
}

// TestOrderOfRecords has no effect.
func TestOrderOfRecords(t *testing.T) {
	t.Parallel()
	check(t, 20, func(t *rapid.T) {
		b := anyBasket.Draw(t, "basket")
		want, failure := b.Quote()
		b.Buyer.Records = rapid.Permutation(b.Buyer.Records).Draw(t, "records")
		b.ShopRecords = rapid.Permutation(b.ShopRecords).Draw(t, "shop records")
		got, err := b.Quote()
		if (err == nil) != (failure == nil) {
			t.Fatalf("failed with %v, and in another order with %v", failure, err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("in another order (-before +after):\n%s", diff)
		}
	})
}

// TestOrderOfLines has an effect only where remainders are equal.
func TestOrderOfLines(t *testing.T) {
	t.Parallel()
	check(t, 20, func(t *rapid.T) {
		b := anyBasket.Draw(t, "basket")
		_, tied, failure := judge(b)
		was, _ := b.Quote()
		from := make([]int, len(b.Lines)) // by the new index
		for i := range from {
			from[i] = i
		}
		from = rapid.Permutation(from).Draw(t, "lines")
		other := b
		other.Lines = nil
		for _, i := range from {
			other.Lines = append(other.Lines, b.Lines[i])
		}
		got, err := other.Quote()
		if (err == nil) != (failure == nil) {
			t.Fatalf("failed with %v, and in another order with %v", failure, err)
		}
		if coupons(was) != coupons(got) {
			t.Fatalf("coupons take %v off, and in another order %v", coupons(was), coupons(got))
		}
		if tied || err != nil {
			return
		}
		if diff := cmp.Diff(byLine(was, nil), byLine(got, from), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("in another order (-before +after):\n%s", diff)
		}
		if was.PayPrice != got.PayPrice {
			t.Fatalf("pay %d, and in another order %d", was.PayPrice, got.PayPrice)
		}
	})
}

// coupons is what the coupons of products, shops and the market take off.
func coupons(q price.Quote) (off [3]int64) {
	for _, o := range q.Orders {
		for _, l := range o.Lines {
			off[0] += l.CouponOff
			off[1] += l.ShopOff
			off[2] += l.MarketOff
		}
	}
	return off
}

// byLine are the lines by their index, which stood at from before.
func byLine(q price.Quote, from []int) map[int]price.LinePrice {
	lines := map[int]price.LinePrice{}
	for _, o := range q.Orders {
		for _, l := range o.Lines {
			if from != nil {
				l.Index = from[l.Index]
			}
			lines[l.Index] = l
		}
	}
	return lines
}

// TestAgain: a second quote is the same, and the basket is as it was.
func TestAgain(t *testing.T) {
	t.Parallel()
	check(t, 20, func(t *rapid.T) {
		b := anyBasket.Draw(t, "basket")
		before := b
		before.Lines, before.ShopRecords = slices.Clone(b.Lines), slices.Clone(b.ShopRecords)
		before.Buyer.Records = slices.Clone(b.Buyer.Records)
		first, failure := b.Quote()
		second, err := b.Quote()
		wantSame(t, first, failure, second, err)
		if diff := cmp.Diff(before, b); diff != "" {
			t.Fatalf("the basket (-before +after):\n%s", diff)
		}
	})
}

// TestMoreBeli never costs more, neither more of them nor more of what they may pay.
func TestMoreBeli(t *testing.T) {
	t.Parallel()
	check(t, 20, func(t *rapid.T) {
		b, q := anyQuote(t)
		b.UseBeli = true
		b.Buyer.Beli += rapid.Int64Range(0, 100).Draw(t, "more beli")
		b.BeliPercent = rapid.Int64Range(b.BeliPercent, 100).Draw(t, "more percent")
		if more := quoted(t, b); more.PayPrice > q.PayPrice {
			t.Fatalf("pay %d, and with more beli %d", q.PayPrice, more.PayPrice)
		}
	})
}

// TestFenByFen holds the judge's shortcut, the whole parts at once, against none.
func TestFenByFen(t *testing.T) {
	t.Parallel()
	check(t, 20, func(t *rapid.T) {
		over := rapid.SliceOfN(rapid.Int64Range(0, 40), 1, 8).Draw(t, "over")
		var sum int64
		for _, amount := range over {
			sum += amount
		}
		whole := rapid.Int64Range(0, sum).Draw(t, "whole")
		slow := make([]int64, len(over))
		if sum > 0 {
			fenByFen(whole, whole, sum, over, slow)
		}
		if fast := new(judged).spread(whole, over); !slices.Equal(slow, fast) {
			t.Fatalf("fen by fen %v, with whole parts %v", slow, fast)
		}
	})
}

// FuzzQuote looks for a basket on which the judge does not agree or whose sums are off.
func FuzzQuote(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		b := anyBasket.Draw(t, "basket")
		want, _, failure := judge(b)
		got, err := b.Quote()
		wantSame(t, want, failure, got, err)
		if err == nil {
			wantSums(t, b, got)
		}
	}))
}
