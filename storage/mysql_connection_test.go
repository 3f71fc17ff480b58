package storage_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

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

// sellStatements are worth preparing: those of sell.
const sellStatements = 4

// sell is a transaction and a read.
func sell(t *testing.T, db *storage.DB, want *storage.Product) {
	t.Helper()
	err := db.InTx(t.Context(), func(tx *storage.Tx) error {
		if _, err := tx.LockOffer(t.Context(), want.ProductID); err != nil {
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

// A connection prepares what it is asked again, and lists while there is room.
func TestMySQLPreparesWhatIsAskedAgain(t *testing.T) {
	t.Parallel()
	db, _, status := openAlone(t, 0)
	p := product()
	before := status("Prepared_stmt_count") // by the migration
	prepared := func() int { return status("Prepared_stmt_count") - before }
	for again, want := range []int{0, sellStatements, sellStatements} {
		sell(t, db, &p)
		if got := prepared(); got != want {
			t.Errorf("asked again %d times: %d statements are prepared, want %d", again, got, want)
		}
	}
	for statuses := range 200 {
		for range 2 {
			f := storage.ProductFilter{Statuses: make([]int64, statuses)}
			if _, err := db.Products(t.Context(), f, nil, storage.Page{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	const room = 8
	if got := prepared(); got != sellStatements+room {
		t.Errorf("after many lists: %d statements are prepared, want %d", got, sellStatements+room)
	}
	for range 2 {
		wantWallet(t, db)
	}
	if got := prepared(); got != sellStatements+room+1 {
		t.Errorf("what is no list has no room: %d statements are prepared, want %d", got, sellStatements+room+1)
	}
	if got, want := status("Com_stmt_prepare"), before+prepared(); got != want {
		t.Errorf("the server was asked %d times to prepare, want %d", got, want)
	}
}

// wantUser asks for an account that nobody has.
func wantWallet(t *testing.T, db *storage.DB) {
	t.Helper()
	if _, err := db.User(t.Context(), "12"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("User: %v, want ErrNotFound", err)
	}
}

// The server has a number of statements for all programs. Without room the texts
// are sent.
func TestMySQLWithoutRoomForStatements(t *testing.T) {
	t.Parallel()
	db, server, status := openAlone(t, 0)
	p := product()
	for range 2 {
		sell(t, db, &p)
	}
	prepared := status("Prepared_stmt_count")
	execOn(t, "mysql", server.DSN, "SET GLOBAL max_prepared_stmt_count = "+strconv.Itoa(prepared))
	for range 3 {
		wantWallet(t, db)
		sell(t, db, &p)
	}
	if got := status("Prepared_stmt_count"); got != prepared {
		t.Errorf("%d statements are prepared, want those of before: %d", got, prepared)
	}
	const asks = 4
	before := status("Queries")
	for range asks {
		if _, err := db.ShopCount(t.Context(), "12"); err != nil {
			t.Error(err)
		}
	}
	if got := status("Queries") - before - 1; got != asks {
		t.Errorf("the server was asked %d times, want %d: it is no use to ask for room again", got, asks)
	}
}

// What is prepared lives on when a column is added or has another type.
func TestMySQLTableChangesUnderStatements(t *testing.T) {
	t.Parallel()
	dsn := storagetest.MariaDB(t)
	db := openFile(t, storage.Options{Driver: "mysql", DSN: dsn, MaxOpen: 1})
	p := product()
	insertProduct(t, db, p)
	for _, change := range []string{
		"DO 0", "DO 0",
		"ALTER TABLE products ADD COLUMN note TEXT FIRST",
		"ALTER TABLE products MODIFY product_sale INT UNSIGNED, MODIFY shop_id VARCHAR(20)",
		"ALTER TABLE products DROP COLUMN note",
	} {
		execOn(t, "mysql", dsn, change)
		for range 2 {
			sell(t, db, &p)
		}
	}
}

// A transaction sees what others have committed meanwhile: what it reads after it
// has waited for a lock is as new as the lock.
func TestMySQLTransactionsReadWhatIsCommitted(t *testing.T) {
	t.Parallel()
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

// Behind a proxy that sends each command to another server, a statement is unknown
// where it is to run.
func TestMySQLLosesStatements(t *testing.T) {
	t.Parallel()
	db, proxy := openBehindProxy(t)
	p := product()
	insertProduct(t, db, p)
	for range 2 {
		sell(t, db, &p)
	}
	proxy.forgets.Store(true)
	for range 4 {
		sell(t, db, &p)
	}
	if got := proxy.forgotten.Load(); got != 1 { // after it the connection has none, and prepares none
		t.Errorf("%d statements were lost, want 1", got)
	}
}

// A deadlock ends the transaction, also where a statement is prepared: it begins again,
// and no half of it is committed.
func TestMySQLDeadlockWhilePreparing(t *testing.T) {
	t.Parallel()
	db, proxy := openBehindProxy(t)
	p := product()
	insertProduct(t, db, p)
	tries := 0
	sale := func() {
		t.Helper()
		err := db.InTx(t.Context(), func(tx *storage.Tx) error {
			tries++
			if err := tx.AddSale(t.Context(), p.ProductID, 1); err != nil {
				return err
			}
			_, err := tx.LockOffer(t.Context(), p.ProductID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		p.ProductSale++
	}
	sale() // its texts have been asked once
	proxy.deadlocks.Store(2)
	sale()
	wantProduct(t, db, p)
	if tries != 1+3 {
		t.Errorf("%d tries, want 1, and 3 for two deadlocks", tries)
	}
}

// openBehindProxy opens a database of one connection.
func openBehindProxy(t *testing.T) (*storage.DB, *unreliable) {
	t.Helper()
	config, err := mysql.ParseDSN(storagetest.MariaDB(t))
	if err != nil {
		t.Fatal(err)
	}
	proxy := startUnreliable(t, config.Addr)
	config.Addr = proxy.address
	return openFile(t, storage.Options{Driver: "mysql", DSN: config.FormatDSN(), MaxOpen: 1}), proxy
}

// An unreliable proxy passes everything on, but for the number of a statement that is
// to run, and for some statements to prepare.
type unreliable struct {
	address   string
	server    atomic.Value // the address that new connections lead to
	forgets   atomic.Bool
	forgotten atomic.Int64
	deadlocks atomic.Int64 // how many more it tells of
	accepted  atomic.Int64 // connections
}

func startUnreliable(t *testing.T, server string) *unreliable {
	t.Helper()
	p := &unreliable{address: filepath.Join(t.TempDir(), "proxy")}
	p.server.Store(server)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", p.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			p.accepted.Add(1)
			address, _ := p.server.Load().(string)
			upstream, err := net.Dial("unix", address) //nolint:noctx // it is a test's own server
			if err != nil {
				t.Error(err)
				return
			}
			go func() { _, _ = io.Copy(client, upstream); _ = client.Close() }()
			go func() { p.pass(upstream, client); _ = upstream.Close() }()
		}
	}()
	return p
}

// pass passes the client's packets on until either side ends.
func (p *unreliable) pass(server io.Writer, client io.ReadWriter) {
	const prepare, execute = 0x16, 0x17
	deadlock := "\xff\xbd\x04#40001Deadlock found when trying to get lock" // 1213
	for reader := bufio.NewReader(client); ; {
		header := make([]byte, 4) // a length of 3 bytes, and a number
		if _, err := io.ReadFull(reader, header); err != nil {
			return
		}
		packet := make([]byte, int(header[0])|int(header[1])<<8|int(header[2])<<16)
		if _, err := io.ReadFull(reader, packet); err != nil {
			return
		}
		if packet[0] == prepare && p.deadlocks.Load() > 0 {
			p.deadlocks.Add(-1)
			if _, err := io.WriteString(client, string([]byte{byte(len(deadlock)), 0, 0, 1})+deadlock); err != nil {
				return
			}
			continue
		}
		if packet[0] == execute && p.forgets.Load() {
			p.forgotten.Add(1)
			binary.LittleEndian.PutUint32(packet[1:], 1<<30)
		}
		if _, err := server.Write(append(header, packet...)); err != nil {
			return
		}
	}
}

// While all connections are in use, a query waits as long as it may take, or as its
// caller does.
func TestMySQLWaitsForAConnection(t *testing.T) {
	t.Parallel()
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
			t.Parallel()
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
			if stats := db.Pools()["all"](); stats.WaitCount == waits || stats.WaitDuration == 0 {
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
	t.Parallel()
	db, server, _ := openAlone(t, time.Second)
	p := product()
	for range 2 {
		sell(t, db, &p)
	}
	hang := func() { server.Signal(t, syscall.SIGSTOP) }
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
