// Package alipay is the payment channel of Alipay (支付宝): its pages for computers (电脑网站支付)
// and phones (手机网站支付), by its gateway and with keys, not certificates.
//
// It is on the standard library: no kept Go library of Alipay's can be had, its own SDKs are
// for other languages, and what is needed of it are seven texts to sign and two to verify.
package alipay

import (
	"context"
	"crypto/rsa"
	"net/http"
	"strings"
	"time"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/client"
	"campusgate/handlers/trade/channel/signing"
)

// Settings are an application's at Alipay.
type Settings struct {
	Gateway   string // its URL
	AppID     string
	SellerID  string          // of the account that is paid, 2088…
	Private   *rsa.PrivateKey // the application's own
	Public    *rsa.PublicKey  // Alipay's, not the application's
	NotifyURL string          // where it posts notifications
	Now       func() time.Time
}

// A Channel is Alipay as it is set up.
type Channel struct {
	settings Settings
	client   *client.Client
}

// New returns the channel. It calls nobody.
func New(s Settings) *Channel { return &Channel{s, client.New()} }

// Merchant is whom Alipay pays to.
func (c *Channel) Merchant() channel.Merchant {
	return channel.Merchant{App: c.settings.AppID, Seller: c.settings.SellerID}
}

// payment is the content of a request for a page to pay on.
type payment struct {
	OutTradeNo  string `json:"out_trade_no"`
	TotalAmount string `json:"total_amount"`
	Subject     string `json:"subject"`
	ProductCode string `json:"product_code"`
	TimeExpire  string `json:"time_expire"`
	QuitURL     string `json:"quit_url,omitempty"`
}

// Create signs the URL that the browser opens. Alipay hears of the attempt only when the
// user has scanned or logged in there, until when it is [channel.NotFound]; the URL works
// until the attempt expires.
func (c *Channel) Create(_ context.Context, a channel.Attempt) (channel.Action, error) {
	method := "alipay.trade.page.pay"
	content := payment{
		OutTradeNo: a.No, TotalAmount: channel.FormatYuan(a.Amount), Subject: subject(a.Subject),
		ProductCode: "FAST_INSTANT_TRADE_PAY", TimeExpire: clock(time.Unix(a.ExpireTime, 0)),
	}
	if a.Client == channel.WAP {
		method, content.ProductCode, content.QuitURL = "alipay.trade.wap.pay", "QUICK_WAP_WAY", a.ReturnURL
	}
	form, err := c.signed(method, content, map[string]string{"notify_url": c.settings.NotifyURL, "return_url": a.ReturnURL})
	if err != nil {
		return channel.Action{}, err
	}
	return channel.Action{PayURL: c.settings.Gateway + "?" + form.Encode()}, nil
}

// subject is a text without what Alipay refuses in one.
func subject(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '/':
			return '／'
		case r == '=':
			return '＝'
		case r == '&':
			return '＆'
		case r < ' ' || r == '\x7f':
			return ' '
		}
		return r
	}, text)
}

// clock is a time as Alipay writes it.
func clock(t time.Time) string { return t.In(channel.Beijing).Format(time.DateTime) }

// Notify verifies a notification, a form that is signed as a whole, and reads it. Its
// signature holds no clock: the same one may come again at any time.
func (c *Channel) Notify(_ func(string) string, body []byte, _ time.Time) (channel.Event, error) {
	form, err := readForm(body)
	if err != nil {
		return channel.Event{}, err
	}
	if err := form.verify(c.settings.Public); err != nil {
		return channel.Event{}, err
	}
	return form.event()
}

// Answer is success, in exactly these letters: Alipay repeats the notification after all
// else, eight times within 25 hours.
func (c *Channel) Answer(err error) (status int, contentType string, body []byte) {
	if err != nil {
		return http.StatusInternalServerError, "text/plain", []byte("fail")
	}
	return http.StatusOK, "text/plain", []byte("success")
}

// check that it is one.
var _ channel.Channel = (*Channel)(nil)

// sign signs a text by the application's key.
func (c *Channel) sign(text string) (string, error) {
	return signing.Sign(c.settings.Private, []byte(text))
}
