// Package captchastest holds what every store of captcha hashes has to pass: in memory,
// and in any server that replicas share.
package captchastest

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"campusgate/storage/captchas"
	"campusgate/storage/redis/redistest"
)

// Wait lets so much time of what is tested pass, which stands still otherwise.
type Wait func(time.Duration)

// callers is how many call at once in the tests of concurrency.
const callers = 64

// The contract's times.
const (
	// TTL is how long a hash has to live.
	TTL = 180 * time.Second
	// MaxLifetime is how long a picture's hash may live by being renewed.
	MaxLifetime = 15 * time.Minute
)

// Store is what the handlers ask of a store.
type Store interface {
	Add(ctx context.Context, hash string, code captchas.Code) error
	Check(ctx context.Context, query captchas.Query) (bool, error)
	Reserve(ctx context.Context, hash, phone string) (bool, error)
	Release(ctx context.Context, hash, phone string) error
}

const (
	hash      = "900150983cd24fb0d6963f7d28e17f72"
	otherHash = "0cc175b9c0f1b6a831c399e269772661"

	phone, secondPhone, thirdPhone = "13700000000", "13800000000", "13900000000"
)

// RunStore tests empty stores that open makes, with the TTL and the MaxLifetime of
// this package.
func RunStore(t *testing.T, open func(t *testing.T) (Store, Wait)) {
	t.Helper()
	run := func(name string, cases []storeCase) {
		for _, c := range cases {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				store, wait := open(t)
				s := &storeRun{t: t, store: store, wait: wait}
				for _, step := range c.steps {
					s.step++
					step(s)
				}
			})
		}
	}
	run("lifetime", lifetimes)
	run("query", queries)
	run("reserve", reservations)
	run("guess", guesses)
	run("shown", shown)
	run("mail", mails)
	t.Run("concurrent/consume", func(t *testing.T) { consumeOnce(t, open) })
	t.Run("concurrent/reserve", func(t *testing.T) { reserveWithin(t, open) })
	t.Run("concurrent/guess", func(t *testing.T) { guessTogether(t, open) })
	t.Run("model of codes", func(t *testing.T) { modelCodes(t, open) })
}

type storeCase struct {
	name  string
	steps []storeStep
}

type storeStep func(*storeRun)

// storeRun is one case on one store; step counts from 1, for messages.
type storeRun struct {
	t     *testing.T
	store Store
	wait  Wait
	step  int
}

func (s *storeRun) expect(call string, got, want bool, err error) {
	s.t.Helper()
	if err != nil || got != want {
		s.t.Errorf("step %d: %s = %t, %v, want %t", s.step, call, got, err, want)
	}
}

var (
	picture = captchas.Code{Kind: captchas.Picture}
	message = captchas.Code{Kind: captchas.Message, Phone: phone}
)

func add(hash string, code captchas.Code) storeStep {
	return func(s *storeRun) {
		s.expect("Add", true, true, s.store.Add(s.t.Context(), hash, code))
	}
}

func seconds(count int) storeStep {
	return func(s *storeRun) { s.wait(time.Duration(count) * time.Second) }
}

func check(want bool, query captchas.Query) storeStep {
	if query.Hash == "" {
		query.Hash = hash
	}
	return func(s *storeRun) {
		got, err := s.store.Check(s.t.Context(), query)
		s.expect("Check", got, want, err)
	}
}

func reserve(want bool, phone string) storeStep {
	return func(s *storeRun) {
		got, err := s.store.Reserve(s.t.Context(), hash, phone)
		s.expect("Reserve("+phone+")", got, want, err)
	}
}

func release(phone string) storeStep {
	return func(s *storeRun) {
		s.expect("Release", true, true, s.store.Release(s.t.Context(), hash, phone))
	}
}

// repeat runs the steps count times.
func repeat(count int, steps ...storeStep) storeStep {
	return func(s *storeRun) {
		for range count {
			for _, step := range steps {
				step(s)
			}
		}
	}
}

var (
	whole   = captchas.Query{}
	consume = captchas.Query{Consume: true}
)

