// Package storagetest gives tests a fresh, migrated database, and runs a suite
// on every kind of database that storage supports.
package storagetest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"campusgate/storage"
)

// Each runs test as a parallel subtest on a fresh database of each kind.
func Each(t *testing.T, test func(t *testing.T, db *storage.DB)) {
	t.Helper()
	for kind, open := range map[string]func(testing.TB) *storage.DB{"sqlite": Open, "mariadb": OpenMariaDB} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// OpenMariaDB returns a fresh database on [MariaDB], closed when the test ends.
func OpenMariaDB(t testing.TB) *storage.DB {
	t.Helper()
	dsn := MariaDB(t)
	if err := copyTemplate(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	return open(t, storage.Options{Driver: "mysql", DSN: dsn, MaxOpen: 8})
}

// Open returns a fresh SQLite database, closed and removed when the test ends.
func Open(t testing.TB) *storage.DB {
	t.Helper()
	template, err := sqliteTemplate()
	if err != nil {
		t.Fatal(err)
	}
	// A file: in memory every pooled connection has a database of its own.
	path := filepath.Join(t.TempDir(), "campusgate.db")
	if err := os.WriteFile(path, template, 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, storage.Options{Driver: "sqlite", DSN: path, MaxOpen: 8})
}

func open(t testing.TB, options storage.Options) *storage.DB {
	t.Helper()
	faults := &Faults{}
	options.Timeout = time.Minute // of the tests nothing depends on time, on a busy machine either
	options.Interrupt = faults.interrupt
	statements := &asked{}
	if options.Driver == "sqlite" {
		options.Interrupt = func(text string) error {
			statements.note(text)
			return faults.interrupt(text)
		}
	}
	db, err := storage.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	faultsOf.Store(db, faults)
	t.Cleanup(func() {
		faultsOf.Delete(db)
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		statements.explain(t, options.DSN)
	})
	return db
}
