package alipay

import (
	"context"

	"campusgate/handlers/trade/channel"
)

// number names an attempt.
type number struct {
	OutTradeNo string `json:"out_trade_no"`
}

// Query asks what has become of an attempt. One that Alipay does not know may be paid still.
func (c *Channel) Query(ctx context.Context, a channel.Attempt) (channel.Trade, error) {
	got, err := c.call(ctx, "alipay.trade.query", number{a.No})
	switch {
	case subCodeOf(err) == "ACQ.TRADE_NOT_EXIST":
		return channel.Trade{State: channel.NotFound}, nil
	case err != nil:
		return channel.Trade{}, err
	case got.OutTradeNo != a.No:
		return channel.Trade{}, channel.Unknown("asked for %s, it answers for %.64q", a.No, got.OutTradeNo)
	}
	state, ok := states[got.TradeStatus]
	if !ok {
		return channel.Trade{}, channel.Unknown("trade_status is %.64q", got.TradeStatus)
	}
	if state == channel.Closed && got.SendPayDate != "" { // it was paid once
		state = channel.Refunded
	}
	trade := channel.Trade{State: state, TradeNo: got.TradeNo}
	if state != channel.Paid && state != channel.Refunded {
		return trade, nil
	}
	if trade.Amount, err = channel.ParseYuan(got.TotalAmount); err != nil {
		return channel.Trade{}, channel.Unknown("total_amount: %s", err)
	}
	if state == channel.Refunded {
		trade.Refunded = trade.Amount
	}
	return trade, nil
}

// states are those of a trade. TRADE_FINISHED follows TRADE_SUCCESS after months, when it
// can be refunded no more; TRADE_CLOSED is of what was not paid, or given back as a whole.
var states = map[string]channel.State{
	"WAIT_BUYER_PAY": channel.Waiting,
	"TRADE_SUCCESS":  channel.Paid,
	"TRADE_FINISHED": channel.Paid,
	"TRADE_CLOSED":   channel.Closed,
}

// Close ends an attempt that is not paid. One that nobody has opened cannot be closed: its
// URL works until it expires.
func (c *Channel) Close(ctx context.Context, a channel.Attempt) (channel.Trade, error) {
	got, err := c.call(ctx, "alipay.trade.close", number{a.No})
	switch subCodeOf(err) {
	case "":
	case "ACQ.TRADE_NOT_EXIST":
		return channel.Trade{State: channel.NotFound}, nil
	default: // paid or closed already, as it mostly is
		return c.Query(ctx, a)
	}
	switch {
	case err != nil:
		return channel.Trade{}, err
	case got.OutTradeNo != a.No:
		return channel.Trade{}, channel.Unknown("asked to close %s, it answers for %.64q", a.No, got.OutTradeNo)
	}
	return channel.Trade{State: channel.Closed, TradeNo: got.TradeNo}, nil
}
