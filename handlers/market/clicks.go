package market

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"time"

	"campusgate/storage"
)

// clicksEvery is how long a click may wait to be written, and so how many a crash
// may lose.
const clicksEvery = time.Second

// Clicks counts looks at products in memory and writes them in batches: a look
// at a product costs no write.
type Clicks struct {
	db     *storage.DB
	logger *slog.Logger

	writing sync.Mutex // one batch at a time
	mutex   sync.Mutex
	waiting map[int64]int64 // by product
}

// NewClicks makes a counter; Run writes what it counts.
func NewClicks(db *storage.DB, logger *slog.Logger) *Clicks {
	return &Clicks{db: db, logger: logger, waiting: map[int64]int64{}}
}

// Count adds a click of a product that exists, and returns how many were waiting
// before it.
func (c *Clicks) Count(product int64) (waiting int64) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	waiting = c.waiting[product]
	c.waiting[product] = waiting + 1
	return waiting
}

// Waiting is how many clicks of a product are not written yet.
func (c *Clicks) Waiting(product int64) int64 {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.waiting[product]
}

// Backlog is how many clicks of all products are not written yet.
func (c *Clicks) Backlog() (clicks int64) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, waiting := range c.waiting {
		clicks += waiting
	}
	return clicks
}

// Run writes clicks until ctx ends, and then the last ones. A batch that the
// database refused is tried again at the next turn.
func (c *Clicks) Run(ctx context.Context) {
	ticker := time.NewTicker(clicksEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			c.tryWrite(ctx)
		case <-ctx.Done():
			c.tryWrite(context.WithoutCancel(ctx))
			return
		}
	}
}

func (c *Clicks) tryWrite(ctx context.Context) {
	if err := c.Write(ctx); err != nil {
		c.logger.Warn("write clicks", "error", err)
	}
}

// Write writes every click that was counted before it was called.
func (c *Clicks) Write(ctx context.Context) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.mutex.Lock()
	batch := maps.Clone(c.waiting)
	c.mutex.Unlock()
	if len(batch) == 0 {
		return nil
	}
	if err := c.db.AddClicks(ctx, batch); err != nil {
		return err
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for product, clicks := range batch {
		if c.waiting[product] -= clicks; c.waiting[product] == 0 {
			delete(c.waiting, product)
		}
	}
	return nil
}
