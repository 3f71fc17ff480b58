package bench

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"campusgate/cmd/campusgate/campusgatetest"
)

// dayListener is a page that is open all day.
type dayListener struct {
	*visitor

	byTicket  bool
	connected atomic.Bool
	heard     atomic.Int64 // messages to its user
}

// listen opens the connections, two of a user. They are all open when it returns.
func (d *day) listen() {
	for i := range d.plan.listeners {
		l := &dayListener{visitor: d.visitor(i / 2), byTicket: i%2 == 0}
		d.listeners = append(d.listeners, l)
		connection := l.dial()
		d.listening.Go(func() {
			for ; connection != nil; connection = l.dial() {
				if !l.hear(connection) {
					return
				}
			}
		})
	}
}

// dial opens a connection by a ticket, as pages do, or by a token: if all were by tickets,
// nginx, which asks replicas by turns, would lead all of them to the same one.
func (l *dayListener) dial() *websocket.Conn {
	query := campusgatetest.CampusQuery(l.user)
	if l.byTicket {
		query = "?ticket=" + l.post(l.user, "/message", "message/ticket", `{}`).Field("ticket")
	}
	if l.failed {
		return nil
	}
	transport := l.transport("127.0.2.1")
	dialer := websocket.Dialer{NetDialContext: transport.DialContext, TLSClientConfig: transport.TLSClientConfig, HandshakeTimeout: campusgatetest.Patience}
	connection, response, err := dialer.DialContext(l.ended, strings.Replace(l.base, "http", "ws", 1)+"/live"+query, nil) //nolint:bodyclose // the library has read it
	if err != nil {
		l.refuse("GET live: %v, %+v", err, response)
		return nil
	}
	l.connected.Store(true)
	return connection
}

// hear reads pushes, and reports whether to connect again: only where the server went, as it
// says itself.
func (l *dayListener) hear(connection *websocket.Conn) (again bool) {
	defer connection.Close()
	defer l.connected.Store(false)
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-l.ended.Done():
			_ = connection.Close()
		case <-done:
		}
	}()
	for {
		_, text, err := connection.ReadMessage()
		if l.ended.Err() != nil {
			return false
		}
		if closed, ok := errors.AsType[*websocket.CloseError](err); ok && closed.Code == websocket.CloseGoingAway && l.replacing.Load() {
			return true
		}
		if err != nil {
			l.refuse("GET live ends: %v", err)
			return false
		}
		var push struct {
			Type, Subtype string
			Data          struct {
				ReceiverID int64 `json:"receiver_id"`
				Content    string
			}
		}
		if err := json.Unmarshal(text, &push); err != nil || push.Type != "push" {
			l.refuse("pushed %s", text)
			return false
		}
		if _, sent, found := strings.Cut(push.Data.Content, "还在吗？"); found && push.Subtype == "message" && strconv.FormatInt(push.Data.ReceiverID, 10) == campusgatetest.CampusUser(l.user) {
			if at, err := time.Parse(time.RFC3339Nano, sent); err == nil {
				l.times.add("push of a message", time.Since(at))
			}
			l.heard.Add(1)
		}
	}
}

// wantPushes waits until every connection has heard of every message to its user.
func (d *day) wantPushes(t *testing.T) {
	t.Helper()
	for _, l := range d.listeners {
		want := d.sent[l.user].Load()
		for late := time.Now().Add(campusgatetest.Patience); l.heard.Load() < want && d.failures.Load() == 0 && time.Now().Before(late); {
			time.Sleep(10 * time.Millisecond)
		}
		if got := l.heard.Load(); got != want {
			d.fail("a connection of the user %d was told of %d messages, want %d", l.user, got, want)
		}
	}
}

// awaitListeners waits until every page is connected again.
func (d *day) awaitListeners(t *testing.T) {
	t.Helper()
	for _, l := range d.listeners {
		for late := time.Now().Add(campusgatetest.Patience); !l.connected.Load() && d.failures.Load() == 0; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(late) {
				t.Fatal("a page is not connected again")
			}
		}
	}
}
