package main

import (
	"runtime/debug"
	runtimemetrics "runtime/metrics"
	"testing"
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
