package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"campusgate/dispatch"
)

// Options configure a [Server]. Times of zero are no limits.
type Options struct {
	Registry *dispatch.Registry
	// BasePath is before every path; "" serves them at the root.
	BasePath string
	// MaxBody is the largest request body in bytes.
	MaxBody                                int
	ReadTimeout, WriteTimeout, IdleTimeout time.Duration
	// MinRate is how many bytes of a body a second a client has to send to go on beyond
	// the ReadTimeout, and to take to go on beyond the WriteTimeout; 0 lets nobody.
	MinRate int
	// LegacyContentType labels answers text/html, as the old server did: the
	// oldest pages parse the text themselves.
	LegacyContentType bool
	// TrustedProxies are believed about the client's address, TrustedCallers have
	// no limits.
	TrustedProxies, TrustedCallers []netip.Prefix
	// AllowOrigins are the sites whose pages may call from browsers: whole origins, or
	// with *. for the sub-domains; AllowLoopback adds every origin of this machine.
	AllowOrigins  []string
	AllowLoopback bool
	// PerMinute is how many requests an address may send a minute, pictures not
	// counted; 0 is no limit.
	PerMinute int
	// Ready reports whether everything that the server needs answers.
	Ready  func(context.Context) error
	Logger *slog.Logger
	// Now is the clock of the limits.
	Now func() time.Time
	// Observer counts requests; nil for nobody.
	Observer Observer
	// Living is asked for the tokens of listeners; nil: none ends.
	Living Living
	// Pages are plain endpoints beside the registry: files for browsers. They have no
	// segments.
	Pages []dispatch.Endpoint
}

// Living reports which of some tokens, as [dispatch.Listener] has them, have not ended.
type Living func(ctx context.Context, tokens []string) (living map[string]bool, err error)

// Server serves a registry over HTTP. It is the only code that knows HTTP.
type Server struct {
	options     Options
	contentType string
	rate        *rate
	origins     *origins
	probes      map[string]*dispatch.Endpoint // by path, at the root
	pages       map[string]*dispatch.Endpoint // by path below the base path
	http        *fasthttp.Server
	running     atomic.Int64 // requests in their handlers
	draining    draining
	told        map[*dispatch.Endpoint]func(dispatch.Result, time.Duration)
	lingering   lingering
	live        *listeners
	// In bytes: see quota.
	readQuota, writeQuota int

	mutex     sync.Mutex
	listeners []net.Listener // those that Serve accepts from
	ended     bool           // by Shutdown
}

const (
	// headerBuffer bounds a request's line and header, in bytes.
	headerBuffer = 16 << 10
	// keptBody is the largest body, in bytes, whose buffer a connection keeps for its
	// next request or answer.
	keptBody = 256 << 10
)

// New makes a server that does not listen yet.
func New(options Options) *Server {
	s := &Server{
		options: options, rate: newRate(options.PerMinute, options.Now),
		origins:     newOrigins(options.AllowOrigins, options.AllowLoopback),
		live:        newListeners(&options),
		contentType: "application/json; charset=utf-8",
		readQuota:   quota(options.MinRate, options.ReadTimeout), writeQuota: quota(options.MinRate, options.WriteTimeout),
		probes: byPattern(nil, healthz(), readyz(options.Ready, options.Logger)), pages: byPattern(options.Registry, options.Pages...),
	}
	s.told = s.observed(options.Observer)
	if options.LegacyContentType {
		s.contentType = "text/html; charset=utf-8"
	}
	fasthttp.SetBodySizePoolLimit(-1, keptBody)
	s.http = &fasthttp.Server{
		Handler:                      s.serve,
		ErrorHandler:                 s.refuse,
		ReadTimeout:                  options.ReadTimeout,
		WriteTimeout:                 options.WriteTimeout,
		IdleTimeout:                  options.IdleTimeout,
		MaxRequestBodySize:           options.MaxBody,
		StreamRequestBody:            true, // serve reads it
		HeaderReceived:               s.announced,
		ReadBufferSize:               headerBuffer,
		NoDefaultServerHeader:        true,
		NoDefaultContentType:         true,
		DisablePreParseMultipartForm: true,
		CloseOnShutdown:              true,
		KeepHijackedConns:            true, // those of listeners: see listen
		ConnState:                    s.lingering.changed,
		Logger:                       httpLogger{options.Logger},
	}
	return s
}

