package keyring

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"campusgate/storage"
)

var secretA, secretB = bytes.Repeat([]byte{0xa}, SecretSize), bytes.Repeat([]byte{0xb}, SecretSize)

func mustKeys(t testing.TB, secrets Secrets) keys {
	t.Helper()
	k, err := newKeys(secrets)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// A value opens in its place alone, and by no other secret.
func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	a, b := mustKeys(t, Secrets{Current: secretA}), mustKeys(t, Secrets{Current: secretB})
	changing := mustKeys(t, Secrets{Current: secretB, Old: secretA})
	place := storage.IdentityPlace("12")
	for _, plain := range [][]byte{nil, []byte("330102199001011234"), bytes.Repeat([]byte("长"), 1<<18)} {
		sealed, again := a.seal(place, plain), a.seal(place, plain)
		if bytes.Equal(sealed, again) || len(sealed) != len(plain)+storage.KeyIDSize+12+16 {
			t.Errorf("%d bytes are sealed as %d and %d, equal %t", len(plain), len(sealed), len(again), bytes.Equal(sealed, again))
		}
		for name, by := range map[string]keys{"its own": a, "those of a change": changing} {
			if got, err := by.open(place, sealed); err != nil || !bytes.Equal(got, plain) {
				t.Errorf("keys %s: %q, %v, want %q", name, got, err, plain)
			}
		}
		if got, err := b.open(place, sealed); !errors.Is(err, ErrSecret) || got != nil {
			t.Errorf("another's keys open %q, %v", got, err)
		}
		if sealed.KeyID() == b.seal(place, plain).KeyID() || sealed.KeyID() != again.KeyID() {
			t.Error("the id of the key is not the secret's")
		}
		for _, other := range []storage.SealedPlace{
			storage.IdentityPlace("1"),
			storage.IdentityPlace("123"),
			storage.IdentityPicturePlace("12", storage.SideUp),
			storage.IdentityPicturePlace("12", storage.SideDown),
			storage.SecretPlace("12"),
			{Column: place.Column + "\x00", Row: "12"},
			{},
		} {
			if got, err := a.open(other, sealed); err == nil || errors.Is(err, ErrSecret) {
				t.Errorf("in %+v it is %q, %v", other, got, err)
			}
		}
	}
	if got := changing.seal(place, nil).KeyID(); got != b.seal(place, nil).KeyID() {
		t.Error("what is sealed during a change is not sealed by the new secret")
	}
}

func TestChangedValuesDoNotOpen(t *testing.T) {
	t.Parallel()
	keys, place := mustKeys(t, Secrets{Current: secretA, Old: secretB}), storage.IdentityPlace("12")
	sealed := keys.seal(place, []byte("a plain text"))
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if got, err := keys.open(place, changed); err == nil {
			t.Errorf("with byte %d changed it is %q", i, got)
		}
		if got, err := keys.open(place, sealed[:i]); err == nil {
			t.Errorf("its first %d bytes are %q", i, got)
		}
	}
	if got, err := keys.open(place, append(sealed, 0)); err == nil {
		t.Errorf("with a byte more it is %q", got)
	}
}

// What was sealed by an earlier version opens for ever.
func TestOlderValuesOpen(t *testing.T) {
	t.Parallel()
	sealed, err := hex.DecodeString(sealedBefore)
	if err != nil {
		t.Fatal(err)
	}
	got, err := mustKeys(t, Secrets{Current: secretA}).open(storage.IdentityPlace("12"), sealed)
	if err != nil || string(got) != "330102199001011234" {
		t.Errorf("it is %q, %v", got, err)
	}
}

// sealedBefore is 330102199001011234 for the identity of user 12, by secretA.
const sealedBefore = "7918133e748736118d8bdc3220a58eb8ed82811990b4737f12577e66" +
	"68650b3786c0c7fba8ec08e594b58f7e3f7453281e722181ceab"

// Whatever the database holds is an error, or what was sealed.
func FuzzOpen(f *testing.F) {
	keys, place := mustKeys(f, Secrets{Current: secretA, Old: secretB}), storage.IdentityPlace("12")
	sealed := keys.seal(place, []byte("a plain text"))
	f.Add([]byte(sealed))
	f.Add([]byte(sealed[:storage.KeyIDSize]))
	f.Add([]byte(sealed[:storage.KeyIDSize+12]))
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, value []byte) {
		if got, err := keys.open(place, value); err == nil && string(got) != "a plain text" {
			t.Errorf("%x opens as %q", value, got)
		}
	})
}

func TestSecretsHave32Bytes(t *testing.T) {
	t.Parallel()
	for _, secrets := range []Secrets{{}, {Current: secretA[1:]}, {Current: append(secretA, 0)}, {Current: secretA, Old: []byte{}}} {
		if _, err := newKeys(secrets); err == nil {
			t.Errorf("%v are taken", secrets)
		}
	}
}
