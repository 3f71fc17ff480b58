package bench

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campus"
	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/handlers/handlerstest"
)

// scaleLimit is how many times as long a call may take on the large campus.
const scaleLimit = 3

// TestScale measures every call and every job on a large campus beside the same on a small
// one, by turns on one connection, on SQLite and on MariaDB. With SCALE set, the folder of
// scale.md, it takes minutes, writes its table there and is what `make scale` runs; without,
// it plays every row once on two small campuses, so that each call keeps its row and its row
// its answer, and judges no times.
func TestScale(t *testing.T) {
	if campusgatetest.Raced() {
		t.Skip("make test plays it apart: the race detector slows it down for nothing")
	}
	campusgatetest.Program(t) // whose calls make what its jobs need
	e, page := scaleEffortOf(t), scalePage(t)
	wantEveryCall(t, scaleCalls())
	var table scaleTable
	for _, driver := range []string{"sqlite", "mysql"} {
		t.Run(driver, func(t *testing.T) {
			few, many := openScaleCampuses(t, driver, e)
			t.Run("calls", func(t *testing.T) { playCalls(t, e, driver, few, many, &table) })
			t.Run("callbacks", func(t *testing.T) { playCallbacks(t, e, driver, few, many, &table) })
			t.Run("jobs", func(t *testing.T) { playJobs(t, e, driver, few, many, &table) })
		})
	}
	var out io.Writer = os.Stdout
	if os.Getenv("SCALE") == "" {
		out = t.Output()
	}
	fmt.Fprintln(out, table.markdown(e))
	if os.Getenv("SCALE") != "" {
		writeScale(t, page, table.markdown(e))
	}
}

// scaleEffort is how long TestScale takes.
type scaleEffort struct {
	few, many int           // rows of the campuses
	rounds    int           // of a row, in which either campus has a turn
	slice     time.Duration // of a turn
	works     int           // of a turn that need something new, at most
	budget    time.Duration // of a row, once it has had three rounds
}

// scaleEffortOf is a smoke test unless SCALE asks for figures. SIZE is how large the large
// campus is.
func scaleEffortOf(t *testing.T) scaleEffort {
	t.Helper()
	if os.Getenv("SCALE") == "" {
		return scaleEffort{few: campus.Step, many: 2 * campus.Step, rounds: 1, works: 1}
	}
	e := scaleEffort{few: 1000, many: 1_000_000, rounds: 9, slice: 40 * time.Millisecond, works: 40, budget: 3 * time.Second}
	if text := os.Getenv("SIZE"); text != "" {
		_, err := fmt.Sscan(text, &e.many)
		must(t, err)
	}
	return e
}

// A scaleRow is a call, or a job, and how it is made.
type scaleRow struct {
	name string // of the registry
	note string // what else there is to say of it
	// ready makes what the work needs, which is not measured, and returns the work. It is
	// told once a turn where again is set, and else before each work.
	ready func(*scaleSide) func() error
	again bool
	// per is by what the time is divided, nil for 1, after the work.
	per func(*scaleSide) int
}

func (r scaleRow) title() string {
	if r.note == "" {
		return r.name
	}
	return r.name + ", " + r.note
}

// scaleTally is what a campus took for a row.
type scaleTally struct {
	times []time.Duration
	cpu   time.Duration
}

// turn plays a row on a campus.
func (y *scaleTally) turn(t *testing.T, e scaleEffort, r scaleRow, s *scaleSide) {
	t.Helper()
	s.t = t
	var work func() error
	if r.again {
		work = r.ready(s)
	}
	var times []time.Duration // of this turn
	cpu, begun, spent := s.cpuTime(), time.Now(), time.Duration(0)
	for len(times) == 0 || (r.again || len(times) < e.works) && spent <= e.slice && time.Since(begun) <= 5*e.slice {
		if !r.again {
			work = r.ready(s)
		}
		began := time.Now()
		err := work()
		took := time.Since(began)
		if err != nil {
			t.Fatalf("%d rows: %v", s.size, err)
		}
		if s.after != nil {
			if err := s.after(); err != nil {
				t.Fatalf("%d rows: %v", s.size, err)
			}
			s.after = nil
		}
		spent += took
		if r.per != nil {
			took /= time.Duration(max(1, r.per(s)))
		}
		times = append(times, took)
	}
	y.cpu += s.cpuTime() - cpu
	y.times = append(y.times, times...)
}

// A scaleResult is what was measured of a row on a database.
type scaleResult struct {
	few, many       time.Duration // the median works of all turns
	ratio           float64       // of these
	fewCPU, manyCPU time.Duration // of the program alone; 0: unknown
}

// playScale plays a row on both campuses by turns.
func playScale(t *testing.T, e scaleEffort, r scaleRow, few, many *scaleSide) scaleResult {
	t.Helper()
	var small, large scaleTally
	if e.rounds > 1 { // both are warm
		var warm scaleTally
		warm.turn(t, e, r, few)
		warm.turn(t, e, r, many)
	}
	begun := time.Now()
	for i := range e.rounds {
		turns := []func(){func() { small.turn(t, e, r, few) }, func() { large.turn(t, e, r, many) }}
		turns[i%2]()
		turns[1-i%2]()
		if i >= 2 && time.Since(begun) > e.budget {
			break
		}
	}
	result := scaleResult{few: percentile(small.times, 50), many: percentile(large.times, 50)}
	result.ratio = float64(result.many) / float64(result.few)
	const least = 10 // ticks of the processes' times
	if r.again && min(small.cpu, large.cpu) >= least*10*time.Millisecond {
		result.fewCPU, result.manyCPU = small.cpu/time.Duration(len(small.times)), large.cpu/time.Duration(len(large.times))
	}
	return result
}

