package handlerstest

import (
	"embed"
	"os"
	"strconv"
	"strings"
	"testing"
)

//go:embed attacks/*.txt
var attacks embed.FS

// Payloads are the lines of a file of attacks/. A line that is a string literal of Go
// stands for its value: for bytes that a line of text cannot hold.
func Payloads(t *testing.T, file string) []string {
	t.Helper()
	content, err := attacks.ReadFile("attacks/" + file)
	Must(t, err)
	payloads := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	for i, line := range payloads {
		if said, err := strconv.Unquote(line); err == nil && line[0] == '"' {
			payloads[i] = said
		}
	}
	return payloads
}

// Torture reports whether the environment asks for the long form of the attacks.
func Torture() bool { return os.Getenv("TORTURE") != "" }
