package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/config"
	"campusgate/storage"
	"campusgate/storage/jobs"
	"campusgate/storage/storagetest"
)

// sealing is a gateway of which nothing but the keyring works.
func sealing(t *testing.T, environ []string) *gateway {
	t.Helper()
	c, err := config.Load("", environ)
	must(t, err)
	db, err := connect(t.Context(), c)
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	ring, err := openKeyring(t.Context(), c, db)
	must(t, err)
	return &gateway{configuration: c, logger: slog.New(slog.DiscardHandler), db: db, keyring: ring, now: db.Now}
}

func (g *gateway) sealIdentity(user string) storage.Sealed {
	return g.keyring.Seal(storage.IdentityPlace(user), []byte("of "+user))
}

// keep stores an identity of a user.
func (g *gateway) keep(t *testing.T, user string, sealed storage.Sealed) {
	t.Helper()
	must(t, g.db.SaveIdentity(t.Context(), storage.Identity{UserID: user, Sealed: sealed, IDHash: g.keyring.Hash("code", user)}, [2]storage.Sealed{
		g.keyring.Seal(storage.IdentityPicturePlace(user, storage.SideUp), []byte("up")),
		g.keyring.Seal(storage.IdentityPicturePlace(user, storage.SideDown), []byte("down")),
	}))
}

// opens reports whether the stored identity of a user opens.
func (g *gateway) opens(t *testing.T, user string) bool {
	t.Helper()
	identity, err := g.db.Identity(t.Context(), user)
	must(t, err)
	plain, err := g.keyring.Open(storage.IdentityPlace(user), identity.Sealed)
	return err == nil && string(plain) == "of "+user && slices.Equal(identity.IDHash, g.keyring.Hash("code", user))
}

// jobsAfter runs the jobs that are due a time from now, and returns what is left of them.
func (g *gateway) jobsAfter(t *testing.T, later time.Duration) (left []storage.Job) {
	t.Helper()
	now := time.Now().Add(later).Unix()
	r, err := jobs.New(g.db, []jobs.Kind{g.rewritingSecret()}, jobs.Options{
		Logger: g.logger, Now: func(context.Context) (int64, error) { return now, nil },
	})
	must(t, err)
	_, err = r.RunDue(t.Context())
	must(t, err)
	left, err = g.db.Jobs(t.Context(), storage.JobFilter{})
	must(t, err)
	return left
}

// The secret of an embedded database is changed under a running server: what the old one
// has sealed opens at every moment, and so does what a call seals by it meanwhile.
func TestRotateTheFileOfASecret(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	environ, file := campusgatetest.Embedded(folder), filepath.Join(folder, secretName)
	runCommand(t, environ, "secret", "rotate").Refused(t, exitFailed, "database.dsn: ")
	runCommand(t, environ, "migrate").Want(t, exitOK)
	runCommand(t, environ, "secret", "rotate").Refused(t, exitFailed, "accounts.secret: there is no "+file+" yet")
	g := sealing(t, environ)
	g.keep(t, "12", g.sealIdentity("12"))
	first, underWay := read(t, file), g.sealIdentity("13")

	// A change that broke off between the two files is made anew.
	must(t, os.WriteFile(file+oldSecret, []byte(first), 0o600))
	told := runCommand(t, environ, "secret", "rotate").Want(t, exitOK)
	if told.Stdout != "" || told.Stderr != "the server now seals anew what "+file+oldSecret+" has sealed\n" {
		t.Errorf("it says %+v", told)
	}
	second := read(t, file)
	if second == first || read(t, file+oldSecret) != first || strings.Contains(told.Stderr, strings.TrimSpace(second)) {
		t.Error("the file of the new secret, or of the old one, is wrong, or shown")
	}
	// One that is under way goes on with the same secrets.
	runCommand(t, environ, "secret", "rotate").Want(t, exitOK)
	if read(t, file) != second || read(t, file+oldSecret) != first {
		t.Error("a second change began before the first was over")
	}
	wantSecret(t, environ, exitOK, "file "+file+": ok")
	if !g.opens(t, "12") {
		t.Error("before the rewrite the identity does not open")
	}

	goesOn := func(left []storage.Job) {
		t.Helper()
		if len(left) != 1 || left[0].LastError != "" || read(t, file+oldSecret) != first {
			t.Errorf("a rewrite that found something leaves %+v", left)
		}
	}
	goesOn(g.jobsAfter(t, 0))
	g.keep(t, "13", underWay)
	goesOn(g.jobsAfter(t, 2*time.Minute))
	if left := g.jobsAfter(t, 10*time.Minute); len(left) > 0 {
		t.Errorf("a rewrite that found nothing leaves %+v", left)
	}
	if _, err := os.Stat(file + oldSecret); err == nil {
		t.Error("the old secret is still there")
	}
	must(t, g.rewriteSecret(t.Context(), storage.Job{Key: g.keyring.ID()})) // jobs may run twice
	for _, by := range []*gateway{g, sealing(t, environ)} {
		if !by.opens(t, "12") || !by.opens(t, "13") {
			t.Error("after the change an identity does not open")
		}
	}
	wantSecret(t, environ, exitOK, "file "+file+": ok")
	must(t, os.WriteFile(file, []byte(first), 0o600))
	wantSecret(t, environ, exitFailed, "file "+file+": FAILED: accounts.secret: "+file+
		": open secrets.sealed of look-up: it does not open what is stored, which another secret has sealed")
}

