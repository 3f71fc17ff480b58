package campusgatetest

import (
	"bytes"
	"regexp"
	"sync"
	"testing"
	"time"
)

// Stream keeps what is written to it, and lets a test wait for it. It is safe for
// concurrent use.
type Stream struct {
	mutex sync.Mutex
	text  bytes.Buffer
	grown chan struct{} // closed by the next Write
}

// NewStream returns an empty stream.
func NewStream() *Stream { return &Stream{grown: make(chan struct{})} }

// Write never fails.
func (s *Stream) Write(p []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	close(s.grown)
	s.grown = make(chan struct{})
	return s.text.Write(p)
}

// String is all that was written.
func (s *Stream) String() string {
	text, _ := s.read()
	return text
}

func (s *Stream) read() (text string, grown <-chan struct{}) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.text.String(), s.grown
}

// Await waits until the stream holds the regular expression, and returns its groups.
func (s *Stream) Await(t testing.TB, pattern string) []string {
	t.Helper()
	compiled, late := regexp.MustCompile(pattern), time.After(Patience)
	for {
		text, grown := s.read()
		if groups := compiled.FindStringSubmatch(text); groups != nil {
			return groups
		}
		select {
		case <-grown:
		case <-late:
			t.Fatalf("no %q in:\n%s", pattern, text)
		}
	}
}
