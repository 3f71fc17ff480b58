package e2e

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"net"
	"net/http"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/alipay/alipaytest"
	"campusgate/handlers/trade/channel/pingpp/pingpptest"
	"campusgate/handlers/trade/channel/signing/signingtest"
	"campusgate/handlers/trade/channel/wechat/wechattest"
)

// channels are services in this process, to which the program pays, with keys that nobody
// has: it refuses those of the tests.
type channels struct {
	alipay  *alipaytest.Service
	wechat  *wechattest.Service
	pingpp  *pingpptest.Service
	address string // of the program
	base    string // its URL, as the channels know it
	environ []string
}

func startChannels(t testing.TB) *channels {
	t.Helper()
	key := func() *rsa.PrivateKey {
		made, err := rsa.GenerateKey(rand.Reader, 2048)
		must(t, err)
		return made
	}
	own, theirs, stranger := key(), key(), key()
	const (
		serial, apiV3Key = "0775B6A45ACD588826D15E583A95F5DD12345678", "0123456789abcdef0123456789ABCDEF"
		keyID            = "PUB_KEY_ID_01"
	)
	alipay, wechat := channel.Merchant{App: "2021000000000001", Seller: "2088000000000001"}, channel.Merchant{App: "wx0123456789abcdef", Seller: "1900000001"}
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // the program listens there next
	must(t, err)
	must(t, listener.Close())
	c := &channels{
		alipay: alipaytest.New(t, alipaytest.Options{Own: theirs, Stranger: stranger, App: &own.PublicKey, Merchant: alipay, Now: time.Now}),
		wechat: wechattest.New(t, wechattest.Options{
			Own: theirs, PublicKeyID: keyID, Stranger: stranger, Account: &own.PublicKey, Serial: serial, APIV3Key: apiV3Key, Merchant: wechat, Now: time.Now,
		}),
		pingpp:  pingpptest.New(t, pingpptest.Options{Own: theirs, Account: &own.PublicKey, App: "app_1", APIKey: "sk_live_1", Now: time.Now}),
		address: listener.Addr().String(), base: "http://" + listener.Addr().String() + "/api/external",
	}
	private := signingtest.PrivateForms(t, own)["PRIVATE KEY as PEM"]
	public := signingtest.PublicForms(t, &theirs.PublicKey)["PUBLIC KEY as PEM"]
	c.environ = []string{
		"CAMPUSGATE_SERVER_LISTEN=" + c.address, "CAMPUSGATE_PAYMENTS_SANDBOX=false", "CAMPUSGATE_PAYMENTS_NOTIFY_BASE=" + c.base,
		"CAMPUSGATE_ALIPAY_GATEWAY=" + c.alipay.Gateway(), "CAMPUSGATE_ALIPAY_APP_ID=" + alipay.App, "CAMPUSGATE_ALIPAY_SELLER_ID=" + alipay.Seller,
		"CAMPUSGATE_ALIPAY_PRIVATE_KEY=" + private, "CAMPUSGATE_ALIPAY_PUBLIC_KEY=" + public,
		"CAMPUSGATE_WECHAT_ENDPOINT=" + c.wechat.Endpoint(), "CAMPUSGATE_WECHAT_MCH_ID=" + wechat.Seller, "CAMPUSGATE_WECHAT_APP_ID=" + wechat.App,
		"CAMPUSGATE_WECHAT_SERIAL=" + serial, "CAMPUSGATE_WECHAT_API_V3_KEY=" + apiV3Key, "CAMPUSGATE_WECHAT_PUBLIC_KEY_ID=" + keyID,
		"CAMPUSGATE_WECHAT_PRIVATE_KEY=" + private, "CAMPUSGATE_WECHAT_PUBLIC_KEY=" + public,
		"CAMPUSGATE_PINGPP_ENDPOINT=" + c.pingpp.Endpoint(), "CAMPUSGATE_PINGPP_APP_ID=app_1", "CAMPUSGATE_PINGPP_API_KEY=sk_live_1",
		"CAMPUSGATE_PINGPP_PRIVATE_KEY=" + private, "CAMPUSGATE_PINGPP_PUBLIC_KEY=" + public,
	}
	return c
}

// serve starts the program with its demo, which pays to the channels.
func (c *channels) serve(t testing.TB) *campusgatetest.Process {
	t.Helper()
	r := campusgatetest.Start(t, t.TempDir(), campusgatetest.Embedded(t.TempDir(), c.environ...), "--demo")
	r.Stdout.Await(t, `/console\n`)
	return r
}

// notify posts a notification to the program, with headers as names and values in turn, and
// wants HTTP status 200 or 204.
func (c *channels) notify(t testing.TB, name string, body []byte, headers ...string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.base+"/callback/"+name, bytes.NewReader(body))
	must(t, err)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	must(t, response.Body.Close())
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusNoContent {
		t.Errorf("%s is answered %d", name, response.StatusCode)
	}
}
