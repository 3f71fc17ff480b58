package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"campusgate/storage"
)

const student = "1180310086"

// openIn opens the database of an embedded gateway's folder as it is.
func openIn(t *testing.T, folder string) *storage.DB {
	t.Helper()
	db, err := storage.Open(t.Context(), storage.Options{Driver: "sqlite", DSN: databaseIn(folder)})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	return db
}

// addUser adds an account with a token, which is returned.
func addUser(t testing.TB, environ []string, id, name, wealth string) (token string) {
	t.Helper()
	runCommand(t, environ, "user", "add", "--id", id, "--name", name, "--wealth", wealth).want(t, exitOK)
	return strings.TrimSpace(runCommand(t, environ, "token", "issue", "--user", id).want(t, exitOK).stdout)
}

func TestUserAddKeepsWealthToTheFen(t *testing.T) {
	folder := t.TempDir()
	for id, c := range map[string]struct {
		wealth string
		fen    int64
	}{
		"1": {"0", 0},
		"2": {"0.01", 1},
		"3": {"0.29", 29}, // 0.29 * 100 is 28.999… as a float
		"4": {"12.3", 1230},
		"5": {"1000", 1000_00},
		"6": {"999999999.99", 999_999_999_99},
	} {
		runCommand(t, embedded(folder), "user", "add", "--id", id, "--name", "王凌超", "--wealth", c.wealth).want(t, exitOK)
		user, err := openIn(t, folder).User(t.Context(), id)
		must(t, err)
		if want := (storage.User{ID: id, Name: "王凌超", Wealth: c.fen}); user != want {
			t.Errorf("--wealth %s: got %+v, want %+v", c.wealth, user, want)
		}
	}
}

func TestUserAddWithoutWealthIsPoor(t *testing.T) {
	folder := t.TempDir()
	runCommand(t, embedded(folder), "user", "add", "--id", student, "--name", "王凌超").want(t, exitOK)
	user, err := openIn(t, folder).User(t.Context(), student)
	must(t, err)
	if user.Wealth != 0 {
		t.Errorf("wealth %d fen, want 0", user.Wealth)
	}
}

func TestUserAddRefuses(t *testing.T) {
	environ := embedded(t.TempDir())
	for _, wealth := range []string{"", "-1", "+1", "1.234", ".5", "1.", "1e3", "0x10", "1,5", " 1", "NaN", "Inf", "1000000000"} {
		runCommand(t, environ, "user", "add", "--id", student, "--name", "王凌超", "--wealth", wealth).
			refused(t, exitUsage, "--wealth must be 0 to 999999999.99 with at most two decimals")
	}
	for _, id := range []string{"", "me", "-1", "1.5", "0x10", "007", "9223372036854775808"} {
		runCommand(t, environ, "user", "add", "--id", id, "--name", "王凌超").refused(t, exitUsage, "--id must be a number")
	}
	add := []string{"user", "add", "--id", student, "--name", "王凌超"}
	runCommand(t, environ, add...).want(t, exitOK)
	runCommand(t, environ, add...).refused(t, exitFailed, "--id", student)
}

func TestTokenIssuePrintsTheTokenAlone(t *testing.T) {
	folder := t.TempDir()
	environ := embedded(folder)
	runCommand(t, environ, "user", "add", "--id", student, "--name", "王凌超").want(t, exitOK)
	issued := map[string]bool{}
	for range 2 {
		got := runCommand(t, environ, "token", "issue", "--user", student).want(t, exitOK)
		if !regexp.MustCompile(`^[0-9a-f]{64}\n$`).MatchString(got.stdout) || got.stderr != "" {
			t.Fatalf("got %+v, want 64 hexadecimal digits and a newline on stdout alone", got)
		}
		issued[strings.TrimSpace(got.stdout)] = true
	}
	db := openIn(t, folder)
	for token := range issued {
		if user, err := db.TokenUser(t.Context(), token); err != nil || user != student {
			t.Errorf("the token's user is %q, %v, want %s", user, err, student)
		}
	}
	if len(issued) != 2 {
		t.Error("the same token was issued twice")
	}
}

func TestTokenIssueRefusesAnUnknownUser(t *testing.T) {
	runCommand(t, embedded(t.TempDir()), "token", "issue", "--user", student).refused(t, exitFailed, "--user", student)
}

