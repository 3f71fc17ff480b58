package limits

import (
	"testing"
	"time"
)

func TestMemoryForgetsBeyondMaxKeys(t *testing.T) {
	t.Parallel()
	limiter := newMemory(func() time.Time { return time.Time{} }, 2)
	take := func(key string, within time.Duration) int {
		refused, _, err := limiter.Take(t.Context(), key, []Window{{Count: 1, Within: within}})
		if err != nil {
			t.Fatal(err)
		}
		return refused
	}
	take("an address", time.Minute)
	take("a phone", 24*time.Hour)
	take("another phone", 24*time.Hour)
	if got := take("a phone", 24*time.Hour); got != 0 {
		t.Error("the phone was forgotten, want the address, whose window empties first")
	}
	if got := take("an address", time.Minute); got != -1 {
		t.Error("the address was remembered beyond the bound")
	}
}

// A key's memory is bounded by its largest window, however long it is used.
func TestMemoryKeepsFewEvents(t *testing.T) {
	t.Parallel()
	now := time.Time{}
	limiter := NewMemory(func() time.Time { return now })
	windows := []Window{{Count: 3, Within: time.Second}, {Count: 5, Within: time.Minute}}
	for range 1000 {
		if _, _, err := limiter.Take(t.Context(), "key", windows); err != nil {
			t.Fatal(err)
		}
		now = now.Add(300 * time.Millisecond)
	}
	if events := limiter.keys.Get("key", limiter.keys.Now()).Value; len(events) > 5 || cap(events) > 16 {
		t.Errorf("%d events in room for %d, want at most 5 in 16", len(events), cap(events))
	}
}
