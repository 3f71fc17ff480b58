package captchas_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"campusgate/storage/captchas"
	"campusgate/storage/captchas/captchastest"
)

// databases are how many a test's Redis has: one for each case of the suites.
const databases = "256"

// redisServer is a Redis of one test, and how the test looks into it.
type redisServer struct {
	*captchastest.Redis

	database atomic.Int64 // the last that was given to a client
}

func startRedis(t *testing.T, arguments ...string) *redisServer {
	t.Helper()
	return &redisServer{Redis: captchastest.StartRedis(t, arguments...)}
}

// client is one for what tests look at or set up themselves.
func (s *redisServer) client(t *testing.T) *redis.Client {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: s.Address()})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// ends tells of every key of database 0 how long it has to live.
func (s *redisServer) ends(t *testing.T) map[string]time.Duration {
	t.Helper()
	client := s.client(t)
	keys, err := client.Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	ends := make(map[string]time.Duration, len(keys))
	for _, key := range keys {
		if ends[key], err = client.PTTL(t.Context(), key).Result(); err != nil {
			t.Fatal(err)
		}
	}
	return ends
}

// options are those of a client of database 0, with the contract's times.
func (s *redisServer) options() captchas.RedisOptions {
	return captchas.RedisOptions{
		Addresses: []string{s.Address()}, Timeout: 2 * time.Second,
		TTL: captchastest.TTL, MaxLifetime: captchastest.MaxLifetime,
	}
}

// openEmpty returns a client of the next database.
func (s *redisServer) openEmpty(t *testing.T) *captchas.Redis {
	t.Helper()
	options := s.options()
	options.DB = int(s.database.Add(1))
	return openRedis(t, options)
}

// openRedis returns a client that is closed after the test.
func openRedis(t *testing.T, options captchas.RedisOptions) *captchas.Redis {
	t.Helper()
	client := captchas.NewRedis(options)
	t.Cleanup(func() { closeRedis(t, client) })
	return client
}

func closeRedis(t *testing.T, client *captchas.Redis) {
	t.Helper()
	if err := client.Close(); err != nil {
		t.Error(err)
	}
}
