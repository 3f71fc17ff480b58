package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/config"
)

// Lines of requests may wait for each other, but come out by themselves; any other
// line is written at once, behind those that waited.
func TestRequestLinesAreWrittenTogether(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			stderr := campusgatetest.NewStream()
			logger, lines := newServingLogger(stderr, config.Log{Level: "info", Format: format})
			logger.Info("request", "id", 1)
			stderr.Await(t, `request.*1`)
			logger.With("id", 2).Info("request")
			logger.Info("captcha")
			stderr.Await(t, `(?s)request.*request.*2.*captcha`)
			logger.WithGroup("g").Warn("request", "id", 3)
			stderr.Await(t, `WARN.*request.*3`)
			for range 3 {
				logger.Info("request", "filler", strings.Repeat("x", linesBytes/3))
			}
			logger.Info("request", "id", 4)
			lines.close(campusgatetest.Patience)
			if got := stderr.String(); strings.Count(got, "\n") != 8 || lines.lost.Load() != 0 {
				t.Errorf("close has left something, or %d lines are lost:\n%.300s", lines.lost.Load(), got)
			}
		})
	}
}

// standing is a reader that takes nothing until it is let go.
type standing struct {
	io.Writer
	entered, release chan struct{}
}

func (s *standing) Write(lines []byte) (int, error) {
	select {
	case s.entered <- struct{}{}:
	default:
	}
	<-s.release
	return s.Writer.Write(lines)
}

// Nobody waits for a reader that stands still: lines are kept up to a bound, the rest
// is counted and told of when it reads again, and the end does not wait for it.
func TestNobodyWaitsForTheLog(t *testing.T) {
	read := campusgatetest.NewStream()
	stderr := &standing{read, make(chan struct{}, 1), make(chan struct{})}
	logger, lines := newServingLogger(stderr, config.Log{Level: "info", Format: "text"})
	logger.Info("first")
	<-stderr.entered
	const count, size = 100, linesKept / 50
	for i := range count {
		logger.Info("next", "i", i, "filler", strings.Repeat("x", size))
	}
	lost := lines.lost.Load()
	if lost < count/2 || lost >= count {
		t.Errorf("%d of %d lines are lost", lost, count)
	}
	lines.close(0)
	close(stderr.release)
	read.Await(t, fmt.Sprintf(`(?s)first.*next i=0 .*log lines were lost.*count=%d\n`, lost))
	<-lines.ended
	if kept := strings.Count(read.String(), "msg=next"); int64(kept)+lost != count {
		t.Errorf("%d lines are lost, and %d of %d written", lost, kept, count)
	}
}

// gone is a reader that has ended, for a while.
type gone struct {
	io.Writer
	ended atomic.Bool
}

func (g *gone) Write(lines []byte) (int, error) {
	if g.ended.Load() {
		return 0, syscall.EPIPE
	}
	return g.Writer.Write(lines)
}

// What a reader that is gone did not get is lost, and counted as that.
func TestLinesOfAReaderThatIsGone(t *testing.T) {
	read := campusgatetest.NewStream()
	stderr := &gone{Writer: read}
	logger, lines := newServingLogger(stderr, config.Log{Level: "info", Format: "json"})
	stderr.ended.Store(true)
	for range 3 {
		logger.Info("to nobody")
	}
	for late := time.Now().Add(campusgatetest.Patience); lines.lost.Load() < 3 && time.Now().Before(late); {
		runtime.Gosched()
	}
	stderr.ended.Store(false)
	logger.Info("back")
	lines.close(campusgatetest.Patience)
	if got := read.String(); !strings.Contains(got, "back") || !strings.Contains(got, `"count":3`) || strings.Contains(got, "nobody\"}") {
		t.Errorf("read %s", got)
	}
}
