package bench

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
)

// served is a server in a process of its own. Its log is a file, as an operator's
// is: to read a pipe would take the clients' time.
type served struct {
	address string
	pid     int
	log     string // the file
	stop    func()
}

// launch starts a program that will listen on the address, and waits until it does.
// It ends with the benchmark, however that ends.
func launch(t testing.TB, address string, environ []string, program string, arguments ...string) *served {
	t.Helper()
	file := filepath.Join(t.TempDir(), "log")
	output, err := os.Create(file)
	must(t, err)
	defer func() { _ = output.Close() }()          // the process has its own
	command := exec.Command(program, arguments...) //nolint:noctx // it is stopped, and waited for, below
	command.Dir, command.Env = filepath.Dir(file), environ
	command.Stdout, command.Stderr = output, output
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	must(t, command.Start())
	s := &served{address: address, pid: command.Process.Pid, log: file, stop: sync.OnceFunc(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait() // says that it was told to end
	})}
	t.Cleanup(func() {
		s.stop()
		text, _ := os.ReadFile(file)
		if _, cause, found := strings.Cut(string(text), "panic: "); found {
			t.Errorf("%s ended: %.2000s", program, cause)
		}
	})
	awaitListener(t, address)
	return s
}

func awaitListener(t testing.TB, address string) {
	t.Helper()
	for late := time.Now().Add(campusgatetest.Patience); ; time.Sleep(time.Millisecond) {
		connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err == nil {
			must(t, connection.Close())
			return
		}
		if time.Now().After(late) {
			t.Fatal(err)
		}
	}
}

// launchGateway starts the program as operators run it.
func launchGateway(t testing.TB, environ []string) *served {
	t.Helper()
	// One that logs and one that does not share a data folder, and are loaded in turns.
	for _, entry := range environ {
		if dsn, found := strings.CutPrefix(entry, "CAMPUSGATE_DATABASE_DSN="); found {
			_ = os.Remove(filepath.Join(filepath.Dir(dsn), "campusgate.lock")) // there is none on a server's database
		}
	}
	address := campusgatetest.FreeAddress(t)
	return launch(t, address, append(environ[:len(environ):len(environ)], "CAMPUSGATE_SERVER_LISTEN="+address), campusgatetest.Program(t), "serve")
}

// cpuTime is what a process has used, to 10 ms.
func cpuTime(t testing.TB, pid int) time.Duration {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	must(t, err)
	_, after, _ := strings.Cut(string(stat), ") ") // the name may hold spaces
	fields := strings.Fields(after)
	var ticks int
	for _, field := range fields[11:13] { // utime and stime, in hundredths of a second
		count, err := strconv.Atoi(field)
		must(t, err)
		ticks += count
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
