package console

import (
	"cmp"
	"context"
	"encoding/json"
	"math/bits"
	"net/http"
	"slices"
	"sync"
	"time"

	"campusgate/dispatch"
	"campusgate/dispatch/server"
)

// The figures are of the last five minutes, in steps.
const (
	figureStep  = 2 * time.Second
	figureSteps = 150
)

// figures are what this process answered in the last minutes: the console's plots.
type figures struct {
	now   func() time.Time
	mutex sync.Mutex
	steps [figureSteps + 1]step // a ring; one is being filled
}

// step counts the requests that ended in one step.
type step struct {
	number   int64 // since 1970; another than expected: the step is an old one
	requests int
	took     [durationClasses]uint32
	failures map[failed]int
}

// failed is what failures are counted under.
type failed struct {
	call   string
	result dispatch.Result
}

func newFigures(now func() time.Time) *figures { return &figures{now: now} }

// observe is a [server.Observer]. Probes and pages are not counted: a console
// that looks on should not see itself.
func (f *figures) observe(call server.Call) func(dispatch.Result, time.Duration) {
	if call.Type == "get" && slices.Contains([]string{"healthz", "readyz", "openapi.json", "page"}, call.Subtype) {
		return nil
	}
	name := call.Type + "/" + call.Subtype
	return func(result dispatch.Result, took time.Duration) {
		number := f.now().UnixNano() / int64(figureStep)
		class := durationClass(took)
		f.mutex.Lock()
		defer f.mutex.Unlock()
		s := f.at(number)
		if s.number != number {
			clear(s.failures)
			*s = step{number: number, failures: s.failures}
		}
		s.requests++
		s.took[class]++
		if isFailure(result) {
			if s.failures == nil {
				s.failures = map[failed]int{}
			}
			s.failures[failed{name, result}]++
		}
	}
}

func (f *figures) at(number int64) *step { return &f.steps[number%int64(len(f.steps))] }

// isFailure reports whether a request was refused: by its status, by HTTP's, or by
// the picture that was shown instead.
func isFailure(result dispatch.Result) bool {
	switch {
	case result.Picture != "":
		return result.Picture == "error" || result.Picture == "ban"
	default:
		return result.Status != 0 && result.Status != http.StatusOK && result.Status != http.StatusNotModified
	}
}

// durationClasses are four to a power of two, from a microsecond to over a minute.
const durationClasses = 4 * 28

func durationClass(took time.Duration) int {
	microseconds := uint64(max(took.Microseconds(), 1)) << 2 // two bits below the first are looked at
	power := bits.Len64(microseconds) - 3
	return min(4*power+int(microseconds>>power&3), durationClasses-1)
}

// milliseconds is the upper end of a class.
func milliseconds(class int) float64 {
	return float64(uint64(4+class%4+1)<<(class/4)) / 4 / 1000
}

// plotted is what the console draws: of each step, oldest first, and of all
// steps together.
type plotted struct {
	Seconds  int       `json:"seconds"` // of a step
	End      int64     `json:"end"`     // of the last step, in seconds since 1970
	Requests []int     `json:"requests"`
	P99      []float64 `json:"p99"` // milliseconds, at most a fifth too long; 0 without requests
	Failures []int     `json:"failures"`
	Statuses []counted `json:"statuses"` // most frequent first
}

// counted is how often a call ended in a status.
type counted struct {
	Call   string `json:"call"`
	Status string `json:"status"`
	Count  int    `json:"count"`
}

// page is the figures of the steps that are over.
func (f *figures) page(context.Context, dispatch.PlainRequest) ([]byte, error) {
	plot := plotted{Seconds: int(figureStep / time.Second), Statuses: []counted{}}
	total := map[failed]int{}
	f.mutex.Lock()
	current := f.now().UnixNano() / int64(figureStep)
	for number := current - figureSteps; number < current; number++ {
		var s step // nothing happened, or it has been overwritten
		if kept := f.at(number); kept.number == number {
			s = *kept
		}
		failures := 0
		for key, count := range s.failures {
			failures += count
			total[key] += count
		}
		plot.Requests = append(plot.Requests, s.requests)
		plot.P99 = append(plot.P99, s.p99())
		plot.Failures = append(plot.Failures, failures)
	}
	f.mutex.Unlock()
	plot.End = current * int64(figureStep/time.Second)
	for key, count := range total {
		plot.Statuses = append(plot.Statuses, counted{key.call, key.result.String(), count})
	}
	slices.SortFunc(plot.Statuses, func(a, b counted) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Call, b.Call), cmp.Compare(a.Status, b.Status))
	})
	return json.Marshal(plot)
}

// p99 is the time, in milliseconds, that 99 of 100 requests did not exceed.
func (s *step) p99() float64 {
	above := uint32(s.requests / 100)
	for class := durationClasses - 1; class >= 0; class-- {
		if s.took[class] > above {
			return milliseconds(class)
		}
		above -= s.took[class]
	}
	return 0
}
