package server

import (
	"log/slog"
	"net"
	"testing"
	"time"
)

// TestUnsentIsBounded: of an answer to a client that reads nothing, the system takes
// what is being sent and little more. What it takes counts as what the client takes.
func TestUnsentIsBounded(t *testing.T) {
	t.Parallel()
	inner, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := newListener(inner, slog.New(slog.DiscardHandler), 64<<10)
	defer l.Close()
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
	if err := connection.SetWriteDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if taken, err := connection.Write(make([]byte, 16<<20)); err == nil || taken > 1<<20 {
		t.Errorf("%d bytes were taken (%v)", taken, err)
	}
}
