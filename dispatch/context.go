package dispatch

import (
	"context"
	"sync"
	"time"
)

// Context is the context of one request. The HTTP library's own is never cancelled
// and may not outlive its handler, and context.WithTimeout starts a timer that most
// requests never need: this one starts it when somebody first waits for its end.
type Context struct {
	at      time.Time // zero is never
	request string    // its id
	caller  Caller    // its account is set before the handler begins
	http    HTTP      // the request itself, nil where there is none
	mutex   sync.Mutex
	inner   context.Context // from the first Done on
	end     context.CancelFunc
	over    bool // cancelled
}

// NewContext returns the context of a request by its id and caller. It ends a time
// after now, 0 being never; [Context.Cancel] must follow.
func NewContext(now time.Time, after time.Duration, request string, caller Caller) *Context {
	c := &Context{request: request, caller: caller}
	if after != 0 {
		c.at = now.Add(after)
	}
	return c
}

// From names the request that the context is of, for [HostFrom].
func (c *Context) From(request HTTP) *Context {
	c.http = request
	return c
}

type hostKey struct{}

// HostFrom is the host that the request of a running handler was sent to, as its client
// named it and with its port; "" outside of one.
func HostFrom(ctx context.Context) string {
	if request, ok := ctx.Value(hostKey{}).(HTTP); ok {
		return request.Host()
	}
	return ""
}

// Caller is who sent the request; its account is known once a call has
// authenticated it.
func (c *Context) Caller() Caller { return c.caller }

// RequestID is the request's id.
func (c *Context) RequestID() string { return c.request }

// Cancel ends the context and frees its timer.
func (c *Context) Cancel() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.over = true
	if c.end != nil {
		c.end()
	}
}

// Deadline is when the request's answer has to be out.
func (c *Context) Deadline() (time.Time, bool) { return c.at, !c.at.IsZero() }

// Done starts the timer.
func (c *Context) Done() <-chan struct{} {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.inner == nil {
		if c.at.IsZero() {
			c.inner, c.end = context.WithCancel(context.Background())
		} else {
			c.inner, c.end = context.WithDeadline(context.Background(), c.at)
		}
		if c.over {
			c.end()
		}
	}
	return c.inner.Done()
}

// Err reports whether the time or the request is over.
func (c *Context) Err() error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	switch {
	case c.inner != nil:
		return c.inner.Err()
	case c.over:
		return context.Canceled
	case c.at.IsZero(), time.Now().Before(c.at):
		return nil
	default:
		return context.DeadlineExceeded
	}
}

// Value knows the caller and the request, and lets package context find the inner
// one, and so cancel its children without a goroutine for each.
func (c *Context) Value(key any) any {
	switch key {
	case callerKey{}:
		return &c.caller
	case requestKey{}:
		return &c.request
	case hostKey{}:
		return c.http
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.inner != nil {
		return c.inner.Value(key)
	}
	return nil
}
