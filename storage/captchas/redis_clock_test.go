package captchas_test

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"campusgate/storage/captchas/captchastest"
	"campusgate/storage/storagetest"
)

// redisClock is the time of a Redis that stands still until a test moves it.
type redisClock struct {
	t            testing.TB
	file         *os.File
	microseconds int64
}

// startRedisAtRest starts a Redis whose time is moved by the clock's Wait, with
// many databases.
func startRedisAtRest(t *testing.T) (*redisServer, *redisClock) {
	t.Helper()
	folder := t.TempDir()
	library := filepath.Join(folder, "clock.so")
	compile := exec.CommandContext(t.Context(), storagetest.Program(t, "gcc"), "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, "testdata/clock.c")
	if output, err := compile.CombinedOutput(); err != nil {
		storagetest.NotRun(t, "Redis' clock cannot be moved: %v\n%s", err, output)
	}
	file, err := os.Create(filepath.Join(folder, "clock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() }) // the test has ended
	clock := &redisClock{t: t, file: file, microseconds: time.Now().UnixMicro()}
	clock.Wait(0)
	server := &redisServer{Redis: captchastest.NewRedis(t, "--databases", databases)}
	server.Environ = []string{"LD_PRELOAD=" + library, "CLOCK_FILE=" + file.Name()}
	server.Start(t)
	return server, clock
}

// Wait moves the time by whole microseconds.
func (c *redisClock) Wait(d time.Duration) {
	c.microseconds += d.Microseconds()
	if _, err := c.file.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(c.microseconds)), 0); err != nil {
		c.t.Fatal(err)
	}
}
