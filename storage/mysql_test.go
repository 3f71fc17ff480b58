package storage_test

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

func TestMySQLRefusesABadDSN(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, dsn string }{
		{"empty", ""},
		{"a path", "data/campusgate.db"},
		{"no slash", "root:secret@tcp(localhost:3306)"},
		{"no database", "root:secret@tcp(localhost:3306)/"},
		{"no brace", "root:secret@tcp(localhost:3306/campus"},
		{"no host", "root:secret/campus"},
		{"a wrong value", "root:secret@tcp(localhost:3306)/campus?parseTime=secret"},
		{"a wrong TLS", "root:secret@tcp(localhost:3306)/campus?tls=secret"},
		{"nobody there", "root:secret@unix(/nowhere/socket)/campus"},
	} {
		t.Run(test.name, func(t *testing.T) {
			db, err := storage.Open(t.Context(), storage.Options{Driver: "mysql", DSN: test.dsn})
			if err == nil {
				t.Error(db.Close())
				t.Fatal("Open succeeded")
			}
			if text := err.Error(); strings.Contains(text, "secret") || strings.Contains(text, "\n") {
				t.Errorf("error %q, want one line without the password", text)
			}
		})
	}
}

// The account service's tables, as it may have made them: more columns, other
// types.
func TestMySQLTablesOfTheAccountService(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, users, tokens string
		wantAccess          string // how the users of shops are found
	}{
		{
			"ids are BIGINT, wealth is DECIMAL",
			`CREATE TABLE users (name TEXT, id BIGINT PRIMARY KEY, phone TEXT, wealth DECIMAL(20, 2), born DATE)`,
			`CREATE TABLE tokens (id INT AUTO_INCREMENT PRIMARY KEY, token CHAR(64) UNIQUE, user_id BIGINT, ip TEXT)`,
			"eq_ref",
		},
		{
			"ids are INT UNSIGNED, wealth is DOUBLE",
			`CREATE TABLE users (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20), wealth DOUBLE) CHARACTER SET latin1`,
			`CREATE TABLE tokens (token VARCHAR(64) PRIMARY KEY, user_id VARCHAR(15)) CHARACTER SET latin1`,
			"eq_ref",
		},
		{
			"ids are VARCHAR that ignores case, wealth is DOUBLE",
			`CREATE TABLE users (pk INT AUTO_INCREMENT PRIMARY KEY, password TEXT, id VARCHAR(15) UNIQUE, name VARCHAR(20), wealth DOUBLE)
				CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`,
			`CREATE TABLE tokens (user_id VARCHAR(15), expires DATETIME, token VARCHAR(64) PRIMARY KEY)
				CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`,
			"eq_ref",
		},
		{
			"ids are CHAR of another character set, wealth is text",
			`CREATE TABLE users (id CHAR(15) PRIMARY KEY, name VARCHAR(20), wealth VARCHAR(20)) CHARACTER SET latin1`,
			`CREATE TABLE tokens (user_id CHAR(15), token VARCHAR(64) PRIMARY KEY) CHARACTER SET utf8mb3`,
			"eq_ref",
		},
		{
			"ids are bytes",
			`CREATE TABLE users (id VARBINARY(15) PRIMARY KEY, name VARBINARY(20), wealth DECIMAL(12, 4))`,
			`CREATE TABLE tokens (user_id VARBINARY(15), token VARBINARY(64) PRIMARY KEY)`,
			"eq_ref",
		},
		{
			"no index",
			`CREATE TABLE users (id VARCHAR(15), name TEXT, wealth DECIMAL(12, 2))`,
			`CREATE TABLE tokens (user_id INT, token VARCHAR(64))`,
			"ALL",
		},
		{
			"ids are DECIMAL",
			`CREATE TABLE users (id DECIMAL(20) PRIMARY KEY, name TEXT, wealth DECIMAL(12, 2))`,
			`CREATE TABLE tokens (user_id DECIMAL(20), token VARCHAR(64) PRIMARY KEY)`,
			"ALL",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			dsn := storagetest.MariaDB(t)
			execOn(t, "mysql", dsn, test.users, test.tokens, insertUsers, insertTokens)
			db := openFile(t, storage.Options{Driver: "mysql", DSN: dsn})
			wantAccounts(t, db)

			insertShop(t, db, storage.Shop{ShopID: 9, ShopName: "nobody's", UserID: "012"})
			if shop, err := db.ShopByID(t.Context(), 9); err != nil || shop.UserName != "" {
				t.Errorf("the owner 012 is called %q, %v; want no name", shop.UserName, err)
			}
			if access := accessOfUsers(t, dsn, db.SelectShops()); access != test.wantAccess {
				t.Errorf("users are accessed by %s, want %s", access, test.wantAccess)
			}
		})
	}
}

