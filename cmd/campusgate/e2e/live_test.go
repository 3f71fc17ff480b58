package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage/redis/redistest"
	"campusgate/storage/storagetest"
)

// A listener is a WebSocket of GET /live.
type listener struct {
	t          *testing.T
	connection *websocket.Conn
}

// listen opens one, with a token if it is not "".
func listen(t *testing.T, dialer *websocket.Dialer, url, token string) listener {
	t.Helper()
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	connection, response, err := dialer.DialContext(context.WithoutCancel(t.Context()), strings.Replace(url, "http", "ws", 1), header) //nolint:bodyclose // it is the connection's
	if err != nil {
		t.Fatalf("%s: %v, %+v", url, err, response)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return listener{t, connection}
}

// pushed is the next push of a subtype.
func (l listener) pushed(subtype string) map[string]any {
	l.t.Helper()
	must(l.t, l.connection.SetReadDeadline(time.Now().Add(time.Minute)))
	for {
		_, text, err := l.connection.ReadMessage()
		if err != nil {
			l.t.Fatalf("%s: %v", subtype, err)
		}
		var push struct {
			ID      int
			Type    string
			Subtype string
			Data    map[string]any
		}
		must(l.t, json.Unmarshal(text, &push))
		if push.ID != -1 || push.Type != "push" {
			l.t.Errorf("pushed %s", text)
		}
		if push.Subtype == subtype {
			return push.Data
		}
	}
}

// ends awaits the end of the connection, with its code.
func (l listener) ends(code int) {
	l.t.Helper()
	must(l.t, l.connection.SetReadDeadline(time.Now().Add(time.Minute)))
	for {
		_, _, err := l.connection.ReadMessage()
		if closed, ok := errors.AsType[*websocket.CloseError](err); ok && closed.Code == code {
			return
		}
		if err != nil {
			l.t.Fatalf("it ended with %v, want %d", err, code)
		}
	}
}

// TestLive: a message reaches all connections of a user on two replicas, also when Redis has
// been away; while it is away those on the replica where it is sent; and all are told 1001
// when a replica stops.
func TestLive(t *testing.T) {
	t.Parallel()
	shared := redistest.Start(t)
	environ := campusgatetest.Sharing(t, storagetest.MariaDB(t), shared.Address())
	replicas := startTwo(t, environ)
	alice, bob := campusgatetest.AddUser(t, environ, "1180310086", "王凌超", "25"), campusgatetest.AddUser(t, environ, "1180310087", "码三秃", "25")
	shop := replicas[0].Call(t, "/shop?token="+alice, "shop/creat", `{"shop_name":"小码三秃"}`).Field("shop_id")
	product := replicas[0].Call(t, "/product?token="+alice, "product/creat", `{"product_name":"生发水","product_price":1,"product_status":1,"shop_id":`+shop+`}`).Field("product_id")
	listeners := []listener{
		listen(t, websocket.DefaultDialer, replicas[0].URL("/live"), alice), listen(t, websocket.DefaultDialer, replicas[0].URL("/live"), alice),
		listen(t, websocket.DefaultDialer, replicas[1].URL("/live"), alice),
	}
	ticket := replicas[0].Call(t, "/message?token="+alice, "message/ticket", `{}`).Field("ticket")
	listeners = append(listeners, listen(t, websocket.DefaultDialer, replicas[1].URL("/live?ticket="+ticket), ""))
	send := func(replica int, content string) {
		t.Helper()
		replicas[replica].Call(t, "/message?token="+bob, "message/send", `{"user_id":"1180310086","product_id":`+product+`,"content":"`+content+`"}`)
	}
	reaches := func(content string, some ...listener) {
		t.Helper()
		for i, l := range some {
			if got := l.pushed("message"); got["content"] != content {
				t.Errorf("listener %d was told %v, want %s", i, got, content)
			}
		}
	}
	send(0, "first")
	reaches("first", listeners...)
	send(1, "second")
	reaches("second", listeners...)

	shared.Kill()
	send(0, "without Redis")
	reaches("without Redis", listeners[:2]...)
	shared.Start(t)
	// What is sent while the replicas find Redis again is missed by the other one: it is a hint.
	for again := true; again; {
		send(0, "found")
		reaches("found", listeners[:2]...)
		must(t, listeners[2].connection.SetReadDeadline(time.Now().Add(time.Minute)))
		arrived := make(chan error, 1)
		go func() {
			_, _, err := listeners[2].connection.ReadMessage()
			arrived <- err
		}()
		for waiting := true; waiting && again; {
			select {
			case err := <-arrived:
				must(t, err)
				again = false
			case <-time.After(time.Second):
				send(0, "found")
				reaches("found", listeners[:2]...)
			}
		}
	}

	replicas[1].Signal(t, syscall.SIGTERM)
	listeners[2].ends(websocket.CloseGoingAway)
	listeners[3].ends(websocket.CloseGoingAway)
	if status := replicas[1].Wait(); status != exitOK {
		t.Errorf("the replica ended with %d", status)
	}
	replicas[0].Call(t, "/message?token="+alice, "message/list", `{"user_id":"1180310087","product_id":`+product+`}`)
}

// TestNginxLive: the shipped configurations pass the WebSocket on, with the client's address.
func TestNginxLive(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*testing.T) *site{"replicas": startSite, "single": startSingleSite} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			dialer := &websocket.Dialer{
				TLSClientConfig: s.TLS(),
				NetDialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
					return (&net.Dialer{}).DialContext(ctx, network, s.Safe)
				},
			}
			l := listen(t, dialer, "https://"+campusgatetest.SiteName+"/api/external/live", s.token)
			other, replica := campusgatetest.AddUser(t, s.environ, "1180310087", "码三秃", "25"), s.replicas[len(s.replicas)-1]
			shop := replica.Call(t, "/shop?token="+s.token, "shop/creat", `{"shop_name":"小码三秃"}`).Field("shop_id")
			product := replica.Call(t, "/product?token="+s.token, "product/creat", `{"product_name":"生发水","product_price":1,"product_status":1,"shop_id":`+shop+`}`).Field("product_id")
			replica.Call(t, "/message?token="+other, "message/send", `{"user_id":"`+student+`","product_id":`+product+`,"content":"还在吗？"}`)
			if got := l.pushed("message"); got["content"] != "还在吗？" {
				t.Errorf("pushed %v", got)
			}
		})
	}
}
