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
	at     time.Time
	caller Caller // set before the handler begins
	mutex  sync.Mutex
	inner  context.Context // from the first Done on
	end    context.CancelFunc
	over   bool // cancelled
}

// newDeadline ends after the given time, 0 being never. cancel frees its timer.
func newDeadline(after time.Duration) (ctx context.Context, cancel func()) {
	if after == 0 {
		return context.Background(), func() {}
	}
	d := &deadline{at: time.Now().Add(after)}
	return d, d.cancel
}

func (d *deadline) cancel() {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.over = true
	if d.end != nil {
		d.end()
	}
}

// Deadline is when the request's answer has to be out.
func (d *deadline) Deadline() (time.Time, bool) { return d.at, true }

// Done starts the timer.
func (d *deadline) Done() <-chan struct{} {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.inner == nil {
		d.inner, d.end = context.WithDeadline(context.Background(), d.at)
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
	case time.Now().Before(d.at):
		return nil
	default:
		return context.DeadlineExceeded
	}
}

// Value knows the caller, and lets package context find the inner one, and so cancel its children
// without a goroutine for each.
func (d *deadline) Value(key any) any {
	if key == (callerKey{}) {
		return &d.caller
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.inner != nil {
		return d.inner.Value(key)
	}
	return nil
}
