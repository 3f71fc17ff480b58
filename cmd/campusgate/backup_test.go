package main

import (
	"bytes"
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

// A backup that was made while the gateway runs is restored elsewhere, whole; what was
// lost of an archive is noticed, and nothing is left of a restore that failed.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	environ := campusgatetest.Embedded(t.TempDir(), "CAMPUSGATE_REDIS_PASSWORD_FILE="+writeFile(t, "password", "the-secret"))
	token := addUser(t, environ, student, "王凌超", "12.34")
	g := serve(t, environ)
	g.Call(t, "/pic?token="+token, "pic/upload", `{"from":"shop","name":"茶.png","base64":"`+campusgatetest.OnePixel+`"}`)
	g.Call(t, "/shop?token="+token, "shop/creat", `{"shop_name":"小码三秃"}`)

	folder := t.TempDir()
	archive, open := filepath.Join(folder, "all.tar.zst"), filepath.Join(folder, "open.tar.zst")
	backup := runCommand(t, environ, "backup", archive, "--secrets").Want(t, exitOK)
	if backup.Stdout != "" || !strings.Contains(backup.Stderr, "archived 4 files, ") || !strings.Contains(backup.Stderr, "and read them again\n") {
		t.Errorf("backup says %+v", backup)
	}
	runCommand(t, environ, "backup", archive).Refused(t, exitFailed, archive+" is there already")
	if told := runCommand(t, environ, "backup", open).Want(t, exitOK).Stderr; !strings.Contains(told, secretName+" is not in it, ") {
		t.Errorf("backup without secrets says %q", told)
	}

	content, err := os.ReadFile(archive)
	must(t, err)
	for name, damaged := range map[string][]byte{
		"cut": content[:len(content)-200], "changed": append(bytes.Clone(content[:len(content)/2]), bytes.Repeat([]byte{7}, len(content)/2)...),
		"none": nil, "another's": []byte("this is no archive"),
	} {
		target := t.TempDir()
		got := runCommand(t, campusgatetest.Embedded(target), "restore", writeFile(t, name, string(damaged))).Want(t, exitFailed)
		if left := besideLock(t, target); len(left) > 0 || !strings.Contains(got.Stderr, "campusgate: restore ") {
			t.Errorf("%s: left %v, says %q", name, left, got.Stderr)
		}
	}

	target := t.TempDir()
	restored := campusgatetest.Embedded(target)
	runCommand(t, restored, "restore", archive, "--secrets", target).Want(t, exitOK)
	if secret, err := os.ReadFile(filepath.Join(target, "CAMPUSGATE_REDIS_PASSWORD_FILE")); err != nil || string(secret) != "the-secret" {
		t.Errorf("the secret is %q, %v", secret, err)
	}
	runCommand(t, restored, "doctor").Want(t, exitOK)
	audits := func(environ []string) string { return runCommand(t, environ, "audit").Want(t, exitOK).Stdout }
	if was, is := audits(environ), audits(restored); is != was || !strings.Contains(is, "wallets: 1 with 12.34 yuan; external: 0.00 yuan in 0 of them: ok") {
		t.Errorf("the audit was\n%s\nand is\n%s", was, is)
	}
	runCommand(t, restored, "restore", archive).Refused(t, exitFailed, "database.dsn: ", "restore needs a folder without data")
	again := serve(t, restored)
	if got := campusgatetest.Get(t, again.URL("/get/pic/shop/茶.png")).Header.Get("X-Picture"); got != "stored" {
		t.Errorf("the restored picture is %q", got)
	}
	again.Call(t, "/shop?token="+token, "shop/creat", `{"shop_name":"another"}`)
	runCommand(t, restored, "restore", archive).Refused(t, exitFailed, "database.dsn: ", "is in use by process")

	plain := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(plain, "pictures", "shop"), 0o700))
	runCommand(t, campusgatetest.Embedded(plain), "restore", open).Refused(t, exitFailed, "pictures.dir: ", "is not empty")
	must(t, os.RemoveAll(filepath.Join(plain, "pictures")))
	runCommand(t, campusgatetest.Embedded(plain), "restore", open, "--secrets", filepath.Join(plain, "none")).Want(t, exitOK)
	if _, err := os.Stat(filepath.Join(plain, "none")); err == nil {
		t.Error("the archive without --secrets has secrets")
	}
	runCommand(t, campusgatetest.Embedded(plain), "serve").Refused(t, exitFailed, "accounts.secret: ", "it is absent, and the database holds what it has sealed")
}

