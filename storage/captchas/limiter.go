package captchas

import (
	"context"
	"strings"
	"sync"
	"time"
)

// MemoryLimiter counts events of a key in sliding windows, in this process and
// exactly: it remembers when each event happened, as many as the largest window
// counts. It is safe for concurrent use, never waits and never fails: contexts and
// errors are for limiters that are elsewhere.
//
// It remembers 262,144 keys; of more, the one whose windows empty first is
// forgotten.
type MemoryLimiter struct {
	clock clock

	mutex sync.Mutex
	keys  *expiring[[]time.Duration] // when its events were, the oldest first
}

// NewMemoryLimiter returns a limiter that has counted nothing. A nil now is
// [time.Now].
func NewMemoryLimiter(now func() time.Time) *MemoryLimiter {
	return newMemoryLimiter(now, defaultMaxEntries)
}

func newMemoryLimiter(now func() time.Time, maxKeys int) *MemoryLimiter {
	return &MemoryLimiter{clock: newClock(now), keys: newExpiring[[]time.Duration](maxKeys)}
}

// Take counts an event of key if every window has room for it: then refused is -1.
// Else nothing is counted, refused is the index of the first window that is full,
// and retryAfter is how long until all have room, if nothing else happens. A key
// is used with the same windows each time.
func (l *MemoryLimiter) Take(_ context.Context, key string, windows []Window) (refused int, retryAfter time.Duration, err error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	now := l.clock.read()
	found := l.keys.get(key, now)
	var events []time.Duration
	if found != nil {
		events = found.value
	}
	refused, retryAfter = firstFull(windows, events, now)
	if refused >= 0 || len(windows) == 0 {
		return refused, retryAfter, nil
	}
	var longest time.Duration
	most := 0
	for _, window := range windows {
		longest, most = max(longest, window.Within), max(most, window.Count)
	}
	events = append(events, now)
	events = events[max(0, len(events)-most):]
	if found == nil {
		// A clone, because a request's text may lie in a buffer that is used again.
		l.keys.put(strings.Clone(key), events, now, now+longest)
		return refused, 0, nil
	}
	found.value = events
	l.keys.renew(found, now+longest)
	return refused, 0, nil
}

// firstFull is the index of the first window without room, or -1, and how long
// until all have room.
func firstFull(windows []Window, events []time.Duration, now time.Duration) (index int, wait time.Duration) {
	index = -1
	for i, window := range windows {
		until := window.room(events, now)
		if until > 0 && index < 0 {
			index = i
		}
		wait = max(wait, until)
	}
	return index, wait
}

// room is how long until the window has room after these events; 0 or less: it
// has.
func (w Window) room(events []time.Duration, now time.Duration) time.Duration {
	switch {
	case w.Count < 1:
		return w.Within
	case len(events) < w.Count:
		return 0
	default: // it is full while the event that is Count back is in it
		return events[len(events)-w.Count] + w.Within - now
	}
}

// Return takes back the newest event of key: an SMS that the provider refused, or
// a guess that was right.
func (l *MemoryLimiter) Return(_ context.Context, key string) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	found := l.keys.get(key, l.clock.read())
	if found == nil {
		return nil
	}
	found.value = found.value[:len(found.value)-1]
	if len(found.value) == 0 {
		l.keys.remove(found)
	}
	return nil
}
