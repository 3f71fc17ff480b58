package captchas_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"campusgate/storage/captchas"
)

// Two addresses are a Cluster: keys lie on both nodes, and every call finds its own.
func TestRedisCluster(t *testing.T) {
	t.Parallel()
	first, second := startCluster(t)
	options := first.options()
	options.Addresses = append(options.Addresses, second.Address())
	client := openRedis(t, options)
	allSucceed(t, client)
	limiter := captchas.NewRedisLimiter(client)
	windows := []captchas.Window{{Count: 1, Within: time.Minute}}
	for i := range 40 {
		hash := fmt.Sprintf("%032x", i)
		if err := client.Add(t.Context(), hash, captchas.Code{Kind: captchas.Picture}); err != nil {
			t.Fatal(err)
		}
		if reserved, err := client.Reserve(t.Context(), hash, "13700000000"); !reserved || err != nil {
			t.Errorf("Reserve(%s) = %t, %v", hash, reserved, err)
		}
		for _, want := range []bool{true, false} {
			found, err := client.Check(t.Context(), captchas.Query{Hash: hash, Consume: true})
			if found != want || err != nil {
				t.Errorf("Check(%s) = %t, %v, want %t", hash, found, err, want)
			}
		}
		for _, want := range []int{-1, 0} {
			if refused, _, err := limiter.Take(t.Context(), hash, windows); refused != want || err != nil {
				t.Errorf("Take(%s) = %d, %v, want %d", hash, refused, err, want)
			}
		}
	}
	for name, node := range map[string]*redisServer{"first": first, "second": second} {
		if len(node.ends(t)) == 0 {
			t.Errorf("the %s node has no key", name)
		}
	}
}

// startCluster starts two nodes that have half of the slots each.
func startCluster(t *testing.T) (first, second *redisServer) {
	t.Helper()
	arguments := []string{"--cluster-enabled", "yes"}
	first, second = startRedis(t, arguments...), startRedis(t, arguments...)
	a, b := first.client(t), second.client(t)
	if err := a.ClusterAddSlotsRange(t.Context(), 0, 8191).Err(); err != nil {
		t.Fatal(err)
	}
	if err := b.ClusterAddSlotsRange(t.Context(), 8192, 16383).Err(); err != nil {
		t.Fatal(err)
	}
	if err := a.ClusterMeet(t.Context(), "127.0.0.1", strconv.Itoa(second.Port)).Err(); err != nil {
		t.Fatal(err)
	}
	for _, node := range []*redis.Client{a, b} {
		waitFor(t, "a whole Cluster", func() bool {
			info, err := node.ClusterInfo(t.Context()).Result()
			return err == nil && strings.Contains(info, "cluster_state:ok")
		})
	}
	return first, second
}

// With a master's name the addresses are Sentinels: the client follows them to the
// replica that takes over.
func TestRedisSentinel(t *testing.T) {
	t.Parallel()
	master := startRedis(t)
	replica := startRedis(t, "--replicaof", "127.0.0.1 "+strconv.Itoa(master.Port))
	waitForInfo(t, replica, "replication", "master_link_status:up")
	file := filepath.Join(t.TempDir(), "sentinel.conf")
	configuration := fmt.Sprintf(
		"sentinel monitor campus 127.0.0.1 %d 1\nsentinel down-after-milliseconds campus 500\n", master.Port)
	if err := os.WriteFile(file, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	sentinel := startRedis(t, file, "--sentinel")
	options := sentinel.options()
	options.SentinelMaster = "campus"
	client := openRedis(t, options)
	allSucceed(t, client)
	if len(master.ends(t)) == 0 {
		t.Error("the master has no key")
	}
	waitForInfo(t, sentinel, "sentinel", "slaves=1")
	master.Kill()
	waitFor(t, "a new master", func() bool {
		return client.Add(t.Context(), "after", captchas.Code{Kind: captchas.Picture}) == nil
	})
	allSucceed(t, client)
	if _, there := replica.ends(t)["campusgate:captcha:after"]; !there {
		t.Error("the replica that took over has no such key")
	}
}

// waitForInfo waits until a section of a server's INFO says what is wanted.
func waitForInfo(t *testing.T, server *redisServer, section, want string) {
	t.Helper()
	client := server.client(t)
	waitFor(t, want, func() bool {
		info, err := client.Info(t.Context(), section).Result()
		return err == nil && strings.Contains(info, want)
	})
}

// waitFor waits for what happens in other processes.
func waitFor(t *testing.T, what string, happened func() bool) {
	t.Helper()
	const longest = 30 * time.Second
	deadline := time.Now().Add(longest)
	for !happened() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %s", what, longest)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
