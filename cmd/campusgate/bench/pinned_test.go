package bench

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage/storagetest"
)

// The table of TestPinned stands between these.
const (
	pinnedBegin = "<!-- pinned: begin -->"
	pinnedEnd   = "<!-- pinned: end -->"
)

// The cores of TestPinned; of a machine with one it is the same.
const (
	serverCore = 0
	clientCore = 1
)

// TestPinned measures small calls and pictures beside their floors as TestBench does,
// but by wrk on a core of its own: the server's core is what is short, and not the
// client. The CPU time of a call stands beside, which says the same on a busy machine.
// With BENCH set it writes its table into the page there.
func TestPinned(t *testing.T) {
	if campusgatetest.Raced() {
		t.Skip("make test plays it apart: the race detector slows it down for nothing")
	}
	rounds, slice := 1, time.Second
	folder := os.Getenv("BENCH")
	if folder != "" {
		rounds, slice = 7, 2*time.Second
	}
	sides := newEmbedded(t, campusgatetest.FillCampus).launchSides(t)
	var table strings.Builder
	fmt.Fprintf(&table, "Medians of %d turns of %s, 16 connections, on %s (✗: not reached).\n\n", rounds, slice, machine())
	table.WriteString("| work | to reach | calls/s | floor | ratio | CPU µs a call | floor | ratio |\n|---|---|---|---|---|---|---|---|\n")
	for _, row := range pinnedRows(t, sides) {
		line := row.play(t, rounds, slice)
		t.Log(line)
		table.WriteString(line + "\n")
	}
	if folder != "" && !t.Failed() {
		writeBetween(t, folder, pinnedBegin, pinnedEnd, table.String())
	}
}

// pinnedRow is a request that wrk repeats to both sides.
type pinnedRow struct {
	name          string
	server, floor side
	ask, floorAsk wrkRequest
	least         float64
}

// wrkRequest is what wrk sends: a GET, or with a body a POST.
type wrkRequest struct{ path, body, header string }

// raw is the request as our own client sends it.
func (r wrkRequest) raw() []byte {
	if r.body != "" {
		return campusgatetest.Posting(strings.TrimPrefix(r.path, "/api/external"), r.body)
	}
	headers := ""
	if r.header != "" {
		headers = r.header + "\r\n"
	}
	return campusgatetest.Getting(r.path, headers)
}

func pinnedRows(t *testing.T, s sides) []pinnedRow {
	t.Helper()
	const base = "/api/external"
	post := func(path, call, data string) wrkRequest {
		return wrkRequest{path: base + path, body: campusgatetest.Envelope(call, data)}
	}
	own := campusgatetest.CampusQuery(0)
	validate := post("/captcha", "img/validate", `{"hash":"900150983cd24fb0d6963f7d28e17f72"}`)
	info := post("/get/product"+own, "product/info", fmt.Sprintf(`{"product_id":%d}`, campusgatetest.CampusProduct(0)))
	detail := post("/browse"+own, "product/detail", fmt.Sprintf(`{"product_id":%d}`, campusgatetest.CampusGoods(0)))
	rows := []pinnedRow{
		{"img/validate", s.server, s.floor, validate, validate, 0.95},
		{"img/validate, no request log", s.quiet, s.floor, validate, validate, 0.95},
		{"product/info, auth.cache_ttl 2s", s.server, s.floor, info, info, 0.90},
		{"product/info, no request log", s.quiet, s.floor, info, info, 0.90},
		{"product/detail", s.server, s.floor, detail, detail, 0.90},
	}
	at := campusgatetest.Dial(t, s.server.addresses(), 1)[0]
	for _, size := range []struct {
		name string
		side int
	}{{"50 KB", 112}, {"1 MB", 500}} {
		picture, encoded := campusgatetest.Noise(t, size.side)
		must(t, campusgatetest.Asking(post("/pic"+own, "pic/upload", `{"from":"shop","base64":"`+encoded+`"}`).raw(), 200)(at))
		show, floorShow := wrkRequest{path: base + "/get/pic/shop/" + campusgatetest.MD5(picture)}, wrkRequest{path: nginxPicture}
		logged, quiet := launchNginx(t, picture, true), launchNginx(t, picture, false)
		rows = append(
			rows,
			pinnedRow{"GET pic, " + size.name, s.server, logged, show, floorShow, 1},
			pinnedRow{"GET pic, " + size.name + ", no request log", s.quiet, quiet, show, floorShow, 1},
		)
		if size.side == 112 {
			unchanged, floorUnchanged := show, floorShow
			unchanged.header = `If-None-Match: "` + campusgatetest.MD5(picture) + `"`
			floorUnchanged.header = "If-None-Match: " + tagOf(t, logged.addresses()[0])
			rows = append(rows, pinnedRow{"GET pic, If-None-Match", s.server, logged, unchanged, floorUnchanged, 1})
		}
	}
	return rows
}

