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

// pingppKeys sets up Ping++ by these keys.
func pingppKeys(private, public string) []string {
	return []string{
		"CAMPUSGATE_PINGPP_APP_ID=app_1", "CAMPUSGATE_PINGPP_API_KEY=sk_live_1",
		"CAMPUSGATE_PINGPP_PRIVATE_KEY=" + private, "CAMPUSGATE_PINGPP_PUBLIC_KEY=" + public,
	}
}

// wechatKeys sets up WeChat Pay by these keys.
func wechatKeys(private, public string) []string {
	return []string{
		"CAMPUSGATE_WECHAT_MCH_ID=1900000001", "CAMPUSGATE_WECHAT_APP_ID=wx1", "CAMPUSGATE_WECHAT_SERIAL=0775B6A45ACD588826D15E583A95F5DD12345678",
		"CAMPUSGATE_WECHAT_API_V3_KEY=0123456789abcdef0123456789abcdef", "CAMPUSGATE_WECHAT_PUBLIC_KEY_ID=PUB_KEY_ID_1",
		"CAMPUSGATE_WECHAT_PRIVATE_KEY=" + private, "CAMPUSGATE_WECHAT_PUBLIC_KEY=" + public,
	}
}

// setups are how each channel is set up by two keys.
var setups = map[string]func(private, public string) []string{"alipay": alipayKeys, "wechat": wechatKeys, "pingpp": pingppKeys}

// The keys of channels are tried by check and by serve, which name the key at fault and what
// is wrong with it; the keys of the tests are refused.
func TestChannelKeys(t *testing.T) {
	t.Parallel()
	own, theirs := realKey(t), realKey(t)
	private, public := signingtest.PrivateForms(t, own)["PRIVATE KEY as PEM"], signingtest.PublicForms(t, &theirs.PublicKey)["PUBLIC KEY as PEM"]
	testPrivate := signingtest.PrivateForms(t, signingtest.Key(t, signingtest.Merchant))["PRIVATE KEY as PEM"]
	testPublic := signingtest.PublicForms(t, &signingtest.Key(t, signingtest.Alipay).PublicKey)["PUBLIC KEY bare"]
	for name, k := range map[string]struct{ private, public, want string }{
		"good":     {private, public, ""},
		"no key":   {"secret", public, "S.private_key: " + signing.ErrNoKey.Error()},
		"swapped":  {public, private, "S.private_key: " + signing.ErrIsPublic.Error() + "; S.public_key: " + signing.ErrSecret.Error()},
		"own":      {private, signingtest.PublicForms(t, &own.PublicKey)["PUBLIC KEY as PEM"], "S.public_key: " + signing.ErrOwnKey.Error()},
		"of tests": {testPrivate, testPublic, "S.private_key: " + signing.ErrTestKey.Error() + "; S.public_key: " + signing.ErrTestKey.Error()},
	} {
		for channel, setup := range setups {
			t.Run(channel+"/"+name, func(t *testing.T) {
				t.Parallel()
				environ, want := withChannel(t, setup(k.private, k.public)...), strings.ReplaceAll(k.want, "S.", channel+".")
				if want == "" {
					if got := runCommand(t, environ, "check").Want(t, exitOK); !strings.HasSuffix(got.Stdout, "payments  "+channel+": ok\n") {
						t.Errorf("%s", got.Stdout)
					}
					return
				}
				if got := runCommand(t, environ, "check").Want(t, exitFailed); !strings.HasSuffix(got.Stdout, ": FAILED: "+want+"\n") {
					t.Errorf("%s\nwant %s", got.Stdout, want)
				}
				got := runCommand(t, environ, "serve").Want(t, exitFailed).Stderr
				if !strings.HasSuffix(got, "campusgate: "+want+"\n") || strings.Contains(got, "MII") {
					t.Errorf("%s\nwant %s", got, want)
				}
			})
		}
	}
}

// What channels are spoken to by is told at the start, to be compared with their pages;
// nothing is told of a secret. The sandbox stands beside no channel.
func TestChannelsAreTold(t *testing.T) {
	t.Parallel()
	own, theirs := realKey(t), realKey(t)
	private, public := signingtest.PrivateForms(t, own)["PRIVATE KEY as PEM"], signingtest.PublicForms(t, &theirs.PublicKey)["PUBLIC KEY as PEM"]
	environ := withChannel(t)
	for _, setup := range setups {
		environ = append(environ, setup(private, public)...)
	}
	g := serve(t, environ)
	for channel, id := range map[string]string{"alipay": "2021000000000001", "wechat": "wx1", "pingpp": "app_1"} {
		g.Stderr.Await(t, `msg="payment channel" channel=`+channel+` app_id=`+id+` own_public_key_sha256=`+signing.Fingerprint(&own.PublicKey)+
			` public_key_sha256=`+signing.Fingerprint(&theirs.PublicKey)+"\n")
	}
	if log := g.Stderr.String(); strings.Contains(log, "BEGIN") || strings.Contains(log, "sk_live") {
		t.Error(log)
	}
	got := runCommand(t, append(environ, "CAMPUSGATE_PAYMENTS_SANDBOX=true"), "check").Want(t, exitFailed).Stdout
	if !strings.HasSuffix(got, `FAILED: payments.sandbox: must be false beside ["alipay" "pingpp" "wechat"], which takes money`+"\n") {
		t.Error(got)
	}
}
