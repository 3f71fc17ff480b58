package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"campusgate/dispatch"
	"campusgate/dispatch/dispatchtest"
)

// streamRequest says how the stream ends.
type streamRequest struct {
	End string `json:"end"`
}

// askStream asks for a stream that ends in some way.
func askStream(end string) string {
	return `{"id":7,"type":"own","subtype":"stream","data":{"end":"` + end + `"}}`
}

// TestStreamedAnswer: a posted call may stream the data of its envelope. It is like any
// other answer, and one that fails does not look whole.
func TestStreamedAnswer(t *testing.T) {
	const row = `{"text":"0123456789abcdef"}`
	rows := strings.Repeat(row+",", 3*streamBuffer/len(row))
	told := make(chan dispatch.Result, 10)
	server := start(t, func(o *Options) {
		o.Registry = dispatchtest.NewLoggedRegistry(t, o.Logger, dispatch.Handle(dispatchtest.ClosedPath, dispatch.WithToken, "own", "stream", "Stream",
			func(_ context.Context, in streamRequest) (dispatch.Stream, error) {
				if in.End == "refused" {
					return nil, dispatch.Fail(dispatch.NoPermission, "")
				}
				return func(ctx context.Context, w io.Writer) error {
					if _, limited := ctx.Deadline(); limited || ctx.Err() != nil {
						return errors.New("the context has an end")
					}
					if _, err := io.WriteString(w, `{"rows":[`+rows); err != nil {
						return err
					}
					switch in.End {
					case "error":
						return errors.New("lost the database")
					case "EOF":
						return io.EOF // it does not say that all is written
					case "panic":
						panic("lost")
					case "slow":
						time.Sleep(300 * time.Millisecond) // longer than the time-out below
					}
					_, err := io.WriteString(w, `{"text":"`+dispatch.CallerFrom(ctx).User+`"}]}`)
					return err
				}, nil
			}))
		o.WriteTimeout = 200 * time.Millisecond
		o.Observer = func(call Call) func(dispatch.Result, time.Duration) {
			if call.Subtype != "stream" {
				return nil
			}
			return func(result dispatch.Result, _ time.Duration) { told <- result }
		}
	})
	const path = "/api/external/closed?token=good"
	whole := `{"id":7,"status":0,"message":"successful","data":{"rows":[` + rows + `{"text":"1190000001"}]}}`
	for _, end := range []string{"", "slow", ""} {
		got := server.ask(t, http.MethodPost, path, askStream(end))
		if got.body != whole || got.status != http.StatusOK {
			t.Errorf("%q: %d, %d bytes", end, got.status, len(got.body))
		}
		for name, want := range map[string]string{
			"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		} {
			if got.header.Get(name) != want {
				t.Errorf("%s: %q, want %q", name, got.header.Get(name), want)
			}
		}
		if result := <-told; result.Status != 0 {
			t.Errorf("the observer is told %v", result)
		}
	}
	const refused = `{"id":7,"status":-103,"message":"No permission to operate","data":{}}`
	if got := server.ask(t, http.MethodPost, path, askStream("refused")); got.body != refused {
		t.Errorf("%s, want %s", got.body, refused)
	}
	for end, logged := range map[string]string{"error": "lost the database", "EOF": "error=EOF", "panic": "stream_test.go"} {
		if got, err := server.try(t.Context(), http.MethodPost, path, askStream(end)); err == nil {
			t.Errorf("%s: %d bytes look whole", end, len(got.body))
		}
		shown := func() bool { return strings.Contains(server.logs.String(), logged) }
		for late := time.Now().Add(time.Minute); !shown() && time.Now().Before(late); {
			time.Sleep(time.Millisecond)
		}
		if !shown() {
			t.Errorf("%s is not logged: %s", end, server.logs)
		}
	}
}
