package redistest

import (
	_ "embed"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"campusgate/storage/storagetest"
)

// A Clock is a time in this process that only a test moves.
type Clock struct {
	mutex sync.Mutex
	now   time.Time
}

// NewClock returns a clock that stands.
func NewClock() *Clock { return &Clock{now: time.Date(2021, 2, 3, 4, 5, 6, 0, time.UTC)} }

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.now
}

// Wait moves the time.
func (c *Clock) Wait(d time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = c.now.Add(d)
}

// A ServerClock is the time of a Redis that stands still until a test moves it.
type ServerClock struct {
	t            testing.TB
	file         *os.File
	microseconds int64
}

//go:embed testdata/clock.c
var clockSource []byte

// databases are how many a server at rest has: one for each case of a suite.
const databases = "256"

// StartAtRest starts a server whose time is moved by the clock's Wait, with
// many databases.
func StartAtRest(t testing.TB) (*Server, *ServerClock) {
	t.Helper()
	folder := t.TempDir()
	source, library := filepath.Join(folder, "clock.c"), filepath.Join(folder, "clock.so")
	if err := os.WriteFile(source, clockSource, 0o600); err != nil {
		t.Fatal(err)
	}
	compile := exec.CommandContext(t.Context(), "gcc", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, source)
	if output, err := compile.CombinedOutput(); err != nil {
		storagetest.NotRun(t, "there is no C compiler to move Redis' clock with: %v\n%s", err, output)
	}
	file, err := os.Create(filepath.Join(folder, "clock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() }) // the test has ended
	clock := &ServerClock{t: t, file: file, microseconds: time.Now().UnixMicro()}
	clock.Wait(0)
	server := New(t, "--databases", databases)
	server.Environ = []string{"LD_PRELOAD=" + library, "CLOCK_FILE=" + file.Name()}
	server.Start(t)
	return server, clock
}

// Wait moves the time by whole microseconds.
func (c *ServerClock) Wait(d time.Duration) {
	c.microseconds += d.Microseconds()
	if _, err := c.file.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(c.microseconds)), 0); err != nil {
		c.t.Fatal(err)
	}
}
