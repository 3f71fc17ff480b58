package wechattest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rsa"
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"campusgate/handlers/trade/channel/signing"
)

// A Notification is one, with its headers.
type Notification struct {
	Body   []byte
	Header map[string]string
}

// Get is one of the headers.
func (n Notification) Get(name string) string { return n.Header[name] }

// Headers are names and values in turn.
func (n Notification) Headers() (all []string) {
	for name, value := range n.Header {
		all = append(all, name, value)
	}
	return all
}

// Paid is the notification that tells of an order that is paid, also when that was given back
// since. change may change what it says before that is sealed and signed.
func (s *Service) Paid(t testing.TB, no string, change func(transaction map[string]any)) Notification {
	t.Helper()
	var told map[string]any
	s.change(func() { told = s.told(s.orders[no]) })
	told["trade_state"] = "SUCCESS"
	if change != nil {
		change(told)
	}
	return s.Notification(t, "TRANSACTION.SUCCESS", told)
}

// RefundEnded is the notification that tells of the last refund of an order.
func (s *Service) RefundEnded(t testing.TB, no string, change func(refund map[string]any)) Notification {
	t.Helper()
	var told map[string]any
	s.change(func() {
		o := s.orders[no]
		r := o.Refunds[len(o.Refunds)-1]
		told = map[string]any{
			"mchid": s.Merchant.Seller, "out_trade_no": no, "transaction_id": "T" + no, "out_refund_no": r.Number, "refund_id": "R" + r.Number,
			"refund_status": r.Status, "user_received_account": "零钱",
			"amount": map[string]any{"total": o.Total, "refund": r.Amount, "payer_total": o.Total - 1, "payer_refund": r.Amount},
		}
	})
	if change != nil {
		change(told)
	}
	return s.Notification(t, "REFUND."+told["refund_status"].(string), told)
}

// Notification seals and signs what an event says.
func (s *Service) Notification(t testing.TB, event string, told any) Notification {
	t.Helper()
	text, err := json.Marshal(told)
	if err != nil {
		t.Fatal(err)
	}
	const nonce, associated = "0123456789ab", "transaction"
	body, err := json.Marshal(map[string]any{
		"id": "EV-1", "create_time": s.Now().Format(time.RFC3339), "event_type": event, "resource_type": "encrypt-resource", "summary": "通知",
		"resource": map[string]any{
			"original_type": "transaction", "algorithm": "AEAD_AES_256_GCM", "ciphertext": seal(s.APIV3Key, nonce, associated, text),
			"associated_data": associated, "nonce": nonce,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return Notification{body, headers(s.Own, s.PublicKeyID, body, s.Now())}
}

func seal(key, nonce, associated string, text []byte) []byte {
	block, err := aes.NewCipher([]byte(key))
	if err != nil {
		panic(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return gcm.Seal(nil, []byte(nonce), text, []byte(associated))
}

// headers sign a body.
func headers(key *rsa.PrivateKey, serial string, body []byte, at time.Time) map[string]string {
	const nonce = "0000000000000000000000c0ffee0001"
	seconds := strconv.FormatInt(at.Unix(), 10)
	signature, err := signing.Sign(key, []byte(seconds+"\n"+nonce+"\n"+string(body)+"\n"))
	if err != nil {
		panic(err)
	}
	return map[string]string{
		"Wechatpay-Serial": serial, "Wechatpay-Signature": signature, "Wechatpay-Timestamp": seconds, "Wechatpay-Nonce": nonce,
		"Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
	}
}
