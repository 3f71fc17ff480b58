package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// TestIdleMemory: what the process has for itself when it begins to listen. The
// pages of its file, which the machine can drop, are not counted.
func TestIdleMemory(t *testing.T) {
	if raced() {
		t.Skip("the race detector needs memory of its own")
	}
	const most = 14 << 10 // KiB; 6 MiB of it are fonts that base64Captcha keeps
	b := startBinary(t, t.TempDir(), nil)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", b.command.Process.Pid))
	if err != nil {
		t.Skip("memory is read from /proc")
	}
	held, err := strconv.Atoi(string(regexp.MustCompile(`RssAnon:\s+(\d+) kB`).FindSubmatch(status)[1]))
	must(t, err)
	t.Logf("%d KiB", held)
	if held > most {
		t.Errorf("%d KiB, want at most %d", held, most)
	}
}
