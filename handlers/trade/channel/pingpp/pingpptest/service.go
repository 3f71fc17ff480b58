package pingpptest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"campusgate/handlers/trade/channel/signing"
)

// nameOf is which call a request is.
func nameOf(r *http.Request) string {
	rest, isCharge := strings.CutPrefix(r.URL.Path, "/v1/charges")
	switch {
	case !isCharge:
		return ""
	case rest == "" && r.Method == http.MethodPost:
		return "create"
	case rest == "":
		return "list"
	case strings.HasSuffix(rest, "/refunds") && r.Method == http.MethodPost:
		return "refund"
	case strings.HasSuffix(rest, "/refunds"):
		return "refunds"
	}
	return "get"
}

// serve answers, or does not.
func (s *Service) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	call := nameOf(r)
	s.mutex.Lock()
	fault := s.fault[call]
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
	case Broken:
		refuse(w, http.StatusInternalServerError, "api_error", "out of order")
	case Gateway:
		w.WriteHeader(http.StatusBadGateway)
	case Garbage:
		_, _ = io.WriteString(w, "<html>系统繁忙</html>")
	case Empty:
		_, _ = io.WriteString(w, "{}")
	case Long:
		_, _ = io.WriteString(w, strings.Repeat(" ", 2<<20))
	case Moved:
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	case Proxy:
		http.Error(w, `{"message":"blocked"}`, http.StatusBadRequest)
	case Denied:
		refuse(w, http.StatusUnauthorized, "authentication_error", "bad key")
	case Busy:
		refuse(w, http.StatusForbidden, "rate_limit_error", "too often")
	case Refused:
		refuse(w, http.StatusPaymentRequired, "channel_error", "the channel refuses")
	default:
		s.do(w, r, call, body, fault)
	}
}

// do does what is asked, and tells it.
func (s *Service) do(w http.ResponseWriter, r *http.Request, call string, body []byte, fault Fault) {
	if err := s.verify(r, body); err != nil {
		refuse(w, http.StatusUnauthorized, "authentication_error", err.Error())
		return
	}
	s.mutex.Lock()
	if fault == Queued {
		s.queue = append(s.queue, func() { _, _ = s.answer(r, call, body) })
		s.mutex.Unlock()
		panic(http.ErrAbortHandler)
	}
	answer, err := s.answer(r, call, body)
	switch {
	case fault == Lost:
		s.mutex.Unlock()
		panic(http.ErrAbortHandler)
	case err != nil:
		s.mutex.Unlock()
		refuse(w, http.StatusBadRequest, "invalid_request_error", err.Error())
		return
	case answer == nil:
		s.mutex.Unlock()
		refuse(w, http.StatusNotFound, "invalid_request_error", "no such charge")
		return
	}
	text, err := json.Marshal(answer)
	if change := s.changes[call]; err == nil && change != nil {
		text, err = changed(text, change)
	}
	s.mutex.Unlock()
	if err != nil {
		panic(err)
	}
	shown := string(text)
	switch fault { //nolint:exhaustive // the others have no answer, or the true one
	case Another:
		shown = strings.NewReplacer(`"order_no":"`, `"order_no":"1`, `"refund_no":"`, `"refund_no":"1`).Replace(shown)
	case Late:
		select {
		case <-time.After(50 * time.Millisecond):
		case <-r.Context().Done():
		}
	case Bare:
		shown = strings.ReplaceAll(shown, `"credential":{`, `"credential":{},"was":{`)
	case TestMode:
		shown = strings.ReplaceAll(shown, `"livemode":true`, `"livemode":false`)
	}
	_, _ = io.WriteString(w, shown)
}

// changed is an answer that a test has changed.
func changed(text []byte, change func(answer map[string]any)) ([]byte, error) {
	var answer map[string]any
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, err
	}
	change(answer)
	return json.Marshal(answer)
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"type": kind, "message": message, "code": "test_only"}})
}

// verify holds a request against the account's keys.
func (s *Service) verify(r *http.Request, body []byte) error {
	if got := r.Header.Get("Authorization"); got != "Bearer "+s.APIKey {
		return fmt.Errorf("authorization is %q", got)
	}
	seconds := r.Header.Get("Pingplusplus-Request-Timestamp")
	at, err := strconv.ParseInt(seconds, 10, 64)
	if off := s.Now().Sub(time.Unix(at, 0)); err != nil || off.Abs() > 5*time.Minute {
		return fmt.Errorf("the timestamp is %q", seconds)
	}
	text := string(body) + r.URL.RequestURI() + seconds
	return signing.Verify(s.Account, []byte(text), r.Header.Get("Pingplusplus-Signature"))
}

