package bench

import (
	"context"
	"encoding/binary"
	"log/slog"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/dispatch"
	"campusgate/dispatch/server"
	"campusgate/storage/bus"
	"campusgate/storage/redis/redistest"
)

// TestAttackListeners: 5,000 connections that only listen cost at most 20 KB each, and one
// hundredth of a core.
func TestAttackListeners(t *testing.T) {
	if campusgatetest.Raced() {
		t.Skip("make test plays it apart: the race detector needs memory of its own")
	}
	const ofEach = 5 // of a user
	users, watched := effortful(1000, 64), effortful(time.Minute, time.Second)
	c := newEmbedded(t, campusgatetest.FillGrown(users, users))
	gateway := launchGateway(t, append(c.environ, "CAMPUSGATE_LIMITS_PER_MINUTE=0"))
	before := campusgatetest.Memory(t, gateway.pid, "VmRSS")
	for user := range users {
		for range ofEach {
			connection, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://"+gateway.address+"/api/external/live"+campusgatetest.CampusQuery(user), nil) //nolint:bodyclose // the library has read it
			must(t, err)
			t.Cleanup(func() { _ = connection.Close() })
			go func() { _, _, _ = connection.NextReader() }() // which answers pings
		}
	}
	count := users * ofEach
	time.Sleep(watched) // the time is what is measured: two rounds of pings
	used, begun := cpuTime(t, gateway.pid), time.Now()
	time.Sleep(watched)
	used = cpuTime(t, gateway.pid) - used
	each := (campusgatetest.Memory(t, gateway.pid, "VmRSS") - before) / int64(count)
	share := used.Seconds() / time.Since(begun).Seconds()
	t.Logf("%d connections: %d bytes each, %.2f %% of a core over %s", count, each, 100*share, watched)
	if os.Getenv("BENCH") != "" && (each > 20<<10 || share > 0.01) {
		t.Errorf("a connection costs %d bytes and all of them %.2f %% of a core, want at most 20 KB and 1 %%", each, 100*share)
	}
}

// TestAttackPushes: at 500 pushes a second, each reaches all connections of its user on two
// replicas, 99 of 100 within 50 ms.
func TestAttackPushes(t *testing.T) {
	if campusgatetest.Raced() {
		t.Skip("make test plays it apart: the race detector slows it down for nothing")
	}
	const rate, ofEach, sockets = 500, 2, 2 * 2
	pushes := effortful(10*rate, rate)
	redis := redistest.Start(t)
	var replicas []*bus.Redis
	var heard [2]atomic.Bool
	var took [sockets][]time.Duration
	var reading sync.WaitGroup
	begun := time.Now()
	for replica := range 2 {
		served := listening(t)
		shared := bus.NewRedis(redistest.Open(t, redis.Options()), func(user string, text []byte) {
			if user == "hear" {
				heard[replica].Store(true)
				return
			}
			served.Push(user, text)
		}, slog.New(slog.DiscardHandler))
		replicas = append(replicas, shared)
		ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
		var running sync.WaitGroup
		running.Go(func() { shared.Run(ctx) })
		t.Cleanup(func() { stop(); running.Wait() })
		for i := range ofEach {
			connection, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws://"+served.address+"/live", nil) //nolint:bodyclose // the library has read it
			must(t, err)
			t.Cleanup(func() { _ = connection.Close() })
			reading.Go(func() {
				to := &took[ofEach*replica+i]
				for len(*to) < pushes {
					_, text, err := connection.ReadMessage()
					if err != nil {
						t.Error(err)
						return
					}
					*to = append(*to, time.Since(begun)-time.Duration(binary.BigEndian.Uint64(text)))
				}
			})
		}
	}
	for other := range 2 { // until both hear each other
		heard[other].Store(false)
		for late := time.Now().Add(campusgatetest.Patience); !heard[other].Load(); time.Sleep(time.Millisecond) {
			replicas[1-other].Publish("hear", nil)
			if time.Now().After(late) {
				t.Fatal("the replicas do not hear each other")
			}
		}
	}
	ticker := time.NewTicker(time.Second / rate)
	defer ticker.Stop()
	for i := range pushes {
		<-ticker.C
		replicas[i%2].Publish("u", binary.BigEndian.AppendUint64(nil, uint64(time.Since(begun))))
	}
	reading.Wait()
	all := slices.Concat(took[:]...)
	slices.Sort(all)
	median, late := all[len(all)/2], all[len(all)*99/100]
	t.Logf("%d pushes to %d connections on two replicas: median %s, 99 of 100 within %s", pushes, sockets, median, late)
	if os.Getenv("BENCH") != "" && late > 50*time.Millisecond {
		t.Errorf("99 of 100 arrive within %s, want 50 ms", late)
	}
}

// listener is a server whose every connection is of the user u.
type listener struct {
	*server.Server
	address string
}

func listening(t *testing.T) listener {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	registry, err := dispatch.NewRegistry(dispatch.RegistryOptions{Logger: logger}, dispatch.Plain(
		dispatch.Path{Pattern: "/live"}, dispatch.Need{}, "get", "live", "", "", dispatch.PlainDescription{Live: true},
		func(context.Context, dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
			return dispatch.PlainAnswer{Listener: &dispatch.Listener{User: "u"}}, nil
		}))
	must(t, err)
	served := server.New(server.Options{
		Registry: registry, MaxBody: 1 << 20, ReadTimeout: time.Minute, WriteTimeout: time.Minute, IdleTimeout: time.Minute,
		Ready: func(context.Context) error { return nil }, Logger: logger, Now: time.Now,
	})
	socket, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	go func() { _ = served.Serve(socket) }()
	t.Cleanup(func() { _ = served.Shutdown(context.Background()) })
	return listener{served, socket.Addr().String()}
}
