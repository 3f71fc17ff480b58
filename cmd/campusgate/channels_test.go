package main

import (
	"crypto/rand"
	"crypto/rsa"
	"strings"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/handlers/trade/channel/signing"
	"campusgate/handlers/trade/channel/signing/signingtest"
)

// realKey is a key that nobody has.
func realKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	return key
}

// withChannel is the environment of a gateway to which users pay by a channel.
func withChannel(t *testing.T, more ...string) []string {
	t.Helper()
	return campusgatetest.Embedded(t.TempDir(), append([]string{
		"CAMPUSGATE_PAYMENTS_SANDBOX=false", "CAMPUSGATE_PAYMENTS_NOTIFY_BASE=https://campus.example/api/external",
	}, more...)...)
}

// alipayKeys sets up Alipay by these keys.
func alipayKeys(private, public string) []string {
	return []string{
		"CAMPUSGATE_ALIPAY_APP_ID=2021000000000001", "CAMPUSGATE_ALIPAY_SELLER_ID=2088000000000001",
		"CAMPUSGATE_ALIPAY_PRIVATE_KEY=" + private, "CAMPUSGATE_ALIPAY_PUBLIC_KEY=" + public,
	}
}

// The keys of channels are tried by check and by serve, which name the key at fault and what
// is wrong with it; the keys of the tests are refused.
func TestChannelKeys(t *testing.T) {
	t.Parallel()
	own, theirs := realKey(t), realKey(t)
	private, public := signingtest.PrivateForms(t, own)["PRIVATE KEY as PEM"], signingtest.PublicForms(t, &theirs.PublicKey)["PUBLIC KEY as PEM"]
	testPrivate := signingtest.PrivateForms(t, signingtest.Key(t, signingtest.Merchant))["PRIVATE KEY as PEM"]
	for name, k := range map[string]struct{ private, public, want string }{
		"good":     {private, public, ""},
		"no key":   {"secret", public, "alipay.private_key: " + signing.ErrNoKey.Error()},
		"swapped":  {public, private, "alipay.private_key: " + signing.ErrIsPublic.Error() + "; alipay.public_key: " + signing.ErrSecret.Error()},
		"own":      {private, signingtest.PublicForms(t, &own.PublicKey)["PUBLIC KEY as PEM"], "alipay.public_key: " + signing.ErrOwnKey.Error()},
		"of tests": {testPrivate, public, "alipay.private_key: " + signing.ErrTestKey.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			environ := withChannel(t, alipayKeys(k.private, k.public)...)
			if k.want == "" {
				if got := runCommand(t, environ, "check").Want(t, exitOK); !strings.HasSuffix(got.Stdout, "payments  alipay: ok\n") {
					t.Errorf("%s", got.Stdout)
				}
				return
			}
			if got := runCommand(t, environ, "check").Want(t, exitFailed); !strings.HasSuffix(got.Stdout, ": FAILED: "+k.want+"\n") {
				t.Errorf("%s\nwant %s", got.Stdout, k.want)
			}
			got := runCommand(t, environ, "serve").Want(t, exitFailed).Stderr
			if !strings.HasSuffix(got, "campusgate: "+k.want+"\n") || strings.Contains(got, "MII") {
				t.Errorf("%s\nwant %s", got, k.want)
			}
		})
	}
}

// What a channel is spoken to by is told at the start, to be compared with its page; nothing
// is told of a secret. The sandbox stands beside no channel.
func TestChannelIsTold(t *testing.T) {
	t.Parallel()
	own, theirs := realKey(t), realKey(t)
	environ := withChannel(t, alipayKeys(
		signingtest.PrivateForms(t, own)["PRIVATE KEY as PEM"], signingtest.PublicForms(t, &theirs.PublicKey)["PUBLIC KEY as PEM"],
	)...)
	g := serve(t, environ)
	g.Stderr.Await(t, `msg="payment channel" channel=alipay app_id=2021000000000001 own_public_key_sha256=`+signing.Fingerprint(&own.PublicKey)+
		` public_key_sha256=`+signing.Fingerprint(&theirs.PublicKey)+"\n")
	if strings.Contains(g.Stderr.String(), "BEGIN") {
		t.Error(g.Stderr.String())
	}
	got := runCommand(t, append(environ, "CAMPUSGATE_PAYMENTS_SANDBOX=true"), "check").Want(t, exitFailed).Stdout
	if !strings.HasSuffix(got, `FAILED: payments.sandbox: must be false beside ["alipay"], which takes money`+"\n") {
		t.Error(got)
	}
}
