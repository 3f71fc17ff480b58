package pingpp

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/signing"
	"campusgate/handlers/trade/channel/signing/signingtest"
)

// The vectors were made with openssl, by no Go code.
const (
	vectorApp    = "app_TESTonlyCampus01"
	vectorAPIKey = "sk_test_TESTonlyNotARealKey00"
	vectorNo     = "2026112609580001701"
	vectorCharge = "ch_TESTonly0000000000000000"
	vectorRefund = "R2026112609580001701001"
)

var (
	vectorNow     = time.Unix(1_795_658_400, 0)
	vectorAttempt = channel.Attempt{
		No: vectorNo, ChannelID: vectorCharge, Amount: 88_80, Subject: "教材", ReturnURL: "https://campus.example/pay/done?a=b",
		CreatTime: vectorNow.Unix(), ExpireTime: vectorNow.Unix() + 1800,
	}
)

func vectorChannel(t testing.TB, endpoint string) *Channel {
	t.Helper()
	return New(Settings{
		Endpoint: endpoint, AppID: vectorApp, APIKey: vectorAPIKey, Private: signingtest.Key(t, signingtest.Merchant),
		Public: &signingtest.Key(t, signingtest.Pingpp).PublicKey, Now: func() time.Time { return vectorNow },
	})
}

func load[T any](t testing.TB, file string) (cases []T) {
	t.Helper()
	var whole struct {
		Cases []T `json:"cases"`
	}
	text, err := os.ReadFile("testdata/" + file)
	if err == nil {
		err = json.Unmarshal(text, &whole)
	}
	if err != nil || len(whole.Cases) == 0 {
		t.Fatalf("%s: %v", file, err)
	}
	return whole.Cases
}

type outgoing struct {
	Name         string            `json:"name"`
	Method       string            `json:"method"`
	URL          string            `json:"url"`
	Headers      map[string]string `json:"headers"`
	Body         string            `json:"body"`
	StringToSign string            `json:"string_to_sign"`
}

// What is sent is signed as openssl signed it: the bytes of the body, the path with its
// query as it is sent, and the seconds.
func TestSigned(t *testing.T) {
	t.Parallel()
	type sent struct {
		method, uri, body string
		headers           http.Header
	}
	requests := make(chan sent, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		requests <- sent{r.Method, r.URL.RequestURI(), string(body), r.Header}
	}))
	t.Cleanup(server.Close)
	c := vectorChannel(t, server.URL)
	for _, v := range load[outgoing](t, "outgoing.json") {
		path := strings.TrimPrefix(v.URL, "https://api.pingxx.com")
		var body []byte
		if v.Body != "" {
			body = []byte(v.Body)
		}
		if got := string(signedText(body, path, v.Headers["Pingplusplus-Request-Timestamp"])); got != v.StringToSign {
			t.Errorf("%s: %s", v.Name, got)
		}
		if _, err := c.send(t.Context(), v.Method, path, body); err != nil {
			t.Errorf("%s: %v", v.Name, err)
			continue
		}
		got := <-requests
		if got.method != v.Method || got.uri != path || got.body != v.Body {
			t.Errorf("%s: %s %s %s", v.Name, got.method, got.uri, got.body)
		}
		for name, want := range v.Headers {
			if got := got.headers.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", v.Name, name, got, want)
			}
		}
	}
}

type incoming struct {
	Name      string            `json:"name"`
	Headers   map[string]string `json:"headers"`
	Body      string            `json:"body"`
	Signature string            `json:"signature"`
	Outcome   string            `json:"outcome"`
	RefundFen int64             `json:"refund_fen"`
}

