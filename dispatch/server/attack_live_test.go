package server

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"campusgate/dispatch"
	"campusgate/dispatch/dispatchtest"
)

// hall is a server with a live endpoint, for those who mean no good.
type hall struct {
	*running
}

func openHall(t *testing.T, change func(*Options)) *hall {
	t.Helper()
	h := &hall{}
	h.running = start(t, func(o *Options) {
		e := dispatch.Plain(dispatch.Path{Pattern: "/live"}, dispatch.WithToken, "get", "live", "", "",
			dispatch.PlainDescription{Methods: []string{"GET"}, Live: true},
			func(ctx context.Context, request dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
				return dispatch.PlainAnswer{Listener: &dispatch.Listener{
					User: dispatch.CallerFrom(ctx).User, Token: request.Query().Get("as"),
				}}, nil
			})
		registry, err := dispatch.NewRegistry(dispatch.RegistryOptions{Authenticate: dispatchtest.Authenticate, Logger: o.Logger}, e)
		if err != nil {
			t.Fatal(err)
		}
		o.Registry = registry
		if change != nil {
			change(o)
		}
	})
	return h
}

const alice = "1190000001" // whose token is good

// enter connects, and returns when it is pushed to.
func (h *hall) enter(t *testing.T, as string) *websocket.Conn {
	t.Helper()
	before := h.Listening()
	connection, response, err := h.try(as) //nolint:bodyclose // the library has read it, here and below
	if err != nil {
		t.Fatal(err)
	}
	if response.Header.Get("X-Request-Id") == "" {
		t.Errorf("no request id: %v", response.Header)
	}
	_ = connection.SetReadDeadline(time.Now().Add(30 * time.Second))
	t.Cleanup(func() { _ = connection.Close() })
	h.until(t, func() bool { return h.Listening() > before })
	return connection
}

func (h *hall) try(as string) (*websocket.Conn, *http.Response, error) {
	return websocket.DefaultDialer.Dial("ws://"+h.address+"/api/external/live?token=good&as="+as, nil)
}

// until waits for what happens on other goroutines.
func (h *hall) until(t *testing.T, happened func() bool) {
	t.Helper()
	for late := time.Now().Add(30 * time.Second); !happened(); time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatal("it does not happen")
		}
	}
}

// wantClose reads up to the end of a connection.
func wantClose(t *testing.T, connection *websocket.Conn, code int) {
	t.Helper()
	for {
		_, _, err := connection.ReadMessage()
		if err == nil {
			continue
		}
		if !websocket.IsCloseError(err, code) {
			t.Errorf("it ends by %v, want %d", err, code)
		}
		return
	}
}

func wantText(t *testing.T, connection *websocket.Conn, want string) {
	t.Helper()
	kind, got, err := connection.ReadMessage()
	if err != nil || kind != websocket.TextMessage || string(got) != want {
		t.Errorf("%d %q, %v; want %q", kind, got, err, want)
	}
}

// TestLivePush: a push reaches every connection of a user, in the order of pushes, and
// nobody else.
func TestLivePush(t *testing.T) {
	h := openHall(t, nil)
	one, other := h.enter(t, "1"), h.enter(t, "2")
	h.Push("another", []byte("secret"))
	for i := range 3 {
		h.Push(alice, fmt.Append(nil, i))
	}
	for i := range 3 {
		wantText(t, one, strconv.Itoa(i))
		wantText(t, other, strconv.Itoa(i))
	}
	_ = one.Close()
	h.until(t, func() bool { return h.Listening() == 1 })
	h.Push(alice, []byte("again"))
	wantText(t, other, "again")
}

