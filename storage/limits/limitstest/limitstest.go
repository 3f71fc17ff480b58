// Package limitstest holds what every limiter has to pass: in memory, and in any server
// that replicas share.
package limitstest

import (
	"context"
	"testing"
	"time"

	"campusgate/storage/limits"
	"campusgate/storage/redis/redistest"
)

// Limiter is what the handlers ask of a limiter.
type Limiter interface {
	Take(ctx context.Context, key string, windows []limits.Window) (refused int, retryAfter time.Duration, err error)
	Return(ctx context.Context, key string) error
	Count(ctx context.Context, key string, within time.Duration) (int, error)
}

// Wait lets so much time of what is tested pass, which stands still otherwise.
type Wait func(time.Duration)

// Run tests limiters that open makes, which have counted nothing.
func Run(t *testing.T, open func(t *testing.T) (Limiter, Wait)) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			limiter, wait := open(t)
			l := &limiterRun{t: t, limiter: limiter, wait: wait, windows: windows(c.windows)}
			for _, step := range c.steps {
				l.step++
				step(l)
			}
		})
	}
	t.Run("concurrent", func(t *testing.T) { takeExactly(t, open) })
}

// limit is at most count in that many seconds.
type limit struct{ count, seconds int }

func windows(all []limit) []limits.Window {
	windows := make([]limits.Window, 0, len(all))
	for _, l := range all {
		windows = append(windows, limits.Window{Count: l.count, Within: time.Duration(l.seconds) * time.Second})
	}
	return windows
}

type limitCase struct {
	name    string
	windows []limit
	steps   []limitStep
}

type limitStep func(*limiterRun)

type limiterRun struct {
	t       *testing.T
	limiter Limiter
	wait    Wait
	windows []limits.Window
	step    int // from 1, for messages
}

const (
	key      = "sms:13700000000"
	otherKey = "sms:13800000000"
)

// callers is how many call at once in the test of concurrency.
const callers = 64

func (l *limiterRun) take(key string, wantRefused, wantRetry int) {
	l.t.Helper()
	refused, retryAfter, err := l.limiter.Take(l.t.Context(), key, l.windows)
	if err != nil || refused != wantRefused {
		l.t.Errorf("step %d: Take(%s) = %d, %v, want %d", l.step, key, refused, err, wantRefused)
	}
	if want := time.Duration(wantRetry) * time.Second; retryAfter != want {
		l.t.Errorf("step %d: Take(%s) says to try again after %v, want %v", l.step, key, retryAfter, want)
	}
}

func taken() limitStep { return func(l *limiterRun) { l.take(key, -1, 0) } }

// full expects that window index refuses, and all have room in so many seconds.
func full(index, retryAfter int) limitStep {
	return func(l *limiterRun) { l.take(key, index, retryAfter) }
}

// counted expects so many events within so many seconds.
func counted(want, within int) limitStep {
	return func(l *limiterRun) {
		l.t.Helper()
		if got, err := l.limiter.Count(l.t.Context(), key, time.Duration(within)*time.Second); got != want || err != nil {
			l.t.Errorf("step %d: Count within %d s = %d, %v, want %d", l.step, within, got, err, want)
		}
	}
}

func otherTaken() limitStep { return func(l *limiterRun) { l.take(otherKey, -1, 0) } }

func returned() limitStep {
	return func(l *limiterRun) {
		if err := l.limiter.Return(l.t.Context(), key); err != nil {
			l.t.Errorf("step %d: Return: %v", l.step, err)
		}
	}
}

func pass(seconds int) limitStep {
	return func(l *limiterRun) { l.wait(time.Duration(seconds) * time.Second) }
}

func again(count int, steps ...limitStep) limitStep {
	return func(l *limiterRun) {
		for range count {
			for _, step := range steps {
				step(l)
			}
		}
	}
}

var (
	// guesses are the contract's, per address.
	guesses = []limit{{30, 60}}
	// messages are the contract's, per phone, with shorter spans.
	messages = []limit{{1, 30}, {5, 300}, {10, 900}}
)

var cases = []limitCase{
	{"30 a minute", guesses, []limitStep{again(30, taken()), full(0, 60)}},
	{"the window slides", guesses, []limitStep{
		again(15, taken()), pass(30), again(15, taken()), full(0, 30),
		pass(30), again(15, taken()), full(0, 30),
	}},
	{"all room is back after the window", guesses, []limitStep{again(30, taken()), pass(60), again(30, taken()), full(0, 60)}},
	{"a refused event does not count", guesses, []limitStep{
		again(30, taken()), pass(50), again(40, full(0, 10)), pass(10), taken(),
	}},
	{"keys do not touch each other", []limit{{1, 60}}, []limitStep{taken(), otherTaken(), full(0, 60)}},
	{"one SMS in 30 s", messages, []limitStep{
		taken(), full(0, 30), pass(20), full(0, 10), pass(10), taken(), full(0, 30),
	}},
	{"5 SMS in the second window", messages, []limitStep{
		again(5, taken(), pass(30)), full(1, 150), pass(150), taken(),
	}},
	{"10 SMS in the third window", messages, []limitStep{
		again(5, taken(), pass(30)), pass(150), again(5, taken(), pass(30)), // 450 s
		full(1, 450), pass(150), full(2, 300), pass(300), taken(),
	}},
	{"the first full window refuses, all must have room", messages, []limitStep{
		again(4, taken(), pass(30)), taken(), full(0, 180),
	}},
	{"a returned event does not count", []limit{{2, 60}}, []limitStep{
		taken(), taken(), returned(), taken(), full(0, 60),
	}},
	{"the newest event is returned", []limit{{2, 60}}, []limitStep{
		taken(), pass(20), taken(), returned(), pass(20), taken(), full(0, 20), pass(20), taken(), full(0, 40),
	}},
	{"a phone whose SMS was refused may try again at once", messages, []limitStep{
		again(20, taken(), returned()), taken(), full(0, 30),
	}},
	{"nothing is returned where nothing was taken", []limit{{1, 60}}, []limitStep{
		returned(), taken(), again(3, returned()), taken(), full(0, 60),
	}},
	{"nothing is returned after the window", []limit{{1, 60}}, []limitStep{taken(), pass(60), returned(), taken(), full(0, 60)}},
	{"a window of none refuses", []limit{{1, 60}, {0, 60}}, []limitStep{full(1, 60)}},
	{"events are counted within a span", guesses, []limitStep{
		counted(0, 60), taken(), pass(10), taken(), taken(), counted(3, 60), counted(2, 10), counted(3, 11),
		pass(50), counted(2, 60), returned(), counted(1, 60), pass(10), counted(0, 60),
	}},
	{"refused events are not counted", []limit{{2, 60}}, []limitStep{taken(), taken(), full(0, 60), counted(2, 60)}},
	{"without windows all is taken", nil, []limitStep{again(3, taken())}},
}

// takeExactly takes at once, and returns what was taken, several times over.
func takeExactly(t *testing.T, open func(t *testing.T) (Limiter, Wait)) {
	t.Helper()
	limiter, _ := open(t)
	windows := windows(guesses)
	for range 5 {
		got := redistest.Together(t, callers, func(int) (bool, error) {
			refused, _, err := limiter.Take(t.Context(), key, windows)
			return refused < 0, err
		})
		if got != windows[0].Count {
			t.Fatalf("%d of %d concurrent events were taken, want %d", got, callers, windows[0].Count)
		}
		redistest.Together(t, callers, func(caller int) (bool, error) {
			if caller >= windows[0].Count {
				return false, nil
			}
			return true, limiter.Return(t.Context(), key)
		})
	}
}
