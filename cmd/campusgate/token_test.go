package main

import (
	"regexp"
	"slices"
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
		if bearer, err := db.TokenUser(t.Context(), token); err != nil || bearer.UserID != student {
			t.Errorf("the token stands for %+v, %v, want %s", bearer, err, student)
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

func TestTokenRevoke(t *testing.T) {
	t.Parallel()
	environ := campusgatetest.Embedded(t.TempDir())
	first := addUser(t, environ, student, "王凌超", "0")
	other := addUser(t, environ, "1180310087", "码三秃", "0")
	second := strings.TrimSpace(runCommand(t, environ, "token", "issue", "--user", student).Want(t, exitOK).Stdout)
	third := strings.TrimSpace(runCommand(t, environ, "token", "issue", "--user", student).Want(t, exitOK).Stdout)
	list := func(user string, want ...string) {
		t.Helper()
		got := strings.Fields(runCommand(t, environ, "token", "list", "--user", user).Want(t, exitOK).Stdout)
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("%s has %q, want %q", user, got, want)
		}
	}
	list(student, first, second, third)
	refused := runCommand(t, environ, "token", "revoke", first, strings.ToUpper(second))
	refused.Refused(t, exitFailed, "token 2 of 2 does not exist: none was revoked")
	list(student, first, second, third)
	runCommand(t, environ, "token", "revoke", first).Want(t, exitOK)
	list(student, second, third)
	runCommand(t, environ, "token", "revoke", "--user", student).Want(t, exitOK)
	list(student)
	list("1180310087", other)
	runCommand(t, environ, "token", "revoke").Refused(t, exitUsage, "either tokens or --user must be given")
	runCommand(t, environ, "token", "revoke", other, "--user", student).Refused(t, exitUsage, "either tokens or --user must be given")
	for _, call := range []string{"list", "revoke"} {
		runCommand(t, environ, "token", call, "--user", "1").Refused(t, exitFailed, "--user: account 1 does not exist")
	}
}
