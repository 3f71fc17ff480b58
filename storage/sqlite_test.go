package storage_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"campusgate/storage"
)

// openFile opens and migrates a database of its own options.
func openFile(t *testing.T, options storage.Options) *storage.DB {
	t.Helper()
	db := openOnly(t, options)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

func openOnly(t *testing.T, options storage.Options) *storage.DB {
	t.Helper()
	db, err := storage.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// execFile runs statements on the file at path as another program would.
func execFile(t *testing.T, path string, statements ...string) {
	t.Helper()
	execOn(t, "sqlite", path, statements...)
}

func execOn(t testing.TB, driver, dsn string, statements ...string) {
	t.Helper()
	pool, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	for _, statement := range statements {
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func TestOpenAnyPath(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"plain", "a b", "what?", "50%", "%41", "#1", "a&b=c", "a+b", "c:d", "校园", "semi;colon", "'quote\"", "x?_pragma=query_only(1)",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name, "deep", name+".db")
			db := openOnly(t, storage.Options{Driver: "sqlite", DSN: path})
			if err := db.CheckSchema(t.Context()); err == nil {
				t.Error("CheckSchema of an empty file succeeded")
			}
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
			files, err := os.ReadDir(filepath.Dir(path))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files { // beside it only its -wal and -shm
				if !strings.HasPrefix(file.Name(), filepath.Base(path)) {
					t.Errorf("there is also %q", file.Name())
				}
			}
			folder, err := os.Stat(filepath.Dir(path))
			if err != nil {
				t.Fatal(err)
			}
			if got := folder.Mode().Perm() &^ 0o750; got != 0 {
				t.Errorf("the folder's mode is %v", folder.Mode())
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(strings.Repeat("no database", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name    string
		options storage.Options
		want    string // part of the error
	}{
		{"no driver", storage.Options{DSN: file}, `unknown database driver ""`},
		{"an unknown driver", storage.Options{Driver: "oracle", DSN: file}, `unknown database driver "oracle"`},
		{"no path", storage.Options{Driver: "sqlite"}, "not the path of a file"},
		{"memory", storage.Options{Driver: "sqlite", DSN: ":memory:"}, "not the path of a file"},
		{"a folder under a file", storage.Options{Driver: "sqlite", DSN: filepath.Join(file, "a.db")}, "not a directory"},
		{"a folder", storage.Options{Driver: "sqlite", DSN: t.TempDir()}, "open database in /"},
		{"another kind of file", storage.Options{Driver: "sqlite", DSN: file}, file + ": file is not a database"},
	} {
		t.Run(test.name, func(t *testing.T) {
			db, err := storage.Open(t.Context(), test.options)
			if err == nil {
				t.Error(db.Close())
				t.Fatal("Open succeeded")
			}
			if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q, want one line with %q", err, test.want)
			}
		})
	}
}

func TestReopenKeepsTheData(t *testing.T) {
	t.Parallel()
	options := storage.Options{Driver: "sqlite", DSN: filepath.Join(t.TempDir(), "a.db")}
	first := openFile(t, options)
	want := insertProperty(t, first, notice())
	second := openFile(t, options)
	if got := properties(t, second, storage.PropertyFilter{Type: 1}); len(got) != 1 || got[0] != want {
		t.Errorf("the second opening sees %v", got)
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	db := openOnly(t, storage.Options{Driver: "sqlite", DSN: filepath.Join(t.TempDir(), "a.db")})
	if err := db.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Ping(t.Context()); err == nil {
		t.Error("a closed database answers")
	}
}

// Another process may write at the same time: `campusgate user add`, say.
func TestTwoProcessesWrite(t *testing.T) {
	t.Parallel()
	options := storage.Options{Driver: "sqlite", DSN: filepath.Join(t.TempDir(), "a.db")}
	one, two := openFile(t, options), openFile(t, options)
	insertUser(t, one, storage.User{ID: "12"})
	var group sync.WaitGroup
	for _, db := range []*storage.DB{one, two} {
		for range 30 {
			group.Go(func() {
				err := db.InTx(t.Context(), func(tx *storage.Tx) error {
					wealth, err := tx.LockWealth(t.Context(), "12")
					if err != nil {
						return err
					}
					return tx.SetWealth(t.Context(), "12", wealth+1)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	group.Wait()
	if u, err := one.User(t.Context(), "12"); err != nil || u.Wealth != 60 {
		t.Errorf("wealth %d, %v; want 60", u.Wealth, err)
	}
}

func TestBusyEndsWithTheTimeout(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	one := openFile(t, storage.Options{Driver: "sqlite", DSN: path})
	two := openOnly(t, storage.Options{Driver: "sqlite", DSN: path, Timeout: 250 * time.Millisecond})
	err := one.InTx(t.Context(), func(*storage.Tx) error {
		if _, err := two.InsertProperty(t.Context(), notice()); err == nil {
			t.Error("a write beside another process's transaction succeeded")
		}
		if err := two.InTx(t.Context(), func(*storage.Tx) error { return nil }); err == nil {
			t.Error("a transaction beside another process's began")
		}
		if _, err := two.ShopCount(t.Context(), "12"); err != nil {
			t.Errorf("a read beside another process's transaction: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := two.InsertProperty(t.Context(), notice()); err != nil {
		t.Errorf("a write afterwards: %v", err)
	}
}

// What wantAccounts asks for.
const (
	insertUsers  = `INSERT INTO users (id, name, wealth) VALUES (12, 'Zhao', 12.34), (13, NULL, NULL)`
	insertTokens = `INSERT INTO tokens (token, user_id) VALUES ('t12', 12), ('t13', 13), ('t14', 14), ('none', NULL)`
)

// The account service's tables may be there before ours, and look different.
func TestTablesOfTheAccountService(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, users, tokens string
	}{
		{
			"ids are VARCHAR, wealth is DOUBLE",
			`CREATE TABLE users (pk INTEGER PRIMARY KEY, password TEXT, id VARCHAR(15) UNIQUE, name VARCHAR(20), wealth DOUBLE, level INT)`,
			`CREATE TABLE tokens (user_id VARCHAR(15), expires DATETIME, token CHAR(64) PRIMARY KEY)`,
		},
		{
			"ids are BIGINT, wealth is DECIMAL",
			`CREATE TABLE users (name TEXT, id BIGINT PRIMARY KEY, phone TEXT, wealth DECIMAL(20, 2))`,
			`CREATE TABLE tokens (id INTEGER PRIMARY KEY, token TEXT, user_id BIGINT, ip TEXT)`,
		},
		{
			"VARCHAR tokens of INTEGER users, wealth is TEXT",
			`CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, wealth TEXT)`,
			`CREATE TABLE tokens (token TEXT, user_id VARCHAR(15))`,
		},
		{
			"INTEGER tokens of VARCHAR users, wealth is INTEGER",
			`CREATE TABLE users (id VARCHAR(15), name TEXT, wealth INTEGER)`,
			`CREATE TABLE tokens (token TEXT, user_id INTEGER)`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.db")
			execFile(t, path, test.users, test.tokens, insertUsers, insertTokens)
			db := openFile(t, storage.Options{Driver: "sqlite", DSN: path})
			wantAccounts(t, db)
		})
	}
}

// wantAccounts wants the rows of insertUsers and insertTokens to be found, and
// user 12's wealth to be kept.
func wantAccounts(t *testing.T, db *storage.DB) {
	t.Helper()
	ctx := t.Context()
	for token, want := range map[string]string{"t12": "12", "t13": "13"} {
		if got, err := db.TokenUser(ctx, token); err != nil || got.UserID != want {
			t.Errorf("TokenUser(%s) = %+v, %v", token, got, err)
		}
	}
	for _, token := range []string{"t14", "none"} {
		if _, err := db.TokenUser(ctx, token); !errors.Is(err, storage.ErrNoUser) {
			t.Errorf("TokenUser(%s): %v, want ErrNoUser", token, err)
		}
	}
	for _, want := range []storage.User{{ID: "12", Name: "Zhao", Wealth: 1234}, {ID: "13"}} {
		if got, err := db.User(ctx, want.ID); err != nil || got != want {
			t.Errorf("User = %+v, %v; want %+v", got, err, want)
		}
	}
	for _, fen := range []int64{1, 29, 1000, 100007, -5} {
		err := db.InTx(ctx, func(tx *storage.Tx) error { return tx.SetWealth(ctx, "12", fen) })
		if err != nil {
			t.Fatal(err)
		}
		if got, err := db.User(ctx, "12"); err != nil || got.Wealth != fen {
			t.Errorf("%d fen came back as %d, %v", fen, got.Wealth, err)
		}
	}
	for i, owner := range []string{"12", "13", "14"} {
		insertShop(t, db, storage.Shop{ShopID: int64(i), ShopName: owner, UserID: owner})
	}
	shops, err := db.Shops(ctx, storage.ShopFilter{}, nil, storage.Page{})
	if err != nil || len(shops) != 3 || shops[0].UserName != "Zhao" || shops[1].UserName != "" || shops[2].UserName != "" {
		t.Errorf("shops = %+v, %v; want the first one Zhao's", shops, err)
	}
}