// TestLiveHandshake: what is no handshake is refused, before its token is looked at.
func TestLiveHandshake(t *testing.T) {
	h := openHall(t, func(o *Options) { o.AllowOrigins = []string{"https://shop.example", "https://*.campus.example"} })
	const key = "dGhlIHNhbXBsZSBub25jZQ=="
	whole := map[string]string{
		"Host": "gate.example", "Connection": "keep-alive, Upgrade", "Upgrade": "WebSocket",
		"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key,
	}
	for _, test := range []struct {
		name, line string
		change     map[string]string
		want       string // what the answer begins with
		detail     string
	}{
		{"a handshake", "", nil, "HTTP/1.1 101 Switching Protocols\r\n", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
		{"of an own page", "", map[string]string{"Origin": "https://Gate.example"}, "HTTP/1.1 101 ", ""},
		{"of an admitted page", "", map[string]string{"Origin": "https://shop.example"}, "HTTP/1.1 101 ", ""},
		{"of a sub-domain", "", map[string]string{"Origin": "https://a.campus.example"}, "HTTP/1.1 101 ", ""},
		{"of another page", "", map[string]string{"Origin": "https://evil.example"}, "HTTP/1.1 403 ", "Origin"},
		{"of a page that looks alike", "", map[string]string{"Origin": "https://gate.example.evil.example"}, "HTTP/1.1 403 ", "Origin"},
		{"of a file", "", map[string]string{"Origin": "null"}, "HTTP/1.1 403 ", "Origin"},
		{"no upgrade", "", map[string]string{"Upgrade": ""}, "HTTP/1.1 426 ", "use a WebSocket"},
		{"another upgrade", "", map[string]string{"Upgrade": "h2c"}, "HTTP/1.1 426 ", "use a WebSocket"},
		{"no connection", "", map[string]string{"Connection": "keep-alive"}, "HTTP/1.1 426 ", "use a WebSocket"},
		{"an old version", "", map[string]string{"Sec-WebSocket-Version": "8"}, "HTTP/1.1 426 ", "Sec-WebSocket-Version"},
		{"no version", "", map[string]string{"Sec-WebSocket-Version": ""}, "HTTP/1.1 426 ", "Sec-WebSocket-Version"},
		{"no key", "", map[string]string{"Sec-WebSocket-Key": ""}, "HTTP/1.1 400 ", "Sec-WebSocket-Key"},
		{"a short key", "", map[string]string{"Sec-WebSocket-Key": "c2hvcnQ="}, "HTTP/1.1 400 ", "Sec-WebSocket-Key"},
		{"no base64", "", map[string]string{"Sec-WebSocket-Key": "%%%"}, "HTTP/1.1 400 ", "Sec-WebSocket-Key"},
		{"HTTP/1.0", "GET /api/external/live?token=good HTTP/1.0", nil, "HTTP/1.1 400 ", "use HTTP/1.1"},
		{"POST", "POST /api/external/live?token=good HTTP/1.1", map[string]string{"Content-Length": "0"}, "HTTP/1.1 405 ", "use GET"},
		{"no token", "GET /api/external/live HTTP/1.1", nil, "HTTP/1.1 200 ", `"status":-100`},
		{"an unknown token", "GET /api/external/live?token=x HTTP/1.1", nil, "HTTP/1.1 200 ", `"status":-101`},
		{"a token where there is no handshake", "GET /api/external/live?token=x HTTP/1.1", map[string]string{"Upgrade": ""}, "HTTP/1.1 426 ", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			lines := []string{cmp.Or(test.line, "GET /api/external/live?token=good HTTP/1.1")}
			headers := map[string]string{}
			for _, part := range []map[string]string{whole, test.change} {
				maps.Copy(headers, part)
			}
			for name, value := range headers {
				if value != "" {
					lines = append(lines, name+": "+value)
				}
			}
			connection := h.dial(t)
			if _, err := io.WriteString(connection, strings.Join(lines, "\r\n")+"\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			answer := make([]byte, 4096)
			read := 0
			for !strings.Contains(string(answer[:read]), "\r\n\r\n") {
				n, err := connection.Read(answer[read:])
				if err != nil {
					t.Fatalf("%v after %q", err, answer[:read])
				}
				read += n
			}
			if got := string(answer[:read]); !strings.HasPrefix(got, test.want) || !strings.Contains(got, test.detail) {
				t.Errorf("%s\nwant %s and %q", got, test.want, test.detail)
			}
		})
	}
}

// TestLiveTooMany: the oldest of a user's connections gives way to a sixth.
func TestLiveTooMany(t *testing.T) {
	h := openHall(t, nil)
	var connections []*websocket.Conn
	for i := range maxSockets {
		connections = append(connections, h.enter(t, strconv.Itoa(i)))
	}
	sixth, _, err := h.try("6") //nolint:bodyclose // see enter
	if err != nil {
		t.Fatal(err)
	}
	defer sixth.Close()
	wantClose(t, connections[0], closeTooMany)
	h.until(t, func() bool { return h.Listening() == maxSockets })
	h.Push(alice, []byte("x"))
	for _, c := range append(connections[1:], sixth) {
		wantText(t, c, "x")
	}
}

// TestLiveFrames: what a listener sends is bounded, and never used.
func TestLiveFrames(t *testing.T) {
	h := openHall(t, nil)
	for _, test := range []struct {
		name string
		send func(*websocket.Conn) error
		want int
	}{
		{"binary", func(c *websocket.Conn) error { return c.WriteMessage(websocket.BinaryMessage, []byte{1}) }, websocket.CloseUnsupportedData},
		{"too long", func(c *websocket.Conn) error {
			return c.WriteMessage(websocket.TextMessage, make([]byte, maxIncoming+1))
		}, websocket.CloseMessageTooBig},
		{"too long in pieces", func(c *websocket.Conn) error {
			w, err := c.NextWriter(websocket.TextMessage)
			for range 100 {
				if err == nil {
					_, err = w.Write(make([]byte, 4000))
				}
			}
			return err
		}, websocket.CloseMessageTooBig},
		{"no frame", func(c *websocket.Conn) error {
			_, err := c.NetConn().Write([]byte{0xff, 0xff, 0, 0})
			return err
		}, websocket.CloseProtocolError},
		{"not masked", func(c *websocket.Conn) error {
			_, err := c.NetConn().Write([]byte{0x81, 0x01, 'x'})
			return err
		}, websocket.CloseProtocolError},
		{"too many texts", func(c *websocket.Conn) (err error) {
			for range maxFrames {
				if err == nil {
					err = c.WriteMessage(websocket.TextMessage, []byte("{}"))
				}
			}
			return err
		}, websocket.ClosePolicyViolation},
		{"too many pings", func(c *websocket.Conn) (err error) {
			for range maxFrames {
				if err == nil {
					err = c.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second))
				}
			}
			return err
		}, websocket.ClosePolicyViolation},
		{"goodbye", func(c *websocket.Conn) error {
			return c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
		}, websocket.CloseNormalClosure},
	} {
		t.Run(test.name, func(t *testing.T) {
			connection := h.enter(t, "")
			if err := test.send(connection); err != nil {
				t.Log(err) // it may have ended already
			}
			wantClose(t, connection, test.want)
			h.until(t, func() bool { return h.Listening() == 0 })
		})
	}
}

