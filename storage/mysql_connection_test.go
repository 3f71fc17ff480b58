package storage_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// openAlone opens a migrated database on a server of its own, with one connection
// and a product, and returns what asks the server for one of its numbers.
func openAlone(t *testing.T, timeout time.Duration) (db *storage.DB, server *storagetest.Process, status func(name string) int) {
	t.Helper()
	server = storagetest.StartMariaDB(t)
	options := storage.Options{Driver: "mysql", DSN: server.DSN, MaxOpen: 1}
	insertProduct(t, openFile(t, options), product())
	options.Timeout = timeout
	db = openOnly(t, options)
	pool, err := sql.Open("mysql", server.DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() }) // the server may be gone
	return db, server, func(name string) int {
		t.Helper()
		var value int
		if err := pool.QueryRowContext(t.Context(), "SHOW GLOBAL STATUS LIKE '"+name+"'").Scan(&name, &value); err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// sell is a read and a transaction whose statements are worth preparing.
func sell(t *testing.T, db *storage.DB, want *storage.Product) {
	t.Helper()
	err := db.InTx(t.Context(), func(tx *storage.Tx) error {
		if _, err := tx.LockProduct(t.Context(), want.ProductID); err != nil {
			return err
		}
		return tx.AddSale(t.Context(), want.ProductID, 1)
	})
	if err != nil {
		t.Fatal(err)
	}
	want.ProductSale++
	wantProduct(t, db, *want)
}

// A transaction sees what others have committed meanwhile: what it reads after it
// has waited for a lock is as new as the lock.
func TestMySQLTransactionsReadWhatIsCommitted(t *testing.T) {
	db := openFile(t, storage.Options{Driver: "mysql", DSN: storagetest.MariaDB(t)})
	err := db.InTx(t.Context(), func(tx *storage.Tx) error {
		for want := range int64(3) {
			if got, err := tx.ShopCount(t.Context(), "12"); err != nil || got != want {
				t.Errorf("%d shops, %v; want %d", got, err, want)
			}
			insertShop(t, db, storage.Shop{ShopID: want, ShopName: strconv.FormatInt(want, 10), UserID: "12"})
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// While all connections are in use, a query waits as long as it may take, or as its
// caller does.
func TestMySQLWaitsForAConnection(t *testing.T) {
	const short = 50 * time.Millisecond
	for _, test := range []struct {
		name  string
		bound func(context.Context) (context.Context, context.CancelFunc)
		want  error
	}{
		{"the time-out", context.WithCancel, context.DeadlineExceeded},
		{"the caller's deadline", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, short)
		}, context.DeadlineExceeded},
		{"the caller's end", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(short, cancel)
			return ctx, cancel
		}, context.Canceled},
	} {
		t.Run(test.name, func(t *testing.T) {
			options := storage.Options{Driver: "mysql", DSN: storagetest.MariaDB(t), MaxOpen: 1}
			openFile(t, options)
			options.Timeout = time.Second
			db := openOnly(t, options)
			began := time.Now()
			waits := db.Pools()["all"]().WaitCount
			err := db.InTx(t.Context(), func(*storage.Tx) error {
				ctx, cancel := test.bound(t.Context())
				defer cancel()
				for name, query := range map[string]func() error{
					"a read":        func() error { _, err := db.ShopCount(ctx, "12"); return err },
					"a transaction": func() error { return db.InTx(ctx, func(*storage.Tx) error { return nil }) },
					"a ping":        func() error { return db.Ping(ctx) },
				} {
					if err := query(); !errors.Is(err, test.want) {
						t.Errorf("%s: %v, want %v", name, err, test.want)
					}
				}
				return nil
			})
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %s", took)
			}
			if stats := db.Pools()["all"](); stats.WaitCount == waits || stats.WaitDuration < short {
				t.Errorf("%d waits of %s are told", stats.WaitCount, stats.WaitDuration)
			}
			if err != nil && !errors.Is(err, context.DeadlineExceeded) { // its own time may be over
				t.Error(err)
			}
			if _, err := db.ShopCount(t.Context(), "12"); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// A server that hangs keeps nobody longer than the time-out, whatever it is asked.
func TestMySQLHangs(t *testing.T) {
	db, server, _ := openAlone(t, time.Second)
	p := product()
	for range 2 {
		sell(t, db, &p)
	}
	hang := func() {
		server.Signal(t, syscall.SIGSTOP)
		awaitStop(t, server.PID())
	}
	for name, query := range map[string]func() error{
		"a read": func() error { hang(); _, err := db.Product(t.Context(), p.ProductID); return err },
		"a list": func() error {
			hang()
			_, err := db.Products(t.Context(), storage.ProductFilter{}, nil, storage.Page{})
			return err
		},
		"a write": func() error { hang(); return db.AddSale(t.Context(), p.ProductID, 0) },
		"a transaction": func() error {
			return db.InTx(t.Context(), func(tx *storage.Tx) error {
				hang()
				return tx.AddSale(t.Context(), p.ProductID, 0)
			})
		},
		"a commit": func() error {
			return db.InTx(t.Context(), func(tx *storage.Tx) error {
				defer hang()
				return tx.AddSale(t.Context(), p.ProductID, 0)
			})
		},
		"a ping": func() error { hang(); return db.Ping(t.Context()) },
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			err := query()
			server.Signal(t, syscall.SIGCONT)
			if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took > 10*time.Second {
				t.Errorf("%v after %s, want DeadlineExceeded after the time-out", err, took)
			}
			wantProduct(t, db, p)
		})
	}
}

// awaitStop returns when every thread of a process has been stopped.
func awaitStop(t *testing.T, pid int) {
	t.Helper()
	stats, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil || len(stats) == 0 {
		t.Fatalf("threads of the server: %v, %v", stats, err)
	}
	for _, file := range stats {
		for stopped := false; !stopped; {
			stat, err := os.ReadFile(file)
			if err != nil {
				break // it has ended
			}
			_, state, _ := strings.Cut(string(stat), ") ")
			stopped = strings.HasPrefix(state, "T")
		}
	}
}
