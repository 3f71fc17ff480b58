package server

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"campusgate/dispatch"
	"campusgate/dispatch/dispatchtest"
)

// TestAttackSlow: clients that send a byte now and then, of a line, a header, a body
// or a chunk, below the lowest rate, are left when the read time-out is over, however
// long they go on; meanwhile others are answered.
func TestAttackSlow(t *testing.T) {
	const timeout, pause, clients = 500 * time.Millisecond, 20 * time.Millisecond, 24
	server := start(t, func(o *Options) { o.ReadTimeout, o.MinRate = timeout, 8<<10 })
	beginnings := map[string]string{
		"a line": "", "a header": postHeader + "X-Slow: ", "headers": postHeader,
		"a body":   postHeader + "Content-Length: 100000\r\n\r\n",
		"a chunk":  postHeader + "Transfer-Encoding: chunked\r\n\r\nffff\r\n",
		"a length": postHeader + "Transfer-Encoding: chunked\r\n\r\n0",
	}
	var group sync.WaitGroup
	for name, beginning := range beginnings {
		for range clients {
			connection := server.dial(t)
			group.Go(func() {
				_, err := io.WriteString(connection, beginning)
				began := time.Now()
				for err == nil && time.Since(began) < 40*timeout {
					_, err = io.WriteString(connection, map[bool]string{true: "a", false: "X-A: a\r\n"}[name != "headers"])
					time.Sleep(pause)
				}
				if err == nil {
					t.Errorf("%s: a client that goes on is still read after %s", name, time.Since(began))
				}
			})
		}
	}
	answered, late := 0, time.Now().Add(3*timeout)
	for time.Now().Before(late) {
		if got := server.post(t, "/open", sayHi); got.body != saidHi {
			t.Fatalf("another client: %d %s", got.status, got.body)
		}
		answered++
	}
	group.Wait()
	t.Logf("%d slow connections, %d answers to another client meanwhile", clients*len(beginnings), answered)
}

// TestAttackDeepJSON: nesting and keys without end cost no stack and are answered,
// wherever in the envelope they stand.
func TestAttackDeepJSON(t *testing.T) {
	server := start(t, nil)
	const size = 1 << 19
	around := func(data string) string { return `{"id":7,"type":"echo","subtype":"say","data":` + data + `}` }
	for name, c := range map[string]struct {
		body   string
		status string
	}{
		"lists that never end":   {strings.Repeat("[", size), `"status":-1,`},
		"objects that never end": {strings.Repeat(`{"a":`, size/5), `"status":-1,`},
		"lists as data":          {around(strings.Repeat("[", size/2) + strings.Repeat("]", size/2)), `"status":-1,`},
		"objects as data":        {around(strings.Repeat(`{"a":`, size/8) + "1" + strings.Repeat("}", size/8)), `"status":-1,`},
		"lists beside a text":    {around(`{"text":"hi","x":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`), `"status":0,`},
		"lists as a text":        {around(`{"text":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`), `"status":-203,`},
		"lists as the id":        {`{"id":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `,"type":"echo","subtype":"say","data":{"text":"hi"}}`, `{"id":-1,"status":0,`},
		"lists as the type":      {`{"id":7,"type":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `,"subtype":"say","data":{}}`, `"status":-2,`},
		"100,000 keys":           {around(`{"text":"hi"` + strings.Repeat(`,"a":1`, 100_000) + `}`), `"status":0,`},
		"100,000 texts":          {around(`{"text":"hi"` + strings.Repeat(`,"text":"hi"`, 80_000) + `}`), `"status":0,`},
		"an endless number":      {around(`{"text":` + strings.Repeat("9", size) + `}`), `"status":-203,`},
		"an endless text":        {around(`{"text":"` + strings.Repeat("9", size) + `"}`), `"status":-204,`},
		"an endless key":         {around(`{"text":"hi","` + strings.Repeat("k", size) + `":1}`), `"status":0,`},
		"escapes":                {around(`{"text":"` + strings.Repeat(`\u0061`, size/6) + `"}`), `"status":-204,`},
		"blanks":                 {strings.Repeat(" ", size) + sayHi, `"status":0,`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := server.post(t, "/open", c.body); got.status != http.StatusOK || !strings.Contains(got.body, c.status) {
				t.Errorf("%d %.300s", got.status, got.body)
			}
		})
	}
}

// TestAttackDeafClient: one that asks and asks and never reads an answer is left
// when the write time-out is over; what it asked for stays bounded until then.
func TestAttackDeafClient(t *testing.T) {
	const clients, asked = 16, 64
	picture := make([]byte, 1<<20)
	server := start(t, func(o *Options) {
		o.WriteTimeout, o.MinRate = 500*time.Millisecond, 8<<10
		o.Registry = dispatchtest.NewRegistry(t, &dispatchtest.Logs{}, dispatchtest.Endpoints(func(context.Context, dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
			return dispatch.PlainAnswer{Body: picture, ContentType: "image/png", Picture: "stored"}, nil
		})...)
	})
	var deaf []net.Conn
	for range clients {
		connection := server.dial(t)
		if _, err := io.WriteString(connection, strings.Repeat("GET /api/external/get/pic/a HTTP/1.1\r\nHost: h\r\n\r\n", asked)); err != nil {
			t.Fatal(err)
		}
		deaf = append(deaf, connection)
	}
	if got := server.post(t, "/open", sayHi); got.body != saidHi {
		t.Errorf("another client: %d %s", got.status, got.body)
	}
	server.client.CloseIdleConnections()
	for late := time.Now().Add(20 * time.Second); server.http.GetOpenConnectionsCount() > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("%d connections are still open", server.http.GetOpenConnectionsCount())
		}
	}
	for _, connection := range deaf {
		if got, _ := io.Copy(io.Discard, connection); got >= asked*int64(len(picture)) {
			t.Errorf("%d bytes were sent to a client that did not read", got)
		}
	}
}
