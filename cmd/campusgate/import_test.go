package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage/olddatabase"
	"campusgate/storage/olddatabase/olddatabasetest"
	"campusgate/storage/storagetest"
)

// oldCampus is an old database with a negative price, and one account.
func oldCampus(t *testing.T) *olddatabasetest.Database {
	t.Helper()
	old := olddatabasetest.PostgreSQL(t)
	old.Fill(t, olddatabasetest.Small)
	old.Insert(t, olddatabase.Product, []any{7, "负", "", "", "-1", nil, 0, 0, 0, olddatabasetest.ShopID(0), "2019-04-22 16:17:42", nil, nil, 1})
	old.Insert(t, olddatabase.Users, []any{1180310086, "王凌超", "12.34"})
	old.Insert(t, olddatabase.Tokens, []any{"415ae5ef", 1180310086})
	return old
}

func TestImport(t *testing.T) {
	t.Parallel()
	old, folder := oldCampus(t), t.TempDir()
	environ, report := campusgatetest.Embedded(folder, "CAMPUSGATE_SERVER_TIMEZONE=America/New_York"), filepath.Join(folder, "report")
	imported := runCommand(t, environ, "import", "--from", old.DSN, "--accounts", "--report", report).Want(t, exitOK)
	for _, line := range []string{
		"table  read  added  there before  changed  left out", "users     1      1             0        0         0",
		"property   100    100             0        0         0", "product    61     60             0        0         1",
		report + " lists each row that was left out or changed, and why",
	} {
		if !strings.Contains(imported.Stdout, line) {
			t.Errorf("stdout does not say %q:\n%s", line, imported.Stdout)
		}
	}
	if !strings.Contains(imported.Stderr, "property: 100 of 100, ") {
		t.Errorf("stderr does not tell the progress: %q", imported.Stderr)
	}
	listed, err := os.ReadFile(report)
	must(t, err)
	if got := string(listed); strings.Count(got, "\n") != 1 || !strings.Contains(got, `"reason":"product_price: it must be 0.00 to 999999.99"`) {
		t.Errorf("the report has %s", got)
	}
	if info, err := os.Stat(report); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the report with people's phone numbers is %v, %v", info.Mode(), err)
	}
	db := campusgatetest.OpenEmbedded(t, folder)
	// 2018-01-01 00:00:00 in New York
	if shop, err := db.ShopByID(t.Context(), olddatabasetest.ShopID(0)); err != nil || shop.CreatTime != 1514782800 {
		t.Errorf("the first shop is %+v, %v", shop, err)
	}
	if bearer, err := db.TokenUser(t.Context(), "415ae5ef"); err != nil || bearer.UserID != "1180310086" {
		t.Errorf("the token stands for %+v, %v", bearer, err)
	}
}

// A dry run makes no database, and changes none that is there.
func TestImportDryRun(t *testing.T) {
	t.Parallel()
	old, folder := oldCampus(t), t.TempDir()
	environ := campusgatetest.Embedded(folder)
	dryRun := []string{"import", "--from", old.DSN, "--dry-run", "--report", filepath.Join(folder, "report")}
	said := runCommand(t, environ, dryRun...).Want(t, exitOK)
	if !strings.Contains(said.Stdout, "nothing was written: this is what would be done") {
		t.Errorf("stdout %q", said.Stdout)
	}
	if _, err := os.Stat(campusgatetest.DatabaseIn(folder)); !os.IsNotExist(err) {
		t.Errorf("a dry run made the database: %v", err)
	}
	runCommand(t, environ, "migrate").Want(t, exitOK)
	again := runCommand(t, environ, dryRun...).Want(t, exitOK)
	if again.Stdout != said.Stdout {
		t.Errorf("into the database it says\n%s\nand without it\n%s", again.Stdout, said.Stdout)
	}
	if empty, err := campusgatetest.OpenEmbedded(t, folder).Empty(t.Context()); err != nil || !empty {
		t.Errorf("the database is empty: %t, %v", empty, err)
	}
}

