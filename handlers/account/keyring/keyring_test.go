package keyring

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strconv"
	"sync"
	"testing"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

func mustOpen(t *testing.T, db *storage.DB, secrets Secrets) *Keyring {
	t.Helper()
	k, err := Open(t.Context(), db, secrets)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// The hashes of a database are the same for ever, whichever replica makes them.
func TestHash(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		k := mustOpen(t, db, Secrets{Current: secretA})
		hash := k.Hash("phone", "13700000010")
		if len(hash) != 32 || bytes.Equal(hash, k.Hash("phone", "13700000011")) || bytes.Equal(hash, k.Hash("code", "13700000010")) ||
			!bytes.Equal(hash, k.Hash("phone", "13700000010")) {
			t.Errorf("hash %x is not the text's and its kind's own", hash)
		}
		if !bytes.Equal(hash, mustOpen(t, db, Secrets{Current: secretA}).Hash("phone", "13700000010")) {
			t.Error("another keyring of the database has other hashes")
		}
		if _, err := Open(t.Context(), db, Secrets{Current: secretB}); !errors.Is(err, ErrSecret) {
			t.Errorf("by another secret: %v", err)
		}
	})
	other := mustOpen(t, storagetest.Open(t), Secrets{Current: secretA}).Hash("phone", "13700000010")
	if bytes.Equal(other, mustOpen(t, storagetest.Open(t), Secrets{Current: secretA}).Hash("phone", "13700000010")) {
		t.Error("two databases have the same hashes")
	}
}

// Replicas that start together have one key of hashes.
func TestOneKeyOfHashes(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		const replicas = 8
		hashes := make([]string, replicas)
		start := make(chan struct{})
		var group sync.WaitGroup
		for i := range replicas {
			group.Go(func() {
				<-start
				k, err := Open(t.Context(), db, Secrets{Current: secretA})
				if err != nil {
					t.Error(err)
					return
				}
				hashes[i] = hex.EncodeToString(k.Hash("code", "330102199001011234"))
			})
		}
		close(start)
		group.Wait()
		for i, hash := range hashes {
			if hash != hashes[0] {
				t.Errorf("replica %d makes %s, the first %s", i, hash, hashes[0])
			}
		}
	})
}

