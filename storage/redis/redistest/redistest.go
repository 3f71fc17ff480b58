// Package redistest is what the tests need of stores that may be in Redis: a server of
// their own, clocks that only they move, and calls at once.
package redistest

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"campusgate/storage/storagetest"
)

// A Server is a Redis of one test, on a port and in a folder of its own, which the
// test may kill, stop and start.
type Server struct {
	Port int
	// Environ is what the server's environment has more.
	Environ []string

	program, folder string
	arguments       []string
	command         *exec.Cmd    // nil while it is down
	database        atomic.Int64 // the last that OpenEmpty gave to a client
}

// Start starts a server that ends with the test; a configuration file is the
// first of the arguments.
func Start(t testing.TB, arguments ...string) *Server {
	t.Helper()
	s := New(t, arguments...)
	s.Start(t)
	return s
}

// New returns a server that is not started yet.
func New(t testing.TB, arguments ...string) *Server {
	t.Helper()
	s := &Server{program: storagetest.Program(t, "redis-server"), Port: freePort(t), folder: t.TempDir(), arguments: arguments}
	t.Cleanup(s.Kill)
	return s
}

// freePort finds a port that nobody listens on, and low enough for the 10,000
// higher one where a node of a Cluster listens too.
func freePort(t testing.TB) int {
	t.Helper()
	for {
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address, _ := listener.Addr().(*net.TCPAddr)
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
		if address.Port < 55_536 {
			return address.Port
		}
	}
}

// Start starts the server, and returns when it answers.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	arguments := append(slices.Clone(s.arguments),
		"--bind", "127.0.0.1", "--port", strconv.Itoa(s.Port), "--dir", s.folder, "--save", "", "--appendonly", "no")
	// Not the test's context, which ends before its clients are closed.
	s.command = exec.Command(s.program, arguments...) //nolint:noctx // see above
	s.command.Env = append(os.Environ(), s.Environ...)
	// The server ends with the tests, however they end.
	s.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for !s.answers(t) {
		if time.Now().After(deadline) {
			t.Fatal("redis-server has not started")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (s *Server) answers(t testing.TB) bool {
	t.Helper()
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.Address())
	if err != nil {
		return false
	}
	defer func() { _ = connection.Close() }() // it has only asked
	answer := make([]byte, len("+PONG"))
	_, err = connection.Write([]byte("PING\r\n"))
	if err == nil {
		_, err = io.ReadFull(connection, answer)
	}
	return err == nil && string(answer) == "+PONG"
}

// Kill ends the server at once, as a crash does.
func (s *Server) Kill() {
	if s.command == nil {
		return
	}
	_ = s.command.Process.Kill()
	_ = s.command.Wait() // says that it was killed
	s.command = nil
}

// Signal sends a signal to the server.
func (s *Server) Signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	if err := s.command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// Address is host:port.
func (s *Server) Address() string { return fmt.Sprintf("127.0.0.1:%d", s.Port) }

// PID is the running server's.
func (s *Server) PID() int { return s.command.Process.Pid }
