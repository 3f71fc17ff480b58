package market_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"campusgate/handlers/handlerstest"
	"campusgate/handlers/market"
)

// stored clicks of the document's product.
func storedClicks(g *handlerstest.Gateway) int64 {
	g.T.Helper()
	product, err := g.DB.Product(g.T.Context(), handlerstest.DocumentProduct)
	handlerstest.Must(g.T, err)
	return product.ProductClick
}

// Each look is counted after its answer, and shown before it is written.
func TestClicksAreShown(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	for _, want := range []string{"0", "1", "2"} {
		if got := g.OK("product/info", bobToken, `{"product_id":4517733}`).Field("product_click"); got != want {
			t.Errorf("got %s clicks, want %s", got, want)
		}
	}
	if got := g.OK("product/list", bobToken, `{}`).Rows(t, "product_click"); got != "3" {
		t.Errorf("the list shows %s clicks", got)
	}
	// Neither a list nor a product that does not exist is a look.
	g.Call("product/info", bobToken, `{"product_id":1}`).Want(t, 100, "Error Product id")
	if g.Clicks.Waiting(1) != 0 || g.Clicks.Waiting(handlerstest.DocumentProduct) != 3 {
		t.Errorf("%d and %d clicks wait", g.Clicks.Waiting(1), g.Clicks.Waiting(handlerstest.DocumentProduct))
	}
}

// Run writes the last clicks when its context ends, and only then returns.
func TestClicksAreWrittenAtTheEnd(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	handlerstest.Together(16, func(int) handlerstest.Answer { return g.OK("product/info", bobToken, `{"product_id":4517733}`) })
	if stored := storedClicks(g); stored != 0 {
		t.Errorf("%d clicks are written before their time", stored)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g.Clicks.Run(ctx)
	if stored, waiting := storedClicks(g), g.Clicks.Waiting(handlerstest.DocumentProduct); stored != 16 || waiting != 0 {
		t.Errorf("%d clicks are written, %d wait", stored, waiting)
	}
	g.Clicks.Run(ctx) // writes nothing twice
	if got := g.OK("product/info", bobToken, `{"product_id":4517733}`).Field("product_click"); got != "16" {
		t.Errorf("got %s clicks", got)
	}
}

// A batch that the database refuses waits for the next turn.
func TestClicksWaitForTheDatabase(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	g.OK("product/info", bobToken, `{"product_id":4517733}`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g.SQL("ALTER TABLE products RENAME TO gone")
	g.Clicks.Run(ctx)
	if g.Clicks.Backlog() != 1 || g.Clicks.Waiting(handlerstest.DocumentProduct) != 1 || !strings.Contains(g.Log.String(), "write clicks") {
		t.Errorf("%d clicks wait; the log: %s", g.Clicks.Waiting(handlerstest.DocumentProduct), g.Log)
	}
	g.SQL("ALTER TABLE gone RENAME TO products")
	g.Clicks.Run(ctx)
	if storedClicks(g) != 1 || g.Clicks.Waiting(handlerstest.DocumentProduct) != 0 {
		t.Errorf("%d clicks are written", storedClicks(g))
	}
}

// Clicks that come while a batch is written are neither lost nor written twice.
func TestClicksBesideTheWriter(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	handlerstest.Together(8, func(i int) handlerstest.Answer {
		for range 50 {
			if i == 0 { // one writer, as in the server
				g.Clicks.Run(ctx)
			} else {
				g.Clicks.Count(handlerstest.DocumentProduct)
			}
		}
		return handlerstest.Answer{}
	})
	g.Clicks.Run(ctx)
	if stored := storedClicks(g); stored != 7*50 {
		t.Errorf("%d clicks are written, want %d", stored, 7*50)
	}
}

// A click waits for the database for a second at most.
func TestClicksAreWrittenEverySecond(t *testing.T) {
	t.Parallel()
	if handlerstest.OnMariaDB() {
		t.Skip("a driver with goroutines of its own does not fit in a bubble: on SQLite")
	}
	g := handlerstest.Start(t)
	g.Document()
	synctest.Test(t, func(t *testing.T) {
		clicks := market.NewClicks(g.DB, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			clicks.Run(ctx)
			close(ended)
		}()
		clicks.Count(handlerstest.DocumentProduct)
		time.Sleep(1100 * time.Millisecond)
		synctest.Wait()
		if waiting := clicks.Waiting(handlerstest.DocumentProduct); waiting != 0 {
			t.Errorf("%d clicks wait for longer than a second", waiting)
		}
		cancel()
		<-ended
	})
}

// An owner's number holds for the clicks before it; those after it are added.
func TestClicksBesideTheOwnersNumber(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	look := func() string {
		return g.OK("product/info", bobToken, `{"product_id":4517733}`).Field("product_click")
	}
	look()
	look()
	g.OK("product/update", aliceToken, `{"product_id":4517733,"shop_id":811729970,"product_status":1,"product_click":100}`)
	for _, want := range []string{"100", "101"} {
		if got := look(); got != want {
			t.Errorf("got %s clicks, want %s", got, want)
		}
	}
}

// A list is sorted by the clicks that it shows.
func TestClicksSortAList(t *testing.T) {
	t.Parallel()
	g := handlerstest.Start(t)
	g.Document()
	other := g.AddProduct("other", "1", "")
	g.OK("product/info", bobToken, `{"product_id":`+other+`}`)
	for order, want := range map[string]string{"DESC": "1 0", "ASC": "0 1"} {
		if got := g.OK("product/list", bobToken, `{"type":"all","order":"product_click `+order+`"}`).Rows(t, "product_click"); got != want {
			t.Errorf("%s: got %s, want %s", order, got, want)
		}
	}
}
