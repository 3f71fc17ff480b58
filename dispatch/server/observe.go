package server

import (
	"log/slog"
	"maps"
	"slices"
	"time"

	"campusgate/dispatch"
)

// Call is what requests are counted under. There are as many as the server starts
// with. What is no call's, as what could not be read, an unknown path or type and a
// request over the limit, is counted under none/none: a client's own words are never
// a call.
type Call struct {
	Type, Subtype string
	// Results are those that its reference documents; there may be others.
	Results []dispatch.Result
}

// Observer is asked for each call before the server listens. What it returns is
// told of every request of that call, as soon as its answer is made and from many
// goroutines at once; nil is told nothing.
type Observer func(Call) func(result dispatch.Result, took time.Duration)

// Observers are one observer that tells all of them; of none it is nil.
func Observers(all ...Observer) Observer {
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	first, rest := all[0], Observers(all[1:]...)
	return func(call Call) func(dispatch.Result, time.Duration) {
		one, other := first(call), rest(call)
		switch {
		case one == nil:
			return other
		case other == nil:
			return one
		}
		return func(result dispatch.Result, took time.Duration) {
			one(result, took)
			other(result, took)
		}
	}
}

// observed asks the observer for all calls, once for each name; nil is the one of
// requests that are no call's.
func (s *Server) observed(observer Observer) map[*dispatch.Endpoint]func(dispatch.Result, time.Duration) {
	if observer == nil {
		return nil
	}
	const none = "none"
	told := map[*dispatch.Endpoint]func(dispatch.Result, time.Duration){nil: observer(Call{Type: none, Subtype: none})}
	asked := map[string]func(dispatch.Result, time.Duration){}
	for _, e := range slices.Concat(slices.Collect(maps.Values(s.probes)), slices.Collect(maps.Values(s.pages)), s.options.Registry.Endpoints()) {
		if _, known := asked[e.Name()]; !known {
			asked[e.Name()] = observer(Call{e.Type, e.Subtype, e.Results()})
		}
		told[e] = asked[e.Name()]
	}
	return told
}

// finished tells the observer and the log of a request that was answered.
func (s *Server) finished(ctx *dispatch.Context, began time.Time, out *dispatch.Outcome) {
	took := time.Since(began)
	if tell := s.told[out.Endpoint]; tell != nil {
		tell(out.Result(), took)
	}
	level := slog.LevelInfo
	if out.Endpoint != nil && out.Endpoint.Plain.Probe {
		level = slog.LevelDebug
	}
	handler := s.options.Logger.Handler()
	if !handler.Enabled(ctx, level) {
		return
	}
	// The logger itself would look for the line of its caller, in every request.
	record := slog.NewRecord(began.Add(took), level, "request", 0)
	describe(ctx, out, took, &record)
	_ = handler.Handle(ctx, record) // as the logger does: there is nobody to tell
}

// describe adds what the log tells of a request, beside its id: nothing that a
// client made up, and nothing secret.
func describe(ctx *dispatch.Context, out *dispatch.Outcome, took time.Duration, record *slog.Record) {
	record.AddAttrs(slog.String("call", out.Endpoint.Name()))
	switch {
	case out.Picture != "":
		record.AddAttrs(slog.String("picture", out.Picture))
	case !out.Plain:
		record.AddAttrs(slog.Int64("id", out.ID), slog.Int("status", out.Status))
	}
	if out.HTTPStatus != 0 {
		record.AddAttrs(slog.Int("http", out.HTTPStatus))
	}
	record.AddAttrs(slog.Duration("duration", took))
	if ctx.Caller().User != "" {
		record.AddAttrs(slog.String("user", ctx.Caller().User))
	}
	record.AddAttrs(slog.String("address", ctx.Caller().Address.String()))
}
