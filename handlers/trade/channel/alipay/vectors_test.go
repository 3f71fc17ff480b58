package alipay

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/signing/signingtest"
)

// The vectors were made with openssl, without this code.
const (
	vectorNo     = "2026112609580001701"
	vectorRefund = "R2026112609580001701001"
)

var (
	vectorNow     = time.Date(2026, 11, 26, 10, 0, 0, 0, channel.Beijing)
	vectorAttempt = channel.Attempt{
		No: vectorNo, Amount: 88_80, Subject: "教材 20261126095800017", ReturnURL: "https://campus.example/#/order/20261126095800017",
		CreatTime: vectorNow.Unix(), ExpireTime: vectorNow.Unix() + 1800,
	}
	vectorMerchant = channel.Merchant{App: "2021000000000001", Seller: "2088000000000001"}
)

func vectorChannel(t testing.TB, gateway string) *Channel {
	t.Helper()
	return New(Settings{
		Gateway: gateway, AppID: vectorMerchant.App, SellerID: vectorMerchant.Seller,
		Private: signingtest.Key(t, signingtest.Merchant), Public: &signingtest.Key(t, signingtest.Alipay).PublicKey,
		NotifyURL: "https://campus.example/api/external/callback/alipay", Now: func() time.Time { return vectorNow },
	})
}

func load[T any](t testing.TB, file string) T {
	t.Helper()
	var whole T
	text, err := os.ReadFile("testdata/" + file)
	if err == nil {
		err = json.Unmarshal(text, &whole)
	}
	if err != nil {
		t.Fatal(err)
	}
	return whole
}

func query(t *testing.T, text string) url.Values {
	t.Helper()
	values, err := url.ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

type outgoing struct {
	Cases []struct {
		Name         string            `json:"name"`
		Params       map[string]string `json:"params"`
		Sign         string            `json:"sign"`
		StringToSign string            `json:"string_to_sign"`
		Method       string            `json:"method"`
		URL          string            `json:"url"`
		ContentType  string            `json:"content_type"`
		Body         string            `json:"body"`
	} `json:"cases"`
}

// What is signed is what openssl signed, letter by letter.
func TestSigned(t *testing.T) {
	t.Parallel()
	c := vectorChannel(t, "https://openapi.alipay.com/gateway.do")
	for _, v := range load[outgoing](t, "outgoing.json").Cases {
		form, err := c.signed(v.Params["method"], json.RawMessage(v.Params["biz_content"]),
			map[string]string{"notify_url": v.Params["notify_url"], "return_url": v.Params["return_url"]})
		if err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		if form.Get("sign") != v.Sign {
			t.Errorf("%s is signed %s", v.Name, form.Get("sign"))
		}
		want := query(t, v.Body)
		if v.Method == "" {
			_, text, _ := strings.Cut(v.URL, "?")
			want = query(t, text)
		}
		if diff := cmp.Diff(want, form); diff != "" {
			t.Errorf("%s: %s", v.Name, diff)
		}
		plain := map[string]string{}
		for name := range form {
			if name != "sign" {
				plain[name] = form.Get(name)
			}
		}
		if v.StringToSign != "" && signedText(plain) != v.StringToSign {
			t.Errorf("%s: %s", v.Name, signedText(plain))
		}
	}
}

// Each method sends what the vectors send, and an answer comes back.
func TestRequests(t *testing.T) {
	t.Parallel()
	type sent struct{ method, uri, contentType, body string }
	requests := make(chan sent, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		requests <- sent{r.Method, r.URL.RequestURI(), r.Header.Get("Content-Type"), string(body)}
	}))
	t.Cleanup(server.Close)
	c := vectorChannel(t, server.URL+"/gateway.do")
	refund := channel.Refund{No: vectorRefund, Attempt: vectorAttempt, Amount: 88_80, Reason: "超时支付退款"}
	calls := map[string]func() error{
		"query":        func() error { _, err := c.Query(t.Context(), vectorAttempt); return err },
		"close":        func() error { _, err := c.Close(t.Context(), vectorAttempt); return err },
		"refund":       func() error { _, err := c.Refund(t.Context(), refund); return err },
		"refund_query": func() error { _, err := c.QueryRefund(t.Context(), refund); return err },
	}
	for _, v := range load[outgoing](t, "outgoing.json").Cases {
		call := calls[v.Name]
		if call == nil {
			continue
		}
		delete(calls, v.Name)
		if err := call(); !errors.Is(err, channel.ErrUnknown) {
			t.Errorf("%s, without an answer: %v", v.Name, err)
		}
		got := <-requests
		want := sent{v.Method, "/gateway.do?charset=utf-8", v.ContentType, got.body}
		if got != want {
			t.Errorf("%s: %+v", v.Name, got)
		}
		if diff := cmp.Diff(query(t, v.Body), query(t, got.body)); diff != "" {
			t.Errorf("%s: %s", v.Name, diff)
		}
	}
	if len(calls) > 0 {
		t.Errorf("without a vector: %v", calls)
	}
}

type incoming struct {
	Order struct {
		No     string `json:"out_trade_no"`
		Amount int64  `json:"amount_fen"`
		App    string `json:"app_id"`
		Seller string `json:"seller_id"`
	} `json:"order"`
	Cases []struct {
		Name      string `json:"name"`
		Body      string `json:"body"`
		Signature string `json:"signature"`
		Outcome   string `json:"outcome"`
		Answer    string `json:"answer"`
		RefundFen int64  `json:"refund_fen"`
		Text      string `json:"string_to_verify"`
		TextBytes []byte `json:"string_to_verify_base64"`
	} `json:"cases"`
}

