package wechat

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/client"
	"campusgate/handlers/trade/channel/signing"
	"campusgate/handlers/trade/channel/signing/signingtest"
)

// told is what a service answers to a request.
type told struct {
	status int
	body   string
	signer string // whose key signs it, "" nobody's
}

// answer is that, with its headers.
func (a told) answer(t *testing.T) client.Answer {
	t.Helper()
	header := http.Header{}
	if a.signer != "" {
		header.Set("Wechatpay-Serial", vectorKeyID)
		header.Set("Wechatpay-Timestamp", "1795658400")
		header.Set("Wechatpay-Nonce", "n")
		header.Set("Wechatpay-Signature", signatureOf(t, a.signer, "1795658400\nn\n"+a.body+"\n"))
	}
	return client.Answer{Status: a.status, Header: header, Body: []byte(a.body)}
}

func signatureOf(t *testing.T, signer, text string) string {
	t.Helper()
	signature, err := signing.Sign(signingtest.Key(t, signer), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

// telling is a channel to which a service answers so, to what is asked and to what is posted.
func telling(t *testing.T, get, post told) *Channel {
	t.Helper()
	answers := map[string]client.Answer{http.MethodGet: get.answer(t), http.MethodPost: post.answer(t)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), answers[r.Method].Header)
		w.WriteHeader(answers[r.Method].Status)
		_, _ = w.Write(answers[r.Method].Body)
	}))
	t.Cleanup(server.Close)
	return vectorChannel(t, server.URL, vectorNow)
}

// yes is an answer that WeChat Pay has signed.
func yes(body string) told { return told{http.StatusOK, body, signingtest.WeChat} }

// A no counts only where WeChat Pay has signed it, and where asking again would not help.
func TestRead(t *testing.T) {
	t.Parallel()
	const own, unknownOrder = signingtest.WeChat, `{"code":"ORDER_NOT_EXIST"}`
	for name, v := range map[string]struct {
		told told
		want string // "yes", "unknown", "no", or the code that proves it
	}{
		"a yes":                     {told{200, `{}`, own}, "yes"},
		"a yes, unsigned":           {told{200, `{}`, ""}, "unknown"},
		"a yes, a stranger's":       {told{200, `{}`, signingtest.Stranger}, "unknown"},
		"a yes that is no JSON":     {told{200, `{`, own}, "unknown"},
		"a no":                      {told{404, unknownOrder, own}, "ORDER_NOT_EXIST"},
		"a no, unsigned":            {told{404, unknownOrder, ""}, "no"},
		"a no, a stranger's":        {told{404, unknownOrder, signingtest.Stranger}, "unknown"},
		"a no without a code":       {told{404, `{}`, own}, "unknown"},
		"a no that is no JSON":      {told{404, `<html>`, own}, "unknown"},
		"a no of a broken service":  {told{500, unknownOrder, own}, "unknown"},
		"a no of a broken gateway":  {told{502, unknownOrder, ""}, "unknown"},
		"a redirection":             {told{302, unknownOrder, own}, "unknown"},
		"SYSTEM_ERROR":              {told{400, `{"code":"SYSTEM_ERROR"}`, own}, "unknown"},
		"FREQUENCY_LIMITED":         {told{429, `{"code":"FREQUENCY_LIMITED"}`, own}, "unknown"},
		"RATELIMIT_EXCEEDED":        {told{429, `{"code":"RATELIMIT_EXCEEDED"}`, own}, "unknown"},
		"BIZERR_NEED_RETRY":         {told{400, `{"code":"BIZERR_NEED_RETRY"}`, own}, "unknown"},
		"one that is ours, unsaid":  {told{401, `{"code":"SIGN_ERROR"}`, ""}, "no"},
		"one that is ours, and its": {told{401, `{"code":"SIGN_ERROR"}`, own}, "SIGN_ERROR"},
	} {
		err := vectorChannel(t, "", vectorNow).read(v.told.answer(t), new(struct{}))
		got := "no"
		switch {
		case err == nil:
			got = "yes"
		case errors.Is(err, channel.ErrUnknown):
			got = "unknown"
		case codeOf(err) != "":
			got = codeOf(err)
		}
		if got != v.want {
			t.Errorf("%s is %s, %v; want %s", name, got, err, v.want)
		}
	}
}

