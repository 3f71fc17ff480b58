package server

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fasthttp"

	"campusgate/dispatch"
	"campusgate/dispatch/dispatchtest"
)

// counted is what an observer was told: how many requests by call and result.
type counted struct {
	mutex    sync.Mutex
	calls    map[string]Call
	requests map[string]int
	longest  time.Duration
}

func (c *counted) observe(call Call) func(dispatch.Result, time.Duration) {
	name := call.Type + "/" + call.Subtype
	c.calls[name] = call
	return func(result dispatch.Result, took time.Duration) {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		c.requests[name+" "+result.String()]++
		c.longest = max(c.longest, took)
	}
}

// startObserved logs every level with the requests' ids.
func startObserved(t *testing.T, change func(*Options)) (*running, *counted) {
	t.Helper()
	seen := &counted{calls: map[string]Call{}, requests: map[string]int{}}
	logged := &dispatchtest.Logs{}
	server := start(t, func(o *Options) {
		o.Observer = seen.observe
		o.Logger = slog.New(dispatch.NewLogHandler(slog.NewTextHandler(logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
		o.Registry = dispatchtest.NewLoggedRegistry(t, o.Logger, dispatchtest.Endpoints(showPicture)...)
		if change != nil {
			change(o)
		}
	})
	server.logs = logged
	return server, seen
}

// requestLines are the log's lines of requests, without what differs each time.
func requestLines(logged string) (lines []string) {
	differs := regexp.MustCompile(`^time=\S+ | duration=\S+| request=[0-9a-f]{16}$`)
	for line := range strings.Lines(logged) {
		if line = strings.TrimSpace(line); strings.Contains(line, " msg=request ") {
			lines = append(lines, strings.Replace(differs.ReplaceAllString(line, ""), " msg=request", "", 1))
		}
	}
	return lines
}

// TestRequestsAreToldOnce: each request is one line of the log and is counted
// once, whatever became of it.
func TestRequestsAreToldOnce(t *testing.T) {
	const post, get = "POST", "GET"
	tests := []struct {
		name, method, target, body string
		counted, line              string
	}{
		{"success", post, "/open", sayHi, "echo/say 0", "INFO call=echo/say id=7 status=0"},
		{"a wrong value", post, "/open", `{"id":8,"type":"echo","subtype":"say","data":{"text":7}}`, "echo/say -203", "INFO call=echo/say id=8 status=-203"},
		{"an undocumented status", post, "/open", `{"type":"fail","subtype":"now","data":{"text":"known"}}`, "fail/now 100", "INFO call=fail/now id=-1 status=100"},
		{"a panic", post, "/open", `{"id":9,"type":"fail","subtype":"now","data":{"text":"panic"}}`, "fail/now -404", "INFO call=fail/now id=9 status=-404"},
		{"a user", post, "/closed?token=good", `{"id":1,"type":"own","subtype":"say","data":{"text":"hi"}}`, "own/say 0", "INFO call=own/say id=1 status=0 user=1190000001"},
		{"a user's failure", post, "/closed?token=good", `{"id":1,"type":"own","subtype":"say","data":{}}`, "own/say -202", "INFO call=own/say id=1 status=-202 user=1190000001"},
		{"an alias", post, "/closed?token=good", `{"id":1,"type":"own","subtype":"whoever","data":{}}`, "own/who 0", "INFO call=own/who id=1 status=0 user=1190000001"},
		{"no token", post, "/closed", `{"id":1,"type":"own","subtype":"say","data":{}}`, "own/say -100", "INFO call=own/say id=1 status=-100"},
		{"at the base path", post, "?token=x", `{"id":1,"type":"own","subtype":"say","data":{}}`, "own/say -101", "INFO call=own/say id=1 status=-101"},
		{"a query", get, "/get/list?token=good&type=1", "", "list/all 0", "INFO call=list/all id=-1 status=0 user=1190000001"},
		{"a query's failure", get, "/get/list?token=good&type=x", "", "list/all -101", "INFO call=list/all id=-1 status=-101 user=1190000001"},

		{"a picture", get, "/get/pic/a", "", "get/pic stored", "INFO call=get/pic picture=stored"},
		{"a stand-in", get, "/get/pic", "", "get/pic error", "INFO call=get/pic picture=error"},
		{"a store that is down", get, "/get/pic/down", "", "get/pic 503", "INFO call=get/pic picture=error http=503"},
		{"a picture is posted", post, "/get/pic/a", "", "get/pic 405", "INFO call=get/pic picture=error http=405"},

		{"no envelope", post, "/open", "[]", "none/none -1", "INFO call=none id=-1 status=-1"},
		{"an unknown type", post, "/open", `{"id":5,"type":"x\n","subtype":"y","data":{}}`, "none/none -2", "INFO call=none id=5 status=-2"},
		{"an unknown path", post, "/nowhere%0a", sayHi, "none/none 404", "INFO call=none id=-1 status=-2 http=404"},
		{"wrong method", get, "/open", "", "none/none 405", "INFO call=none id=-1 status=-2 http=405"},
		{"too large", post, "/open", strings.Repeat("x", 1<<20+1), "none/none 413", "INFO call=none id=-1 status=-204 http=413"},
	}
	server, seen := startObserved(t, nil)
	var lines []string
	requests := map[string]int{}
	for _, test := range tests {
		server.ask(t, test.method, "/api/external"+test.target, test.body, "X-Real-IP", "198.51.100.7")
		lines = append(lines, "level="+test.line+" address=127.0.0.1")
		requests[test.counted]++
	}
	server.ask(t, get, "/api/external/get/pic/a", "", "If-None-Match", `"tag"`)
	lines = append(lines, "level=INFO call=get/pic picture=stored http=304 address=127.0.0.1")
	server.ask(t, get, "/healthz", "")
	lines = append(lines, "level=DEBUG call=get/healthz http=200 address=127.0.0.1")
	for _, result := range []string{"get/pic 304", "get/healthz 200"} {
		requests[result]++
	}
	// An answer is out before it is told of: the server's end waits for that.
	shutDown(t, server)
	if diff := cmp.Diff(lines, requestLines(server.logs.String())); diff != "" {
		t.Error("log (-want +got):\n" + diff)
	}
	if diff := cmp.Diff(requests, seen.requests); diff != "" {
		t.Error("counted (-want +got):\n" + diff)
	}
	if seen.longest <= 0 || seen.longest > time.Minute {
		t.Errorf("the longest took %s", seen.longest)
	}
}

// TestLimitedRequestsAreTold: a request over the limit, and one that never came.
func TestLimitedRequestsAreTold(t *testing.T) {
	server, seen := startObserved(t, func(o *Options) { o.PerMinute, o.ReadTimeout = 1, 100*time.Millisecond })
	for range 2 {
		server.post(t, "/open", sayHi)
	}
	server.send(t, "POST /api")
	shutDown(t, server)
	want := []string{
		"level=INFO call=echo/say id=7 status=0 address=127.0.0.1",
		"level=INFO call=none id=-1 status=-302 http=429 address=127.0.0.1",
		"level=INFO call=none id=-1 status=-1 http=408 address=127.0.0.1",
	}
	if diff := cmp.Diff(want, requestLines(server.logs.String())); diff != "" {
		t.Error("log (-want +got):\n" + diff)
	}
	if diff := cmp.Diff(map[string]int{"echo/say 0": 1, "none/none 429": 1, "none/none 408": 1}, seen.requests); diff != "" {
		t.Error("counted (-want +got):\n" + diff)
	}
}

// TestCallsAreKnownBefore: the observer is asked for every call once, with the
// results of its reference.
func TestCallsAreKnownBefore(t *testing.T) {
	_, seen := startObserved(t, nil)
	for _, name := range []string{"none/none", "get/healthz", "get/readyz", "get/pic", "list/all", "echo/say", "own/who"} {
		if _, known := seen.calls[name]; !known {
			t.Errorf("%s is not asked for", name)
		}
	}
	if got := fmt.Sprint(seen.calls["own/say"].Results); !strings.Contains(got, " 0 ") || !strings.Contains(got, "-202") {
		t.Errorf("own/say may end as %s", got)
	}
	if got := fmt.Sprint(seen.calls["get/pic"].Results); got != "[stored 304 503]" {
		t.Errorf("get/pic may end as %s", got)
	}
}

// TestRequestID: a trusted proxy may give a request its id, within bounds; any
// other gets a new one. The answer has it, and so has every line of its log.
func TestRequestID(t *testing.T) {
	fresh := regexp.MustCompile(`^[0-9a-f]{16}$`)
	longest := strings.Repeat("x", 64)
	proxies := func(o *Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} }
	trusting, _ := startObserved(t, proxies)
	wary, _ := startObserved(t, nil)
	tests := []struct {
		name, given string
		server      *running
		kept        bool
	}{
		{"a proxy's", "0c7f2a6e-6a1c-4a58_9.Z", trusting, true},
		{"the longest", longest, trusting, true},
		{"too long", longest + "x", trusting, false},
		{"none", "", trusting, false},
		{"with a blank", "a b", trusting, false},
		{"with quotes", `a"b`, trusting, false},
		{"with a tab", "a\tb", trusting, false},
		{"in Chinese", "失物", trusting, false},
		{"a client's", "0c7f2a6e", wary, false},
	}
	seen := map[string]bool{}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := test.server.post(t, "/open", sayHi, string(requestHeader), test.given).header.Get(string(requestHeader))
			if kept := got == test.given; kept != test.kept || !kept && !fresh.MatchString(got) || seen[got] {
				t.Errorf("got %q", got)
			}
			seen[got] = true
		})
	}
	failed := trusting.post(t, "/open", `{"id":7,"type":"fail","subtype":"now","data":{"text":"wrapped"}}`).header.Get(string(requestHeader))
	panicked := trusting.post(t, "/open", `{"id":7,"type":"fail","subtype":"now","data":{"text":"panic"}}`).header.Get(string(requestHeader))
	for _, refused := range []string{"hello\r\n\r\n", postHeader + "Content-Length: 2000000\r\n\r\n"} {
		if answer := trusting.send(t, refused); !strings.Contains(answer, "\r\n"+string(requestHeader)+": ") {
			t.Errorf("%.20q is answered without an id: %s", refused, answer)
		}
	}
	shutDown(t, trusting)
	for _, id := range []string{failed, panicked} {
		if lines := strings.Count(trusting.logs.String(), "request="+id+"\n"); lines != 2 {
			t.Errorf("%d lines are of %s:\n%s", lines, id, trusting.logs)
		}
	}
}

