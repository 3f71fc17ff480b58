package server

import (
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fasthttp/websocket"

	"campusgate/dispatch"
)

const (
	goingAway   = websocket.CloseGoingAway
	unsupported = websocket.CloseUnsupportedData
	violation   = websocket.ClosePolicyViolation
)

const (
	maxQueued   = 64  // texts that wait for a listener, before it is dropped
	maxIncoming = 512 // bytes of a message of a listener
	maxFrames   = 60  // of a listener between two pings: it has nothing to say
)

// webSocket is that of a listener. It costs one goroutine, which reads; another one writes as
// long as there is something to write.
type webSocket struct {
	dispatch.Listener
	raw        net.Conn
	connection *websocket.Conn // once the handshake is answered
	timeout    time.Duration   // of a write

	heard  atomic.Int64 // Unix nanoseconds
	frames atomic.Int64 // since the last ping
	due    time.Time    // of the next ping; guarded by listeners

	mutex   sync.Mutex
	queue   []frame
	writing bool // somebody writes, or will once the handshake is answered
	leaving bool // nothing comes after what is queued
}

// newSocket is a WebSocket whose handshake is not answered yet: what it is sent waits.
func (l *listeners) newSocket(raw net.Conn, who dispatch.Listener) *webSocket {
	c := &webSocket{Listener: who, raw: raw, timeout: l.timeout, writing: true}
	c.heard.Store(l.now().UnixNano())
	return c
}

// frame is what is sent: a text, a ping, or a close.
type frame struct {
	text []byte
	ping bool
	code int // of a close, with text as its reason
}

// serve reads from a connection until it ends. What a listener says is not used: calls go
// by POST. Its pongs are signs of life, and so is everything else.
func (l *listeners) serve(c *webSocket) {
	defer l.remove(c)
	defer c.abort()
	go c.write()
	c.connection.SetReadLimit(maxIncoming)
	sign := func() {
		c.heard.Store(l.now().UnixNano())
		if c.frames.Add(1) == maxFrames {
			c.close(violation, "too many frames: calls go by POST")
		}
	}
	pong := c.connection.PingHandler()
	c.connection.SetPingHandler(func(text string) error {
		sign()
		return pong(text)
	})
	c.connection.SetPongHandler(func(string) error {
		sign()
		return nil
	})
	for {
		kind, _, err := c.connection.NextReader()
		if err != nil {
			return
		}
		sign()
		if kind == websocket.BinaryMessage {
			c.close(unsupported, "no binary frames")
		}
	}
}

// send queues a frame, and drops the listener that has not read those before.
func (c *webSocket) send(f frame) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	switch {
	case c.leaving:
		return
	case len(c.queue) == maxQueued:
		c.leaving = true
		c.abort()
		return
	}
	c.leaving = f.code != 0
	c.queue = append(c.queue, f)
	if !c.writing {
		c.writing = true
		go c.write()
	}
}

// close tells a listener to go, behind what is queued.
func (c *webSocket) close(code int, reason string) { c.send(frame{code: code, text: []byte(reason)}) }

// abort ends a connection at once: reading and writing fail.
func (c *webSocket) abort() { _ = c.raw.Close() }

// write writes what is queued.
func (c *webSocket) write() {
	for {
		c.mutex.Lock()
		frames := c.queue
		c.queue = nil
		c.writing = len(frames) > 0
		c.mutex.Unlock()
		if len(frames) == 0 {
			return
		}
		for _, f := range frames {
			if err := c.writeFrame(f); err != nil {
				c.abort()
				return // and writing stays true: nobody writes any more
			}
		}
	}
}

func (c *webSocket) writeFrame(f frame) error {
	until := time.Now().Add(c.timeout)
	switch {
	case f.ping:
		return c.connection.WriteControl(websocket.PingMessage, nil, until)
	case f.code != 0:
		if err := c.connection.SetReadDeadline(time.Now().Add(farewell)); err != nil {
			return err
		}
		return c.connection.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(f.code, string(f.text)), until)
	}
	if err := c.connection.SetWriteDeadline(until); err != nil {
		return err
	}
	return c.connection.WriteMessage(websocket.TextMessage, f.text)
}
