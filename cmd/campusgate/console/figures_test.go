package console

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
	if err == nil {
		err = json.Unmarshal(body, &plot)
	}
	if err != nil {
		t.Fatal(err)
	}
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