// A store may keep a hash through the very end of its time, but no second longer.
var lifetimes = []storeCase{
	{"nothing is there at first", []storeStep{check(false, whole)}},
	{"a picture lives 180 s", []storeStep{add(hash, picture), seconds(170), check(true, consume)}},
	{"a picture ends after 180 s", []storeStep{add(hash, picture), seconds(181), check(false, whole)}},
	{"a message ends after 180 s", []storeStep{add(hash, message), seconds(181), check(false, whole)}},
	{"each success renews a picture", []storeStep{
		add(hash, picture), seconds(170), check(true, whole), seconds(170), check(true, whole),
		seconds(181), check(false, whole),
	}},
	{"a picture is renewed up to 15 minutes after it was made", []storeStep{
		add(hash, picture), repeat(5, seconds(170), check(true, whole)), // 850 s
		seconds(40), check(true, whole), // 890 s
		seconds(11), check(false, whole), // 901 s
	}},
	{"a message is never renewed", []storeStep{
		add(hash, message), seconds(100), check(true, whole), seconds(81), check(false, whole),
	}},
	{"a query that fails does not renew", []storeStep{
		add(hash, picture), seconds(100),
		check(false, captchas.Query{Kind: captchas.Message}), check(false, captchas.Query{Phone: phone}),
		seconds(81), check(false, whole),
	}},
	{"a reservation does not renew", []storeStep{
		add(hash, picture), seconds(100), reserve(true, phone), release(phone), seconds(81), check(false, whole),
	}},
	{"a hash that is added again is a fresh one", []storeStep{
		add(hash, picture), seconds(170), add(hash, picture), seconds(170), check(true, whole),
	}},
	{"a hash that is added again has its whole lifetime", []storeStep{
		add(hash, picture), repeat(4, seconds(170), check(true, whole)), add(hash, picture),
		repeat(5, seconds(170), check(true, whole)),
	}},
	{"a hash that is added again may be of another kind", []storeStep{
		add(hash, picture), add(hash, message),
		check(true, captchas.Query{Kind: captchas.Message, Phone: phone}),
		check(false, captchas.Query{Kind: captchas.Picture}),
	}},
	{"a consumed hash may be added again", []storeStep{
		add(hash, picture), check(true, consume), add(hash, picture), check(true, whole),
	}},
}

var queries = []storeCase{
	{"another hash is not found", []storeStep{add(hash, picture), check(false, captchas.Query{Hash: otherHash})}},
	{"either letter case asks", []storeStep{add(hash, picture), check(true, captchas.Query{Hash: strings.ToUpper(hash)})}},
	{"either letter case is added", []storeStep{add(strings.ToUpper(hash), picture), check(true, whole)}},
	{"the empty hash is not found", []storeStep{add(hash, picture), func(s *storeRun) {
		got, err := s.store.Check(s.t.Context(), captchas.Query{})
		s.expect("Check", got, false, err)
	}}},
	{"a picture by its kind", []storeStep{
		add(hash, picture),
		check(true, captchas.Query{Kind: captchas.Picture}), check(false, captchas.Query{Kind: captchas.Message}),
	}},
	{"a message by its kind", []storeStep{
		add(hash, message),
		check(true, captchas.Query{Kind: captchas.Message}), check(false, captchas.Query{Kind: captchas.Picture}),
	}},
	{"a message by its phone", []storeStep{
		add(hash, message),
		check(true, captchas.Query{Phone: phone}), check(false, captchas.Query{Phone: secondPhone}),
	}},
	{"a picture has no phone", []storeStep{
		add(hash, picture), add(otherHash, message),
		check(false, captchas.Query{Phone: phone}),
		check(false, captchas.Query{Hash: otherHash, Kind: captchas.Picture, Phone: phone}),
	}},
	{"a query does not consume unless it says so", []storeStep{
		add(hash, picture), check(true, whole), check(true, whole), check(true, consume), check(false, whole),
	}},
	{"a message is consumed once", []storeStep{add(hash, message), check(true, consume), check(false, consume)}},
	{"a query that fails does not consume", []storeStep{
		add(hash, message),
		check(false, captchas.Query{Kind: captchas.Picture, Consume: true}),
		check(false, captchas.Query{Phone: secondPhone, Consume: true}),
		check(true, consume),
	}},
	{"hashes do not touch each other", []storeStep{
		add(hash, picture), add(otherHash, message), check(true, consume),
		check(true, captchas.Query{Hash: otherHash, Kind: captchas.Message}),
	}},
}

