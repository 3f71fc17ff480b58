package campusgatetest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"campusgate/storage/storagetest"
)

// Samples are metrics' values by their names with labels.
type Samples map[string]string

// Scrape reads the metrics at an address.
func Scrape(t testing.TB, url string) Samples {
	t.Helper()
	samples := Samples{}
	for line := range strings.Lines(Get(t, url).Raw) {
		if at := strings.LastIndexByte(line, ' '); !strings.HasPrefix(line, "#") && at > 0 {
			samples[line[:at]] = strings.TrimSpace(line[at:])
		}
	}
	return samples
}

// Has reports whether a name begins with prefix.
func (s Samples) Has(prefix string) bool {
	for name := range s {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// Memory is a line of what Linux tells of a process' memory, in bytes: VmRSS is what
// it has now, VmHWM the most that it has had, RssAnon what it has without the pages
// of files, which the machine can drop. The test is skipped where nothing is told.
func Memory(t testing.TB, pid int, name string) (bytes int64) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		storagetest.NotRun(t, "memory is read from /proc")
	}
	for line := range strings.Lines(string(status)) {
		if value, found := strings.CutPrefix(line, name+":"); found {
			kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			Must(t, err)
			return kilobytes << 10
		}
	}
	t.Fatalf("no %s in\n%s", name, status)
	return 0
}
