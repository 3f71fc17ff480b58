package dispatch

import (
	"io"
	"net"
	"sync/atomic"
	"time"
)

// What a client still sends after its request was refused is read and dropped up
// to this time and these bytes.
const (
	lingerTime  = 2 * time.Second
	lingerBytes = 32 << 20
)

// lingeringListener accepts connections that can linger.
type lingeringListener struct{ net.Listener }

// Accept waits for the next connection.
func (l lingeringListener) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &lingeringConn{Conn: connection}, nil
}

// lingeringConn closes in two steps where its request was refused unread. Closed
// at once, with bytes still coming, it would be reset, and a client that sends
// first would see the reset in place of the answer. The answer is out before, so
// no client waits for this.
type lingeringConn struct {
	net.Conn
	linger atomic.Bool
}

// Close lingers once; a second call ends it.
func (c *lingeringConn) Close() error {
	if c.linger.Swap(false) {
		c.drain()
	}
	return c.Conn.Close()
}

// drain ends the sending side and reads until the client ends its own.
func (c *lingeringConn) drain() {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil || c.SetReadDeadline(time.Now().Add(lingerTime)) != nil {
		return
	}
	_, _ = io.CopyN(io.Discard, c.Conn, lingerBytes)
}
