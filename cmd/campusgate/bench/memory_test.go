package bench

import (
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
)

// TestIdleMemory: what the process has for itself when it begins to listen. The
// pages of its file, which the machine can drop, are not counted.
func TestIdleMemory(t *testing.T) {
	if campusgatetest.Raced() {
		t.Skip("the race detector needs memory of its own")
	}
	const limit = 21 << 10 // KiB; 6 MiB of it are fonts that base64Captcha keeps, 1 MiB the refused words; every table costs in each connection of SQLite
	p := campusgatetest.Start(t, t.TempDir(), nil)
	held := campusgatetest.Memory(t, p.PID(), "RssAnon") >> 10
	t.Logf("%d KiB", held)
	if held > limit {
		t.Errorf("%d KiB, want at most %d", held, limit)
	}
}
