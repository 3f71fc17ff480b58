package pingpp

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"campusgate/handlers/trade/channel"
)

// The ways to pay.
const (
	alipayPage = "alipay_pc_direct"
	wechatQR   = "wx_pub_qr"
)

// chargeRequest is the content of a request for a charge.
type chargeRequest struct {
	OrderNo string `json:"order_no"`
	App     struct {
		ID string `json:"id"`
	} `json:"app"`
	Channel    string            `json:"channel"`
	Amount     int64             `json:"amount"`
	Currency   string            `json:"currency"`
	ClientIP   string            `json:"client_ip"`
	Subject    string            `json:"subject"`
	Body       string            `json:"body"`
	Extra      map[string]string `json:"extra"`
	TimeExpire int64             `json:"time_expire"`
}

// clientIP stands for the address of the user's device: a repeat has to be the same request,
// wherever the user has gone meanwhile, and the address is nobody else's.
const clientIP = "127.0.0.1"

// A charge is an attempt at Ping++. refunded, which is true as soon as a refund was asked
// for, is not read.
type charge struct {
	ID             string          `json:"id"`
	Object         string          `json:"object"`
	Created        int64           `json:"created"`
	LiveMode       bool            `json:"livemode"`
	Paid           bool            `json:"paid"`
	App            string          `json:"app"`
	Channel        string          `json:"channel"`
	OrderNo        string          `json:"order_no"`
	Amount         int64           `json:"amount"`
	Currency       string          `json:"currency"`
	TimeExpire     int64           `json:"time_expire"`
	AmountRefunded int64           `json:"amount_refunded"`
	Credential     json.RawMessage `json:"credential"`
}

func (c *Channel) createCharge(ctx context.Context, a channel.Attempt) (charge, error) {
	r := chargeRequest{
		OrderNo: a.No, Channel: alipayPage, Amount: a.Amount, Currency: "cny", ClientIP: clientIP,
		Subject: a.Subject, Body: a.Subject + " " + a.No, TimeExpire: a.ExpireTime,
	}
	r.App.ID = c.settings.AppID
	if a.Client == channel.Native {
		r.Channel, r.Extra = wechatQR, map[string]string{"product_id": a.No}
	} else {
		r.Extra = map[string]string{"success_url": c.successURL(a)}
	}
	var made charge
	if err := c.call(ctx, http.MethodPost, "/v1/charges", r, &made); err != nil {
		return charge{}, err
	}
	return made, c.check(made, a)
}

// successURL is where the browser returns, without a query: Ping++ takes none.
func (c *Channel) successURL(a channel.Attempt) string {
	u, err := url.Parse(a.ReturnURL)
	if err != nil || a.ReturnURL == "" {
		return c.settings.ReturnURL
	}
	u.RawQuery, u.ForceQuery = "", false
	return u.String()
}

// chargeID is what the ids of charges are like, which go into URLs.
var chargeID = regexp.MustCompile(`^ch_[0-9A-Za-z]{1,61}$`)

// check that a charge is the attempt's: an empty one is none, and one of test mode moves no
// money. The amount is compared by who books it.
func (c *Channel) check(got charge, a channel.Attempt) error {
	switch {
	case got.Object != "charge" || !chargeID.MatchString(got.ID):
		return channel.Unknown("it is no charge")
	case got.OrderNo != a.No || a.ChannelID != "" && got.ID != a.ChannelID:
		return channel.Unknown("it is another charge, %s of %.64q", got.ID, got.OrderNo)
	case got.App != c.settings.AppID:
		return channel.Unknown("charge %s is of another application, %.64q", got.ID, got.App)
	case !got.LiveMode:
		return channel.Unknown("charge %s is of test mode: no money moves", got.ID)
	case currency(got.Currency) != channel.Yuan:
		return channel.Unknown("charge %s is in %.16q", got.ID, got.Currency)
	}
	return nil
}

func currency(name string) string { return strings.ToUpper(name) }

