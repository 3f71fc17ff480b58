package sandbox

import (
	"encoding/hex"
	"net/url"
	"slices"
	"testing"
	"time"

	"campusgate/handlers/trade/channel"
)

// Whatever is posted, no notification is read without the signature of its bytes, and one
// with it is read or refused; nothing panics.
func FuzzNotify(f *testing.F) {
	c := New(nil, time.Now)
	body, signature := c.Notification("1574951152000010001", merchant, channel.Trade{State: channel.Paid, TradeNo: "T", Amount: 10_00})
	f.Add(body, signature)
	f.Add(body, "")
	f.Add([]byte{}, signature)
	for _, text := range []string{
		`{}`, `null`, `[]`, `{"attempt":1}`, `{"amount":1e400}`, `{"amount":9223372036854775808}`, `{"state":-1}`, `{"state":99}`, `{"attempt":"\ud800"}`, `{"a":{"a":{"a":{}}}}`,
	} {
		f.Add([]byte(text), signature[:8])
	}
	f.Fuzz(func(t *testing.T, body []byte, signature string) {
		header := func(text string) func(string) string { return func(string) string { return text } }
		if event, err := c.Notify(header(signature), body, time.Time{}); err == nil && signature != hex.EncodeToString(c.sign(body)) {
			raw, failure := hex.DecodeString(signature)
			if failure != nil || !slices.Equal(raw, c.sign(body)) {
				t.Errorf("%q is taken as signed: %+v", signature, event)
			}
		}
		event, err := c.Notify(header(hex.EncodeToString(c.sign(body))), body, time.Time{})
		if err != nil && event != (channel.Event{}) {
			t.Errorf("%q: %+v, %v", body, event, err)
		}
		_ = channel.Compare(event, merchant, &channel.Attempt{No: event.AttemptNo, Amount: 10_00})
	})
}

// A form chooses a result of the page or none.
func FuzzForm(f *testing.F) {
	for _, text := range []string{"result=paid", "result=paid&result=late", "result=closed", "result=%70aid", "a=b;result=paid", "result=paid%00", "%", "result"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		result, ok := chosen(body)
		if !ok {
			return
		}
		form, err := url.ParseQuery(string(body))
		if err != nil || !slices.Contains(results, result) || !slices.Equal(form["result"], []string{result}) || len(body) > maxForm {
			t.Errorf("%q chooses %q", body, result)
		}
	})
}