// httpLogger passes on that the HTTP layer had something to say: a client that
// hangs up is no news to an operator. Its arguments quote requests, tokens
// included, and are left out.
type httpLogger struct{ logger *slog.Logger }

func (l httpLogger) Printf(format string, _ ...any) {
	l.logger.Debug("http", "event", format)
}

// Serve answers requests until Shutdown. After that it closes the listener and returns.
func (s *Server) Serve(listener net.Listener) error {
	accepting := newListener(listener, s.options.Logger, s.writeQuota)
	s.mutex.Lock()
	s.listeners = append(s.listeners, accepting)
	ended := s.ended
	s.mutex.Unlock()
	if ended {
		return accepting.Close()
	}
	return s.http.Serve(accepting)
}

// Shutdown accepts nothing new, lets proxies go elsewhere, ends the connections of listeners
// and waits for the requests in flight, as long as ctx allows. It fails where handlers are
// still running then; a client that has not sent its whole request by then is no reason to.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mutex.Lock()
	s.ended = true
	listeners := s.listeners
	s.mutex.Unlock()
	s.draining.begun.Store(true)
	for _, listener := range listeners {
		_ = listener.Close() // one that is closed accepts nothing either
	}
	s.drain(ctx)
	closed := make(chan error, 1)
	go func() { closed <- s.http.ShutdownWithContext(ctx) }()
	// Listeners come back at once, through a proxy that has to know by then that the
	// connections which it kept are closed.
	s.quiet(ctx)
	s.live.end()
	err := <-closed
	s.live.wait(ctx)
	if s.running.Load() == 0 {
		return nil
	}
	return err
}

// InFlight is how many requests are being answered.
func (s *Server) InFlight() int64 { return s.running.Load() }

// Connections is how many connections are open.
func (s *Server) Connections() int { return int(s.http.GetOpenConnectionsCount()) }

// serve answers one request and tells of it.
func (s *Server) serve(request *fasthttp.RequestCtx) {
	began := request.Time()
	if request.Request.IsBodyStream() {
		body := bodies.Get().(*[]byte) //nolint:forcetypeassert // it keeps no other
		defer putBody(body)
		if err := s.receive(request, body); err != nil {
			request.SetConnectionClose()
			s.refuse(request, err)
			return
		}
		if size := request.Request.Header.ContentLength(); size > readAhead || size < 0 {
			began = time.Now() // now that all of it is here
		}
	}
	s.running.Add(1)
	defer s.running.Add(-1)
	ctx := s.begin(request, began)
	defer ctx.Cancel()
	out := s.reply(ctx, request)
	s.draining.answered(request)
	s.finished(ctx, began, &out)
}

// begin gives a request its context, and the answer the request's id and what a
// browser asks for.
func (s *Server) begin(request *fasthttp.RequestCtx, now time.Time) *dispatch.Context {
	peer := peer(request)
	proxied := prefixes(s.options.TrustedProxies).contain(peer)
	ctx := dispatch.NewContext(now, s.options.WriteTimeout, requestID(request, proxied), s.caller(request, peer)).
		From((*plainRequest)(request))
	request.Response.Header.SetCanonical(requestHeader, []byte(ctx.RequestID()))
	s.origins.admit(request)
	return ctx
}

// reply answers one request. The HTTP library recovers no panic: one outside of a
// handler must not end the process either.
func (s *Server) reply(ctx *dispatch.Context, request *fasthttp.RequestCtx) (out dispatch.Outcome) {
	defer func() {
		if cause := recover(); cause != nil {
			dispatch.LogPanic(ctx, s.options.Logger, out.Endpoint, cause)
			out = dispatch.Failed(out.ID, out.Endpoint)
			s.answer(ctx, request, &out)
		}
	}()
	out.ID = -1 // of a panic before the envelope is read
	at, plain, segments := s.route(rawPath(request))
	if limited(plain) && !ctx.Caller().Trusted {
		if ok, after := s.rate.take(ctx.Caller().Address); !ok {
			out = dispatch.Refusal(http.StatusTooManyRequests, dispatch.TooManyRequests, "")
			out.RetryAfter = after
			s.answer(ctx, request, &out)
			return out
		}
	}
	if (at != nil || plain != nil) && preflight(request, &out) {
		return out
	}
	if plain != nil {
		return s.plain(ctx, request, plain, segments)
	}
	out = s.envelope(ctx, request, at)
	s.answer(ctx, request, &out)
	return out
}

