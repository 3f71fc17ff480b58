package captchastest

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"campusgate/storage/storagetest"
)

// Redis is a server of one test, on a port and in a folder of its own, which the
// test may kill, stop and start.
type Redis struct {
	Port int
	// Environ is what the server's environment has more.
	Environ []string

	program, folder string
	arguments       []string
	command         *exec.Cmd // nil while it is down
}

// StartRedis starts a server that ends with the test; a configuration file is the
// first of the arguments.
func StartRedis(t testing.TB, arguments ...string) *Redis {
	t.Helper()
	r := NewRedis(t, arguments...)
	r.Start(t)
	return r
}

// NewRedis returns a server that is not started yet.
func NewRedis(t testing.TB, arguments ...string) *Redis {
	t.Helper()
	r := &Redis{program: storagetest.Program(t, "redis-server"), Port: freePort(t), folder: t.TempDir(), arguments: arguments}
	t.Cleanup(r.Kill)
	return r
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
func (r *Redis) Start(t testing.TB) {
	t.Helper()
	arguments := append(slices.Clone(r.arguments),
		"--bind", "127.0.0.1", "--port", strconv.Itoa(r.Port), "--dir", r.folder, "--save", "", "--appendonly", "no")
	// Not the test's context, which ends before its clients are closed.
	r.command = exec.Command(r.program, arguments...) //nolint:noctx // see above
	r.command.Env = append(os.Environ(), r.Environ...)
	// The server ends with the tests, however they end.
	r.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := r.command.Start(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for !r.answers(t) {
		if time.Now().After(deadline) {
			t.Fatal("redis-server has not started")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (r *Redis) answers(t testing.TB) bool {
	t.Helper()
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", r.Address())
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
func (r *Redis) Kill() {
	if r.command == nil {
		return
	}
	_ = r.command.Process.Kill()
	_ = r.command.Wait() // says that it was killed
	r.command = nil
}

// Signal sends a signal to the server.
func (r *Redis) Signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	if err := r.command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// Address is host:port.
func (r *Redis) Address() string { return fmt.Sprintf("127.0.0.1:%d", r.Port) }

// PID is the running server's.
func (r *Redis) PID() int { return r.command.Process.Pid }