// Each header has to be there, also where the signature is of what stands there.
func TestHeaders(t *testing.T) {
	t.Parallel()
	c := vectorChannel(t, "", vectorNow)
	whole := signed{vectorKeyID, signatureOf(t, signingtest.WeChat, "1795658400\nn\nbody\n"), "1795658400", "n"}
	if err := whole.verify(&c.keys, []byte("body"), vectorNow); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]signed{
		"serial":              {"", whole.signature, whole.timestamp, whole.nonce},
		"signature":           {whole.serial, "", whole.timestamp, whole.nonce},
		"timestamp":           {whole.serial, signatureOf(t, signingtest.WeChat, "\nn\nbody\n"), "", whole.nonce},
		"nonce":               {whole.serial, signatureOf(t, signingtest.WeChat, "1795658400\n\nbody\n"), whole.timestamp, ""},
		"timestamp, of words": {whole.serial, signatureOf(t, signingtest.WeChat, "now\nn\nbody\n"), "now", whole.nonce},
		"key":                 {"PUB_KEY_ID_2", whole.signature, whole.timestamp, whole.nonce},
	} {
		if err := s.verify(&c.keys, []byte("body"), vectorNow); !errors.Is(err, channel.ErrUnverified) {
			t.Errorf("without its %s: %v", name, err)
		}
	}
}

// What a query answers is about the order that was asked for, of this merchant, and whole.
func TestQueryGuards(t *testing.T) {
	t.Parallel()
	const whole = `{"mchid":"1900000001","appid":"wx0123456789abcdef","out_trade_no":"` + vectorNo +
		`","transaction_id":"T1","trade_state":"SUCCESS","amount":{"total":8880,"currency":"CNY"}}`
	for name, change := range map[string][2]string{
		"nothing":             {"T1", "T1"},
		"another order":       {vectorNo, "2026112609580001702"},
		"another merchant":    {"1900000001", "1900000002"},
		"another application": {"wx0123456789abcdef", "wx1"},
		"no number":           {"T1", ""},
		"dollars":             {"CNY", "USD"},
		"no currency":         {"CNY", ""},
		"an unheard of state": {"SUCCESS", "ACCEPT"},
		"no state":            {"SUCCESS", ""},
	} {
		trade, err := telling(t, yes(strings.Replace(whole, change[0], change[1], 1)), told{}).Query(t.Context(), vectorAttempt)
		switch want := (channel.Trade{State: channel.Paid, TradeNo: "T1", Amount: 88_80}); {
		case change[0] == change[1]:
			if err != nil || trade != want {
				t.Errorf("%s: %+v, %v", name, trade, err)
			}
		case !errors.Is(err, channel.ErrUnknown) || trade != channel.Trade{}:
			t.Errorf("%s: %+v, %v", name, trade, err)
		}
	}
	for state, want := range map[string]channel.State{
		"NOTPAY": channel.Waiting, "USERPAYING": channel.Waiting, "PAYERROR": channel.Waiting, "CLOSED": channel.Closed, "REVOKED": channel.Closed, "REFUND": channel.Refunded,
	} {
		if trade, err := telling(t, yes(strings.Replace(whole, "SUCCESS", state, 1)), told{}).Query(t.Context(), vectorAttempt); err != nil || trade.State != want {
			t.Errorf("%s is %+v, %v", state, trade, err)
		}
	}
	for _, code := range []string{"ORDER_NOT_EXIST", "ORDERNOTEXIST"} { // the latter is older
		c := telling(t, told{http.StatusNotFound, `{"code":"` + code + `"}`, signingtest.WeChat}, told{})
		if trade, err := c.Query(t.Context(), vectorAttempt); err != nil || trade != (channel.Trade{}) {
			t.Errorf("%s is %+v, %v", code, trade, err)
		}
	}
}

// A code is shown only where it is WeChat Pay's.
func TestCodeURL(t *testing.T) {
	t.Parallel()
	for _, place := range []string{"", "https://campus.example/pay", "javascript:alert(1)"} {
		action, err := telling(t, told{}, yes(`{"code_url":"`+place+`"}`)).Create(t.Context(), vectorAttempt)
		if !errors.Is(err, channel.ErrUnknown) || action != (channel.Action{}) {
			t.Errorf("%q: %+v, %v", place, action, err)
		}
	}
}

