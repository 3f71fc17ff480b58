package pictures

import (
	"sync"
	"time"
)

// absenceTime is how long a picture that the store does not have is taken to be
// absent. It is short, because another replica may store the picture meanwhile,
// and its page asks for it at once; and long enough that a broken link which many
// pages show costs the store one read a second.
const absenceTime = time.Second

// maxAbsences bounds the memory: links that were made up are without end.
const maxAbsences = 4096

// absences remembers keys that the store does not have, all until the same moment.
type absences struct {
	mutex sync.Mutex
	keys  map[Key]struct{}
	end   time.Time
	puts  int // counts calls of forget
}

// has tells whether a key is taken to be absent, and how many Puts there were by
// now, for add.
func (a *absences) has(key Key) (absent bool, puts int) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	_, absent = a.keys[key]
	return absent && time.Now().Before(a.end), a.puts
}

// add remembers that a read which began after that many Puts found nothing. After
// another Put that is not news: the picture may be there by now.
func (a *absences) add(key Key, puts int) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if puts != a.puts {
		return
	}
	if now := time.Now(); !now.Before(a.end) {
		a.keys, a.end = map[Key]struct{}{}, now.Add(absenceTime)
	}
	if len(a.keys) < maxAbsences {
		a.keys[key] = struct{}{}
	}
}

// forget is what a Put of a key ends with.
func (a *absences) forget(key Key) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	delete(a.keys, key)
	a.puts++
}
