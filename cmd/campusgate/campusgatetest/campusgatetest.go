// Package campusgatetest runs the program for tests: its commands and gateways, in
// processes of their own or in the test's, and clients that ask them.
package campusgatetest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"campusgate/storage/storagetest"
)

// Patience is how long a test waits for what must happen; it passes only when a
// test fails.
const Patience = 2 * time.Minute

// Must ends the test on an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Torture reports whether the tests that have a long form run it.
func Torture() bool { return os.Getenv("TORTURE") != "" }

// FreeAddress is one that nobody listens on. Its port is none that the system gives
// to a client: a client that waits for a server there could else be connected to
// itself.
func FreeAddress(t testing.TB) string {
	t.Helper()
	for {
		address := fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000))
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
		if err == nil {
			Must(t, listener.Close())
			return address
		}
		Must(t, t.Context().Err())
	}
}

// Bash runs a line as a person would paste it, and returns what it prints. The line
// may ask by curl.
func Bash(t testing.TB, line string) string {
	t.Helper()
	storagetest.Program(t, "curl")
	printed, err := exec.CommandContext(t.Context(), "bash", "-c", line).Output()
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return string(printed)
}
