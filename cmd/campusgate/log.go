package main

import (
	"context"
	"io"
	"log/slog"

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

// newServingLogger is newLogger, but that nobody waits for stderr, and that the lines
// of requests are written together: a system call for each would double what a small
// call costs. The lines must be closed.
func newServingLogger(stderr io.Writer, c config.Log) (*slog.Logger, *logLines) {
	lines := newLogLines(stderr, newLogger(stderr, c))
	return slog.New(dispatch.NewLogHandler(gatheringHandler{newLogHandler(lines, c), lines})), lines
}

// gatheringHandler lets lines of requests wait for each other, and no others: who reads
// one of those may be waiting for it.
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
