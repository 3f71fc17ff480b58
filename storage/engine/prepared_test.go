package engine

import (
	"fmt"
	"path/filepath"
	"testing"
)

// openThings opens a new database with a table of things.
func openThings(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.Context(), Options{Driver: "sqlite", DSN: filepath.Join(t.TempDir(), "a.db"), MaxOpen: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Exec(t.Context(), "create", SQL("CREATE TABLE things (id INTEGER PRIMARY KEY, size INTEGER)").Once()); err != nil {
		t.Fatal(err)
	}
	return db
}

type thing struct{ id, size int64 }

func (t *thing) fields() []any { return []any{&t.id, &t.size} }

// Filters and sorts have more combinations than there is room for.
func TestComposedStatementsAreBounded(t *testing.T) {
	db := openThings(t)
	for i := range maxComposed + 10 {
		filter := db.Filter()
		filter.In("size", make([]int64, i+1))
		list := SQL("SELECT id, size FROM things").Where(filter)
		if _, err := Collect(t.Context(), db.Queries, "list", list, (*thing).fields); err != nil {
			t.Fatal(err)
		}
	}
	var found thing
	if err := db.Get(t.Context(), "thing", SQL("SELECT id, size FROM things WHERE id = ?", 1), found.fields()...); err == nil {
		t.Error("found a thing")
	}
	if got, want := len(db.reader.prepared()), maxComposed+1; got != want {
		t.Errorf("%d statements are prepared, want %d", got, want)
	}
}

// A statement that first runs in a transaction is prepared after it, once.
func TestStatementsOfTransactionsArePrepared(t *testing.T) {
	db := openThings(t)
	for i := range 3 {
		err := db.InTx(t.Context(), func(tx Queries) error {
			if err := tx.Exec(t.Context(), "add", SQL("INSERT INTO things (size) VALUES (?)", i)); err != nil {
				return err
			}
			if want := min(i, 1); len(db.writer.prepared()) != want {
				return fmt.Errorf("%d statements are prepared, want %d", len(db.writer.prepared()), want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
