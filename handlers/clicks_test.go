package handlers_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"campusgate/handlers"
)

// stored clicks of the document's product.
func (g *gateway) storedClicks() int64 {
	g.t.Helper()
	product, err := g.db.Product(g.t.Context(), documentProduct)
	must(g.t, err)
	return product.ProductClick
}

// Each look is counted after its answer, and shown before it is written.
func TestClicksAreShown(t *testing.T) {
	g := start(t)
	g.document()
	for _, want := range []string{"0", "1", "2"} {
		if got := g.ok("product/info", bobToken, `{"product_id":4517733}`).field("product_click"); got != want {
			t.Errorf("got %s clicks, want %s", got, want)
		}
	}
	if got := g.ok("product/list", bobToken, `{}`).rows(t, "product_click"); got != "3" {
		t.Errorf("the list shows %s clicks", got)
	}
	// Neither a list nor a product that does not exist is a look.
	g.call("product/info", bobToken, `{"product_id":1}`).want(t, 100, "Error Product id")
	if g.clicks.Waiting(1) != 0 || g.clicks.Waiting(documentProduct) != 3 {
		t.Errorf("%d and %d clicks wait", g.clicks.Waiting(1), g.clicks.Waiting(documentProduct))
	}
}

// Run writes the last clicks when its context ends, and only then returns.
func TestClicksAreWrittenAtTheEnd(t *testing.T) {
	g := start(t)
	g.document()
	together(16, func(int) answer { return g.ok("product/info", bobToken, `{"product_id":4517733}`) })
	if stored := g.storedClicks(); stored != 0 {
		t.Errorf("%d clicks are written before their time", stored)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g.clicks.Run(ctx)
	if stored, waiting := g.storedClicks(), g.clicks.Waiting(documentProduct); stored != 16 || waiting != 0 {
		t.Errorf("%d clicks are written, %d wait", stored, waiting)
	}
	g.clicks.Run(ctx) // writes nothing twice
	if got := g.ok("product/info", bobToken, `{"product_id":4517733}`).field("product_click"); got != "16" {
		t.Errorf("got %s clicks", got)
	}
}

// A batch that the database refuses waits for the next turn.
func TestClicksWaitForTheDatabase(t *testing.T) {
	g := start(t)
	g.document()
	g.ok("product/info", bobToken, `{"product_id":4517733}`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g.sql("ALTER TABLE products RENAME TO gone")
	g.clicks.Run(ctx)
	if g.clicks.Backlog() != 1 || g.clicks.Waiting(documentProduct) != 1 || !strings.Contains(g.log.String(), "write clicks") {
		t.Errorf("%d clicks wait; the log: %s", g.clicks.Waiting(documentProduct), g.log)
	}
	g.sql("ALTER TABLE gone RENAME TO products")
	g.clicks.Run(ctx)
	if g.storedClicks() != 1 || g.clicks.Waiting(documentProduct) != 0 {
		t.Errorf("%d clicks are written", g.storedClicks())
	}
}

// Clicks that come while a batch is written are neither lost nor written twice.
func TestClicksBesideTheWriter(t *testing.T) {
	g := start(t)
	g.document()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	together(8, func(i int) answer {
		for range 50 {
			if i == 0 { // one writer, as in the server
				g.clicks.Run(ctx)
			} else {
				g.clicks.Count(documentProduct)
			}
		}
		return answer{}
	})
	g.clicks.Run(ctx)
	if stored := g.storedClicks(); stored != 7*50 {
		t.Errorf("%d clicks are written, want %d", stored, 7*50)
	}
}

// A click waits for the database for a second at most.
func TestClicksAreWrittenEverySecond(t *testing.T) {
	if onMariaDB() {
		t.Skip("a driver with goroutines of its own does not fit in a bubble: on SQLite")
	}
	g := start(t)
	g.document()
	synctest.Test(t, func(t *testing.T) {
		clicks := handlers.NewClicks(g.db, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			clicks.Run(ctx)
			close(ended)
		}()
		clicks.Count(documentProduct)
		time.Sleep(1100 * time.Millisecond)
		synctest.Wait()
		if waiting := clicks.Waiting(documentProduct); waiting != 0 {
			t.Errorf("%d clicks wait for longer than a second", waiting)
		}
		cancel()
		<-ended
	})
}

// An owner's number holds for the clicks before it; those after it are added.
func TestClicksBesideTheOwnersNumber(t *testing.T) {
	g := start(t)
	g.document()
	look := func() string {
		return g.ok("product/info", bobToken, `{"product_id":4517733}`).field("product_click")
	}
	look()
	look()
	g.ok("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":1,"product_click":100}`)
	for _, want := range []string{"100", "101"} {
		if got := look(); got != want {
			t.Errorf("got %s clicks, want %s", got, want)
		}
	}
}

// A list is sorted by the clicks that it shows.
func TestClicksSortAList(t *testing.T) {
	g := start(t)
	g.document()
	other := g.addProduct("other", "1", "")
	g.ok("product/info", bobToken, `{"product_id":`+other+`}`)
	for order, want := range map[string]string{"DESC": "1 0", "ASC": "0 1"} {
		if got := g.ok("product/list", bobToken, `{"type":"all","order":"product_click `+order+`"}`).rows(t, "product_click"); got != want {
			t.Errorf("%s: got %s, want %s", order, got, want)
		}
	}
}
