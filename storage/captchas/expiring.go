package captchas

import (
	"container/heap"
	"time"
)

// defaultMaxEntries bounds a store in memory to some 60 MB.
const defaultMaxEntries = 1 << 18

// clearedAtOnce is how many ended entries an addition removes: more than it adds,
// so that they cannot pile up, and few, so that nobody waits for a scan.
const clearedAtOnce = 2

// expiring is a map whose entries end. A heap knows which ends first: it is
// cleared a little at each addition, and gives way when there are max of them.
// It has no lock of its own.
type expiring[V any] struct {
	max     int
	entries map[string]*entry[V]
	queue   queue[V]
}

type entry[V any] struct {
	key   string
	ends  time.Duration // by the store's clock; the entry is gone at that instant
	place int           // in the queue
	value V
}

func newExpiring[V any](limit int) *expiring[V] {
	if limit <= 0 {
		limit = defaultMaxEntries
	}
	return &expiring[V]{max: limit, entries: map[string]*entry[V]{}}
}

// get finds an entry that has not ended, or nil.
func (e *expiring[V]) get(key string, now time.Duration) *entry[V] {
	found := e.entries[key]
	if found == nil || found.ends <= now {
		return nil
	}
	return found
}

// put adds or replaces an entry. It keeps the key: see [strings.Clone].
func (e *expiring[V]) put(key string, value V, now, ends time.Duration) {
	if old := e.entries[key]; old != nil {
		e.remove(old)
	}
	for range clearedAtOnce {
		if len(e.queue) > 0 && e.queue[0].ends <= now {
			e.remove(e.queue[0])
		}
	}
	if len(e.queue) >= e.max {
		e.remove(e.queue[0])
	}
	added := &entry[V]{key: key, ends: ends, value: value}
	e.entries[key] = added
	heap.Push(&e.queue, added)
}

// renew sets when an entry ends.
func (e *expiring[V]) renew(renewed *entry[V], ends time.Duration) {
	renewed.ends = ends
	heap.Fix(&e.queue, renewed.place)
}

func (e *expiring[V]) remove(removed *entry[V]) {
	heap.Remove(&e.queue, removed.place)
	delete(e.entries, removed.key)
}

// queue is a [heap.Interface] of entries by their end.
type queue[V any] []*entry[V]

func (q queue[V]) Len() int           { return len(q) }
func (q queue[V]) Less(i, j int) bool { return q[i].ends < q[j].ends }

func (q queue[V]) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}

func (q *queue[V]) Push(added any) {
	last, _ := added.(*entry[V])
	last.place = len(*q)
	*q = append(*q, last)
}

func (q *queue[V]) Pop() any {
	end := len(*q) - 1
	last := (*q)[end]
	(*q)[end] = nil // for the garbage collector
	*q = (*q)[:end]
	return last
}
