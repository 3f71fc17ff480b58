package engine

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// mysqlIsolation: the default would show TiDB's transactions the rows as they were
// before they waited for a lock, and locks gaps between rows on the others.
const mysqlIsolation = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE"

// mysqlSession is what the queries rely on, whatever the server's configuration, its
// init_connect and the DSN say. MariaDB alone reads what stands in /*M!, TiDB in /*T!;
// the version keeps MariaDB from what MySQL and TiDB read.
const mysqlSession = "SET autocommit = 1" +
	", completion_type = 'NO_CHAIN'" + // CHAIN would have each commit begin the next transaction
	// Strict: a text that is too long is an error and not cut.
	", sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'" +
	", NAMES utf8mb4 COLLATE utf8mb4_bin" +
	", time_zone = '+00:00'" +
	", unique_checks = 1, foreign_key_checks = 1" +
	", default_storage_engine = 'InnoDB'" + // MyISAM has no transactions
	", sql_auto_is_null = 0, sql_safe_updates = 0" +
	", sql_select_limit = 18446744073709551615, sql_big_selects = 1, max_sort_length = 1024" +
	", wait_timeout = 600" + // longer than a connection lives
	" /*M! , max_statement_time = 0 */" + // database.timeout bounds a statement; a migration takes its time
	" /*!50708 , max_execution_time = 0 */" +
	" /*T! , tidb_txn_mode = 'pessimistic', tidb_constraint_check_in_place_pessimistic = 1" +
	", tidb_low_resolution_tso = 0, tidb_snapshot = '' */"

// mysqlLockWaits bound how long a statement waits for a lock: the server goes on
// waiting when its client has gone, a day for some locks. Half of the time-out leaves
// time to try again.
func mysqlLockWaits(timeout time.Duration) string {
	seconds := strconv.Itoa(max(1, int(timeout/(2*time.Second))))
	return ", innodb_lock_wait_timeout = " + seconds + ", lock_wait_timeout = " + seconds
}

// setUp sets what the queries rely on, once for a connection.
func setUp(ctx context.Context, connection driver.ExecerContext, timeout time.Duration) error {
	settings := mysqlSession
	if timeout > 0 {
		settings += mysqlLockWaits(timeout)
	}
	for _, statement := range []string{settings, mysqlIsolation} {
		if _, err := connection.ExecContext(ctx, statement, nil); err != nil {
			return fmt.Errorf("set up a connection: %w", err)
		}
	}
	return nil
}

// askSettings selects the name of a setting with which the server refuses what the
// queries write, and which a connection cannot set; an empty text if there is none.
// TiDB has some of them in name only. In text they are the same on all versions.
const askSettings = "SELECT CASE" +
	" WHEN CONCAT(@@global.read_only) NOT IN ('0', 'OFF') THEN 'read_only'" +
	" WHEN CONCAT(@@global.innodb_read_only) NOT IN ('0', 'OFF') THEN 'innodb_read_only'" +
	" /*T! WHEN CONCAT(@@global.tidb_super_read_only) NOT IN ('0', 'OFF') THEN 'tidb_super_read_only' */" +
	" WHEN CONCAT(@@global.log_bin) IN ('1', 'ON') AND CONCAT(@@global.binlog_format) = 'STATEMENT' /*T! AND FALSE */ THEN 'binlog_format'" +
	" WHEN @@global.max_allowed_packet < 4194304 THEN 'max_allowed_packet'" +
	" ELSE '' END"

// unknownVariable is the server's error where it lacks one that askSettings names, as
// what only speaks MySQL's protocol may: then there is nothing to be told.
const unknownVariable = 1193

// A SettingError names a setting of the database server that refuses what is to be written.
type SettingError struct{ Name string }

// Error says what would be right.
func (e *SettingError) Error() string {
	switch e.Name {
	case "binlog_format":
		return "the server's binlog_format must be ROW or MIXED"
	case "max_allowed_packet":
		return "the server's max_allowed_packet must be at least 4 MiB"
	default:
		return "the server is read-only: its " + e.Name + " is on"
	}
}

// readOnly reports whether another server at the address may be writable.
func (e *SettingError) readOnly() bool {
	return e.Name != "binlog_format" && e.Name != "max_allowed_packet"
}

// settingsOf asks for a setting with which the server refuses: a [*SettingError].
func settingsOf(ctx context.Context, connection driver.QueryerContext) error {
	rows, err := connection.QueryContext(ctx, askSettings, nil)
	if mysqlNumber(err) == unknownVariable {
		return nil
	}
	if err != nil {
		return err
	}
	name := make([]driver.Value, 1)
	if err := errors.Join(rows.Next(name), rows.Close()); err != nil {
		return err
	}
	if text, ok := name[0].([]byte); ok && len(text) > 0 {
		return &SettingError{Name: string(text)}
	}
	return nil
}
