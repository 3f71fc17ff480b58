package storage

import (
	"context"
	"fmt"
	"maps"
	"sync"

	"campusgate/storage/engine"
)

// changeSlots is how many rows offer_changes has.
const changeSlots = 16

// OfferChanged notes that what searches find of a product has changed, in the transaction
// that changes it: its texts, price or terms, whether it is on sale and in sight, or its stock
// from or to 0. Counts of searches are kept until then.
func (tx *Tx) OfferChanged(ctx context.Context, productID int64) error {
	return tx.sql.Change(ctx, "note a changed offer", engine.SQL(
		`UPDATE offer_changes SET changes = changes + 1 WHERE slot = ?`, slotOf(productID)))
}

// soldOut is OfferChanged where nothing is left of a product.
func (tx *Tx) soldOut(ctx context.Context, productID int64) error {
	return tx.sql.Exec(ctx, "note a product that is sold out", engine.SQL(
		`UPDATE offer_changes SET changes = changes + 1 WHERE slot = ? AND EXISTS (`+productSoldOut+`)`, slotOf(productID), productID))
}

// slotOf spreads products over the rows, so that few transactions wait for each other.
func slotOf(productID int64) int64 { return max(0, productID%changeSlots) }

// offerChanges is the sum of all changes: while it stays, so does what searches find.
func (q *Queries) offerChanges(ctx context.Context) (changes int64, err error) {
	err = q.sql.Get(ctx, "changes of offers", engine.SQL(`SELECT COALESCE(SUM(changes), 0) FROM offer_changes`), &changes)
	return changes, err
}

// searchCounts are the counts of searches as of a sum of changes.
type searchCounts struct {
	mu      sync.Mutex
	changes int64
	counts  map[string]int64
}

// What is kept at most: a few hundred KB.
const maxCounts, maxCountKey = 2048, 200

// count returns what is counted for a search, from what is kept where nothing has changed.
func (c *searchCounts) count(ctx context.Context, q *Queries, key string, count func() (int64, error)) (int64, error) {
	changes, err := q.offerChanges(ctx) // before it is counted
	if err != nil {
		return 0, err
	}
	if kept, ok := c.kept(key, changes); ok {
		return kept, nil
	}
	total, err := count()
	if err == nil {
		c.keep(key, changes, total)
	}
	return total, err
}

func (c *searchCounts) kept(key string, changes int64) (total int64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if changes > c.changes || c.counts == nil {
		c.changes, c.counts = changes, map[string]int64{}
	}
	if changes == c.changes {
		total, ok = c.counts[key]
	}
	return total, ok
}

func (c *searchCounts) keep(key string, changes, total int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if changes != c.changes || len(key) > maxCountKey {
		return
	}
	if len(c.counts) >= maxCounts {
		for old := range maps.Keys(c.counts) { // any one
			delete(c.counts, old)
			break
		}
	}
	c.counts[key] = total
}

// countKey names what a filter finds, whatever its sort.
func (f MarketFilter) countKey() string {
	least, most := int64(0), int64(-1)
	if f.PriceMin != nil {
		least = *f.PriceMin
	}
	if f.PriceMax != nil {
		most = *f.PriceMax
	}
	return fmt.Sprintf("%q %q %d %d", f.Words, f.marks(), least, most)
}
