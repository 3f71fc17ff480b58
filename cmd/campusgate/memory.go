package main

import (
	"runtime/debug"
	"slices"
	"strings"
)

// While the process holds little, the collector lets the heap grow to five times
// what is live: at Go's own pace, twice, lists spent a tenth of their time on it.
// From the limit on it runs as often as it must: 32 uploads of 900 KB at once stay
// below that, and more of them cost more of it.
const (
	heapGrowth   = 400       // percent of the live heap
	memoryBeside = 128 << 20 // bytes of all that Go takes, beside the cache of pictures
)

// tuneCollector does nothing where the operator set one of Go's own variables.
func tuneCollector(environ []string, cache int64) {
	set := func(variable string) bool {
		return strings.HasPrefix(variable, "GOGC=") || strings.HasPrefix(variable, "GOMEMLIMIT=")
	}
	if !slices.ContainsFunc(environ, set) {
		debug.SetGCPercent(heapGrowth)
		debug.SetMemoryLimit(memoryBeside + cache)
	}
}

// releaseStart gives back to the machine what only the start has needed: the
// migrations, the reference, the compiling of regular expressions.
func releaseStart() { debug.FreeOSMemory() }
