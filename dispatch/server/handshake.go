package server

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/fasthttp/websocket"
	"github.com/valyala/fasthttp"

	"campusgate/dispatch"
)

// Buffers of a WebSocket, in bytes. What listeners send is short, and what they are sent
// is written at once, so that only those of reading are many.
const (
	readBuffer  = 256
	writeBuffer = 2 << 10
)

// upgrader answers handshakes that refuseHandshake let pass.
var upgrader = websocket.Upgrader{
	ReadBufferSize: readBuffer, WriteBufferSize: writeBuffer, WriteBufferPool: &sync.Pool{},
	CheckOrigin: func(*http.Request) bool { return true },
}

// refuseHandshake is the answer to a request that is no opening handshake of a WebSocket
// (RFC 6455, section 4.2.1), or one of a page that may not call: tokens are no cookies,
// but a page must not even try those that it finds. It has no HTTP status where all is
// well.
func (s *Server) refuseHandshake(request *fasthttp.RequestCtx) dispatch.Outcome {
	header := &request.Request.Header
	upgrade := func(detail string) dispatch.Outcome {
		request.Response.Header.Set("Upgrade", "websocket")
		request.Response.Header.Set("Sec-WebSocket-Version", "13")
		return dispatch.Refusal(http.StatusUpgradeRequired, dispatch.ErrorJSONValue, detail)
	}
	key, err := base64.StdEncoding.DecodeString(string(header.Peek("Sec-WebSocket-Key")))
	switch {
	case !s.mayListen(request):
		return dispatch.Refusal(http.StatusForbidden, dispatch.NoPermission, "Origin: not in server.allow_origins")
	case !hasToken(header.Peek("Connection"), "upgrade") || !hasToken(header.Peek("Upgrade"), "websocket"):
		return upgrade("use a WebSocket")
	case string(header.Peek("Sec-WebSocket-Version")) != "13":
		return upgrade("Sec-WebSocket-Version: must be 13")
	case err != nil || len(key) != 16:
		return dispatch.Refusal(http.StatusBadRequest, dispatch.ErrorJSONValue, "Sec-WebSocket-Key: must be 16 bytes in base64")
	case !header.IsHTTP11():
		return dispatch.Refusal(http.StatusBadRequest, dispatch.ErrorJSONValue, "use HTTP/1.1")
	case s.live.hasEnded():
		return dispatch.Refusal(http.StatusServiceUnavailable, dispatch.UnknownError, "the server stops")
	}
	return dispatch.Outcome{}
}

// mayListen reports whether a request comes from no page, from one of this host, or from
// one whose origin may call.
func (s *Server) mayListen(request *fasthttp.RequestCtx) bool {
	origin := string(request.Request.Header.Peek("Origin"))
	if origin == "" {
		return true
	}
	_, host, _ := strings.Cut(origin, "://")
	return host != "" && strings.EqualFold(host, string(request.Host())) || s.origins != nil && s.origins.contain(origin)
}

// hasToken reports whether a header's list has a token, in any letter case.
func hasToken(list []byte, token string) bool {
	for entry := range bytes.SplitSeq(list, []byte(",")) {
		if strings.EqualFold(string(bytes.TrimSpace(entry)), token) {
			return true
		}
	}
	return false
}

// listen makes the connection of a request a WebSocket. The HTTP library's own hijacking
// would keep the request and its buffers, 20 KB, as long as the connection: here they are
// free as soon as the handshake is answered. What a client sends before it has the
// answer, which none may, is lost.
func (s *Server) listen(ctx *dispatch.Context, request *fasthttp.RequestCtx, who dispatch.Listener) {
	handshake := &http.Request{Method: http.MethodGet, Header: http.Header{
		"Connection": {"upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key": {string(request.Request.Header.Peek("Sec-WebSocket-Key"))},
	}}
	upgrade := upgrader
	upgrade.HandshakeTimeout = s.options.WriteTimeout
	answered := http.Header{string(requestHeader): {ctx.RequestID()}}
	request.HijackSetNoResponse(true)
	request.Hijack(func(connection net.Conn) {
		if inner, ok := connection.(interface{ UnsafeConn() net.Conn }); ok {
			connection = inner.UnsafeConn()
		}
		// It is there before the client knows that it is connected: what happens from then
		// on is pushed.
		c := s.live.newSocket(connection, who)
		if !s.live.add(c) {
			_ = connection.Close() // the server stops
			return
		}
		socket, err := upgrade.Upgrade(hijacked{connection: connection}, handshake, answered)
		if err != nil {
			s.live.remove(c)
			_ = connection.Close() // its client is gone
			return
		}
		c.connection = socket
		go s.live.serve(c)
	})
}

// hijacked is a connection as the WebSocket library takes it over.
type hijacked struct {
	http.ResponseWriter
	connection net.Conn
}

// Hijack is [http.Hijacker].
func (h hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.connection, bufio.NewReadWriter(bufio.NewReaderSize(nothing, 0), bufio.NewWriterSize(io.Discard, 0)), nil
}

// nothing was read from the connection before.
var nothing = strings.NewReader("")
