package captchas_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"campusgate/storage/captchas"
)

// A picture that is always renewed lives for 15 minutes, and not a nanosecond more.
func TestMemoryLifetimeEndsToTheNanosecond(t *testing.T) {
	t.Parallel()
	clock := newFakeTime()
	memory := newMemory(clock, 0)
	add(t, memory, "h", captchas.Picture)
	for passed := time.Duration(0); passed < 14*time.Minute; passed += 2 * time.Minute {
		clock.Wait(2 * time.Minute)
		if !lives(t, memory, "h") {
			t.Fatalf("ended after %s", passed)
		}
	}
	clock.Wait(time.Minute - 1)
	if !lives(t, memory, "h") {
		t.Error("ended before its 15 minutes")
	}
	clock.Wait(1)
	if lives(t, memory, "h") {
		t.Error("lives on at 15 minutes")
	}
}

// The contract's limits of SMS to one phone, sms/generate, to the nanosecond.
func TestMemoryLimiterOfPhones(t *testing.T) {
	t.Parallel()
	const (
		hour = time.Hour
		day  = 24 * hour
	)
	windows := []captchas.Window{
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
			clock, passed := newFakeTime(), time.Duration(0)
			limiter := captchas.NewMemoryLimiter(clock.Now)
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

// Every phone is another one, and half of the SMS are refused by the provider:
// whatever order that happens in, no more than two phones ever have a place, and
// all of them are free in the end.
func TestMemoryReleasesTogether(t *testing.T) {
	t.Parallel()
	memory := newMemory(newFakeTime(), 0)
	add(t, memory, "h", captchas.Picture)
	var (
		sending sync.WaitGroup
		places  atomic.Int64
	)
	for caller := range 64 {
		sending.Go(func() {
			phone := fmt.Sprintf("138%08d", caller)
			for range 50 {
				reserved, err := memory.Reserve(t.Context(), "h", phone)
				if err != nil {
					t.Error(err)
				}
				if !reserved {
					continue
				}
				if places.Add(1) > captchas.MaxPhones {
					t.Error("more phones than may be")
				}
				places.Add(-1)
				if err := memory.Release(t.Context(), "h", phone); err != nil {
					t.Error(err)
				}
			}
		})
	}
	sending.Wait()
	for i, want := range []bool{true, true, true, true, true, false} {
		reserved, err := memory.Reserve(t.Context(), "h", [...]string{"13700000000", "13900000000"}[i%2])
		if err != nil || reserved != want {
			t.Errorf("SMS %d after all were given back: %t, %v, want %t", i+1, reserved, err, want)
		}
	}
}

// A caller's time is read when its turn comes: one read earlier would be before
// the newest event, and the wait longer than the window.
func TestMemoryLimiterNeverWaitsLongerThanTheWindow(t *testing.T) {
	t.Parallel()
	var passed atomic.Int64
	limiter := captchas.NewMemoryLimiter(func() time.Time { return time.Unix(0, passed.Add(1)) })
	windows := []captchas.Window{{Count: 1, Within: time.Nanosecond * 100}}
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