// besideLock are the names in a folder, without the lock's.
func besideLock(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	must(t, err)
	for _, entry := range entries {
		if entry.Name() != lockName {
			names = append(names, entry.Name())
		}
	}
	return names
}

// What is wrong with an archive may show at its end only: its secrets are written by then.
func TestRestoreLeavesNoSecretsOfABrokenArchive(t *testing.T) {
	t.Parallel()
	for name, breakIt := range map[string]func(*archiveWriter){
		"no database of SQLite": func(*archiveWriter) {},
		"is not as it was when": func(a *archiveWriter) { a.sums[archiveDatabase] = strings.Repeat("0", 64) },
		"is not in SHA256SUMS":  func(a *archiveWriter) { delete(a.sums, archiveDatabase) },
	} {
		file, err := os.Create(filepath.Join(t.TempDir(), "archive"))
		must(t, err)
		archive, err := newArchiveWriter(file)
		must(t, err)
		for _, member := range []string{archiveDatabase, archiveSecrets + "PASSWORD_FILE"} {
			must(t, archive.add(member, 4, time.Now(), strings.NewReader("text")))
		}
		breakIt(archive)
		must(t, archive.close())
		must(t, file.Close())
		target, secrets := t.TempDir(), t.TempDir()
		must(t, os.WriteFile(filepath.Join(secrets, "other"), nil, 0o600))
		got := runCommand(t, campusgatetest.Embedded(target), "restore", file.Name(), "--secrets", secrets).Want(t, exitFailed)
		if name != "no database of SQLite" && !strings.Contains(got.Stderr, name) {
			t.Errorf("%s: %s", name, got.Stderr)
		}
		if left := append(besideLock(t, target), besideLock(t, secrets)...); !slices.Equal(left, []string{"other"}) {
			t.Errorf("%s: left %v", name, left)
		}
	}
}

// Servers have tools of their own.
func TestBackupIsOfTheEmbeddedDefault(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a")
	for _, call := range []string{"backup", "restore"} {
		for variable, key := range map[string]string{
			"CAMPUSGATE_DATABASE_DRIVER=mysql": "database.driver: ",
			"CAMPUSGATE_PICTURES_STORE=cos":    "pictures.store: ",
		} {
			environ := append(campusgatetest.Embedded(t.TempDir(), variable),
				"CAMPUSGATE_COS_BUCKET_URL=http://127.0.0.1:1", "CAMPUSGATE_COS_SECRET_ID=a", "CAMPUSGATE_COS_SECRET_KEY=b")
			runCommand(t, environ, call, file).Refused(t, exitFailed, key)
		}
		runCommand(t, nil, call).Refused(t, exitUsage, "FILE is missing")
	}
	folder := t.TempDir()
	runCommand(t, campusgatetest.Embedded(folder), "backup", file).Refused(t, exitFailed, "database.dsn: ")
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("backup made %v, %v", left, err)
	}
}

// changing changes a file once something is written.
type changing string

func (c changing) Write(p []byte) (int, error) {
	return len(p), os.WriteFile(string(c), []byte("another"), 0o600)
}

// The secrets of an archive are those that its database was sealed by.
func TestBackupNoticesAChangedSecret(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	runCommand(t, campusgatetest.Embedded(folder), "migrate").Want(t, exitOK)
	db, secret, pictures := campusgatetest.OpenEmbedded(t, folder), writeFile(t, "secret", "one"), t.TempDir()
	random := make([]byte, 8<<20) // more than the archive holds back
	_, _ = rand.Read(random)
	must(t, os.WriteFile(filepath.Join(pictures, "a"), random, 0o600))
	b := backup{
		archiveCount: archiveCount{progress: newProgress(io.Discard, time.Now)},
		db:           db, pictures: pictures, secrets: map[string]string{"SECRET_FILE": secret},
	}
	must(t, b.write(t.Context(), io.Discard, filepath.Join(folder, "copied")))
	err := b.write(t.Context(), changing(secret), filepath.Join(folder, "copied"))
	if err == nil || !strings.HasPrefix(err.Error(), "a secret was changed meanwhile: ") {
		t.Errorf("write: %v", err)
	}
}
