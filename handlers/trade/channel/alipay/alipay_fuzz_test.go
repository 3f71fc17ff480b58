package alipay

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/signing"
	"campusgate/handlers/trade/channel/signing/signingtest"
)

// The members of an answer are its texts as they stand, or there are none.
func FuzzMembers(f *testing.F) {
	for _, v := range load[responses](f, "responses.json").Cases {
		f.Add([]byte(v.Raw))
	}
	for _, text := range []string{``, `{}`, `[]`, `{"a":1}{}`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"a"}`, `{"a":`, ` {"a" : { "b":1 } } `, `{"a":1,}`, "{\"\xff\":1}"} {
		f.Add([]byte(text))
	}
	key := &signingtest.Key(f, signingtest.Alipay).PublicKey
	f.Fuzz(func(t *testing.T, body []byte) {
		all, err := members(body)
		if err == nil && !json.Valid(body) {
			t.Errorf("%q is taken as JSON", body)
		}
		for name, text := range all {
			if !json.Valid(text) || !bytes.Contains(body, text) {
				t.Errorf("%q: %q is not what stands there", name, text)
			}
		}
		if a, err := readAnswer(body, "alipay_trade_query_response", key); err == nil {
			var signature string
			if json.Unmarshal(all["sign"], &signature) != nil || !isSigned(key, all["alipay_trade_query_response"], signature) {
				t.Errorf("%q is taken as signed: %+v", body, a)
			}
		}
	})
}

// Whatever is posted, no notification is read without the signature of its values, and one
// with it is read or refused; nothing panics.
func FuzzNotify(f *testing.F) {
	for _, v := range load[incoming](f, "incoming.json").Cases {
		f.Add([]byte(v.Body))
	}
	for _, text := range []string{"", "&", "=", "a", "a=1&a=2", "a=%", "sign_type=RSA2&sign=", "a;b=1", "out_trade_no=1&trade_status=TRADE_SUCCESS&total_amount=99999999999999999999"} {
		f.Add([]byte(text))
	}
	c := vectorChannel(f, "")
	own := signingtest.Key(f, signingtest.Alipay)
	f.Fuzz(func(t *testing.T, body []byte) {
		event, err := c.Notify(nil, body, time.Time{})
		values, failure := readForm(body)
		if err == nil && (failure != nil || values.verify(&own.PublicKey) != nil) {
			t.Errorf("%q is taken as signed: %+v", body, event)
		}
		if failure != nil {
			if !errors.Is(failure, channel.ErrUnverified) {
				t.Errorf("%q: %v", body, failure)
			}
			return
		}
		event, err = values.event()
		if err != nil && event != (channel.Event{AttemptNo: event.AttemptNo}) {
			t.Errorf("%q: %+v, %v", body, event, err)
		}
		if event.Trade.Amount < 0 || event.Trade.Refunded < 0 {
			t.Errorf("%q: %+v", body, event)
		}
	})
}

// What takes a notification costs one check of a signature.
func BenchmarkNotify(b *testing.B) {
	c := vectorChannel(b, "")
	body := []byte(load[incoming](b, "incoming.json").Cases[0].Body)
	for b.Loop() {
		if _, err := c.Notify(nil, body, time.Time{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	key := signingtest.Key(b, signingtest.Alipay)
	text := make([]byte, 1000)
	signature, err := signing.Sign(key, text)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := signing.Verify(&key.PublicKey, text, signature); err != nil {
			b.Fatal(err)
		}
	}
}
