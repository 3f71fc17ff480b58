package redis_test

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
	"campusgate/storage/limits"
	"campusgate/storage/redis/redistest"
)

// Two addresses are a Cluster: keys lie on both nodes, and every call finds its own.
func TestRedisCluster(t *testing.T) {
	t.Parallel()
	first, second := startCluster(t)
	options := first.Options()
	options.Addresses = append(options.Addresses, second.Address())
	client := redistest.Open(t, options)
	allSucceed(t, client)
	store, limiter := captchas.NewRedis(client, 3*time.Minute, 15*time.Minute), limits.NewRedis(client)
	windows := []limits.Window{{Count: 1, Within: time.Minute}}
	for i := range 40 {
		hash := fmt.Sprintf("%032x", i)
		if err := store.Add(t.Context(), hash, captchas.Code{Kind: captchas.Picture}); err != nil {
			t.Fatal(err)
		}
		if reserved, err := store.Reserve(t.Context(), hash, "13700000000"); !reserved || err != nil {
			t.Errorf("Reserve(%s) = %t, %v", hash, reserved, err)
		}
		for _, want := range []bool{true, false} {
			found, err := store.Check(t.Context(), captchas.Query{Hash: hash, Consume: true})
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
	// A message's key and its phone's lie on either node, in any combination.
	for i := range 40 {
		hash, phone := fmt.Sprintf("%032x", 1000+i), fmt.Sprintf("137%08d", i)
		for round, last := range []int{0, captchas.MaxGuesses} {
			if err := store.Add(t.Context(), hash, captchas.Code{Kind: captchas.Message, Phone: phone}); err != nil {
				t.Fatal(err)
			}
			for range last {
				if found, err := store.Check(t.Context(), captchas.Query{Hash: "wrong", Phone: phone, Counts: true}); found || err != nil {
					t.Errorf("a wrong guess: %t, %v", found, err)
				}
			}
			for _, query := range []captchas.Query{{Hash: hash, Phone: phone}, {Hash: hash, Consume: true}} {
				if found, err := store.Check(t.Context(), query); found != (round == 0) || err != nil {
					t.Errorf("Check(%+v) = %t, %v after %d wrong guesses", query, found, err, last)
				}
			}
		}
	}
	for name, node := range map[string]*redistest.Server{"first": first, "second": second} {
		if len(node.Ends(t)) == 0 {
			t.Errorf("the %s node has no key", name)
		}
	}
}

// startCluster starts two nodes that have half of the slots each.
func startCluster(t *testing.T) (first, second *redistest.Server) {
	t.Helper()
	arguments := []string{"--cluster-enabled", "yes"}
	first, second = redistest.Start(t, arguments...), redistest.Start(t, arguments...)
	a, b := first.Client(t), second.Client(t)
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
	master := redistest.Start(t)
	replica := redistest.Start(t, "--replicaof", "127.0.0.1 "+strconv.Itoa(master.Port))
	waitForInfo(t, replica, "replication", "master_link_status:up")
	file := filepath.Join(t.TempDir(), "sentinel.conf")
	configuration := fmt.Sprintf(
		"sentinel monitor campus 127.0.0.1 %d 1\nsentinel down-after-milliseconds campus 500\n", master.Port)
	if err := os.WriteFile(file, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	sentinel := redistest.Start(t, file, "--sentinel")
	options := sentinel.Options()
	options.SentinelMaster = "campus"
	client := redistest.Open(t, options)
	allSucceed(t, client)
	if len(master.Ends(t)) == 0 {
		t.Error("the master has no key")
	}
	waitForInfo(t, sentinel, "sentinel", "slaves=1")
	master.Kill()
	store := captchas.NewRedis(client, 3*time.Minute, 15*time.Minute)
	waitFor(t, "a new master", func() bool {
		return store.Add(t.Context(), "after", captchas.Code{Kind: captchas.Picture}) == nil
	})
	allSucceed(t, client)
	if _, there := replica.Ends(t)["campusgate:captcha:after"]; !there {
		t.Error("the replica that took over has no such key")
	}
}

// waitForInfo waits until a section of a server's INFO says what is wanted.
func waitForInfo(t *testing.T, server *redistest.Server, section, want string) {
	t.Helper()
	client := server.Client(t)
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
