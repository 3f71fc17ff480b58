package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
)

func TestADatabaseThatCannotBeOpenedIsRefused(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "notes.txt", "This is no database, but long enough to look like something that might be one.\n")
	for name, dsn := range map[string]string{
		"a folder":         t.TempDir(),
		"below a file":     filepath.Join(file, "campusgate.db"),
		"another's format": file,
	} {
		for _, call := range []string{"serve", "migrate", "token issue --user " + student} {
			t.Run(name+"/"+call, func(t *testing.T) {
				environ := append(campusgatetest.Embedded(t.TempDir()), "CAMPUSGATE_DATABASE_DSN="+dsn)
				runCommand(t, environ, strings.Fields(call)...).Refused(t, exitFailed, "database.dsn: open database")
			})
		}
	}
	if text, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(text), "This is no database") {
		t.Errorf("the file that is no database now holds %q, %v", text, err)
	}
}
