package storage_test

import (
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

func wantSchemaError(t *testing.T, err error, part string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one line with %q", err, part)
	}
}

func TestSchemaVersions(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	db := openOnly(t, storage.Options{Driver: "sqlite", DSN: path})

	for range 2 { // asking does not make the version table
		wantSchemaError(t, db.CheckSchema(t.Context()), "the database schema is out of date: it is version 0, this program needs")
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
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	db := openFile(t, storage.Options{Driver: "sqlite", DSN: path})
	insertUser(t, db, storage.User{ID: "12", Name: "Zhao", Wealth: 5})
	again := openFile(t, storage.Options{Driver: "sqlite", DSN: path})
	if u, err := again.User(t.Context(), "12"); err != nil || u.Wealth != 5 {
		t.Errorf("User = %+v, %v", u, err)
	}
}

// MySQL's DDL commits by itself: where a process ended before it noted a migration's
// version, the migration runs again. This is so for each of them that may still be made.
func TestMigrationsRunTwiceOnMySQL(t *testing.T) {
	t.Parallel()
	options := storage.Options{Driver: "mysql", DSN: storagetest.MariaDB(t)}
	db := openFile(t, options)
	insertProduct(t, db, storage.Product{ProductID: 1})
	execOn(t, options.Driver, options.DSN, `DELETE FROM campusgate_migrations WHERE version_id >= 100`,
		`UPDATE categories SET category_name = 'renamed' WHERE category_id = 9`, `UPDATE products SET category_id = 9, product_stock = 7`)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.CheckSchema(t.Context()); err != nil {
		t.Error(err)
	}
	if used, err := db.CategoryUsed(t.Context(), 9); err != nil || !used {
		t.Errorf("the column has lost its value: %t, %v", used, err)
	}
	if product, err := db.MarketDetail(t.Context(), 1); err != nil || product.Stock == nil || *product.Stock != 7 {
		t.Errorf("so has product_stock: %+v, %v", product, err)
	}
	if list, _, err := db.Categories(t.Context(), nil, storage.Page{}); err != nil || len(list) != 9 || list[8].CategoryName != "renamed" {
		t.Errorf("categories %+v, %v", list, err)
	}
	noted := query(t, options, `SELECT COUNT(*), COUNT(DISTINCT version_id) FROM campusgate_migrations`)
	if noted[0] != noted[1] {
		t.Errorf("%d notes of %d versions", noted[0], noted[1])
	}
}

// query returns the two numbers that a statement selects.
func query(t *testing.T, options storage.Options, statement string) (numbers [2]int64) {
	t.Helper()
	pool, err := sql.Open(options.Driver, options.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := pool.QueryRowContext(t.Context(), statement).Scan(&numbers[0], &numbers[1]); err != nil {
		t.Fatal(err)
	}
	return numbers
}

// Replicas and commands that start together find the database migrated once.
func TestConcurrentMigrations(t *testing.T) {
	t.Parallel()
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

// Migrations are numbered alike on both databases from 0100; the older ones stay.
func TestMigrationsAreNumberedAlike(t *testing.T) {
	if faults := numberingFaults(t, os.DirFS("migrations")); len(faults) > 0 {
		t.Error(strings.Join(faults, "\n"))
	}
	file := &fstest.MapFile{}
	for _, test := range []struct {
		name   string
		added  []string
		faults int
	}{
		{"none", nil, 0},
		{"in both", []string{"sqlite/0100_carts.sql", "mysql/0100_carts.sql"}, 0},
		{"in one", []string{"sqlite/0100_carts.sql"}, 1},
		{"of another name", []string{"sqlite/0100_carts.sql", "mysql/0100_cart.sql"}, 2},
		{"below 100", []string{"sqlite/0012_carts.sql", "mysql/0012_carts.sql"}, 2},
		{"two of a number", []string{"sqlite/0100_a.sql", "mysql/0100_a.sql", "sqlite/0100_b.sql", "mysql/0100_b.sql"}, 2},
		{"without a number", []string{"sqlite/carts.sql", "mysql/carts.sql"}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := fstest.MapFS{"sqlite/0008_old.sql": file, "mysql/0011_old.sql": file}
			for _, name := range test.added {
				files[name] = file
			}
			if faults := numberingFaults(t, files); len(faults) != test.faults {
				t.Errorf("faults %q, want %d", faults, test.faults)
			}
		})
	}
}

// numberingFaults are the migrations that break the rule.
func numberingFaults(t *testing.T, files fs.FS) (faults []string) {
	t.Helper()
	last := map[string]int{"sqlite": 8, "mysql": 11} // of the older ones
	for folder, other := range map[string]string{"sqlite": "mysql", "mysql": "sqlite"} {
		entries, err := fs.ReadDir(files, folder)
		if err != nil {
			t.Fatal(err)
		}
		before := 0
		for _, entry := range entries { // sorted
			digits, _, _ := strings.Cut(entry.Name(), "_")
			number, err := strconv.Atoi(digits)
			_, absent := fs.Stat(files, other+"/"+entry.Name())
			switch {
			case err != nil || len(digits) != 4 || number == before || number > last[folder] && number < 100:
				faults = append(faults, folder+"/"+entry.Name()+" has a wrong number")
			case number >= 100 && absent != nil:
				faults = append(faults, folder+"/"+entry.Name()+" is not in "+other)
			}
			before = number
		}
	}
	return faults
}
