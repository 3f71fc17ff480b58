package dispatch

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

// holding is a call that stays in its handler until it is released or its
// context ends.
type holding struct {
	entered chan context.Context
	release chan struct{}
}

func newHolding() *holding {
	return &holding{entered: make(chan context.Context, 1), release: make(chan struct{})}
}

func (h *holding) endpoint() Endpoint {
	return Handle(openPath, "echo", "say", "", func(ctx context.Context, in sayRequest) (sayResult, error) {
		h.entered <- ctx
		select {
		case <-h.release:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			in.Text = ctx.Err().Error()
		}
		return sayResult(in), nil
	})
}

// answered is what a request in another goroutine came to.
type answered struct {
	reply reply
	err   error
}

func (r *running) inFlight(ctx context.Context) <-chan answered {
	answer := make(chan answered, 1)
	go func() {
		got, err := r.try(ctx, "POST", "/api/external/open", sayHi)
		answer <- answered{got, err}
	}()
	return answer
}

func TestShutdown(t *testing.T) {
	call := newHolding()
	server := start(t, func(o *Options) { o.Registry = newTestRegistry(t, &logs{}, call.endpoint()) })
	answer := server.inFlight(t.Context())
	ctx := <-call.entered

	shutdown := make(chan error, 1)
	go func() { shutdown <- server.Shutdown(t.Context()) }()
	if err := <-server.stopped; err != nil {
		t.Error("serve:", err)
	}
	if connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.address); err == nil {
		_ = connection.Close()
		t.Error("a new connection is accepted")
	}
	select {
	case err := <-shutdown:
		t.Error("shutdown does not wait:", err)
	default:
	}

	close(call.release)
	if got := <-answer; got.err != nil || got.reply.body != saidHi || !got.reply.closes {
		t.Errorf("the request in flight: %+v", got)
	}
	if err := <-shutdown; err != nil {
		t.Error("shutdown:", err)
	}
	if ctx.Err() == nil {
		t.Error("the context outlives its request")
	}
}

// TestShutdownImpatient: it waits no longer than it may.
func TestShutdownImpatient(t *testing.T) {
	call := newHolding()
	server := start(t, func(o *Options) { o.Registry = newTestRegistry(t, &logs{}, call.endpoint()) })
	answer := server.inFlight(t.Context())
	<-call.entered

	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := server.Shutdown(over); !errors.Is(err, context.Canceled) {
		t.Error("shutdown:", err)
	}
	close(call.release)
	if got := <-answer; got.err != nil || got.reply.body != saidHi {
		t.Errorf("the request in flight: %+v", got)
	}
}

// TestRequestDeadline: an answer has to be out before the write time-out.
func TestRequestDeadline(t *testing.T) {
	for timeout, want := range map[time.Duration]bool{time.Minute: true, 0: false} {
		call := newHolding()
		close(call.release)
		server := start(t, func(o *Options) {
			o.Registry, o.WriteTimeout = newTestRegistry(t, &logs{}, call.endpoint()), timeout
		})
		if got := server.post(t, "/open", sayHi); got.body != saidHi {
			t.Error(got.body)
		}
		deadline, limited := (<-call.entered).Deadline()
		if limited != want || limited && time.Until(deadline) > timeout {
			t.Errorf("write time-out %s: until %s, %t", timeout, deadline, limited)
		}
	}
}

// TestDeadline is what any context does.
func TestDeadline(t *testing.T) {
	ctx := newDeadline(time.Now(), time.Minute, "")
	if ctx.Err() != nil || CallerFrom(ctx) != (Caller{}) {
		t.Errorf("a new one: %v, %v", ctx.Err(), CallerFrom(ctx))
	}
	child, cancelChild := context.WithTimeout(WithCaller(ctx, Caller{User: "1"}), time.Hour)
	defer cancelChild()
	select {
	case <-ctx.Done():
		t.Error("it ends at once")
	default:
	}
	if until, limited := child.Deadline(); !limited || time.Until(until) > time.Minute {
		t.Errorf("a child ends at %s", until)
	}
	if ctx.Err() != nil || child.Err() != nil || CallerFrom(child).User != "1" {
		t.Error(ctx.Err(), child.Err(), CallerFrom(child))
	}
	ctx.cancel()
	<-child.Done()
	if !errors.Is(ctx.Err(), context.Canceled) || !errors.Is(child.Err(), context.Canceled) {
		t.Error(ctx.Err(), child.Err())
	}

	for _, early := range []bool{true, false} { // waited for before its end, or only after
		cancelled, passed := newDeadline(time.Now(), time.Minute, ""), newDeadline(time.Now(), time.Nanosecond, "")
		defer passed.cancel()
		if early {
			cancelled.Done()
			passed.Done()
		}
		cancelled.cancel()
		<-cancelled.Done()
		<-passed.Done()
		if !errors.Is(cancelled.Err(), context.Canceled) || !errors.Is(passed.Err(), context.DeadlineExceeded) {
			t.Errorf("waited for early %t: %v, %v", early, cancelled.Err(), passed.Err())
		}
	}

	endless := newDeadline(time.Now(), 0, "")
	if _, limited := endless.Deadline(); limited || endless.Err() != nil {
		t.Errorf("one without an end: limited %t, %v", limited, endless.Err())
	}
	waiting := endless.Done()
	select {
	case <-waiting:
		t.Error("one without an end ends")
	default:
	}
	endless.cancel()
	<-waiting

	cancelled, passed := newDeadline(time.Now(), time.Minute, ""), newDeadline(time.Now(), -time.Second, "")
	cancelled.cancel()
	defer passed.cancel()
	if !errors.Is(cancelled.Err(), context.Canceled) || !errors.Is(passed.Err(), context.DeadlineExceeded) {
		t.Errorf("never waited for: %v, %v", cancelled.Err(), passed.Err())
	}
}

// unencodable fails when it is encoded.
type unencodable struct{}

func (unencodable) MarshalJSON() ([]byte, error) { return nil, errors.New("lost") }

// TestUnencodable: an answer that is no JSON ends its call and no server.
func TestUnencodable(t *testing.T) {
	server := start(t, func(o *Options) {
		o.Registry = newTestRegistry(t, &logs{}, Handle(openPath, "echo", "say", "", func(context.Context, sayRequest) (unencodable, error) {
			return unencodable{}, nil
		}))
	})
	for range 2 {
		got := server.post(t, "/open", sayHi)
		if want := `{"id":7,"status":-404,"message":"Unknown Error","data":{}}`; got.status != 200 || got.body != want {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	if !strings.Contains(server.logs.String(), "call=echo/say") {
		t.Error("the log does not name the call")
	}
}

// explosive panics when it is encoded.
type explosive struct{}

func (explosive) MarshalJSON() ([]byte, error) { panic("lost") }

// TestPanicOutside: a panic that is no handler's ends its request and no server.
func TestPanicOutside(t *testing.T) {
	server := start(t, func(o *Options) {
		o.Registry = newTestRegistry(t, &logs{}, Handle(openPath, "echo", "say", "", func(context.Context, sayRequest) (explosive, error) {
			return explosive{}, nil
		}))
	})
	for range 2 {
		got := server.post(t, "/open", sayHi)
		if want := `{"id":-1,"status":-404,"message":"Unknown Error","data":{}}`; got.status != 200 || got.body != want {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	if !strings.Contains(server.logs.String(), "lifecycle_test.go") {
		t.Error("the panic is logged without its stack")
	}
}
