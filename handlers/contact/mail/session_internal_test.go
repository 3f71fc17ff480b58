package mail

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

// A connection that has ended does not live again, whatever deadline the library or the
// next step sets.
func TestConnectionEndsForEver(t *testing.T) {
	t.Parallel()
	one, other := net.Pipe()
	defer other.Close()
	opened := &connection{Conn: one, left: 1, stop: func() bool { return true }}
	opened.endAfter(0)
	opened.endAfter(time.Minute)
	if err := opened.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Error(err)
	}
	if _, err := opened.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("it reads: %v", err)
	}
	opened.end()
	if _, err := opened.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("it is open: %v", err)
	}
}
