package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage"
)

// With a file the schema is the operator's to change: every command but migrate
// says so, and changes nothing.
func TestAFilesDatabaseWaitsForMigrate(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := writeFile(t, "campusgate.toml", `
[server]
listen = "127.0.0.1:0"
[database]
dsn = "`+campusgatetest.DatabaseIn(folder)+`"
[pictures]
dir = "`+filepath.Join(folder, "pictures")+`"
`)
	addStudent := []string{"user", "add", "-c", file, "--id", student, "--name", "王凌超"}
	for _, call := range [][]string{{"serve", "-c", file}, addStudent} {
		runCommand(t, nil, call...).Refused(t, exitFailed, "database.dsn", "run campusgate migrate")
	}
	checked := runCommand(t, nil, "check", "-c", file).Want(t, exitFailed)
	if !strings.Contains(checked.Stdout, "run campusgate migrate") {
		t.Errorf("check says %q", checked.Stdout)
	}

	for range 2 { // the second finds nothing to do
		if got := runCommand(t, nil, "migrate", "-c", file).Want(t, exitOK); got.Stdout != "" {
			t.Errorf("stdout %q, want nothing", got.Stdout)
		}
	}
	runCommand(t, nil, addStudent...).Want(t, exitOK)
	runCommand(t, nil, "check", "-c", file).Want(t, exitOK)
	if status := serve(t, nil, "-c", file).Stop(); status != exitOK {
		t.Errorf("serve ended with %d", status)
	}
}

// The account service made its tables first and has rows in them.
func TestMigrateLeavesTheAccountServicesTablesAlone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	execute(t, folder, `CREATE TABLE users (id VARCHAR(20) PRIMARY KEY, name TEXT, wealth DECIMAL(12,2), school TEXT)`)
	execute(t, folder, `CREATE TABLE tokens (token VARCHAR(64) PRIMARY KEY, user_id VARCHAR(20), expires INTEGER)`)
	execute(t, folder, `INSERT INTO users VALUES ('`+student+`', '王凌超', 12.34, '哈工大')`)
	execute(t, folder, `INSERT INTO tokens VALUES ('415ae5ef', '`+student+`', 7)`)
	runCommand(t, campusgatetest.Embedded(folder), "migrate").Want(t, exitOK)
	db := campusgatetest.OpenEmbedded(t, folder)
	bearer, err := db.TokenUser(t.Context(), "415ae5ef")
	must(t, err)
	user, err := db.User(t.Context(), bearer.UserID)
	must(t, err)
	if want := (storage.User{ID: student, Name: "王凌超", Wealth: 12_34}); user != want {
		t.Errorf("got %+v, want %+v", user, want)
	}
}

func TestANewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	runCommand(t, campusgatetest.Embedded(folder), "migrate").Want(t, exitOK)
	execute(t, folder, `INSERT INTO campusgate_migrations (version_id, is_applied) VALUES (9999, 1)`)
	for _, call := range []string{"serve", "migrate", "token issue --user " + student} {
		t.Run(call, func(t *testing.T) {
			runCommand(t, campusgatetest.Embedded(folder), strings.Fields(call)...).
				Refused(t, exitFailed, "database.dsn", "9999", "run a newer campusgate")
		})
	}
}

// execute changes an embedded database behind the program's back.
func execute(t *testing.T, folder, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", campusgatetest.DatabaseIn(folder))
	must(t, err)
	_, err = db.ExecContext(t.Context(), statement)
	must(t, err)
	must(t, db.Close())
}

// Before an embedded database is migrated, a copy is kept beside it, of the last three
// times; a new database has none.
func TestMigrateKeepsCopies(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	environ := campusgatetest.Embedded(folder)
	copies := func() []string {
		t.Helper()
		found, err := filepath.Glob(campusgatetest.DatabaseIn(folder) + ".schema*")
		must(t, err)
		return found
	}
	addUser(t, environ, student, "王凌超", "0")
	if got := copies(); len(got) != 0 {
		t.Errorf("a new database has the copies %q", got)
	}
	var kept [][]string
	for i, call := range []string{"migrate", "doctor", "migrate", "token list --user " + student, "migrate"} {
		if call == "doctor" { // which migrates nothing
			continue
		}
		execute(t, folder, `DROP TABLE picture_removals`)
		execute(t, folder, `DROP TABLE offer_changes`)
		execute(t, folder, `DROP TABLE profiles`)
		for _, index := range []string{"category", "type_status", "user", "on_offer", "offer_price", "offer_cheap", "offer_sold"} { // and their columns, which are not added IF NOT EXISTS
			execute(t, folder, `DROP INDEX products_`+index)
		}
		for _, column := range []string{
			"on_offer", "offer_price", "offer_cheap", "offer_sold", "product_sold", "seller_frozen", // the first of them from others
			"category_id", "product_type", "product_stock", "original_price", "ship_price", "sell_method", "first_price",
			"review_state", "review_note", "user_id", "pics", "open_orders",
		} {
			execute(t, folder, `ALTER TABLE products DROP COLUMN `+column)
		}
		execute(t, folder, `DELETE FROM campusgate_migrations WHERE version_id >= 100`)
		got := runCommand(t, environ, strings.Fields(call)...).Want(t, exitOK)
		if !strings.Contains(got.Stderr, "from_schema=8 to_schema=1") {
			t.Errorf("%d: %q is not told", i, got.Stderr)
		}
		kept = append(kept, copies())
	}
	if len(kept[0]) != 1 || len(kept[1]) != 2 || len(kept[2]) != 3 || len(kept[3]) != 3 || kept[3][0] != kept[2][1] {
		t.Errorf("the copies were, time by time, %q", kept)
	}
	must(t, os.Rename(kept[3][2], campusgatetest.DatabaseIn(folder))) // the way back
	if got := runCommand(t, environ, "doctor").Want(t, exitFailed); !strings.Contains(got.Stderr, "it is version 8") {
		t.Errorf("the copy: %q", got.Stderr)
	}
}

// A file that was emptied beside its log is not taken for a new database.
func TestAnEmptiedDatabaseIsTold(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := campusgatetest.DatabaseIn(folder)
	must(t, os.WriteFile(file, nil, 0o600))
	must(t, os.WriteFile(file+"-wal", []byte("what was written"), 0o600))
	for _, call := range []string{"serve", "check", "migrate", "doctor"} {
		got := runCommand(t, campusgatetest.Embedded(folder), call).Want(t, exitFailed)
		if !strings.Contains(got.Stdout+got.Stderr, file+" is empty, but its log "+file+"-wal is not") {
			t.Errorf("%s: %+v", call, got)
		}
	}
}
