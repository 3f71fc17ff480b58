package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
)

// A user who may write the data folder alone is enough.
func TestRunsAsAPlainUser(t *testing.T) {
	t.Parallel()
	user, root := os.Geteuid(), os.Geteuid() == 0
	if root {
		user = 65534 // nobody
	}
	folder := t.TempDir()
	must(t, os.Chmod(filepath.Dir(folder), 0o755)) // it is closed to others
	data := filepath.Join(folder, "data")
	must(t, os.Mkdir(data, 0o700))
	must(t, os.Chown(data, user, -1))
	binaryCopy := filepath.Join(folder, "campusgate")
	content, err := os.ReadFile(campusgatetest.Program(t))
	must(t, err)
	must(t, os.WriteFile(binaryCopy, content, 0o755))
	plain := func(arguments ...string) *exec.Cmd {
		command := exec.CommandContext(t.Context(), binaryCopy, arguments...)
		command.Dir, command.Env = folder, campusgatetest.Environment("HOME=/nonexistent", "CAMPUSGATE_SERVER_LISTEN=127.0.0.1:0")
		if root {
			command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(user), Gid: uint32(user)}}
		}
		return command
	}
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

func TestBinaryTellsWhatTheLinkerSet(t *testing.T) {
	t.Parallel()
	printed := campusgatetest.Run(t, nil, "version").Want(t, exitOK).Stdout
	if want := "campusgate " + campusgatetest.Version + ", commit " + campusgatetest.Commit + ", go"; !strings.HasPrefix(printed, want) {
		t.Errorf("got %q, want it to begin %q", printed, want)
	}
}
