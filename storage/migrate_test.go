package storage_test

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"campusgate/storage"
)

func wantSchemaError(t *testing.T, err error, part string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one line with %q", err, part)
	}
}

func TestSchemaVersions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db := openOnly(t, storage.Options{Driver: "sqlite", DSN: path})

	for range 2 { // asking does not make the version table
		wantSchemaError(t, db.CheckSchema(t.Context()), "the database schema is old: it is version 0, this program needs")
	}
	for range 2 {
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := db.CheckSchema(t.Context()); err != nil {
			t.Error(err)
		}
	}

	execFile(t, path, `INSERT INTO campusgate_migrations (version_id, is_applied) VALUES (9999, 1)`)
	wantSchemaError(t, db.CheckSchema(t.Context()), "version 9999, this program knows only")
	wantSchemaError(t, db.Migrate(t.Context()), "version 9999, this program knows only")
}

func TestMigrateLeavesAccountsAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db := openFile(t, storage.Options{Driver: "sqlite", DSN: path})
	insertUser(t, db, storage.User{ID: "12", Name: "Zhao", Wealth: 5})
	again := openFile(t, storage.Options{Driver: "sqlite", DSN: path})
	if u, err := again.User(t.Context(), "12"); err != nil || u.Wealth != 5 {
		t.Errorf("User = %+v, %v", u, err)
	}
}

// Replicas and commands that start together find the database migrated once.
func TestConcurrentMigrations(t *testing.T) {
	options := storage.Options{Driver: "sqlite", DSN: filepath.Join(t.TempDir(), "a.db")}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			db, err := storage.Open(t.Context(), options)
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			if err := db.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
			if err := db.CheckSchema(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}
