package campus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"campusgate/storage"
)

// ErrSize says that there is no campus of a size.
var ErrSize = fmt.Errorf("a size must be a multiple of %d, and above 0", Step)

// Fill fills an empty, migrated database with a campus of a size. It tells progress, if that is
// not nil, how many rows of how many of a kind are there. After an error a part of it is left.
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
	for _, part := range f.parts() {
		if err := f.fill(ctx, part); err != nil {
			return fmt.Errorf("fill %s: %w", part.kind, err)
		}
	}
	return nil
}

// A filling is one run of [Fill].
type filling struct {
	db       *storage.DB
	size     int
	progress func(kind string, done, total int)
	balances balances
}

// A part is rows of one kind, in the sequence in which they are added.
type part struct {
	kind     string
	rows     int
	together int // in one transaction
	add      func(ctx context.Context, tx *storage.Tx, from, to int) error
}

// What a transaction adds: of what has an index of words many, so that a page of the index is
// written for many rows.
const manyRows, searchedRows = 5000, 20_000

// parts are all of them, in the sequence in which rows stand on each other.
func (f *filling) parts() []part {
	return []part{
		{"users", Users(f.size) + 1, searchedRows, f.addUsers},
		{"shops", Shops(f.size), manyRows, f.addShops},
		{"products", Products(f.size), searchedRows, f.addProducts},
		{"second-hand products", SecondHands(f.size), searchedRows, f.addSecondHands},
		{"notices", Notices(f.size), searchedRows, f.addNotices},
		{"orders", Payments(f.size), manyRows, f.addOrders()},
		{"wallets", Users(f.size), manyRows, f.setWallets},
	}
}

func (f *filling) fill(ctx context.Context, p part) error {
	for from := 0; from < p.rows; from += p.together {
		to := min(from+p.together, p.rows)
		if err := f.db.InTx(ctx, func(tx *storage.Tx) error { return p.add(ctx, tx, from, to) }); err != nil {
			return err
		}
		f.progress(p.kind, to, p.rows)
	}
	return nil
}
