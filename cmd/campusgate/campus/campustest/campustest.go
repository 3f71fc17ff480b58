// Package campustest keeps campuses that were filled in a folder: one on SQLite, in
// FOLDER/data, where `campusgate serve` looks for it that is started in FOLDER, and one on
// MariaDB, whose server's data are in FOLDER/mariadb.
package campustest

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// forMany are settings of MariaDB for as much data as a campus of a million has: a gigabyte of
// them in memory, and a log with room for a transaction of many rows.
var forMany = []string{"--innodb-buffer-pool-size=1G", "--innodb-log-file-size=512M"}

// ForFilling are settings of MariaDB while a large campus is filled: of a crash nothing but the
// end of filling is left in any case.
var ForFilling = []string{"--innodb-buffer-pool-size=3G", "--innodb-log-file-size=2G", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0"}

// SQLite opens the campus on SQLite. One test at a time may write to it.
func SQLite(t testing.TB, folder string) *storage.DB {
	t.Helper()
	return open(t, SQLiteOptions(folder))
}

// SQLiteOptions are those of the database.
func SQLiteOptions(folder string) storage.Options {
	return storage.Options{Driver: "sqlite", DSN: filepath.Join(folder, "data", "campusgate.db"), Timeout: time.Minute}
}

// MariaDB starts the server of the campus on MariaDB, which ends with the test, and opens its
// database. One test at a time may use the folder. The arguments follow the server's own.
func MariaDB(t testing.TB, folder string, arguments ...string) *storage.DB {
	t.Helper()
	return open(t, MariaDBOptions(t, folder, arguments...))
}

// MariaDBOptions starts the server as [MariaDB] does, and returns those of its database.
func MariaDBOptions(t testing.TB, folder string, arguments ...string) storage.Options {
	t.Helper()
	folder, err := filepath.Abs(filepath.Join(folder, "mariadb"))
	if err != nil {
		t.Fatal(err)
	}
	server := storagetest.KeepMariaDB(t, folder, append(forMany[:len(forMany):len(forMany)], arguments...)...)
	return storage.Options{Driver: "mysql", DSN: server.DSN, Timeout: time.Minute}
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
	if err := db.Migrate(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	return db
}
