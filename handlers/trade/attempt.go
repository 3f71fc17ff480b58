package trade

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/goccy/go-json"

	"campusgate/dispatch"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/sandbox"
	"campusgate/storage"
)

// maxAttempts is how many attempts a payment has: two digits count them.
const maxAttempts = 99

// PaySettings are the operator's choices about channels, named as their configuration keys.
type PaySettings struct {
	NotifyBase  string
	Timeout     time.Duration
	ReturnHosts []string
	BasePath    string // of the server
}

// attemptAt is an attempt as its channel knows it.
func attemptAt(a storage.Attempt) channel.Attempt {
	return channel.Attempt{
		No: a.AttemptID, ChannelID: a.ChannelID, Amount: a.Amount, Subject: a.Subject, Client: a.Client, ReturnURL: a.ReturnURL,
		CreatTime: a.CreatTime, ExpireTime: a.ExpireTime,
	}
}

// An openError says that another attempt of the payment is open, which has to end at its
// channel first.
type openError struct{ attempt storage.Attempt }

func (e *openError) Error() string { return "the attempt " + e.attempt.AttemptID + " is open" }

// A payWay is how a user wants to pay.
type payWay struct {
	Method    string `json:"method" rule:"required" doc:"wallet, alipay, wechat, pingpp or sandbox, as far as they are set up"`
	Client    string `json:"client" rule:"oneof=pc|wap|native" doc:"the browser of a computer or of a phone, or a page that shows a QR code; pc if absent"`
	ReturnURL string `json:"return_url" rule:"max=1024" doc:"where the browser returns from a channel's page: https, on a host that the operator allows or the one that was asked"`
}

// client is the device, pc unless another is said.
func (w payWay) client() string { return cmp.Or(w.Client, channel.PC) }

// check refuses a place to return to that is not allowed.
func (d Deps) checkWay(ctx context.Context, w payWay) error {
	return checkReturnURL(w.ReturnURL, dispatch.HostFrom(ctx), d.Settings.Pay.ReturnHosts)
}

// methods are those that a payment can have, the wallet apart.
var methods = []string{channel.Alipay, channel.WeChat, channel.Pingpp, channel.Sandbox}

// allows refuses a method that is none, or whose channel is not set up.
func (d Deps) allows(method string) error {
	switch {
	case method == payByWallet, d.Channels[method] != nil:
		return nil
	case slices.Contains(methods, method):
		return dispatch.Fail(dispatch.NotConfigured, "method: this channel is not set up")
	}
	return dispatch.Fail(payMethodRefused, "method: no such method")
}

// openAttempt finds the open attempt of a payment that is locked, or adds one. It fails
// with an [*openError] where one is open that is to be paid in another way: what was
// changed is another attempt to a channel.
func (d Deps) openAttempt(ctx context.Context, tx *storage.Tx, p storage.Payment, w payWay, subject string) (id string, err error) {
	attempts, err := attemptsOf(ctx, tx, p)
	if err != nil {
		return "", err
	}
	if open := openOf(attempts); open != nil {
		if open.Channel == w.Method && open.Client == w.client() && open.ReturnURL == w.ReturnURL {
			return open.AttemptID, nil
		}
		return "", &openError{*open}
	}
	if len(attempts) == maxAttempts {
		return "", dispatch.Fail(dispatch.TooManyRequests, "pay_id: was tried to be paid too often")
	}
	now := d.Clock.Unix()
	attempt := storage.Attempt{
		AttemptID: fmt.Sprintf("%s%02d", p.PayID, len(attempts)+1), PayID: p.PayID,
		Channel: w.Method, Client: w.client(), ReturnURL: w.ReturnURL, Subject: subjectAt(subject),
		Amount: p.Price, CreatTime: now, ExpireTime: p.ExpireTime,
	}
	if err := tx.InsertAttempt(ctx, attempt); err != nil {
		return "", err
	}
	if err := tx.SetPaymentMethod(ctx, p.PayID, w.Method); err != nil {
		return "", err
	}
	return attempt.AttemptID, tx.AddJob(ctx, storage.Job{Kind: askJob, Key: attempt.AttemptID, Due: nextAsk(attempt, now)})
}

// attemptsOf are all attempts of a payment. Without a method it has none: who pays from
// the wallet alone does not wait for their statement.
func attemptsOf(ctx context.Context, tx *storage.Tx, p storage.Payment) ([]storage.Attempt, error) {
	if p.Method == "" {
		return nil, nil
	}
	return tx.Attempts(ctx, p.PayID)
}

// refuseOpen fails with an [*openError] where an attempt of a payment is open.
func refuseOpen(ctx context.Context, tx *storage.Tx, p storage.Payment) error {
	attempts, err := attemptsOf(ctx, tx, p)
	if open := openOf(attempts); err == nil && open != nil {
		err = &openError{*open}
	}
	return err
}

// maxSubject is the length of what is paid, in characters, that every channel takes.
const maxSubject = 32

// subjectAt is what is paid as channels are told it. Their bills have rows and values with
// these marks between them, and what sellers name their goods breaks none.
func subjectAt(text string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '`' || r == '"' {
			return ' '
		}
		return r
	}, text)
	return cutText(cmp.Or(strings.TrimSpace(plain), "商品"), maxSubject)
}

