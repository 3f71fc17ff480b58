package account

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"campusgate/dispatch"
	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// A token of our own is found by its form and its hash; what only looks like one is an
// account service's that nobody has.
func TestSessionToken(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		token := newSessionToken()
		if form := regexp.MustCompile(`^cg_[A-Za-z0-9_-]{43}$`); !form.MatchString(token) || token == newSessionToken() {
			t.Fatalf("the token is %q", token)
		}
		hash := tokenHash(token)
		if err := db.InTx(ctx, func(tx *storage.Tx) error {
			if _, err := tx.SetRole(ctx, "12", storage.RoleAdmin, 1); err != nil {
				return err
			}
			return tx.InsertSession(ctx, storage.Session{TokenHash: hash[:], UserID: "12"}, 10)
		}); err != nil {
			t.Fatal(err)
		}
		now := func() time.Time { return time.Unix(0, 0) }
		authenticator := NewAuthenticator(db, time.Hour, Sessions(time.Minute), now)
		if got, err := authenticator.Account(ctx, token); err != nil || got != (dispatch.Account{User: "12", Role: storage.RoleAdmin}) {
			t.Errorf("the token stands for %+v, %v", got, err)
		}
		for _, other := range []string{
			token[:len(token)-1], token + "A", strings.ToUpper(token), "CG_" + token[3:], token[3:], newSessionToken(), string(hash[:]),
		} {
			if got, err := authenticator.Account(ctx, other); !errors.Is(err, dispatch.ErrUnknownToken) {
				t.Errorf("%q stands for %+v, %v", other, got, err)
			}
		}
		if err := db.DeleteSession(ctx, hash[:]); err != nil {
			t.Fatal(err)
		}
		if _, err := authenticator.Account(ctx, token); !errors.Is(err, dispatch.ErrUnknownToken) {
			t.Errorf("a token that has ended: %v", err)
		}
	})
}
