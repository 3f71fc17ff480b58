package main

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"campusgate/config"
	"campusgate/dispatch"
)

// newLogger writes to stderr as log.level and log.format say.
func newLogger(stderr io.Writer, c config.Log) *slog.Logger {
	return slog.New(dispatch.NewLogHandler(newLogHandler(stderr, c)))
}

func newLogHandler(to io.Writer, c config.Log) slog.Handler {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Level)) // config has checked it
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.NewJSONHandler(to, options)
	}
	return slog.NewTextHandler(to, options)
}

// newServingLogger is newLogger, but that the lines of requests are written
// together: a system call for each would double what a small call costs. flush
// writes those that wait.
func newServingLogger(stderr io.Writer, c config.Log) (logger *slog.Logger, flush func()) {
	lines := &logLines{out: stderr}
	return slog.New(dispatch.NewLogHandler(gatheringHandler{newLogHandler(lines, c), lines})), lines.flush
}

// gatheringHandler lets lines of requests wait, and no others: who reads one of
// those may be waiting for it, and it may be a process' last.
type gatheringHandler struct {
	slog.Handler
	lines *logLines
}

// Handle writes the record, and those before it, unless it is of a request.
func (h gatheringHandler) Handle(ctx context.Context, record slog.Record) error {
	err := h.Handler.Handle(ctx, record)
	if record.Message != "request" || record.Level >= slog.LevelWarn {
		h.lines.flush()
	}
	return err
}

// WithAttrs keeps the rule for the new handler.
func (h gatheringHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	return gatheringHandler{h.Handler.WithAttrs(attributes), h.lines}
}

// WithGroup keeps the rule for the new handler.
func (h gatheringHandler) WithGroup(name string) slog.Handler {
	return gatheringHandler{h.Handler.WithGroup(name), h.lines}
}

// How long lines may wait, and how many bytes of them.
const (
	linesWait  = 10 * time.Millisecond
	linesBytes = 64 << 10
)

// logLines gathers lines for a moment. It is safe for concurrent use.
type logLines struct {
	out io.Writer

	mutex   sync.Mutex
	waiting []byte
	late    *time.Timer // flushes; set while lines wait
}

// Write never fails: there is nobody to tell.
func (l *logLines) Write(line []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.waiting = append(l.waiting, line...)
	switch {
	case len(l.waiting) >= linesBytes:
		l.write()
	case l.late == nil:
		l.late = time.AfterFunc(linesWait, l.flush)
	}
	return len(line), nil
}

func (l *logLines) flush() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.write()
}

func (l *logLines) write() {
	if l.late != nil {
		l.late.Stop()
		l.late = nil
	}
	if len(l.waiting) > 0 {
		_, _ = l.out.Write(l.waiting) // as slog does: there is nobody to tell
		l.waiting = l.waiting[:0]
	}
}
