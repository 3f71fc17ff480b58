package alipay

import (
	"crypto/rsa"
	"fmt"
	"maps"
	"net/url"
	"strings"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/signing"
)

// form is a notification: the parameters of its body, as the bytes that they are. Those of
// the URL are none of it.
type form map[string]string

// readForm reads a body, whatever its Content-Type: each value is decoded once, where + is a
// blank, and empty ones are kept. A name twice is an error: who takes the first and who
// takes the last would disagree.
func readForm(body []byte) (form, error) {
	f := form{}
	for pair := range strings.SplitSeq(string(body), "&") {
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, wrongName := url.QueryUnescape(rawName)
		value, wrongValue := url.QueryUnescape(rawValue)
		if wrongName != nil || wrongValue != nil {
			return nil, fmt.Errorf("%w: the body of %d bytes is no form", channel.ErrUnverified, len(body))
		}
		if _, twice := f[name]; twice {
			return nil, fmt.Errorf("%w: %.64q is there twice", channel.ErrUnverified, name)
		}
		f[name] = value
	}
	return f, nil
}

// verify fails with [channel.ErrUnverified] unless all parameters but those of the signature
// are signed by a key. The kind of signature is not the sender's choice.
func (f form) verify(key *rsa.PublicKey) error {
	if f["sign_type"] != "RSA2" {
		return fmt.Errorf("%w: sign_type is %.16q, not RSA2", channel.ErrUnverified, f["sign_type"])
	}
	signed := maps.Clone(f)
	for _, name := range []string{"sign", "sign_type", "alipay_cert_sn"} {
		delete(signed, name)
	}
	if err := signing.Verify(key, []byte(signedText(signed)), f["sign"]); err != nil {
		return fmt.Errorf("%w: %w", channel.ErrUnverified, err)
	}
	return nil
}

// event is what a notification that is verified claims. A refund is one by its amount: the
// parameter stands in plain payments too, and what is refunded in part is TRADE_SUCCESS
// again. One without out_trade_no is about nothing that was paid by an attempt.
func (f form) event() (channel.Event, error) {
	if f["out_trade_no"] == "" {
		return channel.Event{}, nil
	}
	e := channel.Event{
		AttemptNo: f["out_trade_no"], Merchant: channel.Merchant{App: f["app_id"], Seller: f["seller_id"]},
		Currency: channel.Yuan, Trade: channel.Trade{TradeNo: f["trade_no"]},
	}
	state, ok := states[f["trade_status"]]
	if !ok {
		return channel.Event{AttemptNo: e.AttemptNo}, fmt.Errorf("trade_status is %.64q", f["trade_status"])
	}
	var err error
	if fee := f["refund_fee"]; fee != "" {
		if e.Trade.Refunded, err = channel.ParseYuan(fee); err != nil {
			return channel.Event{AttemptNo: e.AttemptNo}, fmt.Errorf("refund_fee: %w", err)
		}
	}
	refunded := e.Trade.Refunded > 0
	if refunded && state == channel.Closed {
		state = channel.Refunded
	}
	e.Trade.State = state
	if state == channel.Paid || state == channel.Refunded {
		if e.Trade.Amount, err = channel.ParseYuan(f["total_amount"]); err != nil {
			return channel.Event{AttemptNo: e.AttemptNo}, fmt.Errorf("total_amount: %w", err)
		}
	}
	if refunded && f["out_biz_no"] != "" {
		e.RefundNo, e.RefundState, e.Trade.Amount = f["out_biz_no"], channel.RefundDone, 0
	}
	return e, nil
}
