package wechat

import (
	"encoding/hex"
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
	"campusgate/handlers/trade/channel/client"
	"campusgate/handlers/trade/channel/signing/signingtest"
)

// The vectors were made with openssl, by no Go code.
const (
	vectorNo          = "2026112609580001701"
	vectorRefund      = "R2026112609580001701001"
	vectorKeyID       = "PUB_KEY_ID_0119000000012026112600000000000001"
	vectorCertificate = "0A1B2C3D4E5F60718293A4B5C6D7E8F901234567"
	vectorAPIV3Key    = "TESTONLYcampusgateApiV3key012345"
)

var (
	vectorNow     = time.Unix(1_795_658_400, 0)
	vectorAttempt = channel.Attempt{No: vectorNo, Amount: 88_80, Subject: "教材 20261126095800017", CreatTime: vectorNow.Unix(), ExpireTime: vectorNow.Unix() + 1800}
)

func vectorChannel(t testing.TB, endpoint string, now time.Time) *Channel {
	t.Helper()
	c := New(Settings{
		Endpoint: endpoint, MchID: "1900000001", AppID: "wx0123456789abcdef", Serial: "3775B6A45ACD588826D15E583A95F5DD12345678",
		Private: signingtest.Key(t, signingtest.Merchant), APIV3Key: vectorAPIV3Key, Public: &signingtest.Key(t, signingtest.WeChat).PublicKey,
		PublicKeyID: vectorKeyID, NotifyURL: "https://campus.example/api/external/callback/wechat", Now: func() time.Time { return now },
	})
	c.keys.set[vectorCertificate] = &signingtest.Key(t, signingtest.WeChatPlatform).PublicKey
	return c
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

type vector struct {
	Name         string            `json:"name"`
	Method       string            `json:"method"`
	URL          string            `json:"url"`
	Now          int64             `json:"now"`
	Status       int               `json:"status"`
	Headers      map[string]string `json:"headers"`
	Body         string            `json:"body"`
	StringToSign string            `json:"string_to_sign"`
	Signature    string            `json:"signature"`
	Outcome      string            `json:"outcome"`
	Expect       string            `json:"expect"`
	RefundFen    int64             `json:"refund_fen"`
}

// What is sent is signed as openssl signed it: the bytes that are sent, the path with its
// query, and a line feed behind the last line too.
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
	c := vectorChannel(t, server.URL, vectorNow)
	for _, v := range load[vector](t, "outgoing.json") {
		path := strings.TrimPrefix(v.URL, "https://api.mch.weixin.qq.com")
		_, after, _ := strings.Cut(v.Headers["Authorization"], `nonce_str="`)
		nonce, _, _ := strings.Cut(after, `"`)
		var body []byte
		if v.Body != "" {
			body = []byte(v.Body)
		}
		if got := string(signedText(v.Method, path, "1795658400", nonce, body)); got != v.StringToSign {
			t.Errorf("%s: %q", v.Name, got)
		}
		if _, err := c.send(t.Context(), v.Method, path, nonce, body); err != nil {
			t.Fatalf("%s: %v", v.Name, err)
		}
		got := <-requests
		if got.method != v.Method || got.uri != path || got.body != v.Body || got.headers.Get("User-Agent") == "" {
			t.Errorf("%s: %s %s %s", v.Name, got.method, got.uri, got.body)
		}
		for name, want := range v.Headers {
			if got := got.headers.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", v.Name, name, got, want)
			}
		}
	}
}

// Each call sends the body of its vector, but for attach, which is not needed.
func TestBodies(t *testing.T) {
	t.Parallel()
	c := vectorChannel(t, "", vectorNow)
	refund := refundRequest{vectorNo, vectorRefund, "超时支付退款", c.settings.NotifyURL, refundAmount{88_80, 88_80, channel.Yuan}}
	for name, content := range map[string]any{"native": c.order(vectorAttempt), "refund": refund} {
		body, err := client.JSON(content)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range load[vector](t, "outgoing.json") {
			if want := strings.Replace(v.Body, `"attach":"order_pay",`, "", 1); v.Name == name && string(body) != want {
				t.Errorf("%s: %s\nwant %s", name, body, want)
			}
		}
	}
}

