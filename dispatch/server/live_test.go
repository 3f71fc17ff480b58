package server

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"campusgate/dispatch"
)

// startLive serves GET /api/external/live for the user u with the token t, by a clock that
// stands still.
func startLive(t *testing.T, living Living) (server *running, clock *atomic.Int64) {
	t.Helper()
	clock = new(atomic.Int64)
	clock.Store(time.Unix(1000, 0).UnixNano())
	server = start(t, func(o *Options) {
		o.Now = func() time.Time { return time.Unix(0, clock.Load()) }
		o.Living = living
		o.Pages = []dispatch.Endpoint{dispatch.Plain(dispatch.Path{Pattern: "/live"}, dispatch.Need{}, "get", "live", "", "", dispatch.PlainDescription{Live: true},
			func(context.Context, dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
				return dispatch.PlainAnswer{Listener: &dispatch.Listener{User: "u", Token: "t"}}, nil
			})}
	})
	return server, clock
}

func (r *running) listen(t *testing.T) *websocket.Conn {
	t.Helper()
	connection, _, err := websocket.DefaultDialer.DialContext(context.WithoutCancel(t.Context()), "ws://"+r.address+"/api/external/live", http.Header{}) //nolint:bodyclose // it is the connection's
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	if err := connection.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return connection
}

// advance lets time pass, and looks at the listeners.
func (r *running) advance(clock *atomic.Int64, d time.Duration) {
	r.live.tick(time.Unix(0, clock.Add(int64(d))))
}

// hears reports whether a listener has given a sign of life now.
func (r *running) hears(clock *atomic.Int64) bool {
	r.live.mutex.Lock()
	defer r.live.mutex.Unlock()
	return slices.ContainsFunc(r.live.byUser["u"], func(c *webSocket) bool { return c.heard.Load() == clock.Load() })
}

// Each connection is pinged every 30 s; one that answers lives on, one that does not is dead
// after 75 s.
func TestListenersArePinged(t *testing.T) {
	server, clock := startLive(t, nil)
	answers, silent := server.listen(t), server.listen(t)
	pings := make(chan struct{}, 100)
	pong := answers.PingHandler()
	answers.SetPingHandler(func(text string) error {
		pings <- struct{}{}
		return pong(text)
	})
	read := make(chan error, 1)
	go func() {
		_, text, err := answers.ReadMessage()
		if err == nil && string(text) != "hello" {
			err = errors.New(string(text))
		}
		read <- err
	}()
	server.advance(clock, time.Second) // each has its turn within the next 30 s
	for range 3 {
		server.advance(clock, pingEvery)
		<-pings
		for !server.hears(clock) {
			runtime.Gosched() // until the answer is there
		}
	}
	// The silent one is dead by now; the other has answered as often as it was asked.
	if _, _, err := silent.ReadMessage(); err == nil {
		t.Error("a connection that does not answer is not ended")
	}
	server.Push("u", []byte("hello"))
	if err := <-read; err != nil {
		t.Errorf("who answers reads %v", err)
	}
}

// A token that has ended ends its connections; while nobody can say whether it has they stay.
func TestListenersOfATokenThatEnds(t *testing.T) {
	var mutex sync.Mutex
	living, failure := map[string]bool{"t": true}, error(nil)
	server, _ := startLive(t, func(_ context.Context, tokens []string) (map[string]bool, error) {
		mutex.Lock()
		defer mutex.Unlock()
		if len(tokens) != 1 || tokens[0] != "t" {
			t.Errorf("asked for %q", tokens)
		}
		return living, failure
	})
	connection := server.listen(t)
	stays := func(why string) {
		t.Helper()
		server.CheckListener("u")
		server.CheckListener("another")
		server.Push("u", []byte(why))
		if _, text, err := connection.ReadMessage(); err != nil || string(text) != why {
			t.Errorf("%s: %s, %v", why, text, err)
		}
	}
	stays("the token lives")
	mutex.Lock()
	living, failure = nil, errors.New("no database")
	mutex.Unlock()
	stays("nobody knows")
	mutex.Lock()
	failure = nil
	mutex.Unlock()
	server.CheckListener("u")
	_, _, err := connection.ReadMessage()
	if closed, ok := errors.AsType[*websocket.CloseError](err); !ok || closed.Code != closeTokenEnded {
		t.Errorf("it ended with %v", err)
	}
}

// Who does not read is dropped, and nobody waits for it.
func TestListenerThatDoesNotRead(t *testing.T) {
	server, _ := startLive(t, nil)
	idle, reads := server.listen(t), server.listen(t)
	text := make([]byte, 64<<10)
	const pushes = 1000 // more than the buffers of a connection hold
	for range pushes {
		server.Push("u", text)
		if _, got, err := reads.ReadMessage(); err != nil || len(got) != len(text) {
			t.Fatalf("who reads got %d bytes, %v", len(got), err)
		}
	}
	got := 0
	for ; got <= pushes; got++ {
		if _, _, err := idle.ReadMessage(); err != nil {
			break
		}
	}
	if got == 0 || got >= pushes {
		t.Errorf("who does not read got %d texts", got)
	}
	if open := server.Listening(); open != 1 {
		t.Errorf("%d connections are open", open)
	}
}
