package server

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"campusgate/dispatch"
	"campusgate/dispatch/dispatchtest"
)

// clock is set by hand.
type clock struct {
	mutex sync.Mutex
	time  time.Time
}

func (c *clock) now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.time
}

func (c *clock) advance(by time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.time = c.time.Add(by)
}

// TestRate: three a minute; an address's minute begins with its first request.
func TestRate(t *testing.T) {
	steps := []struct {
		after   time.Duration // the step before
		address string
		retry   time.Duration // 0 is let through
	}{
		{0, "198.51.100.7", 0},
		{20 * time.Second, "198.51.100.7", 0},
		{20 * time.Second, "198.51.100.7", 0},
		{5 * time.Second, "198.51.100.7", 15 * time.Second},
		{0, "198.51.100.8", 0},
		{14*time.Second + 999*time.Millisecond, "198.51.100.7", time.Millisecond},
		{time.Millisecond, "198.51.100.7", 0}, // its next minute
		{0, "198.51.100.7", 0},
		{0, "198.51.100.7", 0},
		{0, "198.51.100.7", time.Minute},
		{0, "198.51.100.8", 0}, // of its first minute, begun 15 s ago
		{0, "198.51.100.8", 0},
		{0, "198.51.100.8", 45 * time.Second},
		{45 * time.Second, "198.51.100.8", 0},
		{10 * time.Second, "198.51.100.7", 5 * time.Second},
		{24 * time.Hour, "198.51.100.7", 0},
	}
	clock := &clock{time: time.Unix(1e9, 0)}
	rate := newRate(3, clock.now)
	for i, step := range steps {
		clock.advance(step.after)
		ok, retry := rate.take(netip.MustParseAddr(step.address))
		if ok != (step.retry == 0) || retry != step.retry {
			t.Errorf("step %d: %s: %t, retry after %s; want %s", i, step.address, ok, retry, step.retry)
		}
	}
}

// TestRateMemory: addresses of long ago are forgotten.
func TestRateMemory(t *testing.T) {
	clock := &clock{time: time.Unix(1e9, 0)}
	rate := newRate(3, clock.now)
	address := netip.MustParseAddr("10.0.0.0")
	for range 10 {
		for range 1000 {
			address = address.Next()
			rate.take(address)
		}
		clock.advance(time.Minute)
	}
	if kept := len(rate.current) + len(rate.previous); kept > 2000 {
		t.Errorf("%d addresses are kept", kept)
	}
}

// TestNoRate: 0 is no limit.
func TestNoRate(t *testing.T) {
	rate := newRate(0, nil)
	for range 100 {
		if ok, _ := rate.take(netip.Addr{}); !ok {
			t.Fatal("limited")
		}
	}
}

func TestServerRate(t *testing.T) {
	const refused = `{"id":-1,"status":-302,"message":"Too many requests","data":{}}`
	clock := &clock{time: time.Unix(1e9, 0)}
	server := start(t, func(o *Options) {
		o.PerMinute, o.Now = 2, clock.now
		o.TrustedProxies, o.TrustedCallers = parsePrefixes("127.0.0.1/32"), parsePrefixes("192.0.2.0/24")
	})
	const limited, other, trusted = "198.51.100.7", "198.51.100.8", "192.0.2.1"
	steps := []struct {
		after           time.Duration
		method, path    string
		address         string
		status          int
		body, retryWait string
	}{
		{0, "POST", "/open", limited, 200, saidHi, ""},
		{0, "GET", "/get/pic/a", limited, 200, `["a"] from ""`, ""}, // not counted
		{0, "GET", "/get/list?token=good&type=1", limited, 200, `{"id":-1,"status":0,"message":"successful","data":[{"text":"1"}]}`, ""},
		{0, "POST", "/open", limited, 429, refused, "60"},
		{0, "POST", "", limited, 429, refused, "60"},
		{29500 * time.Millisecond, "GET", "/get/list?token=good&type=1", limited, 429, refused, "31"}, // rounded up
		{0, "GET", "/get/pic/a", limited, 200, `["a"] from ""`, ""},
		{0, "POST", "/open", other, 200, saidHi, ""},
		{0, "POST", "/open", trusted, 200, saidHi, ""},
		{0, "POST", "/open", trusted, 200, saidHi, ""},
		{0, "POST", "/open", trusted, 200, saidHi, ""},
		{31 * time.Second, "POST", "/open", limited, 200, saidHi, ""},
	}
	for i, step := range steps {
		clock.advance(step.after)
		got := server.ask(t, step.method, "/api/external"+step.path, sayHi, "X-Real-IP", step.address)
		if got.status != step.status || got.body != step.body || got.header.Get("Retry-After") != step.retryWait {
			t.Errorf("step %d: %s %s: %d %s, Retry-After %q", i, step.method, step.path, got.status, got.body, got.header.Get("Retry-After"))
		}
	}
}

// TestUploadGate: one upload of an address at once (see dispatchtest.NewRegistry).
func TestUploadGate(t *testing.T) {
	const refused = `{"id":-1,"status":-302,"message":"Too many requests","data":{},"detail":"too many uploads at once"}`
	entered, release := make(chan struct{}, 10), make(chan struct{})
	upload := dispatch.Handle(dispatchtest.OpenPath, dispatch.Need{Upload: true}, "echo", "say", "", func(context.Context, dispatchtest.SayRequest) (dispatchtest.SayResult, error) {
		entered <- struct{}{}
		<-release
		return dispatchtest.SayResult{Text: "hi"}, nil
	})
	server := start(t, func(o *Options) {
		o.Registry = dispatchtest.NewRegistry(t, &dispatchtest.Logs{}, upload)
		o.TrustedProxies, o.TrustedCallers = parsePrefixes("127.0.0.1/32"), parsePrefixes("192.0.2.0/24")
	})
	post := func(address string) (reply, error) {
		return server.try(t.Context(), "POST", "/api/external/open", sayHi, "X-Real-IP", address)
	}

	answers := make(chan answered, 10)
	addresses := []string{"198.51.100.7", "198.51.100.8", "192.0.2.1", "192.0.2.1"} // a trusted one twice
	for _, address := range addresses {
		go func() {
			got, err := post(address)
			answers <- answered{got, err}
		}()
		select {
		case <-entered:
		case got := <-answers:
			close(release)
			t.Fatalf("%s is not let in: %+v", address, got)
		}
	}
	got, err := post("198.51.100.7")
	if err != nil || got.status != 429 || got.header.Get("Retry-After") != "1" || got.body != refused {
		t.Errorf("a second one: %v %d %v %s", err, got.status, got.header, got.body)
	}
	close(release)
	for range addresses {
		if got := <-answers; got.err != nil || got.reply.body != saidHi {
			t.Errorf("%+v", got)
		}
	}
	if got, err := post("198.51.100.7"); err != nil || got.body != saidHi {
		t.Errorf("the next one: %v %s", err, got.body)
	}
}
