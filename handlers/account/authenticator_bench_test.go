package account

import (
	"testing"
	"time"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// BenchmarkAuthenticator finds the user of a token of each kind, without remembering any.
func BenchmarkAuthenticator(b *testing.B) {
	for database, open := range map[string]func(testing.TB) *storage.DB{"sqlite": storagetest.Open, "mariadb": storagetest.OpenMariaDB} {
		db, ctx := open(b), b.Context()
		session, token := newSessionToken(), "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
		hash, now := tokenHash(session), time.Now()
		for _, err := range []error{
			db.InsertUser(ctx, storage.User{ID: "1180310086"}),
			db.InsertToken(ctx, token, "1180310086"),
			db.InTx(ctx, func(tx *storage.Tx) error {
				if _, err := tx.LockProfile(ctx, "1180310086", now.Unix()); err != nil {
					return err
				}
				return tx.InsertSession(ctx, storage.Session{
					TokenHash: hash[:], UserID: "1180310086", CreatTime: now.Unix(), UsedTime: now.Unix(),
				}, 10)
			}),
		} {
			if err != nil {
				b.Fatal(err)
			}
		}
		authenticator := NewAuthenticator(db, 0, Sessions(time.Hour), time.Now)
		for kind, tried := range map[string]string{"session": session, "account service's": token} {
			b.Run(database+"/"+kind, func(b *testing.B) {
				for b.Loop() {
					if _, err := authenticator.Account(ctx, tried); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
