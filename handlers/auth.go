package handlers

import (
	"context"
	"errors"
	"sync"
	"time"

	"campusgate/dispatch"
	"campusgate/storage"
	"campusgate/storage/expiring"
)

// maxRemembered bounds the tokens that are remembered at one time.
const maxRemembered = 1 << 16

// Authenticator finds the users of tokens and may remember a found one for a
// moment. Unknown tokens are never remembered: a login works at once.
type Authenticator struct {
	db  *storage.DB
	ttl time.Duration

	mutex sync.RWMutex
	users *expiring.Map[string, string] // by token
}

// NewAuthenticator remembers a token's user for ttl; 0 remembers nothing.
func NewAuthenticator(db *storage.DB, ttl time.Duration, now func() time.Time) *Authenticator {
	return &Authenticator{db: db, ttl: ttl, users: expiring.New[string, string](maxRemembered, now)}
}

// User is the [dispatch.Authenticate] of the account service's tables.
func (a *Authenticator) User(ctx context.Context, token string) (string, error) {
	if a.ttl == 0 {
		return a.find(ctx, token)
	}
	// The time is taken before the database is asked, so that an answer is never
	// older than ttl.
	now := a.users.Now()
	a.mutex.RLock()
	found := a.users.Get(token, now)
	a.mutex.RUnlock()
	if found != nil {
		return found.Value, nil
	}
	user, err := a.find(ctx, token)
	if err == nil {
		a.mutex.Lock()
		defer a.mutex.Unlock()
		a.users.Put(token, user, now, now+a.ttl)
	}
	return user, err
}

func (a *Authenticator) find(ctx context.Context, token string) (string, error) {
	user, err := a.db.TokenUser(ctx, token)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return "", dispatch.ErrUnknownToken
	case errors.Is(err, storage.ErrNoUser):
		return "", dispatch.ErrNoUser
	default:
		return user, err
	}
}
