// Package bench measures the program: its calls beside a floor, what they cost each
// machine of a campus, and its memory.
package bench

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

func TestMain(m *testing.M) {
	if options := os.Getenv(floorVariable); options != "" {
		panic(serveFloor(options)) // it does not end by itself
	}
	os.Exit(campusgatetest.Main(m))
}

// must ends the test on an error.
func must(t testing.TB, err error) {
	t.Helper()
	campusgatetest.Must(t, err)
}

// TestBench measures the gateway as operators run it beside its floor. It prints one
// table, and writes what is judged of it, and the plot, into the folder BENCH. With
// that set it takes minutes and is what `make bench` runs; without, it plays every row
// once, so that the benchmark itself stays right, and judges no times.
func TestBench(t *testing.T) {
	if campusgatetest.Raced() {
		t.Skip("make test plays it apart: the race detector slows it down for nothing")
	}
	e, folder := effortOf(), benchFolder(t)
	var embedded, shared []line
	t.Run("embedded", func(t *testing.T) { embedded = benchEmbedded(t, e, folder) })
	t.Run("shared", func(t *testing.T) { shared = benchShared(t, e) })
	var out io.Writer = os.Stdout
	if os.Getenv("BENCH") == "" {
		out = t.Output()
	}
	printTable(out, append(embedded, shared...))
	if t.Failed() {
		return
	}
	table := summary(e, embedded, shared)
	for _, l := range append(embedded, shared...) {
		if !l.heading && strings.Count(table, "\n| "+l.work+" |") != 1 {
			t.Errorf("%s has not one row in the page's table", l.work)
		}
	}
	writePage(t, folder, table)
}

// benchEmbedded is the embedded default: SQLite, captchas in memory, pictures in a
// folder.
func benchEmbedded(t *testing.T, e effort, folder string) (table []line) {
	t.Helper()
	c := newEmbedded(t, campusgatetest.FillCampus)
	s := c.launchSides(t)
	table = append(table, heading("SQLite, one process"))
	table = append(table, play(t, e, callRows(s))...)
	table = append(table, play(t, e, append(pictureRows(t, s), uploadRow(t, e, s)))...)
	table = append(table, takeRow(t, s), generateRow(t, e, s))
	table = append(table, uploadMemoryRows(t, e, c)...)

	byRows, byUsers := map[int]side{}, map[int]side{}
	var largest *benchCampus
	for _, size := range []int{e.few, e.some, e.many} {
		largest = newEmbedded(t, campusgatetest.FillSold(size, size/campusgatetest.FewRows))
		byRows[size] = largest.gateways(t)
		byUsers[size] = newEmbedded(t, campusgatetest.FillGrown(size, size)).gateways(t, "CAMPUSGATE_AUTH_CACHE_TTL=0s")
	}
	table = append(table, grownHeading("SQLite", e))
	table = append(table, play(t, e, grownRows(byRows[e.many], byRows[e.few]))...)
	table = append(table, searchRows(t, e, byRows[e.many], byRows[e.few], largest.floors(t, largest.floor))...)
	plotGrowth(t, e, filepath.Join(folder, "growth.png"), byRows, byUsers, s)
	return append(table, startRow(t, largest), binaryRow(t))
}

// benchShared is MariaDB, Redis and a bucket, with two replicas, and two floors.
func benchShared(t *testing.T, e effort) (table []line) {
	t.Helper()
	database, redis := startServers(t)
	c := newShared(t, database, redis, "campus", campusgatetest.FillCampus)
	s := c.launchSides(t)
	table = append(table, heading("MariaDB and Redis, two replicas"))
	table = append(table, play(t, e, callRows(s))...)
	table = append(table, play(t, e, append(pictureRows(t, s), uploadRow(t, e, s)))...)
	table = append(table, takeRow(t, s), generateRow(t, e, s))

	few, many := newShared(t, database, redis, "few", campusgatetest.FillSold(e.few, e.few/campusgatetest.FewRows)), newShared(t, database, redis, "many", campusgatetest.FillSold(e.many, e.many/campusgatetest.FewRows))
	table = append(table, grownHeading("MariaDB", e))
	grown, small := many.gateways(t), few.gateways(t)
	table = append(table, play(t, e, grownRows(grown, small))...)
	return append(table, searchRows(t, e, grown, small, many.floors(t, many.floor))...)
}

func grownHeading(database string, e effort) line {
	return heading(fmt.Sprintf("%s, %d rows beside %d, %d of each user and shop", database, e.many, e.few, campusgatetest.FewRows))
}

