package alipay

import (
	"bytes"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/signing"
)

// answer is what is read of the gateway's answers.
type answer struct {
	Code         string `json:"code"`
	Message      string `json:"msg"`
	SubCode      string `json:"sub_code"`
	SubMessage   string `json:"sub_msg"`
	OutTradeNo   string `json:"out_trade_no"`
	TradeNo      string `json:"trade_no"`
	TradeStatus  string `json:"trade_status"`
	TotalAmount  string `json:"total_amount"`
	SendPayDate  string `json:"send_pay_date"`
	FundChange   string `json:"fund_change"`
	OutRequestNo string `json:"out_request_no"`
	RefundStatus string `json:"refund_status"`
	RefundAmount string `json:"refund_amount"`
}

// The codes of an answer. The others that begin with 4 are about the request, and mended by
// a setting.
const (
	codeDone    = "10000"
	codeRefused = "40004" // by the rules of trade: a sub_code says which
	errorNode   = "error_response"
)

// A refusal is a no of the gateway.
type refusal struct {
	code, subCode, message string
	signed                 bool
}

func (r *refusal) Error() string {
	return fmt.Sprintf("alipay refuses: %s %s (%.200q)", r.code, r.subCode, r.message)
}

// subCodeOf is what the rules of trade have against it, "" where a failure is another, or
// is not signed: that proves nothing.
func subCodeOf(err error) string {
	if no, ok := errors.AsType[*refusal](err); ok && no.signed && no.code == codeRefused {
		return no.subCode
	}
	return ""
}

// readAnswer returns what a node says that is signed by a key. What says no in due form is a
// [*refusal], all else [channel.ErrUnknown]: what was asked may have happened.
func readAnswer(body []byte, node string, key *rsa.PublicKey) (answer, error) {
	all, err := members(body)
	if err != nil {
		return answer{}, channel.Unknown("%s", err)
	}
	text, own := all[node]
	failure, failed := all[errorNode]
	if own == failed {
		return answer{}, channel.Unknown("it has not one of %s and %s", node, errorNode)
	}
	if failed {
		text = failure
	}
	_, signed := all["sign"]
	if signed || own {
		var signature string
		if json.Unmarshal(all["sign"], &signature) != nil || !isSigned(key, text, signature) {
			return answer{}, channel.Unknown("it is not signed by alipay's key")
		}
	}
	var read answer
	if err := json.Unmarshal(text, &read); err != nil {
		return answer{}, channel.Unknown("%s", err)
	}
	return read, read.judge(failed, signed)
}

// judge returns why an answer is no yes.
func (a answer) judge(failed, signed bool) error {
	switch {
	case a.Code == codeDone && !failed:
		return nil
	case !strings.HasPrefix(a.Code, "4"), strings.HasPrefix(a.SubCode, "isp."), strings.HasSuffix(a.SubCode, "ACQ.SYSTEM_ERROR"):
		return channel.Unknown("%.20s %.100s", a.Code, a.SubCode)
	}
	message := a.SubMessage
	if message == "" {
		message = a.Message
	}
	return &refusal{code: a.Code, subCode: a.SubCode, message: message, signed: signed}
}

// isSigned verifies the text of a node as it stands. Alipay may have signed \/ as / : its
// own clients try that too.
func isSigned(key *rsa.PublicKey, text []byte, signature string) bool {
	return signing.Verify(key, text, signature) == nil ||
		signing.Verify(key, bytes.ReplaceAll(text, []byte(`\/`), []byte(`/`)), signature) == nil
}

// members are those of a JSON object, their texts as they stand. A name twice is an error:
// who verifies the one and who reads the other would disagree.
func members(body []byte) (map[string]json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if first, err := decoder.Token(); err != nil || first != json.Delim('{') {
		return nil, errors.New("it is no JSON object")
	}
	all := map[string]json.RawMessage{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string)
		if _, twice := all[name]; twice {
			return nil, fmt.Errorf("%.64q is there twice", name)
		}
		var text json.RawMessage
		if err := decoder.Decode(&text); err != nil {
			return nil, err
		}
		all[name] = text
	}
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	return all, nil
}
