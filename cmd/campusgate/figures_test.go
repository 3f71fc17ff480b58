package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/dispatch"
)

func plotOf(t *testing.T, f *figures) (plot plotted) {
	t.Helper()
	body, err := f.page(t.Context(), false)
	must(t, err)
	must(t, json.Unmarshal(body, &plot))
	return plot
}

// Figures are of the steps that are over, and of no more than five minutes.
func TestFigures(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	f := newFigures(func() time.Time { return now })
	pay := f.observe(dispatch.Call{Type: "purchase", Subtype: "pay"})
	show := f.observe(dispatch.Call{Type: "get", Subtype: "pic"})
	for range 99 {
		pay(dispatch.Result{}, time.Millisecond)
	}
	pay(dispatch.Result{Status: 102}, time.Second)
	if got := plotOf(t, f); slices.Max(got.Requests) != 0 {
		t.Errorf("the step that is being filled is shown: %v", got.Requests)
	}
	now = now.Add(figureStep)
	pay(dispatch.Result{Status: 102}, time.Second)
	show(dispatch.Result{Picture: "stored"}, time.Microsecond)
	show(dispatch.Result{Picture: "ban"}, time.Microsecond)
	show(dispatch.Result{Status: http.StatusNotModified}, time.Microsecond)
	now = now.Add(figureStep)

	got := plotOf(t, f)
	if diff := cmp.Diff([]int{100, 4}, got.Requests[figureSteps-2:]); diff != "" {
		t.Error("requests", diff)
	}
	if diff := cmp.Diff([]int{1, 2}, got.Failures[figureSteps-2:]); diff != "" {
		t.Error("failures", diff)
	}
	if p99 := got.P99[figureSteps-2:]; p99[0] < 1 || p99[0] > 1.25 || p99[1] < 1000 || p99[1] > 1250 {
		t.Errorf("p99 %v, want about 1 and 1000 ms", p99)
	}
	if diff := cmp.Diff([]counted{{"purchase/pay", "102", 2}, {"get/pic", "ban", 1}}, got.Statuses); diff != "" {
		t.Error("statuses", diff)
	}

	now = now.Add(figureSteps * figureStep)
	pay(dispatch.Result{}, time.Millisecond) // into the place of an old step
	if got := plotOf(t, f); slices.Max(got.Requests) != 0 || len(got.Statuses) != 0 || len(got.Requests) != figureSteps {
		t.Errorf("after five minutes there still is %+v", got)
	}
}

func TestFiguresLeaveOutProbesAndPages(t *testing.T) {
	f := newFigures(time.Now)
	for _, subtype := range []string{"healthz", "readyz", "openapi.json", "page"} {
		if f.observe(dispatch.Call{Type: "get", Subtype: subtype}) != nil {
			t.Errorf("%s is counted", subtype)
		}
	}
}

// A class holds the times up to its upper end, and no class is wider than a
// quarter.
func TestDurationClasses(t *testing.T) {
	for took := time.Microsecond; took < time.Minute; took += took/7 + 1 {
		class := durationClass(took)
		upper := time.Duration(milliseconds(class) * float64(time.Millisecond))
		// Times count in whole microseconds.
		if whole := took.Truncate(time.Microsecond); whole >= upper || float64(upper) > 1.25*float64(whole) {
			t.Errorf("%v is in the class up to %v", took, upper)
		}
	}
	if got := durationClass(time.Hour); got != durationClasses-1 {
		t.Errorf("an hour is in class %d", got)
	}
}

// To count a request allocates nothing.
func TestFiguresAllocateNothing(t *testing.T) {
	f := newFigures(func() time.Time { return time.Unix(1_800_000_000, 0) })
	pay := f.observe(dispatch.Call{Type: "purchase", Subtype: "pay"})
	if got := testing.AllocsPerRun(1000, func() { pay(dispatch.Result{}, time.Millisecond) }); got != 0 {
		t.Errorf("%v allocations", got)
	}
}

// The console's own files are there, by every type that a browser asks for, and
// where it is off nothing is.
func TestConsoleFiles(t *testing.T) {
	r := startHere(t, embedded(t.TempDir()))
	r.stderr.await(t, `msg=console url=http://`+r.address+`/api/external/console\n`)
	for path, contentType := range map[string]string{
		"": "text/html; charset=utf-8", "/main.js": "text/javascript; charset=utf-8",
		"/style.css": "text/css; charset=utf-8", "/icon.svg": "image/svg+xml",
		"/figures.json": "application/json", "/demo.json": "application/json",
	} {
		if got := get(t, r.url("/console"+path)); got.header.Get("Content-Type") != contentType || got.raw == "" {
			t.Errorf("%s: %v %s", path, got.header, got.raw)
		}
	}
	if got := get(t, r.url("/console/demo.json")); got.raw != "[]" {
		t.Errorf("without --demo there are accounts: %s", got.raw)
	}
	off := startHere(t, embedded(t.TempDir(), "CAMPUSGATE_SERVER_CONSOLE=false"), "--demo")
	for _, path := range []string{"", "/main.js", "/figures.json", "/demo.json"} {
		if got := get(t, off.url("/console"+path)); got.Status != -2 {
			t.Errorf("switched off, %s answers %s", path, got.raw)
		}
	}
}

// The demo's tokens are for a browser on this machine.
func TestConsoleTellsTheDemosAccounts(t *testing.T) {
	r := startHere(t, embedded(t.TempDir()), "--demo")
	r.stdout.await(t, `/console\n`)
	var accounts []demoAccount
	must(t, json.Unmarshal([]byte(get(t, r.url("/console/demo.json")).raw), &accounts))
	want := []demoAccount{
		{demoUsers[0].ID, demoUsers[0].Name, r.demoToken(t, demoUsers[0]), 500_00},
		{demoUsers[1].ID, demoUsers[1].Name, r.demoToken(t, demoUsers[1]), 1000_00},
	}
	if diff := cmp.Diff(want, accounts); diff != "" {
		t.Error(diff)
	}
	passed, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url("/console/demo.json"), nil)
	must(t, err)
	passed.Header.Set("X-Real-IP", "10.0.0.7")
	response, err := http.DefaultClient.Do(passed)
	must(t, err)
	defer response.Body.Close()
	var told []demoAccount
	must(t, json.NewDecoder(response.Body).Decode(&told))
	if len(told) != 0 {
		t.Errorf("another machine is told of %v", told)
	}
}
