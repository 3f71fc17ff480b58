package captchas_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"campusgate/storage/captchas"
	"campusgate/storage/redis/redistest"
)

// A picture that is always renewed lives for 15 minutes, and not a nanosecond more.
func TestMemoryLifetimeEndsToTheNanosecond(t *testing.T) {
	t.Parallel()
	clock := redistest.NewClock()
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

// Every phone is another one, and half of the SMS are refused by the provider:
// whatever order that happens in, no more than two phones ever have a place, and
// all of them are free in the end.
func TestMemoryReleasesTogether(t *testing.T) {
	t.Parallel()
	memory := newMemory(redistest.NewClock(), 0)
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
