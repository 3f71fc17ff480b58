package dispatch

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
)

type requestKey struct{}

// logHandler adds the request.
type logHandler struct{ slog.Handler }

// NewLogHandler returns a handler that adds the attribute request, the request's
// id, to what is logged with the context of a request.
func NewLogHandler(next slog.Handler) slog.Handler { return logHandler{next} }

// Handle adds the attribute.
func (h logHandler) Handle(ctx context.Context, record slog.Record) error {
	if id, ok := ctx.Value(requestKey{}).(*string); ok {
		record.AddAttrs(slog.String("request", *id))
	}
	return h.Handler.Handle(ctx, record)
}

// WithAttrs keeps the rule for the new handler.
func (h logHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	return logHandler{h.Handler.WithAttrs(attributes)}
}

// WithGroup keeps the rule for the new handler.
func (h logHandler) WithGroup(name string) slog.Handler {
	return logHandler{h.Handler.WithGroup(name)}
}

// LogPanic logs what a deferred function has recovered from. That function must
// call it itself, so that the stack shows where.
func LogPanic(ctx context.Context, logger *slog.Logger, e *Endpoint, cause any) {
	logger.ErrorContext(ctx, "panic", "call", e.Name(), "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
}