var reservations = []storeCase{
	{"a picture sends 5 SMS", []storeStep{add(hash, picture), repeat(5, reserve(true, phone)), reserve(false, phone)}},
	{"a picture sends to 2 phones", []storeStep{
		add(hash, picture), reserve(true, phone), reserve(true, secondPhone), reserve(false, thirdPhone),
	}},
	{"the first two phones go on until 5", []storeStep{
		add(hash, picture), reserve(true, phone), reserve(true, secondPhone), reserve(false, thirdPhone),
		reserve(true, phone), reserve(true, secondPhone), reserve(true, phone),
		reserve(false, phone), reserve(false, secondPhone),
	}},
	{"an unknown hash sends none", []storeStep{reserve(false, phone)}},
	{"a message sends none", []storeStep{add(hash, message), reserve(false, phone)}},
	{"an ended picture sends none", []storeStep{add(hash, picture), seconds(181), reserve(false, phone)}},
	{"a consumed picture sends none", []storeStep{add(hash, picture), check(true, consume), reserve(false, phone)}},
	{"either letter case reserves and releases", []storeStep{
		add(hash, picture), repeat(4, reserve(true, phone)),
		func(s *storeRun) {
			got, err := s.store.Reserve(s.t.Context(), strings.ToUpper(hash), phone)
			s.expect("Reserve", got, true, err)
		},
		reserve(false, phone),
		func(s *storeRun) {
			s.expect("Release", true, true, s.store.Release(s.t.Context(), strings.ToUpper(hash), phone))
		},
		reserve(true, phone),
	}},
	{"a refused SMS does not count", []storeStep{
		add(hash, picture), repeat(5, reserve(true, phone)), release(phone), reserve(true, phone), reserve(false, phone),
	}},
	{"a phone without SMS frees its place", []storeStep{
		add(hash, picture), reserve(true, phone), reserve(true, secondPhone), release(secondPhone),
		reserve(true, thirdPhone), reserve(false, secondPhone),
	}},
	{"a phone with another SMS keeps its place", []storeStep{
		add(hash, picture), reserve(true, phone), repeat(2, reserve(true, secondPhone)), release(secondPhone),
		reserve(false, thirdPhone),
	}},
	{"a phone that has none gives nothing back", []storeStep{
		add(hash, picture), repeat(5, reserve(true, phone)), release(secondPhone), reserve(false, phone),
	}},
	{"a phone gives back no more than it has", []storeStep{
		add(hash, picture), reserve(true, phone), repeat(3, release(phone)),
		repeat(5, reserve(true, phone)), reserve(false, phone),
	}},
	{"an ended picture takes nothing back", []storeStep{
		add(hash, picture), reserve(true, phone), seconds(181), release(phone), check(false, whole),
	}},
	{"an unknown hash takes nothing back", []storeStep{release(phone), check(false, whole)}},
	{"reservations outlast a renewal", []storeStep{
		add(hash, picture), repeat(3, reserve(true, phone)), seconds(170), check(true, whole), seconds(170),
		repeat(2, reserve(true, phone)), reserve(false, phone),
	}},
	{"a hash that is added again has sent nothing", []storeStep{
		add(hash, picture), repeat(5, reserve(true, phone)), add(hash, picture), repeat(5, reserve(true, secondPhone)),
	}},
}

func consumeOnce(t *testing.T, open func(t *testing.T) (Store, Wait)) {
	t.Helper()
	store, _ := open(t)
	for range 20 {
		if err := store.Add(t.Context(), hash, picture); err != nil {
			t.Fatal(err)
		}
		got := redistest.Together(t, callers, func(int) (bool, error) {
			return store.Check(t.Context(), captchas.Query{Hash: hash, Consume: true})
		})
		if got != 1 {
			t.Fatalf("%d of %d concurrent queries consumed the hash, want 1", got, callers)
		}
	}
}

func reserveWithin(t *testing.T, open func(t *testing.T) (Store, Wait)) {
	t.Helper()
	store, _ := open(t)
	for name, phones := range map[string][]string{
		"one phone":    {phone},
		"two phones":   {phone, secondPhone},
		"three phones": {phone, secondPhone, thirdPhone},
	} {
		if err := store.Add(t.Context(), hash, picture); err != nil {
			t.Fatal(err)
		}
		var sent [3]atomic.Int64
		got := redistest.Together(t, callers, func(caller int) (bool, error) {
			which := caller % len(phones)
			reserved, err := store.Reserve(t.Context(), hash, phones[which])
			if reserved {
				sent[which].Add(1)
			}
			return reserved, err
		})
		if got != captchas.MaxMessages {
			t.Errorf("%s: %d SMS, want %d", name, got, captchas.MaxMessages)
		}
		if sent[0].Load() > 0 && sent[1].Load() > 0 && sent[2].Load() > 0 {
			t.Errorf("%s: SMS to 3 phones, want 2 at most", name)
		}
	}
}