// route finds what serves a path: a probe, a route of the registry, with its plain
// endpoint if it has one, or a page; nil where nothing does. Probes are served at their
// very paths: a proxy that lets only the base path pass may decode and clean a path in
// another way than this does.
func (s *Server) route(path string) (at *dispatch.Route, plain *dispatch.Endpoint, segments []string) {
	if probe := s.probes[path]; probe != nil {
		return nil, probe, nil
	}
	path, below := strings.CutPrefix(withoutDots(path), s.options.BasePath)
	if !below {
		return nil, nil, nil
	}
	if path == "/" {
		path = ""
	}
	if at, segments = s.options.Registry.Route(path); at != nil {
		return at, at.PlainEndpoint(), segments
	}
	return nil, s.pages[path], nil // no page has a path that the registry serves
}

// limited reports whether a request counts against the limit of its address.
func limited(plain *dispatch.Endpoint) bool { return plain == nil || !plain.Plain.Unlimited }

// envelope does what a request asks for that is answered with an envelope. A nil
// route is an unknown path.
func (s *Server) envelope(ctx *dispatch.Context, request *fasthttp.RequestCtx, at *dispatch.Route) dispatch.Outcome {
	if at == nil {
		return dispatch.Refusal(http.StatusNotFound, dispatch.ErrorJSONValue, "no such path")
	}
	in := dispatch.Inbound{Caller: ctx.Caller()}
	if at.WantsToken() {
		in.Token = tokenOf(request)
	}
	switch wanted := at.Method(); {
	case string(request.Method()) != wanted:
		return refuseMethod(request, wanted)
	case wanted == http.MethodGet:
		in.Query = queryOf(request)
		return s.options.Registry.Get(ctx, in, at)
	default:
		in.Body = request.PostBody()
		return s.options.Registry.Post(ctx, in, at)
	}
}

// refuseMethod is the answer to a request by another method than those allowed.
func refuseMethod(request *fasthttp.RequestCtx, allowed ...string) dispatch.Outcome {
	request.Response.Header.Set("Allow", strings.Join(allowed, ", "))
	return dispatch.Refusal(http.StatusMethodNotAllowed, dispatch.ErrorJSONValue, "use "+allowed[0])
}

// refuse answers what could not be read as a request.
func (s *Server) refuse(request *fasthttp.RequestCtx, err error) {
	s.lingering.keep(request.Conn())
	began := time.Now()
	ctx := s.begin(request, began)
	defer ctx.Cancel()
	out := unread(err)
	s.answer(ctx, request, &out)
	s.finished(ctx, began, &out)
}

// unread is the answer to what could not be read as a request.
func unread(err error) dispatch.Outcome {
	var netError net.Error
	var smallBuffer *fasthttp.ErrSmallBuffer
	switch {
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		return dispatch.Refusal(http.StatusRequestEntityTooLarge, dispatch.ValueError, "the body is too large")
	case errors.As(err, &smallBuffer):
		return dispatch.Refusal(http.StatusRequestHeaderFieldsTooLarge, dispatch.ErrorJSONKey, "the headers are too large")
	case errors.As(err, &netError) && netError.Timeout():
		return dispatch.Refusal(http.StatusRequestTimeout, dispatch.ErrorJSONKey, "the request did not arrive in time")
	default:
		return dispatch.Refusal(http.StatusBadRequest, dispatch.ErrorJSONKey, "malformed HTTP request")
	}
}

// retryAfter is a wait in whole seconds, rounded up.
func retryAfter(wait time.Duration) string {
	return strconv.Itoa(int((wait + time.Second - 1) / time.Second))
}