// outcome is what follows from a claim that fits.
func outcome(e channel.Event) string {
	switch {
	case e.Trade.Refunded > 0:
		return "refund"
	case e.Trade.State == channel.Paid:
		return "paid"
	case e.Trade.State == channel.Closed:
		return "closed"
	}
	return "ignored"
}

func TestNotifications(t *testing.T) {
	t.Parallel()
	c := vectorChannel(t, "")
	all := load[incoming](t, "incoming.json")
	merchant := channel.Merchant{App: all.Order.App, Seller: all.Order.Seller}
	order := &channel.Attempt{No: all.Order.No, Amount: all.Order.Amount}
	if len(all.Cases) < 20 || c.Merchant() != merchant {
		t.Fatalf("%d cases, %+v", len(all.Cases), merchant)
	}
	header := func(string) string { t.Error("a header is read"); return "" } // a Content-Type may be any
	for _, v := range all.Cases {
		event, err := c.Notify(header, []byte(v.Body), vectorNow)
		if errors.Is(err, channel.ErrUnverified) != (v.Signature != "good") {
			t.Errorf("%s: %v", v.Name, err)
		}
		if err == nil {
			err = channel.Compare(event, merchant, order)
		}
		got := "refused"
		if err == nil {
			got = outcome(event)
		}
		if got != v.Outcome || event.Trade.Refunded != v.RefundFen || got == "refund" && event.RefundNo != vectorRefund {
			t.Errorf("%s is %s, %+v, %v; want %s", v.Name, got, event, err, v.Outcome)
		}
		status, _, answer := c.Answer(err)
		if success := status == http.StatusOK && string(answer) == "success"; success != (v.Answer == "success") {
			t.Errorf("%s is answered %d %s", v.Name, status, answer)
		}
		want := v.Text
		if want == "" {
			want = string(v.TextBytes)
		}
		if f, err := readForm([]byte(v.Body)); err == nil && want != "" {
			delete(f, "sign")
			delete(f, "sign_type")
			if got := signedText(f); got != want {
				t.Errorf("%s: what is verified is %s", v.Name, base64.StdEncoding.EncodeToString([]byte(got)))
			}
		}
	}
}

type responses struct {
	Cases []struct {
		Name   string `json:"name"`
		Raw    string `json:"raw"`
		Node   string `json:"node"`
		Expect string `json:"expect"`
	} `json:"cases"`
}

// answers is a gateway that answers each method with what is set for its node.
func answers(t *testing.T, set map[string]string) *Channel {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, set[strings.ReplaceAll(r.FormValue("method"), ".", "_")+"_response"])
	}))
	t.Cleanup(server.Close)
	return vectorChannel(t, server.URL)
}

func tradeTold(trade channel.Trade, err error) string {
	switch {
	case errors.Is(err, channel.ErrUnknown):
		return "unknown"
	case err != nil:
		return "refused"
	case trade.State == channel.Paid && trade.Amount != 88_80:
		return "another amount"
	}
	return trade.State.String()
}

func refundTold(state channel.RefundState, err error) string {
	switch {
	case errors.Is(err, channel.ErrUnknown):
		return "unknown"
	case err != nil:
		return "refused"
	case state == channel.RefundDone:
		return "refunded"
	}
	return state.String()
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	raw := map[string]string{}
	all := load[responses](t, "responses.json").Cases
	for _, v := range all {
		raw[v.Name] = v.Raw
	}
	const (
		queried, closed = "alipay_trade_query_response", "alipay_trade_close_response"
		refunded, told  = "alipay_trade_refund_response", "alipay_trade_fastpay_refund_query_response"
	)
	refund := channel.Refund{No: vectorRefund, Attempt: vectorAttempt, Amount: 88_80}
	for _, v := range all {
		var got string
		switch v.Node {
		case queried, "error_response":
			got = tradeTold(answers(t, map[string]string{queried: v.Raw}).Query(t.Context(), vectorAttempt))
		case closed: // the state moved under us: the query tells
			got = tradeTold(answers(t, map[string]string{closed: v.Raw, queried: raw["query_paid"]}).Close(t.Context(), vectorAttempt))
		case refunded:
			got = refundTold(answers(t, map[string]string{refunded: v.Raw, told: raw["refund_query_absent"]}).Refund(t.Context(), refund))
		case told:
			got = refundTold(answers(t, map[string]string{told: v.Raw}).QueryRefund(t.Context(), refund))
		}
		want := v.Expect
		switch want {
		case "bad signature", "confirm by query": // which does not confirm it
			want = "unknown"
		case "query":
			want = "paid"
		}
		if got != want {
			t.Errorf("%s is %s, want %s", v.Name, got, v.Expect)
		}
	}
	c := answers(t, map[string]string{refunded: raw["refund_repeated"], told: raw["refund_query_done"]})
	if state, err := c.Refund(t.Context(), refund); state != channel.RefundDone || err != nil {
		t.Errorf("a repeat that the query confirms is %s, %v", state, err)
	}
	other := refund
	other.Amount--
	if state, err := c.QueryRefund(t.Context(), other); state != channel.RefundPending || !errors.Is(err, channel.ErrUnknown) {
		t.Errorf("a refund of another amount is %s, %v", state, err)
	}
}
