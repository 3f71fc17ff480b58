package storage_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"campusgate/storage/engine"
	"campusgate/storage/storagetest"
)

// The variables that change what the statements mean, or whether they run, each with a
// value that would harm. By the manuals, they are the same on MySQL 8 and TiDB unless
// the note says otherwise; TiDB has most of them in name only. What is not here changes
// only how fast or how durable a server is, or what texts of errors say; or it is only
// of a kind of statement, function, column or table that the queries do not have.
var mysqlSettings = []struct {
	variable, hostile string
	want              string // the connection's; empty: it is refused by name
	note              string
}{
	{"autocommit", "0", "1", "a write is undone when its connection ends"},
	{"init_connect", "'SET autocommit = 0'", "SET autocommit = 0", "runs first, and what it sets is set again"},
	{"completion_type", "CHAIN", "NO_CHAIN", "what follows a commit is undone when its connection ends"},
	{"tx_isolation", "'READ-UNCOMMITTED'", "READ-COMMITTED", "transaction_isolation on MySQL 8 and TiDB: what is read may never be committed"},
	{"tx_read_only", "1", "0", "transaction_read_only on MySQL 8: error 1792"},
	{"sql_mode", "'ANSI,NO_BACKSLASH_ESCAPES'", "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION", "texts are cut"},
	{"time_zone", "'+08:00'", "+00:00", "what the migrations write down"},
	{"character_set_client", "latin1", "utf8mb4", "texts are other bytes"},
	{"character_set_connection", "latin1", "utf8mb4", "texts are other bytes"},
	{"character_set_results", "latin1", "utf8mb4", "answers are other bytes"},
	{"collation_connection", "utf8mb4_general_ci", "utf8mb4_bin", "literals are compared without case"},
	{"unique_checks", "0", "1", "InnoDB may take a name twice"},
	{"foreign_key_checks", "0", "1", "with unique_checks: rows are loaded without undoing"},
	{"default_storage_engine", "MyISAM", "InnoDB", "new tables have no transactions"},
	{"sql_auto_is_null", "1", "0", "IS NULL finds the last id"},
	{"sql_safe_updates", "1", "0", "error 1175 where no key is in a condition"},
	{"sql_select_limit", "1", "18446744073709551615", "lists are cut"},
	{"sql_big_selects", "0", "1", "error 1104 beyond max_join_size, which is without effect then"},
	{"max_sort_length", "64", "1024", "names are sorted by their beginning"},
	{"innodb_lock_wait_timeout", "1000", "2", "half of database.timeout: a server waits on when its client has gone"},
	{"lock_wait_timeout", "0", "2", "as above, for a table that is changed"},
	{"wait_timeout", "1", "600", "a connection ends between two queries"},
	{"max_statement_time", "0.0001", "0", "error 1969; max_execution_time on MySQL 8 and TiDB, error 3024"},
	{"read_only", "1", "", "also innodb_read_only, and super_read_only of MySQL 8, which sets this; tidb_super_read_only"},
	{"binlog_format", "STATEMENT", "", "with log_bin, error 1665; to set it takes a privilege; TiDB has no such log"},
	{"max_allowed_packet", "1048576", "", "a large text breaks the connection; to set it takes a restart of all"},
	{"auto_increment_increment", "3", "3", "is let be: ids need not be dense"},
	{"innodb_rollback_on_timeout", "", "0", "is let be, and only of a start: a transaction that failed is undone by us"},
	{"group_concat_max_len", "4", "4", "is let be, as div_precision_increment: no query groups or divides texts"},
	{"sql_log_bin", "", "1", "is let be, and only of a session: it takes a privilege"},
	// Of TiDB, set in its own comments, which its parser reads in the tests of this
	// package: tidb_txn_mode (optimistic: locks are not held), tidb_snapshot and
	// tidb_low_resolution_tso (old rows), tidb_constraint_check_in_place_pessimistic
	// (a duplicate is told at the commit).
}

// startLogging starts a server that has a log for replicas, with a user that has no
// privilege beyond the database, as a gateway should be.
func startLogging(t *testing.T) (dsn string, admin *sql.DB) {
	t.Helper()
	server := storagetest.StartMariaDB(t, "--log-bin", "--binlog-format=MIXED")
	admin, err := sql.Open("mysql", server.DSN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close() })
	runAdmin(t, admin, "CREATE USER campus@localhost")
	runAdmin(t, admin, "GRANT ALL ON test.* TO campus@localhost")
	config, err := mysql.ParseDSN(server.DSN)
	if err != nil {
		t.Fatal(err)
	}
	config.User = "campus"
	return config.FormatDSN(), admin
}

func runAdmin(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(context.WithoutCancel(t.Context()), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// Whatever the server's defaults are, a connection has what the queries rely on, or is
// refused with the setting's name.
func TestMySQLSettings(t *testing.T) {
	t.Parallel()
	dsn, admin := startLogging(t)
	for _, s := range mysqlSettings {
		t.Run(s.variable, func(t *testing.T) {
			if s.hostile != "" {
				var before string
				if err := admin.QueryRowContext(t.Context(), "SELECT @@global."+s.variable).Scan(&before); err != nil {
					t.Fatal(err)
				}
				runAdmin(t, admin, "SET GLOBAL "+s.variable+" = "+s.hostile)
				defer func() {
					if _, err := admin.ExecContext(t.Context(), "SET GLOBAL "+s.variable+" = "+before); err != nil {
						runAdmin(t, admin, "SET GLOBAL "+s.variable+" = '"+before+"'")
					}
				}()
			}
			wantSetting(t, dsn, s.variable, s.want)
		})
	}
}

// wantSetting opens the database; without a value it wants to be refused.
func wantSetting(t *testing.T, dsn, variable, want string) {
	t.Helper()
	db, err := engine.Open(t.Context(), engine.Options{Driver: "mysql", DSN: dsn, Timeout: 5 * time.Second})
	if setting, ok := errors.AsType[*engine.SettingError](err); ok && want == "" {
		if setting.Name != variable {
			t.Errorf("%v, want it to name %s", err, variable)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // it was only asked
	if want == "" {
		t.Fatal("it is not refused")
	}
	var got string
	if err := db.Get(t.Context(), "ask", engine.SQL("SELECT @@"+variable), &got); err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("%s is %q, want %q", variable, got, want)
	}
}

// What the DSN says does not stand against it either.
func TestMySQLSettingsOfTheDSN(t *testing.T) {
	t.Parallel()
	dsn := storagetest.MariaDB(t) + "?autocommit=0&SQL_MODE=%27ANSI%27&charset=latin1&rejectReadOnly=true&clientFoundRows=false"
	for variable, want := range map[string]string{
		"autocommit": "1", "sql_mode": "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION", "character_set_client": "utf8mb4",
	} {
		wantSetting(t, dsn, variable, want)
	}
}
