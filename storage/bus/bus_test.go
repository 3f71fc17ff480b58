package bus_test

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/redis/go-redis/v9/logging"

	"campusgate/storage/bus"
	"campusgate/storage/redis/redistest"
)

func TestMain(m *testing.M) {
	logging.Disable() // of each connection that the tests break
	os.Exit(m.Run())
}

// replica is a bus, and what it has delivered.
type replica struct {
	*bus.Redis
	delivered chan string
}

func startReplica(t *testing.T, server *redistest.Server) replica {
	t.Helper()
	delivered := make(chan string, 1000)
	r := replica{bus.NewRedis(redistest.Open(t, server.Options()), func(user string, text []byte) { delivered <- user + ": " + string(text) }, slog.New(slog.DiscardHandler)), delivered}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
	})
	return r
}

// want awaits what is delivered next.
func (r replica) want(t *testing.T, want string) {
	t.Helper()
	select {
	case got := <-r.delivered:
		if got != want {
			t.Errorf("delivered %q, want %q", got, want)
		}
	case <-time.After(time.Minute):
		t.Fatalf("%q is not delivered", want)
	}
}

// meet publishes from one until it is delivered by the other, which has just connected, and
// then what proves that nothing is left.
func meet(t *testing.T, from, to replica) {
	t.Helper()
	for arrived := false; !arrived; {
		from.Publish("u", []byte("hello"))
		from.want(t, "u: hello")
		select {
		case <-to.delivered:
			arrived = true
		case <-time.After(50 * time.Millisecond):
		}
	}
	from.Publish("u", []byte("over"))
	from.want(t, "u: over")
	for got := ""; got != "u: over"; {
		got = <-to.delivered
	}
}

// What one replica publishes each delivers once, byte for byte, also after Redis was away;
// while it is, the replica itself does.
func TestRedis(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	one, other := startReplica(t, server), startReplica(t, server)
	meet(t, one, other)
	meet(t, other, one)
	for _, text := range []string{"", "a\nb\n", "\x00"} {
		one.Publish("1180310086", []byte(text))
		one.want(t, "1180310086: "+text)
		other.want(t, "1180310086: "+text)
	}
	server.Kill()
	one.Publish("u", []byte("alone"))
	one.want(t, "u: alone")
	server.Start(t)
	meet(t, one, other)
}

func TestMemory(t *testing.T) {
	var got string
	bus.NewMemory(func(user string, text []byte) { got = user + ": " + string(text) }).Publish("u", []byte("a"))
	if got != "u: a" {
		t.Errorf("delivered %q", got)
	}
}
