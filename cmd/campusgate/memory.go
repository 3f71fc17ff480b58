package main

import (
	"runtime/debug"
	"slices"
	"strings"
)

// While the process holds little, the collector lets the heap grow to five times
// what is live: at Go's own pace, twice, lists spent a tenth of their time on it.
// From memoryLimit on it runs as often as it must: 32 uploads of 900 KB at once stay
// below that, and more of them cost more of it.
const (
	heapGrowth  = 400       // percent of the live heap
	memoryLimit = 192 << 20 // bytes, of all that Go takes
)

// tuneCollector leaves what the operator set by Go's own variables.
func tuneCollector(environ []string) {
	set := func(name string) bool {
		return slices.ContainsFunc(environ, func(variable string) bool { return strings.HasPrefix(variable, name+"=") })
	}
	if !set("GOGC") {
		debug.SetGCPercent(heapGrowth)
	}
	if !set("GOMEMLIMIT") {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// releaseStart gives back to the machine what only the start has needed: the
// migrations, the reference, the making of expressions.
func releaseStart() { debug.FreeOSMemory() }
