package keyring

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"campusgate/storage"
)

// SecretSize is the length of a secret, in bytes.
const SecretSize = 32

// Secrets are what an operator keeps: the secret, nil where there is none, and the one
// before it while it is being changed, else nil.
type Secrets struct{ Current, Old []byte }

// ID is the [Keyring.ID] of the current secret.
func (s Secrets) ID() (string, error) {
	key, err := newKey(s.Current)
	if err != nil {
		return "", err
	}
	return key.name(), nil
}

var (
	// ErrSecret says that a secret does not open what is stored.
	ErrSecret = errors.New("it does not open what is stored, which another secret has sealed")
	// ErrNoSecret says that there is no secret, but something that one has sealed.
	ErrNoSecret = errors.New("it is absent, and the database holds what it has sealed")
)

// A key is what a secret gives: AES-256-GCM, and a name for it that tells nothing of it.
type key struct {
	id   []byte
	aead cipher.AEAD
}

func newKey(secret []byte) (*key, error) {
	if len(secret) != SecretSize {
		return nil, fmt.Errorf("a secret has %d bytes, not %d", SecretSize, len(secret))
	}
	encryption, err := hkdf.Key(sha256.New, secret, nil, "campusgate accounts, AES-256-GCM", 32)
	if err != nil {
		return nil, err
	}
	id, err := hkdf.Key(sha256.New, secret, nil, "campusgate accounts, id of the key", storage.KeyIDSize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(encryption)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &key{id, aead}, err
}

func (k *key) name() string { return hex.EncodeToString(k.id) }

// keys are those of [Secrets]. The first seals; all of them open.
type keys []*key

func newKeys(secrets Secrets) (keys, error) {
	current, err := newKey(secrets.Current)
	if err != nil || secrets.Old == nil || bytes.Equal(secrets.Old, secrets.Current) {
		return keys{current}, err
	}
	old, err := newKey(secrets.Old)
	return keys{current, old}, err
}

// seal encrypts plain for a place: id of the key, nonce, ciphertext.
func (k keys) seal(place storage.SealedPlace, plain []byte) storage.Sealed {
	return k[0].aead.Seal(bytes.Clone(k[0].id), nil, plain, additional(place))
}

// open decrypts what was sealed for a place, or fails with ErrSecret.
func (k keys) open(place storage.SealedPlace, sealed storage.Sealed) ([]byte, error) {
	for _, key := range k {
		if ciphertext, ours := bytes.CutPrefix(sealed, key.id); ours {
			plain, err := key.aead.Open(nil, nil, ciphertext, additional(place))
			if err != nil {
				return nil, fmt.Errorf("open %s of %s: it was changed, or belongs elsewhere: %w", place.Column, place.Row, err)
			}
			return plain, nil
		}
	}
	return nil, fmt.Errorf("open %s of %s: %w", place.Column, place.Row, ErrSecret)
}

// additional is the place as data that is authenticated with a value.
func additional(place storage.SealedPlace) []byte { return []byte(place.Column + "\x00" + place.Row) }
