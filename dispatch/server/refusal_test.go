package server

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	tooLargeAnswer = `{"id":-1,"status":-204,"message":"Arg's value error","data":{},"detail":"the body is too large"}`
	headerTooLarge = `{"id":-1,"status":-1,"message":"Error JSON key","data":{},"detail":"the headers are too large"}`
	tooSlow        = `{"id":-1,"status":-1,"message":"Error JSON key","data":{},"detail":"the request did not arrive in time"}`
	unreadable     = `{"id":-1,"status":-1,"message":"Error JSON key","data":{},"detail":"malformed HTTP request"}`
)

// postHeader is the beginning of a raw request, up to its own header lines.
const postHeader = "POST /api/external/open HTTP/1.1\r\nHost: h\r\n"

// wantRefusal checks that text is one answer and nothing else: the envelope, and
// the end of the connection.
func wantRefusal(t *testing.T, text string, status int, body string) {
	t.Helper()
	text = strings.TrimPrefix(text, "HTTP/1.1 100 Continue\r\n\r\n")
	answers := bufio.NewReader(strings.NewReader(text))
	got := nextReply(t, answers)
	rest, _ := io.ReadAll(answers)
	if got.status != status || got.body != body || !got.closes || len(rest) > 0 {
		t.Errorf("%d, closes %t, then %.100q\n got %s\nwant %s", got.status, got.closes, rest, got.body, body)
	}
	if got.header.Get("Content-Type") != "application/json; charset=utf-8" || got.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("header %v", got.header)
	}
}

// TestOversizeBody: a client that sends all of its request before it reads gets
// the answer and no reset, and at once.
func TestOversizeBody(t *testing.T) {
	chunk := fmt.Sprintf("%x\r\n%s\r\n", 1<<20, strings.Repeat("x", 1<<20))
	length := func(bytes int) string {
		return fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", postHeader, bytes, strings.Repeat("x", bytes))
	}
	tests := []struct{ name, request string }{
		{"one byte more", length(1<<20 + 1)},
		{"20 MiB", length(20 << 20)},
		{"chunks", postHeader + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat(chunk, 20) + "0\r\n\r\n"},
		{"expecting to continue", strings.Replace(length(20<<20), "Host", "Expect: 100-continue\r\nHost", 1)},
		{"to an unknown path", strings.Replace(length(2<<20), "open", "nowhere", 1)},
		{"another request behind it", length(2<<20) + postHeader + "Content-Length: 0\r\n\r\n"},
	}
	server := start(t, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			connection := server.dial(t)
			if _, err := io.WriteString(connection, test.request); err != nil {
				t.Fatal("write:", err)
			}
			sent := time.Now()
			answer, err := io.ReadAll(connection)
			if err != nil {
				t.Fatal("read:", err)
			}
			wantRefusal(t, string(answer), http.StatusRequestEntityTooLarge, tooLargeAnswer)
			if waited := time.Since(sent); waited > lingerTime/2 {
				t.Errorf("the answer took %s", waited)
			}
		})
	}

	t.Run("announced, and not sent", func(t *testing.T) {
		for name, header := range map[string]string{"": "", "expecting to continue": "Expect: 100-continue\r\n"} {
			sent := time.Now()
			wantRefusal(t, server.send(t, postHeader+header+"Content-Length: 20000000\r\n\r\n"), http.StatusRequestEntityTooLarge, tooLargeAnswer)
			if waited := time.Since(sent); waited > lingerTime*2 {
				t.Errorf("%s: the answer took %s", name, waited)
			}
		}
	})
	t.Run("the largest", func(t *testing.T) {
		body := sayHi + strings.Repeat(" ", 1<<20-len(sayHi))
		if got := server.post(t, "/open", body); got.body != saidHi {
			t.Errorf("%d %s", got.status, got.body)
		}
	})
	t.Run("a client that reads as it sends", func(t *testing.T) {
		for _, size := range []int{1<<20 + 1, 20 << 20} {
			if got := server.post(t, "/open", strings.Repeat("x", size)); got.status != 413 || got.body != tooLargeAnswer {
				t.Errorf("%d bytes: %d %s", size, got.status, got.body)
			}
		}
	})
}

// TestSlowRequest: what has not arrived within the read time-out is answered so.
func TestSlowRequest(t *testing.T) {
	server := start(t, func(o *Options) { o.ReadTimeout = 50 * time.Millisecond })
	for name, part := range map[string]string{
		"nothing": "", "half a line": "POST /api", "half a header": postHeader + "Content-", "half a body": postHeader + "Content-Length: 50\r\n\r\n" + `{"id":7`,
		"half a chunk": postHeader + "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
	} {
		t.Run(name, func(t *testing.T) {
			wantRefusal(t, server.send(t, part), http.StatusRequestTimeout, tooSlow)
		})
	}
}

