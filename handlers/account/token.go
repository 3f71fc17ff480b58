package account

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"campusgate/storage"
)

// sessionPrefix begins the tokens of our own. Those of the account service are 64
// hexadecimal digits.
const sessionPrefix = "cg_"

// sessionTokenLength is the prefix and 32 random bytes as base64url.
const sessionTokenLength = len(sessionPrefix) + 43

// maxSessionLife is how long a token lives however often it is used.
const maxSessionLife = 90 * 24 * time.Hour

// Sessions are the rules of tokens that end after a time without use.
func Sessions(idle time.Duration) storage.SessionRules {
	return storage.SessionRules{Idle: idle, Life: maxSessionLife}
}

// newSessionToken makes a token, which is shown once: the database has its hash only.
func newSessionToken() string {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails
	return sessionPrefix + base64.RawURLEncoding.EncodeToString(random[:])
}

// isSessionToken reports whether a token has the form of our own.
func isSessionToken(token string) bool {
	return len(token) == sessionTokenLength && strings.HasPrefix(token, sessionPrefix)
}

// tokenHash is what a session is known by. Its input is random, so that no slow hash is
// needed.
func tokenHash(token string) [sha256.Size]byte { return sha256.Sum256([]byte(token)) }
