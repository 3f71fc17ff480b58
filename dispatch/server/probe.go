package server

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"campusgate/dispatch"
)

// healthz answers as long as the process lives.
func healthz() dispatch.Endpoint {
	return probe("healthz", func(context.Context) error { return nil }, nil)
}

// readyz answers whether what the server needs does.
func readyz(ready func(context.Context) error, logger *slog.Logger) dispatch.Endpoint {
	return probe("readyz", ready, logger)
}

// probe is an endpoint at the root that answers in plain text, to any method.
func probe(name string, ask func(context.Context) error, logger *slog.Logger) dispatch.Endpoint {
	return dispatch.Plain(dispatch.Path{Pattern: "/" + name}, dispatch.Need{}, "get", name, "", "", dispatch.PlainDescription{
		Unlimited: true, Probe: true, Results: []dispatch.Result{{Status: http.StatusOK}},
	}, func(ctx context.Context, _ dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
		answer := dispatch.PlainAnswer{ContentType: "text/plain; charset=utf-8", Body: []byte("ok\n")}
		if err := ask(ctx); err != nil {
			answer.Status, answer.Body = http.StatusServiceUnavailable, []byte("not ready: "+firstWord(err)+"\n")
			logger.ErrorContext(ctx, "not ready", "error", err)
		}
		return answer, nil
	})
}

// firstWord names the dependency: readiness errors begin with it. The rest may
// hold addresses and stays in the log.
func firstWord(err error) string {
	name, _, _ := strings.Cut(err.Error(), ":")
	return name
}
