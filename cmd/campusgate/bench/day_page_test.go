package bench

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// timings are how long calls took, by their names.
type timings struct {
	mutex sync.Mutex
	begun time.Time
	calls map[string][]timing
}

type timing struct{ ended, took uint32 } // in units of 10 µs

const timingUnit = 10 * time.Microsecond

func (y *timings) add(name string, took time.Duration) {
	y.mutex.Lock()
	defer y.mutex.Unlock()
	y.calls[name] = append(y.calls[name], timing{uint32(time.Since(y.begun) / timingUnit), uint32(took / timingUnit)})
}

// begin forgets those before.
func (y *timings) begin(now time.Time) {
	y.mutex.Lock()
	defer y.mutex.Unlock()
	y.calls, y.begun = map[string][]timing{}, now
}

// within are those that ended within a window of the day.
func (y *timings) within(name string, w window) (times []time.Duration) {
	for _, one := range y.calls[name] {
		if ended := time.Duration(one.ended) * timingUnit; ended >= w.from && ended < w.to {
			times = append(times, time.Duration(one.took)*timingUnit)
		}
	}
	return times
}

// notCalls are what is timed beside the calls.
var notCalls = []string{"visit", "push of a message"}

// reading are the calls that store nothing in the database.
var reading = []string{
	"GET picture", "img/generate", "img/validate", "property/list", "property/list by key", "product/list", "product/info", "product/detail",
	"product/search", "product/collected", "shop/list", "order/list", "order/info", "order/prepare", "purchase/list", "message/list",
	"message/conversations", "cart/list", "notice/list", "notice/count", "user/info",
}

// calls is how many there were so far.
func (d *day) calls() (count int) {
	d.times.mutex.Lock()
	defer d.times.mutex.Unlock()
	for name, times := range d.times.calls {
		if !slices.Contains(notCalls, name) {
			count += len(times)
		}
	}
	return count
}

// page tells of the day, and judges what has grown since its tenth minute.
func (d *day) page(t *testing.T, took time.Duration, before, after []time.Duration) string {
	t.Helper()
	all := d.calls()
	d.times.mutex.Lock()
	defer d.times.mutex.Unlock()
	writes := 0
	for name, times := range d.times.calls {
		if !slices.Contains(reading, name) && !slices.Contains(notCalls, name) {
			writes += len(times)
		}
	}
	servers := "SQLite, one process"
	if len(d.replicas) > 1 {
		servers = "MariaDB and Redis, two replicas behind nginx"
	}
	var text strings.Builder
	fmt.Fprintf(&text, "**%s**, on %s. In %s: %.1f visits and %.0f calls a second, of which %.1f %% write, with %d live connections. %s.\n\n",
		servers, machine(), took.Round(time.Second), float64(len(d.times.calls["visit"]))/took.Seconds(), float64(all)/took.Seconds(),
		100*float64(writes)/float64(max(1, all)), len(d.listeners), d.costs(before, after, len(d.times.calls["visit"]), took))
	d.logMinutes(t, took)
	first, last := d.window(min(10*time.Minute, took/2)), d.window(took)
	d.writeLooks(t, &text, first, last)
	d.writeTimes(&text, first, last)
	return text.String()
}

// logMinutes shows whether the server has become slower.
func (d *day) logMinutes(t *testing.T, took time.Duration) {
	t.Helper()
	for from := time.Duration(0); from+time.Second < took; from += time.Minute {
		minute := window{from, min(from+time.Minute, took)}
		var times []time.Duration
		for name := range d.times.calls {
			if !slices.Contains(notCalls, name) {
				times = append(times, d.times.within(name, minute)...)
			}
		}
		t.Logf("until %s: %d calls, p50 / p99 %s ms; visits %s ms", minute.to.Round(time.Second), len(times), latencyOrNone(times), latencyOrNone(d.times.within("visit", minute)))
	}
}

func (d *day) writeLooks(t *testing.T, text *strings.Builder, first, last window) {
	t.Helper()
	fmt.Fprintf(text, "| | at %s | at %s | may be |\n|---|---|---|---|\n", first.to.Round(time.Second), last.to.Round(time.Second))
	for i, l := range d.looks {
		before, after := d.value(i, first), d.value(i, last)
		limit, allowed := l.bound(before), "grows by what is stored"
		if limit > 0 {
			allowed = l.text(limit)
		}
		fmt.Fprintf(text, "| %s | %s | %s | %s |\n", l.name, l.text(before), l.text(after), allowed)
		if limit > 0 && after > limit {
			t.Errorf("%s has grown from %s to %s, want at most %s", l.name, l.text(before), l.text(after), allowed)
		}
	}
	text.WriteString("\n")
}

func (d *day) writeTimes(text *strings.Builder, first, last window) {
	fmt.Fprintf(text, "| p50 / p99 ms | count | until %s | until %s |\n|---|---|---|---|\n", first.to.Round(time.Second), last.to.Round(time.Second))
	for _, name := range slices.Sorted(maps.Keys(d.times.calls)) {
		fmt.Fprintf(text, "| %s | %d | %s | %s |\n", name, len(d.times.calls[name]),
			latencyOrNone(d.times.within(name, first)), latencyOrNone(d.times.within(name, last)))
	}
	text.WriteString("\n")
}

func latencyOrNone(times []time.Duration) string {
	if len(times) == 0 {
		return ""
	}
	return latency(times)
}

// replaced tells of the end of the day.
func (d *day) replaced() string {
	return fmt.Sprintf("While both replicas were then replaced, one after the other, there were %d calls, and none failed.\n\n", d.whileReplaced)
}
