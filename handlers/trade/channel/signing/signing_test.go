package signing_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"os"
	"strings"
	"testing"

	"campusgate/handlers/trade/channel/signing"
	"campusgate/handlers/trade/channel/signing/signingtest"
)

func must[T any](t *testing.T) func(value T, err error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// Keys of all forms are equal: merchants hold PKCS #1 and PKCS #8, PEM and what the
// channel's tool shows without its frame.
func TestForms(t *testing.T) {
	t.Parallel()
	key := signingtest.Key(t, signingtest.Merchant)
	for name, text := range signingtest.PrivateForms(t, key) {
		if got, err := signing.PrivateKey(text); err != nil || !got.Equal(key) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := signing.PublicKey(text); !errors.Is(err, signing.ErrSecret) {
			t.Errorf("%s as a public key: %v", name, err)
		}
	}
	for name, text := range signingtest.PublicForms(t, &key.PublicKey) {
		if got, err := signing.PublicKey(text); err != nil || !got.Equal(&key.PublicKey) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := signing.PrivateKey(text); !errors.Is(err, signing.ErrIsPublic) {
			t.Errorf("%s as a private key: %v", name, err)
		}
	}
}

// What openssl wrote is read, and has the fingerprint that openssl tells.
func TestFiles(t *testing.T) {
	t.Parallel()
	for file, fingerprint := range map[string]string{
		"merchant_TEST_ONLY_public.pem":                "92d0532881c6f67237ff9ffb133b28e4dfb8bc6fcf2da88cbc9d96164d9a2eb8",
		"merchant_TEST_ONLY_public_bare.txt":           "92d0532881c6f67237ff9ffb133b28e4dfb8bc6fcf2da88cbc9d96164d9a2eb8",
		"merchant_TEST_ONLY_cert.pem":                  "92d0532881c6f67237ff9ffb133b28e4dfb8bc6fcf2da88cbc9d96164d9a2eb8",
		"channel_alipay_TEST_ONLY_public.pem":          "5ec5bb4caa64949ae1fbaefeda58576cd640e730f6cbe3ec9c8f07c59b6397f2",
		"channel_alipay_TEST_ONLY_public_bare.txt":     "5ec5bb4caa64949ae1fbaefeda58576cd640e730f6cbe3ec9c8f07c59b6397f2",
		"channel_wechat_TEST_ONLY_public.pem":          "f0c31c9d319ef1d9bdf8d934114abc3bc446e431fb018cd07fb25f7e704436d5",
		"channel_wechat_platform_TEST_ONLY_public.pem": "7aa52ae7e2fd256e088613f72d7b6650e6dc3c810cd2fcdfd2f7ed96fa954b6a",
		"channel_wechat_platform_TEST_ONLY_cert.pem":   "7aa52ae7e2fd256e088613f72d7b6650e6dc3c810cd2fcdfd2f7ed96fa954b6a",
		"channel_pingpp_TEST_ONLY_public.pem":          "49e6f858abe66401e973a86281d427c4b9536bb05040fd4a5dde49d0bf5ed426",
		"stranger_TEST_ONLY_public.pem":                "ae8db6ae489c7c5bcc92a7038967f4831dac3f612f6e9bd60531c63a7d99c32e",
	} {
		text := must[[]byte](t)(os.ReadFile("signingtest/testdata/" + file))
		key, err := signing.PublicKey(string(text))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if got := signing.Fingerprint(key); got != fingerprint {
			t.Errorf("%s: %s", file, got)
		}
		if err := signing.CheckReal(key); !errors.Is(err, signing.ErrTestKey) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// An unreadable or missing key is an error, never one that verifies everything; and none of
// its text is in the message.
func TestNoKeys(t *testing.T) {
	t.Parallel()
	elliptical := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	short := must[*rsa.PrivateKey](t)(rsa.GenerateKey(rand.Reader, 1024))
	bare := base64.StdEncoding.EncodeToString
	whole := bare(x509.MarshalPKCS1PrivateKey(signingtest.Key(t, signingtest.Merchant)))
	for name, text := range map[string]string{
		"empty": "", "blank": " \n", "a word": "secret", "a frame": "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----",
		"cut": whole[:400], "doubled": whole + whole, "a path": "/run/secrets/key.pem",
		"elliptical":        bare(must[[]byte](t)(x509.MarshalPKCS8PrivateKey(elliptical))),
		"elliptical public": bare(must[[]byte](t)(x509.MarshalPKIXPublicKey(&elliptical.PublicKey))),
	} {
		if _, err := signing.PrivateKey(text); !errors.Is(err, signing.ErrNoKey) {
			t.Errorf("%s as a private key: %v", name, err)
		}
		_, err := signing.PublicKey(text)
		if !errors.Is(err, signing.ErrNoKey) {
			t.Errorf("%s as a public key: %v", name, err)
		} else if len(text) > 4 && strings.Contains(err.Error(), text) {
			t.Errorf("%s is in %q", name, err)
		}
	}
	if _, err := signing.PrivateKey(bare(x509.MarshalPKCS1PrivateKey(short))); !errors.Is(err, signing.ErrShort) {
		t.Errorf("1024 bits: %v", err)
	}
	if _, err := signing.PublicKey(bare(x509.MarshalPKCS1PublicKey(&short.PublicKey))); !errors.Is(err, signing.ErrShort) {
		t.Errorf("1024 bits: %v", err)
	}
}

// Only the signature of the text, by the key, fits.
func TestVerify(t *testing.T) {
	t.Parallel()
	key, stranger := signingtest.Key(t, signingtest.Merchant), signingtest.Key(t, signingtest.Stranger)
	text := []byte("a=1&b=茶")
	good := must[string](t)(signing.Sign(key, text))
	if err := signing.Verify(&key.PublicKey, text, good); err != nil || len(good) != 344 {
		t.Errorf("%v, %d characters", err, len(good))
	}
	for name, signature := range map[string]string{
		"none":            "",
		"no base64":       "???",
		"a stranger's":    must[string](t)(signing.Sign(stranger, text)),
		"of another text": must[string](t)(signing.Sign(key, []byte("a=1"))),
		"cut":             good[:340],
		"with blanks":     good[:100] + "\n" + good[100:] + " ",
		"of URLs":         strings.NewReplacer("+", "-", "/", "_").Replace(good),
		"doubled":         good + good,
	} {
		if err := signing.Verify(&key.PublicKey, text, signature); !errors.Is(err, signing.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The public key that a merchant has uploaded is not the channel's.
func TestMistakes(t *testing.T) {
	t.Parallel()
	own, other := signingtest.Key(t, signingtest.Merchant), signingtest.Key(t, signingtest.Alipay)
	if err := signing.CheckChannel(&own.PublicKey, own); !errors.Is(err, signing.ErrOwnKey) {
		t.Errorf("the own key: %v", err)
	}
	if err := signing.CheckChannel(&other.PublicKey, own); err != nil {
		t.Errorf("another's: %v", err)
	}
	if err := signing.CheckPair(own); err != nil {
		t.Errorf("a whole key: %v", err)
	}
	fresh := must[*rsa.PrivateKey](t)(rsa.GenerateKey(rand.Reader, 2048))
	if err := signing.CheckReal(&fresh.PublicKey); err != nil {
		t.Errorf("nobody else's key: %v", err)
	}
}

func FuzzKeys(f *testing.F) {
	f.Add("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----")
	f.Add("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA")
	f.Fuzz(func(t *testing.T, text string) {
		if key, err := signing.PublicKey(text); err == nil && (key == nil || key.N.BitLen() < 2048) {
			t.Errorf("%q is a key", text)
		}
		if key, err := signing.PrivateKey(text); err == nil && (key == nil || key.N.BitLen() < 2048) {
			t.Errorf("%q is a key", text)
		}
	})
}