// cutText is at most so many characters of a text.
func cutText(text string, most int) string {
	for i := range text {
		if most--; most < 0 {
			return text[:i]
		}
	}
	return text
}

// openOf is the one that is open, nil where none is.
func openOf(attempts []storage.Attempt) *storage.Attempt {
	for i := range attempts {
		if attempts[i].State == storage.AttemptOpen {
			return &attempts[i]
		}
	}
	return nil
}

// create makes an attempt known to its channel, and returns how its user pays. Where that
// was done before, it is what was stored then. The attempt is stored and committed: what
// the channel does not answer, it may have done, and the next time it is asked with the
// same number.
func (d Deps) create(ctx context.Context, a storage.Attempt, until time.Time) (channel.Action, error) {
	var action channel.Action
	if len(a.Action) > 0 {
		return action, json.Unmarshal(a.Action, &action)
	}
	c := d.Channels[a.Channel]
	if c == nil { // no more
		return action, dispatch.Fail(dispatch.NotConfigured, "method: this channel is not set up")
	}
	asked := attemptAt(a)
	asked.PageURL = d.baseURL(ctx) + sandbox.Path + "/" + a.AttemptID
	asked.ReturnURL = cmp.Or(a.ReturnURL, d.cashierPage(ctx, a.PayID))
	waiting, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	action, err := c.Create(waiting, asked)
	if err != nil {
		if d.Counters.Payment != nil {
			d.Counters.Payment(a.Channel, payFailed).Inc()
		}
		return channel.Action{}, dispatch.Fail(dispatch.PayChannelError, "").Because(fmt.Errorf("create attempt %s: %w", a.AttemptID, err))
	}
	text, err := json.Marshal(action)
	if err != nil {
		return channel.Action{}, err
	}
	return action, d.DB.SetAttemptAction(ctx, a.AttemptID, action.ChannelID, text)
}

// baseURL is that of the base path as browsers reach it. Without payments.notify_base it is
// where the request came to.
func (d Deps) baseURL(ctx context.Context) string {
	if d.Settings.Pay.NotifyBase != "" {
		return d.Settings.Pay.NotifyBase
	}
	return "http://" + dispatch.HostFrom(ctx) + d.Settings.Pay.BasePath
}

// waitUntil is how long channels are waited for from now on.
func (d Deps) waitUntil() time.Time { return time.Now().Add(d.Settings.Pay.Timeout) }

// askAttempt asks an attempt's channel what has become of it, and takes the step that follows.
func (d Deps) askAttempt(ctx context.Context, a storage.Attempt) error {
	return d.learn(ctx, a, d.waitUntil(), channel.Channel.Query)
}

// closeAttempt ends an attempt at its channel, and takes the step that follows from the state that
// was found: it may be paid.
func (d Deps) closeAttempt(ctx context.Context, a storage.Attempt) error {
	return d.learn(ctx, a, d.waitUntil(), channel.Channel.Close)
}

// learn waits for the channel, in no transaction.
func (d Deps) learn(ctx context.Context, a storage.Attempt, until time.Time,
	from func(channel.Channel, context.Context, channel.Attempt) (channel.Trade, error),
) error {
	c := d.Channels[a.Channel]
	if c == nil {
		return fmt.Errorf("%s: %w", a.Channel, errNotConfigured)
	}
	waiting, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	trade, err := from(c, waiting, attemptAt(a))
	if err != nil {
		return fmt.Errorf("ask %s of attempt %s: %w", a.Channel, a.AttemptID, err)
	}
	return d.book(ctx, a.Channel, channel.Claimed(c, attemptAt(a), trade))
}

var errNotConfigured = errors.New("the channel is not configured")

// leave ends an attempt at its channel because its payment waits for it no more. One that
// cannot be ended may still bring money, which is then late money, or pays the payment if
// that still waits.
func (d Deps) leave(ctx context.Context, a storage.Attempt, until time.Time) error {
	failure := d.learn(ctx, a, until, channel.Channel.Close)
	if failure != nil {
		d.Logger.WarnContext(ctx, "an attempt to pay could not be closed", "attempt", a.AttemptID, "channel", a.Channel, "error", failure)
	}
	return d.DB.InTx(ctx, func(tx *storage.Tx) error {
		if _, err := tx.LockPayment(ctx, a.PayID); err != nil {
			return err
		}
		return leaveOpen(ctx, tx, a.AttemptID, d.Clock.Unix())
	})
}

// leaveOpen has the payment, which is locked, wait no more for an attempt that is open.
func leaveOpen(ctx context.Context, tx *storage.Tx, attemptID string, now int64) error {
	a, err := tx.LockAttempt(ctx, attemptID)
	if err != nil || a.State != storage.AttemptOpen {
		return err
	}
	return tx.EndAttempt(ctx, a.AttemptID, storage.AttemptLeft, "", now)
}

// leaveAll is for a payment, which is locked, that ends: its open attempt is left, and
// closed at its channel by a job.
func leaveAll(ctx context.Context, tx *storage.Tx, p storage.Payment, now int64) error {
	attempts, err := attemptsOf(ctx, tx, p)
	open := openOf(attempts)
	if err != nil || open == nil {
		return err
	}
	if err := leaveOpen(ctx, tx, open.AttemptID, now); err != nil {
		return err
	}
	return tx.AddJob(ctx, storage.Job{Kind: askJob, Key: open.AttemptID + closeSuffix, Due: now})
}
