// Package account is who calls: users, their tokens and roles, their addresses.
//
// Accounts are the account service's, which keeps them in the tables users and tokens, or
// our own (accounts.own), which are rows of users too. A profile is what this server knows
// of either beside.
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
// a moment. Unknown tokens are never remembered, so that a login works at once, nor are
// tokens of our own, so that they end at once.
type Authenticator struct {
	db       *storage.DB
	ttl      time.Duration
	sessions storage.SessionRules
	now      func() time.Time

	mutex    sync.RWMutex
	accounts *expiring.Map[string, dispatch.Account] // by token
}

// NewAuthenticator remembers the user of an account service's token for ttl; 0 remembers
// nothing. Tokens of our own end by the rules.
func NewAuthenticator(db *storage.DB, ttl time.Duration, sessions storage.SessionRules, now func() time.Time) *Authenticator {
	return &Authenticator{
		db: db, ttl: ttl, sessions: sessions, now: now,
		accounts: expiring.New[string, dispatch.Account](maxRemembered, now),
	}
}

// Account is the [dispatch.Authenticate] of both kinds of tokens, told apart by their form.
func (a *Authenticator) Account(ctx context.Context, token string) (dispatch.Account, error) {
	if isSessionToken(token) {
		hash := tokenHash(token)
		bearer, err := a.db.SessionUser(ctx, hash[:], a.sessions, a.now().Unix())
		return accountOf(bearer, err)
	}
	if a.ttl == 0 {
		return a.find(ctx, token)
	}
	a.mutex.RLock()
	// The time is taken before the database is asked, so that an answer is never
	// older than ttl.
	accounts, now := a.accounts, a.accounts.Now()
	found := a.accounts.Get(token, now)
	a.mutex.RUnlock()
	if found != nil {
		return found.Value, nil
	}
	account, err := a.find(ctx, token)
	if err == nil {
		a.mutex.Lock()
		defer a.mutex.Unlock()
		accounts.Put(token, account, now, now+a.ttl) // or what was forgotten meanwhile takes it
	}
	return account, err
}

// Forget forgets all that is remembered: a token may have ended.
func (a *Authenticator) Forget() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.accounts = expiring.New[string, dispatch.Account](maxRemembered, a.now)
}

func (a *Authenticator) find(ctx context.Context, token string) (dispatch.Account, error) {
	bearer, err := a.db.TokenUser(ctx, token)
	return accountOf(bearer, err)
}

func accountOf(bearer storage.Bearer, err error) (dispatch.Account, error) {
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return dispatch.Account{}, dispatch.ErrUnknownToken
	case errors.Is(err, storage.ErrNoUser):
		return dispatch.Account{}, dispatch.ErrNoUser
	default:
		return dispatch.Account{User: bearer.UserID, Role: bearer.Role, Frozen: bearer.Frozen}, err
	}
}
