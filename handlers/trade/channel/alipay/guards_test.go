package alipay

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/signing"
	"campusgate/handlers/trade/channel/signing/signingtest"
)

// The nodes of the answers.
const (
	queryNode       = "alipay_trade_query_response"
	closeNode       = "alipay_trade_close_response"
	refundNode      = "alipay_trade_refund_response"
	refundQueryNode = "alipay_trade_fastpay_refund_query_response"
)

// signedBy is an answer of one node, which a key has signed; nobody where that is "".
func signedBy(t *testing.T, key, node, text string) string {
	t.Helper()
	if key == "" {
		return fmt.Sprintf(`{%q:%s}`, node, text)
	}
	signature, err := signing.Sign(signingtest.Key(t, key), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`{%q:%s,"sign":%q}`, node, text, signature)
}

// no is a text that says no by the rules of trade.
func no(subCode string) string {
	return `{"code":"40004","msg":"Business Failed","sub_code":"` + subCode + `","sub_msg":"失败"}`
}

// yes is a text that says yes of the attempt of the vectors.
func yes(more string) string {
	return `{"code":"10000","msg":"Success","out_trade_no":"` + vectorNo + `","trade_no":"T1"` + more + `}`
}

// What each guard of an answer is for, alone: nothing that is not signed is believed, neither
// a yes nor a no; what is about the service is unknown; and nothing of another kind is read.
func TestGuards(t *testing.T) {
	t.Parallel()
	const own, stranger = signingtest.Alipay, signingtest.Stranger
	seen := map[string]string{refundQueryNode: signedBy(t, own, refundQueryNode, yes(`,"out_request_no":"`+vectorRefund+`","refund_status":"REFUND_SUCCESS","refund_amount":"88.80"`))}
	unseen := map[string]string{refundQueryNode: signedBy(t, own, refundQueryNode, yes(""))}
	paid := map[string]string{queryNode: signedBy(t, own, queryNode, yes(`,"trade_status":"TRADE_SUCCESS","total_amount":"88.80"`))}
	both := strings.TrimSuffix(signedBy(t, own, queryNode, yes(`,"trade_status":"TRADE_SUCCESS","total_amount":"88.80"`)), "}") + `,"error_response":` + no("isv.x") + "}"
	for _, g := range []struct {
		name, node, answer string
		beside             map[string]string // answers to other methods
		want               string
	}{
		{"no attempt", queryNode, signedBy(t, own, queryNode, no("ACQ.TRADE_NOT_EXIST")), nil, "not found"},
		{"no attempt, unsigned", queryNode, signedBy(t, "", errorNode, no("ACQ.TRADE_NOT_EXIST")), nil, "refused"},
		{"no attempt, forged", queryNode, signedBy(t, stranger, errorNode, no("ACQ.TRADE_NOT_EXIST")), nil, "unknown"},
		{"an error that is signed", queryNode, signedBy(t, own, errorNode, `{"code":"40002","sub_code":"isv.invalid-app-id"}`), nil, "refused"},
		{"both nodes", queryNode, both, nil, "unknown"},
		{"neither node", queryNode, signedBy(t, own, closeNode, yes("")), nil, "unknown"},
		{"the service fails", queryNode, signedBy(t, own, queryNode, no("ACQ.SYSTEM_ERROR")), nil, "unknown"},
		{"the service fails otherwise", queryNode, signedBy(t, own, queryNode, no("isp.unknow-error")), nil, "unknown"},
		{"in progress", queryNode, signedBy(t, own, queryNode, `{"code":"10003"}`), nil, "unknown"},
		{"another state", queryNode, signedBy(t, own, queryNode, yes(`,"trade_status":"TRADE_NEW","total_amount":"88.80"`)), nil, "unknown"},
		{"another amount", queryNode, signedBy(t, own, queryNode, yes(`,"trade_status":"TRADE_SUCCESS","total_amount":"8e1"`)), nil, "unknown"},

		{"closed meanwhile", closeNode, signedBy(t, own, closeNode, no("ACQ.TRADE_HAS_CLOSE")), paid, "paid"},
		{"paid meanwhile", closeNode, signedBy(t, own, closeNode, no("ACQ.TRADE_HAS_SUCCESS")), paid, "paid"},
		{"in another state", closeNode, signedBy(t, own, closeNode, no("ACQ.REASON_TRADE_STATUS_INVALID")), paid, "paid"},
		{"never opened", closeNode, signedBy(t, own, closeNode, no("ACQ.TRADE_NOT_EXIST")), paid, "not found"},
		{"never opened, unsigned", closeNode, signedBy(t, "", errorNode, no("ACQ.TRADE_NOT_EXIST")), paid, "refused"},

		{"too much", refundNode, signedBy(t, own, refundNode, no("ACQ.REASON_TRADE_REFUND_FEE_ERR")), unseen, "never"},
		{"not what was paid", refundNode, signedBy(t, own, refundNode, no("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")), unseen, "never"},
		{"too much, and done before", refundNode, signedBy(t, own, refundNode, no("ACQ.REASON_TRADE_REFUND_FEE_ERR")), seen, "done"},
		{"too much, unsigned", refundNode, signedBy(t, "", errorNode, no("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")), unseen, "refused"},
		{"too little money", refundNode, signedBy(t, own, refundNode, no("ACQ.SELLER_BALANCE_NOT_ENOUGH")), unseen, "refused"},
		{"nothing moved, and nothing was", refundNode, signedBy(t, own, refundNode, yes(`,"fund_change":"N"`)), unseen, "unknown"},
		{"nothing moved, since it was", refundNode, signedBy(t, own, refundNode, yes(`,"fund_change":"N"`)), seen, "done"},

		{"a refund in another state", refundQueryNode, signedBy(t, own, refundQueryNode, yes(`,"out_request_no":"`+vectorRefund+`","refund_status":"REFUND_PROCESSING","refund_amount":"88.80"`)), nil, "unknown"},
		{"another refund", refundQueryNode, signedBy(t, own, refundQueryNode, yes(`,"out_request_no":"1","refund_status":"REFUND_SUCCESS","refund_amount":"88.80"`)), nil, "unknown"},
		{"a refund of another amount", refundQueryNode, signedBy(t, own, refundQueryNode, yes(`,"out_request_no":"`+vectorRefund+`","refund_status":"REFUND_SUCCESS","refund_amount":"88.8e"`)), nil, "unknown"},
	} {
		set := map[string]string{g.node: g.answer}
		maps.Copy(set, g.beside)
		c := answers(t, set)
		refund := channel.Refund{No: vectorRefund, Attempt: vectorAttempt, Amount: 88_80}
		var got string
		var err error
		switch g.node {
		case queryNode, closeNode:
			ask := c.Query
			if g.node == closeNode {
				ask = c.Close
			}
			var trade channel.Trade
			trade, err = ask(t.Context(), vectorAttempt)
			got = trade.State.String()
		case refundNode, refundQueryNode:
			ask := c.Refund
			if g.node == refundQueryNode {
				ask = c.QueryRefund
			}
			var state channel.RefundState
			state, err = ask(t.Context(), refund)
			got = state.String()
		}
		switch {
		case errors.Is(err, channel.ErrUnknown):
			got = "unknown"
		case errors.Is(err, channel.ErrRefused):
			got = "never"
		case err != nil:
			got = "refused"
		}
		if got != g.want {
			t.Errorf("%s: %s is %s, %v; want %s", g.node, g.name, got, err, g.want)
		}
	}
}
