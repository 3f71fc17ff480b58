package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"campusgate/dispatch"
	"campusgate/dispatch/dispatchtest"
)

// plainly declares a plain endpoint at /plain.
func plainly(need dispatch.Need, describe dispatch.PlainDescription,
	handler func(context.Context, dispatch.PlainRequest) (dispatch.PlainAnswer, error),
) func(*Options) {
	return func(o *Options) {
		e := dispatch.Plain(dispatch.Path{Pattern: "/plain"}, need, "get", "plain", "", "", describe, handler)
		registry, err := dispatch.NewRegistry(dispatch.RegistryOptions{Authenticate: dispatchtest.Authenticate, Logger: o.Logger}, e)
		if err != nil {
			panic(err)
		}
		o.Registry = registry
	}
}

// TestPlain: a handler sees what was sent, and its answer goes out as it is.
func TestPlain(t *testing.T) {
	server := start(t, plainly(dispatch.WithToken, dispatch.PlainDescription{Methods: []string{"POST"}},
		func(ctx context.Context, request dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
			switch string(request.Body()) {
			case "refused":
				return dispatch.PlainAnswer{}, dispatch.Fail(dispatch.ValueError, "body: refused")
			case "lost":
				return dispatch.PlainAnswer{}, errors.New("dial db.internal")
			}
			return dispatch.PlainAnswer{
				Status: http.StatusAccepted, ContentType: "text/plain", Headers: []dispatch.Header{{Name: "X-Seen", Value: request.Header("x-signature")}},
				Body: fmt.Appendf(nil, "%s %s %q %s by %s", request.Method, request.Query().Get("a"), request.Segments, request.Body(), dispatch.CallerFrom(ctx).User),
			}, nil
		}))
	for _, test := range []struct {
		name, method, target, body string
		status                     int
		want                       string
	}{
		{"an answer", "POST", "/plain?token=good&a=b", "x", 202, `POST b [] x by 1190000001`},
		{"a refusal", "POST", "/plain?token=good", "refused", 200, `{"id":-1,"status":-204,"message":"Arg's value error","data":{},"detail":"body: refused"}`},
		{"a failure", "POST", "/plain?token=good", "lost", 503, ""},
		{"no token", "POST", "/plain", "x", 200, `{"id":-1,"status":-100,"message":"Missing necessary args","data":{},"detail":"token: missing"}`},
		{"wrong method", "GET", "/plain?token=good", "", 405, `{"id":-1,"status":-2,"message":"Error JSON value","data":{},"detail":"use POST"}`},
		{"below it", "POST", "/plain/a?token=good", "x", 404, `{"id":-1,"status":-2,"message":"Error JSON value","data":{},"detail":"no such path"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := server.ask(t, test.method, "/api/external"+test.target, test.body, "X-Signature", "abc")
			if got.status != test.status || got.body != test.want {
				t.Errorf("%d %s\nwant %d %s", got.status, got.body, test.status, test.want)
			}
			if test.status == 202 && (got.header.Get("X-Seen") != "abc" || got.header.Get("X-Content-Type-Options") != "nosniff") {
				t.Errorf("%v", got.header)
			}
		})
	}
	if logged := server.logs.String(); !strings.Contains(logged, "dial db.internal") {
		t.Error("the cause of the failure is not logged")
	}
}

// TestPlainRate: a plain endpoint counts against the limit of its address, unless it
// says otherwise (see TestServerRate).
func TestPlainRate(t *testing.T) {
	answer := func(context.Context, dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
		return dispatch.PlainAnswer{Body: []byte("x")}, nil
	}
	server := start(t, func(o *Options) {
		plainly(dispatch.Need{}, dispatch.PlainDescription{}, answer)(o)
		o.PerMinute = 1
	})
	for _, want := range []int{200, 429} {
		if got := server.ask(t, "GET", "/api/external/plain", ""); got.status != want {
			t.Errorf("%d, want %d", got.status, want)
		}
	}
}

// TestStream: a stream may take longer than the write time-out, its context knows the
// caller and has no deadline, and one that fails does not look whole.
func TestStream(t *testing.T) {
	const part = "0123456789abcdef"
	failing := make(chan string, 1)
	server := start(t, func(o *Options) {
		plainly(dispatch.WithToken, dispatch.PlainDescription{}, func(context.Context, dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
			how := <-failing
			return dispatch.PlainAnswer{ContentType: "text/csv", Stream: func(ctx context.Context, w io.Writer) error {
				if _, limited := ctx.Deadline(); limited || ctx.Err() != nil {
					return errors.New("the context has an end")
				}
				for range 3 * streamBuffer / len(part) {
					if _, err := io.WriteString(w, part); err != nil {
						return err
					}
				}
				switch how {
				case "error":
					return errors.New("lost the database")
				case "EOF":
					return io.EOF // it does not say that all is written
				case "panic":
					panic("lost")
				case "slow":
					time.Sleep(300 * time.Millisecond) // longer than the time-out below
				}
				_, err := io.WriteString(w, dispatch.CallerFrom(ctx).User)
				return err
			}}, nil
		})(o)
		o.WriteTimeout = 200 * time.Millisecond
	})
	whole := strings.Repeat(part, 3*streamBuffer/len(part)) + "1190000001"
	for _, how := range []string{"", "slow"} {
		failing <- how
		if got := server.ask(t, "GET", "/api/external/plain?token=good", ""); got.body != whole || got.status != 200 {
			t.Errorf("%q: %d, %d bytes", how, got.status, len(got.body))
		}
	}
	for how, logged := range map[string]string{"error": "lost the database", "EOF": "error=EOF", "panic": "plain_test.go"} {
		failing <- how
		if got, err := server.try(t.Context(), "GET", "/api/external/plain?token=good", ""); err == nil {
			t.Errorf("%s: %d bytes look whole", how, len(got.body))
		}
		shown := func() bool { return strings.Contains(server.logs.String(), logged) }
		for late := time.Now().Add(time.Minute); !shown() && time.Now().Before(late); {
			time.Sleep(time.Millisecond)
		}
		if !shown() {
			t.Errorf("%s is not logged: %s", how, server.logs)
		}
	}
}

// streaming is a server with a stream at /plain.
func streaming(t *testing.T, timeout time.Duration, write func(context.Context, io.Writer) error) *running {
	t.Helper()
	return start(t, func(o *Options) {
		plainly(dispatch.Need{}, dispatch.PlainDescription{}, func(context.Context, dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
			return dispatch.PlainAnswer{ContentType: "text/csv", Stream: write}, nil
		})(o)
		o.WriteTimeout = timeout
	})
}

// TestStreamSilentEnd: a stream that ends long after its last write is whole.
func TestStreamSilentEnd(t *testing.T) {
	for _, length := range []int{0, streamBuffer} {
		server := streaming(t, 100*time.Millisecond, func(_ context.Context, w io.Writer) error {
			_, err := w.Write(make([]byte, length))
			time.Sleep(300 * time.Millisecond)
			return err
		})
		got, err := server.try(t.Context(), "GET", "/api/external/plain", "")
		if err != nil || len(got.body) != length {
			t.Errorf("%d of %d bytes: %v", len(got.body), length, err)
		}
	}
}

// TestStreamHead: HEAD has the header of GET, and runs no stream.
func TestStreamHead(t *testing.T) {
	server := streaming(t, time.Second, func(context.Context, io.Writer) error {
		t.Error("it runs")
		return nil
	})
	for range 2 { // on one connection
		got := server.ask(t, "HEAD", "/api/external/plain", "")
		if got.status != 200 || got.header.Get("Content-Type") != "text/csv" || got.header.Get("Content-Length") != "" {
			t.Errorf("%d %v", got.status, got.header)
		}
	}
}

// TestStreamNobodyReads: a client that is gone ends the stream and its context, and
// with it the wait at the server's end. Nobody is warned.
func TestStreamNobodyReads(t *testing.T) {
	ended := make(chan error, 1)
	server := streaming(t, 10*time.Second, func(ctx context.Context, w io.Writer) (err error) {
		defer func() { ended <- err }()
		for err == nil {
			_, err = w.Write(make([]byte, streamBuffer))
		}
		<-ctx.Done()
		return ctx.Err()
	})
	connection := server.dial(t)
	if _, err := io.WriteString(connection, "GET /api/external/plain HTTP/1.1\r\nHost: h\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(connection, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	_ = connection.Close()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	shutDown(t, server)
	if logged := server.logs.String(); strings.Contains(logged, "WARN") {
		t.Error(logged)
	}
}
