package limits_test

import (
	"os"
	"testing"
	"time"

	"github.com/redis/go-redis/v9/logging"

	"campusgate/storage/limits"
	"campusgate/storage/limits/limitstest"
	"campusgate/storage/redis/redistest"
)

func TestMain(m *testing.M) {
	logging.Disable() // of each connection that the tests break
	os.Exit(m.Run())
}

func TestRedis(t *testing.T) {
	t.Parallel()
	server, clock := redistest.StartAtRest(t)
	limitstest.Run(t, func(t *testing.T) (limitstest.Limiter, limitstest.Wait) {
		t.Helper()
		return limits.NewRedis(server.OpenEmpty(t)), clock.Wait
	})
}

// Two replicas are two clients of one server.
func TestRedisReplicasShareLimits(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	var replicas [2]*limits.Redis
	for i := range replicas {
		replicas[i] = limits.NewRedis(redistest.Open(t, server.Options()))
	}
	windows := []limits.Window{{Count: 30, Within: time.Minute}}
	taken := redistest.Together(t, 64, func(caller int) (bool, error) {
		refused, _, err := replicas[caller%2].Take(t.Context(), "guess:192.0.2.1", windows)
		return refused < 0, err
	})
	if taken != 30 {
		t.Errorf("%d of 64 concurrent events were taken, want 30", taken)
	}
}

// Nothing has to be swept: Redis itself ends every key, and keeps none longer than its
// longest window.
func TestRedisEndsEveryKey(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	limiter := limits.NewRedis(redistest.Open(t, server.Options()))
	refused, _, err := limiter.Take(t.Context(), "sms:13700000000", []limits.Window{
		{Count: 1, Within: time.Minute}, {Count: 10, Within: time.Hour}, {Count: 5, Within: 10 * time.Minute},
	})
	if refused != -1 || err != nil {
		t.Fatalf("Take = %d, %v", refused, err)
	}
	got := server.Ends(t)
	left, there := got["campusgate:limit:sms:13700000000"]
	if len(got) != 1 || !there || left > time.Hour || left < time.Hour-30*time.Second {
		t.Errorf("the keys end in %v, want one, in an hour", got)
	}
}

// After a failover the clock may be behind that which the events were written by.
func TestRedisNeverWaitsLongerThanTheWindow(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	ahead := time.Now().Add(time.Hour).UnixMicro()
	if err := server.Client(t).RPush(t.Context(), "campusgate:limit:key", ahead).Err(); err != nil {
		t.Fatal(err)
	}
	limiter := limits.NewRedis(redistest.Open(t, server.Options()))
	windows := []limits.Window{{Count: 1, Within: time.Minute}}
	refused, retryAfter, err := limiter.Take(t.Context(), "key", windows)
	if refused != 0 || retryAfter != time.Minute || err != nil {
		t.Errorf("Take = %d, %s, %v, want 0, 1m0s", refused, retryAfter, err)
	}
}
