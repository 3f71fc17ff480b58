package redis_test

import (
	"context"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9/logging"

	"campusgate/storage/captchas"
	"campusgate/storage/limits"
	"campusgate/storage/redis"
	"campusgate/storage/redis/redistest"
)

func TestMain(m *testing.M) {
	logging.Disable() // of each connection that the tests break
	os.Exit(m.Run())
}

// redisCall is one of the calls of the stores, with what its error says was tried.
type redisCall struct {
	tried string
	run   func(ctx context.Context) error
}

func redisCalls(client *redis.Client) []redisCall {
	store := captchas.NewRedis(client, 3*time.Minute, 15*time.Minute)
	limiter := limits.NewRedis(client)
	return []redisCall{
		{"ping Redis", client.Ping},
		{"add captcha to Redis", func(ctx context.Context) error {
			return store.Add(ctx, "hash", captchas.Code{Kind: captchas.Picture})
		}},
		{"check captcha in Redis", func(ctx context.Context) error {
			_, err := store.Check(ctx, captchas.Query{Hash: "hash"})
			return err
		}},
		{"add captcha to Redis", func(ctx context.Context) error {
			return store.Add(ctx, "message", captchas.Code{Kind: captchas.Message, Phone: "13700000000"})
		}},
		{"check captcha in Redis", func(ctx context.Context) error {
			_, err := store.Check(ctx, captchas.Query{Hash: "message", Phone: "13700000000", Counts: true})
			return err
		}},
		{"reserve an SMS in Redis", func(ctx context.Context) error {
			_, err := store.Reserve(ctx, "hash", "13700000000")
			return err
		}},
		{"release an SMS in Redis", func(ctx context.Context) error {
			return store.Release(ctx, "hash", "13700000000")
		}},
		{"count an event in Redis", func(ctx context.Context) error {
			_, _, err := limiter.Take(ctx, "key", []limits.Window{{Count: 30, Within: time.Minute}})
			return err
		}},
		{"return an event in Redis", func(ctx context.Context) error { return limiter.Return(ctx, "key") }},
	}
}

func TestRedisFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name             string
		breakIt, mendIt  func(t *testing.T, server *redistest.Server)
		timeout, atLeast time.Duration
	}{
		{
			"down",
			func(_ *testing.T, server *redistest.Server) { server.Kill() },
			func(t *testing.T, server *redistest.Server) { server.Start(t) },
			2 * time.Second, 0,
		},
		{
			"silent",
			func(t *testing.T, server *redistest.Server) { server.Signal(t, syscall.SIGSTOP) },
			func(t *testing.T, server *redistest.Server) { server.Signal(t, syscall.SIGCONT) },
			300 * time.Millisecond, 300 * time.Millisecond,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			options := server.Options()
			options.Timeout = c.timeout
			client := redistest.Open(t, options)
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
	server := redistest.Start(t)
	client := redistest.Open(t, server.Options())
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
	server := redistest.Start(t)
	client := redistest.Open(t, server.Options())
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

func allSucceed(t *testing.T, client *redis.Client) {
	t.Helper()
	for _, call := range redisCalls(client) {
		if err := call.run(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// A user who may only use the prefix is enough, and a password is not told.
func TestRedisSignsIn(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	err := server.Client(t).Do(t.Context(), "ACL", "SETUSER", "campus", "on", ">secret", "~campusgate:*", "+@all", "-@dangerous").Err()
	if err != nil {
		t.Fatal(err)
	}
	options := server.Options()
	options.Username, options.Password = "campus", "secret"
	allSucceed(t, redistest.Open(t, options))
	options.Password = "wrong-word"
	err = redistest.Open(t, options).Ping(t.Context())
	if err == nil || !strings.Contains(err.Error(), "WRONGPASS") || strings.Contains(err.Error(), options.Password) {
		t.Errorf("with a wrong password: %v, want WRONGPASS", err)
	}
}
