package storagetest_test

import (
	"os"
	"path/filepath"
	"testing"

	"campusgate/storage/storagetest"
)

// Servers of several processes start at the same time: none may delete the temporary
// tables of another, which may have them where every program has its files.
func TestStartLeavesOtherServersAlone(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	tables := []string{"#sql-temptable-1-1-1.MAI", "#sql-temptable-1-1-1.MAD", "#sql-1.frm"}
	for _, table := range tables {
		if err := os.WriteFile(filepath.Join(folder, table), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	storagetest.StartMariaDB(t)
	for _, table := range tables {
		if _, err := os.Stat(filepath.Join(folder, table)); err != nil {
			t.Error(err)
		}
	}
}
