package price

import (
	"cmp"
	"math/bits"
	"slices"
)

// amounts has one of each line of a basket, and 0 beyond its last.
type amounts [MaxLines]int64

func (a *amounts) sum() (sum int64) {
	for _, one := range a {
		sum += one
	}
	return sum
}

// spread divides a whole, at most the sum of a, in proportion to a: each line gets its
// proportion rounded down, and what remains goes one by one to the lines with the largest
// remainders, of equal ones to the earlier line. No share is above its amount.
func (a *amounts) spread(whole int64) (shares amounts) {
	sum, rest := uint64(a.sum()), whole
	var remainders [MaxLines]uint64
	var places [MaxLines]int
	last := places[:0] // the lines that something remains of
	for i, amount := range a {
		if amount == 0 {
			continue
		}
		high, low := bits.Mul64(uint64(whole), uint64(amount)) // beyond 64 bits at the bounds
		share, remainder := bits.Div64(high, low, sum)
		shares[i], remainders[i] = int64(share), remainder
		rest -= int64(share)
		if remainder > 0 {
			last = append(last, i)
		}
	}
	slices.SortStableFunc(last, func(i, j int) int { return cmp.Compare(remainders[j], remainders[i]) })
	for _, i := range last[:rest] {
		shares[i]++
	}
	return shares
}
