package captchas_test

import (
	"context"
	"strings"
	"syscall"
	"testing"
	"time"

	"campusgate/storage/captchas"
)

// redisCall is one of the calls, with what its error says was tried.
type redisCall struct {
	tried string
	run   func(ctx context.Context) error
}

func redisCalls(client *captchas.Redis) []redisCall {
	limiter := captchas.NewRedisLimiter(client)
	return []redisCall{
		{"ping Redis", client.Ping},
		{"add captcha to Redis", func(ctx context.Context) error {
			return client.Add(ctx, "hash", captchas.Code{Kind: captchas.Picture})
		}},
		{"check captcha in Redis", func(ctx context.Context) error {
			_, err := client.Check(ctx, captchas.Query{Hash: "hash"})
			return err
		}},
		{"reserve an SMS in Redis", func(ctx context.Context) error {
			_, err := client.Reserve(ctx, "hash", "13700000000")
			return err
		}},
		{"release an SMS in Redis", func(ctx context.Context) error {
			return client.Release(ctx, "hash", "13700000000")
		}},
		{"count an event in Redis", func(ctx context.Context) error {
			_, _, err := limiter.Take(ctx, "key", []captchas.Window{{Count: 30, Within: time.Minute}})
			return err
		}},
		{"return an event in Redis", func(ctx context.Context) error { return limiter.Return(ctx, "key") }},
	}
}

func TestRedisFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name             string
		breakIt, mendIt  func(t *testing.T, server *redisServer)
		timeout, atLeast time.Duration
	}{
		{
			"down",
			func(_ *testing.T, server *redisServer) { server.Kill() },
			func(t *testing.T, server *redisServer) { server.Start(t) },
			2 * time.Second, 0,
		},
		{
			"silent",
			func(t *testing.T, server *redisServer) { server.Signal(t, syscall.SIGSTOP) },
			func(t *testing.T, server *redisServer) { server.Signal(t, syscall.SIGCONT) },
			300 * time.Millisecond, 300 * time.Millisecond,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := startRedis(t)
			options := server.options()
			options.Timeout = c.timeout
			client := openRedis(t, options)
			allSucceed(t, client)
			c.breakIt(t, server)
			for _, call := range redisCalls(client) {
				began := time.Now()
				err := call.run(t.Context())
				took := time.Since(began)
				if err == nil || !strings.HasPrefix(err.Error(), call.tried+": ") {
					t.Errorf("the error is %v, want one of %q", err, call.tried)
				}
				if took < c.atLeast || took > c.timeout+time.Second {
					t.Errorf("%s failed after %s, want %s to %s", call.tried, took, c.atLeast, c.timeout)
				}
			}
			c.mendIt(t, server)
			allSucceed(t, client)
		})
	}
}

// Many calls in vain make the client give up on dialling for a while.
func TestRedisIsUsedAgain(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	client := openRedis(t, server.options())
	server.Kill()
	for range 200 {
		if err := client.Ping(t.Context()); err == nil {
			t.Fatal("the server is down and answers")
		}
	}
	server.Start(t)
	back := time.Now()
	for client.Ping(t.Context()) != nil {
		if time.Since(back) > 5*time.Second {
			t.Fatal("not used again within 5 s")
		}
		time.Sleep(10 * time.Millisecond)
	}
	allSucceed(t, client)
}

// A request's own deadline is kept where it is before the timeout.
func TestRedisKeepsTheCallersDeadline(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	client := openRedis(t, server.options())
	allSucceed(t, client)
	server.Signal(t, syscall.SIGSTOP)
	for _, call := range redisCalls(client) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		began := time.Now()
		err := call.run(ctx)
		cancel()
		if took := time.Since(began); err == nil || took > time.Second {
			t.Errorf("%s: %v after %s, want an error after 50ms", call.tried, err, took)
		}
	}
}

func allSucceed(t *testing.T, client *captchas.Redis) {
	t.Helper()
	for _, call := range redisCalls(client) {
		if err := call.run(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