func heading(text string) line { return line{work: "**" + text + "**", heading: true} }

func play(t *testing.T, e effort, contests []contest) (table []line) {
	t.Helper()
	for _, c := range contests {
		l, _ := c.run(t, e)
		t.Log(l)
		table = append(table, l)
	}
	return table
}

// generateRow draws pictures beside base64Captcha's own PNG, and then 300 a second.
func generateRow(t *testing.T, e effort, s sides) line {
	t.Helper()
	const rate, maxCPU, fewer, late = 300, 250 * time.Microsecond, 4, 5 * time.Millisecond
	e.counted = max(e.counted, time.Millisecond)
	draw := campusgatetest.Asking(campusgatetest.Posting("/captcha", campusgatetest.Envelope("img/generate", `{}`)), http.StatusOK)
	l, matches := contest{
		name: "img/generate, 300/s", server: s.server, floor: s.floor, work: draw, floorWork: campusgatetest.Asking(campusgatetest.Getting("/library", ""), http.StatusOK),
		judge: judge{
			fmt.Sprintf("≤ %d µs, ≥ %d × fewer, p99 < %s", maxCPU.Microseconds(), fewer, late),
			func(m match) float64 { return 1 / cpuRatio(m) }, func(ratio float64) bool { return ratio >= fewer },
		},
	}.run(t, e)
	connections := campusgatetest.Dial(t, s.server.addresses(), 16)
	defer closeAll(connections)
	paced, woke := pace(t, connections, draw, rate, e.paced)
	t.Logf("img/generate at %d/s: the client woke late by %s ms (p50 / p99)", rate, latency(woke))
	cpu, slowest := matches[0].server.each(), percentile(paced.times, 99)
	l.latency = latency(paced.times)
	l.judged = fmt.Sprintf("%d µs, %s ×, %.2f ms", cpu.Microseconds(), l.ratio, inMilliseconds(slowest))
	l.reached = l.reached && cpu <= maxCPU && slowest < late
	return l
}

// uploadMemoryRows are what a process holds of the machine's memory.
func uploadMemoryRows(t *testing.T, e effort, c *benchCampus) []line {
	t.Helper()
	const maxIdle, maxBusy = 40 << 20, 250 << 20
	s := c.gateways(t)
	defer s.stop()
	pid := s.processes[0].pid
	idle := campusgatetest.Memory(t, pid, "VmRSS")
	encoded := photo(t, e.photo)
	connections := campusgatetest.Dial(t, s.addresses(), e.uploads)
	defer closeAll(connections)
	rush(t, connections, uploading(encoded), 0)
	busy := campusgatetest.Memory(t, pid, "VmHWM")
	return []line{
		processLine("memory, idle", idle, maxIdle),
		processLine("memory, 32 uploads of 900 KB at once", busy, maxBusy),
	}
}

func processLine(work string, bytes, limit int64) line {
	const megabyte = 1 << 20
	held := fmt.Sprintf("%.1f MB", float64(bytes)/megabyte)
	return line{
		work: work, memory: held, judged: held,
		target: fmt.Sprintf("≤ %d MB", limit/megabyte), reached: bytes <= limit,
	}
}

// startRow is from the start of the process to /readyz.
func startRow(t *testing.T, c *benchCampus) line {
	t.Helper()
	const limit, starts = 300 * time.Millisecond, 5
	var times []time.Duration
	for range starts {
		begin := time.Now()
		s := c.gateways(t)
		if got := campusgatetest.Get(t, "http://"+s.addresses()[0]+"/readyz"); got.Code != http.StatusOK {
			t.Fatalf("/readyz answers %d %q", got.Code, got.Raw)
		}
		times = append(times, time.Since(begin))
		s.stop()
	}
	middle := percentile(times, 50)
	return line{
		work: "start to ready", latency: latency(times), judged: fmt.Sprintf("%.1f ms", inMilliseconds(middle)),
		target: fmt.Sprintf("≤ %s", limit), reached: middle <= limit,
	}
}

// binaryRow is the program's file: its size, and that it needs no other.
func binaryRow(t *testing.T) line {
	t.Helper()
	const limit = 30 << 20
	content, err := os.ReadFile(campusgatetest.Program(t))
	must(t, err)
	l := processLine("binary", int64(len(content)), limit)
	file, err := elf.NewFile(bytes.NewReader(content))
	must(t, err)
	l.server, l.target = "static", l.target+", static"
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP {
			l.server, l.reached = "dynamic", false
		}
	}
	return l
}
