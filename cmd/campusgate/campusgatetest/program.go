package campusgatetest

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// What the program of [Program] says of itself: the linker sets it, as the
// Makefile does.
const (
	Version = "v0.0.0-test"
	Commit  = "0123456789abcdef"
)

// folder is where the program is built, for all tests of the process.
var folder string

// Main runs the tests of a package that starts the program: TestMain calls it.
func Main(m *testing.M) (status int) {
	var err error
	if folder, err = os.MkdirTemp("", "campusgate-test-"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	if transport, ok := http.DefaultTransport.(*http.Transport); ok {
		transport.MaxIdleConnsPerHost = 64 // the connections of busy tests are kept
	}
	return m.Run()
}

// Raced reports whether the tests, and so the program, have the race detector.
func Raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// build makes the program as the Makefile does. It has the race detector where the
// tests have: what was compiled for these serves again.
var build = sync.OnceValues(func() (string, error) {
	if Raced() {
		return compile("campusgate", "CGO_ENABLED=1", "-race")
	}
	return buildStatic()
})

// buildStatic makes the program that needs no other file, as in deploy/Dockerfile.
var buildStatic = sync.OnceValues(func() (string, error) {
	list := exec.CommandContext(context.Background(), "go", "list", "-f", "{{.Dir}}", mainPackage)
	list.Stderr = os.Stderr
	directory, err := list.Output()
	if err != nil {
		return "", err
	}
	profile := filepath.Join(strings.TrimSpace(string(directory)), "calls.pgo")
	return compile("campusgate-static", "CGO_ENABLED=0", "-trimpath", "-pgo="+profile)
})

const mainPackage = "campusgate/cmd/campusgate"

func compile(name, cgo string, flags ...string) (binary string, err error) {
	binary = filepath.Join(folder, name)
	linked := "-s -w -X main.version=" + Version + " -X main.commit=" + Commit
	arguments := slices.Concat([]string{"build", "-o", binary, "-ldflags", linked}, flags, []string{mainPackage})
	command := exec.CommandContext(context.Background(), "go", arguments...)
	command.Env = append(os.Environ(), cgo)
	command.Stderr = os.Stderr
	return binary, command.Run()
}

// Program is the path of the program, which is built when a test first asks for it.
// With -short the test is skipped, as by [storagetest.Program].
func Program(t testing.TB) string {
	t.Helper()
	return built(t, build)
}

// StaticProgram is [Program] as deploy/Dockerfile makes it, never with the race detector:
// it runs where there is no other file.
func StaticProgram(t testing.TB) string {
	t.Helper()
	return built(t, buildStatic)
}

func built(t testing.TB, build func() (string, error)) string {
	t.Helper()
	if testing.Short() {
		t.Skip("with -short it does not build campusgate")
	}
	path, err := build()
	Must(t, err)
	return path
}

// Process is a gateway in a process of its own.
type Process struct {
	*Gateway
	command *exec.Cmd
	wait    func() (status int)
}

// Start runs serve in a folder, on a free port, with no environment but the given,
// and returns when it listens. The process ends with the test.
func Start(t testing.TB, folder string, environ []string, arguments ...string) *Process {
	t.Helper()
	p := Launch(t, folder, environ, arguments...)
	p.awaitAddress(t)
	return p
}

// Launch is [Start] that does not wait.
func Launch(t testing.TB, folder string, environ []string, arguments ...string) *Process {
	t.Helper()
	command := exec.Command(Program(t), append([]string{"serve"}, arguments...)...) //nolint:noctx // the test ends it
	command.Dir = folder
	command.Env = append([]string{"CAMPUSGATE_SERVER_LISTEN=127.0.0.1:0"}, Environment(environ...)...)
	return launch(t, command)
}

// StartCommand is [Start] of a command that the test has made.
func StartCommand(t testing.TB, command *exec.Cmd) *Process {
	t.Helper()
	p := launch(t, command)
	p.awaitAddress(t)
	return p
}

func launch(t testing.TB, command *exec.Cmd) *Process {
	t.Helper()
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	command.SysProcAttr.Pdeathsig = syscall.SIGKILL // it ends with the tests, however they end
	p := &Process{Gateway: &Gateway{Stdout: NewStream(), Stderr: NewStream()}, command: command}
	command.Stdout, command.Stderr = p.Stdout, p.Stderr
	Must(t, command.Start())
	p.wait = sync.OnceValue(func() int {
		defer time.AfterFunc(Patience, func() { _ = command.Process.Kill() }).Stop()
		_ = command.Wait() // an *exec.ExitError is told by the status
		return command.ProcessState.ExitCode()
	})
	p.stop = func() int {
		_ = command.Process.Signal(syscall.SIGTERM) // one that has ended is only waited for
		return p.wait()
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		p.wait()
		if report := p.Stderr.String(); strings.Contains(report, "WARNING: DATA RACE") {
			t.Errorf("the program has a data race:\n%s", report)
		}
	})
	return p
}

// Environment is a whole environment of the program, of these variables. Where the
// program has the race detector, it does not sleep for a second before it ends.
func Environment(environ ...string) []string {
	return append([]string{"GORACE=atexit_sleep_ms=0"}, environ...)
}

// Signal sends a signal.
func (p *Process) Signal(t testing.TB, signal os.Signal) *Process {
	t.Helper()
	Must(t, p.command.Process.Signal(signal))
	return p
}

// Wait waits until the process, which was told to end, has ended, and returns its
// exit status, -1 where a signal has ended it. Patience ends it too.
func (p *Process) Wait() (status int) { return p.wait() }

// Kill ends the process at once, as a crash does.
func (p *Process) Kill(t testing.TB) {
	t.Helper()
	if status := p.Signal(t, syscall.SIGKILL).Wait(); status != -1 {
		t.Fatalf("it ended by itself with %d:\n%s", status, p.Stderr)
	}
}

// PID is the process' id.
func (p *Process) PID() int { return p.command.Process.Pid }

// Finished is what a command left behind.
type Finished struct {
	Status         int
	Stdout, Stderr string
}

// Run runs a command of the program, with no environment but the given. A serve that
// should have been refused ends with patience.
func Run(t testing.TB, environ []string, arguments ...string) Finished {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	command := exec.CommandContext(ctx, Program(t), arguments...)
	command.Env = Environment(environ...)
	var stdout, stderr strings.Builder
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return Finished{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// Want checks the exit status.
func (f Finished) Want(t testing.TB, status int) Finished {
	t.Helper()
	if f.Status != status {
		t.Fatalf("exit status %d, want %d; stdout %q, stderr %q", f.Status, status, f.Stdout, f.Stderr)
	}
	return f
}

// Refused checks that a command failed with one line on stderr that holds every
// part, and nothing on stdout.
func (f Finished) Refused(t testing.TB, status int, parts ...string) {
	t.Helper()
	f.Want(t, status)
	if f.Stdout != "" {
		t.Errorf("stdout %q, want nothing", f.Stdout)
	}
	if strings.Count(f.Stderr, "\n") != 1 || !strings.HasSuffix(f.Stderr, "\n") {
		t.Errorf("stderr %q, want one line", f.Stderr)
	}
	for _, part := range parts {
		if !strings.Contains(f.Stderr, part) {
			t.Errorf("stderr %q does not say %q", f.Stderr, part)
		}
	}
}
