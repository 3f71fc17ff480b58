package server

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// A proxy keeps connections, and sends a request into one while it is being closed. What was
// a POST it does not send again: the client gets an error of the proxy's. So the connections
// that are kept are used up first, each with an answer that says that it is the last. No
// connection can be made in their place, so the proxy goes elsewhere with the next request.
// Once none comes any more, those that are left are closed.
const (
	quietTime = 100 * time.Millisecond // without a request
	drainTime = 2 * time.Second        // at most, and a quarter of the time to shut down
)

// draining are the answers while connections are used up.
type draining struct {
	begun atomic.Bool
	count atomic.Int64
}

// answered makes an answer the last of its connection. One that becomes a WebSocket goes on
// as one.
func (d *draining) answered(request *fasthttp.RequestCtx) {
	if !d.begun.Load() {
		return
	}
	d.count.Add(1)
	if !request.Hijacked() {
		request.SetConnectionClose()
	}
}

// drain returns when no request comes any more and none is being answered, or no client is
// there.
func (s *Server) drain(ctx context.Context) {
	limit := drainTime
	if deadline, has := ctx.Deadline(); has {
		limit = min(limit, time.Until(deadline)/4)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for before := int64(-1); (before != s.draining.count.Load() || s.running.Load() > 0) && ctx.Err() == nil; {
		before = s.draining.count.Load()
		s.quiet(ctx)
	}
}

// quiet waits for the quietTime, where a client is there.
func (s *Server) quiet(ctx context.Context) {
	const look = quietTime / 10
	for waited := time.Duration(0); waited < quietTime && s.http.GetOpenConnectionsCount() > 0; waited += look {
		select {
		case <-ctx.Done():
			return
		case <-time.After(look):
		}
	}
}