// With a file the schema is the operator's to change: every command but migrate
// says so, and changes nothing.
func TestAFilesDatabaseWaitsForMigrate(t *testing.T) {
	folder := t.TempDir()
	file := writeFile(t, "campusgate.toml", `
[server]
listen = "127.0.0.1:0"
[database]
dsn = "`+databaseIn(folder)+`"
[pictures]
dir = "`+filepath.Join(folder, "pictures")+`"
`)
	addStudent := []string{"user", "add", "-c", file, "--id", student, "--name", "王凌超"}
	for _, call := range [][]string{{"serve", "-c", file}, addStudent} {
		runCommand(t, nil, call...).refused(t, exitFailed, "database.dsn", "run campusgate migrate")
	}
	checked := runCommand(t, nil, "check", "-c", file).want(t, exitFailed)
	if !strings.Contains(checked.stdout, "run campusgate migrate") {
		t.Errorf("check says %q", checked.stdout)
	}

	for range 2 { // the second finds nothing to do
		if got := runCommand(t, nil, "migrate", "-c", file).want(t, exitOK); got.stdout != "" {
			t.Errorf("stdout %q, want nothing", got.stdout)
		}
	}
	runCommand(t, nil, addStudent...).want(t, exitOK)
	runCommand(t, nil, "check", "-c", file).want(t, exitOK)
	if status := startHere(t, nil, "-c", file).stop(); status != exitOK {
		t.Errorf("serve ended with %d", status)
	}
}

// The account service made its tables first and has rows in them.
func TestMigrateLeavesTheAccountServicesTablesAlone(t *testing.T) {
	folder := t.TempDir()
	execute(t, folder, `CREATE TABLE users (id VARCHAR(20) PRIMARY KEY, name TEXT, wealth DECIMAL(12,2), school TEXT)`)
	execute(t, folder, `CREATE TABLE tokens (token VARCHAR(64) PRIMARY KEY, user_id VARCHAR(20), expires INTEGER)`)
	execute(t, folder, `INSERT INTO users VALUES ('`+student+`', '王凌超', 12.34, '哈工大')`)
	execute(t, folder, `INSERT INTO tokens VALUES ('415ae5ef', '`+student+`', 7)`)
	runCommand(t, embedded(folder), "migrate").want(t, exitOK)
	db := openIn(t, folder)
	owner, err := db.TokenUser(t.Context(), "415ae5ef")
	must(t, err)
	user, err := db.User(t.Context(), owner)
	must(t, err)
	if want := (storage.User{ID: student, Name: "王凌超", Wealth: 12_34}); user != want {
		t.Errorf("got %+v, want %+v", user, want)
	}
}

func TestANewerSchemaIsRefused(t *testing.T) {
	folder := t.TempDir()
	runCommand(t, embedded(folder), "migrate").want(t, exitOK)
	execute(t, folder, `INSERT INTO campusgate_migrations (version_id, is_applied) VALUES (9999, 1)`)
	for _, call := range []string{"serve", "migrate", "token issue --user " + student} {
		t.Run(call, func(t *testing.T) {
			runCommand(t, embedded(folder), strings.Fields(call)...).
				refused(t, exitFailed, "database.dsn", "9999", "run a newer campusgate")
		})
	}
}

func TestADatabaseThatCannotBeOpenedIsRefused(t *testing.T) {
	file := writeFile(t, "notes.txt", "This is no database, but long enough to look like something that might be one.\n")
	for name, dsn := range map[string]string{
		"a folder":         t.TempDir(),
		"below a file":     filepath.Join(file, "campusgate.db"),
		"another's format": file,
	} {
		for _, call := range []string{"serve", "migrate", "token issue --user " + student} {
			t.Run(name+"/"+call, func(t *testing.T) {
				environ := append(embedded(t.TempDir()), "CAMPUSGATE_DATABASE_DSN="+dsn)
				runCommand(t, environ, strings.Fields(call)...).refused(t, exitFailed, "database.dsn: open database")
			})
		}
	}
	if text, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(text), "This is no database") {
		t.Errorf("the file that is no database now holds %q, %v", text, err)
	}
}

// execute changes an embedded database behind the program's back.
func execute(t *testing.T, folder, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", databaseIn(folder))
	must(t, err)
	_, err = db.ExecContext(t.Context(), statement)
	must(t, err)
	must(t, db.Close())
}
