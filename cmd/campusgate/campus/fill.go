package campus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"campusgate/storage"
)

// ErrSize says that there is no campus of a size.
var ErrSize = fmt.Errorf("a size must be a multiple of %d, and above 0", Step)

// Fill fills an empty, migrated database with a campus of a size. It tells progress, if that is
// not nil, how many rows of how many of a kind are there, of several kinds by turns. After an
// error a part of the campus is left.
func Fill(ctx context.Context, db *storage.DB, size int, progress func(kind string, done, total int)) error {
	if size <= 0 || size%Step != 0 {
		return ErrSize
	}
	_, err := db.User(ctx, AdminID)
	if !errors.Is(err, storage.ErrNotFound) {
		return errors.Join(errors.New("the database has a campus already"), err)
	}
	if progress == nil {
		progress = func(string, int, int) {}
	}
	f := &filling{db: db.Within(time.Hour), size: size, progress: progress, balances: newBalances(size)}
	for _, together := range f.parts() {
		group, ctx := errgroup.WithContext(ctx)
		for _, parts := range together {
			group.Go(func() error { return f.fillAll(ctx, parts) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	return nil
}

// A filling is one run of [Fill].
type filling struct {
	db       *storage.DB
	size     int
	balances balances

	telling  sync.Mutex
	progress func(kind string, done, total int)
}

// A part is rows of one kind, in the sequence in which they are added.
type part struct {
	kind     string
	rows     int
	together int // in one transaction
	add      func(from, to int) adding
}

// An adding adds rows that are made: in a transaction, which may be tried again.
type adding func(ctx context.Context, tx *storage.Tx) error

// What a transaction adds: of what has an index of words many, so that a page of the index is
// written for many rows.
const manyRows, searchedRows = 5000, 20_000

// parts are all of them: those that stand on others come after them, and rows of one place are
// filled side by side, each of its lists from the beginning to the end.
func (f *filling) parts() [][][]part {
	users := part{"users", Users(f.size) + 1, searchedRows, f.addUsers}
	shops := part{"shops", Shops(f.size), manyRows, f.addShops}
	goods := []part{
		{"products", Products(f.size), searchedRows, f.addProducts},
		{"second-hand products", SecondHands(f.size), searchedRows, f.addSecondHands},
		{"courses", Courses(f.size), manyRows, f.addCourses},
		{"reports", Reports(f.size), manyRows, f.addReports},
	}
	notices := []part{{"notices", Notices(f.size), searchedRows, f.addNotices}}
	orders := []part{ // in the sequence in which they change what users have
		{"coupons", Coupons(f.size), manyRows, f.addCoupons},
		{"orders", Payments(f.size), manyRows, f.addOrders()},
		{"recharges", Recharges(f.size), manyRows, f.addRecharges},
		{"wallets", Users(f.size), manyRows, f.setWallets},
	}
	others := []part{
		{"carts", Carts(f.size), manyRows, f.addCarts},
		{"addresses", Users(f.size), manyRows, f.addAddresses},
		{"favourites", Favourites(f.size), manyRows, f.addFavourites},
		{"messages", Messages(f.size), manyRows, f.addMessages},
		{"conversations", Conversations(f.size), manyRows, f.addConversations},
		{"what users are told", Told(f.size), manyRows, f.addTold},
		{"sessions", Sessions(f.size), manyRows, f.addSessions},
		{"audit", Audits(f.size), manyRows, f.addAudits},
	}
	days := part{"days", year / day, year / day, f.addDays}
	return [][][]part{{{users, shops}}, {goods, notices, orders, others}, {{days}}}
}

func (f *filling) fillAll(ctx context.Context, parts []part) error {
	for _, p := range parts {
		if err := f.fill(ctx, p); err != nil {
			return fmt.Errorf("fill %s: %w", p.kind, err)
		}
	}
	return nil
}

func (f *filling) fill(ctx context.Context, p part) error {
	for from := 0; from < p.rows; from += p.together {
		to := min(from+p.together, p.rows)
		add := p.add(from, to)
		if err := f.db.InTx(ctx, func(tx *storage.Tx) error { return add(ctx, tx) }); err != nil {
			return err
		}
		f.tell(p.kind, to, p.rows)
	}
	return nil
}

func (f *filling) tell(kind string, done, total int) {
	f.telling.Lock()
	defer f.telling.Unlock()
	f.progress(kind, done, total)
}