// answer does what is asked: nil without an error says that there is no such charge.
func (s *Service) answer(r *http.Request, call string, body []byte) (any, error) {
	parts := strings.Split(r.URL.Path, "/")
	switch call {
	case "create":
		return s.create(body)
	case "list":
		if got := r.URL.Query().Get("app[id]"); got != s.App {
			return nil, fmt.Errorf("app[id] is %q", got)
		}
		var all []map[string]any
		for _, c := range slices.Backward(s.charges) {
			all = append(all, c.Fields)
		}
		return page(r, all)
	}
	at := slices.IndexFunc(s.charges, func(c *charge) bool { return len(parts) > 3 && c.id() == parts[3] })
	if at < 0 {
		return nil, nil
	}
	switch call {
	case "get":
		return s.charges[at].Fields, nil
	case "refunds":
		all := slices.Clone(s.charges[at].Refunds)
		slices.Reverse(all)
		return page(r, all)
	}
	return s.refund(s.charges[at], body)
}

// page is a part of a list.
func page(r *http.Request, all []map[string]any) (any, error) {
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || limit < 1 || limit > 100 {
		return nil, fmt.Errorf("limit is %q", r.URL.Query().Get("limit"))
	}
	if after := r.URL.Query().Get("starting_after"); after != "" {
		all = all[1+slices.IndexFunc(all, func(one map[string]any) bool { return one["id"] == after }):]
	}
	return map[string]any{"object": "list", "url": r.URL.Path, "has_more": len(all) > limit, "data": all[:min(len(all), limit)]}, nil
}

// make adds a charge.
func (s *Service) make(fields map[string]any) *charge {
	fields["id"] = fmt.Sprintf("ch_%024d", len(s.charges))
	fields["object"], fields["app"], fields["livemode"], fields["created"] = "charge", s.App, true, s.Now().Unix()
	fields["paid"], fields["refunded"], fields["amount_refunded"] = false, false, 0
	fields["time_paid"], fields["transaction_no"] = nil, nil
	c := &charge{Fields: fields}
	s.charges = append(s.charges, c)
	return c
}

// create makes a charge, or returns the one that is the same; another one with its number
// is refused.
func (s *Service) create(body []byte) (any, error) {
	var asked map[string]any
	if err := json.Unmarshal(body, &asked); err != nil {
		return nil, err
	}
	app, _ := asked["app"].(map[string]any)
	extra, _ := asked["extra"].(map[string]any)
	success, _ := extra["success_url"].(string)
	product, _ := extra["product_id"].(string)
	number, _ := asked["order_no"].(string)
	amount, _ := asked["amount"].(float64)
	subject, _ := asked["subject"].(string)
	text, _ := asked["body"].(string)
	expires, _ := asked["time_expire"].(float64)
	left := int64(expires) - s.Now().Unix()
	var credential any
	switch {
	case app["id"] != s.App, len(number) < 8 || len(number) > 20, amount < 1, asked["currency"] != "cny", asked["client_ip"] == "",
		subject == "" || len([]rune(subject)) > 32, text == "" || len([]rune(text)) > 128, left < 60 || left > 15*86400:
		return nil, fmt.Errorf("one of these is wrong: %s", body)
	case asked["channel"] == "alipay_pc_direct" && success != "" && !strings.Contains(success, "?") && product == "":
		credential = map[string]any{"channel_url": s.alipay(), "out_trade_no": number, "sign": "a+b/c=", "total_fee": 0.29, "expires": expires}
	case asked["channel"] == "wx_pub_qr" && product != "" && len(product) <= 32 && success == "":
		credential = "weixin://wxpay/bizpayurl?pr=" + number
	default:
		return nil, fmt.Errorf("channel %v with extra %v", asked["channel"], extra)
	}
	if old := s.find(number); old != nil && s.fault["create"] != Twice {
		if fmt.Sprint(old.Fields["asked"]) != string(body) || s.Now().Unix()-old.Fields["created"].(int64) > 60 {
			return nil, errors.New("order_no was used")
		}
		return old.Fields, nil
	}
	asked["asked"] = string(body)
	asked["credential"] = map[string]any{"object": "credential", asked["channel"].(string): credential}
	return s.make(asked).Fields, nil
}

// refund gives back, as often as it is asked.
func (s *Service) refund(c *charge, body []byte) (any, error) {
	var asked map[string]any
	if err := json.Unmarshal(body, &asked); err != nil {
		return nil, err
	}
	amount, _ := asked["amount"].(float64)
	description, _ := asked["description"].(string)
	sum := 0.0
	for _, r := range c.Refunds {
		if r["status"] == "pending" {
			return nil, errors.New("a refund is pending")
		}
		if r["status"] == "succeeded" {
			sum += r["amount"].(float64)
		}
	}
	if c.Fields["paid"] != true || amount < 1 || sum+amount > c.Fields["amount"].(float64) || description == "" || len([]rune(description)) > 255 {
		return nil, fmt.Errorf("it is not refunded: %s", body)
	}
	status := "succeeded"
	if s.pending {
		status = "pending"
	}
	made := map[string]any{
		"id": fmt.Sprintf("re_%s%d", c.id()[3:], len(c.Refunds)), "object": "refund", "amount": amount, "status": status, "succeed": !s.pending,
		"charge": c.id(), "charge_order_no": c.Fields["order_no"], "description": description, "metadata": asked["metadata"],
	}
	c.Refunds = append(c.Refunds, made)
	c.sum()
	return made, nil
}
