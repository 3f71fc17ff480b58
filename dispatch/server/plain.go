package server

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"campusgate/dispatch"
)

// byPattern are plain endpoints by their paths. It panics on a path that is served
// already, so that no server starts with a page that nobody sees.
func byPattern(registry *dispatch.Registry, endpoints ...dispatch.Endpoint) map[string]*dispatch.Endpoint {
	found := map[string]*dispatch.Endpoint{}
	for i := range endpoints {
		pattern := endpoints[i].Path.Pattern
		_, taken := found[pattern]
		if registry != nil {
			at, _ := registry.Route(pattern)
			taken = taken || at != nil
		}
		if taken {
			panic("server: path " + pattern + ": declared twice")
		}
		found[pattern] = &endpoints[i]
	}
	return found
}

// plain answers plain HTTP.
func (s *Server) plain(ctx *dispatch.Context, request *fasthttp.RequestCtx, e *dispatch.Endpoint, segments []string) dispatch.Outcome {
	method := methodOf(request)
	if allowed := e.Plain.Methods; allowed != nil && !slices.Contains(allowed, method) {
		out := refuseMethod(request, allowed...)
		s.answer(ctx, request, &out)
		return out
	}
	if e.Plain.Live {
		if out := s.refuseHandshake(request); out.HTTPStatus != 0 {
			s.answer(ctx, request, &out)
			return out
		}
	}
	in := dispatch.Inbound{Caller: ctx.Caller()}
	if e.Need.Token != dispatch.NoToken {
		in.Token = tokenOf(request)
	}
	asked := dispatch.PlainRequest{Method: method, Segments: segments, HTTP: (*plainRequest)(request)}
	answer, out := s.options.Registry.Plain(ctx, in, e, asked)
	if !out.Plain {
		s.answer(ctx, request, &out)
		return out
	}
	if answer.Listener != nil {
		s.listen(ctx, request, *answer.Listener)
		out.HTTPStatus = http.StatusSwitchingProtocols
		return out
	}
	if (method == http.MethodGet || method == http.MethodHead) && answer.ETag != "" && answer.Status == 0 &&
		matches(asked.Header("If-None-Match"), answer.ETag) {
		out.HTTPStatus = http.StatusNotModified
	}
	s.answerPlain(ctx, request, &answer, &out)
	return out
}

// answerPlain sends a plain answer.
func (s *Server) answerPlain(ctx *dispatch.Context, request *fasthttp.RequestCtx, answer *dispatch.PlainAnswer, out *dispatch.Outcome) {
	header := &request.Response.Header
	header.SetCanonical(sniffHeader, noSniff)
	if answer.ContentType != "" {
		header.SetContentType(answer.ContentType)
	}
	if answer.CacheControl != "" {
		header.Set("Cache-Control", answer.CacheControl)
	}
	if answer.ETag != "" {
		header.Set("ETag", answer.ETag)
	}
	for _, further := range answer.Headers {
		header.Set(further.Name, further.Value)
	}
	if out.HTTPStatus != 0 {
		request.SetStatusCode(out.HTTPStatus)
	}
	switch {
	case out.HTTPStatus == http.StatusNotModified:
	case answer.Stream != nil:
		s.stream(ctx, request, out.Endpoint, answer.Stream)
	default:
		request.Response.SetBodyRaw(answer.Body)
		s.paced(request, answer.Body)
	}
}

// streamBuffer is how much of a stream is sent at once, in bytes.
const streamBuffer = 32 << 10

// errStream ends a connection whose stream has failed. The stream's own error may be
// io.EOF, with which the body would look whole.
var errStream = errors.New("stream ended early")

// stream has the body written while it is sent. The connection's deadline moves on
// with each write, and the context outlives the request's own: it ends when the HTTP
// library closes the body, because the client is gone.
func (s *Server) stream(ctx *dispatch.Context, request *fasthttp.RequestCtx, e *dispatch.Endpoint, write dispatch.Stream) {
	if request.IsHead() {
		request.Response.SetBodyStream(http.NoBody, -1) // nothing is made that nobody gets
		return
	}
	streaming := dispatch.NewContext(time.Time{}, 0, ctx.RequestID(), ctx.Caller())
	body, pipe := io.Pipe()
	request.Response.SetBodyStream(streamBody{body, streaming}, -1)
	to := &streamWriter{pipe, request.Conn(), s.options.WriteTimeout}
	s.running.Add(1)
	go func() {
		defer s.running.Add(-1)
		defer streaming.Cancel()
		failure := errStream // unless all of it is written
		defer func() {
			if cause := recover(); cause != nil {
				dispatch.LogPanic(streaming, s.options.Logger, e, cause)
			}
			_ = pipe.CloseWithError(failure) // which ends the connection, or else the body
		}()
		err := to.all(streaming, write)
		if err == nil {
			failure = nil
			return
		}
		level := slog.LevelWarn
		if streaming.Err() != nil {
			level = slog.LevelDebug // a client that hangs up is no news to an operator
		}
		s.options.Logger.Log(streaming, level, errStream.Error(), "call", e.Name(), "error", err)
	}()
}

// streamBody is a stream as the HTTP library reads it.
type streamBody struct {
	*io.PipeReader
	context *dispatch.Context
}

// Close ends the stream.
func (b streamBody) Close() error {
	b.context.Cancel()
	return b.PipeReader.Close()
}

// streamWriter gives its connection time for each write.
type streamWriter struct {
	io.Writer
	connection net.Conn
	timeout    time.Duration
}

// all writes a whole stream. Its end is written too, and needs time after a silence.
func (w *streamWriter) all(ctx context.Context, write dispatch.Stream) error {
	buffered := bufio.NewWriterSize(w, streamBuffer)
	if err := write(ctx, buffered); err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	return w.extend()
}

func (w *streamWriter) Write(part []byte) (int, error) {
	if err := w.extend(); err != nil {
		return 0, err
	}
	return w.Writer.Write(part)
}

// extend moves the connection's deadline on.
func (w *streamWriter) extend() error {
	if w.timeout == 0 {
		return nil
	}
	return w.connection.SetWriteDeadline(time.Now().Add(w.timeout))
}

// plainRequest is the part of a request that a plain endpoint looks up.
type plainRequest fasthttp.RequestCtx

func (r *plainRequest) Header(name string) string {
	return string((*fasthttp.RequestCtx)(r).Request.Header.Peek(name))
}

func (r *plainRequest) Host() string      { return string((*fasthttp.RequestCtx)(r).Host()) }
func (r *plainRequest) Query() url.Values { return queryOf((*fasthttp.RequestCtx)(r)) }
func (r *plainRequest) Body() []byte      { return (*fasthttp.RequestCtx)(r).PostBody() }

// methodOf is the request's method, without a copy of a common one.
func methodOf(request *fasthttp.RequestCtx) string {
	switch {
	case request.IsGet():
		return http.MethodGet
	case request.IsHead():
		return http.MethodHead
	case request.IsPost():
		return http.MethodPost
	default:
		return string(request.Method())
	}
}

// matches reports whether an If-None-Match names the tag. It compares weakly, as
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
