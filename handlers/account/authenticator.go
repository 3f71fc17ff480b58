// Package account is who calls: the users and tokens that the account service keeps.
package account

import (
	"context"
	"errors"
	"sync"
	"time"

	"campusgate/dispatch"
	"campusgate/storage"
)

// maxRemembered bounds how many tokens are remembered at once.
const maxRemembered = 1 << 16

// Authenticator finds the users of tokens and may remember those that it found for
// a moment. Unknown tokens are never remembered, so that a login works at once.
type Authenticator struct {
	db  *storage.DB
	ttl time.Duration
	now func() time.Time

	mutex sync.RWMutex
	users map[string]remembered
}

type remembered struct {
	user string
	ends time.Time
}

// NewAuthenticator remembers a token's user for ttl; 0 remembers nothing.
func NewAuthenticator(db *storage.DB, ttl time.Duration, now func() time.Time) *Authenticator {
	return &Authenticator{db: db, ttl: ttl, now: now, users: map[string]remembered{}}
}

// User is the [dispatch.Authenticate] of the account service's tables.
func (a *Authenticator) User(ctx context.Context, token string) (string, error) {
	if a.ttl == 0 {
		return a.find(ctx, token)
	}
	// The time is taken before the database is asked, so that an answer is never
	// older than ttl.
	now := a.now()
	a.mutex.RLock()
	found, known := a.users[token]
	a.mutex.RUnlock()
	if known && now.Before(found.ends) {
		return found.user, nil
	}
	user, err := a.find(ctx, token)
	if err == nil {
		a.remember(token, remembered{user: user, ends: now.Add(a.ttl)})
	}
	return user, err
}

// remember forgets all others when it is full. They are gone after ttl anyway.
func (a *Authenticator) remember(token string, found remembered) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if len(a.users) >= maxRemembered {
		clear(a.users)
	}
	a.users[token] = found
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
