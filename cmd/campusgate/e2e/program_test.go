package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
)

// A user who may write the data folder alone is enough.
func TestRunsAsAPlainUser(t *testing.T) {
	t.Parallel()
	folder, user, plain := asPlainUser(t)
	data := filepath.Join(folder, "data")
	must(t, os.Mkdir(data, 0o700))
	must(t, os.Chown(data, user, -1))
	for range 2 { // on no database, and on one that it made
		if output, err := plain("check").CombinedOutput(); err != nil {
			t.Fatalf("check: %v\n%s", err, output)
		}
		serve := campusgatetest.StartCommand(t, plain("serve", "--demo"))
		serve.Call(t, "/pic?token="+serve.DemoToken(t, campusgatetest.DemoSeller), "pic/upload", `{"from":"shop","base64":"`+campusgatetest.OnePixel+`"}`)
		if status := serve.Stop(); status != exitOK {
			t.Errorf("exit status %d:\n%s", status, serve.Stderr)
		}
	}
	entries, err := os.ReadDir(folder)
	must(t, err)
	if len(entries) != 2 {
		t.Errorf("it wrote outside of its folder: %v", entries)
	}
}

// Who may not write where is said.
func TestToldWhoMayNotWriteWhere(t *testing.T) {
	t.Parallel()
	folder, user, plain := asPlainUser(t)
	refused := func(key, path string, arguments ...string) {
		t.Helper()
		output, err := plain(arguments...).CombinedOutput()
		if err == nil || !regexp.MustCompile(key+`: user .*`+strconv.Itoa(user)+`.* may not write in `+path+`: `).Match(output) {
			t.Errorf("%q: %v, printed\n%s, want who may not write in %s", arguments, err, output, path)
		}
	}
	shut := func(path string) {
		t.Helper()
		must(t, os.Chown(path, user, -1))
		must(t, os.Chmod(path, 0o555))
	}
	unlock := func(path string) { must(t, os.Chmod(path, 0o755)) }
	shut(folder)
	defer unlock(folder)
	refused("campusgate: database.dsn", folder, "serve")
	refused("database  sqlite: FAILED: database.dsn", folder, "check")
	refused("pictures  disk data/pictures: FAILED: pictures.dir", folder, "check")
	unlock(folder)
	data := filepath.Join(folder, "data")
	stored, database := filepath.Join(data, "pictures"), filepath.Join(data, "campusgate.db")
	must(t, os.MkdirAll(stored, 0o755))
	shut(stored)
	must(t, os.Chown(data, user, -1))
	refused("campusgate: pictures.dir", stored, "serve")
	shut(database)
	refused("campusgate: database.dsn", database, "serve")
	refused("database  sqlite: FAILED: database.dsn", database, "check")
	unlock(database)
	for _, left := range []string{"-wal", "-shm"} {
		must(t, os.RemoveAll(database+left))
	}
	shut(data) // SQLite cannot make its log
	defer unlock(data)
	refused("campusgate: database.dsn", data, "serve")
}

// asPlainUser returns a folder of this user, another user's id where this one is root,
// and commands of the program that run in the folder as that user.
func asPlainUser(t *testing.T) (folder string, user int, command func(arguments ...string) *exec.Cmd) {
	t.Helper()
	user, root := os.Geteuid(), os.Geteuid() == 0
	if root {
		user = 65534 // nobody
	}
	folder = t.TempDir()
	must(t, os.Chmod(filepath.Dir(folder), 0o755)) // it is closed to others
	binaryCopy := filepath.Join(folder, "campusgate")
	content, err := os.ReadFile(campusgatetest.Program(t))
	must(t, err)
	must(t, os.WriteFile(binaryCopy, content, 0o755))
	return folder, user, func(arguments ...string) *exec.Cmd {
		command := exec.CommandContext(t.Context(), binaryCopy, arguments...)
		command.Dir, command.Env = folder, campusgatetest.Environment("HOME=/nonexistent", "CAMPUSGATE_SERVER_LISTEN=127.0.0.1:0")
		if root {
			command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(user), Gid: uint32(user)}}
		}
		return command
	}
}

func TestBinaryTellsWhatTheLinkerSet(t *testing.T) {
	t.Parallel()
	printed := campusgatetest.Run(t, nil, "version").Want(t, exitOK).Stdout
	if want := "campusgate " + campusgatetest.Version + ", commit " + campusgatetest.Commit + ", go"; !strings.HasPrefix(printed, want) {
		t.Errorf("got %q, want it to begin %q", printed, want)
	}
}
