package server

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/valyala/fasthttp"

	"campusgate/dispatch"
	"campusgate/dispatch/dispatchtest"
)

// TestSlowUpload: a body that arrives for longer than the read time-out arrives, with
// a length or in chunks, as long as its client is no slower than the lowest rate. The
// time for its answer begins when it is here.
func TestSlowUpload(t *testing.T) {
	t.Parallel()
	const timeout, parts, pause = 3 * time.Second, 25, 160 * time.Millisecond
	part := strings.Repeat(" ", 8<<10)
	requests := map[string]struct{ header, before, after, end string }{
		"a length": {header: fmt.Sprintf("Content-Length: %d", parts*len(part)+len(sayHi)), end: sayHi},
		"chunks": {
			header: "Transfer-Encoding: chunked", before: fmt.Sprintf("%x\r\n", len(part)), after: "\r\n",
			end: fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(sayHi), sayHi),
		},
	}
	for name, request := range requests {
		for rate, arrives := range map[int]bool{8 << 10: true, 1 << 20: false, 0: false} {
			t.Run(fmt.Sprintf("%s, at least %d a second", name, rate), func(t *testing.T) {
				t.Parallel()
				connection := start(t, func(o *Options) { o.ReadTimeout, o.WriteTimeout, o.MinRate = timeout, timeout, rate }).dial(t)
				_, err := io.WriteString(connection, postHeader+request.header+"\r\n\r\n")
				for i := 0; i < parts && err == nil; i++ {
					_, err = io.WriteString(connection, request.before+part+request.after)
					time.Sleep(pause)
				}
				if err == nil {
					_, err = io.WriteString(connection, request.end)
				}
				if err != nil && arrives {
					t.Fatal("write:", err)
				}
				got := nextReply(t, bufio.NewReader(connection))
				if arrives && got.body != saidHi || !arrives && (got.status != http.StatusRequestTimeout || got.body != tooSlow) {
					t.Errorf("%d %s", got.status, got.body)
				}
			})
		}
	}
}

// TestReadAhead: a body of readAhead has been read before the library calls its handler,
// however slowly it comes, so that no time of the request is spent on it.
func TestReadAhead(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, readAhead - 1, readAhead} {
		text := fmt.Sprintf("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", size, strings.Repeat(" ", size))
		sent, called := strings.NewReader(text), false
		library := fasthttp.Server{StreamRequestBody: true, Handler: func(*fasthttp.RequestCtx) {
			called = true
			if sent.Len() > 0 {
				t.Errorf("%d bytes: %d of them have not been read", size, sent.Len())
			}
		}}
		near, far := net.Pipe()
		t.Cleanup(func() { _ = far.Close() })
		go func() { _, _ = io.Copy(io.Discard, far) }()
		err := library.ServeConn(slowConnection{near, iotest.OneByteReader(sent)})
		if err != nil || !called {
			t.Errorf("%d bytes: %v, called %v", size, err, called)
		}
	}
}

// slowConnection reads what a reader has.
type slowConnection struct {
	net.Conn
	reader io.Reader
}

func (c slowConnection) Read(to []byte) (int, error) { return c.reader.Read(to) }

// TestSlowDownload: so it is with answers.
func TestSlowDownload(t *testing.T) {
	t.Parallel()
	const timeout, size, part, pause = 2 * time.Second, 40 << 20, 256 << 10, 30 * time.Millisecond
	picture := bytes.Repeat([]byte("picture "), size/8)
	text := strings.Repeat("text ", size/5)
	for rate, arrives := range map[int]bool{8 << 10: true, 0: false} {
		for path, start := range map[string]*running{
			"GET /api/external/get/pic/a": start(t, func(o *Options) {
				o.WriteTimeout, o.MinRate = timeout, rate
				o.Registry = dispatchtest.NewRegistry(t, &dispatchtest.Logs{}, dispatchtest.Endpoints(func(context.Context, dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
					return dispatch.PlainAnswer{Body: picture, ContentType: "image/png", Picture: "stored"}, nil
				})...)
			}),
			"POST /api/external/open": start(t, func(o *Options) {
				o.WriteTimeout, o.MinRate = timeout, rate
				o.Registry = dispatchtest.NewRegistry(t, &dispatchtest.Logs{}, dispatch.Handle(dispatchtest.OpenPath, dispatch.Need{}, "echo", "say", "", func(context.Context, dispatchtest.SayRequest) (dispatchtest.SayResult, error) {
					return dispatchtest.SayResult{Text: text}, nil
				}))
			}),
		} {
			t.Run(fmt.Sprintf("%s, at least %d a second", path, rate), func(t *testing.T) {
				t.Parallel()
				connection := start.dial(t)
				if _, err := fmt.Fprintf(connection, "%s HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", path, len(sayHi), sayHi); err != nil {
					t.Fatal(err)
				}
				var taken int64
				for err := error(nil); err == nil; time.Sleep(pause) {
					var n int64
					n, err = io.CopyN(io.Discard, connection, part)
					taken += n
				}
				if (taken > size) != arrives {
					t.Errorf("%d bytes of %d arrived", taken, size)
				}
			})
		}
	}
}

