package wechattest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"campusgate/handlers/trade/channel/signing"
)

// The calls.
const (
	Create       = "create"
	Query        = "query"
	Close        = "close"
	Refund       = "refund"
	QueryRefund  = "query refund"
	Certificates = "certificates"
)

const (
	orders  = "/v3/pay/transactions/out-trade-no/"
	refunds = "/v3/refund/domestic/refunds"
)

// nameOf is which call a request is.
func nameOf(r *http.Request) string {
	path := r.URL.Path
	switch post := r.Method == http.MethodPost; {
	case post && path == "/v3/pay/transactions/native":
		return Create
	case post && strings.HasPrefix(path, orders) && strings.HasSuffix(path, "/close"):
		return Close
	case post && path == refunds:
		return Refund
	case !post && strings.HasPrefix(path, orders):
		return Query
	case !post && strings.HasPrefix(path, refunds+"/"):
		return QueryRefund
	case !post && path == "/v3/certificates":
		return Certificates
	}
	return ""
}

// answer is what is told.
type answer struct {
	status  int
	content any // nil is an empty body
}

func no(status int, code string) answer {
	return answer{status, map[string]string{"code": code, "message": "不行"}}
}

// serve answers, or does not.
func (s *Service) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	call := nameOf(r)
	s.mutex.Lock()
	fault := s.faults[call]
	s.calls = append(s.calls, call)
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
	case Long:
		_, _ = io.WriteString(w, strings.Repeat(" ", 2<<20))
		return
	case Denied:
		s.write(w, no(http.StatusUnauthorized, "SIGN_ERROR"), Unsigned)
		return
	case Busy:
		s.write(w, no(http.StatusInternalServerError, "SYSTEM_ERROR"), None)
		return
	case None, Lost, Garbage, Forged, Unsigned, Old, Another, NoMoney: // it answers
	}
	if err := s.verify(r, body); err != nil {
		s.write(w, answer{http.StatusUnauthorized, map[string]string{"code": "SIGN_ERROR", "message": err.Error()}}, Unsigned)
		return
	}
	s.mutex.Lock()
	told := s.answer(r, call, body, fault)
	s.mutex.Unlock()
	if fault == Lost {
		panic(http.ErrAbortHandler)
	}
	s.write(w, told, fault)
}

// write signs an answer, or does not.
func (s *Service) write(w http.ResponseWriter, told answer, fault Fault) {
	var body []byte
	if told.content != nil {
		text, err := json.Marshal(told.content)
		if err != nil {
			panic(err)
		}
		body = text
	}
	key, at := s.Own, s.Now()
	switch fault { //nolint:exhaustive // the others are signed as they should be
	case Garbage:
		body = []byte("<html>系统繁忙</html>")
	case Forged:
		key = s.Stranger
	case Old:
		at = at.Add(-6 * time.Minute)
	}
	if fault != Unsigned {
		for name, value := range headers(key, s.PublicKeyID, body, at) {
			w.Header().Set(name, value)
		}
	}
	w.Header().Set("Request-ID", "08F78BB5AF06")
	w.WriteHeader(told.status)
	_, _ = w.Write(body)
}

var authorization = regexp.MustCompile(`^WECHATPAY2-SHA256-RSA2048 mchid="([0-9]+)",nonce_str="([0-9A-F]{32})",timestamp="([0-9]+)",serial_no="([0-9A-F]{40})",signature="([^"]+)"$`)

// verify holds a request against the merchant's key.
func (s *Service) verify(r *http.Request, body []byte) error {
	groups := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	if groups == nil || groups[1] != s.Merchant.Seller || groups[4] != s.Serial {
		return fmt.Errorf("authorization is %q", r.Header.Get("Authorization"))
	}
	if got := r.Header.Get("Wechatpay-Serial"); got != s.PublicKeyID || r.Header.Get("Accept") != "application/json" || r.Header.Get("User-Agent") == "" {
		return fmt.Errorf("a header is wrong: %v", r.Header)
	}
	seconds, err := strconv.ParseInt(groups[3], 10, 64)
	if off := s.Now().Sub(time.Unix(seconds, 0)); err != nil || off.Abs() > 5*time.Minute {
		return fmt.Errorf("the timestamp is %q", groups[3])
	}
	text := r.Method + "\n" + r.URL.RequestURI() + "\n" + groups[3] + "\n" + groups[2] + "\n" + string(body) + "\n"
	return signing.Verify(s.Account, []byte(text), groups[5])
}