// TestLiveShutdown: listeners are told that the server goes, and those who do not answer
// are not waited for long.
func TestLiveShutdown(t *testing.T) {
	h := openHall(t, nil)
	polite := h.enter(t, "polite")
	h.enter(t, "deaf")
	done := make(chan struct{})
	go func() {
		defer close(done)
		wantClose(t, polite, websocket.CloseGoingAway)
	}()
	shutDown(t, h.running)
	<-done
	if got := h.Listening(); got != 0 {
		h.until(t, func() bool { return h.Listening() == 0 })
	}
	if connection, _, err := h.try("late"); err == nil { //nolint:bodyclose // see enter
		_ = connection.Close()
		t.Error("it still lets in")
	}
}

// TestAttackConnects: connects count against the limit of their address, so that 10,000 a
// minute of one cost little.
func TestAttackConnects(t *testing.T) {
	const limit = 20
	h := openHall(t, func(o *Options) { o.PerMinute = limit })
	refused := 0
	for i := range 3 * limit {
		connection, response, err := h.try(strconv.Itoa(i)) //nolint:bodyclose // see enter
		switch {
		case err == nil:
			_ = connection.Close()
		case response != nil && response.StatusCode == http.StatusTooManyRequests && response.Header.Get("Retry-After") != "":
			refused++
		default:
			t.Fatal(err)
		}
	}
	if refused != 2*limit {
		t.Errorf("%d of %d were refused", refused, 3*limit)
	}
}

// TestAttackHalfHandshakes: connections that end in the middle of a handshake, or right
// behind it, leave nothing.
func TestAttackHalfHandshakes(t *testing.T) {
	h := openHall(t, nil)
	const request = "GET /api/external/live?token=good HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
	for i := range 200 {
		connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", h.address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(connection, request[:len(request)-i%3*20]); err != nil {
			t.Fatal(err)
		}
		_ = connection.Close()
	}
	h.until(t, func() bool { return h.Listening() == 0 && h.InFlight() == 0 })
	h.Push(alice, []byte("x"))
}
