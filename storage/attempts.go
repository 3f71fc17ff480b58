package storage

import (
	"context"
	"errors"
	"strings"

	"campusgate/storage/engine"
)

// The states of an attempt.
const (
	AttemptOpen   = "open"   // its user may pay it, and its payment waits for it
	AttemptLeft   = "left"   // its payment does not wait for it any more, but its channel may still take money
	AttemptClosed = "closed" // its channel takes no money for it
	AttemptPaid   = "paid"   // it has paid its payment
	AttemptLate   = "late"   // its channel took money that its payment did not take any more
)

// An Attempt is one try to pay at a channel.
type Attempt struct {
	AttemptID  string // the payment's number and two digits: its number at the channel
	PayID      string
	Channel    string
	Client     string
	ReturnURL  string // "" is none
	Subject    string // what is paid
	Amount     int64  // fen
	State      string // one of those above
	ChannelID  string // the channel's own number of the attempt, where it has one
	TradeNo    string // the channel's number of what was paid, "" before that
	Action     []byte // JSON, how the user pays; empty while the channel has not answered
	AskTime    int64  // when the channel was last asked, in Unix seconds as the others; 0 is never
	CreatTime  int64
	ExpireTime int64
	EndTime    int64 // when State became other than open; 0 before that
}

const attemptColumns = "attempt_id, pay_id, channel, client, return_url, subject, amount, state, channel_id, " +
	"COALESCE(trade_no, ''), action, ask_time, creat_time, expire_time, end_time"

// fields are attemptColumns.
func (a *Attempt) fields() []any {
	return []any{
		&a.AttemptID, &a.PayID, &a.Channel, &a.Client, &a.ReturnURL, &a.Subject, &a.Amount, &a.State, &a.ChannelID,
		&a.TradeNo, &a.Action, &a.AskTime, &a.CreatTime, &a.ExpireTime, &a.EndTime,
	}
}

// InsertAttempt adds an open attempt, of a payment that is locked. What its channel gives
// is ignored. [ErrConflict]: the id is taken.
func (tx *Tx) InsertAttempt(ctx context.Context, a Attempt) error {
	return tx.sql.Exec(ctx, "insert attempt", engine.SQL(`
		INSERT INTO attempts (attempt_id, pay_id, channel, client, return_url, subject, amount, state, action, creat_time, expire_time)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.AttemptID, a.PayID, a.Channel, a.Client, a.ReturnURL, a.Subject, a.Amount, AttemptOpen, []byte{}, a.CreatTime, a.ExpireTime))
}

// AddAttempts adds attempts in the states that they have, all or none, as the rows are added
// of the payments that they are of. [ErrConflict]: an id or a number of the channel is taken.
func (tx *Tx) AddAttempts(ctx context.Context, attempts []Attempt) error {
	columns := strings.NewReplacer("COALESCE(", "", ", '')", "").Replace(attemptColumns)
	return engine.InsertRows(ctx, tx.sql, "add attempts", "attempts ("+columns+")", attempts, func(a *Attempt) []any {
		fields := a.fields()
		for i, field := range fields {
			if field == any(&a.TradeNo) {
				fields[i] = orNull(a.TradeNo)
			}
		}
		return fields
	})
}

// Attempt returns an attempt. [ErrNotFound]: there is none.
func (q *Queries) Attempt(ctx context.Context, id string) (Attempt, error) {
	var a Attempt
	err := q.sql.Get(ctx, "attempt", engine.SQL("SELECT "+attemptColumns+" FROM attempts WHERE attempt_id = ?", id), a.fields()...)
	return a, err
}

// LockAttempt returns an attempt, which stays so until the transaction's end. It is locked
// after its payment. [ErrNotFound]: there is none.
func (tx *Tx) LockAttempt(ctx context.Context, id string) (Attempt, error) {
	var a Attempt
	err := tx.sql.Get(ctx, "lock attempt", engine.SQL(
		"SELECT "+attemptColumns+" FROM attempts WHERE attempt_id = ?"+tx.sql.ForUpdate(), id), a.fields()...)
	return a, err
}

// Attempts are all attempts of a payment, the oldest first.
func (q *Queries) Attempts(ctx context.Context, payID string) ([]Attempt, error) {
	return engine.Collect(ctx, q.sql, "attempts", engine.SQL(
		"SELECT "+attemptColumns+" FROM attempts WHERE pay_id = ? ORDER BY attempt_id", payID).Indexed(), (*Attempt).fields)
}

// AttemptsEnded are the attempts of a channel that brought money from a time to before
// another, by their ends.
func (q *Queries) AttemptsEnded(ctx context.Context, channel string, from, before int64) ([]Attempt, error) {
	return engine.Collect(ctx, q.sql, "attempts that ended", engine.SQL("SELECT "+attemptColumns+
		" FROM attempts WHERE channel = ? AND end_time >= ? AND end_time < ? AND state IN (?, ?) ORDER BY end_time, attempt_id",
		channel, from, before, AttemptPaid, AttemptLate), (*Attempt).fields)
}

// A ChannelCount is how many there are of a channel.
type ChannelCount struct {
	Channel string
	Count   int64
}

// OpenAttempts counts the open attempts of channels; those without one are left out.
func (q *Queries) OpenAttempts(ctx context.Context, channels []string) ([]ChannelCount, error) {
	if len(channels) == 0 {
		return nil, nil
	}
	return engine.Collect(ctx, q.sql, "open attempts", inTexts("SELECT channel, COUNT(*) FROM attempts WHERE end_time = 0 AND channel IN ", channels).
		Then(" GROUP BY channel"), func(c *ChannelCount) []any { return []any{&c.Channel, &c.Count} })
}

// SetAttemptAction stores how an attempt is paid, as its channel has told.
func (q *Queries) SetAttemptAction(ctx context.Context, id, channelID string, action []byte) error {
	return q.sql.Change(ctx, "set attempt action", engine.SQL(
		`UPDATE attempts SET channel_id = ?, action = ? WHERE attempt_id = ?`, channelID, action, id))
}

// AskAttempt notes that the channel is asked now. It reports false where it was asked
// after before, by whichever replica: then it is not asked again.
func (q *Queries) AskAttempt(ctx context.Context, id string, now, before int64) (bool, error) {
	err := q.sql.Change(ctx, "ask attempt", engine.SQL(
		`UPDATE attempts SET ask_time = ? WHERE attempt_id = ? AND ask_time <= ?`, now, id, before))
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// EndAttempt changes the state of an attempt that is locked. tradeNo is the channel's
// number of what was paid, "" where nothing was. [ErrConflict]: another attempt of the
// channel has this number.
func (tx *Tx) EndAttempt(ctx context.Context, id, state, tradeNo string, now int64) error {
	return tx.sql.Change(ctx, "end attempt", engine.SQL(
		`UPDATE attempts SET state = ?, trade_no = ?, end_time = ? WHERE attempt_id = ?`, state, orNull(tradeNo), now, id))
}
