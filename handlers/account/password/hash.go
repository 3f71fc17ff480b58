// Package password keeps passwords as argon2id hashes, and says which passwords are allowed.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
	"golang.org/x/sync/semaphore"
)

// cost is what a guess costs whoever has stolen the hashes, and a login the server.
type cost struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

// ours is the cost of new hashes; login renews those that cost less.
var ours = cost{memory: 19 << 10, passes: 2, lanes: 1}

// A hash in the database is believed within these bounds only: one of 4 TiB would end
// the process.
var least, most = cost{memory: 8, passes: 1, lanes: 1}, cost{memory: 64 << 10, passes: 10, lanes: 4}

const (
	saltLength, leastSalt, mostSalt = 16, 8, 64 // bytes
	keyLength, leastKey, mostKey    = 32, 16, 64
)

// ErrUnreadable says that a stored text is no hash of argon2id within the bounds.
var ErrUnreadable = errors.New("no readable hash of a password")

// hash is a hash with what it was made from, but the password.
type hash struct {
	cost
	salt, key []byte
}

// nobody is the hash of no password.
var nobody = hash{ours, make([]byte, saltLength), make([]byte, keyLength)}

// Hash hashes a new password with a salt of its own, as PHC text of at most 100 bytes.
// It fails with the context's error where its turn did not come in time.
func Hash(ctx context.Context, password string) (string, error) {
	h := hash{cost: ours, salt: make([]byte, saltLength), key: make([]byte, keyLength)}
	_, _ = rand.Read(h.salt) // never fails
	key, err := h.derive(ctx, password, nil)
	if err != nil {
		return "", err
	}
	h.key = key
	return h.String(), nil
}

// Verify reports whether a password is that of a hash, and whether the hash costs less
// than a new one would, so that a login should renew it. "" is nobody's hash: no password
// is right, after the same work. It fails with the context's error where its turn did not
// come in time, and with [ErrUnreadable].
//
// before runs when the turn has come, and its error ends it; nil is nothing.
func Verify(ctx context.Context, stored, password string, before func() error) (right, weaker bool, err error) {
	h := nobody
	if stored != "" {
		if h, err = parse(stored); err != nil {
			return false, false, err
		}
	}
	key, err := h.derive(ctx, password, before)
	if err != nil {
		return false, false, err
	}
	right = subtle.ConstantTimeCompare(key, h.key) == 1 && stored != ""
	return right, right && h.weaker(), nil
}

func (h hash) weaker() bool {
	return h.memory < ours.memory || h.passes < ours.passes || len(h.salt) < saltLength || len(h.key) < keyLength
}

// turns are as many as cores: more hashes at once are no faster, and each has its memory.
var turns = semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0)))

// garbage is what hashes have left to the collector since it ran, in KiB. By itself it
// would run when 200 MB of them are there.
var garbage atomic.Int64

// maxGarbage is two hashes of ours.
const maxGarbage = 2 * 19 << 10

// derive computes the key of a password in its turn.
func (h hash) derive(ctx context.Context, password string, before func() error) ([]byte, error) {
	if err := turns.Acquire(ctx, 1); err != nil {
		return nil, fmt.Errorf("wait to hash a password: %w", err)
	}
	defer turns.Release(1)
	if before != nil {
		if err := before(); err != nil {
			return nil, err
		}
	}
	key := argon2.IDKey([]byte(password), h.salt, h.passes, h.memory, h.lanes, uint32(len(h.key)))
	if garbage.Add(int64(h.memory)) >= maxGarbage {
		garbage.Store(0)
		runtime.GC()
	}
	return key, nil
}

// base64Text is how PHC text writes bytes.
var base64Text = base64.RawStdEncoding.Strict()

// String is the hash as PHC text: $argon2id$v=19$m=19456,t=2,p=1$salt$key.
func (h hash) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.passes, h.lanes,
		base64Text.EncodeToString(h.salt), base64Text.EncodeToString(h.key))
}

// parse reads what String writes, and nothing else.
func parse(text string) (h hash, err error) {
	var rest string
	if _, err := fmt.Sscanf(text, "$argon2id$v=19$m=%d,t=%d,p=%d$%s", &h.memory, &h.passes, &h.lanes, &rest); err != nil {
		return hash{}, ErrUnreadable
	}
	salt, key, _ := strings.Cut(rest, "$")
	if h.salt, err = base64Text.DecodeString(salt); err != nil {
		return hash{}, ErrUnreadable
	}
	if h.key, err = base64Text.DecodeString(key); err != nil {
		return hash{}, ErrUnreadable
	}
	if !h.bounded() || h.String() != text { // a scan allows more than one way to write a number
		return hash{}, ErrUnreadable
	}
	return h, nil
}

func (h hash) bounded() bool {
	return within(h.memory, least.memory*uint32(h.lanes), most.memory) && within(h.passes, least.passes, most.passes) &&
		within(h.lanes, least.lanes, most.lanes) && within(len(h.salt), leastSalt, mostSalt) && within(len(h.key), leastKey, mostKey)
}

func within[N int | uint8 | uint32](value, low, high N) bool { return low <= value && value <= high }
