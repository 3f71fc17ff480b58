package server

import (
	"errors"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"campusgate/dispatch/dispatchtest"
)

// shortListener fails as accept does without descriptors, until there are some.
type shortListener struct {
	net.Listener
	short atomic.Bool
	tried chan struct{}
}

func (l *shortListener) Accept() (net.Conn, error) {
	if l.short.Load() {
		select {
		case l.tried <- struct{}{}:
		default:
		}
		return nil, &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
	}
	return l.Listener.Accept()
}

// TestAcceptWithoutDescriptors: it waits, tells it once, and takes clients again.
func TestAcceptWithoutDescriptors(t *testing.T) {
	inner, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	logs := &dispatchtest.Logs{}
	short := &shortListener{Listener: inner, tried: make(chan struct{})}
	short.short.Store(true)
	l := newListener(short, slog.New(slog.NewTextHandler(logs, nil)), 0)
	type accepted struct {
		connection net.Conn
		err        error
	}
	result := make(chan accepted, 1)
	accept := func() {
		connection, err := l.Accept()
		result <- accepted{connection, err}
	}
	go accept()
	client, err := new(net.Dialer).DialContext(t.Context(), "tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for range 3 {
		<-short.tried
	}
	short.short.Store(false)
	got := <-result
	if got.err != nil {
		t.Fatal(got.err)
	}
	defer got.connection.Close()
	if told := strings.Count(logs.String(), "no room for another connection"); told != 1 {
		t.Errorf("told %d times:\n%s", told, logs)
	}

	short.short.Store(true)
	go accept()
	<-short.tried
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if got := <-result; !errors.Is(got.err, net.ErrClosed) {
		t.Errorf("a closed listener accepts: %v", got.err)
	}
	if err := l.Close(); err != nil {
		t.Error("closed again:", err)
	}
}

// TestKeptDescriptors: a client that has one of those that are kept back is served,
// and no other is taken before there is room.
func TestKeptDescriptors(t *testing.T) {
	inner, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := newListener(inner, slog.New(slog.DiscardHandler), 0)
	defer l.Close()
	l.limit = 1 // below all that are open
	if l.hasRoom() {
		t.Error("there is room below descriptor 1")
	}
	client, err := new(net.Dialer).DialContext(t.Context(), "tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	connection, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if !l.full {
		t.Fatalf("descriptor %d is not noticed", descriptor(connection))
	}
	if l.limit = 1 << 20; !l.hasRoom() {
		t.Error("there is no room below a million")
	}
}
