package limits_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"campusgate/storage/limits"
	"campusgate/storage/limits/limitstest"
	"campusgate/storage/redis/redistest"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	limitstest.Run(t, func(*testing.T) (limitstest.Limiter, limitstest.Wait) {
		clock := redistest.NewClock()
		return limits.NewMemory(clock.Now), clock.Wait
	})
}

// The contract's limits of SMS to one phone, sms/generate, to the nanosecond.
func TestMemoryOfPhones(t *testing.T) {
	t.Parallel()
	const (
		hour = time.Hour
		day  = 24 * hour
	)
	windows := []limits.Window{
		{Count: 1, Within: 30 * time.Second}, {Count: 5, Within: hour}, {Count: 10, Within: day},
	}
	// taken are SMS as near to each other as a phone may have them.
	taken := func(from time.Duration, count int) (at []time.Duration) {
		for i := range count {
			at = append(at, from+time.Duration(i)*30*time.Second)
		}
		return at
	}
	ten := append(taken(0, 5), taken(hour, 5)...)
	for _, c := range []struct {
		name        string
		taken       []time.Duration
		at          time.Duration
		wantRefused int
		wantRetry   time.Duration
	}{
		{"the second at once", taken(0, 1), 0, 0, 30 * time.Second},
		{"the second just before 30 s", taken(0, 1), 30*time.Second - 1, 0, 1},
		{"the second at 30 s", taken(0, 1), 30 * time.Second, -1, 0},
		{"the sixth", taken(0, 5), 150 * time.Second, 1, hour - 150*time.Second},
		{"the sixth just before an hour", taken(0, 5), hour - 1, 1, 1},
		{"the sixth at an hour", taken(0, 5), hour, -1, 0},
		{"the sixth in the fifth's 30 s", taken(0, 5), 121 * time.Second, 0, hour - 121*time.Second},
		{"the eleventh in the second hour", ten, hour + 150*time.Second, 1, day - hour - 150*time.Second},
		{"the eleventh", ten, 3 * hour, 2, day - 3*hour},
		{"the eleventh just before a day", ten, day - 1, 2, 1},
		{"the eleventh at a day", ten, day, -1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			clock, passed := redistest.NewClock(), time.Duration(0)
			limiter := limits.NewMemory(clock.Now)
			take := func(at time.Duration) (refused int, retryAfter time.Duration) {
				clock.Wait(at - passed)
				passed = at
				refused, retryAfter, err := limiter.Take(t.Context(), "sms:13700000000", windows)
				if err != nil {
					t.Fatal(err)
				}
				return refused, retryAfter
			}
			for _, at := range c.taken {
				if refused, _ := take(at); refused != -1 {
					t.Fatalf("refused by %d at %s", refused, at)
				}
			}
			refused, retryAfter := take(c.at)
			if refused != c.wantRefused || retryAfter != c.wantRetry {
				t.Errorf("refused by %d for %s, want %d for %s", refused, retryAfter, c.wantRefused, c.wantRetry)
			}
		})
	}
}

// A caller's time is read when its turn comes: one read earlier would be before
// the newest event, and the wait longer than the window.
func TestMemoryNeverWaitsLongerThanTheWindow(t *testing.T) {
	t.Parallel()
	var passed atomic.Int64
	limiter := limits.NewMemory(func() time.Time { return time.Unix(0, passed.Add(1)) })
	windows := []limits.Window{{Count: 1, Within: time.Nanosecond * 100}}
	var callers sync.WaitGroup
	for range 64 {
		callers.Go(func() {
			for range 100 {
				_, retryAfter, err := limiter.Take(t.Context(), "key", windows)
				if err != nil || retryAfter < 0 || retryAfter > windows[0].Within {
					t.Errorf("retry after %s, %v, of a window of %s", retryAfter, err, windows[0].Within)
				}
			}
		})
	}
	callers.Wait()
}

// live is how many keys the benchmark uses.
const live = 200_000

func BenchmarkMemoryTake(b *testing.B) {
	clock := redistest.NewClock()
	limiter := limits.NewMemory(clock.Now)
	windows := []limits.Window{{Count: 30, Within: time.Minute}}
	keys := make([]string, live)
	for i := range keys {
		keys[i] = fmt.Sprintf("%032x", i)
	}
	next := 0
	for b.Loop() {
		if _, _, err := limiter.Take(b.Context(), keys[next%live], windows); err != nil {
			b.Fatal(err)
		}
		clock.Wait(time.Millisecond)
		next++
	}
}

// A request's text may lie in a buffer that is used again when it is answered.
func TestMemoryKeepsTextsOfItsOwn(t *testing.T) {
	t.Parallel()
	buffer := []byte("key")
	borrowed := unsafe.String(unsafe.SliceData(buffer), len(buffer))
	limiter := limits.NewMemory(redistest.NewClock().Now)
	windows := []limits.Window{{Count: 1, Within: time.Minute}}
	if refused, _, err := limiter.Take(t.Context(), borrowed, windows); refused != -1 || err != nil {
		t.Fatalf("Take = %d, %v", refused, err)
	}
	copy(buffer, "new")
	if refused, _, err := limiter.Take(t.Context(), "key", windows); refused != 0 || err != nil {
		t.Errorf("Take = %d, %v: the key has changed", refused, err)
	}
}