func TestNotifications(t *testing.T) {
	t.Parallel()
	order := &channel.Attempt{No: vectorNo, Amount: 88_80}
	for _, v := range load[vector](t, "incoming.json") {
		now := time.Unix(v.Now, 0)
		c := vectorChannel(t, "", now)
		header := func(name string) string {
			for known, value := range v.Headers {
				if strings.EqualFold(known, name) {
					return value
				}
			}
			return ""
		}
		event, err := c.Notify(header, []byte(v.Body), now)
		stale := v.Name == "ten_minutes_old" || v.Name == "ten_minutes_ahead"
		if errors.Is(err, channel.ErrUnverified) != (v.Signature != "good" || stale) {
			t.Errorf("%s: %v", v.Name, err)
		}
		known := order
		if event.AttemptNo != order.No {
			known = nil
		}
		got := "refused"
		switch {
		case err != nil:
		case event == (channel.Event{}):
			got = "ignored"
		default:
			if err = channel.Compare(event, c.Merchant(), known); err == nil {
				got = outcome(event)
			}
		}
		if got != v.Outcome || event.Trade.Refunded != v.RefundFen || got == "refund" && event.RefundNo != vectorRefund {
			t.Errorf("%s is %s, %+v, %v; want %s", v.Name, got, event, err, v.Outcome)
		}
		status, _, body := c.Answer(err)
		if isYes := status == http.StatusNoContent && len(body) == 0; isYes != (v.Outcome != "refused") || !isYes && status < 400 {
			t.Errorf("%s is answered %d %s", v.Name, status, body)
		}
	}
}

// outcome is what follows from a claim that fits.
func outcome(e channel.Event) string {
	if e.RefundNo != "" {
		return "refund"
	}
	return e.Trade.State.String()
}

// answering is a channel whose service has one answer, and another to a query.
func answering(t *testing.T, v, query vector) *Channel {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told := v
		if r.Method == http.MethodGet && !strings.HasPrefix(v.Name, "query") && !strings.Contains(v.Name, "_error") {
			told = query
		}
		for name, value := range told.Headers {
			w.Header().Set(name, value)
		}
		w.WriteHeader(told.Status)
		_, _ = io.WriteString(w, told.Body)
	}))
	t.Cleanup(server.Close)
	return vectorChannel(t, server.URL, time.Unix(v.Now, 0))
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	all := map[string]vector{}
	for _, v := range load[vector](t, "responses.json") {
		all[v.Name] = v
	}
	for name, v := range all {
		c := answering(t, v, all["query_paid"])
		a := vectorAttempt
		var got string
		var err error
		switch {
		case name == "certificates":
			header := http.Header{}
			for name, value := range v.Headers {
				header.Set(name, value)
			}
			keys, failure := c.certified(client.Answer{Status: v.Status, Header: header, Body: []byte(v.Body)})
			if failure == nil && keys[vectorCertificate].Equal(c.keys.set[vectorCertificate]) && len(keys) == 1 {
				got = "certificate"
			}
			err = failure
		case strings.HasPrefix(name, "close"), strings.HasPrefix(name, "query"), name == "sign_error_unsigned", name == "system_error":
			var trade channel.Trade
			if strings.HasPrefix(name, "close") {
				trade, err = c.Close(t.Context(), a)
			} else {
				trade, err = c.Query(t.Context(), a)
			}
			got = trade.State.String()
			if name == "close_paid" && trade.State == channel.Paid { // the query tells
				got = "query"
			}
		case strings.HasPrefix(name, "refund"):
			var state channel.RefundState
			state, err = c.Refund(t.Context(), channel.Refund{No: vectorRefund, Attempt: a, Amount: 88_80})
			got = state.String()
		default:
			var action channel.Action
			if action, err = c.Create(t.Context(), a); action.CodeURL == "weixin://wxpay/bizpayurl?pr=TESTonly00" {
				got = "code_url"
			}
		}
		want := v.Expect
		switch {
		case want == "bad signature":
			want = "unknown"
		case want == "refused" && errors.Is(err, channel.ErrRefused):
			t.Errorf("%s: what is not signed refuses for ever: %v", name, err)
		}
		if errors.Is(err, channel.ErrUnknown) {
			got = "unknown"
		} else if err != nil {
			got = "refused"
		}
		if got != want {
			t.Errorf("%s is %s, %v; want %s", name, got, err, v.Expect)
		}
	}
}

