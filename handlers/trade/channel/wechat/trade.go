package wechat

import (
	"context"
	"net/http"
	"net/url"

	"campusgate/handlers/trade/channel"
)

// transaction is an order at WeChat Pay. payer_total is less than total where the payer had
// a coupon of WeChat Pay, which is nothing of ours.
type transaction struct {
	MchID         string `json:"mchid"`
	AppID         string `json:"appid"`
	OutTradeNo    string `json:"out_trade_no"`
	TransactionID string `json:"transaction_id"`
	TradeState    string `json:"trade_state"`
	Amount        amount `json:"amount"`
}

// states are those of an order. One that was given back, in part or as a whole, is REFUND:
// how much is not told. The last three are of other products.
var states = map[string]channel.State{
	"SUCCESS":    channel.Paid,
	"REFUND":     channel.Refunded,
	"NOTPAY":     channel.Waiting,
	"CLOSED":     channel.Closed,
	"REVOKED":    channel.Closed,
	"USERPAYING": channel.Waiting,
	"PAYERROR":   channel.Waiting,
}

func orderPath(no string) string { return "/v3/pay/transactions/out-trade-no/" + url.PathEscape(no) }

// Query asks what has become of an attempt.
func (c *Channel) Query(ctx context.Context, a channel.Attempt) (channel.Trade, error) {
	var got transaction
	err := c.call(ctx, http.MethodGet, orderPath(a.No)+"?mchid="+url.QueryEscape(c.settings.MchID), nil, &got)
	switch {
	case codeOf(err) == "ORDER_NOT_EXIST" || codeOf(err) == "ORDERNOTEXIST":
		return channel.Trade{State: channel.NotFound}, nil
	case err != nil:
		return channel.Trade{}, err
	case got.OutTradeNo != a.No || got.MchID != c.settings.MchID || got.AppID != c.settings.AppID:
		return channel.Trade{}, channel.Unknown("asked for %s, it answers for %.64q", a.No, got.OutTradeNo)
	}
	return got.trade()
}

func (got transaction) trade() (channel.Trade, error) {
	state, ok := states[got.TradeState]
	if !ok {
		return channel.Trade{}, channel.Unknown("trade_state is %.64q", got.TradeState)
	}
	if state != channel.Paid && state != channel.Refunded {
		return channel.Trade{State: state}, nil
	}
	if got.TransactionID == "" || got.Amount.Currency != channel.Yuan {
		return channel.Trade{}, channel.Unknown("it is paid without a number, or in %.16q", got.Amount.Currency)
	}
	trade := channel.Trade{State: state, TradeNo: got.TransactionID, Amount: got.Amount.Total}
	if state == channel.Refunded {
		trade.Refunded = trade.Amount
	}
	return trade, nil
}

// Close ends an attempt that is not paid. Whatever is no clear yes is asked for.
func (c *Channel) Close(ctx context.Context, a channel.Attempt) (channel.Trade, error) {
	err := c.call(ctx, http.MethodPost, orderPath(a.No)+"/close", struct {
		MchID string `json:"mchid"`
	}{c.settings.MchID}, nil)
	switch {
	case err == nil:
		return channel.Trade{State: channel.Closed}, nil
	case codeOf(err) != "": // paid or closed already, as it mostly is
		return c.Query(ctx, a)
	}
	return channel.Trade{}, err
}
