package server

import (
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// firstBody is how much room a body gets before its first bytes have arrived: a large
// one that is only announced costs no more.
const firstBody = 64 << 10

// readAhead is how many bytes of a body the library has read before it calls serve.
const readAhead = 8 << 10

// bodies keeps the room of bodies for the next ones, up to keptBody each.
var bodies = sync.Pool{New: func() any { return new([]byte) }}

func putBody(body *[]byte) {
	if cap(*body) <= keptBody {
		bodies.Put(body)
	}
}

// tooLarge marks the header of a body that is too large. No client can send it.
var tooLarge = []byte("too large")

// announced keeps the library from waiting for a body that is too large: its beginning
// would be read before serve can refuse it.
func (s *Server) announced(header *fasthttp.RequestHeader) fasthttp.RequestConfig {
	if header.ContentLength() > s.options.MaxBody {
		header.SetContentLength(0)
		header.Del(fasthttp.HeaderExpect)
		header.SetCanonical(tooLarge, tooLarge)
	}
	return fasthttp.RequestConfig{}
}

// receive reads a request's body into room and makes it the request's. The library
// has read the header and readAhead of the body, and has set a deadline when the first
// byte came. It does not tell chunks that end from a client that is gone between
// two of them: what is JSON then was sent whole.
func (s *Server) receive(request *fasthttp.RequestCtx, room *[]byte) error {
	header := &request.Request.Header
	size, most := header.ContentLength(), s.options.MaxBody // the size of chunks is -1
	if size == 0 && header.PeekBytes(tooLarge) != nil {
		return fasthttp.ErrBodyTooLarge
	}
	body, stream, progress := slices.Grow((*room)[:0], min(max(size, 0), firstBody)), request.RequestBodyStream(), 0
	for {
		if len(body) == cap(body) {
			body = slices.Grow(body, max(size-len(body), 1))
		}
		n, err := stream.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case len(body) > most:
			return fasthttp.ErrBodyTooLarge
		case err == io.EOF && len(body) < size:
			return io.ErrUnexpectedEOF
		case err == io.EOF:
			*room = body
			request.Request.SetBodyRaw(body)
			return nil
		case err != nil:
			return err
		}
		if progress += n; s.readQuota > 0 && progress >= s.readQuota {
			progress = 0
			if err := request.Conn().SetReadDeadline(time.Now().Add(s.options.ReadTimeout)); err != nil {
				return err
			}
		}
	}
}

// quota is what a client has to send or take within a time-out to get another one: so
// a body of any size has the time that its client needs, as long as it goes on.
func quota(rate int, timeout time.Duration) int {
	return int(float64(rate) * timeout.Seconds())
}

// paced lets the answer's body, which may be given, take as long as its client needs,
// where that may be longer than the time-out. Others leave with one system call.
func (s *Server) paced(request *fasthttp.RequestCtx, given []byte) {
	size := max(len(given), len(request.Response.Body()))
	if s.writeQuota <= 0 || size <= s.writeQuota {
		return
	}
	sent := &pacedBody{body: given, quota: s.writeQuota, connection: request.Conn(), timeout: s.options.WriteTimeout}
	if given == nil {
		sent.own = bodies.Get().(*[]byte) //nolint:forcetypeassert // it keeps no other
		*sent.own = request.Response.SwapBody((*sent.own)[:0])
		sent.body = *sent.own
	}
	request.Response.SetBodyStream(sent, size)
	request.Response.ImmediateHeaderFlush = true // the body takes the connection itself
}

// pacedBody is a body whose connection gets more time as long as its client takes it.
type pacedBody struct {
	body       []byte
	quota      int
	connection net.Conn
	timeout    time.Duration
	own        *[]byte // the whole body, where it is not shared
}

// WriteTo writes to the connection, beside the library's buffer: that remembers the
// first time-out, after which a client that is only slow is written to again. The
// library has set the first deadline. Half of the quota is enough, because the system
// takes steps of that size: see boundUnsent.
func (b *pacedBody) WriteTo(io.Writer) (written int64, err error) {
	for {
		n, err := b.connection.Write(b.body[written:])
		written += int64(n)
		if !errors.Is(err, os.ErrDeadlineExceeded) || n < b.quota/2 {
			return written, err
		}
		if err := b.connection.SetWriteDeadline(time.Now().Add(b.timeout)); err != nil {
			return written, err
		}
	}
}

// Read is not called: WriteTo is.
func (b *pacedBody) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Close is called when the answer is out, or its client gone.
func (b *pacedBody) Close() error {
	if b.own != nil {
		putBody(b.own)
		b.own = nil
	}
	return nil
}
