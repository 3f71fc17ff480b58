// Package storagetest gives tests a fresh, migrated database, and runs a suite
// on every kind of database that storage supports.
package storagetest

import (
	"path/filepath"
	"testing"

	"campusgate/storage"
)

// Each runs test as a subtest on a fresh database of each kind.
func Each(t *testing.T, test func(t *testing.T, db *storage.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, Open(t)) })
	t.Run("mariadb", func(t *testing.T) { test(t, OpenMariaDB(t)) })
}

// OpenMariaDB returns a fresh database on [MariaDB], closed when the test ends.
func OpenMariaDB(t testing.TB) *storage.DB {
	t.Helper()
	return open(t, storage.Options{Driver: "mysql", DSN: MariaDB(t), MaxOpen: 8})
}

// Open returns a fresh SQLite database, closed and removed when the test ends.
func Open(t testing.TB) *storage.DB {
	t.Helper()
	// A file: in memory every pooled connection has a database of its own.
	return open(t, storage.Options{
		Driver:  "sqlite",
		DSN:     filepath.Join(t.TempDir(), "campusgate.db"),
		MaxOpen: 8,
	})
}

func open(t testing.TB, options storage.Options) *storage.DB {
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
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}
