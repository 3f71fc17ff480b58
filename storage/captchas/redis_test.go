package captchas_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/redis/go-redis/v9/logging"

	"campusgate/storage/captchas"
	"campusgate/storage/captchas/captchastest"
	"campusgate/storage/redis"
	"campusgate/storage/redis/redistest"
)

func TestMain(m *testing.M) {
	logging.Disable() // of each connection that the tests break
	os.Exit(m.Run())
}

// onRedis keeps hashes with the contract's times.
func onRedis(client *redis.Client) *captchas.Redis {
	return captchas.NewRedis(client, captchastest.TTL, captchastest.MaxLifetime)
}

func TestRedis(t *testing.T) {
	t.Parallel()
	server, clock := redistest.StartAtRest(t)
	captchastest.RunStore(t, func(t *testing.T) (captchastest.Store, captchastest.Wait) {
		t.Helper()
		return onRedis(server.OpenEmpty(t)), clock.Wait
	})
}

// Two replicas are two clients of one server.
func TestRedisReplicasShareHashes(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	replicas := [2]*captchas.Redis{onRedis(redistest.Open(t, server.Options())), onRedis(redistest.Open(t, server.Options()))}
	for round := range 20 {
		hash := fmt.Sprint("hash", round)
		if err := replicas[0].Add(t.Context(), hash, captchas.Code{Kind: captchas.Picture}); err != nil {
			t.Fatal(err)
		}
		consumed := redistest.Together(t, 16, func(caller int) (bool, error) {
			return replicas[caller%2].Check(t.Context(), captchas.Query{Hash: hash, Consume: true})
		})
		if consumed != 1 {
			t.Fatalf("consumed %d times by 16 concurrent calls, want once", consumed)
		}
	}
}

// Guesses of a phone are counted over all replicas.
func TestRedisReplicasShareGuesses(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	captchastest.GuessTogether(t, onRedis(redistest.Open(t, server.Options())), onRedis(redistest.Open(t, server.Options())))
}

// Nothing has to be swept: Redis itself ends every key.
func TestRedisEndsEveryKey(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := onRedis(redistest.Open(t, server.Options()))
	for name, call := range map[string]func() error{
		"picture": func() error {
			return client.Add(t.Context(), "Picture", captchas.Code{Kind: captchas.Picture})
		},
		"message": func() error {
			return client.Add(t.Context(), "message", captchas.Code{Kind: captchas.Message, Phone: "13700000000"})
		},
	} {
		if err := call(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	for range 3 { // renewing and reserving leave the end in place
		if reserved, err := client.Reserve(t.Context(), "picture", "13700000000"); !reserved || err != nil {
			t.Fatalf("Reserve = %t, %v", reserved, err)
		}
		if found, err := client.Check(t.Context(), captchas.Query{Hash: "picture"}); !found || err != nil {
			t.Fatalf("Check = %t, %v", found, err)
		}
	}
	for _, guessed := range []string{"13700000000", "13800000000"} { // the second has no code
		if _, err := client.Check(t.Context(), captchas.Query{Hash: "wrong", Phone: guessed, Counts: true}); err != nil {
			t.Fatal(err)
		}
	}
	got := server.Ends(t)
	want := map[string]time.Duration{
		"campusgate:captcha:picture": captchastest.TTL,
		"campusgate:captcha:message": captchastest.TTL,

		"campusgate:phone:13700000000": captchastest.TTL,
	}
	if len(got) != len(want) {
		t.Errorf("the keys are %v, want those of %v", got, want)
	}
	for key, longest := range want {
		if left := got[key]; left > longest || left < longest-30*time.Second {
			t.Errorf("%s ends in %s, want %s", key, left, longest)
		}
	}
}
