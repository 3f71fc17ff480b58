package wechat

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"campusgate/handlers/trade/channel"
)

// Notify verifies the bytes of a notification by its headers, opens it by the APIv3 key, and
// then reads it. One that is older than five minutes is refused: WeChat Pay signs each of
// its repeats anew.
func (c *Channel) Notify(header func(string) string, body []byte, now time.Time) (channel.Event, error) {
	if err := signedBy(header).verify(&c.keys, body, now); err != nil {
		return channel.Event{}, err
	}
	var notification struct {
		EventType string `json:"event_type"`
		Resource  sealed `json:"resource"`
	}
	if err := json.Unmarshal(body, &notification); err != nil {
		return channel.Event{}, fmt.Errorf("read a notification: %w", err)
	}
	var read func([]byte) (channel.Event, error)
	switch notification.EventType {
	case "TRANSACTION.SUCCESS":
		read = readTransaction
	case "REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED":
		read = readRefund
	case "":
		return channel.Event{}, errors.New("the notification has no event_type")
	default: // about nothing of ours
		return channel.Event{}, nil
	}
	text, err := notification.Resource.open(c.settings.APIV3Key)
	if err != nil {
		return channel.Event{}, fmt.Errorf("open a notification: %w", err)
	}
	return read(text)
}

func readTransaction(text []byte) (channel.Event, error) {
	var got transaction
	if err := json.Unmarshal(text, &got); err != nil {
		return channel.Event{}, fmt.Errorf("read a transaction: %w", err)
	}
	if got.OutTradeNo == "" || got.TransactionID == "" || got.TradeState != "SUCCESS" {
		return channel.Event{AttemptNo: got.OutTradeNo}, fmt.Errorf("it is no order that is paid: trade_state %.32q", got.TradeState)
	}
	return channel.Event{
		AttemptNo: got.OutTradeNo, Merchant: channel.Merchant{App: got.AppID, Seller: got.MchID}, Currency: got.Amount.Currency,
		Trade: channel.Trade{State: channel.Paid, TradeNo: got.TransactionID, Amount: got.Amount.Total},
	}, nil
}

// readRefund reads how a refund ended. It names no application.
func readRefund(text []byte) (channel.Event, error) {
	var got refund
	if err := json.Unmarshal(text, &got); err != nil {
		return channel.Event{}, fmt.Errorf("read a refund: %w", err)
	}
	state, ok := refundStates[got.RefundStatus]
	if !ok || got.OutTradeNo == "" || got.OutRefundNo == "" || got.Amount.Refund < 1 {
		return channel.Event{AttemptNo: got.OutTradeNo}, fmt.Errorf("it is no refund: refund_status %.32q, %d fen", got.RefundStatus, got.Amount.Refund)
	}
	event := channel.Event{
		AttemptNo: got.OutTradeNo, Merchant: channel.Merchant{Seller: got.MchID}, Currency: channel.Yuan,
		RefundNo: got.OutRefundNo, RefundState: state, Trade: channel.Trade{TradeNo: got.TransactionID, Amount: got.Amount.Refund},
	}
	if state == channel.RefundDone {
		event.Trade.Refunded = got.Amount.Refund
	}
	return event, nil
}
