package redistest

import (
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"campusgate/storage/redis"
)

// Options are those of a client of database 0.
func (s *Server) Options() redis.Options {
	return redis.Options{Addresses: []string{s.Address()}, Timeout: 2 * time.Second}
}

// OpenEmpty returns a client of the next database, which is closed after the test.
func (s *Server) OpenEmpty(t testing.TB) *redis.Client {
	t.Helper()
	options := s.Options()
	options.DB = int(s.database.Add(1))
	return Open(t, options)
}

// Open returns a client that is closed after the test.
func Open(t testing.TB, options redis.Options) *redis.Client {
	t.Helper()
	client := redis.Open(options)
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client
}

// Client is one for what tests look at or set up themselves.
func (s *Server) Client(t testing.TB) *goredis.Client {
	t.Helper()
	client := goredis.NewClient(&goredis.Options{Addr: s.Address()})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// Ends tells of every key of database 0 how long it has to live.
func (s *Server) Ends(t testing.TB) map[string]time.Duration {
	t.Helper()
	client := s.Client(t)
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
