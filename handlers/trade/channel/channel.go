// Package channel is what a payment channel is to the gateway: somebody else who takes a
// user's money, tells so, and gives it back. The channels themselves are the packages
// below it.
//
// The gateway pays by attempts. Each has a number of its own at the channel, is stored
// before the channel hears of it, and ends there when its payment does. What a channel
// answers late or not at all is unknown, not failed: the same number is asked for again.
package channel

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The names of the channels, as methods of payment and in the paths of callbacks.
const (
	Alipay  = "alipay"
	WeChat  = "wechat"
	Pingpp  = "pingpp"
	Sandbox = "sandbox"
)

// Failures of a channel. All others are of the way to it, as [ErrUnknown] is.
var (
	// ErrUnknown says that the channel did not answer, or not so that it is proved: what was
	// asked for may have happened.
	ErrUnknown = errors.New("the channel's answer is unknown")
	// ErrRefused says that the channel will not do it, whoever asks how often.
	ErrRefused = errors.New("the channel refuses")
	// ErrUnverified says that a notification has no signature of the channel.
	ErrUnverified = errors.New("not signed by the channel")
)

// Unknown is an [ErrUnknown] with what is in doubt.
func Unknown(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrUnknown}, args...)...)
}

// A Channel takes payments. Its methods may be called by many at once. What waits for the
// network ends with its context.
type Channel interface {
	Payer
	Refunder
	Listener
	// Merchant is whom the channel pays to, as it is configured here.
	Merchant() Merchant
}

// Payer has payments made. Each of its methods may be called again with the same attempt.
type Payer interface {
	// Create makes the attempt known to the channel, and returns how its user pays.
	Create(ctx context.Context, a Attempt) (Action, error)
	// Query asks what has become of an attempt.
	Query(ctx context.Context, a Attempt) (Trade, error)
	// Close ends an attempt that is not paid, and returns the state found afterwards: one
	// that is [Waiting] still could not be closed.
	Close(ctx context.Context, a Attempt) (Trade, error)
}

// Refunder gives money back. The same number again has no second effect.
type Refunder interface {
	Refund(ctx context.Context, r Refund) (RefundState, error)
	QueryRefund(ctx context.Context, r Refund) (RefundState, error)
}

// Listener reads what the channel posts. It uses neither network nor database.
type Listener interface {
	// Notify verifies a notification, and only then reads it. [ErrUnverified]: it is not the
	// channel's. The header is looked up by a name in any letter case.
	Notify(header func(name string) string, body []byte, now time.Time) (Event, error)
	// Answer is what the channel is told of a notification: nil says that it is done with,
	// after anything else the channel sends it again.
	Answer(err error) (status int, contentType string, body []byte)
}

// Merchant is who is paid, by the channel's own names; "" is a name that it has not.
type Merchant struct {
	App, Seller string
}

// What a user's device is ([Attempt.Client]).
const (
	PC     = "pc"     // a browser, which is sent to the channel's page
	WAP    = "wap"    // a phone's browser
	Native = "native" // a page that shows a QR code for the channel's app
)

// An Attempt is one try to pay.
type Attempt struct {
	No         string // ours, 8 to 20 digits
	ChannelID  string // the channel's own, from [Action]; "" where it has none
	Amount     int64  // fen
	Subject    string // what is paid, at most 32 characters
	Client     string // [PC], [WAP] or [Native]
	ReturnURL  string // where the browser returns; "" is nowhere
	PageURL    string // of the gateway, where a channel has no page of its own
	CreatTime  int64  // Unix seconds
	ExpireTime int64  // Unix seconds: it cannot be paid from then on
}

// An Action is how a user pays: one of the first three is set.
type Action struct {
	PayURL    string // where the browser goes
	CodeURL   string // the text of a QR code
	Charge    string // JSON, for the channel's own script
	ChannelID string // the attempt's number at the channel, where it has one
}

// A State is that of an attempt at its channel.
type State int

// An attempt that the channel does not know may still be paid where the user has its
// signed URL.
const (
	NotFound State = iota
	Waiting
	Paid
	Closed
	Refunded // paid, and given back as a whole
)

func (s State) String() string {
	return [...]string{NotFound: "not found", Waiting: "waiting", Paid: "paid", Closed: "closed", Refunded: "refunded"}[s]
}

// A Trade is an attempt as its channel has it.
type Trade struct {
	State    State
	TradeNo  string // the channel's number of what was paid; "" before that
	Amount   int64  // fen, what was paid
	Refunded int64  // fen, all that was given back
}

// A Refund gives back a part of what was paid, or all of it.
type Refund struct {
	No      string // ours, the same on every try: at most 64 letters and digits
	Attempt Attempt
	TradeNo string
	Amount  int64  // fen
	Reason  string // at most 80 characters
}

// A RefundState is that of a refund at its channel.
type RefundState int

// A refund that failed will not be done under its number.
const (
	RefundPending RefundState = iota
	RefundDone
	RefundFailed
)

func (s RefundState) String() string {
	return [...]string{RefundPending: "pending", RefundDone: "done", RefundFailed: "failed"}[s]
}

// An Event is what a notification claims. One without an AttemptNo is about nothing of
// ours, and done with.
type Event struct {
	AttemptNo string
	Merchant  Merchant
	Currency  string // [Yuan], or what else the channel says
	Trade     Trade
	// RefundNo is a refund's that the notification is about, "" where it is about the
	// payment; then the trade's amount is the refund's, 0 where the channel does not say.
	RefundNo    string
	RefundState RefundState
}

// Yuan is the only currency.
const Yuan = "CNY"