func TestNotifications(t *testing.T) {
	t.Parallel()
	c := vectorChannel(t, "")
	order := &channel.Attempt{No: vectorNo, Amount: 88_80}
	for _, v := range load[incoming](t, "incoming.json") {
		header := func(name string) string {
			for known, value := range v.Headers {
				if strings.EqualFold(known, name) { // proxies write names as they like
					return value
				}
			}
			return ""
		}
		event, err := c.Notify(header, []byte(v.Body), vectorNow)
		if errors.Is(err, channel.ErrUnverified) != (v.Signature != "good") {
			t.Errorf("%s: %v", v.Name, err)
		}
		got := "refused"
		switch {
		case err != nil:
		case event == (channel.Event{}):
			got = "ignored"
		case event.RefundNo != "":
			got = "refund"
			if event.RefundNo != vectorRefund || event.Trade.Refunded != v.RefundFen || event.RefundState != channel.RefundDone {
				t.Errorf("%s: %+v", v.Name, event)
			}
		default:
			known := order
			if event.AttemptNo != order.No {
				known = nil
			}
			if err = channel.Compare(event, c.Merchant(), known); err == nil && event.Trade.State == channel.Paid {
				got = "paid"
			}
		}
		if got != v.Outcome {
			t.Errorf("%s is %s, %+v, %v; want %s", v.Name, got, event, err, v.Outcome)
		}
		if status, _, _ := c.Answer(err); (status == http.StatusOK) != (v.Outcome != "refused") {
			t.Errorf("%s is answered %d", v.Name, status)
		}
	}
}

type response struct {
	Name   string `json:"name"`
	Status int    `json:"status"`
	Expect string `json:"expect"`
	Body   string `json:"body"`
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, v := range load[response](t, "responses.json") {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet { // before a refund, and behind one that is refused
				_, _ = io.WriteString(w, `{"object":"list","has_more":false,"data":[]}`)
				return
			}
			w.WriteHeader(v.Status)
			_, _ = io.WriteString(w, v.Body)
		}))
		t.Cleanup(server.Close)
		c := vectorChannel(t, server.URL)
		a := vectorAttempt
		a.ChannelID = ""
		action, err := c.Create(t.Context(), a)
		refund := channel.Refund{No: vectorRefund, Attempt: vectorAttempt, Amount: 88_80, Reason: "超时支付退款"}
		state, refundErr := c.Refund(t.Context(), refund)
		got := "refused"
		switch {
		case strings.HasPrefix(v.Name, "refund_"):
			if refundErr == nil && state == channel.RefundPending {
				got = "pending"
			} else if refundErr != nil || state != channel.RefundFailed {
				got = "another"
			}
		case errors.Is(err, channel.ErrUnknown) && errors.Is(refundErr, channel.ErrUnknown):
			got = "unknown"
		case action.CodeURL == "weixin://wxpay/bizpayurl?pr=TESTonly00" && action.ChannelID == vectorCharge:
			got = "code_url"
		case strings.HasPrefix(action.PayURL, "https://mapi.alipay.com/gateway.do?") && strings.Contains(action.PayURL, "total_fee=88.80"):
			got = "redirect"
		case !errors.Is(err, channel.ErrRefused) || !errors.Is(refundErr, channel.ErrRefused):
			got = "neither"
		}
		if got != v.Expect {
			t.Errorf("%s is %s, %+v, %v, %s, %v; want %s", v.Name, got, action, err, state, refundErr, v.Expect)
		}
	}
}

// Whatever is posted, nothing is read without the signature of its bytes, and what is signed
// is read or refused.
func FuzzNotify(f *testing.F) {
	for _, v := range load[incoming](f, "incoming.json") {
		f.Add([]byte(v.Body), v.Headers[signatureHeader])
	}
	for _, text := range []string{"", "{}", `{"type":"charge.succeeded"}`, `{"type":"refund.succeeded","livemode":true,"data":{"object":{"metadata":[]}}}`} {
		f.Add([]byte(text), "")
	}
	c := vectorChannel(f, "")
	f.Fuzz(func(t *testing.T, body []byte, signature string) {
		event, err := c.Notify(func(string) string { return signature }, body, vectorNow)
		if err == nil && signing.Verify(c.settings.Public, body, signature) != nil {
			t.Errorf("%q is taken as signed: %+v", body, event)
		}
		event, err = readEvent(body)
		if err != nil && event != (channel.Event{AttemptNo: event.AttemptNo}) {
			t.Errorf("%q: %+v, %v", body, event, err)
		}
		if err == nil && event.RefundNo == "" && event.AttemptNo != "" && event.Trade.State != channel.Paid && event.Trade.State != channel.Refunded {
			t.Errorf("%q: %+v", body, event)
		}
	})
}