// TestLogHandler: groups and attributes do not lose the request.
func TestLogHandler(t *testing.T) {
	logged := &dispatchtest.Logs{}
	logger := slog.New(dispatch.NewLogHandler(slog.NewJSONHandler(logged, nil)))
	ctx := dispatch.NewContext(time.Now(), 0, "r1", dispatch.Caller{})
	defer ctx.Cancel()
	logger.With("a", 1).InfoContext(ctx, "x")
	logger.WithGroup("g").InfoContext(ctx, "x")
	logger.InfoContext(t.Context(), "x")
	var got []map[string]any
	for line := range strings.Lines(logged.String()) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		delete(record, slog.TimeKey)
		got = append(got, record)
	}
	want := []map[string]any{
		{"level": "INFO", "msg": "x", "a": 1.0, "request": "r1"},
		{"level": "INFO", "msg": "x", "g": map[string]any{"request": "r1"}},
		{"level": "INFO", "msg": "x"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestRequestAllocations: what a small call may allocate in the server, from its
// path to its answer. To observe it costs nothing, to log it little.
func TestRequestAllocations(t *testing.T) {
	observer := func(Call) func(dispatch.Result, time.Duration) { return func(dispatch.Result, time.Duration) {} }
	discard, written := slog.DiscardHandler, dispatch.NewLogHandler(slog.NewTextHandler(discarded{}, nil))
	for _, test := range []struct {
		name     string
		log      slog.Handler
		observer Observer
		limit    float64
	}{
		{"neither", discard, nil, 7},
		{"observed", discard, observer, 7},
		{"observed twice", discard, Observers(observer, observer), 7},
		{"logged and observed", written, observer, 11}, // one less each, and 8, where the race detector empties no pools
	} {
		server := New(Options{
			Registry: dispatchtest.NewRegistry(t, &dispatchtest.Logs{}, dispatchtest.Endpoints(showPicture)...),
			Logger:   slog.New(test.log), Now: time.Now, Observer: test.observer,
		})
		request := &fasthttp.RequestCtx{}
		request.Request.Header.SetMethod(http.MethodPost)
		request.Request.SetRequestURI("/open")
		request.Request.SetBodyString(sayHi)
		got := testing.AllocsPerRun(1000, func() {
			request.Response.Reset()
			server.serve(request)
		})
		if string(request.Response.Body()) != saidHi {
			t.Fatalf("answered %s", request.Response.Body())
		}
		if got > test.limit {
			t.Errorf("%s: %v allocations, want at most %v", test.name, got, test.limit)
		}
	}
}

// discarded is a file that nobody reads.
type discarded struct{}

func (discarded) Write(line []byte) (int, error) { return len(line), nil }