func TestImportRefuses(t *testing.T) {
	t.Parallel()
	old, folder := oldCampus(t), t.TempDir()
	environ := campusgatetest.Embedded(folder)
	noAccounts := olddatabasetest.PostgreSQL(t)
	noAccounts.Exec(t, "DROP TABLE tokens")
	report := []string{"--report", filepath.Join(folder, "report")}
	for _, c := range []struct {
		name, dsn string
		more      []string
		says      []string
	}{
		{"no DSN", "somewhere:secret@else", nil, []string{"--from: the DSN is neither like postgres://user:password@host/database nor like"}},
		{"a DSN of PostgreSQL with a wrong port", "postgres://a:secret@localhost:x/b", nil, []string{"--from: the DSN is neither like"}},
		{"no server", "postgres://a:secret@127.0.0.1:1/b", nil, []string{"--from: ", "127.0.0.1:1", "refused"}},
		{"no server of MySQL", "a:secret@tcp(127.0.0.1:1)/b", nil, []string{"--from: ", "127.0.0.1:1", "refused"}},
		{"no old tables", storagetest.PostgreSQL(t), nil, []string{"--from: no table of the old server is in the database"}},
		{"no accounts", noAccounts.DSN, []string{"--accounts"}, []string{"--accounts: the old database has no tables users and tokens"}},
		{"no place for the report", old.DSN, []string{"--report", "/nowhere/report"}, []string{"--report: open /nowhere/report"}},
	} {
		refused := runCommand(t, environ, append(append([]string{"import", "--from", c.dsn}, report...), c.more...)...)
		refused.Stderr = strings.ReplaceAll(refused.Stderr, "\n", " ") + "\n" // pgx lists each address that it tried
		refused.Refused(t, exitFailed, c.says...)
		if strings.Contains(refused.Stderr, "secret") {
			t.Errorf("%s: stderr shows the password: %s", c.name, refused.Stderr)
		}
	}
	runCommand(t, environ, "import").Refused(t, exitUsage, "--from is missing")

	addUser(t, environ, student, "王凌超", "0")
	runCommand(t, environ, append([]string{"import", "--from", old.DSN}, report...)...).Want(t, exitOK) // accounts are the account service's
	execute(t, folder, `INSERT INTO properties (id, type) VALUES (7, 1)`)
	again := append([]string{"import", "--from", old.DSN}, report...)
	runCommand(t, environ, again...).Refused(t, exitFailed,
		"database.dsn: the database has other rows: 1 that the old table property has not; --merge adds to them")
	if kept, err := os.ReadFile(report[1]); err != nil || len(kept) == 0 {
		t.Errorf("the refused import left %q of the report of the one before, %v", kept, err)
	}
	runCommand(t, environ, append(again, "--merge")...).Want(t, exitOK)
}

// The old tables are often in the database that ours come into.
func TestMigrateTellsOfOldTables(t *testing.T) {
	t.Parallel()
	old := olddatabasetest.MariaDB(t)
	old.Fill(t, olddatabasetest.Small)
	environ := []string{"CAMPUSGATE_DATABASE_DRIVER=mysql", "CAMPUSGATE_DATABASE_DSN=" + old.DSN}
	migrated := runCommand(t, environ, "migrate").Want(t, exitOK)
	const says = "beside ours are tables of the old server (property, shop, product, purchase_base, purchase_info): 'campusgate import' takes their rows over\n"
	if !strings.HasSuffix(migrated.Stderr, says) {
		t.Errorf("stderr %q, want %q", migrated.Stderr, says)
	}
	report := filepath.Join(t.TempDir(), "report")
	imported := runCommand(t, environ, "import", "--from", old.DSN, "--accounts", "--report", report).Want(t, exitOK)
	if !strings.Contains(imported.Stdout, "purchase_base   150    150             0        0         0") || strings.Contains(imported.Stdout, "lists") {
		t.Errorf("stdout %s", imported.Stdout)
	}
	fresh := runCommand(t, campusgatetest.Embedded(t.TempDir()), "migrate").Want(t, exitOK)
	if strings.Contains(fresh.Stderr, "old server") {
		t.Errorf("an empty database: stderr %q", fresh.Stderr)
	}
}
