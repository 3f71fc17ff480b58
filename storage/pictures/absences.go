package pictures

import (
	"sync"
	"time"

	"campusgate/storage/expiring"
)

// absenceTime is how long a picture that the store does not have is taken to be
// absent. It is short, because another replica may store the picture meanwhile,
// and its page asks for it at once; and long enough that a broken link which many
// pages show costs the store one read a second.
const absenceTime = time.Second

// maxAbsences bounds the memory: links that were made up are without end.
const maxAbsences = 4096

// absences remembers keys that the store does not have.
type absences struct {
	mutex sync.Mutex
	keys  *expiring.Map[Key, struct{}]
	puts  int // counts calls of forget
}

func newAbsences() *absences {
	return &absences{keys: expiring.New[Key, struct{}](maxAbsences, nil)}
}

// has reports whether a key is taken to be absent, and how many Puts there were by
// now, for add.
func (a *absences) has(key Key) (absent bool, puts int) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.keys.Get(key, a.keys.Now()) != nil, a.puts
}

// add remembers that a read which began after that many Puts found nothing. After
// another Put that is not news: the picture may be there by now. Where there are
// maxAbsences they stay, as new links that were made up are no better.
func (a *absences) add(key Key, puts int) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	now := a.keys.Now()
	if puts == a.puts && !a.keys.Full(now) {
		a.keys.Put(key, struct{}{}, now, now+absenceTime)
	}
}

// forget is what a Put of a key ends with.
func (a *absences) forget(key Key) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if found := a.keys.Get(key, a.keys.Now()); found != nil {
		a.keys.Remove(found)
	}
	a.puts++
}
