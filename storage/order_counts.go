package storage

import (
	"sync"
	"time"
)

const (
	// minKeptOrders is how many orders a list has whose count is kept: to count fewer takes
	// less than to read a page of them.
	minKeptOrders = 1_000
	// keepOrderCount is how long such a count is kept, by one replica.
	keepOrderCount = 2 * time.Second
	// maxOrderCounts bounds how many are kept: some 200 KB.
	maxOrderCounts = 1_000
)

// orderCounts keeps how many orders long lists have: a page of the orders of a large shop is
// 20 rows, and its count 10,000.
type orderCounts struct {
	mu   sync.Mutex
	kept map[OrderFilter]orderCount
}

type orderCount struct {
	total int64
	until time.Time
}

// count returns the count of a list, counted at most [keepOrderCount] ago where it is long.
func (c *orderCounts) count(f OrderFilter, count func() (int64, error)) (int64, error) {
	now := time.Now()
	c.mu.Lock()
	kept := c.kept[f]
	c.mu.Unlock()
	if now.Before(kept.until) {
		return kept.total, nil
	}
	total, err := count()
	if err != nil || total < minKeptOrders {
		return total, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || len(c.kept) >= maxOrderCounts {
		c.kept = map[OrderFilter]orderCount{}
	}
	c.kept[f] = orderCount{total, now.Add(keepOrderCount)}
	return total, nil
}
