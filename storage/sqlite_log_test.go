package storage_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"campusgate/storage"
)

// bigWrites make the log grow by 42 MiB.
var bigWrites = []string{
	"CREATE TABLE big (bytes BLOB)",
	"INSERT INTO big SELECT randomblob(1 << 20) FROM (VALUES (1), (2), (3), (4), (5), (6))",
	"INSERT INTO big SELECT b.bytes FROM big b, (VALUES (1), (2), (3), (4), (5), (6))",
}

func logSize(t *testing.T, path string) int64 {
	t.Helper()
	file, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	return file.Size()
}

// What was written at once, or while somebody read on and on, stays in the log's file
// until that is made small, and does not wait for the next write.
func TestSQLiteLogIsMadeSmall(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	db := openFile(t, storage.Options{Driver: "sqlite", DSN: path})
	insertProperty(t, db, notice())
	reader, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	reads, err := reader.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reads.ExecContext(t.Context(), "SELECT 1 FROM properties"); err != nil {
		t.Fatal(err)
	}
	execFile(t, path, bigWrites...)
	if size := logSize(t, path); size < 40<<20 {
		t.Fatalf("the log has %d bytes", size)
	}
	if err := reads.Rollback(); err != nil {
		t.Fatal(err)
	}
	for late := time.Now().Add(time.Minute); logSize(t, path) > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("the log still has %d bytes", logSize(t, path))
		}
	}
	insertProperty(t, db, notice())
	if got := properties(t, db, storage.PropertyFilter{Type: 1}); len(got) != 2 {
		t.Errorf("%d notices, want 2", len(got))
	}
}
