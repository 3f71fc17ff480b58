package dispatch

import (
	"errors"
	"time"
)

// Error is a failure that a client may see: its status, and a detail in words
// that names the key and the rule but never repeats a value. It is the only
// error type that reaches the wire; any other is answered as [UnknownError] and
// logged whole.
type Error struct {
	Status Status
	Detail string
	// RetryAfter is when the client may try again, of [TooManyRequests]; 0 is a second.
	RetryAfter time.Duration
	data       any
	cause      error
}

// Fail makes an Error of a status and a detail, which may be "".
func Fail(status Status, detail string) *Error {
	return &Error{Status: status, Detail: detail}
}

// After says when the client may try again.
func (e *Error) After(wait time.Duration) *Error {
	e.RetryAfter = wait
	return e
}

// Because adds the cause, which is logged and never sent.
func (e *Error) Because(cause error) *Error {
	e.cause = cause
	return e
}

// With sets the answer's data, where a call documents other than {}.
func (e *Error) With(data any) *Error {
	e.data = data
	return e
}

func (e *Error) Error() string {
	text := e.Status.Text
	if e.Detail != "" {
		text += " (" + e.Detail + ")"
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.cause }

// Failures of an [Authenticate] function; each endpoint kind has its own
// statuses for them. Any other error of it is a [DatabaseFailure].
var (
	ErrUnknownToken = errors.New("unknown token")
	ErrNoUser       = errors.New("token without user")
)
