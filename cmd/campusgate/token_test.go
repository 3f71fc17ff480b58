package main

import (
	"regexp"
	"strings"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
)

func TestTokenIssuePrintsTheTokenAlone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	environ := campusgatetest.Embedded(folder)
	runCommand(t, environ, "user", "add", "--id", student, "--name", "王凌超").Want(t, exitOK)
	issued := map[string]bool{}
	for range 2 {
		got := runCommand(t, environ, "token", "issue", "--user", student).Want(t, exitOK)
		if !regexp.MustCompile(`^[0-9a-f]{64}\n$`).MatchString(got.Stdout) || got.Stderr != "" {
			t.Fatalf("got %+v, want 64 hexadecimal digits and a newline on stdout alone", got)
		}
		issued[strings.TrimSpace(got.Stdout)] = true
	}
	db := campusgatetest.OpenEmbedded(t, folder)
	for token := range issued {
		if user, err := db.TokenUser(t.Context(), token); err != nil || user != student {
			t.Errorf("the token's user is %q, %v, want %s", user, err, student)
		}
	}
	if len(issued) != 2 {
		t.Error("the same token was issued twice")
	}
}

func TestTokenIssueRefusesAnUnknownUser(t *testing.T) {
	t.Parallel()
	runCommand(t, campusgatetest.Embedded(t.TempDir()), "token", "issue", "--user", student).Refused(t, exitFailed, "--user", student)
}
