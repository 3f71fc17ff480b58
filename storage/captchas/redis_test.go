package captchas_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9/logging"

	"campusgate/storage/captchas"
	"campusgate/storage/captchas/captchastest"
)

func TestMain(m *testing.M) {
	logging.Disable() // of each connection that the tests break
	os.Exit(m.Run())
}

func TestRedis(t *testing.T) {
	t.Parallel()
	server, clock := startRedisAtRest(t)
	captchastest.RunStore(t, func(t *testing.T) (captchastest.Store, captchastest.Wait) {
		t.Helper()
		return server.openEmpty(t), clock.Wait
	})
}

func TestRedisLimiter(t *testing.T) {
	t.Parallel()
	server, clock := startRedisAtRest(t)
	captchastest.RunLimiter(t, func(t *testing.T) (captchastest.Limiter, captchastest.Wait) {
		t.Helper()
		return captchas.NewRedisLimiter(server.openEmpty(t)), clock.Wait
	})
}

// Two replicas are two clients of one server.
func TestRedisReplicasShareHashes(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	replicas := [2]*captchas.Redis{openRedis(t, server.options()), openRedis(t, server.options())}
	for round := range 20 {
		hash := fmt.Sprint("hash", round)
		if err := replicas[0].Add(t.Context(), hash, captchas.Code{Kind: captchas.Picture}); err != nil {
			t.Fatal(err)
		}
		consumed := countYes(t, 16, func(caller int) (bool, error) {
			return replicas[caller%2].Check(t.Context(), captchas.Query{Hash: hash, Consume: true})
		})
		if consumed != 1 {
			t.Fatalf("consumed %d times by 16 concurrent calls, want once", consumed)
		}
	}
}

func TestRedisReplicasShareLimits(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	var replicas [2]*captchas.RedisLimiter
	for i := range replicas {
		replicas[i] = captchas.NewRedisLimiter(openRedis(t, server.options()))
	}
	windows := []captchas.Window{{Count: 30, Within: time.Minute}}
	taken := countYes(t, 64, func(caller int) (bool, error) {
		refused, _, err := replicas[caller%2].Take(t.Context(), "guess:192.0.2.1", windows)
		return refused < 0, err
	})
	if taken != 30 {
		t.Errorf("%d of 64 concurrent events were taken, want 30", taken)
	}
}

// Nothing has to be swept: Redis itself ends every key, and keeps no limit longer
// than its longest window.
func TestRedisEndsEveryKey(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	client := openRedis(t, server.options())
	limiter := captchas.NewRedisLimiter(client)
	for name, call := range map[string]func() (bool, error){
		"picture": func() (bool, error) {
			return true, client.Add(t.Context(), "Picture", captchas.Code{Kind: captchas.Picture})
		},
		"message": func() (bool, error) {
			return true, client.Add(t.Context(), "message", captchas.Code{Kind: captchas.Message, Phone: "13700000000"})
		},
		"limit": func() (bool, error) {
			refused, _, err := limiter.Take(t.Context(), "sms:13700000000", []captchas.Window{
				{Count: 1, Within: time.Minute}, {Count: 10, Within: time.Hour}, {Count: 5, Within: 10 * time.Minute},
			})
			return refused < 0, err
		},
	} {
		if done, err := call(); !done || err != nil {
			t.Fatalf("%s: %t, %v", name, done, err)
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
	got := server.ends(t)
	want := map[string]time.Duration{
		"campusgate:captcha:picture":       180 * time.Second,
		"campusgate:captcha:message":       180 * time.Second,
		"campusgate:limit:sms:13700000000": time.Hour,
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

// A user who may only use the prefix is enough, and a password is not told.
func TestRedisSignsIn(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	err := server.client(t).Do(t.Context(), "ACL", "SETUSER", "campus", "on", ">secret", "~campusgate:*", "+@all", "-@dangerous").Err()
	if err != nil {
		t.Fatal(err)
	}
	options := server.options()
	options.Username, options.Password = "campus", "secret"
	allSucceed(t, openRedis(t, options))
	options.Password = "wrong-word"
	err = openRedis(t, options).Ping(t.Context())
	if err == nil || !strings.Contains(err.Error(), "WRONGPASS") || strings.Contains(err.Error(), options.Password) {
		t.Errorf("with a wrong password: %v, want WRONGPASS", err)
	}
}

// After a failover the clock may be behind that which the events were written by.
func TestRedisLimiterNeverWaitsLongerThanTheWindow(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	ahead := time.Now().Add(time.Hour).UnixMicro()
	if err := server.client(t).RPush(t.Context(), "campusgate:limit:key", ahead).Err(); err != nil {
		t.Fatal(err)
	}
	limiter := captchas.NewRedisLimiter(openRedis(t, server.options()))
	windows := []captchas.Window{{Count: 1, Within: time.Minute}}
	refused, retryAfter, err := limiter.Take(t.Context(), "key", windows)
	if refused != 0 || retryAfter != time.Minute || err != nil {
		t.Errorf("Take = %d, %s, %v, want 0, 1m0s", refused, retryAfter, err)
	}
}

// countYes calls from many goroutines at once and counts those that say yes.
func countYes(t *testing.T, callers int, call func(caller int) (bool, error)) int {
	t.Helper()
	var (
		yes     atomic.Int64
		running sync.WaitGroup
	)
	for caller := range callers {
		running.Go(func() {
			said, err := call(caller)
			if err != nil {
				t.Error(err)
			}
			if said {
				yes.Add(1)
			}
		})
	}
	running.Wait()
	return int(yes.Load())
}
