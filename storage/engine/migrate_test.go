package engine

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
)

// What is to be done before a migration is done before that one, also where another process
// migrates meanwhile: here it always does the next as soon as this one is about to.
func TestMigrateBeforeEach(t *testing.T) {
	t.Parallel()
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "a.db")
	files := fstest.MapFS{}
	for _, name := range []string{"0001_a", "0002_b", "0003_c", "0004_d"} {
		files["sqlite/"+name+".sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE t" + name + " (a INTEGER);\n")}
	}
	open := func() *DB {
		db, err := Open(ctx, Options{Driver: "sqlite", DSN: path})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
	one, other := open(), open()
	// upTo is the migrations to a version: a program that knows no more.
	upTo := func(version int, before func(context.Context) error) Migrations {
		known := fstest.MapFS{}
		for i, name := range slices.Sorted(maps.Keys(files)) {
			if i < version {
				known[name] = files[name]
			}
		}
		return Migrations{Files: known, Table: "versions", Before: before}
	}
	nothing := func(context.Context) error { return nil }
	var prepared []int64 // the versions that were found before one went on
	before := func(ctx context.Context) error {
		current, _, err := one.SchemaVersions(ctx, upTo(4, nothing))
		if err != nil {
			return err
		}
		prepared = append(prepared, current)
		if current%2 == 0 { // the other is as fast as that
			return other.Migrate(ctx, upTo(int(current)+1, nothing))
		}
		return nil
	}
	if err := one.Migrate(ctx, upTo(4, before)); err != nil {
		t.Fatal(err)
	}
	if want := []int64{0, 1, 2, 3, 4}; !slices.Equal(prepared, want) {
		t.Errorf("it was looked at the versions %v before a migration, want %v", prepared, want)
	}
}
