// Package importing takes the rows of the old server's database over into ours.
//
// A row that cannot be kept, or not as it was, is written to a report with the reason, and
// the rest goes in. Rows that are there already stay as they are, so that an import which
// was broken off can be begun again, and so can one whose report has been worked through.
package importing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"time"

	"campusgate/storage"
	"campusgate/storage/olddatabase"
)

// Options say what to take over, and how.
type Options struct {
	From     *olddatabase.DB
	To       *storage.DB
	Accounts bool // users and tokens too
	Merge    bool // into a database that has other rows
	DryRun   bool // write nothing but the report

	// Location is where the old server's times are local.
	Location *time.Location
	// Clean sanitises a product's content; it is not ok where that is too long.
	Clean func(content string) (kept string, ok bool)
	// Accepted, if not nil, is called when nothing is refused, before anything is written.
	Accepted func() error
	// Report gets the rows that are not kept as they were.
	Report io.Writer
	// Progress is told how many rows of how many of a table are done.
	Progress func(table string, done, total int)
}

// A Summary counts the rows of a table.
type Summary struct {
	Table   string
	Read    int
	Added   int
	There   int // before
	Changed int // of those that were added or there: not kept as they were
	LeftOut int
}

// ErrOtherRows says that the database has rows that are not in the old one.
var ErrOtherRows = errors.New("the database has other rows")

// Run takes the rows over, a batch of them in each transaction. The summaries are of what
// was done until an error.
func Run(ctx context.Context, o Options) ([]Summary, error) {
	r := &run{Options: o, report: newReport(o.Report), totals: map[string]int{}}
	if err := r.survey(ctx); err != nil {
		return nil, err
	}
	if r.Accepted != nil {
		if err := r.Accepted(); err != nil {
			return nil, err
		}
	}
	// In the sequence in which rows stand on each other.
	steps := []func(context.Context) error{r.takeProperties, r.takeShops, r.takeProducts, r.takePurchases}
	if r.Accounts {
		steps = append([]func(context.Context) error{r.takeUsers, r.takeTokens}, steps...)
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return r.summaries, err
		}
	}
	return r.summaries, nil
}

// A run is one import.
type run struct {
	Options
	report    report
	summaries []Summary
	totals    map[string]int // rows of each table of the old database

	// The rows of our tables by their ids, those that this run adds too.
	users, tokens, properties, shops, products, purchases map[string]storage.Origin
}

// A list is a table of ours and the old one that it is filled from.
type list struct {
	table olddatabase.Table
	ours  *map[string]storage.Origin
	read  func(context.Context) (map[string]storage.Origin, error)
}

// survey reads the ids of our rows, counts the old ones, and refuses a database that has
// others.
func (r *run) survey(ctx context.Context) error {
	lists := []list{
		{olddatabase.Property, &r.properties, r.To.PropertyOrigins},
		{olddatabase.Shop, &r.shops, r.To.ShopOrigins},
		{olddatabase.Product, &r.products, r.To.ProductOrigins},
		{olddatabase.Purchase, &r.purchases, r.To.PurchaseOrigins},
	}
	if r.Accounts {
		lists = append(lists, list{olddatabase.Users, &r.users, r.To.UserOrigins}, list{olddatabase.Tokens, &r.tokens, r.To.TokenOrigins})
	}
	for _, list := range lists {
		others, err := r.others(ctx, list)
		if err != nil {
			return err
		}
		if others > 0 && !r.Merge {
			return fmt.Errorf("%w: %d that the old table %s has not", ErrOtherRows, others, list.table.Name)
		}
	}
	return nil
}

// others counts the rows of a list that are not in the old table.
func (r *run) others(ctx context.Context, list list) (int, error) {
	ours, err := list.read(ctx)
	if err != nil {
		return 0, err
	}
	*list.ours = ours
	others := maps.Clone(ours)
	for id, err := range r.From.IDs(ctx, list.table) {
		if err != nil {
			return 0, err
		}
		r.totals[list.table.Name]++
		if id != nil {
			delete(others, wholeNumber(*id))
		}
	}
	return len(others), nil
}
