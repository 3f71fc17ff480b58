package server

import (
	"io"
	"net"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// What a client still sends after its request was refused is read and dropped up
// to this time and these bytes.
const (
	lingerTime  = 2 * time.Second
	lingerBytes = 32 << 20
)

// lingering are the connections that close in two steps, because their request was
// refused unread. Closed at once, with bytes still coming, one would be reset, and
// a client that sends first would see the reset in place of the answer. The answer
// is out before, so no client waits for this.
//
// Each is kept open by a descriptor of its own. To wrap all connections would be
// simpler, but hides from the HTTP library that they are sockets, which take a
// header and a large body in one system call.
type lingering struct{ twins sync.Map } // *net.TCPConn by net.Conn

// keep lets a connection linger when it is closed. Without a descriptor to spare it
// is reset.
func (l *lingering) keep(connection net.Conn) {
	socket, ok := connection.(*net.TCPConn)
	if !ok {
		return
	}
	file, err := socket.File()
	if err != nil {
		return
	}
	defer file.Close()
	if twin, err := net.FileConn(file); err == nil {
		l.twins.Store(connection, twin)
	}
}

// changed is told of each connection's states.
func (l *lingering) changed(connection net.Conn, state fasthttp.ConnState) {
	if state != fasthttp.StateClosed {
		return
	}
	if twin, found := l.twins.LoadAndDelete(connection); found {
		drain(twin.(*net.TCPConn)) //nolint:forcetypeassert // keep stores no other
	}
}

// socket is what drain needs of a [net.TCPConn].
type socket interface {
	net.Conn
	CloseWrite() error
}

// drain ends the sending side, reads until the client ends its own, and closes.
func drain(connection socket) {
	defer connection.Close()
	if connection.CloseWrite() == nil && connection.SetReadDeadline(time.Now().Add(lingerTime)) == nil {
		_, _ = io.CopyN(io.Discard, connection, lingerBytes)
	}
}
