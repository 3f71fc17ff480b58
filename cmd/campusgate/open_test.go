package main

import (
	"errors"
	"net"
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

// IPv4's every interface is not IPv6's as well, as it is to package net.
func TestListenIsOfOneFamily(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{"0.0.0.0:0": "0.0.0.0", "127.0.0.1:0": "127.0.0.1"} {
		listener, err := listen(t.Context(), address)
		must(t, err)
		host, _, err := net.SplitHostPort(listener.Addr().String())
		must(t, errors.Join(err, listener.Close()))
		if host != want {
			t.Errorf("%s listens on %s, want %s", address, host, want)
		}
	}
}
