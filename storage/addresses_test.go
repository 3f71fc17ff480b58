package storage_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// tester is a test, or one that a model runs.
type tester interface {
	rapid.TB
	Context() context.Context
}

// changeAddresses runs change in a transaction in which nobody else changes the user's
// addresses, as the calls do.
func changeAddresses(t tester, db *storage.DB, user string, change func(*storage.Tx) error) error {
	t.Helper()
	return db.InTx(t.Context(), func(tx *storage.Tx) error {
		if err := tx.LockUser(t.Context(), user); err != nil {
			return err
		}
		return change(tx)
	})
}

// addAddress adds an address, as the default where it is the first or is to be it.
func addAddress(t tester, db *storage.DB, a storage.Address) (id int64) {
	t.Helper()
	ctx := t.Context()
	err := changeAddresses(t, db, a.UserID, func(tx *storage.Tx) error {
		count, err := tx.AddressCount(ctx, a.UserID)
		if err != nil {
			return err
		}
		id, err = tx.InsertAddress(ctx, a)
		if err != nil || count > 0 && !a.IsDefault {
			return err
		}
		return tx.SetDefaultAddress(ctx, id, a.UserID)
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// wantAddresses compares a user's addresses, newest first, with what they should be.
func wantAddresses(t tester, db *storage.DB, user string, want []storage.Address) {
	t.Helper()
	got, total, err := db.Addresses(t.Context(), user, storage.Page{})
	if err != nil {
		t.Fatal(err)
	}
	newestFirst := append([]storage.Address{}, want...)
	slices.Reverse(newestFirst)
	if diff := cmp.Diff(newestFirst, got); diff != "" || total != int64(len(want)) {
		t.Fatalf("%d addresses of %s (-want +got):\n%s", total, user, diff)
	}
}

// addressModel is what two users have, in memory and stored.
type addressModel struct {
	db    *storage.DB
	users [2]string
	all   map[string][]storage.Address // by user, the oldest first
}

// step draws a user, and an address: one of the user's, mostly; the other's or nobody's.
func (m *addressModel) step(r *rapid.T) (user string, id int64) {
	user = rapid.SampledFrom(m.users[:]).Draw(r, "user")
	ids := []int64{0, 1 << 60}
	for _, owner := range []string{m.users[0], m.users[1], user, user, user} {
		for _, a := range m.all[owner] {
			ids = append(ids, a.AddressID)
		}
	}
	return user, rapid.SampledFrom(ids).Draw(r, "id")
}

func (m *addressModel) at(user string, id int64) int {
	return slices.IndexFunc(m.all[user], func(a storage.Address) bool { return a.AddressID == id })
}

func (m *addressModel) makeDefault(user string, id int64) {
	for i := range m.all[user] {
		m.all[user][i].IsDefault = m.all[user][i].AddressID == id
	}
}

// done reports whether a change was made, which is so where the user has the address.
func (m *addressModel) done(r *rapid.T, user string, id int64, err error) bool {
	if has := m.at(user, id) >= 0; has != (err == nil) || err != nil && !errors.Is(err, storage.ErrNotFound) {
		r.Fatalf("%s has %d: %t; %v", user, id, has, err)
	}
	return err == nil
}

func (m *addressModel) add(r *rapid.T) {
	user, _ := m.step(r)
	text := rapid.StringN(0, 3, 12)
	a := storage.Address{
		UserID: user, Name: text.Draw(r, "name"), Phone: "1", Address: text.Draw(r, "address"), IsDefault: rapid.Bool().Draw(r, "default"),
	}
	a.AddressID = addAddress(r, m.db, a)
	m.all[user] = append(m.all[user], a)
	if a.IsDefault || len(m.all[user]) == 1 {
		m.makeDefault(user, a.AddressID)
	}
}

func (m *addressModel) update(r *rapid.T) {
	user, id := m.step(r)
	name := rapid.Ptr(rapid.StringN(0, 3, 12), true).Draw(r, "name")
	err := m.db.UpdateAddress(r.Context(), id, user, storage.AddressChange{Name: name})
	if m.done(r, user, id, err) && name != nil {
		m.all[user][m.at(user, id)].Name = *name
	}
}

func (m *addressModel) setDefault(r *rapid.T) {
	user, id := m.step(r)
	err := changeAddresses(r, m.db, user, func(tx *storage.Tx) error { return tx.SetDefaultAddress(r.Context(), id, user) })
	if m.done(r, user, id, err) {
		m.makeDefault(user, id)
	}
}

func (m *addressModel) delete(r *rapid.T) {
	user, id := m.step(r)
	err := changeAddresses(r, m.db, user, func(tx *storage.Tx) error { return tx.DeleteAddress(r.Context(), id, user) })
	if !m.done(r, user, id, err) {
		return
	}
	at := m.at(user, id)
	wasDefault := m.all[user][at].IsDefault
	m.all[user] = slices.Delete(m.all[user], at, at+1)
	if left := len(m.all[user]); wasDefault && left > 0 {
		m.makeDefault(user, m.all[user][left-1].AddressID)
	}
}

// Whatever two users do with their addresses, each has exactly one default while there is
// an address, and nobody changes another's.
func TestAddressesAreAModel(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		checks := 0
		rapid.Check(t, func(r *rapid.T) {
			checks++
			m := &addressModel{db: db, users: [2]string{strconv.Itoa(2 * checks), strconv.Itoa(2*checks + 1)}, all: map[string][]storage.Address{}}
			for _, user := range m.users {
				insertUser(t, db, storage.User{ID: user})
			}
			r.Repeat(map[string]func(*rapid.T){
				"": func(r *rapid.T) {
					for _, user := range m.users {
						wantAddresses(r, db, user, m.all[user])
					}
				},
				"add": m.add, "update": m.update, "default": m.setDefault, "delete": m.delete,
			})
		})
	})
}

// Of many that change a user's addresses at once, each leaves one default.
func TestAddressesTogether(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		const user = "12"
		insertUser(t, db, storage.User{ID: user})
		var ids []int64
		for range 4 {
			ids = append(ids, addAddress(t, db, storage.Address{UserID: user}))
		}
		var group sync.WaitGroup
		for writer := range 8 {
			group.Go(func() {
				for i := range 5 {
					id := ids[(writer+i)%len(ids)]
					err := changeAddresses(t, db, user, func(tx *storage.Tx) error {
						if writer%2 == 0 {
							return tx.SetDefaultAddress(t.Context(), id, user)
						}
						if err := tx.DeleteAddress(t.Context(), id, user); err != nil {
							return err
						}
						_, err := tx.InsertAddress(t.Context(), storage.Address{UserID: user})
						return err
					})
					if err != nil && !errors.Is(err, storage.ErrNotFound) {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		left, total, err := db.Addresses(t.Context(), user, storage.Page{})
		if err != nil {
			t.Fatal(err)
		}
		defaults := 0
		for _, a := range left {
			if a.IsDefault {
				defaults++
			}
		}
		if defaults != 1 || total != 4 {
			t.Errorf("%d addresses, %d of them the default", total, defaults)
		}
	})
}

// A page shows its rows and counts all of them, also past the end.
func TestAddressPages(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		const user = "12"
		insertUser(t, db, storage.User{ID: user})
		for _, page := range []storage.Page{{}, {Limit: 2}} {
			if list, total, err := db.Addresses(t.Context(), user, page); err != nil || total != 0 || list == nil || len(list) != 0 {
				t.Errorf("%+v of none: %v, %d, %v", page, list, total, err)
			}
		}
		var ids []int64
		for range 5 {
			ids = append([]int64{addAddress(t, db, storage.Address{UserID: user})}, ids...)
		}
		for _, page := range []storage.Page{{}, {Limit: 2}, {Limit: 2, Offset: 4}, {Limit: 2, Offset: 5}, {Limit: 9}} {
			list, total, err := db.Addresses(t.Context(), user, page)
			if err != nil {
				t.Fatal(err)
			}
			var got []int64
			for _, a := range list {
				got = append(got, a.AddressID)
			}
			if want := pageOf(ids, page); total != 5 || !slices.Equal(got, want) {
				t.Errorf("%+v: got %v of %d, want %v", page, got, total, want)
			}
		}
	})
}
