package limits

import (
	"context"
	"strings"
	"sync"
	"time"

	"campusgate/storage/expiring"
)

// Memory counts events of a key in sliding windows, in this process and
// exactly: it remembers when each event happened, as many as the largest window
// counts. It is safe for concurrent use, never waits and never fails: contexts and
// errors are for limiters that are elsewhere.
//
// It remembers 262,144 keys; of more, the one whose windows empty first is
// forgotten.
type Memory struct {
	mutex sync.Mutex
	keys  *expiring.Map[string, []time.Duration] // when its events were, the oldest first
}

// NewMemory returns a limiter that has counted nothing. A nil now is
// [time.Now].
func NewMemory(now func() time.Time) *Memory { return newMemory(now, 0) }

func newMemory(now func() time.Time, maxKeys int) *Memory {
	return &Memory{keys: expiring.New[string, []time.Duration](maxKeys, now)}
}

// Take counts an event of key if every window has room for it: then refused is -1.
// Else nothing is counted, refused is the index of the first window that is full,
// and retryAfter is how long until all have room, if nothing else happens. A key
// is used with the same windows each time.
func (m *Memory) Take(_ context.Context, key string, windows []Window) (refused int, retryAfter time.Duration, err error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	now := m.keys.Now()
	found := m.keys.Get(key, now)
	var events []time.Duration
	if found != nil {
		events = found.Value
	}
	refused, retryAfter = firstFull(windows, events, now)
	if refused >= 0 || len(windows) == 0 {
		return refused, retryAfter, nil
	}
	var longest time.Duration
	largest := 0
	for _, window := range windows {
		longest, largest = max(longest, window.Within), max(largest, window.Count)
	}
	events = append(events, now)
	events = events[max(0, len(events)-largest):]
	if found == nil {
		// A clone, because a request's text may lie in a buffer that is used again.
		m.keys.Put(strings.Clone(key), events, now, now+longest)
		return refused, 0, nil
	}
	found.Value = events
	m.keys.Renew(found, now+longest)
	return refused, 0, nil
}

// Count is how many events of key, as far as Take has kept them, were within a span, which
// does not include its end. It counts nothing.
func (m *Memory) Count(_ context.Context, key string, within time.Duration) (int, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	now := m.keys.Now()
	found := m.keys.Get(key, now)
	if found == nil {
		return 0, nil
	}
	count := 0
	for _, event := range found.Value {
		if event+within > now {
			count++
		}
	}
	return count, nil
}

// Return takes back the newest event of key: an SMS that the provider refused, or
// a guess that was right.
func (m *Memory) Return(_ context.Context, key string) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	found := m.keys.Get(key, m.keys.Now())
	if found == nil {
		return nil
	}
	found.Value = found.Value[:len(found.Value)-1]
	if len(found.Value) == 0 {
		m.keys.Remove(found)
	}
	return nil
}