func TestLargeHeader(t *testing.T) {
	server := start(t, nil)
	for name, request := range map[string]string{
		"long URL":    "GET /api/external/get/list?token=" + strings.Repeat("x", 1<<20) + " HTTP/1.1\r\nHost: h\r\n\r\n",
		"long header": postHeader + "Cookie: " + strings.Repeat("x", 1<<20) + "\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			wantRefusal(t, server.send(t, request), http.StatusRequestHeaderFieldsTooLarge, headerTooLarge)
		})
	}
	if got := server.ask(t, "GET", "/api/external/get/list?token=good&type=1&key="+strings.Repeat("x", 15<<10), ""); got.status != 200 {
		t.Errorf("a URL of 15 KiB: %d %.100s", got.status, got.body)
	}
}

// TestUnreadable: what is no HTTP, or what two servers may read in two ways, is
// refused, and nothing behind it is served.
func TestUnreadable(t *testing.T) {
	smuggled := postHeader + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(sayHi), sayHi)
	tests := []struct{ name, request string }{
		{"no HTTP", "hello\r\n\r\n"},
		{"TLS", "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + strings.Repeat("\x00", 200) + "\r\n\r\n"},
		{"no number as length", postHeader + "Content-Length: x\r\n\r\n" + smuggled},
		{"a signed length", postHeader + "Content-Length: +4\r\n\r\n" + smuggled},
		{"a negative length", postHeader + "Content-Length: -1\r\n\r\n" + smuggled},
		{"two lengths", postHeader + "Content-Length: 4\r\nContent-Length: 0\r\n\r\n" + smuggled},
		{"an unknown encoding", postHeader + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + smuggled},
		{"two encodings", postHeader + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + smuggled},
		{"blank before the colon", postHeader + "Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + smuggled},
		{"a bad chunk", postHeader + "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n" + smuggled},
	}
	server := start(t, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantRefusal(t, server.send(t, test.request), http.StatusBadRequest, unreadable)
		})
	}
}

// TestLengthAndChunks: a request with both is read as chunks and ends its
// connection (RFC 9112, section 6.1), so that what a proxy may take for the next
// request is never served.
func TestLengthAndChunks(t *testing.T) {
	server := start(t, nil)
	chunked := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(sayHi), sayHi)
	smuggled := postHeader + "Content-Length: 2\r\n\r\n{}"
	for _, both := range []string{"Content-Length: 4\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 4"} {
		answers := bufio.NewReader(strings.NewReader(server.send(t, postHeader+both+"\r\n\r\n"+chunked+smuggled)))
		if got := nextReply(t, answers); got.body != saidHi || !got.closes {
			t.Errorf("%q: closes %t, %s", both, got.closes, got.body)
		}
		if rest, _ := io.ReadAll(answers); len(rest) > 0 {
			t.Errorf("%q: the smuggled request is answered: %q", both, rest)
		}
	}
}

// endless is a connection whose client never stops sending.
type endless struct {
	net.Conn
	read       int64
	deadline   time.Time
	halfClosed bool
	closed     bool
}

func (c *endless) CloseWrite() error { c.halfClosed = true; return nil }
func (c *endless) Close() error      { c.closed = true; return nil }

func (c *endless) SetReadDeadline(deadline time.Time) error {
	c.deadline = deadline
	return nil
}

func (c *endless) Read(to []byte) (int, error) {
	c.read += int64(len(to))
	return len(to), nil
}

// TestLingerBounds: a client that goes on and on is left at last.
func TestLingerBounds(t *testing.T) {
	client := &endless{}
	drain(client)
	if !client.halfClosed || !client.closed || client.read != lingerBytes || time.Until(client.deadline) > lingerTime {
		t.Errorf("%+v", client)
	}
}

// TestPipelining: requests on one connection are answered in their order.
func TestPipelining(t *testing.T) {
	server := start(t, nil)
	request := postHeader + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(sayHi), sayHi)
	last := strings.Replace(request, "Host", "Connection: close\r\nHost", 1)
	answers := bufio.NewReader(strings.NewReader(server.send(t, request+request+last)))
	for i := range 3 {
		if got := nextReply(t, answers); got.body != saidHi || got.closes != (i == 2) {
			t.Errorf("answer %d: closes %t, %s", i, got.closes, got.body)
		}
	}
}

// The HTTP library's own lines quote requests, with their tokens.
func TestHTTPLoggerLeavesRequestsOut(t *testing.T) {
	var logged strings.Builder
	logger := slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	httpLogger{logger}.Printf("error when serving %q", "GET /?token=hunter2")
	if !strings.Contains(logged.String(), "error when serving") || strings.Contains(logged.String(), "hunter2") {
		t.Error(logged.String())
	}
}
