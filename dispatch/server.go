package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// Options configure a [Server]. Times of zero are no limits.
type Options struct {
	Registry *Registry
	// BasePath is before every path; "" serves them at the root.
	BasePath string
	// Version is the program's, for the document at /openapi.json.
	Version string
	// MaxBody is the largest request body in bytes.
	MaxBody                                int
	ReadTimeout, WriteTimeout, IdleTimeout time.Duration
	// LegacyContentType labels answers text/html, as the old server did: the
	// oldest pages parse the text themselves.
	LegacyContentType bool
	// TrustedProxies are believed about the client's address, TrustedCallers have
	// no limits.
	TrustedProxies, TrustedCallers []netip.Prefix
	// PerMinute is how many requests an address may send a minute, pictures not
	// counted; 0 is no limit.
	PerMinute int
	// Ready tells whether everything that the server needs answers.
	Ready  func(context.Context) error
	Logger *slog.Logger
	// Now is the clock of the limits.
	Now func() time.Time
	// Observer counts requests; nil for nobody.
	Observer Observer
	// Pages are served to browsers, by their paths below the base path.
	Pages map[string]Page
}

// Server serves a registry over HTTP. It is the only code that knows HTTP.
type Server struct {
	options         Options
	contentType     string
	rate            *rate
	pages           map[string]page
	http            *fasthttp.Server
	running         atomic.Int64 // requests in their handlers
	healthz, readyz *Endpoint
	openapi, files  *Endpoint
	told            map[*Endpoint]func(Result, time.Duration)
	lingering       lingering
}

const (
	// headerBuffer bounds a request's line and header, in bytes.
	headerBuffer = 16 << 10
	// keptBody is the largest body, in bytes, whose buffer a connection keeps for its
	// next request or answer.
	keptBody = 256 << 10
)

