package olddatabase_test

import (
	"errors"
	"iter"
	"strings"
	"testing"

	"campusgate/storage/olddatabase"
	"campusgate/storage/olddatabase/olddatabasetest"
	"campusgate/storage/storagetest"
)

func open(t *testing.T, old *olddatabasetest.Database) *olddatabase.DB {
	t.Helper()
	db, err := olddatabase.Open(t.Context(), old.DSN)
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	return db
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// all are the values of a column in all rows, NULL for no value.
func all(t *testing.T, rows iter.Seq2[olddatabase.Row, error], column string) string {
	t.Helper()
	var values []string
	for row, err := range rows {
		must(t, err)
		if value := row.Value(column); value != nil {
			values = append(values, *value)
		} else {
			values = append(values, "NULL")
		}
	}
	return strings.Join(values, " ")
}

func shop(id int, name, at any) []any { return []any{id, name, "x", 12, at, nil} }

// Rows come in the order of adding, and have their values as text.
func TestRows(t *testing.T) {
	t.Parallel()
	olddatabasetest.Each(t, func(t *testing.T, old *olddatabasetest.Database) {
		old.Insert(t, olddatabase.Shop,
			shop(10, "c", "2019-04-22 16:17:43"), shop(20, "b", "2019-04-22 16:17:42"), shop(9, nil, "2019-04-22 16:17:43"))
		old.Insert(t, olddatabase.Users, []any{12, "王凌超", "12.34"}, []any{13, nil, nil})
		old.Insert(t, olddatabase.Purchase, []any{"05", "paying", "1", 0, "0.1", "2019-04-22 16:17:42", "m"})
		db := open(t, old)
		for _, c := range []struct {
			table        olddatabase.Table
			column, want string
		}{
			{olddatabase.Shop, "shop_id", "20 9 10"},
			{olddatabase.Shop, "shop_name", "b NULL c"},
			{olddatabase.Shop, "creat_time", "2019-04-22 16:17:42 2019-04-22 16:17:43 2019-04-22 16:17:43"},
			{olddatabase.Shop, "user_id", "12 12 12"},
			{olddatabase.Users, "name", "王凌超 NULL"},
			{olddatabase.Users, "wealth", "12.34 NULL"},
			{olddatabase.Purchase, "purchase_id", "05"},
			{olddatabase.Purchase, "creat_time", "2019-04-22 16:17:42"},
			{olddatabase.Product, "product_id", ""},
		} {
			if got := all(t, db.Rows(t.Context(), c.table), c.column); got != c.want {
				t.Errorf("%s of %s is %q, want %q", c.column, c.table.Name, got, c.want)
			}
		}
		ids := 0
		for id, err := range db.IDs(t.Context(), olddatabase.Shop) {
			must(t, err)
			if id != nil {
				ids++
			}
		}
		if ids != 3 {
			t.Errorf("%d ids of shops, want 3", ids)
		}
	})
}

// What is written after the opening is not seen, and a reader that stops early leaves
// nothing behind.
func TestOneViewOfAllTables(t *testing.T) {
	t.Parallel()
	olddatabasetest.Each(t, func(t *testing.T, old *olddatabasetest.Database) {
		old.Insert(t, olddatabase.Shop, shop(1, "a", nil), shop(2, "b", nil))
		db := open(t, old)
		for range db.Rows(t.Context(), olddatabase.Shop) {
			break
		}
		old.Insert(t, olddatabase.Shop, shop(3, "c", nil))
		old.Insert(t, olddatabase.Users, []any{12, "王凌超", "12.34"})
		if got := all(t, db.Rows(t.Context(), olddatabase.Shop), "shop_id"); got != "1 2" {
			t.Errorf("shops %s, want 1 2", got)
		}
		if got := all(t, db.Rows(t.Context(), olddatabase.Users), "id"); got != "" {
			t.Errorf("users %s, want none", got)
		}
	})
}

func TestTablesThatAreNotThere(t *testing.T) {
	t.Parallel()
	olddatabasetest.Each(t, func(t *testing.T, old *olddatabasetest.Database) {
		for _, table := range []string{"shop", "users"} {
			old.Exec(t, "DROP TABLE "+table)
		}
		db := open(t, old)
		if db.Has(olddatabase.Shop) || db.Has(olddatabase.Users) || !db.Has(olddatabase.Tokens) {
			t.Error("it has shops and users, or no tokens")
		}
		if got := all(t, db.Rows(t.Context(), olddatabase.Shop), "shop_id"); got != "" {
			t.Errorf("shops %s, want none", got)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{"", "postgres://a:secret@h:port/b", "postgres://%zz", "a:secret@tcp(h)/", "a:secret@h/b", "host=h port=x password=secret"} {
		_, err := olddatabase.Open(t.Context(), dsn)
		if err == nil || !strings.HasPrefix(err.Error(), "the DSN is neither like") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", dsn, err)
		}
	}
	for _, dsn := range []string{storagetest.PostgreSQL(t), storagetest.MariaDB(t)} {
		if _, err := olddatabase.Open(t.Context(), dsn); !errors.Is(err, olddatabase.ErrNoTables) {
			t.Errorf("no tables: %v", err)
		}
	}
	olddatabasetest.Each(t, func(t *testing.T, old *olddatabasetest.Database) {
		for change, says := range map[string]string{
			"ALTER TABLE product DROP COLUMN product_status": "table product: it has 13 columns, and 14 are needed",
			"ALTER TABLE users DROP COLUMN wealth":           "table users: it has no column wealth",
		} {
			old.Exec(t, change)
			if _, err := olddatabase.Open(t.Context(), old.DSN); err == nil || !strings.Contains(err.Error(), says) && !strings.HasPrefix(err.Error(), "table product") {
				t.Errorf("after %s: %v, want %q", change, err, says)
			}
		}
	})
}

// Nothing can be written by what reads.
func TestTheOldDatabaseStaysAsItIs(t *testing.T) {
	t.Parallel()
	olddatabasetest.Each(t, func(t *testing.T, old *olddatabasetest.Database) {
		if err := olddatabase.Write(t.Context(), open(t, old), "DELETE FROM shop"); err == nil || !strings.Contains(strings.ToLower(err.Error()), "read") {
			t.Errorf("a write ends with %v", err)
		}
	})
}
