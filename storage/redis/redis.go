// Package redis is a connection to Redis, which keeps what replicas share: captchas and
// the counts of limits.
package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Options say which Redis to use and how.
type Options struct {
	// Addresses are host:port: one server, several nodes of a Cluster, or Sentinels
	// if SentinelMaster is set.
	Addresses []string
	// Username is the ACL user, "" for the default one.
	Username string
	// Password is the user's password, "" for none.
	Password string
	// DB is the number of the database, from 0. A Cluster has only 0.
	DB int
	// SentinelMaster is the name of the master that the Sentinels know, "" without
	// Sentinels.
	SentinelMaster string
	// Timeout bounds each call, connecting included. It is above 0: 2 s in the
	// configuration.
	Timeout time.Duration
}

// A Client of Redis 5 or later is safe for concurrent use. A call whose server is down
// or silent fails within the time-out; one that comes after the server is back succeeds.
type Client struct {
	client  redis.UniversalClient
	timeout time.Duration
}

// A Script runs on one key: it is atomic, and on one node of a Cluster.
type Script = redis.Script

// NewScript returns the script of a text in Lua.
func NewScript(text string) *Script { return redis.NewScript(text) }

// Open returns a client that connects when it is first used: see [Client.Ping].
func Open(options Options) *Client {
	return &Client{
		client: redis.NewUniversalClient(&redis.UniversalOptions{
			Addrs: options.Addresses, MasterName: options.SentinelMaster,
			Username: options.Username, Password: options.Password, DB: options.DB,
			DialTimeout: options.Timeout, ReadTimeout: options.Timeout, WriteTimeout: options.Timeout,
			PoolTimeout: options.Timeout, ContextTimeoutEnabled: true,
			// A script that ran and whose answer was lost would run twice: a hash that
			// it consumed would not be found, an event counted again. (A Cluster's client
			// tries once more after a lost connection all the same.)
			MaxRetries: -1, DialerRetries: 1,
			// A protocol of one vendor's cloud, which costs each connection a round trip.
			MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		}),
		timeout: options.Timeout,
	}
}

// ErrDenied says that Redis does not take the user or the password.
var ErrDenied = errors.New("access denied by Redis")

// Ping reports by its error whether Redis answers: [ErrDenied] where it does not take
// the password.
func (c *Client) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	err := c.client.Ping(ctx).Err()
	switch {
	case err == nil:
		return nil
	case denied(err):
		return fmt.Errorf("ping Redis: %w: %w", ErrDenied, err)
	default:
		return fmt.Errorf("ping Redis: %w", err)
	}
}

// denied reports whether an error is about the password: none given, a wrong one, or
// one that the server does not ask for, by the words of Redis 5 as well.
func denied(err error) bool {
	return redis.IsAuthError(err) || strings.Contains(err.Error(), "invalid password") ||
		strings.Contains(err.Error(), "without any password configured")
}

// Close ends the connections.
func (c *Client) Close() error {
	if err := c.client.Close(); err != nil {
		return fmt.Errorf("close Redis: %w", err)
	}
	return nil
}

// Connections are how many connections are at work and how many wait for some, to
// all servers together.
func (c *Client) Connections() (inUse, idle int) {
	stats := c.client.PoolStats()
	return int(stats.TotalConns) - int(stats.IdleConns), int(stats.IdleConns)
}

// Run runs a script on one key, within the time-out.
func (c *Client) Run(ctx context.Context, script *Script, key string, arguments ...any) *redis.Cmd {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	return script.Run(ctx, c.client, []string{key}, arguments...)
}

// Publish publishes a message on a channel, within the time-out. Who listens is not known.
func (c *Client) Publish(ctx context.Context, channel string, message []byte) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	if err := c.client.Publish(ctx, channel, message).Err(); err != nil {
		return fmt.Errorf("publish to Redis: %w", err)
	}
	return nil
}

// Listen tells what is published on a channel until ctx ends. A connection that is lost is
// made again: what is published meanwhile is missed. Of what comes faster than told returns,
// size texts wait.
func (c *Client) Listen(ctx context.Context, channel string, size int, told func(text string)) {
	subscription := c.client.Subscribe(ctx, channel)
	defer subscription.Close()
	texts := subscription.Channel(redis.WithChannelSize(size), redis.WithChannelHealthCheckInterval(3*time.Second))
	for {
		select {
		case <-ctx.Done():
			return
		case text, ok := <-texts:
			if !ok {
				return
			}
			told(text.Payload)
		}
	}
}
