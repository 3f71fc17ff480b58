package storage_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// sealedBy is a value that a key of this id has sealed.
func sealedBy(id byte, text string) storage.Sealed {
	return storage.Sealed(strings.Repeat(string(rune(id)), storage.KeyIDSize) + text)
}

var bothSides = [2]storage.Sealed{sealedBy(1, "up"), sealedBy(1, "down")}

func TestKeyID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"": 0, "\x01\x01\x01\x01\x01\x01\x01": 0, "\x00\x00\x00\x00\x00\x00\x00\x01": 1, "\x00\x00\x00\x00\x00\x00\x01\x00text": 256,
		"\xff\xff\xff\xff\xff\xff\xff\xff": -1, "\x80\x00\x00\x00\x00\x00\x00\x00": -1 << 63,
	} {
		if got := storage.Sealed(text).KeyID(); got != want {
			t.Errorf("%x: %d, want %d", text, got, want)
		}
	}
}

// An identity waits, is decided once, and only a refused one is replaced.
func TestIdentities(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		same := func(want storage.Identity, pictures ...storage.Sealed) {
			t.Helper()
			got, err := db.Identity(ctx, "12")
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
				t.Errorf("%v, (-want +got):\n%s", err, diff)
			}
			for side, want := range pictures {
				if got, err := db.IdentityPicture(ctx, "12", side); err != nil || string(got) != string(want) {
					t.Errorf("side %d: %q, %v, want %q", side, got, err, want)
				}
			}
		}
		fails := func(err, want error) {
			t.Helper()
			if !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		}
		_, err := db.Identity(ctx, "12")
		fails(err, storage.ErrNotFound)
		fails(db.DecideIdentity(ctx, "12", storage.IdentityPassed, "", 1), storage.ErrNotFound)

		want := storage.Identity{UserID: "12", State: storage.IdentityWaiting, Sealed: sealedBy(1, "a"), IDHash: []byte("hash\x00\xff"), CreatTime: 100}
		fails(db.SaveIdentity(ctx, want, bothSides), nil)
		same(want, bothSides[:]...)
		fails(db.SaveIdentity(ctx, want, bothSides), storage.ErrConflict)

		fails(db.DecideIdentity(ctx, "12", storage.IdentityRefused, "模糊", 200), nil)
		fails(db.DecideIdentity(ctx, "12", storage.IdentityPassed, "", 300), storage.ErrNotFound)
		want.State, want.Note, want.DecidedTime = storage.IdentityRefused, "模糊", 200
		same(want, bothSides[:]...)
		fails(db.DeleteIdentityPictures(ctx, "12"), nil)
		fails(db.DeleteIdentityPictures(ctx, "12"), nil)
		same(want)
		_, err = db.IdentityPicture(ctx, "12", storage.SideDown)
		fails(err, storage.ErrNotFound)

		want = storage.Identity{UserID: "12", State: storage.IdentityWaiting, Sealed: sealedBy(2, "b"), IDHash: []byte("other"), CreatTime: 400}
		second := [2]storage.Sealed{sealedBy(2, "up"), sealedBy(2, "down")}
		fails(db.SaveIdentity(ctx, want, second), nil)
		same(want, second[:]...)
		fails(db.DecideIdentity(ctx, "12", storage.IdentityPassed, "", 500), nil)
		fails(db.SaveIdentity(ctx, want, bothSides), storage.ErrConflict)
		want.State, want.DecidedTime = storage.IdentityPassed, 500
		same(want, second[:]...)

		fails(db.EraseIdentity(ctx, "12"), nil)
		fails(db.EraseIdentity(ctx, "13"), nil)
		want.Sealed = storage.Sealed{}
		same(want)
		_, err = db.IdentityPicture(ctx, "12", storage.SideUp)
		fails(err, storage.ErrNotFound)
	})
}

// A picture of 1 MiB is kept as it is, whatever its bytes.
func TestIdentityPictureOfAnySize(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		var large storage.Sealed
		for i := range 1<<20 + 36 {
			large = append(large, byte(i*i>>3))
		}
		if err := db.SaveIdentity(t.Context(), storage.Identity{UserID: "12", Sealed: large[:100], IDHash: []byte("one")}, [2]storage.Sealed{large, large}); err != nil {
			t.Fatal(err)
		}
		if got, err := db.IdentityPicture(t.Context(), "12", storage.SideDown); err != nil || !slices.Equal(got, large) {
			t.Errorf("%d bytes, %v, want the same %d", len(got), err, len(large))
		}
	})
}

