package main

import (
	"fmt"
	"os"
	"regexp"
	"runtime/debug"
	runtimemetrics "runtime/metrics"
	"strconv"
	"testing"

	"campusgate/storage/storagetest"
)

// TestTuneCollector: Go's own variables win.
func TestTuneCollector(t *testing.T) {
	const ownGrowth, ownLimit, cache = 77, 1 << 40, 64 << 20
	tests := []struct {
		environ       []string
		growth, limit uint64
	}{
		{[]string{"GOGCX=1"}, heapGrowth, memoryBeside + cache},
		{[]string{"GOGC=77"}, ownGrowth, ownLimit},
		{[]string{"GOMEMLIMIT=1TiB"}, ownGrowth, ownLimit},
	}
	growth, limit := debug.SetGCPercent(ownGrowth), debug.SetMemoryLimit(ownLimit)
	defer func() {
		debug.SetGCPercent(growth)
		debug.SetMemoryLimit(limit)
	}()
	for _, test := range tests {
		debug.SetGCPercent(ownGrowth)
		debug.SetMemoryLimit(ownLimit)
		tuneCollector(test.environ, cache)
		got := []runtimemetrics.Sample{{Name: "/gc/gogc:percent"}, {Name: "/gc/gomemlimit:bytes"}}
		runtimemetrics.Read(got)
		if got[0].Value.Uint64() != test.growth || got[1].Value.Uint64() != test.limit {
			t.Errorf("%q: %d percent, %d bytes; want %d, %d", test.environ, got[0].Value.Uint64(), got[1].Value.Uint64(), test.growth, test.limit)
		}
	}
}

// TestIdleMemory: what the process has for itself when it begins to listen. The
// pages of its file, which the machine can drop, are not counted.
func TestIdleMemory(t *testing.T) {
	if raced() {
		t.Skip("the race detector needs memory of its own")
	}
	const most = 15 << 10 // KiB; 6 MiB of it are fonts that base64Captcha keeps
	b := startBinary(t, t.TempDir(), nil)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", b.command.Process.Pid))
	if err != nil {
		storagetest.NotRun(t, "read memory: %v", err)
	}
	held, err := strconv.Atoi(string(regexp.MustCompile(`RssAnon:\s+(\d+) kB`).FindSubmatch(status)[1]))
	must(t, err)
	t.Logf("%d KiB", held)
	if held > most {
		t.Errorf("%d KiB, want at most %d", held, most)
	}
}