// play has wrk ask both sides by turns, and returns a line of the table.
func (r pinnedRow) play(t testing.TB, rounds int, slice time.Duration) string {
	t.Helper()
	status := 200
	if r.ask.header != "" {
		status = 304
	}
	contest{
		name: r.name, server: r.server, floor: r.floor,
		work: campusgatetest.Asking(r.ask.raw(), status), floorWork: campusgatetest.Asking(r.floorAsk.raw(), status),
	}.compareAnswers(t)
	server, floor := newWrk(t, r.server, r.ask), newWrk(t, r.floor, r.floorAsk)
	if rounds > 1 {
		server.run(t, time.Second) // both are warm, and have seen that they have one core
		floor.run(t, time.Second)
		server.forget()
		floor.forget()
	}
	for i := range rounds {
		turns := []*wrk{server, floor}
		turns[i%2].run(t, slice)
		turns[1-i%2].run(t, slice)
	}
	ratios := make([]float64, rounds)
	for i := range ratios {
		ratios[i] = server.perSecond[i] / floor.perSecond[i]
	}
	missed := ""
	if median(ratios) < r.least {
		missed = " ✗"
	}
	return fmt.Sprintf("| %s | ≥ %.2f | %.0f | %.0f | %.2f%s | %.1f | %.1f | %.2f |", r.name, r.least,
		median(server.perSecond), median(floor.perSecond), median(ratios), missed,
		median(server.cpu), median(floor.cpu), median(floor.cpu)/max(median(server.cpu), 1))
}

// wrk asks a side on its core from another one, and remembers each turn.
type wrk struct {
	arguments []string
	asked     side
	perSecond []float64
	cpu       []float64 // µs a call
}

func newWrk(t testing.TB, asked side, r wrkRequest) *wrk {
	t.Helper()
	w := &wrk{asked: asked, arguments: []string{
		"-c", strconv.Itoa(min(clientCore, runtime.NumCPU()-1)), storagetest.Program(t, "wrk"), "-t1", "-c16",
	}}
	if r.header != "" {
		w.arguments = append(w.arguments, "-H", r.header)
	}
	if r.body != "" {
		script := filepath.Join(t.TempDir(), "post.lua")
		must(t, os.WriteFile(script, fmt.Appendf(nil, "wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json;charset=UTF-8'\nwrk.body = [==[%s]==]\n", r.body), 0o600))
		w.arguments = append(w.arguments, "-s", script)
	}
	w.arguments = append(w.arguments, "http://"+asked.addresses()[0]+r.path)
	return w
}

func (w *wrk) forget() { w.perSecond, w.cpu = nil, nil }

var (
	wrkCalls = regexp.MustCompile(`(?m)^\s*(\d+) requests in `)
	wrkRate  = regexp.MustCompile(`(?m)^Requests/sec:\s*([\d.]+)$`)
	wrkFault = regexp.MustCompile(`(?m)^\s*(?:Non-2xx|Socket errors).*$`)
)

// run asks for a turn of whole seconds.
func (w *wrk) run(t testing.TB, turn time.Duration) {
	t.Helper()
	w.asked.pin(t, serverCore)
	before := w.asked.cpuTime(t)
	arguments := slices.Concat(w.arguments, []string{fmt.Sprintf("-d%ds", int(turn.Seconds()))})
	output, err := exec.CommandContext(t.Context(), "taskset", arguments...).CombinedOutput()
	used := w.asked.cpuTime(t) - before
	if err != nil {
		t.Fatalf("wrk: %v\n%s", err, output)
	}
	if fault := wrkFault.Find(output); fault != nil {
		t.Fatalf("wrk: %s", fault)
	}
	calls, rate := wrkCalls.FindSubmatch(output), wrkRate.FindSubmatch(output)
	if calls == nil || rate == nil {
		t.Fatalf("wrk says\n%s", output)
	}
	count, err := strconv.Atoi(string(calls[1]))
	must(t, err)
	perSecond, err := strconv.ParseFloat(string(rate[1]), 64)
	must(t, err)
	w.perSecond = append(w.perSecond, perSecond)
	w.cpu = append(w.cpu, float64(used.Microseconds())/float64(max(count, 1)))
}

// pin keeps a side's threads, and those that they will start, on one core.
func (s side) pin(t testing.TB, core int) {
	t.Helper()
	var cores unix.CPUSet
	cores.Set(core)
	for _, process := range s.processes {
		threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", process.pid))
		must(t, err)
		for _, thread := range threads {
			id, err := strconv.Atoi(thread.Name())
			must(t, err)
			if err := unix.SchedSetaffinity(id, &cores); !errors.Is(err, unix.ESRCH) { // that one has ended
				must(t, err)
			}
		}
	}
}
