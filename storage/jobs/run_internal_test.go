package jobs

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
)

// A pause is at least half of its longest, which doubles up to an hour.
func TestPause(t *testing.T) {
	for tries, want := range map[int64][2]int64{
		1: {5, 10}, 2: {10, 20}, 3: {20, 40}, 4: {40, 80}, 5: {80, 160}, 6: {160, 320}, 7: {320, 640},
		8: {640, 1280}, 9: {1280, 2560}, 10: {1800, 3600}, 11: {1800, 3600},
	} {
		shortest, longest := int64(math.MaxInt64), int64(0)
		for range 10_000 {
			seconds := pause(tries)
			shortest, longest = min(shortest, seconds), max(longest, seconds)
		}
		width := want[1] - want[0]
		if shortest < want[0] || longest > want[1] || shortest > want[0]+width/10 || longest < want[1]-width/10 {
			t.Errorf("after %d tries: %d to %d s, want all of %d to %d", tries, shortest, longest, want[0], want[1])
		}
	}
}

// Of a kind with PerSecond one job begins after the other, evenly; a turn waits for the next,
// and for its kinds alone.
func TestPerSecond(t *testing.T) {
	begun := time.Unix(1000, 0)
	after := begun.Add
	paced := &kind{Kind: Kind{PerSecond: 25}, slots: make(chan struct{}, 2)}
	other := &kind{slots: make(chan struct{}, 4)}
	r := &Runner{kinds: map[string]*kind{"paced": paced, "other": other}, names: []string{"paced", "other"}}
	for _, step := range []struct {
		name  string
		does  func()
		now   time.Time
		slots int
		pause time.Duration
	}{
		{"before", func() {}, begun, 1 + 4, time.Second},
		{"one has begun", func() { paced.begins(begun); paced.slots <- struct{}{} }, begun, 4, 40 * time.Millisecond},
		{"soon behind it", func() {}, after(39 * time.Millisecond), 4, time.Millisecond},
		{"behind it", func() {}, after(40 * time.Millisecond), 1 + 4, time.Second},
		{"two run", func() { paced.begins(after(40 * time.Millisecond)); paced.slots <- struct{}{} }, after(time.Minute), 4, time.Second},
		{"of others any number begins", func() { other.begins(begun) }, begun, 4, 80 * time.Millisecond},
	} {
		step.does()
		if _, slots := r.free(step.now); slots != step.slots {
			t.Errorf("%s: %d may begin, want %d", step.name, slots, step.slots)
		}
		if pause := r.pause(step.now); pause != step.pause {
			t.Errorf("%s: a pause of %s, want %s", step.name, pause, step.pause)
		}
	}
}

func TestNext(t *testing.T) {
	const now = 1000
	refused := errors.New("refused")
	once, hourly := Kind{}, Kind{Every: time.Hour}
	taken := func(tries int64) storage.Job {
		return storage.Job{ID: 7, Due: now + 5, Tries: tries, TakenBy: "r/1", LastError: "earlier"}
	}
	for _, test := range []struct {
		name    string
		kind    Kind
		tries   int64
		failure error
		change  func(*storage.Job) // of what was taken
	}{
		{"added again", once, 3, nil, func(j *storage.Job) { j.Due, j.Tries, j.LastError = now, 0, "" }},
		{"recurs", hourly, 3, nil, func(j *storage.Job) { j.Due, j.Tries, j.LastError = now+3600, 0, "" }},
		{"later", once, 3, Later(time.Unix(now+60, 0)), func(j *storage.Job) { j.Due, j.Tries = now+60, 2 }},
		{"later, in the past", once, 12, fmt.Errorf("mail: %w", Later(time.Time{})), func(j *storage.Job) { j.Due, j.Tries = now+1, 11 }},
		{"stopping", once, 12, fmt.Errorf("%w: ended", errStopping), func(j *storage.Job) { j.Due, j.Tries = now, 11 }},
		{"the last try", once, 12, refused, func(j *storage.Job) { j.Due, j.Dead, j.LastError = now, true, "refused" }},
		{"abandoned", once, 13, errAbandoned, func(j *storage.Job) { j.Due, j.Dead, j.LastError = now, true, errAbandoned.Error() }},
		{"the last try of one that recurs", hourly, 12, refused, func(j *storage.Job) { j.Due, j.Tries, j.LastError = now+3600, 0, "refused" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := taken(test.tries)
			test.change(&want)
			if diff := cmp.Diff(want, test.kind.next(taken(test.tries), test.failure, now)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for tries := range int64(maxTries - 1) {
		got := once.next(taken(tries+1), refused, now)
		if got.Dead || got.Tries != tries+1 || got.Due < now+5 || got.Due > now+3600 || got.LastError != "refused" {
			t.Errorf("after %d tries: %+v", tries+1, got)
		}
	}
}

func TestBrief(t *testing.T) {
	for text, want := range map[string]string{
		"refused":                          "refused",
		"two\nlines,\ta\x1b[31mcolour\x00": "two lines, a [31mcolour",
		strings.Repeat("校", 100):           strings.Repeat("校", maxError/3),
		strings.Repeat("a", maxError+1):    strings.Repeat("a", maxError),
	} {
		if got := brief(errors.New(text)); got != want {
			t.Errorf("brief(%q) = %q, want %q", text, got, want)
		}
	}
}
