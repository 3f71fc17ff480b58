package bus

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"time"

	"campusgate/storage/redis"
)

const (
	// channel is the one that all replicas publish to and listen on.
	channel = "campusgate:live"
	// maxQueued texts wait for Redis; those behind them are dropped.
	maxQueued = 4096
	// together are published by one round trip.
	together = 128
)

// Redis is the bus of replicas that share a Redis. In this process it delivers at once, so
// that whoever is connected to the replica on which something happens is told of it while
// Redis is away.
type Redis struct {
	client  *redis.Client
	deliver Deliver
	logger  *slog.Logger
	replica string // before what it has published, so that it does not deliver it twice
	queue   chan []byte
}

// NewRedis returns a bus that publishes once [Redis.Run] runs.
func NewRedis(client *redis.Client, deliver Deliver, logger *slog.Logger) *Redis {
	return &Redis{client, deliver, logger, rand.Text(), make(chan []byte, maxQueued)}
}

// Publish delivers a text in this process, and has it delivered by the other replicas. It
// waits for nobody: while Redis is away, or too slow, the others miss it.
func (r *Redis) Publish(user string, text []byte) {
	r.deliver(user, text)
	select {
	case r.queue <- encode(r.replica, user, text):
	default:
	}
}

// encode writes who publishes, for whom, and what; no user's id has a newline.
func encode(replica, user string, text []byte) []byte {
	return append([]byte(replica+"\n"+user+"\n"), text...)
}

// Run publishes, and delivers what the other replicas publish, until ctx ends.
func (r *Redis) Run(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { r.publish(ctx) })
	both.Go(func() { r.listen(ctx) })
	both.Wait()
}

// publish publishes what is queued, as much at once as there is.
func (r *Redis) publish(ctx context.Context) {
	for failed := false; ; {
		var texts [][]byte
		select {
		case <-ctx.Done():
			return
		case text := <-r.queue:
			texts = append(texts, text)
		}
		for more := true; more && len(texts) < together; {
			select {
			case text := <-r.queue:
				texts = append(texts, text)
			default:
				more = false
			}
		}
		err := r.client.Publish(ctx, channel, texts)
		if err != nil && !failed && ctx.Err() == nil {
			r.logger.Warn("live.bus: other replicas are not told what to push", "error", err)
		}
		failed = err != nil
	}
}

// listenAgain is how long a connection to Redis that was lost is waited for before the next
// try. The client reconnects by itself; it gives up only where it was closed.
const listenAgain = time.Second

// listen delivers what the other replicas publish.
func (r *Redis) listen(ctx context.Context) {
	for ctx.Err() == nil {
		r.client.Listen(ctx, channel, maxQueued, func(payload string) {
			parts := strings.SplitN(payload, "\n", 3)
			if len(parts) == 3 && parts[0] != r.replica {
				r.deliver(parts[1], []byte(parts[2]))
			}
		})
		select {
		case <-ctx.Done():
		case <-time.After(listenAgain):
		}
	}
}