// accessOfUsers is the type of access to the table u in the plan for text.
func accessOfUsers(t *testing.T, dsn, text string) string {
	t.Helper()
	pool, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	rows, err := pool.QueryContext(t.Context(), "EXPLAIN "+text)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	access := ""
	for rows.Next() {
		var table, kind string
		var other [8]any
		if err := rows.Scan(&other[0], &other[1], &table, &kind, &other[2], &other[3], &other[4], &other[5], &other[6], &other[7]); err != nil {
			t.Fatal(err)
		}
		if table == "u" {
			access = kind
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return access
}

// Replicas that start together migrate once, and one that was killed between a
// statement and its version does not stand in the next one's way.
func TestMySQLMigratesOnce(t *testing.T) {
	t.Parallel()
	dsn := storagetest.MariaDB(t)
	options := storage.Options{Driver: "mysql", DSN: dsn}
	db := openOnly(t, options)
	if err := db.CheckSchema(t.Context()); !errors.Is(err, storage.ErrSchemaOld) {
		t.Errorf("CheckSchema of an empty database: %v, want ErrSchemaOld", err)
	}
	migrateTogether(t, options)
	insertUser(t, db, storage.User{ID: "12", Wealth: 5})

	execOn(t, "mysql", dsn,
		`CREATE UNIQUE INDEX once ON campusgate_migrations (version_id)`, // fails if a version is there twice
		`DELETE FROM campusgate_migrations WHERE version_id > 2`)
	if err := db.Migrate(t.Context()); err != nil {
		t.Error(err)
	}
	if err := db.CheckSchema(t.Context()); err != nil {
		t.Error(err)
	}
	if u, err := db.User(t.Context(), "12"); err != nil || u.Wealth != 5 {
		t.Errorf("User = %+v, %v", u, err)
	}
	execOn(t, "mysql", dsn, `INSERT INTO campusgate_migrations (version_id, is_applied) VALUES (9999, 1)`)
	wantSchemaError(t, db.CheckSchema(t.Context()), "version 9999, this program knows only")
	wantSchemaError(t, db.Migrate(t.Context()), "version 9999, this program knows only")
}

func TestMySQLRefusesATextThatIsTooLong(t *testing.T) {
	t.Parallel()
	db := openFile(t, storage.Options{Driver: "mysql", DSN: storagetest.MariaDB(t)})
	ctx := t.Context()
	longest := storage.Shop{ShopID: 1, ShopName: strings.Repeat("𠮷", 100), ShopContent: strings.Repeat("𠮷", 10_000)}
	insertShop(t, db, longest)
	if got, err := db.ShopByName(ctx, longest.ShopName); err != nil || got != longest {
		t.Errorf("the longest texts came back as %v, %v", got, err)
	}
	if err := db.InsertShop(ctx, storage.Shop{ShopID: 2, ShopName: strings.Repeat("a", 401)}); err == nil {
		t.Error("InsertShop took a name of 401 bytes")
	}
	if _, err := db.ShopByID(ctx, 2); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("the shop of the name that is too long: %v, want ErrNotFound", err)
	}
}

// Two transactions lock two rows in opposite orders. The server breaks the
// deadlock, and the one that it chose runs again.
func TestMySQLRetriesADeadlock(t *testing.T) {
	t.Parallel()
	db := openFile(t, storage.Options{Driver: "mysql", DSN: storagetest.MariaDB(t)})
	ctx := t.Context()
	insertUser(t, db, storage.User{ID: "1"})
	insertUser(t, db, storage.User{ID: "2"})
	var both sync.WaitGroup // have their first lock
	both.Add(2)
	var tries [2]int
	var group sync.WaitGroup
	for i, ids := range [2][2]string{{"1", "2"}, {"2", "1"}} {
		group.Go(func() {
			var once sync.Once
			err := db.InTx(ctx, func(tx *storage.Tx) error {
				tries[i]++
				if err := tx.LockUser(ctx, ids[0]); err != nil {
					return err
				}
				once.Do(func() { both.Done(); both.Wait() })
				return tx.SetWealth(ctx, ids[1], 1)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if tries != [2]int{1, 2} && tries != [2]int{2, 1} {
		t.Errorf("they ran %v times, want one of them twice", tries)
	}
}

// A transaction that waits too long for a lock runs again, within its time.
func TestMySQLRetriesALockTimeOut(t *testing.T) {
	t.Parallel()
	db := openFile(t, storage.Options{Driver: "mysql", DSN: storagetest.MariaDB(t), Timeout: 3 * time.Second})
	ctx := t.Context()
	insertUser(t, db, storage.User{ID: "1"})
	again := make(chan struct{})
	done := make(chan error, 1)
	err := db.InTx(ctx, func(tx *storage.Tx) error {
		if err := tx.LockUser(ctx, "1"); err != nil {
			return err
		}
		tries := 0
		go func() {
			done <- db.InTx(ctx, func(tx *storage.Tx) error {
				if tries++; tries == 2 {
					close(again)
				}
				return tx.LockUser(ctx, "1")
			})
		}()
		select {
		case <-again:
			return nil
		case err := <-done:
			return fmt.Errorf("the second transaction ended: %w", err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Ids of accounts of our own have 12 digits, which an account service's table may not hold.
func TestUserIDsThatDoNotFit(t *testing.T) {
	t.Parallel()
	for kind, fits := range map[string]bool{"INT": false, "MEDIUMINT": false, "BIGINT": true, "VARCHAR(20)": true} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dsn := storagetest.MariaDB(t)
			execOn(t, "mysql", dsn, `CREATE TABLE users (id `+kind+` PRIMARY KEY, name VARCHAR(50), wealth DECIMAL(12, 2))`)
			err := openFile(t, storage.Options{Driver: "mysql", DSN: dsn}).CheckUserIDs(t.Context())
			if fits != (err == nil) {
				t.Errorf("fits is %t: %v", !fits, err)
			}
		})
	}
}
