// Package keyring encrypts what identifies users, and makes keyed hashes by which it is
// found again.
//
// Values are encrypted by a key that is derived from the operator's secret. A change of
// the secret rewrites them: see [Keyring.Rewrite]. Hashes cannot be rewritten, because
// what they were made from may be erased; so their key is random, made once, and kept in
// the database, encrypted like any other value.
package keyring

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"sync/atomic"

	"campusgate/storage"
)

// A Keyring encrypts and hashes. It is safe for concurrent use.
type Keyring struct {
	db     *storage.DB
	keys   atomic.Pointer[keys]
	lookUp []byte // the key of hashes
}

// lookUpName is the name of the key of hashes among the stored secrets.
const lookUpName = "look-up"

// Open makes the keyring of a database, and the key of hashes where it has none yet. It
// fails with [ErrSecret] where the secrets do not open that key.
func Open(ctx context.Context, db *storage.DB, secrets Secrets) (*Keyring, error) {
	keys, err := newKeys(secrets)
	if err != nil {
		return nil, err
	}
	k := &Keyring{db: db}
	k.keys.Store(&keys)
	k.lookUp, err = keys.openStored(ctx, db)
	if errors.Is(err, storage.ErrNotFound) {
		random := make([]byte, sha256.Size)
		_, _ = rand.Read(random) // never fails
		err = db.AddSecret(ctx, lookUpName, keys.seal(storage.SecretPlace(lookUpName), random))
		if err == nil || errors.Is(err, storage.ErrConflict) { // another replica may have been first
			k.lookUp, err = keys.openStored(ctx, db)
		}
	}
	return k, err
}

// openStored opens the key of hashes.
func (k keys) openStored(ctx context.Context, db *storage.DB) ([]byte, error) {
	sealed, err := db.Secret(ctx, lookUpName)
	if err != nil {
		return nil, err
	}
	return k.open(storage.SecretPlace(lookUpName), sealed)
}

// Seal encrypts a value for its place.
func (k *Keyring) Seal(place storage.SealedPlace, plain []byte) storage.Sealed {
	return k.keys.Load().seal(place, plain)
}

// Open decrypts a value that was sealed for the place. Its errors are for the log:
// [ErrSecret], or that the value was changed.
func (k *Keyring) Open(place storage.SealedPlace, sealed storage.Sealed) ([]byte, error) {
	return k.keys.Load().open(place, sealed)
}

// Hash is the keyed hash of a text, such as an identity's code: 32 bytes. Texts of
// different kinds have different hashes.
func (k *Keyring) Hash(kind, text string) []byte {
	mac := hmac.New(sha256.New, k.lookUp)
	_, _ = mac.Write([]byte(kind + "\x00" + text)) // never fails
	return mac.Sum(nil)
}

// ID names the secret that seals, and tells nothing of it.
func (k *Keyring) ID() string { return (*k.keys.Load())[0].name() }

// Use changes the secrets of a running process. It fails with [ErrSecret] where they do
// not open what is stored, and changes nothing then.
func (k *Keyring) Use(ctx context.Context, secrets Secrets) error {
	keys, err := newKeys(secrets)
	if err == nil {
		_, err = keys.openStored(ctx, k.db)
	}
	if err == nil {
		k.keys.Store(&keys)
	}
	return err
}

// Rewrite seals by the secret whatever the old one has sealed, in short transactions, and
// returns how many values there were. It may be begun again where it has failed.
func (k *Keyring) Rewrite(ctx context.Context) (values int, err error) {
	keys := *k.keys.Load()
	for _, old := range keys[1:] {
		values, err = k.db.Reseal(ctx, storage.Sealed(old.id).KeyID(), func(value storage.SealedValue) (storage.Sealed, error) {
			plain, err := keys.open(value.Place, value.Sealed)
			if err != nil {
				return nil, err
			}
			return keys.seal(value.Place, plain), nil
		})
	}
	return values, err
}

// Check opens one value of each column and key that a database holds. It fails with
// [ErrSecret] where the secrets do not open it, and with [ErrNoSecret].
func Check(ctx context.Context, db *storage.DB, secrets Secrets) error {
	samples, err := db.SealedSamples(ctx)
	switch {
	case err != nil || len(samples) == 0:
		return err
	case secrets.Current == nil:
		return ErrNoSecret
	}
	keys, err := newKeys(secrets)
	for _, sample := range samples {
		if err == nil {
			_, err = keys.open(sample.Place, sample.Sealed)
		}
	}
	return err
}
