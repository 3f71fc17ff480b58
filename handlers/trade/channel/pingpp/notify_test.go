package pingpp_test

import (
	"errors"
	"testing"

	"campusgate/handlers/trade/channel"
)

// What the service posts is read, and what is wrong in it is refused though it is signed.
func TestNotify(t *testing.T) {
	t.Parallel()
	c, service, _, a := created(t, true)
	if _, err := c.Refund(t.Context(), refundOf(a, "R1", 4)); err != nil {
		t.Fatal(err)
	}
	notify := func(body []byte, signature string) (channel.Event, error) {
		return c.Notify(func(string) string { return signature }, body, start)
	}
	body, signature := service.Charged(t, attemptNo, nil)
	want := channel.Event{
		AttemptNo: attemptNo, Merchant: channel.Merchant{App: "app_1"}, Currency: channel.Yuan,
		Trade: channel.Trade{State: channel.Paid, TradeNo: a.ChannelID, Amount: 10, Refunded: 4},
	}
	if got, err := notify(body, signature); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	if _, err := notify(append(body, ' '), signature); !errors.Is(err, channel.ErrUnverified) {
		t.Errorf("with a blank: %v", err)
	}
	for name, change := range map[string]func(event, object map[string]any){
		"test mode":    func(event, _ map[string]any) { event["livemode"] = false },
		"of test mode": func(_, object map[string]any) { object["livemode"] = false },
		"not paid":     func(_, object map[string]any) { object["paid"] = false },
		"no id":        func(_, object map[string]any) { object["id"] = "ch_../1" },
		"no order":     func(_, object map[string]any) { delete(object, "order_no") },
		"no charge":    func(_, object map[string]any) { object["object"] = "order" },
		"an amount":    func(_, object map[string]any) { object["amount"] = 0.5 },
		"no type":      func(event, _ map[string]any) { delete(event, "type") },
	} {
		if got, err := notify(service.Charged(t, attemptNo, change)); err == nil || errors.Is(err, channel.ErrUnverified) || got.Trade != (channel.Trade{}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, by := range map[string]struct {
		change func(event, object map[string]any)
		number string
	}{
		"ours":                    {nil, "R1"},
		"by hand":                 {func(_, object map[string]any) { object["metadata"] = []string{} }, "re_" + a.ChannelID[3:] + "0"},
		"by hand, with a remark":  {func(_, object map[string]any) { object["metadata"] = map[string]any{"refund_no": 1} }, "re_" + a.ChannelID[3:] + "0"},
		"by hand, without a word": {func(_, object map[string]any) { object["metadata"] = nil }, "re_" + a.ChannelID[3:] + "0"},
	} {
		want := channel.Event{AttemptNo: attemptNo, RefundNo: by.number, RefundState: channel.RefundDone, Trade: channel.Trade{TradeNo: a.ChannelID, Amount: 4, Refunded: 4}}
		if got, err := notify(service.RefundDone(t, attemptNo, by.change)); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
		}
	}
	for name, value := range map[string]any{"status": "pending", "object": "charge", "charge_order_no": ""} {
		if got, err := notify(service.RefundDone(t, attemptNo, func(_, object map[string]any) { object[name] = value })); err == nil || got.RefundNo != "" {
			t.Errorf("a refund whose %s is %q: %+v", name, value, got)
		}
	}
}
