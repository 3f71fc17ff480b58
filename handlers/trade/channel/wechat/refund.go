package wechat

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"campusgate/handlers/trade/channel"
)

// refundRequest is the content of a request for a refund.
type refundRequest struct {
	OutTradeNo  string       `json:"out_trade_no"`
	OutRefundNo string       `json:"out_refund_no"`
	Reason      string       `json:"reason,omitempty"`
	NotifyURL   string       `json:"notify_url"`
	Amount      refundAmount `json:"amount"`
}

type refundAmount struct {
	Refund   int64  `json:"refund"`
	Total    int64  `json:"total"`
	Currency string `json:"currency,omitempty"`
}

// refund is one at WeChat Pay. Answers name its state status, notifications refund_status.
type refund struct {
	MchID         string       `json:"mchid"`
	OutTradeNo    string       `json:"out_trade_no"`
	TransactionID string       `json:"transaction_id"`
	OutRefundNo   string       `json:"out_refund_no"`
	Status        string       `json:"status"`
	RefundStatus  string       `json:"refund_status"`
	Amount        refundAmount `json:"amount"`
}

// refundStates are those of a refund. One that is closed will not be done under its number;
// of one that is abnormal a person has to decide at the merchant's page of WeChat Pay.
var refundStates = map[string]channel.RefundState{
	"SUCCESS":    channel.RefundDone,
	"PROCESSING": channel.RefundPending,
	"CLOSED":     channel.RefundFailed,
	"ABNORMAL":   channel.RefundFailed,
}

// refusedRefunds are the codes of a refund that will never be done. That there is not enough
// money is not among them: there may be some later.
var refusedRefunds = map[string]bool{"INVALID_REQUEST": true, "USER_ACCOUNT_ABNORMAL": true}

// Refund asks for a refund. Its answer is no more than that it was accepted: the same number
// again has no second effect. Of an order there are at most fifty, a minute apart; WeChat
// Pay says so, and the next try comes later. What is refused is held against a query, so
// that what was done is not refused when it is repeated.
func (c *Channel) Refund(ctx context.Context, r channel.Refund) (channel.RefundState, error) {
	var got refund
	err := c.call(ctx, http.MethodPost, "/v3/refund/domestic/refunds", refundRequest{
		OutTradeNo: r.Attempt.No, OutRefundNo: r.No, Reason: r.Reason, NotifyURL: c.settings.NotifyURL,
		Amount: refundAmount{r.Amount, r.Attempt.Amount, channel.Yuan},
	}, &got)
	if err == nil {
		return got.state(r)
	}
	code := codeOf(err)
	if code == "" {
		return channel.RefundPending, err
	}
	state, known, failure := c.askRefund(ctx, r)
	switch {
	case failure != nil:
		return channel.RefundPending, failure
	case known:
		return state, nil
	case refusedRefunds[code]:
		return channel.RefundFailed, fmt.Errorf("%w: %w", channel.ErrRefused, err)
	}
	return channel.RefundPending, err
}

// QueryRefund tells what has become of a refund.
func (c *Channel) QueryRefund(ctx context.Context, r channel.Refund) (channel.RefundState, error) {
	state, known, err := c.askRefund(ctx, r)
	if err == nil && !known {
		err = channel.Unknown("it knows no refund %s", r.No)
	}
	return state, err
}

// askRefund is the state of a refund, if WeChat Pay knows it.
func (c *Channel) askRefund(ctx context.Context, r channel.Refund) (state channel.RefundState, known bool, err error) {
	var got refund
	err = c.call(ctx, http.MethodGet, "/v3/refund/domestic/refunds/"+url.PathEscape(r.No), nil, &got)
	switch {
	case codeOf(err) == "RESOURCE_NOT_EXISTS":
		return channel.RefundPending, false, nil
	case err != nil:
		return channel.RefundPending, false, err
	}
	state, err = got.state(r)
	return state, err == nil, err
}

// state is what a refund is, which has to be the one that was asked for.
func (got refund) state(r channel.Refund) (channel.RefundState, error) {
	state, ok := refundStates[got.Status]
	switch {
	case got.OutRefundNo != r.No || got.OutTradeNo != r.Attempt.No || got.Amount.Refund != r.Amount:
		return channel.RefundPending, channel.Unknown("asked for refund %s of %d fen, it answers for %.64q of %d", r.No, r.Amount, got.OutRefundNo, got.Amount.Refund)
	case !ok:
		return channel.RefundPending, channel.Unknown("refund %s is %.32q", r.No, got.Status)
	}
	return state, nil
}
