package alipay

import (
	"context"
	"fmt"

	"campusgate/handlers/trade/channel"
)

// refundContent is that of a request to give back.
type refundContent struct {
	OutTradeNo   string `json:"out_trade_no"`
	RefundAmount string `json:"refund_amount"`
	RefundReason string `json:"refund_reason,omitempty"`
	OutRequestNo string `json:"out_request_no"`
}

// refundNumber names a refund of an attempt.
type refundNumber struct {
	OutTradeNo   string   `json:"out_trade_no"`
	OutRequestNo string   `json:"out_request_no"`
	QueryOptions []string `json:"query_options"`
}

// refusedRefunds are what the rules of trade have against a refund for ever. That the
// seller has not enough money is not among them: it may have some later.
var refusedRefunds = map[string]bool{
	"ACQ.REFUND_AMT_NOT_EQUAL_TOTAL":  true,
	"ACQ.REASON_TRADE_REFUND_FEE_ERR": true,
	"ACQ.TRADE_HAS_FINISHED":          true,
}

// Refund gives back. Alipay does it at once, or it is unknown and asked for again by the
// same number: it never pends. Whatever is no clear yes is held against a query, so that
// what was done is not refused when it is repeated.
func (c *Channel) Refund(ctx context.Context, r channel.Refund) (channel.RefundState, error) {
	got, err := c.call(ctx, "alipay.trade.refund", refundContent{
		OutTradeNo: r.Attempt.No, RefundAmount: channel.FormatYuan(r.Amount), RefundReason: subject(r.Reason), OutRequestNo: r.No,
	})
	subCode := subCodeOf(err)
	switch {
	case err != nil && subCode == "":
		return channel.RefundPending, err
	case err == nil && got.OutTradeNo != r.Attempt.No:
		return channel.RefundPending, channel.Unknown("asked to refund %s, it answers for %.64q", r.Attempt.No, got.OutTradeNo)
	case err == nil && got.FundChange == "Y":
		return channel.RefundDone, nil
	}
	done, failure := c.askRefund(ctx, r)
	switch {
	case failure != nil:
		return channel.RefundPending, failure
	case done:
		return channel.RefundDone, nil
	case refusedRefunds[subCode]:
		return channel.RefundFailed, fmt.Errorf("%w: %w", channel.ErrRefused, err)
	case err != nil:
		return channel.RefundPending, err
	}
	return channel.RefundPending, notSeen(r)
}

// QueryRefund tells whether a refund was done. Alipay does not tell one that it has not
// received from one that has failed, nor at once one that it has done: that is unknown.
func (c *Channel) QueryRefund(ctx context.Context, r channel.Refund) (channel.RefundState, error) {
	switch done, err := c.askRefund(ctx, r); {
	case err != nil:
		return channel.RefundPending, err
	case done:
		return channel.RefundDone, nil
	}
	return channel.RefundPending, notSeen(r)
}

func notSeen(r channel.Refund) error {
	return channel.Unknown("it does not say that refund %s is done", r.No)
}

// askRefund reports whether Alipay says that it has done a refund.
func (c *Channel) askRefund(ctx context.Context, r channel.Refund) (done bool, err error) {
	got, err := c.call(ctx, "alipay.trade.fastpay.refund.query", refundNumber{r.Attempt.No, r.No, []string{"gmt_refund_pay"}})
	if err != nil || got.RefundStatus == "" {
		return false, err
	}
	amount, err := channel.ParseYuan(got.RefundAmount)
	switch {
	case got.OutTradeNo != r.Attempt.No || got.OutRequestNo != r.No:
		return false, channel.Unknown("asked for refund %s of %s, it answers for %.64q of %.64q", r.No, r.Attempt.No, got.OutRequestNo, got.OutTradeNo)
	case got.RefundStatus != "REFUND_SUCCESS":
		return false, channel.Unknown("refund_status of %s is %.64q", r.No, got.RefundStatus)
	case err != nil || amount != r.Amount:
		return false, channel.Unknown("refund %s is of %s yuan, it answers for %.32q", r.No, channel.FormatYuan(r.Amount), got.RefundAmount)
	}
	return true, nil
}
