// Package captchas keeps the hashes of captchas and SMS codes until they expire. A code
// itself is never stored: a hash is md5(lower(code) + rand), the protocol's own.
//
// [Memory] serves one process, [Redis] all replicas. Every store passes the suite in
// captchastest.
package captchas

import "time"

// Kind is what a hash stands for.
type Kind int

// The kinds of a hash. Any is for a [Query] only: it finds pictures and messages.
const (
	Any Kind = iota
	Picture
	Message // an SMS
	Mail
)

// The contract's rules of sms/generate.
const (
	// MaxMessages is how many SMS one picture may send.
	MaxMessages = 5
	// MaxPhones is to how many phones it may send them.
	MaxPhones = 2
)

// MaxGuesses is how many wrong guesses of a phone's codes end all that were sent to it:
// the contract's rule of an SMS code that lets somebody in.
const MaxGuesses = 5

// Code is what is known of a hash when it is added.
type Code struct {
	Kind Kind // not Any
	// Phone is where a Message was sent, and the address of a Mail; "" for a Picture.
	Phone string
	// TTL is how long the hash lives; 0 is the store's own.
	TTL time.Duration
}

// Query asks for a hash. One of another kind, or sent to another phone, is not
// found and stays as it is.
type Query struct {
	// Hash is found in either letter case.
	Hash string
	Kind Kind
	// Phone is where the Message or the Mail must have been sent; "" is anywhere.
	Phone string
	// Consume takes the hash away: of any number of concurrent queries exactly
	// one succeeds.
	Consume bool
	// Shows says that whoever asks, by the hash alone, would learn a code by guessing it: a
	// Message that is found lets nobody in from then on.
	Shows bool
	// LetsIn asks for a code that lets somebody in. One that was shown is not found.
	LetsIn bool
	// Counts makes a failure a wrong guess of the Phone, which is not "", and whose
	// Message is asked for. The one that is MaxGuesses ends every code that was sent to
	// it: no query finds them any more. Wrong guesses are counted while the phone has
	// codes, from 0 after such an end and after its last code has expired; a guess of a
	// phone without codes has nothing to hit, and leaves nothing behind.
	Counts bool
}
