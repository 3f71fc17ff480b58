// Package pingpp is the payment channel of Ping++: Alipay's page for computers
// (alipay_pc_direct) and WeChat's QR code (wx_pub_qr), by one account there.
//
// It is on the standard library: no kept Go library of Ping++'s can be had, its own returns
// an empty charge without an error after two answers 502, and what is needed are one text to
// sign and one to verify.
package pingpp

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/client"
	"campusgate/handlers/trade/channel/signing"
)

// Settings are an application's at Ping++.
type Settings struct {
	Endpoint  string          // its URL, without a slash at its end
	AppID     string          // app_…
	APIKey    string          // sk_live_…
	Private   *rsa.PrivateKey // the account's own
	Public    *rsa.PublicKey  // Ping++'s, not the account's
	ReturnURL string          // where a browser returns whose attempt does not say where to
	Now       func() time.Time
}

// A Channel is Ping++ as it is set up.
type Channel struct {
	settings Settings
	client   *client.Client
	refunds  sync.Map // of the charges that a refund is on its way to, in this process
	doubtful sync.Map // numbers of refunds: until when a request whose answer was lost may be done
}

// New returns the channel. It calls nobody.
func New(s Settings) *Channel { return &Channel{settings: s, client: client.New()} }

// Merchant is whom Ping++ pays to: an account has one key for all its applications, which
// are told apart by their names.
func (c *Channel) Merchant() channel.Merchant { return channel.Merchant{App: c.settings.AppID} }

// Create makes a charge, once: Ping++ returns the same one to the same request for a minute
// only, and might make another one later. So who asks later looks into the list before, as
// does who is refused.
func (c *Channel) Create(ctx context.Context, a channel.Attempt) (channel.Action, error) {
	if c.settings.Now().Sub(time.Unix(a.CreatTime, 0)) >= sameFor {
		if action, err := c.createdBefore(ctx, a); !errors.Is(err, errNoCharge) {
			return action, err
		}
	}
	made, err := c.createCharge(ctx, a)
	if isRefusal(err) {
		action, failure := c.createdBefore(ctx, a)
		if errors.Is(failure, errNoCharge) {
			failure = fmt.Errorf("%w: %w", channel.ErrRefused, err)
		}
		return action, failure
	}
	if err != nil {
		return channel.Action{}, err
	}
	return made.action(a)
}

// sameFor is how long the same request surely is the same charge: a minute is said.
const sameFor = 30 * time.Second

var errNoCharge = errors.New("there is no charge")

// createdBefore is how a charge is paid whose answer was lost, errNoCharge where there is none.
// One that does not say it any more is refused, so that another attempt begins: what it said
// is lost, so nobody can pay it.
func (c *Channel) createdBefore(ctx context.Context, a channel.Attempt) (channel.Action, error) {
	found, err := c.findCharge(ctx, a)
	switch {
	case err != nil:
		return channel.Action{}, err
	case found == nil:
		return channel.Action{}, errNoCharge
	}
	action, err := found.action(a)
	if err != nil && !found.Paid && found.Amount == a.Amount {
		err = fmt.Errorf("%w: %w", channel.ErrRefused, err)
	}
	return action, err
}

// Query asks for a charge by its id, or for one whose id never arrived by the number.
func (c *Channel) Query(ctx context.Context, a channel.Attempt) (channel.Trade, error) {
	found, err := c.charge(ctx, a)
	if err != nil || found == nil {
		return channel.Trade{State: channel.NotFound}, err
	}
	return found.trade(c.settings.Now()), nil
}

// Close is the query: Ping++ closes no charge of these kinds, which end by their time.
func (c *Channel) Close(ctx context.Context, a channel.Attempt) (channel.Trade, error) {
	return c.Query(ctx, a)
}

// signatureHeader has the signature of a notification. Ping++ sends it empty in test mode.
const signatureHeader = "X-Pingplusplus-Signature"

// Notify verifies the bytes of a notification, and then reads them. Its signature holds no
// clock: the same one may come again at any time.
func (c *Channel) Notify(header func(string) string, body []byte, _ time.Time) (channel.Event, error) {
	if err := signing.Verify(c.settings.Public, body, header(signatureHeader)); err != nil {
		return channel.Event{}, fmt.Errorf("%w: %w", channel.ErrUnverified, err)
	}
	return readEvent(body)
}

// Answer is any status that says yes: after another one Ping++ repeats the notification,
// eight times within 25 hours.
func (c *Channel) Answer(err error) (status int, contentType string, body []byte) {
	if err != nil {
		return http.StatusInternalServerError, "text/plain", []byte("fail")
	}
	return http.StatusOK, "text/plain", []byte("success")
}

// check that it is one.
var _ channel.Channel = (*Channel)(nil)
