package campus_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campus"
	"campusgate/cmd/campusgate/campus/campustest"
	"campusgate/storage"
)

// TestFillFolder fills the folder CAMPUS with campuses of SIZE on SQLite and on MariaDB, which
// stay there: it is what `make campus` runs. Without CAMPUS it fills one that goes with the
// test, and looks whether the books are still right when it is opened again.
func TestFillFolder(t *testing.T) {
	folder, wanted := os.LookupEnv("CAMPUS")
	if !wanted {
		folder = filepath.Join(t.TempDir(), "campus")
		fillFolder(t, folder, size)
		t.Run("again", func(t *testing.T) {
			db := campustest.SQLite(t, folder)
			checkBooks(t, db)
			checkNames(t, db)
			checkNames(t, campustest.MariaDB(t, folder))
		})
		return
	}
	size, err := strconv.Atoi(os.Getenv("SIZE"))
	if err != nil {
		t.Fatalf("SIZE: %v", err)
	}
	fillFolder(t, folder, size)
}

// fillFolder fills a folder that is empty or not there.
func fillFolder(t *testing.T, folder string, size int) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) > 0 {
		t.Fatalf("%s is not empty: %d entries, %v", folder, len(entries), err)
	}
	t.Run("filling", func(t *testing.T) { // returns when both are filled and closed
		for kind, open := range map[string]func(t *testing.T) *storage.DB{
			"SQLite": func(t *testing.T) *storage.DB { return campustest.SQLite(t, folder) },
			"MariaDB": func(t *testing.T) *storage.DB {
				if size <= 10*campus.Step {
					return campustest.MariaDB(t, folder)
				}
				return campustest.MariaDB(t, folder, campustest.ForFilling...)
			},
		} {
			t.Run(kind, func(t *testing.T) {
				t.Parallel()
				db, began, told := open(t), time.Now(), ""
				err := campus.Fill(t.Context(), db, size, func(rows string, done, total int) {
					if tenth := fmt.Sprint(rows, done*10/total); tenth != told {
						told = tenth
						fmt.Fprintf(t.Output(), "%s: %d of %d %s after %s\n", kind, done, total, rows, time.Since(began).Round(time.Second))
					}
				})
				if err != nil {
					t.Fatal(err)
				}
			})
		}
	})
}
