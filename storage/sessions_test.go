package storage_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

var rules = storage.SessionRules{Idle: 7 * 24 * time.Hour, Life: 90 * 24 * time.Hour}

const day = 24 * 60 * 60

// beginSession begins a session of an account with a profile.
func beginSession(t *testing.T, db *storage.DB, s storage.Session) {
	t.Helper()
	ctx := t.Context()
	must(t, db.InTx(ctx, func(tx *storage.Tx) error {
		if _, err := tx.LockProfile(ctx, s.UserID, s.CreatTime); err != nil {
			return err
		}
		return tx.InsertSession(ctx, s, 10)
	}))
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		for name, test := range map[string]struct {
			used []int64 // days after the beginning
			want int64   // it lives for so many days, to the second
		}{
			"without use":         {nil, 7},
			"used once":           {[]int64{5}, 12},
			"used as long as may": {[]int64{6, 12, 18, 24, 30, 36, 42, 48, 54, 60, 66, 72, 78, 84, 89}, 90},
		} {
			t.Run(name, func(t *testing.T) {
				hash := []byte(name)
				beginSession(t, db, storage.Session{TokenHash: hash, UserID: "12", CreatTime: 1000, UsedTime: 1000})
				wantAt := func(at int64, known bool) {
					t.Helper()
					bearer, err := db.SessionUser(t.Context(), hash, rules, 1000+at)
					if known && (err != nil || bearer != (storage.Bearer{UserID: "12"})) || !known && !errors.Is(err, storage.ErrNotFound) {
						t.Errorf("after %d s: %+v, %v", at, bearer, err)
					}
				}
				for _, at := range test.used {
					wantAt(at*day, true)
				}
				wantAt(test.want*day, false)
				if len(test.used) == 0 { // which is no use
					wantAt(test.want*day-1, true)
				}
			})
		}
		if _, err := db.SessionUser(t.Context(), []byte("unknown"), rules, 1000); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("an unknown token: %v", err)
		}
	})
}

// Reading does not write each time: a use is noted when the last one is some minutes old.
func TestSessionUseIsNotedNowAndThen(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		beginSession(t, db, storage.Session{TokenHash: []byte("h"), UserID: "12", CreatTime: 1000, UsedTime: 1000})
		for _, step := range []struct{ at, want int64 }{{1600, 1000}, {1601, 1601}, {1700, 1601}, {1500, 1601}} {
			_, err := db.SessionUser(t.Context(), []byte("h"), rules, step.at)
			must(t, err)
			if s, err := db.Sessions(t.Context(), "12"); err != nil || len(s) != 1 || s[0].UsedTime != step.want {
				t.Errorf("at %d the last use is %+v, %v, want %d", step.at, s, err, step.want)
			}
		}
	})
}

func TestSessionsAreBounded(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		for i := range int64(12) {
			beginSession(t, db, storage.Session{TokenHash: fmt.Append(nil, i), UserID: "12", CreatTime: i, UsedTime: i})
		}
		beginSession(t, db, storage.Session{TokenHash: []byte("other"), UserID: "13", CreatTime: 1, UsedTime: 1})
		sessions, err := db.Sessions(ctx, "12")
		if err != nil || len(sessions) != 10 || sessions[0].CreatTime != 11 || sessions[9].CreatTime != 2 {
			t.Errorf("left are %+v, %v", sessions, err)
		}
		must(t, db.InTx(ctx, func(tx *storage.Tx) error { return tx.DeleteSessions(ctx, "12", fmt.Append(nil, 5)) }))
		if sessions, err := db.Sessions(ctx, "12"); err != nil || len(sessions) != 1 || sessions[0].CreatTime != 5 {
			t.Errorf("spared are %+v, %v", sessions, err)
		}
		must(t, db.InTx(ctx, func(tx *storage.Tx) error { return tx.DeleteSessions(ctx, "12", nil) }))
		if sessions, err := db.Sessions(ctx, "12"); err != nil || len(sessions) != 0 {
			t.Errorf("left are %+v, %v", sessions, err)
		}
		must(t, db.DeleteEndedSessions(ctx, rules, 7*day))
		if sessions, err := db.Sessions(ctx, "13"); err != nil || len(sessions) != 1 {
			t.Errorf("of another user: %+v, %v", sessions, err)
		}
		must(t, db.DeleteEndedSessions(ctx, rules, 7*day+1))
		if sessions, err := db.Sessions(ctx, "13"); err != nil || len(sessions) != 0 {
			t.Errorf("an ended session is kept: %+v, %v", sessions, err)
		}
	})
}

// Of sessions of one second too, and of a replica whose clock is behind, the one that
// begins lives.
func TestAFreshSessionLives(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		for i := range int64(30) {
			hash := fmt.Append(nil, 30-i)
			began := 1000 - i/15 // the later half by a clock that is behind
			beginSession(t, db, storage.Session{TokenHash: hash, UserID: "12", CreatTime: began, UsedTime: began})
			if _, err := db.SessionUser(t.Context(), hash, rules, 1000); err != nil {
				t.Errorf("session %d: %v", i, err)
			}
		}
	})
}

func TestSessionOfADeletedOrFrozenAccount(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		beginSession(t, db, storage.Session{TokenHash: []byte("h"), UserID: "12", CreatTime: 1, UsedTime: 1})
		must(t, changeProfile(ctx, db, "12", func(p *storage.Profile) { p.State, p.Role = storage.ProfileFrozen, storage.RoleAdmin }))
		if bearer, err := db.SessionUser(ctx, []byte("h"), rules, 1); err != nil || bearer != (storage.Bearer{UserID: "12", Role: storage.RoleAdmin, Frozen: true}) {
			t.Errorf("frozen: %+v, %v", bearer, err)
		}
		must(t, changeProfile(ctx, db, "12", func(p *storage.Profile) { p.State = storage.ProfileDeleted }))
		if _, err := db.SessionUser(ctx, []byte("h"), rules, 1); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("deleted: %v", err)
		}
	})
}
