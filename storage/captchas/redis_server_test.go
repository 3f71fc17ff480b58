package captchas_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"campusgate/storage/captchas"
	"campusgate/storage/captchas/captchastest"
)

// databases are how many a test's Redis has: one for each case of the suites.
const databases = "256"

// redisServer is a Redis of one test, on a port and in a folder of its own.
type redisServer struct {
	port   int
	folder string
	more   []string // arguments, a configuration file first

	environ []string // more of it

	database atomic.Int64 // the last that was given to a client
	command  *exec.Cmd    // nil while it is down
}

// startRedis starts a server that ends with the test.
func startRedis(t *testing.T, arguments ...string) *redisServer {
	t.Helper()
	s := newRedis(t, arguments...)
	s.start(t)
	return s
}

func newRedis(t *testing.T, arguments ...string) *redisServer {
	t.Helper()
	needRedis(t)
	s := &redisServer{port: freePort(t), folder: t.TempDir(), more: arguments}
	t.Cleanup(s.kill)
	return s
}

// needRedis skips the test where Redis is not installed (make test does it), but
// not in continuous integration.
func needRedis(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err == nil {
		return
	}
	skip(t, "there is no redis-server")
}

// skip tells why the test cannot run, which fails it in continuous integration.
func skip(t *testing.T, format string, arguments ...any) {
	t.Helper()
	reason := t.Name() + " did not run: " + fmt.Sprintf(format, arguments...)
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// freePort finds a port that nobody listens on, and low enough for the 10,000
// higher one where a node of a Cluster listens too.
func freePort(t *testing.T) int {
	t.Helper()
	for {
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address, _ := listener.Addr().(*net.TCPAddr)
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
		if address.Port < 55_536 {
			return address.Port
		}
	}
}

func (s *redisServer) start(t *testing.T) {
	t.Helper()
	arguments := append(slices.Clone(s.more),
		"--bind", "127.0.0.1", "--port", strconv.Itoa(s.port), "--dir", s.folder, "--save", "", "--appendonly", "no")
	// Not the test's context, which ends before its clients are closed.
	s.command = exec.Command("redis-server", arguments...) //nolint:noctx // see above
	s.command.Env = append(os.Environ(), s.environ...)
	// The server ends with the tests, however they end.
	s.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	client := captchas.NewRedis(s.options())
	defer closeRedis(t, client)
	deadline := time.Now().Add(10 * time.Second)
	for {
		err := client.Ping(t.Context())
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("redis-server has not started: %v", err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (s *redisServer) kill() {
	if s.command == nil {
		return
	}
	_ = s.command.Process.Kill()
	_ = s.command.Wait() // says that it was killed
	s.command = nil
}

func (s *redisServer) signal(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if err := s.command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

func (s *redisServer) address() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// client is one for what tests look at or set up themselves.
func (s *redisServer) client(t *testing.T) *redis.Client {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: s.address()})
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
		Addresses: []string{s.address()}, Timeout: 2 * time.Second,
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
