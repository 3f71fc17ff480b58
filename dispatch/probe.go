package dispatch

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/valyala/fasthttp"
)

// newProbe is a call of the server itself.
func newProbe(subtype string) *Endpoint {
	return &Endpoint{kind: probeKind, Type: "get", Subtype: subtype, label: "get/" + subtype}
}

// ready asks what the server needs; one that panics is not ready.
func (s *Server) ready(ctx context.Context) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			logPanic(ctx, s.options.Logger, s.readyz, cause)
			err = errors.New("panic")
		}
	}()
	return s.options.Ready(ctx)
}

// health answers a probe in plain text.
func (s *Server) health(ctx context.Context, request *fasthttp.RequestCtx, probe *Endpoint, err error) outcome {
	request.SetContentType("text/plain; charset=utf-8")
	if err != nil {
		s.options.Logger.ErrorContext(ctx, "not ready", "error", err)
		request.SetStatusCode(http.StatusServiceUnavailable)
		request.SetBodyString("not ready: " + firstWord(err) + "\n")
		return outcome{call: probe, httpStatus: http.StatusServiceUnavailable}
	}
	request.SetBodyString("ok\n")
	return outcome{call: probe, httpStatus: http.StatusOK}
}

// firstWord names the dependency: readiness errors begin with it. The rest may
// hold addresses and stays in the log.
func firstWord(err error) string {
	name, _, _ := strings.Cut(err.Error(), ":")
	return name
}
