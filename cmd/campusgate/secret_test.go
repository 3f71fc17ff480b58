package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage/storagetest"
)

// Two values of accounts.secret.
var secretA, secretB = strings.Repeat("0a", 32), strings.Repeat("0b", 32)

// serveOnce serves, until what a start makes is there.
func serveOnce(t *testing.T, environ []string) {
	t.Helper()
	g := serve(t, environ)
	if status := g.Stop(); status != exitOK {
		t.Fatalf("exit status %d: %s", status, g.Stderr.String())
	}
}

// wantSecret checks check's line for the secret.
func wantSecret(t *testing.T, environ []string, status int, line string) {
	t.Helper()
	got := runCommand(t, environ, "check").Want(t, status)
	if !strings.Contains(got.Stdout, "\nsecret    "+line+"\n") {
		t.Errorf("no line %q in\n%s", line, got.Stdout)
	}
	for _, secret := range []string{secretA, secretB} {
		if strings.Contains(got.Stdout+got.Stderr, secret) {
			t.Errorf("the secret is shown: %+v", got)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	return string(text)
}

// The server makes a secret beside an embedded database, once, for its owner alone, and
// does not go on without it.
func TestEmbeddedSecret(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	environ, file := campusgatetest.Embedded(folder), filepath.Join(folder, secretName)
	wantSecret(t, environ, exitOK, "file "+file+": ok")
	serveOnce(t, environ)
	info, err := os.Stat(file)
	must(t, err)
	secret := read(t, file)
	if info.Mode() != 0o600 || len(secret) != 65 || strings.Trim(secret, "0123456789abcdef") != "\n" {
		t.Errorf("the file has mode %s and %d bytes", info.Mode(), len(secret))
	}
	serveOnce(t, environ)
	if again := read(t, file); again != secret {
		t.Error("a second start has changed the secret")
	}
	wantSecret(t, environ, exitOK, "file "+file+": ok")

	const absent, another = "it is absent, and the database holds what it has sealed", "it does not open what is stored, which another secret has sealed"
	refused := func(environ []string, place, cause string) {
		t.Helper()
		runCommand(t, environ, "serve").Refused(t, exitFailed, "campusgate: accounts.secret: "+place, cause)
	}
	must(t, os.Remove(file))
	refused(environ, file, absent)
	wantSecret(t, environ, exitFailed, "file "+file+": FAILED: accounts.secret: "+file+": "+absent)
	if _, err := os.Stat(file); err == nil {
		t.Error("a new secret was made, which opens nothing")
	}
	must(t, os.WriteFile(file, []byte(secretA), 0o600))
	refused(environ, file, another)
	must(t, os.WriteFile(file, []byte(secretA[1:]), 0o600))
	refused(environ, file, "must hold 64 hexadecimal digits")
	wantSecret(t, environ, exitFailed, "file "+file+": FAILED: accounts.secret: "+file+" must hold 64 hexadecimal digits")
	must(t, os.WriteFile(file, nil, 0o600))
	refused(environ, file, "must hold 64 hexadecimal digits")

	configured := campusgatetest.Embedded(folder, "CAMPUSGATE_ACCOUNTS_SECRET="+secretA)
	refused(configured, "", another)
	wantSecret(t, configured, exitFailed, "accounts.secret: FAILED: accounts.secret: open secrets.sealed of look-up: "+another)
	right := campusgatetest.Embedded(folder, "CAMPUSGATE_ACCOUNTS_SECRET="+strings.TrimSpace(secret))
	serveOnce(t, right)
	wantSecret(t, right, exitOK, "accounts.secret: ok")
}

// A secret that cannot be kept is told of before anything is sealed by it.
func TestSecretNeedsItsFolder(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	environ := campusgatetest.Embedded(folder)
	runCommand(t, environ, "migrate").Want(t, exitOK)
	must(t, os.Mkdir(filepath.Join(folder, secretName), 0o700)) // in the way
	runCommand(t, environ, "serve").Refused(t, exitFailed, "campusgate: accounts.secret: ", secretName)
	db := campusgatetest.OpenEmbedded(t, folder)
	if samples, err := db.SealedSamples(t.Context()); err != nil || len(samples) > 0 {
		t.Errorf("sealed already: %v, %v", samples, err)
	}
}

// A server's database has no folder: there the operator sets the secret, or nobody is
// verified, and nothing is made.
func TestConfiguredSecret(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	environ := campusgatetest.Embedded(folder, "CAMPUSGATE_DATABASE_DRIVER=mysql", "CAMPUSGATE_DATABASE_DSN="+storagetest.MariaDB(t))
	with := func(variables ...string) []string { return append(environ[:len(environ):len(environ)], variables...) }
	wantSecret(t, environ, exitFailed, "none: ok") // of a database without a schema
	runCommand(t, environ, "migrate").Want(t, exitOK)
	serveOnce(t, environ)
	wantSecret(t, environ, exitOK, "none: ok")
	runCommand(t, with("CAMPUSGATE_ACCOUNTS_OWN=true"), "serve").
		Refused(t, exitFailed, `accounts.secret: is required with accounts.own = true and database.driver = "mysql"`)

	serveOnce(t, with("CAMPUSGATE_ACCOUNTS_OWN=true", "CAMPUSGATE_ACCOUNTS_SECRET="+secretA))
	wantSecret(t, with("CAMPUSGATE_ACCOUNTS_SECRET="+secretA), exitOK, "accounts.secret: ok")
	wantSecret(t, with("CAMPUSGATE_ACCOUNTS_SECRET="+secretB, "CAMPUSGATE_ACCOUNTS_OLD_SECRET="+secretA), exitOK, "accounts.secret: ok")
	wantSecret(t, environ, exitFailed, "none: FAILED: accounts.secret: it is absent, and the database holds what it has sealed")
	runCommand(t, environ, "serve").Refused(t, exitFailed, "campusgate: accounts.secret: it is absent")
	runCommand(t, with("CAMPUSGATE_ACCOUNTS_SECRET="+secretB), "serve").Refused(t, exitFailed, "campusgate: accounts.secret: ", "another secret")
	if left, err := os.ReadDir(folder); err != nil || len(left) > 1 || len(left) == 1 && left[0].Name() != "pictures" {
		t.Errorf("in the folder are %v, %v", left, err)
	}
}
