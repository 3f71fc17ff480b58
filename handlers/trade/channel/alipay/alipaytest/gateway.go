package alipaytest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/signing"
)

// content is that of all requests together.
type content struct {
	OutTradeNo   string `json:"out_trade_no"`
	RefundAmount string `json:"refund_amount"`
	OutRequestNo string `json:"out_request_no"`
}

// serve is the gateway.
func (s *Service) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet || r.URL.Path == payPath {
		s.page(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	form, failure := url.ParseQuery(string(body))
	if err != nil || failure != nil || r.Method != http.MethodPost || r.URL.RequestURI() != "/gateway.do?charset=utf-8" ||
		r.Header.Get("Content-Type") != "application/x-www-form-urlencoded;charset=utf-8" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	method := form.Get("method")
	s.mutex.Lock()
	fault := s.faults[method]
	s.calls = append(s.calls, method)
	s.mutex.Unlock()
	switch fault {
	case Dead:
		panic(http.ErrAbortHandler)
	case Slow:
		select {
		case <-s.done:
		case <-r.Context().Done():
		}
		return
	case Broken:
		http.Error(w, "<html>500", http.StatusInternalServerError)
		return
	case Moved:
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		return
	case Garbage:
		_, _ = io.WriteString(w, "<html>系统繁忙</html>")
		return
	case Long:
		_, _ = io.WriteString(w, strings.Repeat(" ", 2<<20))
		return
	case Denied:
		_, _ = io.WriteString(w, `{"error_response":{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.invalid-app-id"}}`)
		return
	case None, Lost, Forged, Unsigned, Doubled, Another, Busy, NoMoney, Accepted: // it answers
	}
	node := strings.ReplaceAll(method, ".", "_") + "_response"
	answer := s.answer(form, method, fault)
	if fault == Lost {
		panic(http.ErrAbortHandler)
	}
	s.write(w, node, answer, fault)
}

// write signs an answer, or does not.
func (s *Service) write(w io.Writer, node string, answer map[string]string, fault Fault) {
	key := s.own
	if fault == Forged {
		key = s.stranger
	}
	text, err := json.Marshal(answer)
	if err != nil {
		panic(err)
	}
	text = []byte(strings.ReplaceAll(string(text), "/", `\/`)) // as it does
	signature, err := signing.Sign(key, text)
	if err != nil {
		panic(err)
	}
	switch fault {
	case Unsigned:
		_, _ = fmt.Fprintf(w, `{%q:%s}`, node, text)
	case Doubled:
		_, _ = fmt.Fprintf(w, `{%q:%s,%q:{"code":"10000","trade_status":"TRADE_SUCCESS","fund_change":"Y"},"sign":%q}`, node, text, node, signature)
	default:
		_, _ = fmt.Fprintf(w, `{%q:%s,"sign":%q}`, node, text, signature)
	}
}

func refuse(subCode string) map[string]string {
	return map[string]string{"code": "40004", "msg": "Business Failed", "sub_code": subCode, "sub_msg": "交易/失败"}
}

// answer does what is asked.
func (s *Service) answer(form url.Values, method string, fault Fault) map[string]string {
	var c content
	if err := s.verify(form); err != nil {
		return map[string]string{"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-signature", "sub_msg": err.Error()}
	}
	if err := json.Unmarshal([]byte(form.Get("biz_content")), &c); err != nil {
		return map[string]string{"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-parameter"}
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	t := s.trades[c.OutTradeNo]
	switch {
	case fault == Busy:
		return map[string]string{"code": "20000", "msg": "Service Currently Unavailable", "sub_code": "isp.unknow-error"}
	case t == nil:
		return refuse("ACQ.TRADE_NOT_EXIST")
	}
	if t.Status == "WAIT_BUYER_PAY" && !s.now().Before(t.Expires) {
		t.Status = "TRADE_CLOSED"
	}
	var answer map[string]string
	switch method {
	case "alipay.trade.query":
		answer = map[string]string{"trade_status": t.Status, "total_amount": channel.FormatYuan(t.Amount), "buyer_logon_id": "a/b***"}
		if t.Paid {
			answer["send_pay_date"] = "2026-11-26 10:00:42"
		}
	case "alipay.trade.close":
		if t.Status != "WAIT_BUYER_PAY" {
			return refuse("ACQ.TRADE_STATUS_ERROR")
		}
		t.Status, answer = "TRADE_CLOSED", map[string]string{}
	case "alipay.trade.refund":
		if answer = t.refund(c, fault); answer["fund_change"] == "Y" {
			s.bill = append(s.bill, billed{no: c.OutTradeNo, refund: c.OutRequestNo, amount: t.Refunds[c.OutRequestNo], at: s.now()})
		}
	case "alipay.trade.fastpay.refund.query":
		if answer = t.refundStatus(c); answer == nil {
			return map[string]string{"code": "10000", "msg": "Success"}
		}
	default:
		return map[string]string{"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-method"}
	}
	if answer["code"] == "" {
		answer["code"], answer["msg"], answer["out_trade_no"], answer["trade_no"] = "10000", "Success", c.OutTradeNo, tradeNo(c.OutTradeNo)
	}
	if fault == Another {
		answer["out_trade_no"] = "1" + c.OutTradeNo
	}
	return answer
}

func (t *trade) refund(c content, fault Fault) map[string]string {
	amount, err := channel.ParseYuan(c.RefundAmount)
	_, again := t.Refunds[c.OutRequestNo]
	switch {
	case err != nil || c.OutRequestNo == "":
		return refuse("ACQ.INVALID_PARAMETER")
	case again:
		return map[string]string{"fund_change": "N", "refund_fee": channel.FormatYuan(t.refunded())}
	case fault == NoMoney:
		return refuse("ACQ.SELLER_BALANCE_NOT_ENOUGH")
	case t.Status == "TRADE_FINISHED":
		return refuse("ACQ.TRADE_HAS_FINISHED")
	case t.Status != "TRADE_SUCCESS":
		return refuse("ACQ.TRADE_STATUS_ERROR")
	case t.refunded()+amount > t.Amount:
		return refuse("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
	case fault == Accepted:
		return map[string]string{"fund_change": "N", "refund_fee": channel.FormatYuan(t.refunded())}
	}
	t.Refunds[c.OutRequestNo], t.Last = amount, c.OutRequestNo
	if t.refunded() == t.Amount {
		t.Status = "TRADE_CLOSED"
	}
	return map[string]string{"fund_change": "Y", "refund_fee": channel.FormatYuan(t.refunded())}
}

// refundStatus is nil where there is no such refund.
func (t *trade) refundStatus(c content) map[string]string {
	amount, done := t.Refunds[c.OutRequestNo]
	if !done {
		return nil
	}
	return map[string]string{
		"refund_status": "REFUND_SUCCESS", "out_request_no": c.OutRequestNo,
		"refund_amount": channel.FormatYuan(amount), "total_amount": channel.FormatYuan(t.Amount),
	}
}
