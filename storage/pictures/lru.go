package pictures

import (
	"container/list"
	"sync"
)

// keptOverhead is what a kept picture costs beside its texts and its bytes.
const keptOverhead = 512

// lru keeps pictures of up to maxBytes together; the least recently used give way.
type lru struct {
	maxBytes int64

	mutex    sync.Mutex
	bytes    int64
	elements map[Key]*list.Element
	order    *list.List // of keptPicture, the most recently used first
}

type keptPicture struct {
	key     Key
	version string
	picture Picture
}

func (k keptPicture) cost() int64 {
	return int64(len(k.key.From)+len(k.key.Name)+len(k.version)+cap(k.picture.Bytes)) + keptOverhead
}

func newLRU(maxBytes int64) *lru {
	return &lru{maxBytes: maxBytes, elements: map[Key]*list.Element{}, order: list.New()}
}

func (l *lru) get(key Key) (kept keptPicture, found bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	element := l.elements[key]
	if element == nil {
		return keptPicture{}, false
	}
	l.order.MoveToFront(element)
	kept, _ = element.Value.(keptPicture)
	return kept, true
}

func (l *lru) put(kept keptPicture) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.drop(l.elements[kept.key])
	if kept.cost() > l.maxBytes {
		return
	}
	l.elements[kept.key] = l.order.PushFront(kept)
	for l.bytes += kept.cost(); l.bytes > l.maxBytes; {
		l.drop(l.order.Back())
	}
}

func (l *lru) remove(key Key) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.drop(l.elements[key])
}

// size is what is kept, in bytes and in pictures.
func (l *lru) size() (bytes int64, pictures int) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.bytes, len(l.elements)
}

// drop takes an element away, if there is one. The caller holds the lock.
func (l *lru) drop(element *list.Element) {
	if element == nil {
		return
	}
	dropped, _ := l.order.Remove(element).(keptPicture)
	delete(l.elements, dropped.key)
	l.bytes -= dropped.cost()
}
