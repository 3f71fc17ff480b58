package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
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
}

// Server serves a registry over HTTP. It is the only code that knows HTTP.
type Server struct {
	options     Options
	contentType string
	rate        *rate
	document    document
	http        *fasthttp.Server
	running     atomic.Int64 // requests in their handlers
}

// headerBuffer bounds a request's line and header, in bytes.
const headerBuffer = 16 << 10

// NewServer makes a server that does not listen yet.
func NewServer(options Options) *Server {
	s := &Server{
		options: options, rate: newRate(options.PerMinute, options.Now),
		document:    newDocument(options),
		contentType: "application/json; charset=utf-8",
	}
	if options.LegacyContentType {
		s.contentType = "text/html; charset=utf-8"
	}
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
	return s.http.Serve(lingeringListener{listener})
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

// serve answers one request. The HTTP library recovers no panic: one outside of a
// handler must not end the process either.
func (s *Server) serve(request *fasthttp.RequestCtx) {
	s.running.Add(1)
	defer s.running.Add(-1)
	defer func() {
		if cause := recover(); cause != nil {
			logPanic(s.options.Logger, "", cause)
			s.answer(request, refusal(0, UnknownError, ""))
		}
	}()
	path := rawPath(request)
	switch path {
	case "/healthz":
		s.health(request, nil)
		return
	case "/readyz":
		s.health(request, s.ready())
		return
	}
	path, below := strings.CutPrefix(path, s.options.BasePath)
	if path == "/" {
		path = ""
	}
	at, segments := s.options.Registry.route(path)
	ctx, cancel := newDeadline(s.options.WriteTimeout)
	defer cancel()
	if below && at != nil && at.picture != nil {
		s.servePicture(ctx, request, at.picture, segments)
		return
	}
	caller := s.caller(request)
	if !caller.Trusted {
		if ok, after := s.rate.take(caller.Address); !ok {
			request.Response.Header.Set("Retry-After", retryAfter(after))
			s.answer(request, refusal(http.StatusTooManyRequests, TooManyRequests, ""))
			return
		}
	}
	if below && path == documentPath {
		s.serveDocument(request)
		return
	}
	if !below || at == nil && path != "" {
		s.answer(request, refusal(http.StatusNotFound, ErrorJSONValue, "no such path"))
		return
	}
	s.serveEnvelope(ctx, request, at, path, caller)
}

// serveEnvelope answers a posted envelope or a query.
func (s *Server) serveEnvelope(ctx context.Context, request *fasthttp.RequestCtx,
	at *route, path string, caller Caller,
) {
	in := Inbound{Path: path, Caller: caller}
	if at == nil || at.path.Token != NoToken {
		in.Token = tokenOf(request)
	}
	switch wanted := at.method(); {
	case string(request.Method()) != wanted:
		request.Response.Header.Set("Allow", wanted)
		s.answer(request, refusal(http.StatusMethodNotAllowed, ErrorJSONValue, "this path is asked by "+wanted))
	case wanted == http.MethodGet:
		in.Query = queryOf(request)
		s.answer(request, s.options.Registry.get(ctx, in, at.query))
	default:
		in.Body = request.PostBody()
		s.answer(request, s.options.Registry.post(ctx, in, at))
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

// answer sends an envelope.
func (s *Server) answer(request *fasthttp.RequestCtx, out outcome) {
	body, err := out.encode()
	if err != nil {
		s.options.Logger.Error("encode answer", "call", out.call.name(), "error", err)
		failed := failure(out.ID, Fail(UnknownError, ""))
		body, _ = failed.encode()
	}
	header := &request.Response.Header
	header.SetContentType(s.contentType)
	header.Set("X-Content-Type-Options", "nosniff")
	if out.httpStatus != 0 {
		request.SetStatusCode(out.httpStatus)
	}
	if out.httpStatus == http.StatusTooManyRequests && len(header.Peek("Retry-After")) == 0 {
		header.Set("Retry-After", "1")
	}
	request.Response.SetBodyRaw(body)
}

// servePicture answers a picture, or 304 where the client has it.
func (s *Server) servePicture(ctx context.Context, request *fasthttp.RequestCtx, e *Endpoint, segments []string) {
	header := &request.Response.Header
	allowed := request.IsGet() || request.IsHead()
	if !allowed {
		header.Set("Allow", "GET, HEAD")
		request.SetStatusCode(http.StatusMethodNotAllowed)
		segments = nil
	}
	answer := s.options.Registry.pictureOf(ctx, e, PictureRequest{
		Segments: segments,
		Referer:  string(request.Referer()),
		Host:     string(request.Host()),
	})
	header.SetContentType(answer.ContentType)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", answer.CacheControl)
	header.Set("X-Picture", answer.Kind)
	if answer.ETag != "" {
		header.Set("ETag", answer.ETag)
	}
	switch {
	case answer.Unavailable:
		request.SetStatusCode(http.StatusServiceUnavailable)
	case allowed && answer.ETag != "" && matches(string(request.Request.Header.Peek("If-None-Match")), answer.ETag):
		request.SetStatusCode(http.StatusNotModified)
		return
	}
	request.Response.SetBodyRaw(answer.Bytes)
}

// matches tells whether an If-None-Match names the tag. It compares weakly, as
// RFC 9110 section 13.1.2 wants.
func matches(ifNoneMatch, etag string) bool {
	for candidate := range strings.SplitSeq(ifNoneMatch, ",") {
		candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
		if candidate == etag || candidate == "*" {
			return true
		}
	}
	return false
}

// ready asks what the server needs; one that panics is not ready.
func (s *Server) ready() (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			logPanic(s.options.Logger, "readyz", cause)
			err = errors.New("panic")
		}
	}()
	ctx, cancel := newDeadline(s.options.WriteTimeout)
	defer cancel()
	return s.options.Ready(ctx)
}

// health answers a probe in plain text.
func (s *Server) health(request *fasthttp.RequestCtx, err error) {
	request.SetContentType("text/plain; charset=utf-8")
	if err != nil {
		s.options.Logger.Error("not ready", "error", err)
		request.SetStatusCode(http.StatusServiceUnavailable)
		request.SetBodyString("not ready: " + firstWord(err) + "\n")
		return
	}
	request.SetBodyString("ok\n")
}

// firstWord names the dependency: readiness errors begin with it. The rest may
// hold addresses and stays in the log.
func firstWord(err error) string {
	name, _, _ := strings.Cut(err.Error(), ":")
	return name
}

// refuse answers what could not be read as a request.
func (s *Server) refuse(request *fasthttp.RequestCtx, err error) {
	if connection, ok := request.Conn().(*lingeringConn); ok {
		connection.linger.Store(true)
	}
	var netError net.Error
	var smallBuffer *fasthttp.ErrSmallBuffer
	switch {
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		s.answer(request, refusal(http.StatusRequestEntityTooLarge, ValueError, "the body is too large"))
	case errors.As(err, &smallBuffer):
		s.answer(request, refusal(http.StatusRequestHeaderFieldsTooLarge, ErrorJSONKey, "the header is too large"))
	case errors.As(err, &netError) && netError.Timeout():
		s.answer(request, refusal(http.StatusRequestTimeout, ErrorJSONKey, "the request did not arrive in time"))
	default:
		s.answer(request, refusal(http.StatusBadRequest, ErrorJSONKey, "the request is not HTTP that can be read"))
	}
}

func (s *Server) caller(request *fasthttp.RequestCtx) Caller {
	peer, _ := netip.AddrFromSlice(request.RemoteIP())
	var forwarded []string
	for _, header := range request.Request.Header.PeekAll("X-Forwarded-For") {
		forwarded = append(forwarded, string(header))
	}
	realIP := string(request.Request.Header.Peek("X-Real-IP"))
	address := clientAddress(peer.Unmap(), realIP, forwarded, s.options.TrustedProxies).Unmap()
	return Caller{Address: address, Trusted: prefixes(s.options.TrustedCallers).contain(address)}
}

// rawPath is the path as it was sent, not decoded and not cleaned: what comes
// cleaned has lost the difference between a %2f and a separator.
func rawPath(request *fasthttp.RequestCtx) string {
	return string(request.URI().PathOriginal())
}

// tokenOf reads the query's token, or else a Bearer header; another scheme counts
// as absent.
func tokenOf(request *fasthttp.RequestCtx) Token {
	if query := request.QueryArgs(); query.Has("token") {
		return Token{Given: true, Text: string(query.Peek("token"))}
	}
	scheme, text, _ := strings.Cut(string(request.Request.Header.Peek("Authorization")), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return Token{}
	}
	return Token{Given: true, Text: strings.TrimSpace(text)}
}

// queryOf copies the query parameters: nothing of a RequestCtx may outlive it.
func queryOf(request *fasthttp.RequestCtx) url.Values {
	query := url.Values{}
	for key, text := range request.QueryArgs().All() {
		query.Add(string(key), string(text))
	}
	return query
}

// retryAfter is a wait in whole seconds, rounded up.
func retryAfter(wait time.Duration) string {
	return strconv.Itoa(int((wait + time.Second - 1) / time.Second))
}