// A person is verified in one account, and in none other once that is deleted.
func TestPassedElsewhere(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		for _, user := range []string{"12", "13", "14"} {
			hash := []byte("one")
			if user == "14" {
				hash = []byte("other")
			}
			if err := db.SaveIdentity(ctx, storage.Identity{UserID: user, Sealed: sealedBy(1, user), IDHash: hash}, bothSides); err != nil {
				t.Fatal(err)
			}
		}
		want := func(user string, want bool) {
			t.Helper()
			err := db.InTx(ctx, func(tx *storage.Tx) error {
				got, err := tx.PassedElsewhere(ctx, []byte("one"), user)
				if got != want {
					t.Errorf("passed elsewhere than for %s: %t, want %t", user, got, want)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
		decide := func(user string, state int64) {
			t.Helper()
			if err := db.DecideIdentity(ctx, user, state, "", 1); err != nil {
				t.Error(err)
			}
		}
		want("12", false)
		decide("14", storage.IdentityPassed) // another person
		decide("13", storage.IdentityRefused)
		want("12", false)
		decide("12", storage.IdentityPassed)
		want("12", false)
		want("13", true)
		want("15", true)
		if err := db.EraseIdentity(ctx, "12"); err != nil {
			t.Error(err)
		}
		want("13", true)
	})
}

// Of a person's two accounts that are decided at the same time one passes. Of many
// persons, because not every two decisions meet.
func TestTwoDecisionsOfOnePerson(t *testing.T) {
	t.Parallel()
	const persons = 50
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		for person := range persons {
			hash := fmt.Appendf(nil, "person %d", person)
			for _, account := range []string{"a", "b"} {
				i := storage.Identity{UserID: fmt.Sprint(account, person), Sealed: sealedBy(1, account), IDHash: hash}
				if err := db.SaveIdentity(ctx, i, bothSides); err != nil {
					t.Fatal(err)
				}
			}
		}
		pass := func(user string, hash []byte) error {
			return db.InTx(ctx, func(tx *storage.Tx) error {
				elsewhere, err := tx.PassedElsewhere(ctx, hash, user)
				if err != nil || elsewhere {
					return err
				}
				return tx.DecideIdentity(ctx, user, storage.IdentityPassed, "", 1)
			})
		}
		for person := range persons {
			hash := fmt.Appendf(nil, "person %d", person)
			start := make(chan struct{})
			var group sync.WaitGroup
			for _, account := range []string{"a", "b"} {
				group.Go(func() {
					<-start
					if err := pass(fmt.Sprint(account, person), hash); err != nil {
						t.Error(err)
					}
				})
			}
			close(start)
			group.Wait()
			first, err := db.Identity(ctx, fmt.Sprint("a", person))
			second, err2 := db.Identity(ctx, fmt.Sprint("b", person))
			if err = errors.Join(err, err2); err != nil || first.State+second.State != storage.IdentityWaiting+storage.IdentityPassed {
				t.Errorf("person %d: the accounts' states are %d and %d, %v", person, first.State, second.State, err)
			}
		}
	})
}

// What a rewrite leaves behind, as the columns tell it.
func TestReseal(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		if err := db.AddSecret(ctx, "a", sealedBy(1, "secret")); err != nil {
			t.Fatal(err)
		}
		if err := db.AddSecret(ctx, "a", sealedBy(2, "secret")); !errors.Is(err, storage.ErrConflict) {
			t.Errorf("a second secret of that name: %v", err)
		}
		for user, id := range map[string]byte{"12": 1, "13": 2} {
			err := db.SaveIdentity(ctx, storage.Identity{UserID: user, Sealed: sealedBy(id, user), IDHash: []byte("one")},
				[2]storage.Sealed{sealedBy(id, user+" up"), sealedBy(id, user+" down")})
			if err != nil {
				t.Fatal(err)
			}
		}
		samples := func(want ...storage.SealedValue) {
			t.Helper()
			got, err := db.SealedSamples(ctx)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("samples: %v, (-want +got):\n%s", err, diff)
			}
		}
		of := func(place storage.SealedPlace, id byte, text string) storage.SealedValue {
			return storage.SealedValue{Place: place, Sealed: sealedBy(id, text)}
		}
		samples(
			of(storage.SecretPlace("a"), 1, "secret"),
			of(storage.IdentityPlace("12"), 1, "12"), of(storage.IdentityPlace("13"), 2, "13"),
			of(storage.IdentityPicturePlace("12", storage.SideUp), 1, "12 up"), of(storage.IdentityPicturePlace("13", storage.SideUp), 2, "13 up"),
			of(storage.IdentityPicturePlace("12", storage.SideDown), 1, "12 down"), of(storage.IdentityPicturePlace("13", storage.SideDown), 2, "13 down"),
		)
		failure := errors.New("no such key")
		refusing := func(storage.SealedValue) (storage.Sealed, error) { return nil, failure }
		if rows, err := db.Reseal(ctx, sealedBy(1, "").KeyID(), refusing); rows != 0 || !errors.Is(err, failure) {
			t.Errorf("Reseal = %d, %v", rows, err)
		}
		moving := func(value storage.SealedValue) (storage.Sealed, error) {
			return sealedBy(2, string(value.Sealed[storage.KeyIDSize:])+" again"), nil
		}
		if rows, err := db.Reseal(ctx, sealedBy(1, "").KeyID(), moving); rows != 4 || err != nil {
			t.Errorf("Reseal = %d, %v, want 4", rows, err)
		}
		if secret, err := db.Secret(ctx, "a"); err != nil || string(secret) != string(sealedBy(2, "secret again")) {
			t.Errorf("the secret is %q, %v", secret, err)
		}
		samples(
			of(storage.SecretPlace("a"), 2, "secret again"), of(storage.IdentityPlace("12"), 2, "12 again"),
			of(storage.IdentityPicturePlace("12", storage.SideUp), 2, "12 up again"),
			of(storage.IdentityPicturePlace("12", storage.SideDown), 2, "12 down again"),
		)
	})
}
