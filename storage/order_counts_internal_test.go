package storage

import (
	"errors"
	"fmt"
	"testing"
)

// Long lists are counted once in a while, each for itself, short ones each time, and a count
// that fails is not kept.
func TestOrderCounts(t *testing.T) {
	t.Parallel()
	var c orderCounts
	counted := 0
	count := func(seller string, total int64, err error) (int64, error) {
		return c.count(OrderFilter{Seller: seller}, func() (int64, error) {
			counted++
			return total, err
		})
	}
	failure := errors.New("down")
	for i, step := range []struct {
		seller string
		total  int64
		err    error
		want   int64
		counts int
	}{
		{"short", minKeptOrders - 1, nil, minKeptOrders - 1, 1},
		{"short", 7, nil, 7, 2},
		{"long", 5000, failure, 5000, 3},
		{"long", minKeptOrders, nil, minKeptOrders, 4},
		{"long", 5000, nil, minKeptOrders, 4},
		{"another", 6000, nil, 6000, 5},
		{"long", 5000, failure, minKeptOrders, 5},
	} {
		if got, err := count(step.seller, step.total, step.err); got != step.want || counted != step.counts || counted > 4 && err != nil {
			t.Errorf("%d: %d after %d counts, %v, want %d after %d", i, got, counted, err, step.want, step.counts)
		}
	}
	for i := range 3 * maxOrderCounts {
		_, err := count(fmt.Sprint("seller ", i), 9000, nil)
		if err != nil || len(c.kept) > maxOrderCounts {
			t.Fatalf("%d are kept; %v", len(c.kept), err)
		}
	}
}
