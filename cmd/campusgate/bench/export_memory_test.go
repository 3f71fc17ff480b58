package bench

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

// TestExportMemory: the export of an account with 10,000 rows is streamed, and the process
// grows by less than 20 MiB.
func TestExportMemory(t *testing.T) {
	if campusgatetest.Raced() {
		t.Skip("make test plays it apart: the race detector needs memory of its own")
	}
	const (
		each  = 5000 // products, and orders
		limit = 20 << 20
	)
	folder := t.TempDir()
	environ := campusgatetest.Embedded(folder)
	campusgatetest.Run(t, environ, "migrate").Want(t, 0)
	campusgatetest.FillGrown(each, 1)(t, campusgatetest.OpenEmbedded(t, folder))
	b := campusgatetest.Start(t, folder, environ)
	body := strings.NewReader(campusgatetest.Envelope("user/export", `{}`))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.URL("/user"+campusgatetest.CampusQuery(0)), body)
	must(t, err)
	lines, grown, _ := download(t, b, request)
	if lines < 2*each {
		t.Errorf("%d rows, want %d", lines, 2*each)
	}
	if grown > limit {
		t.Errorf("the process grows by %d KiB, want at most %d", grown>>10, limit>>10)
	}
}

// download reads an answer of lines, and tells by how many bytes the process grows for it.
func download(t *testing.T, from *campusgatetest.Process, request *http.Request) (lines lineCounter, grown int64, took time.Duration) {
	t.Helper()
	idle, began := campusgatetest.Memory(t, from.PID(), "VmRSS"), time.Now()
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	defer response.Body.Close()
	size, err := io.Copy(&lines, response.Body)
	must(t, err)
	took, peak := time.Since(began), campusgatetest.Memory(t, from.PID(), "VmHWM")
	t.Logf("%d lines, %d KiB in %s; idle %d KiB, peak %d KiB", lines, size>>10, took, idle>>10, peak>>10)
	return lines, peak - idle, took
}

// A lineCounter counts the rows of an export: each is a line.
type lineCounter int

func (c *lineCounter) Write(part []byte) (int, error) {
	*c += lineCounter(bytes.Count(part, []byte("\n")))
	return len(part), nil
}
