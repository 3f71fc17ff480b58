package channel_test

import (
	"errors"
	"testing"

	"campusgate/handlers/trade/channel"
)

// A claim that is the channel's, but about another attempt, app, seller, currency or
// amount, is told apart from one that fits.
func TestCompare(t *testing.T) {
	t.Parallel()
	merchant := channel.Merchant{App: "app", Seller: "seller"}
	attempt := &channel.Attempt{No: "100000000000000001", Amount: 10_00}
	paid := channel.Event{
		AttemptNo: attempt.No, Merchant: merchant, Currency: channel.Yuan,
		Trade: channel.Trade{State: channel.Paid, TradeNo: "T1", Amount: 10_00},
	}
	with := func(change func(*channel.Event)) channel.Event {
		claim := paid
		change(&claim)
		return claim
	}
	for _, c := range []struct {
		name    string
		claim   channel.Event
		attempt *channel.Attempt
		want    string
	}{
		{"it fits", paid, attempt, ""},
		{"no such attempt", paid, nil, channel.WrongAttempt},
		{"another attempt", with(func(e *channel.Event) { e.AttemptNo = "100000000000000002" }), attempt, channel.WrongAttempt},
		{"another app", with(func(e *channel.Event) { e.Merchant.App = "other" }), attempt, channel.WrongApp},
		{"no app", with(func(e *channel.Event) { e.Merchant.App = "" }), attempt, channel.WrongApp},
		{"another seller", with(func(e *channel.Event) { e.Merchant.Seller = "other" }), attempt, channel.WrongSeller},
		{"no seller", with(func(e *channel.Event) { e.Merchant.Seller = "" }), attempt, channel.WrongSeller},
		{"dollars", with(func(e *channel.Event) { e.Currency = "USD" }), attempt, channel.WrongCurrency},
		{"no currency", with(func(e *channel.Event) { e.Currency = "" }), attempt, channel.WrongCurrency},
		{"a fen less", with(func(e *channel.Event) { e.Trade.Amount-- }), attempt, channel.WrongAmount},
		{"a fen more", with(func(e *channel.Event) { e.Trade.Amount++ }), attempt, channel.WrongAmount},
		{"refunded, a fen less", with(func(e *channel.Event) { e.Trade.State, e.Trade.Amount = channel.Refunded, 9_99 }), attempt, channel.WrongAmount},
		{"closed, without an amount", with(func(e *channel.Event) { e.Trade, e.Currency = channel.Trade{State: channel.Closed}, "" }), attempt, ""},
		{"closed, another app", with(func(e *channel.Event) { e.Trade, e.Merchant.App = channel.Trade{State: channel.Closed}, "other" }), attempt, channel.WrongApp},
		{"a refund, which is less", with(func(e *channel.Event) { e.RefundNo, e.Trade.Amount = "R1", 1 }), attempt, ""},
		{"a refund without an app", with(func(e *channel.Event) { e.RefundNo, e.Merchant.App = "R1", "" }), attempt, ""},
		{"a refund of another app", with(func(e *channel.Event) { e.RefundNo, e.Merchant.App = "R1", "other" }), attempt, channel.WrongApp},
	} {
		got := ""
		var wrong *channel.ClaimError
		if err := channel.Compare(c.claim, merchant, c.attempt); errors.As(err, &wrong) {
			got = wrong.Kind
		} else if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSandboxStandsAlone(t *testing.T) {
	t.Parallel()
	var some struct{ channel.Channel }
	for _, c := range []struct {
		set  channel.Set
		want string
	}{
		{channel.Set{}, ""},
		{channel.Set{channel.Sandbox: some}, ""},
		{channel.Set{"alipay": some, "wechat": some}, ""},
		{channel.Set{channel.Sandbox: some, "wechat": some, "alipay": some}, `must be false beside ["alipay" "wechat"], which takes money`},
	} {
		got := ""
		if err := c.set.Check(); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%d channels: %q, want %q", len(c.set), got, c.want)
		}
	}
}
