package campusgatetest

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/alipay/alipaytest"
	"campusgate/handlers/trade/channel/pingpp/pingpptest"
	"campusgate/handlers/trade/channel/signing/signingtest"
	"campusgate/handlers/trade/channel/wechat/wechattest"
)

// Channels are services in this process, to which the program pays, with keys that nobody
// has: it refuses those of the tests.
type Channels struct {
	Alipay  *alipaytest.Service
	WeChat  *wechattest.Service
	Pingpp  *pingpptest.Service
	Base    string   // the program's URL, as the channels know it
	Environ []string // of the program

	ahead atomic.Int64 // nanoseconds that WeChat Pay's clock is ahead
}

// PassAtWeChat has time pass at WeChat Pay, whose clock may be five minutes from ours.
func (c *Channels) PassAtWeChat(d time.Duration) { c.ahead.Add(int64(d)) }

// StartChannels starts the services, which end with the test.
func StartChannels(t testing.TB) *Channels {
	t.Helper()
	key := func() *rsa.PrivateKey {
		made, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	own, theirs, stranger := key(), key(), key()
	const (
		serial, apiV3Key = "0775B6A45ACD588826D15E583A95F5DD12345678", "0123456789abcdef0123456789ABCDEF"
		keyID            = "PUB_KEY_ID_01"
	)
	alipay, wechat := channel.Merchant{App: "2021000000000001", Seller: "2088000000000001"}, channel.Merchant{App: "wx0123456789abcdef", Seller: "1900000001"}
	address := FreeAddress(t)
	c := &Channels{Base: "http://" + address + "/api/external"}
	ahead := func() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }
	c.Alipay = alipaytest.New(t, alipaytest.Options{Own: theirs, Stranger: stranger, App: &own.PublicKey, Merchant: alipay, Now: time.Now})
	c.WeChat = wechattest.New(t, wechattest.Options{
		Own: theirs, PublicKeyID: keyID, Stranger: stranger, Account: &own.PublicKey, Serial: serial, APIV3Key: apiV3Key, Merchant: wechat, Now: ahead,
	})
	c.Pingpp = pingpptest.New(t, pingpptest.Options{Own: theirs, Account: &own.PublicKey, App: "app_1", APIKey: "sk_live_1", Now: time.Now})
	private := signingtest.PrivateForms(t, own)["PRIVATE KEY as PEM"]
	public := signingtest.PublicForms(t, &theirs.PublicKey)["PUBLIC KEY as PEM"]
	c.Environ = []string{
		"CAMPUSGATE_SERVER_LISTEN=" + address, "CAMPUSGATE_PAYMENTS_SANDBOX=false", "CAMPUSGATE_PAYMENTS_NOTIFY_BASE=" + c.Base,
		"CAMPUSGATE_ALIPAY_GATEWAY=" + c.Alipay.Gateway(), "CAMPUSGATE_ALIPAY_APP_ID=" + alipay.App, "CAMPUSGATE_ALIPAY_SELLER_ID=" + alipay.Seller,
		"CAMPUSGATE_ALIPAY_PRIVATE_KEY=" + private, "CAMPUSGATE_ALIPAY_PUBLIC_KEY=" + public,
		"CAMPUSGATE_WECHAT_ENDPOINT=" + c.WeChat.Endpoint(), "CAMPUSGATE_WECHAT_MCH_ID=" + wechat.Seller, "CAMPUSGATE_WECHAT_APP_ID=" + wechat.App,
		"CAMPUSGATE_WECHAT_SERIAL=" + serial, "CAMPUSGATE_WECHAT_API_V3_KEY=" + apiV3Key, "CAMPUSGATE_WECHAT_PUBLIC_KEY_ID=" + keyID,
		"CAMPUSGATE_WECHAT_PRIVATE_KEY=" + private, "CAMPUSGATE_WECHAT_PUBLIC_KEY=" + public,
		"CAMPUSGATE_PINGPP_ENDPOINT=" + c.Pingpp.Endpoint(), "CAMPUSGATE_PINGPP_APP_ID=app_1", "CAMPUSGATE_PINGPP_API_KEY=sk_live_1",
		"CAMPUSGATE_PINGPP_PRIVATE_KEY=" + private, "CAMPUSGATE_PINGPP_PUBLIC_KEY=" + public,
	}
	return c
}

// Notify posts a notification to the program, with headers as names and values in turn, and
// returns the HTTP status of its answer.
func (c *Channels) Notify(t testing.TB, name string, body []byte, headers ...string) (status int, err error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.Base+"/callback/"+name, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}