// told is what it tells of an order.
func (s *Service) told(o *order) map[string]any {
	told := map[string]any{
		"mchid": s.Merchant.Seller, "appid": s.Merchant.App, "out_trade_no": o.Number, "trade_state": o.State,
		"amount": map[string]any{"total": o.Total, "payer_total": o.Total - 1, "currency": "CNY", "payer_currency": "CNY"},
	}
	if o.State == "SUCCESS" || o.State == "REFUND" {
		told["transaction_id"], told["trade_type"] = "T"+o.Number, "NATIVE"
	}
	return told
}

// answer does what is asked.
func (s *Service) answer(r *http.Request, call string, body []byte, fault Fault) answer {
	switch call {
	case Create:
		return s.create(body)
	case Refund:
		return s.refund(body, fault)
	case QueryRefund:
		return s.queryRefund(strings.TrimPrefix(r.URL.Path, refunds+"/"), fault)
	case Query, Close:
	default:
		return no(http.StatusNotFound, "RESOURCE_NOT_EXISTS")
	}
	number := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, orders), "/close")
	o := s.orders[number]
	if o == nil {
		return no(http.StatusNotFound, "ORDER_NOT_EXIST")
	}
	if o.State == "NOTPAY" && !s.Now().Before(o.Expires) {
		o.State = "CLOSED"
	}
	if call == Query {
		if r.URL.Query().Get("mchid") != s.Merchant.Seller {
			return no(http.StatusBadRequest, "PARAM_ERROR")
		}
		told := s.told(o)
		if fault == Another {
			told["out_trade_no"] = "1" + number
		}
		return answer{http.StatusOK, told}
	}
	var asked struct{ MchID string }
	switch {
	case json.Unmarshal(body, &asked) != nil || asked.MchID != s.Merchant.Seller:
		return no(http.StatusBadRequest, "PARAM_ERROR")
	case o.State == "SUCCESS" || o.State == "REFUND":
		return no(http.StatusBadRequest, "ORDER_PAID")
	}
	o.State = "CLOSED"
	return answer{http.StatusNoContent, nil}
}

var orderNumber = regexp.MustCompile(`^[0-9A-Za-z_\-|*]{6,32}$`)

// create makes an order, or another code for the one that is the same.
func (s *Service) create(body []byte) answer {
	var asked struct {
		MchID, AppID, Description string
		OutTradeNo                string `json:"out_trade_no"`
		TimeExpire                string `json:"time_expire"`
		NotifyURL                 string `json:"notify_url"`
		Amount                    struct {
			Total    int64
			Currency string
		}
	}
	err := json.Unmarshal(body, &asked)
	expires, failure := time.Parse(time.RFC3339, asked.TimeExpire)
	if err != nil || failure != nil || !strings.HasSuffix(asked.TimeExpire, "+08:00") || asked.MchID != s.Merchant.Seller || asked.AppID != s.Merchant.App ||
		asked.Description == "" || len([]rune(asked.Description)) > 127 || !orderNumber.MatchString(asked.OutTradeNo) ||
		!strings.HasPrefix(asked.NotifyURL, "https://") && !strings.HasPrefix(asked.NotifyURL, "http://127.0.0.1") || strings.Contains(asked.NotifyURL, "?") || asked.Amount.Total < 1 || asked.Amount.Currency != "CNY" {
		return no(http.StatusBadRequest, "PARAM_ERROR")
	}
	o := s.orders[asked.OutTradeNo]
	switch {
	case o == nil && expires.Sub(s.Now()) < time.Minute:
		return no(http.StatusBadRequest, "PARAM_ERROR")
	case o == nil:
		o = &order{Number: asked.OutTradeNo, Content: string(body), State: "NOTPAY", Total: asked.Amount.Total, Expires: expires}
		s.orders[asked.OutTradeNo] = o
	case o.Content != string(body):
		return no(http.StatusBadRequest, "INVALID_REQUEST")
	case o.State == "CLOSED":
		return no(http.StatusBadRequest, "ORDER_CLOSED")
	case o.State != "NOTPAY":
		return no(http.StatusBadRequest, "ORDER_PAID")
	}
	s.notifyURL = asked.NotifyURL
	return answer{http.StatusOK, map[string]string{"code_url": "weixin://wxpay/bizpayurl?pr=" + asked.OutTradeNo}}
}