// A scaleTable has the results of each row, by database.
type scaleTable struct {
	titles  []string
	results map[string]map[string]scaleResult
}

func (s *scaleTable) add(title, driver string, r scaleResult) {
	if s.results == nil {
		s.results = map[string]map[string]scaleResult{}
	}
	if s.results[title] == nil {
		s.titles = append(s.titles, title)
		s.results[title] = map[string]scaleResult{}
	}
	s.results[title][driver] = r
}

// play adds the results of rows. One that fails fails the test, and has no result.
func (s *scaleTable) play(t *testing.T, e scaleEffort, driver string, rows []scaleRow, few, many *scaleSide) {
	t.Helper()
	for _, r := range rows {
		s.titled(r)
		t.Run(strings.ReplaceAll(r.title(), "/", "."), func(t *testing.T) {
			result := playScale(t, e, r, few, many)
			s.add(r.title(), driver, result)
			if os.Getenv("SCALE") != "" {
				t.Logf("%s: %s", r.title(), result.cells())
			}
		})
	}
}

// titled keeps a row in its place, whatever becomes of it.
func (s *scaleTable) titled(r scaleRow) {
	if !slices.Contains(s.titles, r.title()) {
		s.titles = append(s.titles, r.title())
		if s.results == nil {
			s.results = map[string]map[string]scaleResult{}
		}
		s.results[r.title()] = map[string]scaleResult{}
	}
}

// markdown is the table of the page.
func (s *scaleTable) markdown(e scaleEffort) string {
	var text strings.Builder
	over := 0
	for _, title := range s.titles {
		for _, r := range s.results[title] {
			if r.ratio > scaleLimit {
				over++
			}
		}
	}
	fmt.Fprintf(&text, "Milliseconds at %s / %s rows, on %s; %d rows, %d figures above %d × (✗).\n\n",
		thousands(e.few), thousands(e.many), machine(), len(s.titles), over, scaleLimit)
	text.WriteString("| call | SQLite: ms | × | CPU µs | MariaDB: ms | × | CPU µs |\n|---|---|---|---|---|---|---|\n")
	for _, title := range s.titles {
		fmt.Fprintf(&text, "| %s", title)
		for _, driver := range []string{"sqlite", "mysql"} {
			r, measured := s.results[title][driver]
			if !measured {
				text.WriteString(" | | | ")
				continue
			}
			text.WriteString(" | " + r.cells())
		}
		text.WriteString(" |\n")
	}
	return text.String()
}

// cells are times, ratio and CPU time.
func (r scaleResult) cells() string {
	ratio, cpu := fmt.Sprintf("%.2f", r.ratio), ""
	if r.ratio > scaleLimit {
		ratio += " ✗"
	}
	if r.fewCPU > 0 {
		cpu = fmt.Sprintf("%d / %d", r.fewCPU.Microseconds(), r.manyCPU.Microseconds())
	}
	return fmt.Sprintf("%.2f / %.2f | %s | %s", inMilliseconds(r.few), inMilliseconds(r.many), ratio, cpu)
}

// thousands is a number with commas.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// wantEveryCall fails where a call of the registry has no row, or a row no call.
func wantEveryCall(t *testing.T, rows []scaleRow) {
	t.Helper()
	played := map[string]bool{callbackRow: true}
	for _, r := range rows {
		played[r.name] = true
	}
	for _, call := range handlerstest.Calls() {
		if !played[call.Name()] {
			t.Errorf("%s has no row", call.Name())
		}
		delete(played, call.Name())
	}
	for name := range played {
		t.Errorf("%s is no call", name)
	}
}

// The table of scale.md stands between these.
const (
	scaleBegin = "<!-- scale: begin -->"
	scaleEnd   = "<!-- scale: end -->"
)

// scalePage is the page's file, which is looked at before the test takes its time; "" without
// SCALE.
func scalePage(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("SCALE")
	if folder == "" {
		return ""
	}
	file := filepath.Join(folder, "scale.md")
	page, err := os.ReadFile(file)
	must(t, err)
	if _, err := replaceBetween(string(page), scaleBegin, scaleEnd, ""); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return file
}

func writeScale(t *testing.T, file, table string) {
	t.Helper()
	page, err := os.ReadFile(file)
	must(t, err)
	written, err := replaceBetween(string(page), scaleBegin, scaleEnd, table)
	must(t, err)
	must(t, os.WriteFile(file, []byte(written), 0o600))
}

func TestScaleTable(t *testing.T) {
	t.Parallel()
	var table scaleTable
	table.titled(scaleRow{name: "order/pay", note: "after order/commit"})
	table.add("cart/list", "sqlite", scaleResult{few: time.Millisecond, many: 4 * time.Millisecond, ratio: 4, fewCPU: time.Millisecond, manyCPU: 3500 * time.Microsecond})
	table.add("cart/list", "mysql", scaleResult{few: time.Millisecond, many: time.Millisecond, ratio: 1})
	first, rows, _ := strings.Cut(table.markdown(scaleEffort{few: 1000, many: 1_000_000}), "\n\n")
	if !strings.HasPrefix(first, "Milliseconds at 1,000 / 1,000,000 rows, on ") || !strings.HasSuffix(first, "; 2 rows, 1 figures above 3 × (✗).") {
		t.Errorf("it begins %q", first)
	}
	want := `| call | SQLite: ms | × | CPU µs | MariaDB: ms | × | CPU µs |
|---|---|---|---|---|---|---|
| order/pay, after order/commit | | |  | | |  |
| cart/list | 1.00 / 4.00 | 4.00 ✗ | 1000 / 3500 | 1.00 / 1.00 | 1.00 |  |
`
	if cmp.Compare(rows, want) != 0 {
		t.Errorf("got\n%s\nwant\n%s", rows, want)
	}
}
