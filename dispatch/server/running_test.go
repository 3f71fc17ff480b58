package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"campusgate/dispatch"
	"campusgate/dispatch/dispatchtest"
)

const (
	sayHi  = `{"id":7,"type":"echo","subtype":"say","data":{"text":"hi"}}`
	saidHi = `{"id":7,"status":0,"message":"successful","data":{"text":"hi"}}`
	askWho = `{"id":7,"type":"echo","subtype":"who","data":{}}`
)

// running is a server on a loopback listener.
type running struct {
	*Server
	listener net.Listener
	address  string
	logs     *dispatchtest.Logs
	client   *http.Client
	stopped  chan error // what Serve returned
}

// start serves the test endpoints until the test ends.
func start(t *testing.T, change func(*Options)) *running {
	t.Helper()
	logged := &dispatchtest.Logs{}
	options := Options{
		Registry: dispatchtest.NewRegistry(t, logged, dispatchtest.Endpoints(showPicture)...), BasePath: "/api/external",
		MaxBody: 1 << 20, ReadTimeout: time.Minute, WriteTimeout: time.Minute, IdleTimeout: time.Minute, // nothing depends on time, on a busy machine either
		Ready:  func(context.Context) error { return nil },
		Logger: slog.New(slog.NewTextHandler(logged, nil)), Now: time.Now,
	}
	if change != nil {
		change(&options)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &running{
		Server: New(options), listener: listener, address: listener.Addr().String(), logs: logged,
		client: &http.Client{Transport: &http.Transport{}}, stopped: make(chan error, 1),
	}
	go func() { r.stopped <- r.Serve(listener) }()
	t.Cleanup(func() {
		shutDown(t, r)
	})
	return r
}

// shutDown ends a server. A second time it does nothing.
func shutDown(t *testing.T, r *running) {
	t.Helper()
	r.client.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
	defer cancel()
	if err := r.Shutdown(ctx); err != nil {
		t.Error("shutdown:", err)
	}
}

// showPicture is a picture that says what was asked for.
func showPicture(_ context.Context, request dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
	refused := request.Method != http.MethodGet && request.Method != http.MethodHead
	if refused {
		request.Segments = nil
	}
	answer := dispatch.PlainAnswer{
		Body:        fmt.Appendf(nil, "%q from %q", request.Segments, request.Header("Referer")),
		ContentType: "image/png", ETag: `"tag"`, CacheControl: "no-cache", Picture: "stored",
	}
	switch strings.Join(request.Segments, "/") {
	case "":
		answer.Picture, answer.CacheControl = "error", "no-store"
	case "untagged":
		answer.ETag = ""
	case "host":
		answer.Body = []byte(request.Host())
	case "down":
		answer.Picture, answer.CacheControl, answer.Status = "error", "no-store", http.StatusServiceUnavailable
	case "lost":
		return dispatch.PlainAnswer{}, errors.New("no disk")
	case "refused":
		return dispatch.PlainAnswer{}, dispatch.Fail(dispatch.NoPermission, "")
	case "panic":
		panic("lost")
	}
	answer.Headers = []dispatch.Header{{Name: "X-Picture", Value: answer.Picture}}
	if refused {
		answer.Status = http.StatusMethodNotAllowed
		answer.Headers = append(answer.Headers, dispatch.Header{Name: "Allow", Value: "GET, HEAD"})
	}
	return answer, nil
}

// reply is an answer of the server.
type reply struct {
	status int
	header http.Header
	body   string
	closes bool // the connection ends with it
}

func newReply(response *http.Response) (reply, error) {
	body, err := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Header, string(body), response.Close}, err
}

// nextReply reads an answer off a connection.
func nextReply(t *testing.T, answers *bufio.Reader) reply {
	t.Helper()
	response, err := http.ReadResponse(answers, nil)
	if err != nil {
		t.Fatal("read answer:", err)
	}
	defer func() { _ = response.Body.Close() }()
	got, err := newReply(response)
	if err != nil {
		t.Fatal("read answer:", err)
	}
	return got
}

// ask sends a request whose header is given as name, value, name, value.
func (r *running) ask(t *testing.T, method, target, body string, header ...string) reply {
	t.Helper()
	got, err := r.try(t.Context(), method, target, body, header...)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// try is ask for another goroutine than the test's.
func (r *running) try(ctx context.Context, method, target, body string, header ...string) (reply, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://"+r.address+target, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
	}
	response, err := r.client.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = response.Body.Close() }()
	return newReply(response)
}

func (r *running) post(t *testing.T, path, body string, header ...string) reply {
	t.Helper()
	return r.ask(t, http.MethodPost, "/api/external"+path, body, header...)
}

func (r *running) dial(t *testing.T) net.Conn {
	t.Helper()
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", r.address)
	if err != nil {
		t.Fatal(err)
	}
	if err := connection.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return connection
}

// send writes all of a request to a connection of its own and then reads until
// the server ends it.
func (r *running) send(t *testing.T, request string) string {
	t.Helper()
	connection := r.dial(t)
	if _, err := io.WriteString(connection, request); err != nil {
		t.Fatal("write:", err)
	}
	answer, err := io.ReadAll(connection)
	if err != nil {
		t.Fatalf("read: %v; after %q", err, answer)
	}
	return string(answer)
}
