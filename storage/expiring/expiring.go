// Package expiring remembers things for a while, in memory that is bounded: captchas,
// tokens' users, the events of limits, and which pictures are absent. How long is the
// caller's choice.
package expiring

import (
	"container/heap"
	"time"
)

// defaultMax bounds a map of short texts to some 60 MB.
const defaultMax = 1 << 18

// clearedAtOnce is how many expired entries an addition removes: more than it adds,
// so that they cannot pile up, and few, so that nobody waits for a scan.
const clearedAtOnce = 2

// A Map holds entries until they expire. A heap knows which expires first: it is
// cleared a little at each addition, and gives way when the map is full. The map has
// no lock of its own; any number may call Now and Get at once.
type Map[K comparable, V any] struct {
	max     int
	now     func() time.Time
	start   time.Time
	entries map[K]*Entry[K, V]
	queue   queue[K, V]
}

// An Entry is a value in a map.
type Entry[K comparable, V any] struct {
	Value V

	key   K
	ends  time.Duration // by the map's clock; the entry is gone at that instant
	place int           // in the queue
}

// New returns an empty map of at most limit entries; 0 is 262,144. A nil now is
// [time.Now].
func New[K comparable, V any](limit int, now func() time.Time) *Map[K, V] {
	if limit <= 0 {
		limit = defaultMax
	}
	if now == nil {
		now = time.Now
	}
	return &Map[K, V]{max: limit, now: now, start: now(), entries: map[K]*Entry[K, V]{}}
}

// Now is the time since the map was made: 8 bytes without a pointer, where a
// [time.Time] has 24, and steady when the machine's clock is set.
func (m *Map[K, V]) Now() time.Duration { return m.now().Sub(m.start) }

// Len is how many entries there are. Some may have expired: an addition clears them.
func (m *Map[K, V]) Len() int { return len(m.entries) }

// Full reports whether an addition would take the place of one that has not expired.
func (m *Map[K, V]) Full(now time.Duration) bool {
	return len(m.queue) >= m.max && m.queue[0].ends > now
}

// Get finds an entry that has not expired, or nil.
func (m *Map[K, V]) Get(key K, now time.Duration) *Entry[K, V] {
	found := m.entries[key]
	if found == nil || found.ends <= now {
		return nil
	}
	return found
}

// Put adds or replaces an entry. It keeps the key: see [strings.Clone].
func (m *Map[K, V]) Put(key K, value V, now, ends time.Duration) {
	if old := m.entries[key]; old != nil {
		m.Remove(old)
	}
	for range clearedAtOnce {
		if len(m.queue) > 0 && m.queue[0].ends <= now {
			m.Remove(m.queue[0])
		}
	}
	if len(m.queue) >= m.max {
		m.Remove(m.queue[0])
	}
	added := &Entry[K, V]{Value: value, key: key, ends: ends}
	m.entries[key] = added
	heap.Push(&m.queue, added)
}

// Renew sets when an entry of the map expires.
func (m *Map[K, V]) Renew(entry *Entry[K, V], ends time.Duration) {
	entry.ends = ends
	heap.Fix(&m.queue, entry.place)
}

// Remove removes an entry of the map.
func (m *Map[K, V]) Remove(entry *Entry[K, V]) {
	heap.Remove(&m.queue, entry.place)
	delete(m.entries, entry.key)
}

// queue is a [heap.Interface] of entries by their end.
type queue[K comparable, V any] []*Entry[K, V]

func (q queue[K, V]) Len() int           { return len(q) }
func (q queue[K, V]) Less(i, j int) bool { return q[i].ends < q[j].ends }

func (q queue[K, V]) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}

func (q *queue[K, V]) Push(added any) {
	last, _ := added.(*Entry[K, V])
	last.place = len(*q)
	*q = append(*q, last)
}

func (q *queue[K, V]) Pop() any {
	end := len(*q) - 1
	last := (*q)[end]
	(*q)[end] = nil // for the garbage collector
	*q = (*q)[:end]
	return last
}