// NewServer makes a server that does not listen yet.
func NewServer(options Options) *Server {
	s := &Server{
		options: options, rate: newRate(options.PerMinute, options.Now),
		contentType: "application/json; charset=utf-8",
		healthz:     newProbe("healthz"), readyz: newProbe("readyz"), openapi: newProbe("openapi.json"), files: newProbe("page"),
	}
	s.pages = s.newPages()
	s.told = s.observed(options.Observer)
	if options.LegacyContentType {
		s.contentType = "text/html; charset=utf-8"
	}
	fasthttp.SetBodySizePoolLimit(keptBody, keptBody)
	s.http = &fasthttp.Server{
		Handler:                      s.serve,
		ErrorHandler:                 s.refuse,
		ReadTimeout:                  options.ReadTimeout,
		WriteTimeout:                 options.WriteTimeout,
		IdleTimeout:                  options.IdleTimeout,
		MaxRequestBodySize:           options.MaxBody,
		ReadBufferSize:               headerBuffer,
		NoDefaultServerHeader:        true,
		NoDefaultContentType:         true,
		DisablePreParseMultipartForm: true,
		CloseOnShutdown:              true,
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

// Serve answers requests until Shutdown.
func (s *Server) Serve(listener net.Listener) error {
	return s.http.Serve(listener)
}

// Shutdown accepts nothing new and waits for the requests in flight, as long as
// ctx allows. It fails where handlers are still running then; a client that has
// not sent its whole request by then is no reason to.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.http.ShutdownWithContext(ctx)
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
	s.running.Add(1)
	defer s.running.Add(-1)
	began := request.Time()
	ctx := s.begin(request, began)
	defer ctx.cancel()
	out := s.reply(ctx, request)
	s.finished(ctx, began, &out)
}

// begin gives a request its context, and the answer the request's id.
func (s *Server) begin(request *fasthttp.RequestCtx, now time.Time) *deadline {
	peer := peer(request)
	proxied := prefixes(s.options.TrustedProxies).contain(peer)
	ctx := newDeadline(now, s.options.WriteTimeout, requestID(request, proxied))
	ctx.caller = s.caller(request, peer, proxied)
	request.Response.Header.SetCanonical(requestHeader, []byte(ctx.request))
	return ctx
}

// reply answers one request. The HTTP library recovers no panic: one outside of a
// handler must not end the process either.
func (s *Server) reply(ctx *deadline, request *fasthttp.RequestCtx) (out outcome) {
	defer func() {
		if cause := recover(); cause != nil {
			logPanic(ctx, s.options.Logger, out.call, cause)
			out = outcome{Response: failure(noID, Fail(UnknownError, "")), call: out.call}
			s.answer(ctx, request, &out)
		}
	}()
	path := rawPath(request)
	switch path {
	case "/healthz":
		return s.health(ctx, request, s.healthz, nil)
	case "/readyz":
		return s.health(ctx, request, s.readyz, s.ready(ctx))
	}
	path, below := strings.CutPrefix(path, s.options.BasePath)
	if path == "/" {
		path = ""
	}
	at, segments := s.options.Registry.route(path)
	if below && at != nil && at.picture != nil {
		return s.servePicture(ctx, request, at.picture, segments)
	}
	if page, found := s.pages[path]; below && found {
		return s.servePage(ctx, request, page)
	}
	if at == nil && path != "" {
		below = false
	}
	out = s.envelope(ctx, request, below, at, path)
	s.answer(ctx, request, &out)
	return out
}

// envelope does what a request asks for that is answered with an envelope. below
// is whether its path is known.
func (s *Server) envelope(ctx *deadline, request *fasthttp.RequestCtx, below bool, at *route, path string) outcome {
	if !ctx.caller.Trusted {
		if ok, after := s.rate.take(ctx.caller.Address); !ok {
			request.Response.Header.Set("Retry-After", retryAfter(after))
			return refusal(http.StatusTooManyRequests, TooManyRequests, "")
		}
	}
	if !below {
		return refusal(http.StatusNotFound, ErrorJSONValue, "no such path")
	}
	in := Inbound{Path: path, Caller: ctx.caller}
	if at == nil || at.path.Token != NoToken {
		in.Token = tokenOf(request)
	}
	switch wanted := at.method(); {
	case string(request.Method()) != wanted:
		request.Response.Header.Set("Allow", wanted)
		return refusal(http.StatusMethodNotAllowed, ErrorJSONValue, "this path is asked by "+wanted)
	case wanted == http.MethodGet:
		in.Query = queryOf(request)
		return s.options.Registry.get(ctx, in, at.query)
	default:
		in.Body = request.PostBody()
		return s.options.Registry.post(ctx, in, at)
	}
}

// method is what a route is asked by; a nil route is the base path.
func (at *route) method() string {
	if at != nil && at.query != nil {
		return http.MethodGet
	}
	return http.MethodPost
}

// refusal is an answer to a request whose body was not looked at.
func refusal(httpStatus int, status Status, detail string) outcome {
	return outcome{Response: failure(noID, Fail(status, detail)), httpStatus: httpStatus}
}

// refuse answers what could not be read as a request.
func (s *Server) refuse(request *fasthttp.RequestCtx, err error) {
	s.lingering.keep(request.Conn())
	began := time.Now()
	ctx := s.begin(request, began)
	defer ctx.cancel()
	out := unread(err)
	s.answer(ctx, request, &out)
	s.finished(ctx, began, &out)
}

// unread is the answer to what could not be read as a request.
func unread(err error) outcome {
	var netError net.Error
	var smallBuffer *fasthttp.ErrSmallBuffer
	switch {
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		return refusal(http.StatusRequestEntityTooLarge, ValueError, "the body is too large")
	case errors.As(err, &smallBuffer):
		return refusal(http.StatusRequestHeaderFieldsTooLarge, ErrorJSONKey, "the header is too large")
	case errors.As(err, &netError) && netError.Timeout():
		return refusal(http.StatusRequestTimeout, ErrorJSONKey, "the request did not arrive in time")
	default:
		return refusal(http.StatusBadRequest, ErrorJSONKey, "the request is not HTTP that can be read")
	}
}

// retryAfter is a wait in whole seconds, rounded up.
func retryAfter(wait time.Duration) string {
	return strconv.Itoa(int((wait + time.Second - 1) / time.Second))
}