// action is how a user pays the charge of an attempt.
func (got charge) action(a channel.Attempt) (channel.Action, error) {
	if got.Amount != a.Amount {
		return channel.Action{}, channel.Unknown("charge %s is of %d fen, not %d", got.ID, got.Amount, a.Amount)
	}
	var credentials map[string]json.RawMessage // of one that is paid it may be something else
	_ = json.Unmarshal(got.Credential, &credentials)
	credential, known := credentials[got.Channel]
	action := channel.Action{ChannelID: got.ID}
	switch {
	case got.Channel == wechatQR && known:
		if json.Unmarshal(credential, &action.CodeURL) == nil && action.CodeURL != "" {
			return action, nil
		}
	case got.Channel == alipayPage && known:
		var err error
		if action.PayURL, err = payURL(credential); err == nil {
			return action, nil
		}
	}
	return channel.Action{}, channel.Unknown("charge %s does not say how %.32s is paid", got.ID, got.Channel)
}

// payURL is where the browser goes: what Ping++ says, with all else behind it.
func payURL(credential []byte) (string, error) {
	var all map[string]any
	decoder := json.NewDecoder(strings.NewReader(string(credential)))
	decoder.UseNumber()
	if err := decoder.Decode(&all); err != nil {
		return "", err
	}
	place, _ := all["channel_url"].(string)
	u, err := url.Parse(place)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return "", fmt.Errorf("channel_url is %.64q", place)
	}
	query := u.Query()
	for name, value := range all {
		if name != "channel_url" {
			query.Set(name, fmt.Sprint(value))
		}
	}
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// settled is how long behind its end a charge that is not paid is taken as closed: what was
// paid at the last moment is known by then.
const settled = time.Hour

// trade is what a charge is. Its own id is the number of what was paid: the number that
// Alipay or WeChat gave is not there at once.
func (got charge) trade(now time.Time) channel.Trade {
	switch {
	case got.Paid && got.AmountRefunded > 0 && got.AmountRefunded >= got.Amount:
		return channel.Trade{State: channel.Refunded, TradeNo: got.ID, Amount: got.Amount, Refunded: got.AmountRefunded}
	case got.Paid:
		return channel.Trade{State: channel.Paid, TradeNo: got.ID, Amount: got.Amount, Refunded: got.AmountRefunded}
	case got.TimeExpire > 0 && !now.Before(time.Unix(got.TimeExpire, 0).Add(settled)):
		return channel.Trade{State: channel.Closed}
	}
	return channel.Trade{State: channel.Waiting}
}

// charge is an attempt's, nil where Ping++ has none. One whose id is known is not looked for
// elsewhere: an account that does not know it is another one.
func (c *Channel) charge(ctx context.Context, a channel.Attempt) (*charge, error) {
	if a.ChannelID == "" {
		return c.findCharge(ctx, a)
	}
	var got charge
	if err := c.call(ctx, http.MethodGet, "/v1/charges/"+url.PathEscape(a.ChannelID), nil, &got); err != nil {
		return nil, err
	}
	return &got, c.check(got, a)
}

// early is how much earlier than the attempt its charge may be, by another clock.
const early = 10 * time.Minute

// findCharge looks for an attempt's charge in the list, the newest first. It is nil where
// the list goes back to before the attempt and has none.
func (c *Channel) findCharge(ctx context.Context, a channel.Attempt) (*charge, error) {
	before := time.Unix(a.CreatTime, 0).Add(-early).Unix()
	var found *charge
	err := list(ctx, c, "/v1/charges", url.Values{"app[id]": {c.settings.AppID}}, func(got charge) (id string, done bool) {
		if got.OrderNo == a.No && (found == nil || got.Paid) { // the newest, or the one that is paid
			found = &got
		}
		return got.ID, got.Created < before
	})
	if err != nil || found == nil {
		return nil, err
	}
	return found, c.check(*found, a)
}
