package storage_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// changeProfile locks, changes and writes a profile in one transaction.
func changeProfile(ctx context.Context, db *storage.DB, user string, change func(*storage.Profile)) error {
	return db.InTx(ctx, func(tx *storage.Tx) error {
		p, err := tx.LockProfile(ctx, user, 100)
		if err != nil {
			return err
		}
		change(&p)
		return tx.UpdateProfile(ctx, p)
	})
}

func TestProfile(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		got, err := db.Profile(ctx, "12")
		if diff := cmp.Diff(storage.Profile{UserID: "12"}, got); diff != "" || err != nil {
			t.Errorf("of an account without one: %v %s", err, diff)
		}
		want := storage.Profile{
			Seq: 1, UserID: "12", Name: "Wang", NameKey: "wang", Phone: "13700000000", Email: "w@example.org", Sex: 2,
			Role: storage.RoleAdmin, State: storage.ProfileFrozen, Password: "hash", VerifyState: 3, VerifyNote: "blurred",
			PhoneHash: []byte{1, 2}, CreatTime: 100,
		}
		must(t, changeProfile(ctx, db, "12", func(p *storage.Profile) {
			seq, creatTime := p.Seq, p.CreatTime
			*p = want
			p.Seq, p.CreatTime = seq, creatTime
		}))
		for name, ask := range map[string]func() (storage.Profile, error){
			"by user":  func() (storage.Profile, error) { return db.Profile(ctx, "12") },
			"by name":  func() (storage.Profile, error) { return db.ProfileOfName(ctx, "wang") },
			"by phone": func() (storage.Profile, error) { return db.ProfileOfPhone(ctx, "13700000000") },
		} {
			if got, err := ask(); err != nil || cmp.Diff(want, got) != "" {
				t.Errorf("%s: %v %s", name, err, cmp.Diff(want, got))
			}
		}
		for name, change := range map[string]func(*storage.Profile){
			"name":  func(p *storage.Profile) { p.NameKey = "wang" },
			"phone": func(p *storage.Profile) { p.Phone = "13700000000" },
		} {
			if err := changeProfile(ctx, db, "13", change); !errors.Is(err, storage.ErrConflict) {
				t.Errorf("a %s that is another's: %v", name, err)
			}
		}
		for _, user := range []string{"13", "14"} { // neither has a name or a phone
			must(t, changeProfile(ctx, db, user, func(*storage.Profile) {}))
		}
	})
}

// Of accounts whose first use happens many times at once each has one profile.
func TestLockProfileTogether(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				for range 5 {
					if err := changeProfile(t.Context(), db, "12", func(p *storage.Profile) { p.Sex++ }); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		if p, err := db.Profile(t.Context(), "12"); err != nil || p.Sex != 40 {
			t.Errorf("%d of 40 changes are kept: %v", p.Sex, err)
		}
	})
}

func TestRoles(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		insertUser(t, db, storage.User{ID: "12"})
		must(t, db.InsertToken(ctx, "t", "12"))
		set := func(role, wantBefore string) {
			t.Helper()
			must(t, db.InTx(ctx, func(tx *storage.Tx) error {
				before, err := tx.SetRole(ctx, "12", role, 100)
				if before != wantBefore {
					t.Errorf("the role before is %q, want %q", before, wantBefore)
				}
				return err
			}))
			if got, err := db.TokenUser(ctx, "t"); err != nil || got != (storage.Bearer{UserID: "12", Role: role}) {
				t.Errorf("the token stands for %+v, %v", got, err)
			}
		}
		set(storage.RoleAdmin, "")
		grants, err := db.Grants(ctx)
		if diff := cmp.Diff([]storage.Grant{{UserID: "12", Role: storage.RoleAdmin}}, grants); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
		set("", storage.RoleAdmin)
		must(t, changeProfile(ctx, db, "12", func(p *storage.Profile) { p.State = storage.ProfileFrozen }))
		if got, err := db.TokenUser(ctx, "t"); err != nil || got != (storage.Bearer{UserID: "12", Frozen: true}) {
			t.Errorf("a frozen account's token stands for %+v, %v", got, err)
		}
	})
}

func TestAudit(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		rows := []storage.Audit{
			{Time: 5, UserID: "12", Call: "user/freeze", Target: "user 13", Before: "0", After: "1"},
			{Time: 4, Call: "role grant", Target: "user 12", After: "admin"},
		}
		for _, row := range rows {
			must(t, db.InTx(ctx, func(tx *storage.Tx) error { return tx.AddAudit(ctx, row) }))
		}
		got, err := db.Audits(ctx, storage.Page{})
		if diff := cmp.Diff(rows, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	})
}

// Many accounts of one name, which an account service may allow, get their profiles at
// once.
func TestLockProfilesOfOneName(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		var group sync.WaitGroup
		for i := range 16 {
			id := strconv.Itoa(100 + i)
			must(t, db.InsertUser(t.Context(), storage.User{ID: id, Name: "same"}))
			group.Go(func() {
				err := db.InTx(t.Context(), func(tx *storage.Tx) error {
					p, err := tx.LockProfile(t.Context(), id, 1)
					if err == nil && p.UserID != id {
						err = fmt.Errorf("the profile of %q", p.UserID)
					}
					return err
				})
				if err != nil {
					t.Errorf("account %s: %v", id, err)
				}
			})
		}
		group.Wait()
	})
}
