package account_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/account"
	"campusgate/handlers/handlerstest"
	"campusgate/storage"
)

var sessionRules = storage.SessionRules{Idle: 7 * 24 * time.Hour, Life: 90 * 24 * time.Hour}

// What the statuses of these are on the wire is the table of TestPostedToken.
func TestAuthenticator(t *testing.T) {
	t.Parallel()
	db := handlerstest.OpenDatabase(t)
	handlerstest.Must(t, db.InsertUser(t.Context(), storage.User{ID: handlerstest.Alice}))
	handlerstest.Must(t, db.InsertToken(t.Context(), handlerstest.AliceToken, handlerstest.Alice))
	handlerstest.Must(t, db.InsertToken(t.Context(), handlerstest.LostToken, "1"))
	handlerstest.Must(t, db.InsertToken(t.Context(), "", handlerstest.Alice))
	for name, authenticator := range map[string]*account.Authenticator{
		"remembering": account.NewAuthenticator(db, 2*time.Second, sessionRules, (&handlerstest.Clock{}).Now),
		"forgetful":   account.NewAuthenticator(db, 0, sessionRules, (&handlerstest.Clock{}).Now),
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				wantUser(t, authenticator, handlerstest.AliceToken, handlerstest.Alice, nil)
				wantUser(t, authenticator, handlerstest.LostToken, "", dispatch.ErrNoUser)
				wantUser(t, authenticator, handlerstest.BobToken, "", dispatch.ErrUnknownToken)
				wantUser(t, authenticator, "null", "", dispatch.ErrUnknownToken)
				wantUser(t, authenticator, "", "", dispatch.ErrUnknownToken)
				wantUser(t, authenticator, "TOKEN-OF-ALICE", "", dispatch.ErrUnknownToken)
				wantUser(t, authenticator, handlerstest.AliceToken+" ", "", dispatch.ErrUnknownToken)
			}
		})
	}
}

// A closed database shows what is remembered.
func TestAuthenticatorRemembers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		ttl  time.Duration
		age  time.Duration
		want bool
	}{
		{"within the time", 2 * time.Second, 2*time.Second - 1, true},
		{"no longer", 2 * time.Second, 2 * time.Second, false},
		{"0 remembers nothing", 0, 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			db, now := handlerstest.OpenDatabase(t), &handlerstest.Clock{}
			handlerstest.Must(t, db.InsertUser(t.Context(), storage.User{ID: handlerstest.Alice}))
			handlerstest.Must(t, db.InsertToken(t.Context(), handlerstest.AliceToken, handlerstest.Alice))
			authenticator := account.NewAuthenticator(db, test.ttl, sessionRules, now.Now)
			wantUser(t, authenticator, handlerstest.AliceToken, handlerstest.Alice, nil)
			handlerstest.Must(t, db.Close())
			now.Advance(test.age)
			found, err := authenticator.Account(t.Context(), handlerstest.AliceToken)
			switch {
			case test.want && (found.User != handlerstest.Alice || err != nil):
				t.Errorf("found %q, %v; want %s", found.User, err, handlerstest.Alice)
			case !test.want && (err == nil || errors.Is(err, dispatch.ErrUnknownToken) || errors.Is(err, dispatch.ErrNoUser)):
				t.Errorf("found %q, %v; want the failure of the database", found.User, err)
			}
		})
	}
}

// A login works at once, also where the token was tried before.
func TestAuthenticatorDoesNotRememberFailures(t *testing.T) {
	t.Parallel()
	db := handlerstest.OpenDatabase(t)
	authenticator := account.NewAuthenticator(db, time.Hour, sessionRules, (&handlerstest.Clock{}).Now)
	wantUser(t, authenticator, handlerstest.AliceToken, "", dispatch.ErrUnknownToken)
	handlerstest.Must(t, db.InsertToken(t.Context(), handlerstest.AliceToken, handlerstest.Alice))
	wantUser(t, authenticator, handlerstest.AliceToken, "", dispatch.ErrNoUser)
	handlerstest.Must(t, db.InsertUser(t.Context(), storage.User{ID: handlerstest.Alice}))
	wantUser(t, authenticator, handlerstest.AliceToken, handlerstest.Alice, nil)

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := authenticator.Account(ended, handlerstest.BobToken); !errors.Is(err, context.Canceled) {
		t.Errorf("a call that ended: %v", err)
	}
}

func wantUser(t *testing.T, authenticator *account.Authenticator, token, want string, failure error) {
	t.Helper()
	found, err := authenticator.Account(t.Context(), token)
	if found.User != want || !errors.Is(err, failure) {
		t.Errorf("the user of %q is %q, %v; want %q, %v", token, found.User, err, want, failure)
	}
}
