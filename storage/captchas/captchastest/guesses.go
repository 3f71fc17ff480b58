package captchastest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"campusgate/storage/captchas"
	"campusgate/storage/redis/redistest"
)

const wrongHash = "92eb5ffee6ae2fec3ad71c777531578f"

// guess is a query that counts for the phone.
func guess(want bool, hash, phone string) storeStep {
	return check(want, captchas.Query{Hash: hash, Kind: captchas.Message, Phone: phone, Counts: true, LetsIn: true})
}

func wrong(count int) storeStep { return repeat(count, guess(false, wrongHash, phone)) }

// ended is that no query finds a message.
func ended(hash string) storeStep {
	return func(s *storeRun) {
		for _, query := range []captchas.Query{
			{},
			{Phone: phone},
			{Kind: captchas.Message},
			{Kind: captchas.Message, Phone: phone},
			{Consume: true},
			{Phone: phone, Consume: true},
		} {
			query.Hash = hash
			check(false, query)(s)
		}
	}
}

// byMail is a code that lives for ten minutes, and byMailTo asks for it.
var byMail = captchas.Code{Kind: captchas.Mail, Phone: "student@example.org", TTL: 10 * time.Minute}

func byMailTo(address string) captchas.Query {
	return captchas.Query{Hash: hash, Kind: captchas.Mail, Phone: address, Counts: true}
}

// show asks as somebody does who knows no phone.
func show(want bool, hash string) storeStep {
	return check(want, captchas.Query{Hash: hash, Shows: true})
}

var shown = []storeCase{
	{"a code that was shown lets nobody in", []storeStep{
		add(hash, message), guess(true, hash, phone), show(true, hash), show(true, hash), guess(false, hash, phone),
		check(true, captchas.Query{Hash: hash, Kind: captchas.Message, Phone: phone, Counts: true}), check(true, whole), check(true, captchas.Query{Hash: hash, Kind: captchas.Message, Phone: phone}),
	}},
	{"to ask for it counts as a wrong guess", []storeStep{
		add(hash, message), show(true, hash), repeat(5, guess(false, hash, phone)), ended(hash),
	}},
	{"a wrong hash shows nothing", []storeStep{add(hash, message), show(false, wrongHash), guess(true, hash, phone)}},
	{"another code of the phone is not shown", []storeStep{
		add(hash, message), add(otherHash, message), show(true, hash), guess(true, otherHash, phone),
	}},
	{"a code that is sent again is not shown", []storeStep{add(hash, message), show(true, hash), add(hash, message), guess(true, hash, phone)}},
	{"a picture that was shown is what it was", []storeStep{add(hash, picture), show(true, hash), show(true, hash), check(true, consume)}},
	{"an expired mark is forgotten", []storeStep{add(hash, message), show(true, hash), seconds(181), add(hash, message), guess(true, hash, phone)}},
}

var mails = []storeCase{
	{"a mail's code is found by its address, for as long as it says", []storeStep{
		add(hash, byMail), seconds(599), check(true, byMailTo(byMail.Phone)), seconds(2), check(false, byMailTo(byMail.Phone)),
	}},
	{"a mail's code is of its address alone", []storeStep{
		add(hash, byMail), check(false, byMailTo("other@example.org")), check(true, byMailTo(byMail.Phone)),
	}},
	{"a mail's code is no other kind", []storeStep{
		add(hash, byMail), ended(hash), check(false, captchas.Query{Hash: hash, Kind: captchas.Picture}),
		check(false, captchas.Query{Hash: hash, Kind: captchas.Message, Phone: byMail.Phone}), check(true, byMailTo(byMail.Phone)),
	}},
	{"an SMS's code is no mail's", []storeStep{add(hash, message), check(false, byMailTo(phone)), check(true, whole)}},
	{"the fifth wrong guess ends a mail's code", []storeStep{
		add(hash, byMail), repeat(5, check(false, captchas.Query{Hash: wrongHash, Kind: captchas.Mail, Phone: byMail.Phone, Counts: true})),
		check(false, byMailTo(byMail.Phone)),
	}},
	{"a mail's code is used once", []storeStep{
		add(hash, byMail), check(true, captchas.Query{Hash: hash, Kind: captchas.Mail, Phone: byMail.Phone, Consume: true}),
		check(false, byMailTo(byMail.Phone)),
	}},
}

var otherPhone = captchas.Code{Kind: captchas.Message, Phone: secondPhone}

