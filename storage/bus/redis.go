package bus

import (
	"context"
	"crypto/rand"
	"encoding/binary"
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
	// together are published as one message, after a wait in which they gather: a message costs
	// Redis and every replica as much as many texts.
	together  = 128
	gathering = 5 * time.Millisecond
)

// Redis is the bus of replicas that share a Redis. In this process it delivers at once, so
// that whoever is connected to the replica on which something happens is told of it while
// Redis is away.
type Redis struct {
	client  *redis.Client
	deliver Deliver
	logger  *slog.Logger
	replica string // before what it has published, so that it does not deliver it twice
	queue   chan published
}

// published is a text for the connections of a user.
type published struct {
	user string
	text []byte
}

// NewRedis returns a bus that publishes once [Redis.Run] runs.
func NewRedis(client *redis.Client, deliver Deliver, logger *slog.Logger) *Redis {
	return &Redis{client, deliver, logger, rand.Text(), make(chan published, maxQueued)}
}

// Publish delivers a text in this process, and has it delivered by the other replicas. It
// waits for nobody: while Redis is away, or too slow, the others miss it.
func (r *Redis) Publish(user string, text []byte) {
	r.deliver(user, text)
	select {
	case r.queue <- published{user, text}:
	default:
	}
}

// encode writes who publishes, and then for whom and what, each with its length before it:
// one message of Redis has all that is queued.
func encode(replica string, all []published) []byte {
	message := []byte(replica)
	for _, one := range all {
		message = binary.AppendUvarint(message, uint64(len(one.user)))
		message = append(message, one.user...)
		message = binary.AppendUvarint(message, uint64(len(one.text)))
		message = append(message, one.text...)
	}
	return message
}

// decode is what encode wrote, if another replica published it; what is cut short is left out.
func (r *Redis) decode(message string, each func(user string, text []byte)) {
	rest, ours := []byte(message), strings.HasPrefix(message, r.replica)
	if ours || len(rest) < len(r.replica) {
		return
	}
	rest = rest[len(r.replica):]
	part := func() (part []byte, ok bool) {
		length, n := binary.Uvarint(rest)
		if n <= 0 || length > uint64(len(rest)-n) {
			return nil, false
		}
		part, rest = rest[n:n+int(length)], rest[n+int(length):]
		return part, true
	}
	for len(rest) > 0 {
		user, ok := part()
		if !ok {
			return
		}
		text, ok := part()
		if !ok {
			return
		}
		each(string(user), text)
	}
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
		var texts []published
		select {
		case <-ctx.Done():
			return
		case text := <-r.queue:
			texts = append(texts, text)
		}
		time.Sleep(gathering)
		for more := true; more && len(texts) < together; {
			select {
			case text := <-r.queue:
				texts = append(texts, text)
			default:
				more = false
			}
		}
		err := r.client.Publish(ctx, channel, encode(r.replica, texts))
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
		r.client.Listen(ctx, channel, maxQueued, func(message string) { r.decode(message, r.deliver) })
		select {
		case <-ctx.Done():
		case <-time.After(listenAgain):
		}
	}
}
