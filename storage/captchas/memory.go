package captchas

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"campusgate/storage/expiring"
)

// Options configure a [Memory].
type Options struct {
	// TTL is how long a hash lives, and what a picture's is renewed to: 180 s in
	// the contract.
	TTL time.Duration
	// MaxLifetime is how long a picture's hash lives at most, however often it is
	// renewed: 15 minutes in the contract.
	MaxLifetime time.Duration
	// MaxEntries bounds the hashes; 0 is 262,144. The one that ends first gives way.
	MaxEntries int
	// Now is the time; nil is [time.Now].
	Now func() time.Time
}

// Memory keeps hashes in this process. It is safe for concurrent use, never waits
// and never fails: contexts and errors are for stores that are elsewhere.
type Memory struct {
	ttl, maxLifetime time.Duration

	mutex  sync.Mutex
	hashes *expiring.Map[string, record]
	phones *expiring.Map[string, *guesses] // each until the last of its codes expires
}

// record is what is known of a hash.
type record struct {
	Code
	last   time.Duration // when a picture ends for good
	phones []reservation // of a Picture: at most MaxPhones
	// guesses are of a Message or a Mail: its phone's when it was sent. A code has ended where its
	// phone has others, or none.
	guesses *guesses
	shown   bool // see Query.Shows
}

// guesses counts the wrong ones of a phone: fewer than MaxGuesses.
type guesses struct{ wrong int }

// reservation is what a picture has sent to one phone, or is sending: at least
// one SMS.
type reservation struct {
	phone    string
	messages int
}

// NewMemory returns an empty store.
func NewMemory(options Options) *Memory {
	return &Memory{
		ttl: options.TTL, maxLifetime: options.MaxLifetime,
		hashes: expiring.New[string, record](options.MaxEntries, options.Now),
		phones: expiring.New[string, *guesses](options.MaxEntries, options.Now),
	}
}

// Add keeps a hash for TTL. One that is there already begins anew.
func (m *Memory) Add(_ context.Context, hash string, code Code) error {
	// Clones, because a request's text may lie in a buffer that is used again.
	hash, code.Phone = strings.Clone(strings.ToLower(hash)), strings.Clone(code.Phone)
	m.mutex.Lock()
	defer m.mutex.Unlock()
	now := m.hashes.Now()
	added, end := record{Code: code, last: now + m.maxLifetime}, now+cmp.Or(code.TTL, m.ttl)
	if code.Kind != Picture {
		added.guesses = m.keepGuesses(code.Phone, now, end)
	}
	m.hashes.Put(hash, added, now, end)
	return nil
}

// keepGuesses returns those of a phone, which outlast a code that is sent now.
func (m *Memory) keepGuesses(phone string, now, end time.Duration) *guesses {
	if found := m.phones.Get(phone, now); found != nil {
		m.phones.Renew(found, end)
		return found.Value
	}
	fresh := &guesses{}
	m.phones.Put(phone, fresh, now, end)
	return fresh
}

// Check reports whether a hash lives and is what the query asks for. A success that
// does not consume it renews a Picture to TTL, up to its MaxLifetime; a Message is
// never renewed. A failure changes nothing but what [Query.Counts] says.
func (m *Memory) Check(_ context.Context, query Query) (bool, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	now := m.hashes.Now()
	found := m.find(query, now)
	switch {
	case found == nil:
		if query.Counts {
			m.countWrong(query.Phone, now)
		}
	case query.Consume:
		m.hashes.Remove(found)
	case found.Value.Kind == Picture:
		m.hashes.Renew(found, min(now+m.ttl, found.Value.last))
	case query.Shows:
		found.Value.shown = true
	}
	return found != nil, nil
}

// find returns the hash that the query asks for, nil where there is none.
func (m *Memory) find(query Query, now time.Duration) *expiring.Entry[string, record] {
	found := m.hashes.Get(strings.ToLower(query.Hash), now)
	switch {
	case found == nil,
		query.Kind != Any && query.Kind != found.Value.Kind,
		query.Kind == Any && found.Value.Kind == Mail,
		query.LetsIn && found.Value.shown,
		query.Phone != "" && query.Phone != found.Value.Phone:
		return nil
	case found.Value.Kind != Picture:
		if phone := m.phones.Get(found.Value.Phone, now); phone == nil || phone.Value != found.Value.guesses {
			return nil
		}
	}
	return found
}

// countWrong counts a wrong guess of a phone that has codes, and ends them at the last
// that it may have.
func (m *Memory) countWrong(phone string, now time.Duration) {
	found := m.phones.Get(phone, now)
	if found == nil {
		return
	}
	found.Value.wrong++
	if found.Value.wrong == MaxGuesses {
		m.phones.Remove(found)
	}
}

// Reserve takes one of the MaxMessages SMS of a living Picture, for one of its
// MaxPhones phones, and reports whether there was one. It does not renew the hash.
func (m *Memory) Reserve(_ context.Context, hash, phone string) (bool, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	found := m.hashes.Get(strings.ToLower(hash), m.hashes.Now())
	if found == nil || found.Value.Kind != Picture {
		return false, nil
	}
	return found.Value.reserve(phone), nil
}

// Release gives back what a Reserve took, for an SMS that the provider refused. A
// phone that has none left frees its place for another. It does nothing if the
// hash has expired, or if the phone has none.
func (m *Memory) Release(_ context.Context, hash, phone string) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if found := m.hashes.Get(strings.ToLower(hash), m.hashes.Now()); found != nil {
		found.Value.release(phone)
	}
	return nil
}

// Len is how many hashes are kept. Some may have expired: an addition clears them.
func (m *Memory) Len() int {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.hashes.Len()
}

func (r *record) reserve(phone string) bool {
	messages := 0
	for _, taken := range r.phones {
		messages += taken.messages
	}
	place := r.placeOf(phone)
	switch {
	case messages >= MaxMessages, place < 0 && len(r.phones) >= MaxPhones:
		return false
	case place < 0:
		r.phones = append(r.phones, reservation{phone: strings.Clone(phone), messages: 1})
	default:
		r.phones[place].messages++
	}
	return true
}

func (r *record) release(phone string) {
	place := r.placeOf(phone)
	if place < 0 {
		return
	}
	r.phones[place].messages--
	if r.phones[place].messages == 0 {
		r.phones = slices.Delete(r.phones, place, place+1)
	}
}

func (r *record) placeOf(phone string) int {
	return slices.IndexFunc(r.phones, func(taken reservation) bool { return taken.phone == phone })
}