var guesses = []storeCase{
	{"four wrong ones end nothing", []storeStep{add(hash, message), wrong(4), check(true, whole), guess(true, hash, phone)}},
	{"the fifth ends the code", []storeStep{add(hash, message), wrong(5), ended(hash), guess(false, hash, phone)}},
	{"the fifth ends every code of the phone", []storeStep{
		add(hash, message), wrong(3), seconds(60), add(otherHash, message), wrong(2), ended(hash), ended(otherHash),
	}},
	{"right ones do not count", []storeStep{
		add(hash, message), wrong(4), repeat(9, guess(true, hash, phone)), check(true, whole), wrong(1), ended(hash),
	}},
	{"either letter case guesses", []storeStep{
		add(strings.ToUpper(hash), message), repeat(5, guess(true, strings.ToUpper(hash), phone)), check(true, whole),
	}},
	{"a right one that consumes is used once", []storeStep{
		add(hash, message),
		check(true, captchas.Query{Phone: phone, Counts: true, Consume: true}),
		check(false, captchas.Query{Phone: phone, Counts: true, Consume: true}), ended(hash),
	}},
	{"a consumed code's guesses go on", []storeStep{
		add(hash, message), check(true, consume), wrong(4), add(otherHash, message), wrong(1), ended(otherHash),
	}},
	{"queries that do not count", []storeStep{
		add(hash, message),
		repeat(9, check(false, captchas.Query{Hash: wrongHash, Kind: captchas.Message, Phone: phone})),
		repeat(9, check(false, captchas.Query{Hash: wrongHash})),
		guess(true, hash, phone),
	}},
	{"a code that is sent after the end has five of its own", []storeStep{
		add(hash, message), wrong(5), add(otherHash, message), wrong(4),
		check(true, captchas.Query{Hash: otherHash}), guess(true, otherHash, phone), ended(hash),
		wrong(1), ended(otherHash),
	}},
	{"an ended code may be sent again", []storeStep{
		add(hash, message), wrong(5), add(hash, message), wrong(4), check(true, whole), guess(true, hash, phone),
	}},
	{"guesses without a code leave nothing behind", []storeStep{
		wrong(3), add(hash, message), wrong(4), check(true, whole), wrong(1), ended(hash), wrong(3),
		add(otherHash, message), wrong(4), check(true, captchas.Query{Hash: otherHash}),
	}},
	{"an expired code's guesses are forgotten", []storeStep{
		add(hash, message), wrong(4), seconds(181), add(otherHash, message), wrong(4),
		check(true, captchas.Query{Hash: otherHash}),
	}},
	{"guesses are counted until the last code expires", []storeStep{
		add(hash, message), wrong(4), seconds(100), add(otherHash, message), seconds(100),
		ended(hash), check(true, captchas.Query{Hash: otherHash}), wrong(1), ended(otherHash),
	}},
	{"a message ends after 180 s, while another goes on", []storeStep{
		add(hash, message), seconds(100), add(otherHash, message), seconds(81),
		guess(false, hash, phone), ended(hash), guess(true, otherHash, phone),
	}},
	{"phones have guesses of their own", []storeStep{
		add(hash, message), add(otherHash, otherPhone), wrong(4), repeat(4, guess(false, wrongHash, secondPhone)),
		guess(true, hash, phone), wrong(1), ended(hash), guess(true, otherHash, secondPhone),
	}},
	{"a code of another phone is a wrong guess of the one asked for", []storeStep{
		add(hash, message), add(otherHash, otherPhone), repeat(5, guess(false, otherHash, phone)),
		ended(hash), guess(true, otherHash, secondPhone),
	}},
	{"a picture is a wrong guess, and does not end", []storeStep{
		add(hash, message), add(otherHash, picture), repeat(5, guess(false, otherHash, phone)),
		ended(hash), check(true, captchas.Query{Hash: otherHash}),
	}},
	{"an ended code sends no SMS", []storeStep{add(hash, message), wrong(5), reserve(false, phone), release(phone), ended(hash)}},
}

// guessTogether: of any number of concurrent wrong guesses five end the code, and what
// remains of them takes nothing from the next code.
func guessTogether(t *testing.T, open func(t *testing.T) (Store, Wait)) {
	t.Helper()
	store, _ := open(t)
	GuessTogether(t, store)
}

