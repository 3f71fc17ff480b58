package dispatch

import (
	"context"
	"sync"
	"time"
)

// deadline is the context of one request. A RequestCtx is never cancelled and may
// not outlive its handler, and context.WithTimeout starts a timer that most
// requests never need: this one starts it when somebody first waits for its end.
type deadline struct {
	at      time.Time // zero is never
	request string    // its id
	caller  Caller    // its user is set before the handler begins
	mutex   sync.Mutex
	inner   context.Context // from the first Done on
	end     context.CancelFunc
	over    bool // cancelled
}

// newDeadline is the context of a request, by its id. It ends a time after now, 0
// being never; cancel must follow.
func newDeadline(now time.Time, after time.Duration, request string) *deadline {
	d := &deadline{request: request}
	if after != 0 {
		d.at = now.Add(after)
	}
	return d
}

// cancel ends the context and frees its timer.
func (d *deadline) cancel() {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.over = true
	if d.end != nil {
		d.end()
	}
}

// Deadline is when the request's answer has to be out.
func (d *deadline) Deadline() (time.Time, bool) { return d.at, !d.at.IsZero() }

// Done starts the timer.
func (d *deadline) Done() <-chan struct{} {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.inner == nil {
		if d.at.IsZero() {
			d.inner, d.end = context.WithCancel(context.Background())
		} else {
			d.inner, d.end = context.WithDeadline(context.Background(), d.at)
		}
		if d.over {
			d.end()
		}
	}
	return d.inner.Done()
}

// Err tells whether the time or the request is over.
func (d *deadline) Err() error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	switch {
	case d.inner != nil:
		return d.inner.Err()
	case d.over:
		return context.Canceled
	case d.at.IsZero(), time.Now().Before(d.at):
		return nil
	default:
		return context.DeadlineExceeded
	}
}

// Value knows the caller and the request, and lets package context find the inner
// one, and so cancel its children without a goroutine for each.
func (d *deadline) Value(key any) any {
	switch key {
	case callerKey{}:
		return &d.caller
	case requestKey{}:
		return &d.request
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.inner != nil {
		return d.inner.Value(key)
	}
	return nil
}
