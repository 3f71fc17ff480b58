package storagetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// NotRun ends a test for which the machine lacks something: the test is skipped, with a
// reason that begins with NOT RUN, and fails where the environment says CI=true. No test
// of any package looks for itself whether it can run.
func NotRun(t testing.TB, format string, arguments ...any) {
	t.Helper()
	format = "NOT RUN: " + format
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, arguments...)
	}
	t.Skipf(format, arguments...)
}

// Program returns the path of a program that the test needs. Without it the test is
// [NotRun]. With -short, as make quick has it, every test that gets here is skipped: Go is
// the only program that it runs.
func Program(t testing.TB, name string) (path string) {
	t.Helper()
	if testing.Short() {
		t.Skipf("with -short it does not run %s", name)
	}
	path, err := exec.LookPath(name)
	if err != nil { // the path of a plain user does not lead to servers
		path, err = exec.LookPath(filepath.Join("/usr/sbin", name))
	}
	if err != nil {
		NotRun(t, "there is no %s", name)
	}
	return path
}
