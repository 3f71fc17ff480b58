package storage

import (
	"context"
	"fmt"
	"maps"
	"sync"

	"campusgate/storage/engine"
	"campusgate/storage/search"
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

// offerChanges selects the sum of all changes: while it stays, so does what searches find.
const offerChanges = "SELECT COALESCE(SUM(changes), 0) FROM offer_changes"

// searchCounts are the counts of searches, and how each is best read, as of a sum of changes.
type searchCounts struct {
	mu      sync.Mutex
	changes int64
	counts  map[string]search.Choice // of counts the rows alone
}

// What is kept at most: a few hundred KB.
const maxCounts, maxCountKey = 4096, 200

// count returns what is counted for a search, from what is kept where nothing has changed since.
// The changes were read before, and told to changed.
func (c *searchCounts) count(asked string, changes int64, count func() (int64, error)) (int64, error) {
	if kept, ok, as := c.kept(asked); ok && as == changes {
		return kept.Rows, nil
	}
	total, err := count()
	if err == nil {
		c.keep(asked, changes, search.Choice{Rows: total})
	}
	return total, err
}

// choice returns how a search is best read, which may be as of changes before the last.
func (c *searchCounts) choice(asked string, choose func() (search.Choice, error)) (search.Choice, error) {
	kept, ok, changes := c.kept(asked)
	if ok {
		return kept, nil
	}
	chosen, err := choose()
	if err == nil {
		c.keep(asked, changes, chosen)
	}
	return chosen, err
}

// changed forgets what is kept of less changes.
func (c *searchCounts) changed(changes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if changes > c.changes || c.counts == nil {
		c.changes, c.counts = changes, map[string]search.Choice{}
	}
}

func (c *searchCounts) kept(asked string) (kept search.Choice, ok bool, changes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept, ok = c.counts[asked]
	return kept, ok, c.changes
}

func (c *searchCounts) keep(asked string, changes int64, found search.Choice) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if changes != c.changes || c.counts == nil || len(asked) > maxCountKey {
		return
	}
	if len(c.counts) >= maxCounts {
		for old := range maps.Keys(c.counts) { // any one
			delete(c.counts, old)
			break
		}
	}
	c.counts[asked] = found
}

// countKey names what a filter finds, whatever its sort.
func (f MarketFilter) countKey() string {
	least, most := int64(-1), int64(-1) // none
	if f.PriceMin != nil {
		least = *f.PriceMin
	}
	if f.PriceMax != nil {
		most = *f.PriceMax
	}
	return fmt.Sprintf("%q %q %d %d", f.Words, f.marks(), least, most)
}