// What is said of a refund is about the one that was asked for.
func TestRefundGuards(t *testing.T) {
	t.Parallel()
	const whole = `{"out_trade_no":"` + vectorNo + `","out_refund_no":"` + vectorRefund + `","status":"SUCCESS","amount":{"total":8880,"refund":100}}`
	asked := channel.Refund{No: vectorRefund, Attempt: vectorAttempt, Amount: 100}
	for name, change := range map[string][2]string{
		"another order":       {`"out_trade_no":"2`, `"out_trade_no":"3`},
		"another refund":      {`"out_refund_no":"R2`, `"out_refund_no":"R3`},
		"another amount":      {`"refund":100`, `"refund":101`},
		"no amount":           {`"refund":100`, `"refund":0`},
		"an unheard of state": {"SUCCESS", "DONE"},
	} {
		answer := yes(strings.Replace(whole, change[0], change[1], 1))
		c := telling(t, answer, answer)
		state, err := c.Refund(t.Context(), asked)
		again, failure := c.QueryRefund(t.Context(), asked)
		if state != channel.RefundPending || again != channel.RefundPending || !errors.Is(err, channel.ErrUnknown) || !errors.Is(failure, channel.ErrUnknown) {
			t.Errorf("%s: %s, %v; %s, %v", name, state, err, again, failure)
		}
	}
	no := func(code string) told {
		return told{http.StatusForbidden, `{"code":"` + code + `"}`, signingtest.WeChat}
	}
	none := no("RESOURCE_NOT_EXISTS")
	for code, isEnd := range map[string]bool{
		"INVALID_REQUEST": true, "USER_ACCOUNT_ABNORMAL": true, "NOT_ENOUGH": false, "NO_AUTH": false, "SIGN_ERROR": false, "PARAM_ERROR": false, "MCH_NOT_EXISTS": false,
	} {
		if state, err := telling(t, none, no(code)).Refund(t.Context(), asked); errors.Is(err, channel.ErrRefused) != isEnd || err == nil || (state == channel.RefundFailed) != isEnd {
			t.Errorf("%s: %s, %v", code, state, err)
		}
		if state, err := telling(t, yes(whole), no(code)).Refund(t.Context(), asked); state != channel.RefundDone || err != nil {
			t.Errorf("%s, of what is done: %s, %v", code, state, err)
		}
	}
	if state, err := telling(t, none, told{}).QueryRefund(t.Context(), asked); state != channel.RefundPending || !errors.Is(err, channel.ErrUnknown) {
		t.Errorf("one that it does not know: %s, %v", state, err)
	}
}

// A refund that is told of has both numbers, an amount and an end.
func TestReadRefund(t *testing.T) {
	t.Parallel()
	const whole = `{"mchid":"1900000001","out_trade_no":"A1","out_refund_no":"R1","refund_status":"SUCCESS","amount":{"refund":100}}`
	if event, err := readRefund([]byte(whole)); err != nil || event.RefundNo != "R1" || event.Trade.Amount != 100 {
		t.Fatalf("%+v, %v", event, err)
	}
	for name, change := range map[string][2]string{
		"no order": {"A1", ""}, "no refund": {"R1", ""}, "no state": {"SUCCESS", ""}, "an unheard of state": {"SUCCESS", "DONE"},
		"no amount": {"100", "0"}, "less than nothing": {"100", "-1"}, "half a fen": {"100", "0.5"},
	} {
		event, err := readRefund([]byte(strings.Replace(whole, change[0], change[1], 1)))
		if err == nil || event != (channel.Event{AttemptNo: event.AttemptNo}) {
			t.Errorf("%s: %+v, %v", name, event, err)
		}
	}
}

// What is signed and has no kind, or is not sealed by our key, is not done with.
func TestNotificationGuards(t *testing.T) {
	t.Parallel()
	c := vectorChannel(t, "", vectorNow)
	for name, body := range map[string]string{
		"no kind": `{}`, "no JSON": `{`, "nothing sealed": `{"event_type":"TRANSACTION.SUCCESS"}`,
		"sealed by another": `{"event_type":"REFUND.SUCCESS","resource":{"algorithm":"AEAD_AES_256_GCM","ciphertext":"AAAAAAAAAAAAAAAAAAAAAA==","nonce":"0123456789ab"}}`,
	} {
		told := yes(body).answer(t)
		if event, err := c.Notify(told.Header.Get, told.Body, vectorNow); err == nil || errors.Is(err, channel.ErrUnverified) || event != (channel.Event{}) {
			t.Errorf("%s: %+v, %v", name, event, err)
		}
	}
}

// The key of a platform certificate that was asked for is used from then on, and none of an
// answer that was signed otherwise.
func TestCertificatesAreTaken(t *testing.T) {
	t.Parallel()
	for _, v := range load[vector](t, "responses.json") {
		if v.Name != "certificates" {
			continue
		}
		for _, isGood := range []bool{true, false} {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for name, value := range v.Headers {
					w.Header().Set(name, value)
				}
				if !isGood {
					w.Header().Set("Wechatpay-Nonce", "another")
				}
				_, _ = io.WriteString(w, v.Body)
			}))
			t.Cleanup(server.Close)
			c := vectorChannel(t, server.URL, time.Unix(v.Now, 0))
			delete(c.keys.set, vectorCertificate)
			if c.keys.find(vectorCertificate) != nil {
				t.Fatal("it is there")
			}
			_, _ = c.Query(t.Context(), vectorAttempt) // has them asked for
			if got := c.keys.find(vectorCertificate); isGood != (got != nil && got.Equal(&signingtest.Key(t, signingtest.WeChatPlatform).PublicKey)) {
				t.Errorf("signed well: %t; the key is %v", isGood, got)
			}
		}
	}
}
