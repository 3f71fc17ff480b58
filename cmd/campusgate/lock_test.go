package main

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
)

// Two servers on one data folder would contradict each other: the second is refused,
// until the first has ended, however it ended.
func TestOneServerForADataFolder(t *testing.T) {
	folder := t.TempDir()
	environ := campusgatetest.Embedded(folder)
	first := serve(t, environ)
	runCommand(t, environ, "serve").Refused(t, exitFailed, "database.dsn", filepath.Dir(campusgatetest.DatabaseIn(folder)), "process "+strconv.Itoa(os.Getpid()))
	runCommand(t, environ, "check").Want(t, exitOK)
	runCommand(t, environ, "user add", "--id", student, "--name", "王凌超").Want(t, exitOK)
	if status := first.Stop(); status != exitOK {
		t.Fatalf("exit status %d:\n%s", status, first.Stderr)
	}
	serve(t, environ)
}
