package server

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"campusgate/dispatch"
	"campusgate/dispatch/dispatchtest"
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

func (h *holding) endpoint() dispatch.Endpoint {
	return dispatch.Handle(dispatchtest.OpenPath, dispatch.Need{}, "echo", "say", "", func(ctx context.Context, in dispatchtest.SayRequest) (dispatchtest.SayResult, error) {
		h.entered <- ctx
		select {
		case <-h.release:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			in.Text = ctx.Err().Error()
		}
		return dispatchtest.SayResult(in), nil
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
	server := start(t, func(o *Options) { o.Registry = dispatchtest.NewRegistry(t, &dispatchtest.Logs{}, call.endpoint()) })
	answer := server.inFlight(t.Context())
	ctx := <-call.entered

	shutdown := make(chan error, 1)
	go func() { shutdown <- server.Shutdown(t.Context()) }()
	if err := <-server.stopped; err != nil {
		t.Error("serve:", err)
	}
	// To dial would prove nothing: the port may be another process's by now, or the
	// dialler's own.
	if _, err := server.listener.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the listener is still open: %v", err)
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

// TestShutdownDrains: a proxy does not know yet that the server goes, and sends a request into
// a connection that it has kept. It is answered, and told that it is the last one.
func TestShutdownDrains(t *testing.T) {
	call := newHolding()
	server := start(t, func(o *Options) { o.Registry = dispatchtest.NewRegistry(t, &dispatchtest.Logs{}, call.endpoint()) })
	kept, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.address)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	reader := bufio.NewReader(kept)
	ask := func() (status int, last bool) {
		t.Helper()
		if _, err := io.WriteString(kept, "GET /healthz HTTP/1.1\r\nHost: campus\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, response.Close
	}
	if _, last := ask(); last {
		t.Fatal("the connection is not kept")
	}
	answer := server.inFlight(t.Context()) // until it is over the server waits for others
	<-call.entered
	shutdown := make(chan error, 1)
	go func() { shutdown <- server.Shutdown(t.Context()) }()
	if err := <-server.stopped; err != nil {
		t.Error("serve:", err)
	}
	if status, last := ask(); status != http.StatusOK || !last {
		t.Errorf("answered %d, the last: %t", status, last)
	}
	close(call.release)
	if got := <-answer; got.err != nil || !got.reply.closes {
		t.Errorf("the request in flight: %+v", got)
	}
	if err := <-shutdown; err != nil {
		t.Error("shutdown:", err)
	}
}

// TestShutdownBeforeServe: a server that is ended before it accepts does not begin to.
func TestShutdownBeforeServe(t *testing.T) {
	for range 100 { // Serve comes after, or at the same time
		server := New(Options{Registry: dispatchtest.NewRegistry(t, &dispatchtest.Logs{}), Logger: slog.New(slog.DiscardHandler)})
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		stopped := make(chan error, 1)
		go func() { stopped <- server.Serve(listener) }()
		if err := server.Shutdown(t.Context()); err != nil {
			t.Error("shutdown:", err)
		}
		if err := <-stopped; err != nil {
			t.Error("serve:", err)
		}
	}
}

// TestShutdownImpatient: it waits no longer than it may.
func TestShutdownImpatient(t *testing.T) {
	call := newHolding()
	server := start(t, func(o *Options) { o.Registry = dispatchtest.NewRegistry(t, &dispatchtest.Logs{}, call.endpoint()) })
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
			o.Registry, o.WriteTimeout = dispatchtest.NewRegistry(t, &dispatchtest.Logs{}, call.endpoint()), timeout
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

// unencodable fails when it is encoded.
type unencodable struct{}

func (unencodable) MarshalJSON() ([]byte, error) { return nil, errors.New("lost") }

// TestUnencodable: an answer that is no JSON ends its call and no server.
func TestUnencodable(t *testing.T) {
	server := start(t, func(o *Options) {
		o.Registry = dispatchtest.NewRegistry(t, &dispatchtest.Logs{}, dispatch.Handle(dispatchtest.OpenPath, dispatch.Need{}, "echo", "say", "", func(context.Context, dispatchtest.SayRequest) (unencodable, error) {
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
		o.Registry = dispatchtest.NewRegistry(t, &dispatchtest.Logs{}, dispatch.Handle(dispatchtest.OpenPath, dispatch.Need{}, "echo", "say", "", func(context.Context, dispatchtest.SayRequest) (explosive, error) {
			return explosive{}, nil
		}))
	})
	for range 2 {
		got := server.post(t, "/open", sayHi)
		if want := `{"id":7,"status":-404,"message":"Unknown Error","data":{}}`; got.status != 200 || got.body != want {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	if !strings.Contains(server.logs.String(), "lifecycle_test.go") {
		t.Error("the panic is logged without its stack")
	}
}