// GuessTogether has a phone's codes guessed through stores that share everything, each
// in turn.
func GuessTogether(t *testing.T, stores ...Store) {
	t.Helper()
	right := captchas.Query{Hash: hash, Kind: captchas.Message, Phone: phone, Counts: true}
	send := func() {
		t.Helper()
		if err := stores[0].Add(t.Context(), hash, message); err != nil {
			t.Fatal(err)
		}
	}
	for round := range 20 {
		for _, c := range []struct {
			fresh bool // a code is sent first
			wrong int
			want  bool
		}{
			{true, captchas.MaxGuesses - 1, true},
			{false, 1, false},
			{true, captchas.MaxGuesses, false},
			{true, 50, false},
		} {
			if c.fresh {
				send()
			}
			redistest.Together(t, c.wrong, func(caller int) (bool, error) {
				return stores[caller%len(stores)].Check(t.Context(), captchas.Query{
					Hash: fmt.Sprint("wrong", caller), Kind: captchas.Message, Phone: phone, Counts: true,
				})
			})
			for _, store := range stores {
				if found, err := store.Check(t.Context(), right); found != c.want || err != nil {
					t.Fatalf("round %d: found after %d wrong guesses at once: %t, %v, want %t", round, c.wrong, found, err, c.want)
				}
			}
		}
	}
	send() // and right guesses at once end nothing
	found := redistest.Together(t, callers, func(caller int) (bool, error) {
		return stores[caller%len(stores)].Check(t.Context(), right)
	})
	if found != callers {
		t.Errorf("%d of %d right guesses at once are found", found, callers)
	}
}

// modelCodes compares with a model over random histories.
func modelCodes(t *testing.T, open func(t *testing.T) (Store, Wait)) {
	t.Helper()
	store, wait := open(t)
	histories := 0
	rapid.Check(t, func(rt *rapid.T) {
		histories++
		m := &model{store: store, wait: wait, name: strconv.Itoa(histories), phones: map[string]*modelPhone{}}
		rt.Repeat(map[string]func(*rapid.T){
			"send":  func(rt *rapid.T) { m.send(rt) },
			"query": func(rt *rapid.T) { m.query(rt) },
			"wait":  func(rt *rapid.T) { m.pass(rt) },
		})
	})
}

// model is what a store has to hold of some phones, whose codes have names of their own.
type model struct {
	store  Store
	wait   Wait
	name   string // of the history: they share a store
	now    time.Duration
	phones map[string]*modelPhone
}

// modelPhone has codes with their ends; it is forgotten after the last.
type modelPhone struct {
	codes map[string]time.Duration
	ends  time.Duration
	wrong int
}

func (m *model) phone(rt *rapid.T) string {
	return fmt.Sprintf("%s-%s", rapid.SampledFrom([]string{"130", "131"}).Draw(rt, "phone"), m.name)
}

func (m *model) send(rt *rapid.T) {
	phone := m.phone(rt)
	sent := m.at(phone)
	if sent == nil {
		sent = &modelPhone{codes: map[string]time.Duration{}}
		m.phones[phone] = sent
	}
	sent.ends = m.now + TTL
	code := phone + rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "code")
	sent.codes[code] = sent.ends
	if err := m.store.Add(rt.Context(), code, captchas.Code{Kind: captchas.Message, Phone: phone}); err != nil {
		rt.Fatal(err)
	}
}

func (m *model) query(rt *rapid.T) {
	owner, asked := m.phone(rt), m.phone(rt)
	query := captchas.Query{
		Hash:    owner + rapid.SampledFrom([]string{"a", "b", "c", "wrong", "wrong", "wrong", "wrong"}).Draw(rt, "code"),
		Kind:    rapid.SampledFrom([]captchas.Kind{captchas.Any, captchas.Message}).Draw(rt, "kind"),
		Consume: rapid.Bool().Draw(rt, "consume"),
	}
	if rapid.IntRange(0, 4).Draw(rt, "with a phone") > 0 {
		query.Phone, query.Counts = asked, rapid.IntRange(0, 4).Draw(rt, "counts") > 0
	}
	got, err := m.store.Check(rt.Context(), query)
	if want := m.check(owner, query); err != nil || got != want {
		rt.Fatalf("Check(%+v) = %t, %v, want %t", query, got, err, want)
	}
}

// pass never ends at the very end of a code, where a store may go either way.
func (m *model) pass(rt *rapid.T) {
	passed := 7 * time.Second * time.Duration(rapid.IntRange(1, 20).Draw(rt, "times 7 s"))
	m.wait(passed)
	m.now += passed
}

func (m *model) at(phone string) *modelPhone {
	if found := m.phones[phone]; found != nil && found.ends > m.now {
		return found
	}
	return nil
}

func (m *model) check(owner string, query captchas.Query) bool {
	if sent := m.at(owner); sent != nil && sent.codes[query.Hash] > m.now && slices.Contains([]string{"", owner}, query.Phone) {
		if query.Consume {
			delete(sent.codes, query.Hash)
		}
		return true
	}
	if counted := m.at(query.Phone); query.Counts && counted != nil {
		if counted.wrong++; counted.wrong == captchas.MaxGuesses {
			delete(m.phones, query.Phone)
		}
	}
	return false
}
