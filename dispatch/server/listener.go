package server

import (
	"errors"
	"log/slog"
	"net"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Of the file descriptors that the process may open, half of few and this many of
// many are kept back from clients, for what answers them: the database, pictures,
// other servers.
const keptDescriptors = 128

const (
	acceptPause = 50 * time.Millisecond // until it is looked for room again
	acceptTold  = time.Minute           // between two lines about it
)

// listener takes clients as long as there is room for them, and lets others wait.
// The HTTP library would end at the first that cannot be taken.
type listener struct {
	net.Listener
	logger *slog.Logger
	// limit is the first descriptor that no client is to have; 0 is none. The system
	// gives the lowest free one, so one from here on says that all below are taken.
	limit  int
	full   bool // the last client has one from the limit on
	told   time.Time
	closed chan struct{}
	close  func() error
	unsent int // bytes of an answer that wait in the system: see boundUnsent; 0 is no bound
}

func newListener(inner net.Listener, logger *slog.Logger, unsent int) *listener {
	l := &listener{Listener: inner, logger: logger, unsent: unsent, closed: make(chan struct{})}
	l.close = sync.OnceValue(func() error {
		close(l.closed)
		return inner.Close()
	})
	if files := maxDescriptors(); files > 0 {
		l.limit = files - min(files/2, keptDescriptors)
	}
	return l
}

// Close ends Accept too.
func (l *listener) Close() error { return l.close() }

// Accept waits for a client, and for room for it.
func (l *listener) Accept() (net.Conn, error) {
	for {
		if l.full && !l.hasRoom() {
			if err := l.wait(syscall.EMFILE); err != nil {
				return nil, err
			}
			continue
		}
		connection, err := l.Listener.Accept()
		switch {
		case err == nil:
			l.full = l.limit > 0 && descriptor(connection) >= l.limit
			if l.unsent > 0 {
				boundUnsent(connection, l.unsent)
			}
			return connection, nil
		case !isPassing(err):
			return nil, err
		}
		if err := l.wait(err); err != nil {
			return nil, err
		}
	}
}

// wait pauses, unless the listener is closed, and tells why from time to time.
func (l *listener) wait(cause error) error {
	if now := time.Now(); now.Sub(l.told) >= acceptTold {
		l.told = now
		l.logger.Warn("no room for another connection: clients wait", "error", cause)
	}
	select {
	case <-l.closed:
		return net.ErrClosed
	case <-time.After(acceptPause):
		return nil
	}
}

// hasRoom opens descriptors to see which ones it gets.
func (l *listener) hasRoom() bool {
	probe, other, err := os.Pipe()
	if err != nil {
		return false
	}
	defer probe.Close()
	defer other.Close()
	return int(probe.Fd()) < l.limit
}

// passing are the reasons not to take a client that end by themselves: a shortage, or
// what became of that one client before it was taken (accept(2)).
var passing = []syscall.Errno{
	syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM,
	syscall.ECONNABORTED, syscall.EPERM, syscall.EPROTO,
	syscall.ENETDOWN, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.EHOSTUNREACH,
}

func isPassing(err error) bool {
	return slices.ContainsFunc(passing, func(reason syscall.Errno) bool { return errors.Is(err, reason) })
}

// descriptor is a connection's, or -1 where it has none.
func descriptor(connection net.Conn) int {
	found := -1
	if socket, ok := connection.(syscall.Conn); ok {
		if raw, err := socket.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) { found = int(fd) })
		}
	}
	return found
}