// AES-256-GCM opens what NIST sealed, and nothing whose tag was changed.
func TestSealed(t *testing.T) {
	t.Parallel()
	type nist struct{ Name, Key, Nonce, AAD, Plain, Cipher, Tag string }
	decode := func(text string) string {
		raw, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	for _, v := range load[nist](t, "gcm_nist.json") {
		s := sealed{"AEAD_AES_256_GCM", []byte(decode(v.Cipher + v.Tag)), decode(v.AAD), decode(v.Nonce)}
		if text, err := s.open(decode(v.Key)); err != nil || string(text) != decode(v.Plain) {
			t.Errorf("%s: %x, %v", v.Name, text, err)
		}
		for name, other := range map[string]sealed{
			"another algorithm": {"AEAD_SM4_GCM", s.Ciphertext, s.Associated, s.Nonce}, "a short nonce": {s.Algorithm, s.Ciphertext, s.Associated, "1"},
			"nothing": {s.Algorithm, nil, s.Associated, s.Nonce},
		} {
			if _, err := other.open(decode(v.Key)); err == nil {
				t.Errorf("%s: %s is opened", v.Name, name)
			}
		}
		s.Ciphertext[len(s.Ciphertext)-1] ^= 1
		if text, err := s.open(decode(v.Key)); err == nil {
			t.Errorf("%s, with another tag: %x", v.Name, text)
		}
	}
}

// Whatever is posted, nothing is read without the signature of its bytes, and nothing panics.
func FuzzNotify(f *testing.F) {
	for _, v := range load[vector](f, "incoming.json") {
		f.Add([]byte(v.Body), v.Headers["Wechatpay-Signature"], v.Headers["Wechatpay-Serial"], v.Headers["Wechatpay-Timestamp"], v.Headers["Wechatpay-Nonce"])
	}
	c := vectorChannel(f, "", vectorNow)
	f.Fuzz(func(t *testing.T, body []byte, signature, serial, timestamp, nonce string) {
		s := signed{serial, signature, timestamp, nonce}
		header := func(name string) string {
			return map[string]string{"Wechatpay-Serial": serial, "Wechatpay-Signature": signature, "Wechatpay-Timestamp": timestamp, "Wechatpay-Nonce": nonce}[name]
		}
		event, err := c.Notify(header, body, vectorNow)
		if err == nil && s.verify(&c.keys, body, vectorNow) != nil {
			t.Errorf("%q is taken as signed: %+v", body, event)
		}
		for _, read := range []func([]byte) (channel.Event, error){readTransaction, readRefund} {
			event, err := read(body)
			if err != nil && event != (channel.Event{AttemptNo: event.AttemptNo}) || err == nil && event.AttemptNo == "" {
				t.Errorf("%q: %+v, %v", body, event, err)
			}
		}
	})
}

// What takes a notification costs one check of a signature.
func BenchmarkNotify(b *testing.B) {
	c := vectorChannel(b, "", vectorNow)
	v := load[vector](b, "incoming.json")[0]
	for b.Loop() {
		if _, err := c.Notify(func(name string) string { return v.Headers[name] }, []byte(v.Body), vectorNow); err != nil {
			b.Fatal(err)
		}
	}
}
