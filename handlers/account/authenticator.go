// Package account is who calls: the users and tokens that the account service keeps.
package account

import (
	"context"
	"errors"
	"sync"
	"time"

	"campusgate/dispatch"
	"campusgate/storage"
	"campusgate/storage/expiring"
)

// maxRemembered bounds how many tokens are remembered at once.
const maxRemembered = 1 << 16

// Authenticator finds the users of tokens and may remember those that it found for
// a moment. Unknown tokens are never remembered, so that a login works at once.
type Authenticator struct {
	db  *storage.DB
	ttl time.Duration

	mutex    sync.RWMutex
	accounts *expiring.Map[string, dispatch.Account] // by token
}

// NewAuthenticator remembers a token's user for ttl; 0 remembers nothing.
func NewAuthenticator(db *storage.DB, ttl time.Duration, now func() time.Time) *Authenticator {
	return &Authenticator{db: db, ttl: ttl, accounts: expiring.New[string, dispatch.Account](maxRemembered, now)}
}

// Account is the [dispatch.Authenticate] of the account service's tables, which know
// no role.
func (a *Authenticator) Account(ctx context.Context, token string) (dispatch.Account, error) {
	if a.ttl == 0 {
		return a.find(ctx, token)
	}
	// The time is taken before the database is asked, so that an answer is never
	// older than ttl.
	now := a.accounts.Now()
	a.mutex.RLock()
	found := a.accounts.Get(token, now)
	a.mutex.RUnlock()
	if found != nil {
		return found.Value, nil
	}
	account, err := a.find(ctx, token)
	if err == nil {
		a.mutex.Lock()
		defer a.mutex.Unlock()
		a.accounts.Put(token, account, now, now+a.ttl)
	}
	return account, err
}

func (a *Authenticator) find(ctx context.Context, token string) (dispatch.Account, error) {
	user, err := a.db.TokenUser(ctx, token)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return dispatch.Account{}, dispatch.ErrUnknownToken
	case errors.Is(err, storage.ErrNoUser):
		return dispatch.Account{}, dispatch.ErrNoUser
	default:
		return dispatch.Account{User: user}, err
	}
}
