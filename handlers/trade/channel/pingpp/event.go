package pingpp

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"campusgate/handlers/trade/channel"
)

// readEvent is what a notification that is verified claims. Kinds other than these two are
// about nothing of ours. A refund names no application.
func readEvent(body []byte) (channel.Event, error) {
	var envelope struct {
		LiveMode bool   `json:"livemode"`
		Type     string `json:"type"`
		Data     struct {
			Object json.RawMessage `json:"object"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return channel.Event{}, fmt.Errorf("read a notification: %w", err)
	}
	var read func([]byte) (channel.Event, error)
	switch envelope.Type {
	case "charge.succeeded":
		read = readCharge
	case "refund.succeeded":
		read = readRefund
	case "":
		return channel.Event{}, errors.New("the notification has no type")
	default:
		return channel.Event{}, nil
	}
	if !envelope.LiveMode {
		return channel.Event{}, errors.New("the notification is of test mode: no money has moved")
	}
	return read(envelope.Data.Object)
}

func readCharge(text []byte) (channel.Event, error) {
	var got charge
	if err := json.Unmarshal(text, &got); err != nil {
		return channel.Event{}, fmt.Errorf("read a charge: %w", err)
	}
	if got.Object != "charge" || !chargeID.MatchString(got.ID) || got.OrderNo == "" || !got.LiveMode || !got.Paid {
		return channel.Event{AttemptNo: got.OrderNo}, fmt.Errorf(
			"it is no charge that is paid: object %.32q, id %.64q, livemode %t, paid %t", got.Object, got.ID, got.LiveMode, got.Paid)
	}
	return channel.Event{
		AttemptNo: got.OrderNo, Merchant: channel.Merchant{App: got.App}, Currency: currency(got.Currency),
		Trade: got.trade(time.Time{}),
	}, nil
}

// readRefund reads a refund that is done. One that was made at Ping++ by hand has no number
// of ours, but its own, which nobody here knows.
func readRefund(text []byte) (channel.Event, error) {
	var got refund
	if err := json.Unmarshal(text, &got); err != nil {
		return channel.Event{}, fmt.Errorf("read a refund: %w", err)
	}
	number := cmp.Or(got.Metadata.RefundNo, got.ID)
	if got.Object != "refund" || number == "" || got.ChargeOrderNo == "" || got.Status != succeeded {
		return channel.Event{AttemptNo: got.ChargeOrderNo}, fmt.Errorf(
			"it is no refund that is done: object %.32q, id %.64q, status %.32q", got.Object, got.ID, got.Status)
	}
	return channel.Event{
		AttemptNo: got.ChargeOrderNo, RefundNo: number, RefundState: channel.RefundDone,
		Trade: channel.Trade{TradeNo: got.Charge, Amount: got.Amount, Refunded: got.Amount},
	}, nil
}
