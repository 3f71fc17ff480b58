package sandbox

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/goccy/go-json"

	"campusgate/handlers/trade/channel"
	"campusgate/storage"
)

// New returns a sandbox that keeps what it knows in the database. Its notifications are
// signed by a key that it makes, so that nobody else can send any.
func New(db *storage.DB, now func() time.Time) *Channel {
	key := make([]byte, sha256.Size)
	if _, err := rand.Read(key); err != nil {
		panic(err) // crypto/rand never fails
	}
	return &Channel{db: db, now: now, key: key}
}

// SignatureHeader holds the signature of a notification: hexadecimal HMAC-SHA256 of the
// body.
const SignatureHeader = "Sandbox-Signature"

// A notification is a claim as the sandbox posts it.
type notification struct {
	Attempt  string        `json:"attempt"`
	TradeNo  string        `json:"trade_no"`
	App      string        `json:"app"`
	Seller   string        `json:"seller"`
	Currency string        `json:"currency"`
	Amount   int64         `json:"amount"` // fen
	State    channel.State `json:"state"`
}

// Notification is what the sandbox posts to tell a trade, and its signature.
func (c *Channel) Notification(attemptNo string, merchant channel.Merchant, trade channel.Trade) (body []byte, signature string) {
	body, err := json.Marshal(notification{
		Attempt: attemptNo, TradeNo: trade.TradeNo, App: merchant.App, Seller: merchant.Seller,
		Currency: channel.Yuan, Amount: trade.Amount, State: trade.State,
	})
	if err != nil {
		panic(err) // texts and numbers are always JSON
	}
	return body, hex.EncodeToString(c.sign(body))
}

// Notify verifies and reads a notification.
func (c *Channel) Notify(header func(string) string, body []byte, _ time.Time) (channel.Event, error) {
	signature, err := hex.DecodeString(header(SignatureHeader))
	if err != nil || !hmac.Equal(signature, c.sign(body)) {
		return channel.Event{}, channel.ErrUnverified
	}
	var n notification
	if err := json.Unmarshal(body, &n); err != nil {
		return channel.Event{}, fmt.Errorf("read notification: %w", err)
	}
	return channel.Event{
		AttemptNo: n.Attempt, Merchant: channel.Merchant{App: n.App, Seller: n.Seller}, Currency: n.Currency,
		Trade: channel.Trade{State: n.State, TradeNo: n.TradeNo, Amount: n.Amount},
	}, nil
}

func (c *Channel) sign(body []byte) []byte {
	mac := hmac.New(sha256.New, c.key)
	mac.Write(body)
	return mac.Sum(nil)
}

// Answer tells whether the notification is done with.
func (c *Channel) Answer(err error) (status int, contentType string, body []byte) {
	if err != nil {
		return http.StatusInternalServerError, "text/plain; charset=utf-8", []byte("fail")
	}
	return http.StatusOK, "text/plain; charset=utf-8", []byte("success")
}
