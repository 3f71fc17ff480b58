// Package signing is what channels sign with: RSA with SHA-256 (PKCS #1 v1.5), keys in all
// the forms in which merchants hold them, and the mistakes that are made with them.
package signing

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
)

// Sign returns the signature of a text, in standard base64.
func Sign(key *rsa.PrivateKey, text []byte) (string, error) {
	sum := sha256.Sum256(text)
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(signature), nil
}

// ErrSignature says that a text is not signed by a key.
var ErrSignature = errors.New("the signature does not fit")

// Verify fails with [ErrSignature] unless the signature, in standard base64, is that of the
// text by the key. An empty one never is.
func Verify(key *rsa.PublicKey, text []byte, signature string) error {
	raw, err := base64.StdEncoding.Strict().DecodeString(signature)
	if err != nil || len(raw) != key.Size() {
		return ErrSignature
	}
	sum := sha256.Sum256(text)
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], raw) != nil {
		return ErrSignature
	}
	return nil
}
