package storage_test

import (
	"context"
	"errors"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// pooled are the connections that a server is left with.
const pooled = 8

// A failover is a database behind an address that may lead to another server.
type failover struct {
	db       *storage.DB
	proxy    *unreliable
	from, to *storagetest.Process
	product  storage.Product
}

// startFailover opens a database with a pool of connections, as a user whom read_only
// binds. Both servers have the product.
func startFailover(t *testing.T) *failover {
	t.Helper()
	f := &failover{from: startMigrated(t), to: startMigrated(t), product: product()}
	config := asCampus(t, f.from.DSN)
	f.proxy = startUnreliable(t, config.Addr)
	config.Addr = f.proxy.address
	f.db = openOnly(t, storage.Options{Driver: "mysql", DSN: config.FormatDSN(), MaxOpen: pooled, Timeout: 2 * time.Second})
	f.fillPool(t)
	return f
}

func startMigrated(t *testing.T) *storagetest.Process {
	t.Helper()
	server := storagetest.StartMariaDB(t)
	insertProduct(t, openFile(t, storage.Options{Driver: "mysql", DSN: server.DSN}), product())
	execOn(t, "mysql", server.DSN, "CREATE USER campus@localhost", "GRANT ALL ON test.* TO campus@localhost")
	return server
}

func asCampus(t *testing.T, dsn string) *mysql.Config {
	t.Helper()
	config, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	config.User = "campus"
	return config
}

// fillPool has all connections in use at the same time.
func (f *failover) fillPool(t *testing.T) {
	t.Helper()
	var inside, done sync.WaitGroup
	inside.Add(pooled)
	for range pooled {
		done.Go(func() {
			var once sync.Once
			if err := f.db.InTx(t.Context(), func(*storage.Tx) error {
				once.Do(inside.Done)
				inside.Wait()
				return nil
			}); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
}

func (f *failover) replace(t *testing.T) {
	t.Helper()
	f.proxy.server.Store(asCampus(t, f.to.DSN).Addr)
}

// sell adds a sale in a transaction, by a statement, and reads.
func (f *failover) sell(t *testing.T) error {
	t.Helper()
	err := f.db.InTx(t.Context(), func(tx *storage.Tx) error { return tx.AddSale(t.Context(), f.product.ProductID, 1) })
	return errors.Join(err, f.db.AddSale(t.Context(), f.product.ProductID, 1))
}

// Another server is behind the address, and the old one turned read-only: no call fails.
func TestMySQLReadOnlyServerIsReplaced(t *testing.T) {
	t.Parallel()
	f := startFailover(t)
	execOn(t, "mysql", f.from.DSN, "SET GLOBAL read_only = 1")
	f.replace(t)
	for range 2 * pooled {
		if err := f.sell(t); err != nil {
			t.Errorf("a write failed: %v", err)
		}
	}
	if err := f.db.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// The probe alone finds it too, before a call reads old rows.
func TestMySQLPingLeavesAReadOnlyServer(t *testing.T) {
	t.Parallel()
	f := startFailover(t)
	execOn(t, "mysql", f.from.DSN, "SET GLOBAL read_only = 1")
	execOn(t, "mysql", f.to.DSN, "UPDATE products SET product_sale = 100")
	f.replace(t)
	if err := f.db.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	for range pooled {
		if p, err := f.db.Product(t.Context(), f.product.ProductID); err != nil || p.ProductSale != 100 {
			t.Errorf("%d sales, %v; want the new server's 100", p.ProductSale, err)
		}
	}
}

// A server that says nothing more costs one call its time-out, and not one for each
// connection.
func TestMySQLSilentServerIsReplaced(t *testing.T) {
	t.Parallel()
	f := startFailover(t)
	f.from.Signal(t, syscall.SIGSTOP)
	defer f.from.Signal(t, syscall.SIGCONT)
	f.replace(t)
	if err := f.db.AddSale(t.Context(), f.product.ProductID, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want DeadlineExceeded", err)
	}
	for range 2 * pooled {
		if err := f.sell(t); err != nil {
			t.Errorf("a write failed: %v", err)
		}
	}
}

// While the only server is read-only, reads go on, the probe and a new start name the
// setting, and writes work as soon as they may.
func TestMySQLReadOnlyServer(t *testing.T) {
	t.Parallel()
	f := startFailover(t)
	execOn(t, "mysql", f.from.DSN, "SET GLOBAL read_only = 1")
	for range 3 {
		err := f.db.AddSale(t.Context(), f.product.ProductID, 1)
		if failure, ok := errors.AsType[*mysql.MySQLError](err); !ok || failure.Number != 1290 {
			t.Errorf("a write: %v, want error 1290", err)
		}
		wantProduct(t, f.db, f.product)
		wantReadOnly(t, f.db.Ping(t.Context()))
	}
	_, err := storage.Open(t.Context(), storage.Options{Driver: "mysql", DSN: f.from.DSN})
	wantReadOnly(t, err)
	execOn(t, "mysql", f.from.DSN, "SET GLOBAL read_only = 0")
	if err := errors.Join(f.sell(t), f.db.Ping(t.Context())); err != nil {
		t.Error(err)
	}
}

// A server that stays read-only is not asked for a new connection by each write.
func TestMySQLReadOnlyServerIsLeftNowAndThen(t *testing.T) {
	t.Parallel()
	f := startFailover(t)
	execOn(t, "mysql", f.from.DSN, "SET GLOBAL read_only = 1")
	began, before := time.Now(), f.proxy.accepted.Load()
	const writes = 100
	for range writes {
		if err := f.db.AddSale(t.Context(), f.product.ProductID, 1); err == nil {
			t.Fatal("a read-only server has written")
		}
	}
	if made, seconds := f.proxy.accepted.Load()-before, int64(time.Since(began).Seconds()); made > seconds+1 {
		t.Errorf("%d connections for %d writes in %d s", made, writes, seconds)
	}
}

func wantReadOnly(t *testing.T, err error) {
	t.Helper()
	if setting, ok := errors.AsType[*storage.SettingError](err); !ok || setting.Name != "read_only" {
		t.Errorf("%v, want it to name read_only", err)
	}
}