// refund accepts one, at most fifty of an order, a minute apart.
func (s *Service) refund(body []byte, fault Fault) answer {
	var asked struct {
		OutTradeNo  string `json:"out_trade_no"`
		OutRefundNo string `json:"out_refund_no"`
		Reason      string
		NotifyURL   string `json:"notify_url"`
		Amount      struct {
			Refund, Total int64
			Currency      string
		}
	}
	if json.Unmarshal(body, &asked) != nil || asked.OutRefundNo == "" || len(asked.OutRefundNo) > 64 || len([]rune(asked.Reason)) > 80 ||
		asked.NotifyURL == "" || asked.Amount.Currency != "CNY" || asked.Amount.Refund < 1 {
		return no(http.StatusBadRequest, "PARAM_ERROR")
	}
	o := s.orders[asked.OutTradeNo]
	if o == nil {
		return no(http.StatusNotFound, "RESOURCE_NOT_EXISTS")
	}
	sum := asked.Amount.Refund
	for _, r := range o.Refunds {
		if r.Number == asked.OutRefundNo {
			if r.Amount != asked.Amount.Refund {
				return no(http.StatusBadRequest, "INVALID_REQUEST")
			}
			return answer{http.StatusOK, toldRefund(o, r, fault)}
		}
		if r.Status == "SUCCESS" || r.Status == "PROCESSING" {
			sum += r.Amount
		}
	}
	switch {
	case fault == NoMoney:
		return no(http.StatusForbidden, "NOT_ENOUGH")
	case o.State != "SUCCESS" && o.State != "REFUND", asked.Amount.Total != o.Total, sum > o.Total, len(o.Refunds) >= 50:
		return no(http.StatusBadRequest, "INVALID_REQUEST")
	case len(o.Refunds) > 0 && s.Now().Sub(o.Refunding) < time.Minute:
		return no(http.StatusTooManyRequests, "FREQUENCY_LIMITED")
	}
	made := &refund{Number: asked.OutRefundNo, Status: "SUCCESS", Amount: asked.Amount.Refund}
	if s.pending {
		made.Status = "PROCESSING"
	}
	o.Refunds, o.Refunding, o.State = append(o.Refunds, made), s.Now(), "REFUND"
	s.bill = append(s.bill, billed{no: o.Number, refund: made.Number, amount: made.Amount, at: s.Now()})
	return answer{http.StatusOK, toldRefund(o, made, fault)}
}

func (s *Service) queryRefund(number string, fault Fault) answer {
	for _, o := range s.orders {
		for _, r := range o.Refunds {
			if r.Number == number {
				return answer{http.StatusOK, toldRefund(o, r, fault)}
			}
		}
	}
	return no(http.StatusNotFound, "RESOURCE_NOT_EXISTS")
}

func toldRefund(o *order, r *refund, fault Fault) map[string]any {
	told := map[string]any{
		"refund_id": "R" + r.Number, "out_refund_no": r.Number, "transaction_id": "T" + o.Number, "out_trade_no": o.Number, "channel": "ORIGINAL",
		"status": r.Status, "amount": map[string]any{"total": o.Total, "refund": r.Amount, "payer_total": o.Total, "payer_refund": r.Amount, "currency": "CNY"},
	}
	if fault == Another {
		told["out_refund_no"] = "1" + r.Number
	}
	return told
}
