package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage"
)

func TestRole(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	environ := campusgatetest.Embedded(folder)
	addUser(t, environ, student, "王凌超", "0")
	role := func(arguments ...string) campusgatetest.Finished {
		return runCommand(t, environ, append([]string{"role"}, arguments...)...)
	}
	list := func(want string) {
		t.Helper()
		if got := role("list").Want(t, exitOK).Stdout; got != want {
			t.Errorf("the roles are %q, want %q", got, want)
		}
	}
	list("")
	for range 2 { // the second changes nothing
		role("grant", "--user", student, "--role", "admin").Want(t, exitOK)
		list("admin " + student + " 王凌超\n")
	}
	role("revoke", "--user", student, "--role", "admin").Want(t, exitOK)
	list("")
	role("revoke", "--user", student, "--role", "admin").Refused(t, exitFailed, "--user: account "+student+" has no role")
	role("grant", "--user", "1", "--role", "admin").Refused(t, exitFailed, "--user: account 1 does not exist")
	role("grant", "--role", "admin").Refused(t, exitUsage, "--user is missing")
	role("grant", "--user", student).Refused(t, exitUsage, "--role must be admin")
	role("grant", "--user", student, "--role", "root").Refused(t, exitUsage, "--role must be admin")

	// The account service has deleted an admin's account.
	role("grant", "--user", student, "--role", "admin").Want(t, exitOK)
	execute(t, folder, "DELETE FROM users")
	list("admin " + student + " \n")
	role("revoke", "--user", student, "--role", "admin").Want(t, exitOK)
	list("")

	rows, err := campusgatetest.OpenEmbedded(t, folder).Audits(t.Context(), storage.Page{})
	must(t, err)
	for i := range rows {
		rows[i].Time = 0
	}
	if diff := cmp.Diff([]storage.Audit{
		{Call: "role grant", Target: "user " + student, After: "admin"},
		{Call: "role revoke", Target: "user " + student, Before: "admin"},
		{Call: "role grant", Target: "user " + student, After: "admin"},
		{Call: "role revoke", Target: "user " + student, Before: "admin"},
	}, rows); diff != "" {
		t.Error(diff)
	}
}

// The sessions of accounts of our own are known by their hashes.
func TestTokenCommandsKnowSessions(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	environ := campusgatetest.Embedded(folder)
	token := addUser(t, environ, student, "王凌超", "0")
	db := campusgatetest.OpenEmbedded(t, folder)
	must(t, db.InTx(t.Context(), func(tx *storage.Tx) error {
		if _, err := tx.LockProfile(t.Context(), student, 1); err != nil {
			return err
		}
		for _, hash := range []string{"\x01\xab", "\x02"} {
			if err := tx.InsertSession(t.Context(), storage.Session{TokenHash: []byte(hash), UserID: student}, 10); err != nil {
				return err
			}
		}
		return nil
	}))
	list := func(want string) {
		t.Helper()
		if got := runCommand(t, environ, "token", "list", "--user", student).Want(t, exitOK).Stdout; got != want {
			t.Errorf("the tokens are %q, want %q", got, want)
		}
	}
	list(token + "\nsha256:01ab\nsha256:02\n")
	for _, unknown := range []string{"sha256:03", "sha256:no", "sha256:"} {
		runCommand(t, environ, "token", "revoke", unknown).Refused(t, exitFailed, "token 1 of 1 does not exist")
	}
	runCommand(t, environ, "token", "revoke", "sha256:01ab").Want(t, exitOK)
	list(token + "\nsha256:02\n")
	runCommand(t, environ, "token", "revoke", "--user", student).Want(t, exitOK)
	list("")
}
