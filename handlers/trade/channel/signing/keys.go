package signing

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// minBits is how long a key has to be: shorter ones are not accepted by the channels.
const minBits = 2048

// Failures of a key. None has any of its text.
var (
	ErrNoKey    = errors.New("is no RSA key, in PEM or as bare base64 of PKCS #8, PKCS #1 or PKIX, nor a certificate")
	ErrIsPublic = errors.New("is a public key: the private one is needed, which this gateway signs with")
	ErrSecret   = errors.New("is a private key: the public one is needed, which the channel shows")
	ErrShort    = errors.New("is too short: an RSA key of at least 2048 bits is needed")
	ErrTestKey  = errors.New("is a key of the tests, which everybody has")
	ErrOwnKey   = errors.New("is the public half of this gateway's own key: the channel's public key is needed, which the channel shows where the own one is uploaded")
)

// PrivateKey reads a private key in PEM or as bare base64, with or without line breaks, of
// PKCS #8 or PKCS #1. A public key is named as that mistake.
func PrivateKey(text string) (*rsa.PrivateKey, error) {
	der, err := decode(text)
	if err != nil {
		return nil, err
	}
	key := privateKey(der)
	switch {
	case key == nil && publicKey(der) != nil:
		return nil, ErrIsPublic
	case key == nil:
		return nil, ErrNoKey
	}
	return key, checkPublic(&key.PublicKey)
}

// PublicKey reads a public key in PEM or as bare base64, with or without line breaks: PKIX,
// PKCS #1, or a certificate's. A private key is named as that mistake.
func PublicKey(text string) (*rsa.PublicKey, error) {
	der, err := decode(text)
	if err != nil {
		return nil, err
	}
	key := publicKey(der)
	switch {
	case key == nil && privateKey(der) != nil:
		return nil, ErrSecret
	case key == nil:
		return nil, ErrNoKey
	}
	return key, checkPublic(key)
}

// Fingerprint is the SHA-256 of a public key as PKIX, in hexadecimal digits: that of
// openssl pkey -pubin -outform DER | sha256sum.
func Fingerprint(key *rsa.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil { // of no RSA key
		return ""
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// CheckChannel fails with [ErrOwnKey] where the key that should be a channel's is the
// gateway's own: then no notification would ever fit.
func CheckChannel(channel *rsa.PublicKey, own *rsa.PrivateKey) error {
	if channel.Equal(&own.PublicKey) {
		return ErrOwnKey
	}
	return nil
}

// CheckReal fails with [ErrTestKey] for the keys of the tests: who has them, as everybody
// does, could sign what is paid.
func CheckReal(key *rsa.PublicKey) error {
	if _, ok := testKeys[Fingerprint(key)]; ok {
		return ErrTestKey
	}
	return nil
}

// testKeys are the fingerprints of the keys of package signingtest.
var testKeys = map[string]struct{}{
	"92d0532881c6f67237ff9ffb133b28e4dfb8bc6fcf2da88cbc9d96164d9a2eb8": {}, // merchant
	"5ec5bb4caa64949ae1fbaefeda58576cd640e730f6cbe3ec9c8f07c59b6397f2": {}, // channel_alipay
	"f0c31c9d319ef1d9bdf8d934114abc3bc446e431fb018cd07fb25f7e704436d5": {}, // channel_wechat
	"7aa52ae7e2fd256e088613f72d7b6650e6dc3c810cd2fcdfd2f7ed96fa954b6a": {}, // channel_wechat_platform
	"49e6f858abe66401e973a86281d427c4b9536bb05040fd4a5dde49d0bf5ed426": {}, // channel_pingpp
	"ae8db6ae489c7c5bcc92a7038967f4831dac3f612f6e9bd60531c63a7d99c32e": {}, // stranger
}

// armour is what PEM has around its base64, also where its line breaks were lost.
var armour = regexp.MustCompile(`-----(BEGIN|END) [A-Z0-9 ]+-----`)

// decode returns the bytes of a key that is in PEM or bare base64.
func decode(text string) ([]byte, error) {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block.Bytes, nil
	}
	bare := strings.Join(strings.Fields(armour.ReplaceAllString(text, "")), "")
	der, err := base64.StdEncoding.DecodeString(bare)
	if err != nil || bare == "" {
		return nil, ErrNoKey
	}
	return der, nil
}

func privateKey(der []byte) *rsa.PrivateKey {
	if parsed, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		key, _ := parsed.(*rsa.PrivateKey)
		return key
	}
	key, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		return nil
	}
	return key
}

func publicKey(der []byte) *rsa.PublicKey {
	if parsed, err := x509.ParsePKIXPublicKey(der); err == nil {
		key, _ := parsed.(*rsa.PublicKey)
		return key
	}
	if certificate, err := x509.ParseCertificate(der); err == nil {
		key, _ := certificate.PublicKey.(*rsa.PublicKey)
		return key
	}
	key, err := x509.ParsePKCS1PublicKey(der)
	if err != nil {
		return nil
	}
	return key
}

func checkPublic(key *rsa.PublicKey) error {
	if key.N.BitLen() < minBits {
		return fmt.Errorf("%w, not %d", ErrShort, key.N.BitLen())
	}
	return nil
}

// probe is what [CheckPair] signs.
var probe = bytes.Repeat([]byte("campusgate"), 2)

// CheckPair signs with a private key and verifies it, so that one that is damaged is found
// before a payment needs it.
func CheckPair(key *rsa.PrivateKey) error {
	signature, err := Sign(key, probe)
	if err != nil {
		return err
	}
	return Verify(&key.PublicKey, probe, signature)
}
