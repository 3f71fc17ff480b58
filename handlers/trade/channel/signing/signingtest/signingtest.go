// Package signingtest has keys for tests, which everybody has: the gateway refuses them
// ([signing.CheckReal]).
package signingtest

import (
	"crypto/rsa"
	"crypto/x509"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
)

//go:embed testdata/rsa_numbers_TEST_ONLY.json
var numbers []byte

// The names of the keys.
const (
	Merchant       = "merchant" // the gateway's own, for all channels
	Alipay         = "channel_alipay"
	WeChat         = "channel_wechat"
	WeChatPlatform = "channel_wechat_platform" // that of the certificate
	Pingpp         = "channel_pingpp"
	Stranger       = "stranger"
)

// Key is the key of that name.
func Key(t testing.TB, name string) *rsa.PrivateKey {
	t.Helper()
	var all map[string]struct{ N, E, D, P, Q json.Number }
	if err := json.Unmarshal(numbers, &all); err != nil {
		t.Fatal(err)
	}
	number := func(text json.Number) *big.Int {
		n, ok := new(big.Int).SetString(text.String(), 10)
		if !ok {
			t.Fatalf("%s: %q is no number", name, text)
		}
		return n
	}
	k := all[name]
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: number(k.N), E: int(number(k.E).Int64())},
		D:         number(k.D), Primes: []*big.Int{number(k.P), number(k.Q)},
	}
	key.Precompute()
	if err := key.Validate(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return key
}

// PrivateForms are the forms in which a merchant may hold a private key, by their names.
func PrivateForms(t testing.TB, key *rsa.PrivateKey) map[string]string {
	t.Helper()
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return forms(map[string][]byte{"PRIVATE KEY": pkcs8, "RSA PRIVATE KEY": x509.MarshalPKCS1PrivateKey(key)})
}

// PublicForms are the forms in which a public key may be held, by their names.
func PublicForms(t testing.TB, key *rsa.PublicKey) map[string]string {
	t.Helper()
	pkix, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return forms(map[string][]byte{"PUBLIC KEY": pkix, "RSA PUBLIC KEY": x509.MarshalPKCS1PublicKey(key)})
}

func forms(ders map[string][]byte) map[string]string {
	all := map[string]string{}
	for kind, der := range ders {
		bare := base64.StdEncoding.EncodeToString(der)
		text := string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
		all[kind+" as PEM"] = text
		all[kind+" as PEM, with CRLF"] = strings.ReplaceAll(text, "\n", "\r\n")
		all[kind+" as PEM, in one line"] = strings.ReplaceAll(text, "\n", " ")
		all[kind+" bare"] = bare
		all[kind+" bare, in lines"] = " " + bare[:64] + "\r\n" + bare[64:128] + "\n" + bare[128:] + "\n"
	}
	return all
}
