// Package wechat is the payment channel of WeChat Pay (微信支付), APIv3: a QR code that its user
// scans (Native), by the public key of WeChat Pay or a platform certificate.
//
// It is on the standard library: the one Go module of it that can be had has only the old
// XML interface, and what is needed are one text to sign, one to verify, and AES-GCM.
package wechat

import (
	"context"
	"crypto/rsa"
	"fmt"
	"net/http"
	"strings"
	"time"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/client"
)

// Settings are a merchant's at WeChat Pay.
type Settings struct {
	Endpoint    string // its URL, without a slash at its end
	MchID       string // of the account that is paid
	AppID       string // wx…, which is bound to the account
	Serial      string // of the merchant's own certificate, 40 hexadecimal digits
	Private     *rsa.PrivateKey
	APIV3Key    string         // 32 bytes, by which notifications are sealed
	Public      *rsa.PublicKey // WeChat Pay's
	PublicKeyID string         // PUB_KEY_ID_…, or the serial of the platform certificate whose key it is
	NotifyURL   string
	Now         func() time.Time
}

// A Channel is WeChat Pay as it is set up.
type Channel struct {
	settings Settings
	client   *client.Client
	keys     keys
}

// New returns the channel. It calls nobody.
func New(s Settings) *Channel {
	return &Channel{settings: s, client: client.New(), keys: keys{set: map[string]*rsa.PublicKey{s.PublicKeyID: s.Public}}}
}

// Merchant is whom WeChat Pay pays to.
func (c *Channel) Merchant() channel.Merchant {
	return channel.Merchant{App: c.settings.AppID, Seller: c.settings.MchID}
}

// amount is what is to be paid.
type amount struct {
	Total    int64  `json:"total"`
	Currency string `json:"currency"`
}

// order is the content of a request for a code.
type order struct {
	MchID       string `json:"mchid"`
	AppID       string `json:"appid"`
	Description string `json:"description"`
	OutTradeNo  string `json:"out_trade_no"`
	TimeExpire  string `json:"time_expire"`
	NotifyURL   string `json:"notify_url"`
	Amount      amount `json:"amount"`
}

// Create has WeChat Pay make a code, or another one for the same order. Where it says no to
// an order that it does not know, the order is refused; one that it knows may be paid.
func (c *Channel) Create(ctx context.Context, a channel.Attempt) (channel.Action, error) {
	var made struct {
		CodeURL string `json:"code_url"`
	}
	err := c.call(ctx, http.MethodPost, "/v3/pay/transactions/native", c.order(a), &made)
	switch {
	case codeOf(err) != "":
		trade, failure := c.Query(ctx, a)
		if failure != nil {
			return channel.Action{}, failure
		}
		if trade.State == channel.NotFound {
			return channel.Action{}, fmt.Errorf("%w: %w", channel.ErrRefused, err)
		}
		return channel.Action{}, channel.Unknown("the order is %s, but: %s", trade.State, err)
	case err != nil:
		return channel.Action{}, err
	case !strings.HasPrefix(made.CodeURL, "weixin://"):
		return channel.Action{}, channel.Unknown("code_url is %.64q", made.CodeURL)
	}
	return channel.Action{CodeURL: made.CodeURL}, nil
}

func (c *Channel) order(a channel.Attempt) order {
	return order{
		MchID: c.settings.MchID, AppID: c.settings.AppID, Description: a.Subject, OutTradeNo: a.No,
		TimeExpire: time.Unix(a.ExpireTime, 0).In(channel.Beijing).Format(time.RFC3339), NotifyURL: c.settings.NotifyURL,
		Amount: amount{a.Amount, channel.Yuan},
	}
}

// Answer is an empty one: after all else WeChat Pay repeats the notification, fifteen times
// within 24 hours.
func (c *Channel) Answer(err error) (status int, contentType string, body []byte) {
	if err != nil {
		return http.StatusInternalServerError, "application/json", []byte(`{"code":"FAIL","message":"not taken"}`)
	}
	return http.StatusNoContent, "", nil
}

// check that it is one.
var _ channel.Channel = (*Channel)(nil)