// TestLargeAnswers: what may take longer than the time-out is the same, leaves its
// connection in order, and is written at once to a client that takes it.
func TestLargeAnswers(t *testing.T) {
	const requests, size = 10, 50_000
	server := start(t, func(o *Options) {
		o.MinRate = 100 // so beyond 1000 bytes
		o.Registry = dispatchtest.NewRegistry(t, &dispatchtest.Logs{}, dispatch.Handle(dispatchtest.OpenPath, dispatch.Need{}, "echo", "say", "",
			func(_ context.Context, in dispatchtest.SayRequest) (dispatchtest.SayResult, error) {
				return dispatchtest.SayResult{Text: strings.Repeat(in.Text, size)}, nil
			}))
	})
	inner, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var writes atomic.Int64
	go func() { _ = server.Serve(countingListener{inner, &writes}) }()
	answers, err := new(net.Dialer).DialContext(t.Context(), "tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer answers.Close()
	reader := bufio.NewReader(answers)
	for i := range requests {
		text := strconv.Itoa(i)
		body := strings.Replace(sayHi, `"hi"`, `"`+text+`"`, 1)
		if _, err := fmt.Fprintf(answers, "%sContent-Length: %d\r\n\r\n%s", postHeader, len(body), body); err != nil {
			t.Fatal(err)
		}
		want := strings.Replace(saidHi, `"hi"`, `"`+strings.Repeat(text, size)+`"`, 1)
		if got := nextReply(t, reader); got.body != want || got.header.Get("Content-Length") != strconv.Itoa(len(want)) {
			t.Fatalf("%d bytes, want %d; %v", len(got.body), len(want), got.header)
		}
	}
	if got, want := writes.Load(), int64(2*requests); got != want {
		t.Errorf("%d writes for %d answers, want %d: a header and a body", got, requests, want)
	}
}

// TestLargePictures: HEAD has the length of what may take longer than the time-out, and
// nothing of it.
func TestLargePictures(t *testing.T) {
	picture := bytes.Repeat([]byte("picture "), 10_000)
	answers := start(t, func(o *Options) {
		o.MinRate = 100 // so beyond 1000 bytes
		o.Registry = dispatchtest.NewRegistry(t, &dispatchtest.Logs{}, dispatchtest.Endpoints(func(context.Context, dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
			return dispatch.PlainAnswer{Body: picture, ContentType: "image/png", Picture: "stored"}, nil
		})...)
	}).dial(t)
	reader := bufio.NewReader(answers)
	for _, method := range []string{http.MethodHead, http.MethodGet, http.MethodHead, http.MethodGet} {
		if _, err := fmt.Fprintf(answers, "%s /api/external/get/pic/a HTTP/1.1\r\nHost: h\r\n\r\n", method); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(reader, &http.Request{Method: method})
		if err != nil {
			t.Fatal(method, err)
		}
		got, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		want := picture
		if method == http.MethodHead {
			want = nil
		}
		if err != nil || !bytes.Equal(got, want) || response.ContentLength != int64(len(picture)) {
			t.Errorf("%s: %d bytes, Content-Length %d (%v)", method, len(got), response.ContentLength, err)
		}
	}
}

// countingListener counts the writes of its connections.
type countingListener struct {
	net.Listener
	writes *atomic.Int64
}

func (l countingListener) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	return countingConnection{connection, l.writes}, err
}

type countingConnection struct {
	net.Conn
	writes *atomic.Int64
}

func (c countingConnection) Write(part []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(part)
}