// save stores a user's identity, sealed by k.
func save(t *testing.T, db *storage.DB, k *Keyring, user string) {
	t.Helper()
	err := db.SaveIdentity(t.Context(), storage.Identity{
		UserID: user, Sealed: k.Seal(storage.IdentityPlace(user), []byte("of "+user)), IDHash: k.Hash("code", user),
	}, [2]storage.Sealed{
		k.Seal(storage.IdentityPicturePlace(user, storage.SideUp), []byte("up of "+user)),
		k.Seal(storage.IdentityPicturePlace(user, storage.SideDown), []byte("down of "+user)),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wantOpen opens all that is stored of a user by k, sealed by its first key.
func wantOpen(t *testing.T, db *storage.DB, k *Keyring, user string) {
	t.Helper()
	identity, err := db.Identity(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(identity.IDHash, k.Hash("code", user)) {
		t.Errorf("user %s: the hash is not what it was", user)
	}
	stored := map[string]storage.SealedValue{"of " + user: {Place: storage.IdentityPlace(user), Sealed: identity.Sealed}}
	for side, name := range []string{"up of ", "down of "} {
		picture, err := db.IdentityPicture(t.Context(), user, side)
		if err != nil {
			t.Fatal(err)
		}
		stored[name+user] = storage.SealedValue{Place: storage.IdentityPicturePlace(user, side), Sealed: picture}
	}
	for want, value := range stored {
		if plain, err := k.Open(value.Place, value.Sealed); err != nil || string(plain) != want {
			t.Errorf("%+v opens as %q, %v, want %q", value.Place, plain, err, want)
		}
		if id := k.Seal(value.Place, nil).KeyID(); value.Sealed.KeyID() != id {
			t.Errorf("%+v is sealed by the key %x, want %x", value.Place, value.Sealed.KeyID(), id)
		}
	}
}

// A change of the secret: nothing is lost at any moment of it, and the old secret is of no
// use afterwards.
func TestRewrite(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		before := mustOpen(t, db, Secrets{Current: secretA})
		const users = 19 // more than two transactions
		for user := range users {
			save(t, db, before, strconv.Itoa(user))
		}
		save(t, db, before, "erased")
		if err := db.EraseIdentity(ctx, "erased"); err != nil {
			t.Fatal(err)
		}
		if values, err := before.Rewrite(ctx); values != 0 || err != nil {
			t.Errorf("without an old secret %d values are rewritten, %v", values, err)
		}

		if values, err := mustOpen(t, db, Secrets{Current: secretA, Old: secretA}).Rewrite(ctx); values != 0 || err != nil {
			t.Errorf("with the same secret as the old one %d values are rewritten, %v", values, err)
		}

		changing := mustOpen(t, db, Secrets{Current: secretB, Old: secretA})
		save(t, db, changing, "new")
		if err := Check(ctx, db, Secrets{Current: secretB, Old: secretA}); err != nil {
			t.Error(err)
		}
		for _, half := range []Secrets{{Current: secretA}, {Current: secretB}} {
			if err := Check(ctx, db, half); !errors.Is(err, ErrSecret) {
				t.Errorf("one of the secrets is enough: %v", err)
			}
		}
		if values, err := changing.Rewrite(ctx); values != 1+3*users || err != nil {
			t.Errorf("%d values are rewritten, %v, want %d", values, err, 1+3*users)
		}
		if values, err := changing.Rewrite(ctx); values != 0 || err != nil {
			t.Errorf("again %d values are rewritten, %v", values, err)
		}

		if err := Check(ctx, db, Secrets{Current: secretA}); !errors.Is(err, ErrSecret) {
			t.Errorf("the old secret is of use: %v", err)
		}
		if err := Check(ctx, db, Secrets{Current: secretB}); err != nil {
			t.Error(err)
		}
		after := mustOpen(t, db, Secrets{Current: secretB})
		for user := range users {
			wantOpen(t, db, after, strconv.Itoa(user))
		}
		wantOpen(t, db, after, "new")
		erased, err := db.Identity(ctx, "erased")
		if err != nil || len(erased.Sealed) > 0 || !bytes.Equal(erased.IDHash, after.Hash("code", "erased")) {
			t.Errorf("the erased identity is %+v, %v", erased, err)
		}
	})
}

// A value that does not open ends the change, and is told by its place; the rest is done
// once it is mended.
func TestRewriteTellsWhatDoesNotOpen(t *testing.T) {
	t.Parallel()
	db := storagetest.Open(t)
	ctx := t.Context()
	k := mustOpen(t, db, Secrets{Current: secretA})
	save(t, db, k, "12")
	moved, err := db.Identity(ctx, "12")
	if err != nil {
		t.Fatal(err)
	}
	moved.UserID = "13"
	if err := db.SaveIdentity(ctx, moved, [2]storage.Sealed{moved.Sealed, moved.Sealed}); err != nil {
		t.Fatal(err)
	}
	changing := mustOpen(t, db, Secrets{Current: secretB, Old: secretA})
	const want = "reseal identities.sealed of 13: open identities.sealed of 13: it was changed, or belongs elsewhere: "
	if _, err := changing.Rewrite(ctx); err == nil || !bytes.HasPrefix([]byte(err.Error()), []byte(want)) {
		t.Errorf("Rewrite: %v, want %s", err, want)
	}
	if err := db.EraseIdentity(ctx, "13"); err != nil {
		t.Fatal(err)
	}
	if values, err := changing.Rewrite(ctx); values != 3 || err != nil {
		t.Errorf("%d values, %v, want the identity and both pictures", values, err)
	}
}

// A running process takes other secrets, unless they do not fit.
func TestUse(t *testing.T) {
	t.Parallel()
	db := storagetest.Open(t)
	ctx := t.Context()
	k := mustOpen(t, db, Secrets{Current: secretA})
	save(t, db, k, "12")
	for _, bad := range []Secrets{{Current: secretB}, {}, {Current: secretB, Old: secretB[1:]}} {
		if err := k.Use(ctx, bad); err == nil {
			t.Errorf("%v are taken", bad)
		}
		wantOpen(t, db, k, "12")
	}
	if err := k.Use(ctx, Secrets{Current: secretB, Old: secretA}); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Rewrite(ctx); err != nil {
		t.Fatal(err)
	}
	wantOpen(t, db, k, "12")
}

// Without anything stored any secret will do, and none.
func TestCheckOfNothing(t *testing.T) {
	t.Parallel()
	db := storagetest.Open(t)
	for _, secrets := range []Secrets{{}, {Current: secretA}} {
		if err := Check(t.Context(), db, secrets); err != nil {
			t.Error(err)
		}
	}
	mustOpen(t, db, Secrets{Current: secretA})
	for _, c := range []struct {
		secrets Secrets
		want    error
	}{
		{Secrets{Current: secretA}, nil},
		{Secrets{Current: secretB, Old: secretA}, nil},
		{Secrets{Current: secretB}, ErrSecret},
		{Secrets{}, ErrNoSecret},
	} {
		if err := Check(t.Context(), db, c.secrets); !errors.Is(err, c.want) {
			t.Errorf("Check: %v, want %v", err, c.want)
		}
	}
}
