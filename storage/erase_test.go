package storage_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// What was deleted is in no file, and so in no backup that is made later.
func TestDeletedRowsAreOverwritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	options := storage.Options{Driver: "sqlite", DSN: path}
	ctx, db := t.Context(), openFile(t, options)
	for _, user := range []string{"1", "2", "3"} {
		must(t, db.InTx(ctx, func(tx *storage.Tx) error {
			for range 20 {
				if _, err := tx.InsertAddress(ctx, storage.Address{UserID: user, Name: "n", Phone: "13700007010", Address: "street of " + user}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	must(t, db.InTx(ctx, func(tx *storage.Tx) error { return tx.DeleteAddresses(ctx, "2") }))
	must(t, db.Close()) // which empties the log
	content, err := os.ReadFile(path)
	must(t, err)
	for text, want := range map[string]bool{"street of 1": true, "street of 2": false, "street of 3": true} {
		if got := bytes.Contains(content, []byte(text)); got != want {
			t.Errorf("%q is in the file: %t, want %t", text, got, want)
		}
	}
}

// What an account service has filled of our own columns is erased too.
func TestEraseUser(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]storage.Options{
		"sqlite":  {Driver: "sqlite", DSN: filepath.Join(t.TempDir(), "a.db")},
		"mariadb": {Driver: "mysql"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if options.DSN == "" {
				options.DSN = storagetest.MariaDB(t)
			}
			ctx, db := t.Context(), openFile(t, options)
			insertUser(t, db, storage.User{ID: "12", Name: "Zhao", Wealth: 5})
			execOn(t, options.Driver, options.DSN, `UPDATE users SET phone = '13700007010', nickname = 'z', email = 'z@example.org'`,
				`ALTER TABLE users DROP COLUMN nickname`)
			must(t, db.InTx(ctx, func(tx *storage.Tx) error { return tx.EraseUser(ctx, "12", "gone") }))
			got, err := db.User(ctx, "12")
			if diff := cmp.Diff(storage.User{ID: "12", Name: "gone", Wealth: 5}, got); diff != "" || err != nil {
				t.Errorf("%v %s", err, diff)
			}
			if left := textOf(t, options, `SELECT CONCAT_WS(' ', phone, email) FROM users`); left != "" {
				t.Errorf("left is %q", left)
			}
		})
	}
}

// textOf is the one text that a query selects.
func textOf(t *testing.T, options storage.Options, query string) (text string) {
	t.Helper()
	pool, err := sql.Open(options.Driver, options.DSN)
	must(t, err)
	defer pool.Close()
	must(t, pool.QueryRowContext(t.Context(), query).Scan(&text))
	return text
}
