package dispatch

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

// none is the call of a request that is none's: what could not be read, an unknown
// path or type, a request over the limit. A client's own words are never a call.
const none = "none"

// Call is what requests are counted under. There are as many as the server starts
// with.
type Call struct {
	Type, Subtype string
	// Results are those that its reference documents; there may be others.
	Results []Result
}

// Result is how a request ended.
type Result struct {
	// Status is the envelope's; of a picture, a probe and a request that is no call's
	// it is HTTP's, where that is not 200.
	Status int
	// Picture is the [PictureAnswer].Kind of a picture that was shown, else "".
	Picture string
}

// String is the picture's kind, or else the status.
func (r Result) String() string {
	if r.Picture != "" {
		return r.Picture
	}
	return strconv.Itoa(r.Status)
}

// Observer is asked for each call before the server listens. What it returns is
// told of every request of that call, as soon as its answer is made and from many
// goroutines at once; nil is told nothing.
type Observer func(Call) func(result Result, took time.Duration)

// Observers are one observer that tells all of them; of none it is nil.
func Observers(all ...Observer) Observer {
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	first, rest := all[0], Observers(all[1:]...)
	return func(call Call) func(Result, time.Duration) {
		one, other := first(call), rest(call)
		switch {
		case one == nil:
			return other
		case other == nil:
			return one
		}
		return func(result Result, took time.Duration) {
			one(result, took)
			other(result, took)
		}
	}
}

// observed asks the observer for all calls; nil is the one of requests that are
// none's.
func (s *Server) observed(observer Observer) map[*Endpoint]func(Result, time.Duration) {
	if observer == nil {
		return nil
	}
	told := map[*Endpoint]func(Result, time.Duration){nil: observer(Call{Type: none, Subtype: none})}
	for _, probe := range []*Endpoint{s.healthz, s.readyz, s.openapi, s.files} {
		told[probe] = observer(probe.observed())
	}
	for i := range s.options.Registry.endpoints {
		e := &s.options.Registry.endpoints[i]
		told[e] = observer(e.observed())
	}
	return told
}

// observed is the call of an endpoint.
func (e *Endpoint) observed() Call {
	call := Call{Type: e.Type, Subtype: e.Subtype}
	switch e.kind {
	case probeKind:
		call.Results = []Result{{Status: http.StatusOK}}
	case pictureKind:
		call.Results = []Result{{Picture: "stored"}, {Status: http.StatusNotModified}, {Status: http.StatusServiceUnavailable}}
	default:
		for _, status := range append(e.localStatuses(), commonStatuses...) {
			call.Results = append(call.Results, Result{Status: status.Number})
		}
	}
	return call
}

// result is how the request ended that out answers.
func (out *outcome) result() Result {
	enveloped := out.call != nil && (out.call.kind == envelopeKind || out.call.kind == queryKind)
	switch {
	case out.httpStatus != 0 && !enveloped:
		return Result{Status: out.httpStatus}
	case out.picture != "":
		return Result{Picture: out.picture}
	default:
		return Result{Status: out.Status}
	}
}

// finished tells the observer and the log of a request that was answered.
func (s *Server) finished(ctx *deadline, began time.Time, out *outcome) {
	took := time.Since(began)
	if tell := s.told[out.call]; tell != nil {
		tell(out.result(), took)
	}
	level := slog.LevelInfo
	if out.call != nil && out.call.kind == probeKind {
		level = slog.LevelDebug
	}
	handler := s.options.Logger.Handler()
	if !handler.Enabled(ctx, level) {
		return
	}
	// The logger itself would look for the line of its caller, in every request.
	record := slog.NewRecord(began.Add(took), level, "request", 0)
	out.describe(ctx, took, &record)
	_ = handler.Handle(ctx, record) // as the logger does: there is nobody to tell
}

// describe adds what the log tells of a request, beside its id: nothing that a
// client made up, and nothing secret.
func (out *outcome) describe(ctx *deadline, took time.Duration, record *slog.Record) {
	record.AddAttrs(slog.String("call", out.call.name()))
	switch {
	case out.picture != "":
		record.AddAttrs(slog.String("picture", out.picture))
	case out.Message != "":
		record.AddAttrs(slog.Int64("id", out.ID), slog.Int("status", out.Status))
	}
	if out.httpStatus != 0 {
		record.AddAttrs(slog.Int("http", out.httpStatus))
	}
	record.AddAttrs(slog.Duration("duration", took))
	if ctx.caller.User != "" {
		record.AddAttrs(slog.String("user", ctx.caller.User))
	}
	record.AddAttrs(slog.String("address", ctx.caller.Address.String()))
}

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
