package storage_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

func TestLiveTickets(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		ticket := storage.LiveTicket{Hash: []byte("0123456789abcdef0123456789abcdef"), UserID: "12", Token: "token", ExpireTime: 40}
		other := storage.LiveTicket{Hash: []byte("0123456789abcdef0123456789abcdeF"), UserID: "13", Token: "another", ExpireTime: 50}
		must(t, db.InsertLiveTicket(ctx, ticket, 10))
		must(t, db.InsertLiveTicket(ctx, other, 20))
		var taken atomic.Int64
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				got, err := db.TakeLiveTicket(ctx, ticket.Hash, 39)
				if err == nil {
					taken.Add(1)
					if diff := cmp.Diff(ticket, got); diff != "" {
						t.Error(diff)
					}
				} else if !errors.Is(err, storage.ErrNotFound) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if taken.Load() != 1 {
			t.Errorf("it was taken %d times", taken.Load())
		}
		if _, err := db.TakeLiveTicket(ctx, other.Hash, 50); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("it has expired: %v", err)
		}
		must(t, db.InsertLiveTicket(ctx, ticket, 50)) // and removes the other
		if _, err := db.TakeLiveTicket(ctx, other.Hash, 20); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("it was removed: %v", err)
		}
	})
}

func TestLivingTokens(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		for token, user := range map[string]string{"a": "12", "b": "13", "c": "14"} {
			must(t, db.InsertToken(ctx, token, user))
		}
		hash := func(first byte) []byte { return append([]byte{first}, make([]byte, 31)...) }
		must(t, db.InTx(ctx, func(tx *storage.Tx) error {
			for _, user := range []string{"13", "14", "15"} {
				must(t, tx.InsertProfile(ctx, storage.Profile{UserID: user, Name: user, NameKey: user, CreatTime: 1}))
			}
			gone, err := tx.LockProfile(ctx, "14", 1)
			must(t, err)
			gone.State = storage.ProfileDeleted
			must(t, tx.UpdateProfile(ctx, gone))
			for i, used := range []int64{100, 10} {
				must(t, tx.InsertSession(ctx, storage.Session{TokenHash: hash(byte(i)), UserID: "15", CreatTime: 10, UsedTime: used}, 9))
			}
			return nil
		}))
		tokens, err := db.LivingTokens(ctx, []string{"a", "b", "c", "none", "A"})
		if diff := cmp.Diff(map[string]bool{"a": true, "b": true, "c": false}, tokens); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
		rules := storage.SessionRules{Idle: 60 * time.Second, Life: time.Hour}
		sessions, err := db.LivingSessions(ctx, [][]byte{hash(0), hash(1), hash(2)}, rules, 110)
		if diff := cmp.Diff(map[string]bool{string(hash(0)): true, string(hash(1)): false}, sessions); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
		for _, none := range []func() (map[string]bool, error){
			func() (map[string]bool, error) { return db.LivingTokens(ctx, nil) },
			func() (map[string]bool, error) { return db.LivingSessions(ctx, nil, rules, 1) },
		} {
			if living, err := none(); err != nil || len(living) > 0 {
				t.Errorf("of none: %v, %v", living, err)
			}
		}
	})
}