// A secret that the operator sets is changed on all replicas first: one that has not heard
// of it leaves the job to others.
func TestRotateAConfiguredSecret(t *testing.T) {
	t.Parallel()
	environ := campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_DATABASE_DRIVER=mysql", "CAMPUSGATE_DATABASE_DSN="+storagetest.MariaDB(t))
	with := func(secret, old string) []string {
		return slices.Concat(environ, []string{"CAMPUSGATE_ACCOUNTS_SECRET=" + secret, "CAMPUSGATE_ACCOUNTS_OLD_SECRET=" + old})
	}
	runCommand(t, environ, "migrate").Want(t, exitOK)
	runCommand(t, environ, "secret", "rotate").Refused(t, exitFailed, "accounts.old_secret: must be set")
	before := sealing(t, with(secretA, ""))
	before.keep(t, "12", before.sealIdentity("12"))
	runCommand(t, with(secretA, ""), "secret", "rotate").Refused(t, exitFailed, "accounts.old_secret: must be set")
	runCommand(t, with(secretB, ""), "secret", "rotate").Refused(t, exitFailed, "accounts.secret: ", "another secret")

	changing := sealing(t, with(secretB, secretA))
	changing.keep(t, "13", changing.sealIdentity("13"))
	told := runCommand(t, with(secretB, secretA), "secret", "rotate").Want(t, exitOK)
	if told.Stderr != "the server now seals anew what accounts.old_secret has sealed\n" || told.Stdout != "" {
		t.Errorf("it says %+v", told)
	}
	without := &gateway{configuration: before.configuration, logger: before.logger, db: before.db, now: before.now}
	for i, by := range []*gateway{before, without} {
		left := by.jobsAfter(t, time.Duration(i)*time.Minute)
		if len(left) != 1 || left[0].LastError != "accounts.secret: it is not the one that secret rotate was run with" {
			t.Errorf("a replica without the new secret leaves %+v", left)
		}
	}
	if !changing.opens(t, "12") || !changing.opens(t, "13") || !before.opens(t, "12") || before.opens(t, "13") {
		t.Error("before the rewrite the wrong identities open")
	}
	if left := changing.jobsAfter(t, time.Hour); len(left) != 1 {
		t.Errorf("a rewrite that found something leaves %+v", left)
	}
	if left := changing.jobsAfter(t, 2*time.Hour); len(left) > 0 {
		t.Errorf("a rewrite that found nothing leaves %+v", left)
	}
	wantSecret(t, with(secretB, ""), exitOK, "accounts.secret: ok")
	wantSecret(t, with(secretA, ""), exitFailed, "accounts.secret: FAILED: accounts.secret: "+
		"open secrets.sealed of look-up: it does not open what is stored, which another secret has sealed")
	if after := sealing(t, with(secretB, "")); !after.opens(t, "12") || !after.opens(t, "13") {
		t.Error("after the rewrite an identity does not open")
	}
}

// The server that serves does the job.
func TestServeRewritesTheSecret(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	environ := campusgatetest.Embedded(folder)
	g := serve(t, environ)
	runCommand(t, environ, "secret", "rotate").Want(t, exitOK)
	g.Stderr.Await(t, "sealed anew by accounts.secret.*values=1")
	if status := g.Stop(); status != exitOK {
		t.Errorf("exit status %d", status)
	}
	wantSecret(t, environ, exitOK, "file "+filepath.Join(folder, secretName)+": ok")
}
