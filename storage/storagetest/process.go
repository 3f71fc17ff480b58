package storagetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Process is a MariaDB of one test, which may kill, stop and start it.
type Process struct {
	// DSN is of an empty database.
	DSN string

	program, folder string
	arguments       []string
	command         *exec.Cmd // nil while it is down
}

// StartMariaDB starts a server that ends with the test. The arguments follow the server's
// own, which are for little data.
func StartMariaDB(t testing.TB, arguments ...string) *Process {
	t.Helper()
	return startProcess(t, t.TempDir(), (*Process).Kill, arguments)
}

// KeepMariaDB is [StartMariaDB] of a server whose data stay in a folder: a test that comes
// later starts it again. One at a time may use the folder.
func KeepMariaDB(t testing.TB, folder string, arguments ...string) *Process {
	t.Helper()
	if err := os.MkdirAll(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	return startProcess(t, folder, func(p *Process) { p.stop(t) }, arguments)
}

// startProcess starts a server in a folder, which is new or has its data, and ends it with the
// test.
func startProcess(t testing.TB, folder string, end func(*Process), arguments []string) *Process {
	t.Helper()
	program, installer := mariaDBPrograms(t)
	p := &Process{program: program, folder: folder, arguments: arguments}
	if _, err := os.Stat(filepath.Join(folder, "data")); err != nil {
		p.install(t, installer)
	}
	t.Cleanup(func() { end(p) })
	p.Start(t)
	config := clientOf(p.folder)
	admin, err := connect(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close() }() // it has done its work
	config.DBName = "test"
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE IF NOT EXISTS "+config.DBName); err != nil {
		t.Fatal(err)
	}
	p.DSN = config.FormatDSN()
	return p
}

// install makes the system tables, in memory where that is possible. The server runs on
// them as on its users' machines, on a disk.
func (p *Process) install(t testing.TB, installer string) {
	t.Helper()
	folder, err := newFolder("mariadb")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(folder) }() // what is left over harms nobody
	command := exec.CommandContext(t.Context(), installer,
		append(settings(folder), "--auth-root-authentication-method=normal", "--skip-test-db")...)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("mariadb-install-db: %v\n%s", err, output)
	}
	if err := os.CopyFS(filepath.Join(p.folder, "data"), os.DirFS(filepath.Join(folder, "data"))); err != nil {
		t.Fatal(err)
	}
}

// Start starts the server, and returns when it answers.
func (p *Process) Start(t testing.TB) {
	t.Helper()
	// Not the test's context, which ends before its clients are closed.
	p.command = exec.Command(p.program, slices.Concat(settings(p.folder), []string{ //nolint:noctx // see above
		"--socket=" + filepath.Join(p.folder, "socket"), "--pid-file=" + filepath.Join(p.folder, "pid"),
		"--skip-networking", "--skip-log-bin", "--performance-schema=off",
	}, p.arguments)...)
	// The server ends with the tests, however they end.
	p.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	output, err := os.Create(filepath.Join(p.folder, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = output.Close() }() // the server has its own
	p.command.Stderr = output
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	admin, err := connect(t.Context(), clientOf(p.folder))
	if err != nil {
		text, _ := os.ReadFile(output.Name())
		t.Fatalf("start mariadbd: %v\n%s", err, text)
	}
	_ = admin.Close() // it has only asked
}

// Signal sends a signal to the server. One that is stopped answers nothing more when
// Signal returns.
func (p *Process) Signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	if err := p.command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	if signal == syscall.SIGSTOP {
		p.awaitStop(t)
	}
}

// awaitStop returns when every thread has stopped: one that runs on another core
// does so a little later.
func (p *Process) awaitStop(t testing.TB) {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", p.PID()))
	if err != nil || len(threads) == 0 {
		t.Fatalf("the server has the threads %v, %v", threads, err)
	}
	late := time.Now().Add(time.Minute)
	for _, thread := range threads {
		for stopped := false; !stopped; time.Sleep(time.Millisecond) {
			if time.Now().After(late) {
				t.Fatalf("%s has not stopped", thread)
			}
			stat, err := os.ReadFile(thread)
			if err != nil {
				break // it has ended
			}
			_, state, _ := strings.Cut(string(stat), ") ") // the name may hold spaces
			stopped = strings.ContainsAny(state[:1], "TZX")
		}
	}
}

// Kill ends the server at once, as a crash does.
func (p *Process) Kill() {
	if p.command == nil {
		return
	}
	_ = p.command.Process.Kill()
	_ = p.command.Wait() // says that it was killed
	p.command = nil
}

// stop has the server write all that it has, and end.
func (p *Process) stop(t testing.TB) {
	t.Helper()
	if p.command == nil {
		return
	}
	p.Signal(t, syscall.SIGTERM)
	if err := p.command.Wait(); err != nil {
		t.Errorf("stop mariadbd: %v", err)
	}
	p.command = nil
}

// PID is the running server's.
func (p *Process) PID() int { return p.command.Process.Pid }

// awaitAnswer waits until a server that was started answers, 30 s at most.
func awaitAnswer(ctx context.Context, db *sql.DB) (*sql.DB, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			return db, nil
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(err, db.Close())
		case <-time.After(20 * time.Millisecond):
		}
	}
}
